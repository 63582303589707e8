"""A move killed at any moment leaves a task file as it was, or as it is after the move."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from tests.stores.file.test_crashes import (
    TEXT,
    check_no_leftovers,
    die_everywhere,
    in_use,
    never_seen,
    nothing_there,
    store_in,
)

from taskmaster.domain.changes import same
from taskmaster.errors import Conflict
from taskmaster.stores.file.store import FileStore
from taskmaster.testing.moves import held_by, send, worked_on
from taskmaster.testing.projects import check_log, fill, log_of, refusal, task

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")

MANNERS = ["before", "torn", "plain"]
ARRIVED = held_by(worked_on())


def left(folder: Path) -> None:
    """The tasks have moved elsewhere before, and now they come back."""
    in_use(folder)
    assert store_in(folder).retire("the last place", 1)


def left_without_a_log(folder: Path) -> None:
    never_seen(folder)
    assert store_in(folder).retire("the last place", 0)


@pytest.mark.parametrize("manner", MANNERS)
@pytest.mark.parametrize("situation", [nothing_there, left, left_without_a_log])
def test_moving_in_killed_at_any_call_is_done_or_can_be_repeated(
    tmp_path: Path, situation: Callable[[Path], None], manner: str
) -> None:
    origin = tmp_path / "origin"
    situation(origin)
    before = held_by(store_in(origin))

    seen = set()
    for folder, killed in die_everywhere(origin, manner, "move in"):
        try:
            seen.add(check_arrival(store_in(folder), before))
        except Exception as error:
            raise AssertionError(killed) from error
    assert seen == {True, False}


def check_arrival(store: FileStore, before: object) -> bool:
    """Everything that must hold; tells whether the tasks have arrived."""
    if not same(before, held_by(nowhere(store))) and not store.successor():
        assert same(held_by(store), ARRIVED)
    happened = same(held_by(store), ARRIVED)
    assert happened or same(held_by(store), before)
    intake = store.intake()
    with suppress(Conflict):  # Where the note was written, whoever comes next completes it.
        send(worked_on(), intake)
        intake.finish()
        assert not happened
    assert store.successor() == ""
    assert same(held_by(store), ARRIVED)
    fill(store, task(50))
    assert [one.stamp.operation for one in log_of(store)][-1] == "fill"
    assert len(log_of(store)) == 4
    check_log({}, store)
    check_no_leftovers(store)
    if not same(before, held_by(nowhere(store))):
        kept = [store.backups.read(one.name) for one in store.backups.all()]
        assert any(b"first" in one for one in kept)
    return happened


def nowhere(store: FileStore) -> FileStore:
    return store_in(Path(store.home).parent / "nowhere")


@pytest.mark.parametrize("manner", MANNERS)
@pytest.mark.parametrize("situation", [never_seen, in_use])
def test_moving_away_killed_at_any_call_is_done_or_not(
    tmp_path: Path, situation: Callable[[Path], None], manner: str
) -> None:
    origin = tmp_path / "origin"
    situation(origin)
    before = held_by(store_in(origin))

    seen = set()
    for folder, killed in die_everywhere(origin, manner, "move away"):
        store = store_in(folder)
        assert same(held_by(store), before), killed
        successor = store.successor()
        seen.add(successor)
        if successor:
            assert refusal(Conflict, partial(fill, store, task(50))).code == "moved", killed
        else:
            fill(store, task(50))
            check_no_leftovers(store)
    assert seen == {"", "the next place"}


def test_a_file_edited_between_the_crash_and_its_completion_keeps_the_edit(
    tmp_path: Path,
) -> None:
    origin = tmp_path / "origin"
    left(origin)
    edited = TEXT.replace("first", "edited after the crash")

    ends = set()
    for folder, killed in die_everywhere(origin, "before", "move in"):
        store = store_in(folder)
        note = Path(store.home) / "log" / "moved.json"
        if note.exists() and b"arriving" in note.read_bytes():
            Path(store.path).write_text(edited)
            fill(store, task(50))
            kept = [store.backups.read(one.name) for one in store.backups.all()]
            there = [one.stamp.operation for one in log_of(store)]
            ends.add("external-edit" in there)
            assert "external-edit" in there or any(b"edited after" in one for one in kept), killed
            check_log({}, store)
    assert ends == {True, False}
