"""The contract of ``ports.Movable`` as tests: what moves in is what was there, and moves out once.

Subclass ``MovableContract`` in place of ``testing.StoreContract``, which it includes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from taskmaster import wire
from taskmaster.domain.changes import TagState, last_number, same
from taskmaster.domain.task import Task
from taskmaster.errors import Conflict, NotFound
from taskmaster.stores.memory import MemoryStore
from taskmaster.testing.projects import (
    ODD_TEXTS,
    WAIT,
    WHOLE_TASK,
    check_log,
    fill,
    log_of,
    refusal,
    stamp,
    task,
    whole,
)
from taskmaster.testing.serving import KEYS, keep, requested
from taskmaster.testing.stores import StoreContract

TYPE_CHECKING = False
if TYPE_CHECKING:
    from taskmaster.ports import Intake, Movable, Reader, Store
    from taskmaster.testing.serving import Keys

PIECE = 500
NO_TASKS: tuple[object, ...] = (None, True, 0, "", "text", [], [[1]], 1.5)
"""Entries of a task list that are no objects, as files may hold them."""


def worked_on() -> MemoryStore:
    """A store with several tags and a history in which everything happens."""
    store = MemoryStore()
    fill(store, Task(WHOLE_TASK), task(2), task("x-3", "third"))
    with store.writing(stamp("rearrange")) as writer:
        writer.add_tag("next", {"description": "later", "z": 1, "a": {"": [None]}})
        writer.put("next", task(1, "elsewhere"))
        writer.reorder("master", ["2", "1", "x-3"])
        writer.remove("master", "x-3")
        writer.add_tag("gone", {})
    with store.writing(stamp("rename", "bob")) as writer:
        writer.rename_tag("next", "now")
        writer.describe_tag("now", {"a": True, "description": "today"})
        writer.remove_tag("gone")
        writer.add_tag("empty", {})
        writer.put("master", writer.get("master", "1").with_fields({"status": "done"}))
    return store


def everything(reader: Reader) -> list[object]:
    """All that a reader shows, in order, as plain values."""
    return [
        *([tag, list(reader.metadata(tag).items()), *reader.entries(tag)] for tag in reader.tags()),
        *(wire.transaction_to_json(one) for one in reader.changes_since(0)),
    ]


def held_by(store: Store) -> object:
    with store.reading() as reader:
        return _listed(everything(reader))


def _listed(value: object) -> object:
    """With lists where there are tuples, as after a way through JSON."""
    if isinstance(value, list | tuple):
        return [_listed(one) for one in value]
    return {key: _listed(one) for key, one in value.items()} if isinstance(value, dict) else value


def send(source: Store, intake: Intake, mark: str = "a mark") -> None:
    """Everything from *source*, going on after what was received."""
    received = intake.begin(mark)
    with source.reading() as reader:
        log = list(reader.changes_since(received.change))
        for place in range(0, len(log), PIECE):
            intake.take_changes(log[place : place + PIECE])
        for tag in reader.tags():
            if tag not in received.tags:
                intake.take_tag(tag, reader.metadata(tag))
            entries = list(reader.entries(tag))[received.tags.get(tag, 0) :]
            for place in range(0, len(entries), PIECE):
                intake.take_entries(tag, entries[place : place + PIECE])


def check_moved(source: Store, target: Movable) -> None:
    """Move everything; it must be the same, before the finish and after it."""
    intake = target.intake()
    send(source, intake)
    with intake.reading() as reader:
        assert same(_listed(everything(reader)), held_by(source))
    intake.prepare()
    intake.finish()
    assert same(held_by(target), held_by(source))


class _Moving(StoreContract):
    def make_store(self) -> Movable:
        raise NotImplementedError

    def impatient(self, store: Store) -> Movable:
        raise NotImplementedError


class _Arriving(_Moving):
    def test_what_was_taken_in_is_exactly_what_was_given(self) -> None:
        source, target = worked_on(), self.make_store()
        check_moved(source, target)
        assert same(held_by(self.impatient(target)), held_by(source))
        check_log({}, target)

    def test_the_history_goes_on_after_what_was_taken_in(self) -> None:
        source, target = worked_on(), self.make_store()
        check_moved(source, target)
        for store in (source, target):
            fill(store, task(9), tag="now")
            with store.writing(stamp()) as writer:
                writer.remove("master", "2")
        assert same(held_by(target), held_by(source))
        check_log({}, target)

    def test_a_store_without_anything_can_be_taken_in(self) -> None:
        target = self.make_store()
        check_moved(MemoryStore(), target)
        fill(target, task(1))
        check_log({}, target)

    def test_odd_characters_arrive_in_values_keys_tags_and_the_log(self) -> None:
        for text in ODD_TEXTS:
            source = MemoryStore()
            with source.writing(stamp(name=text)._replace(note=text)) as writer:
                writer.add_tag(f"t{text}", {f"d{text}": text})
                writer.put(f"t{text}", Task({"id": 1, "title": text, f"x{text}": [text]}))
            check_moved(source, self.make_store())

    def test_entries_that_are_no_tasks_arrive(self) -> None:
        alone = {f"no {place}": TagState({}, [entry]) for place, entry in enumerate(NO_TASKS)}
        twice = TagState({}, [*NO_TASKS, task(1).doc, task(1, "again").doc, {}, *NO_TASKS])
        check_moved(MemoryStore({"master": twice, **alone}), self.make_store())

    def test_ten_thousand_tasks_arrive(self) -> None:
        source, target = MemoryStore(), self.make_store()
        fill(source, *(task(number, subtasks=[]) for number in range(1, 10_001)))
        fill(source, task(5_000, "changed"))
        check_moved(source, target)
        fill(target, task(5_001, "changed too"))
        assert last_number(log_of(target)[-1]) == 10_002

    def test_nobody_sees_what_has_not_all_arrived(self) -> None:
        target = self.make_store()
        intake = target.intake()
        send(worked_on(), intake)
        assert whole(target) == {"master": TagState({}, [])}
        assert log_of(target) == []

    def test_readers_see_all_of_it_or_nothing(self) -> None:
        source, target = worked_on(), self.make_store()
        intake = target.intake()
        send(source, intake)
        seen: list[int] = []
        done = threading.Event()

        def look() -> None:
            while not done.is_set():
                with target.reading() as reader:
                    tasks = [len(reader.tasks(tag)) for tag in reader.tags()]
                    assert not any(tasks) or reader.last_change() == before
                    seen.append(sum(tasks))

        before = last_number(log_of(source)[-1])
        with ThreadPoolExecutor(1) as pool:
            looking = pool.submit(look)
            try:
                intake.finish()
            finally:
                done.set()
            looking.result(WAIT)
        assert set(seen) <= {0, 3}
        assert same(held_by(target), held_by(source))


class _Resuming(_Moving):
    def test_who_comes_after_goes_on_where_it_was(self) -> None:
        source, target = worked_on(), self.make_store()
        with source.reading() as reader:
            log = list(reader.changes_since(0))
            first = target.intake()
            assert first.begin("a mark") == ({}, 0)
            first.take_changes(log[:2])
            first.take_tag("master", reader.metadata("master"))
            first.take_entries("master", list(reader.entries("master"))[:1])
        second = self.impatient(target).intake()
        assert second.begin("a mark") == ({"master": 1}, last_number(log[1]))
        send(source, second)
        second.finish()
        assert same(held_by(target), held_by(source))

    def test_another_mark_drops_what_was_received(self) -> None:
        source, target = worked_on(), self.make_store()
        other = MemoryStore()
        fill(other, task(1, "from elsewhere"))
        send(other, target.intake(), "another mark")
        intake = target.intake()
        assert intake.begin("a mark") == ({}, 0)
        send(source, intake)
        intake.finish()
        assert same(held_by(target), held_by(source))

    def test_what_is_dropped_is_forgotten(self) -> None:
        target = self.make_store()
        intake = target.intake()
        send(worked_on(), intake)
        self.impatient(target).intake().drop()
        assert refusal(Conflict, intake.finish).code == "not-begun"
        assert intake.begin("a mark") == ({}, 0)
        target.intake().drop()
        target.intake().drop()
        fill(target, task(1))

    def test_who_begins_takes_over_from_who_had_begun(self) -> None:
        source, target = worked_on(), self.make_store()
        first, second = target.intake(), self.impatient(target).intake()
        send(source, first)
        second.begin("a mark")
        for late in (
            partial(first.take_changes, log_of(source)),
            partial(first.take_tag, "late", {}),
            partial(first.take_entries, "master", [task(1).doc]),
            first.finish,
        ):
            assert refusal(Conflict, late).code == "not-begun"
        second.finish()
        assert same(held_by(target), held_by(source))

    def test_nothing_is_taken_before_the_beginning_and_after_the_finish(self) -> None:
        target = self.make_store()
        intake = target.intake()
        assert refusal(Conflict, partial(intake.take_tag, "master", {})).code == "not-begun"
        assert refusal(Conflict, intake.finish).code == "not-begun"
        send(worked_on(), intake)
        intake.finish()
        assert refusal(Conflict, partial(intake.take_tag, "late", {})).code == "not-begun"

    def test_a_tag_is_taken_once_and_before_its_entries(self) -> None:
        intake = self.make_store().intake()
        intake.begin("a mark")
        intake.take_tag("a", {})
        assert refusal(Conflict, partial(intake.take_tag, "a", {})).code == "tag-exists"
        refusal(NotFound, partial(intake.take_entries, "b", [task(1).doc]))

    def test_a_process_that_dies_is_followed_by_one_that_goes_on(self) -> None:
        source, target = worked_on(), self.make_store()
        address = self.address(target)
        if address is None:
            return
        program = [sys.executable, "-c", _DYING, json.dumps([sys.path, *address])]
        assert subprocess.run(program, check=False, timeout=WAIT).returncode == 9  # noqa: S603 - our own words
        assert whole(target) == {"master": TagState({}, [])}
        intake = target.intake()
        assert intake.begin("a mark") == ({"master": 1}, 0)
        intake.drop()
        send(source, intake)
        intake.finish()
        assert same(held_by(target), held_by(source))


class _Leaving(_Moving):
    def test_what_holds_tasks_or_a_history_is_not_filled(self) -> None:
        tasks, history = self.make_store(), self.make_store()
        fill(tasks, task(1))
        fill(history, task(1))
        with history.writing(stamp()) as writer:
            writer.remove("master", "1")
        for store in (tasks, history):
            before = held_by(store)
            intake = store.intake()
            assert refusal(Conflict, partial(intake.begin, "a mark")).code == "not-empty"
            assert refusal(Conflict, intake.finish).code == "not-begun"
            assert same(held_by(store), before)

    def test_a_store_that_was_left_refuses_writers_and_names_the_next(self) -> None:
        store = self.make_store()
        fill(store, task(1))
        before = held_by(store)
        assert store.successor() == ""
        assert store.retire("the next place", 1)
        for one in (store, self.impatient(store)):
            told = refusal(Conflict, partial(fill, one, task(2)))
            assert told.code == "moved"
            assert "the next place" in told.message
            assert told.details == {"to": "the next place"}
            assert told.hint
            assert one.successor() == "the next place"
            assert same(held_by(one), before)

    def test_a_store_whose_log_has_grown_is_not_left(self) -> None:
        store = self.make_store()
        fill(store, task(1))
        fill(store, task(2))
        assert not store.retire("the next place", 1)
        assert store.successor() == ""
        fill(store, task(3))
        assert store.retire("the next place", 3)

    def test_a_store_that_was_left_can_name_another_place_or_let_writers_in_again(self) -> None:
        store = self.make_store()
        fill(store, task(1))
        assert store.retire("here", 1)
        assert store.retire("there", 1)
        assert store.successor() == "there"
        assert store.retire("", 1)
        assert store.successor() == ""
        fill(store, task(2))
        check_log({}, store)

    def test_writers_who_were_waiting_are_refused_too(self) -> None:
        store = self.make_store()
        written: list[int] = []
        busy = threading.Event()

        def write(first: int) -> str:
            for number in range(first, first + 10_000):
                try:
                    fill(store, task(number))
                except Conflict as refused:
                    return refused.code
                written.append(number)
                if len(written) == 20:
                    busy.set()
            return ""

        with ThreadPoolExecutor(4) as pool:
            writing = [pool.submit(write, place * 10_000 + 1) for place in range(4)]
            assert busy.wait(WAIT)
            assert store.retire("the next place", 1 << 62)
            with store.reading() as reader:
                number = reader.last_change()
            assert [one.result(WAIT) for one in writing] == ["moved"] * 4
        assert len(written) == last_number(log_of(store)[-1]) == number
        check_log({}, store)

    def test_other_processes_are_refused_as_well(self) -> None:
        store = self.make_store()
        address = self.address(store)
        if address is None:
            return
        fill(store, task(1))
        assert store.retire("the next place", 1)
        program = [sys.executable, "-c", _WRITING, json.dumps([sys.path, *address])]
        told = subprocess.run(program, capture_output=True, check=True, timeout=WAIT)  # noqa: S603 - our own words
        assert told.stdout == b"moved"

    def test_tasks_come_back_to_a_store_that_was_left(self) -> None:
        store, away = self.make_store(), MemoryStore()
        fill(store, task(1), task(2))
        with store.reading() as reader:
            number = reader.last_change()
        check_moved(store, away)
        assert store.retire("the next place", number)
        fill(away, task(3))
        with away.writing(stamp()) as writer:
            writer.remove("master", "1")
        check_moved(away, store)
        assert store.successor() == ""
        fill(store, task(4))
        assert [one.id for one in _tasks(store)] == ["2", "3", "4"]
        check_log({}, store)

    def test_nothing_is_hidden_in_what_came_through_the_contract(self) -> None:
        store = self.make_store()
        check_moved(worked_on(), store)
        assert list(store.unseen()) == []
        assert dict(store.facts()).get("bytes", 1)


class _Along(_Moving):
    def test_requests_are_known_where_the_history_has_gone(self) -> None:
        source, target = MemoryStore(), self.make_store()
        for number, text in enumerate(("plain", *ODD_TEXTS), 1):
            with source.writing(requested(text)) as writer:
                writer.put("master", task(number))
        check_moved(source, target)
        for one in log_of(source):
            with target.reading() as reader:
                assert reader.carried_out(one.stamp.request) == (one if one.stamp.request else None)

    def test_keys_that_were_taken_are_there_with_the_tasks_and_not_before(self) -> None:
        source, target = worked_on(), self.make_store()
        intake = target.intake()
        send(source, intake)
        before = target.version().keys
        intake.take_keys({"k9": {}})
        intake.take_keys(KEYS)
        assert dict(target.keyring().entries()) == {}
        intake.finish()
        assert target.version().keys != before
        for one in (target, self.impatient(target)):
            assert json.dumps(one.keyring().entries()) == json.dumps(KEYS)
        assert same(held_by(target), held_by(source))

    def test_a_store_keeps_its_keys_when_none_come_along(self) -> None:
        target = self.make_store()
        keep(target, KEYS)
        check_moved(worked_on(), target)
        assert json.dumps(target.keyring().entries()) == json.dumps(KEYS)

    def test_a_store_that_was_left_shows_its_keys_and_has_them_changed_no_more(self) -> None:
        store = self.make_store()
        fill(store, task(1))
        keep(store, KEYS)
        assert store.retire("the next place", 1)
        for one in (store, self.impatient(store)):
            assert refusal(Conflict, partial(keep, one, {"k9": {}})).code == "moved"
            assert dict(one.keyring().entries()) == KEYS

    def test_keys_that_come_back_take_the_place_of_those_that_were_left(self) -> None:
        returning: tuple[Keys, ...] = ({"k9": {}}, {})
        for back in returning:
            store = self.make_store()
            keep(store, KEYS)
            fill(store, task(1))
            assert store.retire("the next place", 1)
            intake = store.intake()
            send(worked_on(), intake)
            intake.take_keys(back)
            intake.finish()
            assert dict(store.keyring().entries()) == back
            keep(store, KEYS)

    def test_keys_wait_for_somebody_who_goes_on_with_a_move(self) -> None:
        source, target = worked_on(), self.make_store()
        first = target.intake()
        send(source, first)
        first.take_keys(KEYS)
        second = self.impatient(target).intake()
        send(source, second)
        assert refusal(Conflict, partial(first.take_keys, {})).code == "not-begun"
        second.finish()
        assert dict(target.keyring().entries()) == KEYS


class MovableContract(_Arriving, _Resuming, _Leaving, _Along):
    """What ``ports.Movable`` promises, and ``ports.Store`` with it."""


def _tasks(store: Store) -> list[Task]:
    with store.reading() as reader:
        return reader.tasks("master")


_OPENING = """
import importlib, json, os, sys
path, where, *arguments = json.loads(sys.argv[1])
sys.path[:] = path
from taskmaster.errors import Conflict
from taskmaster.testing.projects import fill, task
module, _, name = where.partition(":")
store = getattr(importlib.import_module(module), name)(*arguments)
"""
_DYING = f"""{_OPENING}
intake = store.intake()
intake.begin("a mark")
intake.take_tag("master", {{}})
intake.take_entries("master", [task(1).doc])
os._exit(9)
"""
_WRITING = f"""{_OPENING}
try:
    fill(store, task(2))
except Conflict as refused:
    sys.stdout.write(refused.code)
"""
