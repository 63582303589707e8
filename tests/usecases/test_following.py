"""Following the log: everything, in order, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.usecases.conftest import Project, task

from taskmaster.domain.changes import Actor, last_number
from taskmaster.domain.task import Task
from taskmaster.doorbells.silent import Silent
from taskmaster.errors import NotFound
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


def listener(*happenings: Callable[[], None]) -> Callable[[], bool]:
    """Lets one thing happen each time somebody listens, and then says that it is over."""
    left: Iterator[Callable[[], None]] = iter(happenings)

    def listen() -> bool:
        happening = next(left, None)
        if happening:
            happening()
        return happening is not None

    return listen


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

    told = list(following.follow(ws, listener(*map(burst, rounds)), since))

    with ws.reading() as reader:
        assert told == list(reader.changes_since(since))
    assert since == 2 * already
    sizes = [last_number(entry) - entry.first + 1 for entry in told]
    assert sizes == [size for each in rounds for size in each]


def test_a_listener_that_was_told_nothing_new_tells_nothing() -> None:
    ws = in_memory()
    add(ws, 1)

    told = list(following.follow(ws, listener(lambda: None, lambda: None), 0))

    assert [entry.first for entry in told] == [1]


def test_resuming_inside_a_transaction_tells_it_again() -> None:
    ws = in_memory()
    add(ws, 3)

    assert [entry.first for entry in following.follow(ws, listener(), 2)] == [1]
    assert list(following.follow(ws, listener(), 3)) == []


def test_a_log_that_was_started_anew_is_an_error(project: Project) -> None:
    ws = project.write(master=[task(1)])
    add(ws, 1)
    add(ws, 1)
    log = project.path.parents[1] / "log" / "changes.jsonl"

    stream = following.follow(ws, listener(log.unlink), 0)
    assert [next(stream).first, next(stream).first] == [1, 2]
    with pytest.raises(NotFound, match="knows no change 2"):
        next(stream)
    with pytest.raises(NotFound, match="knows no change 9"):
        next(following.follow(ws, listener(), 9))


def test_a_file_that_is_being_edited_is_waited_for(project: Project) -> None:
    ws = project.write(master=[task(1)])
    add(ws, 1)
    whole = project.raw()

    def half_written() -> None:
        project.path.write_bytes(whole[:-20])

    def written() -> None:
        project.path.write_bytes(whole.replace(b"Task 1", b"Task one"))

    told = list(following.follow(ws, listener(half_written, written), 0))

    assert [entry.stamp.operation for entry in told] == ["add", "external-edit"]
