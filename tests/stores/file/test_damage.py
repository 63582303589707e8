"""A file that cannot be trusted: what is told, and that not one byte of it is touched."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from taskmaster.domain.task import Task
from taskmaster.errors import CorruptStore
from taskmaster.stores.file.store import FileStore
from taskmaster.testing.projects import fill, log_of, stamp, task, whole

Open = Callable[[str | bytes], FileStore]

REPOSITORY = Path(__file__).parents[3]
CORPUS = Path(os.environ.get("TAMP_CORPUS", REPOSITORY.parent / "shared" / "corpus")) / "tasks"

GOOD = json.dumps(
    {"master": {"tasks": [{"id": 1, "title": "\u00e9t\u00e9"}]}}, indent=2, ensure_ascii=False
)
TAG = """"master": {
    "tasks": []
  }"""

# what, the content, the code, words of the message
DAMAGED: list[tuple[str, str | bytes, str, list[str]]] = [
    ("empty", "", "empty-file", ["is empty"]),
    ("one blank", " ", "empty-file", ["is empty"]),
    ("blank lines", "\n\t\r\n", "empty-file", ["is empty"]),
    (
        "conflict markers",
        '{\n  "tasks": [\n<<<<<<< HEAD\n    {"id": 1}\n=======\n    {"id": 2}\n>>>>>>> b\n  ]\n}',
        "conflict-markers",
        ["line 3", "<<<<<<< HEAD"],
    ),
    ("windows markers", "{\r\n<<<<<<< HEAD\r\n=======\r\n", "conflict-markers", ["line 2"]),
    ("truncated", GOOD[:40], "not-json", ["line 5", "cut short"]),
    ("cut in a string", '{"tasks": [{"id": 1, "title": "abc', "not-json", ["line 1", "column"]),
    ("cut after a colon", '{"tasks":', "not-json", ["line 1", "cut short"]),
    ("a comma too many", '{\n  "tasks": [\n    1,]\n}', "not-json", ["line 3", "column"]),
    ("a comma too few", '{\n  "tasks": []\n  "x": 1\n}', "not-json", ["line 3", "column 3"]),
    ("two documents", GOOD + "\n" + GOOD, "not-json", ["line 11", "extra data"]),
    ("raw line break", '{"tasks": [{"title": "a\nb"}]}', "not-json", ["line 1", "control"]),
    ("raw tab", '{"tasks": [\n{"title": "a\tb"}]}', "not-json", ["line 2", "control"]),
    ("single quotes", "{'tasks': []}", "not-json", ["line 1", "column 2"]),
    ("python", '{"tasks": [None]}', "not-json", ["line 1", "found 'None"]),
    ("zeros", b"\x00" * 5000, "binary", ["binary"]),
    ("zeros behind", GOOD.encode()[:30] + b"\x00" * 50, "binary", ["binary"]),
    ("a picture", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "binary", ["binary"]),
    ("UTF-16", GOOD.encode("utf-16"), "wrong-encoding", ["UTF-16"]),
    ("UTF-16 without a mark", GOOD.encode("utf-16-le"), "binary", ["binary"]),
    ("latin-1", GOOD.encode("latin-1"), "wrong-encoding", ["line 6", "0xe9"]),
    ("half a character", GOOD.encode()[:-1] + b"\xc3", "wrong-encoding", ["line 10", "0xc3"]),
    ("brackets", "[" * 100_000, "too-deep", ["deeply"]),
    ("braces", '{"tasks":' * 100_000, "too-deep", ["deeply"]),
    ("nameless tags", '{"":' * 100_000 + "1" + "}" * 100_000, "too-deep", ["deeply"]),
    ("a huge number", '{"tasks": [{"id": ' + "9" * 5000 + "}]}", "not-json", ["digits"]),
    ("a text", '"tasks"', "no-task-list", ["no task list"]),
    ("a number", "5", "no-task-list", ["no task list"]),
    ("a package", '{"name": "x", "version": "1"}', "no-task-list", ["name, version"]),
    ("tasks are an object", '{"tasks": {"1": {}}}', "no-task-list", ["tasks"]),
    ("tag twice", f"{{\n  {TAG},\n  {TAG}\n}}", "repeated-key", ["'master'", "line 2", "line 5"]),
    (
        "tasks twice",
        '{\n  "master": {\n    "tasks": [],\n    "tasks": []\n  }\n}',
        "repeated-key",
        ["'tasks'", "line 3", "line 4"],
    ),
    ("old tasks twice", '{"tasks": [],\n"tasks": [{"id": 1}]}', "repeated-key", ["line 2"]),
    ("list twice", '{"master": [],\n"master": [{"id": 1, "title": ""}]}', "repeated-key", []),
    ("hidden tag", f'{{\n  {TAG},\n  "master": "text"\n}}', "repeated-key", ["'master'"]),
]  # fmt: skip
damaged = pytest.mark.parametrize(
    ("content", "code", "words"), [one[1:] for one in DAMAGED], ids=[one[0] for one in DAMAGED]
)


def tasks_of(store: FileStore) -> list[Task]:
    with store.reading() as reader:
        return reader.tasks("master")


def check_refused(store: FileStore, content: bytes) -> CorruptStore:
    with pytest.raises(CorruptStore) as told, store.reading():
        pass
    with pytest.raises(CorruptStore) as told_writer, store.writing(stamp()) as writer:
        writer.put("master", Task({"id": 9}))
    assert str(told_writer.value) == str(told.value)
    assert Path(store.path).read_bytes() == content
    assert not list(Path(store.path).parent.glob(".*"))
    assert store.path in told.value.message
    assert "nothing was changed" in told.value.message
    assert told.value.hint
    return told.value


@damaged
def test_a_damaged_file_is_explained_and_left_alone(
    project: Open, content: str | bytes, code: str, words: list[str]
) -> None:
    data = content.encode() if isinstance(content, str) else content
    error = check_refused(project(data), data)

    assert error.code == code
    for word in words:
        assert word in error.message


@damaged
def test_a_file_damaged_after_good_days_keeps_its_log_and_its_last_good_copy(
    project: Open, content: str | bytes, code: str, words: list[str]
) -> None:
    store = project(GOOD)
    fill(store, task(2))
    good = Path(store.path).read_bytes()
    log = log_of(store)
    data = content.encode() if isinstance(content, str) else content
    Path(store.path).write_bytes(data)

    error = check_refused(store, data)

    assert error.code == code, words
    assert store.last_good() == good
    assert list(store.journal.since(0)) == log
    Path(store.path).write_bytes(good)
    assert len(whole(store)["master"].entries) == 2
    assert log_of(store) == log


BROKEN = [
    path for path in sorted(CORPUS.glob("*.json"))
    if path.stem in {
        "bom-broken-string", "conflict-markers-huge", "control-character", "cut-off",
        "one-space", "zero-bytes", "unrelated-object",
    }
]  # fmt: skip


@pytest.mark.skipif(not BROKEN, reason="no corpus of real files here")
@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_real_damaged_file_is_left_alone(project: Open, path: Path) -> None:
    error = check_refused(project(path.read_bytes()), path.read_bytes())

    if path.stat().st_size > 20:
        assert "line" in error.message


def test_fifty_megabytes_are_read_and_changed(project: Open) -> None:
    tasks = [{"id": number, "title": "t", "details": "x" * 50_000} for number in range(1, 1001)]
    text = json.dumps({"master": {"tasks": tasks}}, indent=2)
    assert len(text) > 50_000_000
    store = project(text)

    with store.writing(stamp()) as writer:
        writer.put("master", writer.get("master", "500").with_fields({"title": "changed"}))

    found = Path(store.path).read_bytes()
    assert len(found) == len(text) + len("changed") - 1
    assert found.count(b'"title": "changed"') == 1


def test_fifty_megabytes_of_cut_off_text_are_refused(project: Open) -> None:
    entry = json.dumps({"id": 1, "title": "t", "details": "y" * 500}, indent=2)
    content = ('{"tasks": [' + ",\n".join([entry] * 90_000)).encode()
    assert len(content) > 45_000_000
    store = project(content)

    with pytest.raises(CorruptStore) as told, store.reading():
        pass

    assert "cut short" in told.value.message
    assert Path(store.path).read_bytes() == content


@pytest.mark.parametrize("depth", [100, 250, 400, 600, 900, 950, 1500])
def test_deep_values_are_kept_or_refused_but_never_a_bug(project: Open, depth: int) -> None:
    deep = '{"a":[' * depth + "]}" * depth
    store = project('{"master": {"tasks": [{"id": 1, "x": ' + deep + '}, {"id": 2}]}}')
    content = Path(store.path).read_bytes()

    refused = ""
    try:
        fill(store, task(3))
        Path(store.path).write_bytes(Path(store.path).read_bytes().replace(b"[]", b"[5]"))
        with store.reading() as reader:
            assert len(reader.tasks("master")) == 3
        fill(store, task(4))
    except CorruptStore as error:
        refused = error.code
    if refused:
        assert refused == "too-deep"
        assert Path(store.path).read_bytes() in (content, content.replace(b"[]", b"[5]"))
    else:
        assert deep.replace("[]", "[5]").encode() in Path(store.path).read_bytes()
        assert len(log_of(store)) == 3


def test_a_damaged_log_is_named_and_does_not_stop_reading(project: Open) -> None:
    store = project(GOOD)
    fill(store, task(2))
    with Path(store.journal.path).open("ab") as file:
        file.write(b"{broken}\n")
    before = Path(store.path).read_bytes()

    assert len(whole(store)["master"].entries) == 2
    with pytest.raises(CorruptStore) as told:
        fill(store, task(3))
    with pytest.raises(CorruptStore):
        log_of(store)

    assert told.value.code == "corrupt-log"
    assert store.journal.path in told.value.message
    assert Path(store.path).read_bytes() == before
    Path(store.journal.path).unlink()
    fill(store, task(3))
    assert [one.first for one in log_of(store)] == [1]


def test_a_damaged_log_does_not_stop_reading_after_an_edit_by_hand(project: Open) -> None:
    store = project(GOOD)
    fill(store, task(2))
    Path(store.journal.path).write_bytes(b"nonsense\n")
    Path(store.path).write_text(GOOD, encoding="utf-8")

    assert len(whole(store)["master"].entries) == 1


@pytest.mark.parametrize("size", [1, 65_535, 65_536, 65_537, 200_000])
@pytest.mark.parametrize("torn", [b"", b"{", b"x" * 70_000])
def test_lines_longer_than_what_is_read_at_once_are_found(
    project: Open, size: int, torn: bytes
) -> None:
    store = project(GOOD)
    fill(store, task(2, "y" * size))
    fill(store, task(3, "z" * size))
    with Path(store.journal.path).open("ab") as file:
        file.write(torn)

    assert store.journal.last()[0] == 2
    assert [one.first for one in store.journal.since(0)] == [1, 2]
    fill(store, task(4))
    assert [one.first for one in log_of(store)] == [1, 2, 3]


def test_a_log_that_is_only_a_torn_line_begins_anew(project: Open) -> None:
    store = project(GOOD)
    fill(store)
    Path(store.journal.path).write_bytes(b'{"seq":[1,1]')

    fill(store, task(2))

    assert [one.first for one in log_of(store)] == [1]


@pytest.mark.parametrize("left", [b"", b"{", b'{"master": {"tasks": [{"id": 1', b"\x00" * 30])
def test_a_torn_copy_of_what_we_last_saw_loses_no_task(project: Open, left: bytes) -> None:
    store = project(GOOD)
    fill(store, task(2))
    Path(store.home, "log", "base.json").write_bytes(left)

    fill(store, task(3))

    assert [one.id for one in tasks_of(store)] == ["1", "2", "3"]
    assert [one.first for one in log_of(store)][-1] > 1
    assert store.last_good() == Path(store.path).read_bytes()


@pytest.mark.parametrize("left", [b"", b"{", b"null", b"[]", b'{"size": 1}', b"\x00\x00"])
def test_nonsense_where_a_crashed_writer_left_its_note_is_discarded(
    project: Open, left: bytes
) -> None:
    store = project(GOOD)
    fill(store, task(2))
    Path(store.home, "log", "pending.json").write_bytes(left)

    fill(store, task(3))

    assert len(whole(store)["master"].entries) == 3
    assert not Path(store.home, "log", "pending.json").exists()
