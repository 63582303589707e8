"""Moves from store to store, cut short at every step, beside writers, and given up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest
from tests.makers import KINDS, Maker

from taskmaster.domain.changes import Transaction, last_number, same
from taskmaster.domain.copies import Received
from taskmaster.domain.task import Task
from taskmaster.errors import Conflict
from taskmaster.ports import Intake, Movable, Reader
from taskmaster.stores.file.store import FileStore
from taskmaster.stores.memory import MemoryStore
from taskmaster.testing.moves import held_by, send, worked_on
from taskmaster.testing.projects import WAIT, check_log, fill, log_of, refusal, stamp, task
from taskmaster.testing.serving import KEYS, keep
from taskmaster.usecases import storage
from taskmaster.usecases.storage import Contents, Plan

MakeMaker = Callable[[str], Maker]
THERE = "the new place"


class Settings:
    """Where a project's settings say that its tasks are."""

    def __init__(self) -> None:
        self.say = "the old place"

    def settle(self) -> None:
        self.say = THERE


@pytest.fixture
def settings() -> Settings:
    return Settings()


@pytest.fixture(params=[f"{one} to {other}" for one in KINDS for other in KINDS])
def pair(request: pytest.FixtureRequest, make_maker: MakeMaker) -> tuple[Movable, Movable]:
    """A store with a history, and an empty one, of all engines."""
    one, _to, other = request.param.split()
    source, target = make_maker(one).store(), make_maker(other).store()
    with source.writing(stamp("begin")) as writer:
        writer.put("master", task(1, "first", x=[1.5, None, "\ud83d"]))
        writer.add_tag("next", {"description": "later"})
    fill(source, task(2), task(1, "changed"))
    return source, target


def move(source: Movable, target: Movable, settings: Settings) -> Plan:
    """What the command does; gives what it had planned."""
    plan = storage.plan(source, target, THERE)
    if plan.arrived:
        settings.settle()
    else:
        intake = target.intake()
        sent = storage.copy(source, intake)
        assert sent == plan.contents
        storage.switch(source, intake, THERE, sent, settings.settle)
    return plan


def check_done(source: Movable, target: Movable, settings: Settings, held: object) -> None:
    assert settings.say == THERE
    assert same(held_by(target), held)
    assert same(held_by(source), held)
    told = refusal(Conflict, partial(fill, source, task(9)))
    assert (told.code, THERE in told.message) == ("moved", True)
    fill(target, task(9))
    check_log({}, target)


def test_everything_moves_and_is_counted(pair: tuple[Movable, Movable], settings: Settings) -> None:
    source, target = pair
    held = held_by(source)

    plan = move(source, target, settings)

    assert (plan.arrived, plan.returning, list(plan.unseen)) == (False, "", [])
    assert plan.contents[:3] == (2, 2, 4)
    assert storage.contents_of(target) == plan.contents
    check_done(source, target, settings, held)


def test_a_move_that_dies_after_any_step_is_completed_by_the_same_call(
    pair: tuple[Movable, Movable], settings: Settings
) -> None:
    source, target = pair
    held = held_by(source)
    intake = target.intake()
    storage.copy(source, intake)
    assert settings.say == "the old place"
    assert source.retire(THERE, 4)
    refusal(Conflict, partial(fill, source, task(9)))

    plan = move(source, target, settings)

    assert not plan.arrived
    check_done(source, target, settings, held)
    settings.say = "the old place"
    assert move(source, target, settings).arrived
    assert settings.say == THERE
    fill(target, task(10))
    assert move(source, target, settings).arrived


def test_what_is_changed_after_the_copying_moves_too(
    pair: tuple[Movable, Movable], settings: Settings
) -> None:
    source, target = pair
    intake = target.intake()
    sent = storage.copy(source, intake)
    fill(source, task(3, "late"), task(1, "later"))
    held = held_by(source)

    final = storage.switch(source, intake, THERE, sent, settings.settle)

    assert final.changes == sent.changes + 2
    check_done(source, target, settings, held)


def test_a_store_that_other_processes_fill_meanwhile_begins_anew(
    pair: tuple[Movable, Movable], settings: Settings
) -> None:
    source, target = pair
    send(worked_on(), target.intake(), "from elsewhere")
    held = held_by(source)

    move(source, target, settings)

    check_done(source, target, settings, held)


def test_a_move_given_up_leaves_the_source_as_it_was(pair: tuple[Movable, Movable]) -> None:
    source, target = pair
    held = held_by(source)
    intake = target.intake()
    storage.copy(source, intake)

    assert storage.cancel(source, target, THERE) is False
    assert refusal(Conflict, intake.finish).code == "not-begun"
    storage.copy(source, intake)
    assert source.retire(THERE, 4)
    assert storage.cancel(source, target, THERE) is True

    assert refusal(Conflict, intake.finish).code == "not-begun"
    assert same(held_by(source), held)
    fill(source, task(9))
    check_log({}, source)


def test_a_move_that_is_complete_cannot_be_given_up(
    pair: tuple[Movable, Movable], settings: Settings
) -> None:
    source, target = pair
    move(source, target, settings)

    told = refusal(Conflict, partial(storage.cancel, source, target, THERE))

    assert told.code == "moved"
    assert source.successor() == THERE


def test_many_writers_beside_a_move_lose_nothing(
    pair: tuple[Movable, Movable], settings: Settings
) -> None:
    source, target = pair
    written: list[str] = []

    def write(name: str) -> None:
        for number in range(10_000):
            try:
                fill(source, task(f"{name}{number}"))
            except Conflict as refused:
                assert refused.code == "moved"  # noqa: PT017 - in a thread
                return
            written.append(f"{name}{number}")

    with ThreadPoolExecutor(2) as pool:
        writing = [pool.submit(write, name) for name in ("x-", "y-")]
        try:
            move_beside(source, target, settings)
        finally:
            source.retire(THERE, 1 << 62)
        for one in writing:
            one.result(WAIT)

    with target.reading() as reader:
        found = [one.id for one in reader.tasks("master")]
    assert sorted(found) == sorted(["1", "2", *written])
    assert last_number(log_of(target)[-1]) == 4 + len(written)
    check_log({}, target)


def move_beside(source: Movable, target: Movable, settings: Settings) -> None:
    """As ``move``, while the source grows."""
    intake = target.intake()
    sent = storage.copy(source, intake)
    storage.switch(source, intake, THERE, sent, settings.settle)


def test_tasks_that_went_elsewhere_do_not_go_to_a_second_place(settings: Settings) -> None:
    source = worked_on()
    move(source, MemoryStore(), settings)

    told = refusal(Conflict, partial(storage.plan, source, MemoryStore(), "a third place"))

    assert told.code == "moved"
    assert THERE in told.message
    refusal(Conflict, partial(storage.cancel, source, MemoryStore(), "a third place"))


def test_a_target_that_holds_other_tasks_is_refused_before_anything_is_copied(
    maker: Maker, settings: Settings
) -> None:
    source, target = worked_on(), maker.store()
    fill(target, task(1, "another project"))
    before = held_by(target)

    assert refusal(Conflict, partial(move, source, target, settings)).code == "not-empty"

    assert same(held_by(target), before)
    assert source.successor() == ""


def test_a_target_that_became_another_project_is_not_taken_for_the_one_that_moved(
    maker: Maker, settings: Settings
) -> None:
    source, target = worked_on(), maker.store()
    assert source.retire(THERE, 1 << 62)
    for number in range(20):
        fill(target, task(1, f"another project {number}"))

    assert refusal(Conflict, partial(move, source, target, settings)).code == "not-empty"


def test_a_way_back_says_what_is_kept(maker: Maker, settings: Settings) -> None:
    source, away = maker.store(), MemoryStore()
    fill(source, task(1))
    move(source, away, settings)
    fill(away, task(2))

    plan = storage.plan(away, source, "the old place")
    intake = source.intake()
    sent = storage.copy(away, intake)
    storage.switch(away, intake, "the old place", sent, settings.settle)

    assert plan.returning == THERE
    assert away.successor() == "the old place"
    assert same(held_by(source), held_by(away))
    fill(source, task(3))


def test_a_file_that_was_edited_after_the_copying_moves_as_it_is_then(
    tmp_path: Path, settings: Settings
) -> None:
    path = tmp_path / "tasks.json"
    path.write_text('{"master": {"tasks": [{"id": 1, "title": "as copied"}]}}')
    source, target = FileStore(str(path), str(tmp_path / ".tamp")), MemoryStore()
    intake = target.intake()
    sent = storage.copy(source, intake)
    assert log_of(source) == []
    path.write_text('{"master": {"tasks": [{"id": 1, "title": "as edited"}]}}')

    storage.switch(source, intake, THERE, sent, settings.settle)

    with target.reading() as reader:
        assert reader.get("master", "1").title == "as edited"


def test_what_a_file_holds_besides_is_named(tmp_path: Path) -> None:
    path = tmp_path / "tasks.json"
    path.write_text('{"master": {"tasks": [], "colour": "red"}}')

    plan = storage.plan(FileStore(str(path), str(tmp_path / ".tamp")), MemoryStore(), THERE)

    assert ["'colour'" in one for one in plan.unseen] == [True]


def test_keys_follow_the_project_as_they_are_in_the_end(
    pair: tuple[Movable, Movable], settings: Settings
) -> None:
    source, target = pair
    keep(source, KEYS)
    intake = target.intake()
    sent = storage.copy(source, intake)
    keep(source, {"k0": {"made": "after the copy"}})
    with source.keyring().changing() as held:
        del held["k2"]
    last = dict(source.keyring().entries())

    storage.switch(source, intake, THERE, sent, settings.settle)

    assert list(target.keyring().entries().items()) == list(last.items())
    assert dict(source.keyring().entries()) == last
    assert refusal(Conflict, partial(keep, source, KEYS)).code == "moved"
    keep(target, KEYS)


class Forgetful(Intake):
    """Loses one task on the way."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    def begin(self, mark: str) -> Received:
        return self._intake.begin(mark)

    def take_changes(self, transactions: Iterable[Transaction]) -> None:
        self._intake.take_changes(transactions)

    def take_tag(self, name: str, metadata: Mapping[str, object]) -> None:
        self._intake.take_tag(name, metadata)

    def take_entries(self, tag: str, entries: Iterable[object]) -> None:
        self._intake.take_entries(tag, list(entries)[1:])

    def take_keys(self, entries: Mapping[str, Mapping[str, object]]) -> None:
        self._intake.take_keys(entries)

    def reading(self) -> AbstractContextManager[Reader]:
        return self._intake.reading()

    def prepare(self) -> None:
        self._intake.prepare()

    def finish(self) -> None:
        self._intake.finish()

    def drop(self) -> None:
        self._intake.drop()


def test_a_copy_that_is_not_the_same_is_refused_and_forgotten(maker: Maker) -> None:
    source, target = worked_on(), maker.store()
    intake = Forgetful(target.intake())

    told = refusal(Conflict, partial(storage.copy, source, intake))

    assert told.code == "copy-differs"
    assert intake.begin("anything") == ({}, 0)


def test_an_error_after_the_source_was_left_says_how_to_go_on(settings: Settings) -> None:
    source, target = worked_on(), MemoryStore()
    intake = target.intake()
    sent = storage.copy(source, intake)
    target.intake().begin("somebody else")

    told = refusal(Conflict, partial(storage.switch, source, intake, THERE, sent, settings.settle))

    assert "--cancel" in told.hint
    assert source.successor() == THERE
    assert settings.say == "the old place"


def test_the_same_tasks_in_another_order_or_of_another_kind_are_not_the_same() -> None:
    def of(*tasks: dict[str, object]) -> Contents:
        store = MemoryStore()
        with store.writing(stamp()) as writer:
            for one in tasks:
                writer.put("master", Task(one))
        return storage.contents_of(store)

    found = [
        of({"id": 1}, {"id": 2}),
        of({"id": 2}, {"id": 1}),
        of({"id": 1, "x": 1}, {"id": 2}),
        of({"id": 1, "x": 1.0}, {"id": 2}),
        of({"id": 1, "x": True}, {"id": 2}),
        of({"id": 1, "x": "1"}, {"id": 2}),
        of({"x": 1, "id": 1}, {"id": 2}),
    ]
    assert len({one.sha256 for one in found}) == len(found)


def test_the_state_tells_of_the_last_change() -> None:
    empty, store = storage.state(MemoryStore()), worked_on()
    assert (empty["changes"], empty["lastChange"], empty["movedTo"]) == (0, None, None)

    store.retire(THERE, 1 << 62)
    found = storage.state(store)

    assert (found["tags"], found["tasks"], found["movedTo"]) == (3, 3, THERE)
    assert found["lastChange"] == {
        "at": "2026-01-31T08:15:30.123Z", "by": "bob", "operation": "rename",
    }  # fmt: skip
