"""Dumps: everything goes in and comes out the same, and nothing damaged comes out at all."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.stores.test_state_machine import OPERATIONS, perform

from taskmaster import dump
from taskmaster.domain.changes import same
from taskmaster.domain.copies import EntryPart, Origin, TagPart
from taskmaster.domain.replay import Replay
from taskmaster.domain.task import Task
from taskmaster.errors import Conflict, CorruptStore
from taskmaster.ports import Store
from taskmaster.records import states_of
from taskmaster.stores.memory import MemoryStore
from taskmaster.testing.projects import (
    ODD_TEXTS,
    TIME,
    WHOLE_TASK,
    alike,
    fill,
    log_of,
    stamp,
    task,
    whole,
)

if TYPE_CHECKING:
    from taskmaster.domain.copies import Part

NAMES = ("project.jsonl", "project.jsonl.gz")


def parts(store: Store) -> Iterator[Part]:
    with store.reading() as reader:
        yield from dump.parts_of(reader, "project", store.kind, TIME)


def working() -> MemoryStore:
    """A store with two tags, what is no task, and a history of some length."""
    store = MemoryStore()
    fill(store, Task(WHOLE_TASK), task(2), task(3, subtasks=[{"id": 1, "title": "Step"}]))
    with store.writing(stamp()) as writer:
        writer.add_tag("later", {"description": "not now"})
        writer.put("later", task(1))
        writer.remove("master", "2")
    fill(store, task(3, "Another"))
    return store


def lines_of(store: Store, path: Path) -> list[bytes]:
    dump.save(parts(store), str(path))
    return path.read_bytes().splitlines(keepends=True)


def read(path: Path) -> list[Part]:
    return list(dump.unpacked(str(path)))


def refused(path: Path, lines: list[bytes]) -> CorruptStore:
    """How a dump of these lines is refused."""
    path.write_bytes(b"".join(lines))
    with pytest.raises(CorruptStore) as caught:
        read(path)
    assert str(path) in caught.value.message
    assert caught.value.hint
    return caught.value


def line_number(error: CorruptStore) -> int:
    found: Any = error.details
    assert f"line {found['line']} " in error.message
    return int(found["line"])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "project.jsonl"


@pytest.mark.parametrize("name", NAMES)
def test_a_dump_filled_into_another_store_gives_the_same_tasks_and_history(
    tmp_path: Path, name: str
) -> None:
    store, other = working(), MemoryStore()
    path = tmp_path / name

    totals = dump.save(parts(store), str(path))
    last = dump.fill(other.intake(), dump.unpacked(str(path)))

    assert totals[:3] == (2, 3, 7)
    assert same(states(other), states(store))
    assert log_of(other) == log_of(store)
    assert last == log_of(store)[-1]
    assert [one.name for one in tmp_path.iterdir()] == [name]


def states(store: Store) -> dict[str, list[object]]:
    with store.reading() as reader:
        return {tag: [dict(one.metadata), one.entries] for tag, one in states_of(reader).items()}


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_odd_characters_go_through_a_dump_in_every_place(path: Path, text: str) -> None:
    store, other = MemoryStore(), MemoryStore()
    with store.writing(stamp(name=text)._replace(note=text)) as writer:
        writer.add_tag(f"t{text}", {f"m{text}": text})
        writer.put(f"t{text}", Task({"id": 1, "title": text, f"x{text}": [text]}))

    lines = lines_of(store, path)
    dump.fill(other.intake(), dump.unpacked(str(path)))

    assert all(line.decode() and b"\x00" not in line for line in lines)
    assert same(states(other), states(store))
    assert log_of(other) == log_of(store)


def test_entries_that_are_no_tasks_and_repeated_ids_are_kept_as_they_are(path: Path) -> None:
    entries = [task(1).doc, "a stray", task(1, "again").doc, None, [3]]
    found: list[Part] = [
        Origin("p", "file", TIME, 0),
        TagPart("master", {}),
        *map(EntryPart, entries),
    ]

    dump.save(found, str(path))

    assert dump.states(dump.unpacked(str(path)))["master"].entries == entries


def test_the_lines_are_what_the_documentation_shows(path: Path) -> None:
    store = MemoryStore()
    fill(store, task(1))

    first, tag, entry, transaction, end = map(json.loads, lines_of(store, path))

    assert first == {
        "schema": "tamp/dump.v1", "project": "project", "kind": "memory", "time": TIME, "change": 1
    }  # fmt: skip
    assert tag == {"tag": "master", "metadata": {}}
    assert entry == {"entry": task(1).doc}
    assert transaction["transaction"]["seq"] == [1, 1]
    assert end["end"].keys() == {"tags", "tasks", "changes", "sha256"}
    assert all(f'{{"{name}"' in (dump.__doc__ or "") for name in ("tag", "entry", "end"))


def test_the_same_project_gives_the_same_bytes_packed_or_not(tmp_path: Path) -> None:
    store = working()
    for name in (*NAMES, "again.jsonl.gz"):
        dump.save(parts(store), str(tmp_path / name))

    packed = (tmp_path / NAMES[1]).read_bytes()
    assert gzip.decompress(packed) == (tmp_path / NAMES[0]).read_bytes()
    assert (tmp_path / "again.jsonl.gz").read_bytes() == packed


def test_a_dump_that_breaks_off_after_any_line_names_the_one_that_is_missing(path: Path) -> None:
    lines = lines_of(working(), path)
    for kept in range(len(lines)):
        error = refused(path, lines[:kept])

        assert line_number(error) == kept + 1
        assert "cut short" in error.message


def test_a_dump_that_breaks_off_within_any_line_names_that_line(path: Path) -> None:
    lines = lines_of(working(), path)
    for place, line in enumerate(lines):
        assert line_number(refused(path, [*lines[:place], line[: len(line) // 2]])) == place + 1


def test_any_changed_character_is_noticed(path: Path) -> None:
    lines = lines_of(working(), path)
    for place in range(len(lines) - 1):
        line = lines[place]
        end = line.rindex(b"a")
        changed = line[:end] + b"e" + line[end + 1 :]

        assert line_number(refused(path, [*lines[:place], changed, *lines[place + 1 :]])) > place


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.98])
def test_a_packed_dump_that_was_cut_is_refused(tmp_path: Path, share: float) -> None:
    path = tmp_path / "project.jsonl.gz"
    dump.save(parts(working()), str(path))
    packed = path.read_bytes()

    assert line_number(refused(path, [packed[: int(len(packed) * share)]])) >= 1


def test_what_was_never_a_dump_is_refused_at_its_first_line(tmp_path: Path) -> None:
    for name, data in (
        ("a.jsonl.gz", b"not packed at all"),
        ("b.jsonl", b"\xff\xfe\x00"),
        ("c.jsonl", b'{"master": {"tasks": []}}\n'),
        ("d.jsonl", b"[]\n"),
        ("e.jsonl", b"7\n"),
    ):
        assert line_number(refused(tmp_path / name, [data])) == 1


def test_lines_at_the_wrong_place_are_refused_there(path: Path) -> None:
    lines = lines_of(working(), path)
    first, tag, entry = lines[:3]
    history = next(place for place, line in enumerate(lines) if line.startswith(b'{"transaction'))
    for number, wrong in (
        (1, [tag, *lines]),
        (2, [first, entry]),
        (2, [first, first]),
        (3, [first, tag, tag]),
        (len(lines) + 1, [*lines, tag]),
        (history + 2, [*lines[: history + 1], entry]),
        (history + 2, [*lines[: history + 1], *lines[history + 2 :]]),
        (len(lines) - 1, [*lines[:-2], lines[-1]]),
        (len(lines) - 1, [*lines[:2], *lines[3:]]),
    ):
        assert line_number(refused(path, wrong)) == number


def test_a_dump_of_a_newer_tamp_says_so(path: Path) -> None:
    lines = lines_of(working(), path)

    error = refused(path, [lines[0].replace(b"dump.v1", b"dump.v2"), *lines[1:]])

    assert "tamp/dump.v2" in error.message
    assert "newer" in error.hint


def test_a_dump_that_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "project.jsonl.gz"
    dump.save(parts(working()), str(path))
    before = path.read_bytes()

    def failing() -> Iterator[Part]:
        yield from list(parts(working()))[:4]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        dump.save(failing(), str(path))

    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_filling_goes_on_where_a_process_died(path: Path) -> None:
    store, other = working(), MemoryStore()
    fill(store, *(task(number) for number in range(10, 2_000)))
    count = len(lines_of(store, path))

    for reached in (3, count // 4, count // 2, count - 3, count - 1):

        def dying(reached: int = reached) -> Iterator[Part]:
            for number, part in enumerate(dump.unpacked(str(path))):
                if number == reached:
                    raise ZeroDivisionError
                yield part

        with pytest.raises(ZeroDivisionError):
            dump.fill(other.intake(), dying())
        assert whole(other)["master"].entries == []
    dump.fill(other.intake(), dump.unpacked(str(path)))

    assert same(states(other), states(store))
    assert log_of(other) == log_of(store)


def test_nothing_of_a_damaged_dump_is_left_in_the_store(path: Path) -> None:
    store, other = working(), MemoryStore()
    lines = lines_of(store, path)
    path.write_bytes(b"".join(lines[:-1]))

    with pytest.raises(CorruptStore):
        dump.fill(other.intake(), dump.unpacked(str(path)))

    assert states(other) == states(MemoryStore())
    fill(other, task(1))
    assert len(log_of(other)) == 1


def test_a_store_that_is_in_use_is_not_filled(path: Path) -> None:
    store, other = working(), MemoryStore()
    lines_of(store, path)
    fill(other, task(1))

    with pytest.raises(Conflict):
        dump.fill(other.intake(), dump.unpacked(str(path)))

    assert len(log_of(other)) == 1


def test_changes_committed_while_a_dump_is_written_are_not_half_in_it(path: Path) -> None:
    store = working()
    with store.reading() as reader:
        found = dump.parts_of(reader, "project", store.kind, TIME)
        begun = [next(found), next(found)]
        fill(store, task(9))
        dump.save([*begun, *found], str(path))

    assert [part for part in read(path) if part == EntryPart(task(9).doc)] == []
    assert sum(type(part).__name__ == "Transaction" for part in read(path)) == 3


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(OPERATIONS, min_size=1, max_size=4), max_size=12))
def test_whatever_was_done_comes_out_as_it_went_in_and_its_history_explains_it(
    transactions: list[list[Any]],
) -> None:
    store, other = MemoryStore(), MemoryStore()
    for operations in transactions:
        with store.writing(stamp()) as writer:
            for operation in operations:
                perform(writer, operation)
    lines: list[bytes] = []

    class Stream:
        write = lines.append

    dump.write(parts(store), Stream())  # type: ignore[arg-type]  # nothing else is asked of it
    again = partial(dump.read, lines, "lines")

    assert same(dump.states(again()), dump.states(parts(store)))
    dump.fill(other.intake(), again())
    assert alike(whole(other), whole(store))
    assert log_of(other) == log_of(store)
    replay = Replay()
    for transaction in log_of(other):
        replay.take(transaction)
    assert not replay.lost
    stored = sum(len(state.entries) for state in whole(store).values())
    assert len(replay.digests()) == stored
