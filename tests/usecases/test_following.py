"""Following the log: everything, in order, once."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.usecases.conftest import Project, task

from taskmaster import workspace
from taskmaster.domain.changes import Actor, Transaction, last_number
from taskmaster.domain.task import Task
from taskmaster.doorbells.silent import Silent
from taskmaster.errors import CorruptStore, NotFound, TampError
from taskmaster.stores.memory import MemoryStore
from taskmaster.usecases import following
from taskmaster.workspace import Workspace


def in_memory() -> Workspace:
    return Workspace(MemoryStore(), Actor("ann", "person", ""), doorbell=Silent())


def add(ws: Workspace, count: int) -> None:
    """One transaction of *count* changes."""
    with ws.writing("add") as writer:
        known = len(writer.tasks(ws.tag))
        for number in range(known + 1, known + count + 1):
            writer.put(ws.tag, Task(task(number)))


class Play:
    """A listener that lets one thing happen whenever somebody waits, and then is over."""

    trouble = ""

    def __init__(self, happenings: tuple[Callable[[], object], ...]) -> None:
        self._left = list(happenings)
        self.open = True
        self.told: list[str] = []

    def wait(self, seconds: float) -> bool:
        assert seconds > 0
        self._left.pop(0)()
        return True

    def close(self) -> None:
        self.open = False

    def goes_on(self, trouble: str) -> bool:
        self.told.append(trouble)
        return bool(self._left)


def follow(
    ws: Workspace, since: int, *happenings: Callable[[], object]
) -> tuple[Iterator[Transaction], Play]:
    play = Play(happenings)
    ws.listener = lambda: play
    return ws.follow(since, play.goes_on), play


def nothing() -> None:
    """Somebody rang for nothing."""


@given(st.lists(st.lists(st.integers(1, 3), max_size=3), max_size=5), st.integers(0, 6))
def test_every_transaction_is_told_once_and_in_order(rounds: list[list[int]], already: int) -> None:
    ws = in_memory()
    for _ in range(already):
        add(ws, 2)
    since = following.newest(ws)

    def burst(sizes: list[int]) -> Callable[[], None]:
        def happen() -> None:
            for size in sizes:
                add(ws, size)

        return happen

    told, _ = follow(ws, since, *map(burst, rounds), nothing)

    found = list(told)
    with ws.reading() as reader:
        assert found == list(reader.changes_since(since))
    assert since == 2 * already
    sizes = [last_number(entry) - entry.first + 1 for entry in found]
    assert sizes == [size for each in rounds for size in each]


def test_a_ring_without_anything_new_tells_nothing() -> None:
    ws = in_memory()
    add(ws, 1)

    told, _ = follow(ws, 0, nothing, nothing)

    assert [entry.first for entry in told] == [1]


def test_resuming_inside_a_transaction_tells_it_again() -> None:
    ws = in_memory()
    add(ws, 3)

    assert [entry.first for entry in follow(ws, 2)[0]] == [1]
    assert list(follow(ws, 3)[0]) == []


def test_a_long_log_is_told_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspace, "_AT_ONCE", 3)
    ws = in_memory()
    for _ in range(9):
        add(ws, 2)

    for since in range(19):
        told, _ = follow(ws, since)
        assert [entry.first for entry in told] == list(range(1 + since // 2 * 2, 19, 2))


def test_a_listener_is_let_go_of_at_the_end() -> None:
    told, play = follow(in_memory(), 0)
    assert list(told) == []
    assert not play.open


def test_a_listener_is_let_go_of_by_who_has_heard_enough() -> None:
    ws = in_memory()
    add(ws, 1)
    told, play = follow(ws, 0)
    next(told)
    told.close()  # type: ignore[attr-defined]  # a generator
    assert not play.open


def test_a_listener_is_let_go_of_with_an_error() -> None:
    told, play = follow(in_memory(), 7)
    with pytest.raises(NotFound):
        next(told)
    assert not play.open


def test_a_workspace_without_a_listener_looks_for_itself() -> None:
    ws = in_memory()
    stream = ws.follow(0)
    for number in (1, 2):
        add(ws, 1)
        assert next(stream).first == number


def test_a_log_that_was_started_anew_is_an_error(project: Project) -> None:
    ws = project.write(master=[task(1)])
    add(ws, 1)
    add(ws, 1)
    log = project.path.parents[1] / "log" / "changes.jsonl"

    stream, _ = follow(ws, 0, log.unlink, nothing)
    assert [next(stream).first, next(stream).first] == [1, 2]
    with pytest.raises(NotFound, match="knows no change 2"):
        next(stream)
    with pytest.raises(NotFound, match="knows no change 9"):
        next(follow(ws, 9)[0])


def test_a_log_that_was_started_anew_and_has_grown_again_is_an_error(project: Project) -> None:
    ws = project.write(master=[task(1)])
    add(ws, 1)
    log = project.path.parents[1] / "log" / "changes.jsonl"

    def anew() -> None:
        log.unlink()
        project.now = "2026-06-16T10:00:00.000Z"
        for _ in range(3):
            add(ws, 1)

    stream, _ = follow(ws, 0, anew, nothing)

    assert next(stream).first == 1
    with pytest.raises(NotFound, match="knows no change 1"):
        next(stream)


def test_a_log_that_cannot_be_read_is_an_error(project: Project) -> None:
    ws = project.write(master=[task(1)])
    add(ws, 1)
    log = project.path.parents[1] / "log" / "changes.jsonl"

    stream, _ = follow(ws, 0, lambda: log.write_text("rubbish\n"), nothing)

    assert next(stream).first == 1
    with pytest.raises(CorruptStore, match="change log"):
        next(stream)


def test_a_file_that_is_being_edited_is_waited_for(project: Project) -> None:
    ws = project.write(master=[task(1)])
    add(ws, 1)
    whole = project.raw()

    def half_written() -> None:
        project.path.write_bytes(whole[:-20])

    def written() -> None:
        project.path.write_bytes(whole.replace(b"Task 1", b"Task one"))

    told, play = follow(ws, 0, half_written, nothing, written, nothing)

    assert [entry.stamp.operation for entry in told] == ["add", "external-edit"]
    assert _spells(play.told) == [False, True, False]
    assert "tasks.json" in "".join(play.told)


def test_a_store_that_does_not_answer_for_a_while_is_waited_for(project: Project) -> None:
    ws = project.write(master=[task(1)])
    add(ws, 1)
    aside = project.path.with_name("aside")

    def gone() -> None:
        project.path.rename(aside)
        project.path.mkdir()

    def back() -> None:
        project.path.rmdir()
        aside.rename(project.path)
        add(ws, 1)

    told, play = follow(ws, 0, gone, nothing, nothing, back, lambda: add(ws, 1), nothing)

    assert [entry.first for entry in told] == [1, 2, 3]
    assert _spells(play.told) == [False, True, False]


def test_a_store_that_does_not_answer_at_first_is_an_error(project: Project) -> None:
    ws = project.write(master=[task(1)])
    project.path.unlink()
    project.path.mkdir()

    with pytest.raises(TampError):
        next(follow(ws, 0, nothing)[0])


def _spells(told: list[str]) -> list[bool]:
    """Whether there was trouble, each spell of it once."""
    return [trouble for trouble, _ in itertools.groupby(map(bool, told))]
