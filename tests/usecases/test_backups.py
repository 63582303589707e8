"""Copies: whether they can be used, which stay, when one is due, and how one comes back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.makers import Maker
from tests.usecases.conftest import NOW, Project, task

from taskmaster import dump
from taskmaster.domain.changes import Actor
from taskmaster.domain.task import Task
from taskmaster.doorbells.silent import Silent
from taskmaster.errors import CorruptStore, NotFound, Unavailable
from taskmaster.ports import Archive, Store
from taskmaster.stores.file.archive import FileArchive
from taskmaster.stores.file.store import FileStore
from taskmaster.stores.memory import MemoryStore
from taskmaster.stores.sql.archive import DumpArchive
from taskmaster.testing.projects import alike, fill, log_of, whole
from taskmaster.usecases import backups
from taskmaster.usecases.rounds import Round, Rule, rounds
from taskmaster.usecases.status import set_status
from taskmaster.workspace import Workspace


def archive_of(ws: Workspace) -> FileArchive:
    assert isinstance(ws.store, FileStore)
    return FileArchive(ws.store)


def no_room() -> None:
    """What makes room in a database, where there is none."""


def around(store: Store, clock: Callable[[], str] = lambda: NOW) -> Workspace:
    return Workspace(store, Actor("ann", "person", ""), doorbell=Silent(), clock=clock)


class Kept:
    """Tasks in memory with dumps in a folder, and a clock that a test may move."""

    def __init__(self, folder: Path) -> None:
        self.now = NOW
        self.store = MemoryStore()
        self.ws = around(self.store, lambda: self.now)
        self.archive: Archive = DumpArchive(self.store, "project", str(folder))

    def add(self, *numbers: int) -> None:
        fill(self.store, *(Task({"id": number, "title": f"T{number}"}) for number in numbers))

    def damage(self, name: str) -> None:
        path = Path(self.archive.path(name))
        path.write_bytes(path.read_bytes()[:-20])


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path / "backups")


def test_a_copy_that_can_be_read_to_its_end_says_what_it_holds(kept: Kept) -> None:
    kept.add(1, 2)
    kept.add(3)
    name = backups.keep(kept.ws, kept.archive).name

    assert backups.verify(kept.archive, name) == (1, 3, 3, "whole")


def test_a_history_that_began_later_or_tells_other_things_explains_only_a_part(
    project: Project,
) -> None:
    ws = project.write(master=[task(1), task(2)])
    set_status(ws, "1", "done")
    path = str(project.path.parent / "copy.jsonl")

    backups.save(ws, archive_of(ws), path)

    assert backups.verify(archive_of(ws), path) == (1, 2, 1, "partial")


def test_a_task_file_has_no_history(project: Project) -> None:
    ws = project.write(master=[task(1)], other=[task(1), task(2)])
    name = backups.keep(ws, archive_of(ws)).name

    assert backups.verify(archive_of(ws), name) == (2, 3, 0, "none")


def test_a_damaged_copy_is_never_called_good(kept: Kept) -> None:
    kept.add(1)
    name = backups.keep(kept.ws, kept.archive).name
    kept.damage(name)

    with pytest.raises(CorruptStore):
        backups.verify(kept.archive, name)


def test_what_is_damaged_anyway_or_for_other_tools_is_not_asked_for(project: Project) -> None:
    ws = project.write(master=[task(1)])
    good = backups.keep(ws, archive_of(ws)).name
    project.path.write_text("{", encoding="utf-8")
    assert backups.keep(ws, archive_of(ws)).why == "broken"
    Path(archive_of(ws).path("tasks-20270101T000000Z-manual.dump")).touch()

    assert backups.to_verify(archive_of(ws)) == [good]


def test_copies_are_let_go_by_number_and_by_age(kept: Kept) -> None:
    kept.add(1)
    for day in range(1, 11):
        kept.now = f"2026-06-{day:02d}T10:00:00.000Z"
        backups.keep(kept.ws, kept.archive)

    def left() -> list[str]:
        return [one.time[6:8] for one in kept.archive.copies()]

    assert backups.prune(kept.ws, kept.archive) == []
    assert len(backups.prune(kept.ws, kept.archive, days=8)) == 1
    assert left()[-1] == "02"
    assert len(backups.prune(kept.ws, kept.archive, keep=3, days=5)) == 3
    assert left() == ["10", "09", "08", "07", "06", "05"]
    assert len(backups.prune(kept.ws, kept.archive, keep=2)) == 4
    kept.now = "2027-06-01T10:00:00.000Z"
    backups.prune(kept.ws, kept.archive, days=1)
    assert left() == ["10"]


class Script:
    """Stands for the waiting between two rounds: each time the next step is done."""

    def __init__(self, *steps: Callable[[], object]) -> None:
        self._steps = iter(steps)
        self.waited: list[float] = []

    def __call__(self, seconds: float) -> bool:
        self.waited.append(seconds)
        step = next(self._steps, None)
        if step is not None:
            step()
        return step is None


def nothing() -> None:
    """Nobody does anything."""


def told(found: Iterator[Round]) -> list[str]:
    """Each round in a word: how many tasks the copy holds, or why there is none."""
    return [
        one.trouble.code if one.trouble else str(one.verdict.tasks if one.verdict else "")
        for one in found
    ]


HOURLY = Rule(3600, 0, 0, native=False)


def test_a_round_without_changes_keeps_no_copy(kept: Kept) -> None:
    kept.add(1)
    script = Script(nothing, lambda: kept.add(2), nothing, nothing, lambda: kept.add(3, 4))

    assert told(rounds(kept.ws, kept.archive, HOURLY, script)) == ["1", "2", "4"]
    assert script.waited == [3600] * 6
    assert len(kept.archive.copies()) == 3


def test_what_the_newest_copy_says_already_is_not_kept_again(kept: Kept) -> None:
    kept.add(1)
    backups.keep(kept.ws, kept.archive)

    script = Script(lambda: kept.add(2))
    assert told(rounds(kept.ws, kept.archive, HOURLY, script)) == ["2"]
    assert told(rounds(kept.ws, kept.archive, HOURLY, Script())) == []
    name = kept.archive.copies()[0].name
    kept.damage(name)
    assert told(rounds(kept.ws, kept.archive, HOURLY, Script())) == ["2"]


def test_there_and_back_again_is_a_longer_history(kept: Kept) -> None:
    kept.add(1)
    backups.keep(kept.ws, kept.archive)
    fill(kept.store, Task({"id": 1, "title": "Else"}))
    fill(kept.store, Task({"id": 1, "title": "T1"}))
    kept.now = "2026-06-16T10:00:00.000Z"

    assert told(rounds(kept.ws, kept.archive, HOURLY, Script())) == ["1"]


def test_each_round_lets_old_copies_go(kept: Kept) -> None:
    kept.add(1)
    script = Script(*(lambda number=number: kept.add(number) for number in range(2, 7)))

    found = list(rounds(kept.ws, kept.archive, HOURLY._replace(keep=2), script))

    assert [len(one.gone) for one in found] == [0, 0, 1, 1, 1, 1]
    assert len(kept.archive.copies()) == 2


def test_tasks_that_cannot_be_read_for_a_while_are_told_once_and_waited_for(
    project: Project,
) -> None:
    ws = project.write(master=[task(1)])
    script = Script(
        lambda: project.path.write_text("{", encoding="utf-8"),
        nothing,
        lambda: project.path.write_text("[]]", encoding="utf-8"),
        lambda: project.write(master=[task(1), task(2)]),
        nothing,
        project.path.unlink,
    )

    found = told(rounds(ws, archive_of(ws), HOURLY, script))

    assert found == ["1", "not-json", "not-json", "2", "no-task-file"]
    assert script.waited == [3600, 60, 60, 60, 3600, 3600, 60]
    assert backups.verify(archive_of(ws), "latest").tasks == 2


def test_a_store_out_of_reach_is_tried_again_and_other_mistakes_end_it(kept: Kept) -> None:
    class Away(MemoryStore):
        def reading(self) -> Any:  # noqa: ANN401  # never comes back
            raise Unavailable("the database cannot be reached", code="database-unreachable")

    store = kept.store
    script = Script(nothing, lambda: setattr(kept.ws, "store", store))
    kept.add(1)
    kept.ws.store = Away()
    assert told(rounds(kept.ws, kept.archive, HOURLY, script)) == ["database-unreachable", "1"]

    script = Script(lambda: setattr(kept.ws, "store", None))
    with pytest.raises(AttributeError):
        list(rounds(kept.ws, kept.archive, HOURLY, script))


@pytest.fixture
def dumped(kept: Kept, tmp_path: Path) -> str:
    """A dump of three tasks and four changes."""
    kept.add(1, 2, 3)
    fill(kept.store, Task({"id": 3, "title": "Changed"}))
    path = str(tmp_path / "copy.jsonl.gz")
    backups.save(kept.ws, kept.archive, path)
    return path


@pytest.mark.parametrize("made", [False, True])
def test_where_nothing_is_stored_the_history_comes_along(
    maker: Maker, kept: Kept, dumped: str, tmp_path: Path, *, made: bool
) -> None:
    store = maker.store()
    ws = around(store)
    archive = DumpArchive(store, "project", str(tmp_path / "other"))
    if made:
        with ws.writing("init") as writer:
            writer.describe_tag("master", {"description": "Tasks of a new project"})

    assert backups.brings_history(ws, archive, dumped) == 4
    assert backups.preview(archive, dumped)["added"] == 3
    restored = backups.restore(ws, archive, dumped, no_room)

    assert restored == (log_of(kept.store)[-1], 4)
    assert alike(whole(store), whole(kept.store))
    assert log_of(store) == log_of(kept.store)
    fill(store, Task({"id": 4, "title": "Next"}))
    assert log_of(store)[-1].first == 5
    close(store)


def close(store: Store) -> None:
    if hasattr(store, "close"):
        store.close()


def test_where_tasks_are_stored_it_is_one_transaction(
    maker: Maker, kept: Kept, dumped: str, tmp_path: Path
) -> None:
    store = maker.store()
    ws = around(store)
    fill(store, Task({"id": 9, "title": "Here before"}))
    archive = DumpArchive(store, "project", str(tmp_path / "other"))

    assert backups.brings_history(ws, archive, dumped) == 0
    restored = backups.restore(ws, archive, dumped, no_room)

    assert restored.history == 0
    assert restored.committed == log_of(store)[-1]
    assert [one.stamp.operation for one in log_of(store)] == ["fill", "restore"]
    assert alike(whole(store), whole(kept.store))
    close(store)


def test_a_damaged_copy_is_refused_before_anything_is_touched(
    maker: Maker, dumped: str, tmp_path: Path
) -> None:
    store = maker.store()
    ws = around(store)
    archive = DumpArchive(store, "project", str(tmp_path / "other"))
    lines = list(dump.unpacked(dumped))[:-2]
    path = Path(dumped).with_suffix("").with_suffix(".jsonl")
    dump.save(lines, str(path))

    with pytest.raises(CorruptStore):
        backups.restore(ws, archive, str(path), no_room)

    assert log_of(store) == []
    fill(store, Task({"id": 1, "title": "Still open"}))
    close(store)


def test_the_copy_of_a_task_file_comes_back_as_a_transaction_everywhere(
    maker: Maker, project: Project, tmp_path: Path
) -> None:
    from taskmaster import app

    project.write(master=[task(1)], other=[task(1), task(2)])
    store = maker.store()
    ws = around(store)
    archive = DumpArchive(
        store, "p", str(tmp_path / "other"), lambda path: app.unpack("project", path)
    )

    restored = backups.restore(ws, archive, str(project.path), no_room)

    assert restored.history == 0
    assert {tag: len(state.entries) for tag, state in whole(store).items()} == {
        "master": 1, "other": 2
    }  # fmt: skip
    assert [one.stamp.operation for one in log_of(store)] == ["restore"]
    close(store)


def test_a_dump_over_a_task_file_leaves_the_rest_of_its_text_alone(
    project: Project, kept: Kept, dumped: str
) -> None:
    ws = project.write(master=[task(1), task(2)])
    text = project.raw().decode()
    project.path.write_text(text.replace('"master": {', '"master": {\n    "x": [1],'))
    assert kept.store.kind == "memory"

    backups.restore(ws, archive_of(ws), dumped, no_room)

    assert project.stored()["master"]["x"] == [1]
    assert [one["title"] for one in project.stored()["master"]["tasks"]] == ["T1", "T2", "Changed"]


@pytest.mark.parametrize("text", ["", "{", "<<<<<<< HEAD\n"])
def test_a_dump_can_be_brought_back_over_a_damaged_task_file(
    project: Project, kept: Kept, dumped: str, text: str
) -> None:
    ws = project.write(master=[task(7)])
    set_status(ws, "7", "done")
    project.path.write_text(text, encoding="utf-8")

    restored = backups.restore(ws, archive_of(ws), dumped, no_room)

    assert restored.committed is not None
    assert alike(whole(ws.store), whole(kept.store))
    assert json.loads(project.raw())["master"]["tasks"][2]["title"] == "Changed"
    whys = {one.why for one in archive_of(ws).copies()}
    assert ("broken" in whys) is bool(text)


def test_a_copy_that_is_not_there_is_not_found(project: Project) -> None:
    ws = project.write(master=[task(1)])
    for name in ("nowhere.jsonl.gz", "latest"):
        with pytest.raises(NotFound):
            backups.restore(ws, archive_of(ws), name, no_room)
