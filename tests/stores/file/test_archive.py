"""Whole copies: kept, compared, brought back; and older shapes brought into today's."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from taskmaster.domain.changes import Actor, Stamp, same
from taskmaster.domain.task import Task
from taskmaster.errors import CorruptStore, NotFound
from taskmaster.stores.file import reshape
from taskmaster.stores.file.archive import FileArchive
from taskmaster.stores.file.layout import Layout
from taskmaster.stores.file.store import FileStore

REPOSITORY = Path(__file__).parents[3]
CORPUS = Path(os.environ.get("TAMP_CORPUS", REPOSITORY.parent / "shared" / "corpus")) / "tasks"
REAL = sorted(CORPUS.glob("*.json"))
NOW = "2026-06-15T10:00:00.000Z"
BROKEN = b'{"master": {"tasks": [{"id": 1,\n<<<<<<< HEAD\n'


def stamp(operation: str) -> Stamp:
    return Stamp(Actor("ann", "person", ""), "test", operation, "", NOW)


class Kept:
    """A store with its archive, and the bytes of the file."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / ".taskmaster" / "tasks" / "tasks.json"
        self.store = FileStore(str(self.path), str(folder / ".taskmaster"))
        self.archive = FileArchive(self.store)

    def add(self, *numbers: int) -> bytes:
        with self.store.writing(stamp("add-task")) as writer:
            for number in numbers:
                writer.put("master", Task({"id": number, "title": f"Task {number}"}))
        return self.path.read_bytes()

    def ids(self) -> list[str]:
        with self.store.reading() as reader:
            return [task.id for task in reader.tasks("master")]

    def operations(self) -> list[tuple[str, int]]:
        with self.store.reading() as reader:
            return [(one.stamp.operation, len(one.changes)) for one in reader.changes_since(0)]

    def whys(self) -> list[str]:
        return sorted(copy.why for copy in self.archive.copies())


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


def test_a_kept_copy_comes_back_byte_by_byte_as_one_transaction(kept: Kept) -> None:
    before = kept.add(1, 2)
    copy = kept.archive.keep(stamp("backup"))
    kept.add(3, 4)

    done = kept.archive.restore(copy.name, stamp("restore"))

    assert copy.why == "manual"
    assert kept.path.read_bytes() == before
    assert done is not None
    assert [(one.kind, one.task) for one in done.changes] == [("removed", "4"), ("removed", "3")]
    assert kept.operations() == [("add-task", 2), ("add-task", 2), ("restore", 2)]
    assert "before-restore" in kept.whys()


def test_latest_twice_is_there_and_back(kept: Kept) -> None:
    kept.add(1)
    kept.archive.keep(stamp("backup"))
    after = kept.add(2)

    for moment in ("2026-06-15T10:01:00.000Z", "2026-06-15T10:02:00.000Z"):
        kept.archive.restore("latest", stamp("restore")._replace(time=moment))

    assert kept.path.read_bytes() == after


def test_a_copy_that_says_the_same_changes_nothing_at_all(kept: Kept) -> None:
    kept.add(1)
    copy = kept.archive.keep(stamp("backup"))
    copies = kept.archive.copies()

    assert kept.archive.restore(copy.name, stamp("restore")) is None
    assert kept.archive.copies() == copies
    assert kept.operations() == [("add-task", 1)]


def test_an_unreadable_file_is_kept_and_the_last_good_content_comes_back(kept: Kept) -> None:
    good = kept.add(1, 2)
    kept.path.write_bytes(BROKEN)

    assert kept.archive.differences("last-good") == []
    assert kept.archive.restore("last-good", stamp("restore")) is None

    assert kept.path.read_bytes() == good
    broken = next(copy for copy in kept.archive.copies() if copy.why == "broken")
    assert Path(kept.archive.path(broken.name)).read_bytes() == BROKEN
    assert kept.operations() == [("add-task", 2)]
    kept.add(3)
    assert kept.ids() == ["1", "2", "3"]


def test_an_older_copy_over_an_unreadable_file_is_logged_against_the_last_good_content(
    kept: Kept,
) -> None:
    kept.add(1)
    copy = kept.archive.keep(stamp("backup"))
    kept.add(2)
    kept.path.write_bytes(BROKEN)

    done = kept.archive.restore(copy.name, stamp("restore"))

    assert done is not None
    assert [(one.kind, one.task) for one in done.changes] == [("removed", "2")]
    assert kept.ids() == ["1"]


def test_a_file_that_is_gone_comes_back_without_a_word_in_the_log(kept: Kept) -> None:
    good = kept.add(1)
    kept.path.unlink()

    kept.archive.restore("last-good", stamp("restore"))

    assert kept.path.read_bytes() == good
    assert kept.operations() == [("add-task", 1)]


def test_what_another_program_wrote_is_noticed_before_it_is_replaced(kept: Kept) -> None:
    kept.add(1)
    copy = kept.archive.keep(stamp("backup"))
    kept.path.write_text('{"master": {"tasks": [{"id": 1, "title": "Else"}]}}', encoding="utf-8")

    kept.archive.restore(copy.name, stamp("restore"))

    assert [name for name, _ in kept.operations()] == ["add-task", "external-edit", "restore"]


def test_a_copy_that_cannot_be_read_is_refused(kept: Kept) -> None:
    good = kept.add(1)
    kept.path.write_bytes(BROKEN)
    copy = kept.archive.keep(stamp("backup"))
    kept.path.write_bytes(good)

    assert copy.why == "broken"
    with pytest.raises(CorruptStore, match="conflict markers"):
        kept.archive.restore(copy.name, stamp("restore"))
    assert kept.path.read_bytes() == good


@pytest.mark.parametrize("name", ["latest", "last-good", "tasks-none.json", "../tasks/tasks.json"])
def test_a_copy_that_is_not_there_is_not_found(kept: Kept, name: str) -> None:
    with pytest.raises(NotFound):
        kept.archive.restore(name, stamp("restore"))


def test_nothing_stored_is_nothing_to_keep(kept: Kept) -> None:
    with pytest.raises(NotFound, match="no task file"):
        kept.archive.keep(stamp("backup"))


def test_content_from_elsewhere_is_brought_into_shape_and_its_original_kept(kept: Kept) -> None:
    old = b'{"tasks": [{"id": 1, "title": "A"}], "meta": {"projectName": "P"}}'

    kept.archive.adopt(old, stamp("migrate"))

    assert json.loads(kept.path.read_bytes()) == {
        "master": {"tasks": [{"id": 1, "title": "A"}], "metadata": {"projectName": "P"}}
    }
    assert kept.archive.holds(old)
    assert not kept.archive.holds(b"else")
    assert kept.archive.adopt(None, stamp("migrate")) is None
    assert kept.archive.shape() == ""


def test_flaws_that_no_reader_shows_are_found(kept: Kept) -> None:
    kept.path.parent.mkdir(parents=True)
    kept.path.write_text(
        '{"master": {"tasks": [{"id": 1, "title": "A", "title": "B", "subtasks":'
        ' [{"id": 1, "status": "done", "status": "done"}]}, "stray"]}}',
        encoding="utf-8",
    )

    assert [flaw[:3] for flaw in kept.archive.flaws()] == [
        ("repeated-key", "master", "1"),
        ("repeated-key", "master", "1.1"),
    ]


SHAPES = {
    "single list": '{\n  "tasks": [\n    {\n      "id": 1\n    }\n  ],\n  "odd": [1, 2]\n}\n',
    "bare list": '[{"id": "1", "title": "A"}]',
    "nested tags": '{"version": 2, "tags": {"a": {"tasks": [{"id": 1}]}, "b": {"tasks": []}}}',
    "saved answer": '{"data": {"tasks": [{"id": 1}], "filter": "all"}, "tag": "beta"}',
    "list inside a list": '{\r\n\t"master": {\r\n\t\t"tasks": [[{"id": 1}]]\r\n\t}\r\n}',
    "tag without an object": '{"master": []}',
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_older_shape_becomes_todays_and_says_the_same(shape: str) -> None:
    before = Layout(SHAPES[shape])
    assert reshape.outdated(before) == shape

    after = Layout(reshape.reshaped(before, NOW))

    assert reshape.outdated(after) == ""
    assert {tag: list(state.entries) for tag, state in after.states.items()} == {
        tag: list(state.entries) for tag, state in before.states.items()
    }
    assert reshape.reshaped(after, NOW) == after.text


def test_the_lines_of_a_single_list_are_only_moved_to_the_right() -> None:
    text = SHAPES["single list"].replace("\n", "\r\n")

    made = reshape.reshaped(Layout(text), NOW)

    assert made.startswith('{\r\n  "master": {\r\n    "tasks": [\r\n      {\r\n        "id": 1\r\n')
    assert '    "odd": [1, 2],\r\n    "metadata": {\r\n      "created"' in made
    assert made.endswith("    }\r\n  }\r\n}\r\n")


@pytest.mark.skipif(not REAL, reason="no corpus of real files here")
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_real_files_say_the_same_in_todays_shape(path: Path) -> None:
    try:
        before = Layout(path.read_bytes().decode("utf-8-sig"))
    except Exception:  # noqa: BLE001  # whatever is wrong with it, it is not about its shape
        pytest.skip("it cannot be read")
    after = Layout(reshape.reshaped(before, NOW))

    assert reshape.outdated(after) == ""
    for tag, state in before.states.items():
        assert same(list(state.entries), list(after.states[tag].entries))
        assert dict(state.metadata).items() <= dict(after.states[tag].metadata).items()
