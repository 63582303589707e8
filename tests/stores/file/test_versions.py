"""The version of a task file: whatever anybody does to it is in the next one."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from taskmaster.domain.changes import Version, last_number
from taskmaster.errors import CorruptStore, Unavailable
from taskmaster.stores.file import disk
from taskmaster.stores.file.journal import Journal
from taskmaster.stores.file.store import FileStore
from taskmaster.testing.projects import WAIT, fill, log_of, refusal, stamp, task, whole
from taskmaster.testing.serving import KEYS, keep

Open = Callable[[str | bytes], FileStore]
TEXT = '{{"master": {{"tasks": [{{"id": 1, "title": "Task {:04d}", "status": "pending"}}]}}}}'

# Edits of equal size, in the ways in which programs write files; each is told to the other side.
EDITING = """
import os, sys
path, text = sys.argv[1:]
def in_place(new):
    with open(path, "r+", encoding="ascii") as file:
        file.write(new)
def truncating(new):
    with open(path, "w", encoding="ascii") as file:
        file.write(new)
def by_rename(new):
    with open(path + ".editor", "w", encoding="ascii") as file:
        file.write(new)
    os.replace(path + ".editor", path)
def like_git(new):
    os.unlink(path)
    truncating(new)
def keeping_its_time(new):
    before = os.stat(path)
    in_place(new)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
ways = (in_place, truncating, by_rename, like_git, keeping_its_time)
for line in sys.stdin:
    number = int(line)
    ways[number % len(ways)](text.format(number))
    print("done", flush=True)
"""


@contextmanager
def editor(path: str) -> Iterator[Callable[[int], None]]:
    """Another process that edits the file when it is told to, and is waited for."""
    words, pipe = [sys.executable, "-c", EDITING, path, TEXT], subprocess.PIPE
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, encoding="ascii") as process:
        assert process.stdin
        assert process.stdout
        told, said = process.stdin, process.stdout

        def edit(number: int) -> None:
            print(number, file=told, flush=True)
            assert said.readline() == "done\n"

        yield edit
        told.close()
        assert process.wait(WAIT) == 0


def title(store: FileStore) -> object:
    return whole(store)["master"].entries[0]["title"]  # type: ignore[index]


def stamped(monkeypatch: pytest.MonkeyPatch, path: str, moment: int) -> None:
    """Let every look at the file find the same size and time."""
    real = disk.stamp
    monkeypatch.setattr(
        disk,
        "stamp",
        lambda one: (1, 1, 1, moment, moment) if one == path else real(one),
    )


def settle(store: FileStore) -> Version:
    """The version once no file can change any more and look the same."""
    end = time.monotonic() + WAIT
    paths = (store.path, store.journal.path, store.keys)
    while not all(disk.settled(disk.stamp(path)) for path in paths):
        assert time.monotonic() < end
    return store.version()


def test_a_thousand_edits_by_another_process_are_each_in_the_very_next_version(
    project: Open,
) -> None:
    store = project(TEXT.format(0))
    before = store.version()
    with editor(store.path) as edit:
        for number in range(1, 1001):
            edit(number)
            after = store.version()
            assert after.tasks != before.tasks, f"edit {number} was not noticed"
            before = after
    assert title(store) == "Task 1000"


def test_an_edit_is_read_by_whoever_asks_after_it_in_between_or_not(project: Open) -> None:
    store = project(TEXT.format(0))
    with editor(store.path) as edit:
        for number in range(1, 101):
            edit(number)
            if number % 2:
                store.version()
            assert title(store) == f"Task {number:04d}"


@pytest.mark.parametrize("coarse", [False, True])
def test_an_edit_within_one_tick_of_the_file_systems_clock_is_noticed(
    project: Open, monkeypatch: pytest.MonkeyPatch, *, coarse: bool
) -> None:
    """As on a file system that gives every change of a while the same time."""
    store = project(TEXT.format(0))
    moment = 1_700_000_000_000_000_000 + (0 if coarse else 1)
    stamped(monkeypatch, store.path, moment)
    now = [moment]
    monkeypatch.setattr(time, "time_ns", lambda: now[0])
    length = (2_500 if coarse else 100) * 1_000_000

    def edited(number: int) -> None:
        Path(store.path).write_text(TEXT.format(number), encoding="ascii")

    found = store.version()
    edited(1)
    assert store.version() != found
    found = store.version()
    edited(2)
    now[0] += length + 1  # From now on a change would have another time.
    assert store.version() != found
    found = store.version()
    assert store.version() == found
    assert title(store) == "Task 0002"


def test_a_file_whose_time_is_still_to_come_is_never_taken_for_granted(
    project: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = project(TEXT.format(0))
    moment = 1_700_000_000_000_000_001
    stamped(monkeypatch, store.path, moment)
    monkeypatch.setattr(time, "time_ns", lambda: moment - 3_600_000_000_000)
    store.version()
    for number in (1, 2, 3):
        Path(store.path).write_text(TEXT.format(number), encoding="ascii")
        assert title(store) == f"Task {number:04d}"


def test_a_file_at_rest_is_not_read_again(project: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    store = project(TEXT.format(0))
    fill(store, task(2))
    keep(store, KEYS)
    whole(store)
    found = settle(store)
    opened: list[object] = []
    monkeypatch.setattr(disk, "read", opened.append)

    for _ in range(3):
        assert store.version() == found
        with store.reading() as reader:
            assert reader.get("master", "2") == task(2)

    assert opened == []


def test_a_file_that_says_the_same_is_not_parsed_again(project: Open) -> None:
    store = project(TEXT.format(0))
    fill(store, task(2))
    parsed = store._file.settled()[1]
    text = Path(store.path).read_text(encoding="ascii")
    Path(store.path).write_text(text, encoding="ascii")

    assert store._file.settled()[1] is parsed


def test_what_readers_have_is_not_altered_by_writers_who_come_after(project: Open) -> None:
    store = project(TEXT.format(0))
    fill(store, task(1, "one", subtasks=[{"id": 1, "title": "step"}]), task(2), task(3))
    with store.reading() as reader:
        tasks, nodes = reader.tasks("master"), dict(reader.nodes("master"))
        said = json.dumps([one.doc for one in tasks])
        with store.writing(stamp()) as writer:
            writer.put("master", writer.get("master", "2").with_fields({"title": "changed"}))
            step = writer.get("master", "1").subtasks[0].with_fields({"status": "done"})
            writer.put("master", writer.get("master", "1").with_subtask(step))
            writer.remove("master", "3")
            writer.put("master", task(9), place=0)
            assert list(writer.nodes("master")) == ["9", "1", "1.1", "2"]
        assert json.dumps([one.doc for one in tasks]) == said
        assert [one.id for one in reader.tasks("master")] == ["1", "2", "3"]
        assert reader.get("master", "3").title == "Task 3"
        assert dict(reader.nodes("master")) == nodes
    with store.reading() as reader:
        assert [one.id for one in reader.tasks("master")] == ["9", "1", "2"]
        assert reader.get("master", "1").subtasks[0].status == "done"
        assert list(reader.nodes("master")) == ["9", "1", "1.1", "2"]


def test_a_log_line_that_is_finished_gives_another_version(project: Open) -> None:
    store = project(TEXT.format(0))
    fill(store, task(2))
    line = Path(store.journal.path).read_bytes().splitlines()[-1]
    store.journal.reserve(line)
    before = store.version()

    store.journal.finish()

    assert store.version().tasks != before.tasks


def test_what_the_system_refuses_is_told_by_the_version_too(
    project: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = project(TEXT.format(0))

    def refuse(path: str) -> None:
        raise OSError(errno.EIO, "Input/output error", path)

    monkeypatch.setattr(os, "stat", refuse)

    assert refusal(Unavailable, store.version).code == "disk-error"


class TestKeys:
    @pytest.fixture
    def store(self, project: Open) -> FileStore:
        return project(TEXT.format(0))

    @pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
    def test_only_the_owner_may_read_them(self, store: FileStore) -> None:
        before = os.umask(0)
        try:
            keep(store, KEYS)
            keep(store, {"k9": {}})
        finally:
            os.umask(before)
        assert Path(store.keys).stat().st_mode & 0o777 == 0o600

    def test_version_control_passes_over_them_also_in_an_older_project(
        self, store: FileStore
    ) -> None:
        rules = Path(store.home, ".gitignore")
        rules.write_text("# Kept by tamp for this machine only.\nlog/\nmine\n", encoding="ascii")
        keep(store, KEYS)
        for command in (["git", "init", "-q"], ["git", "add", "-A"]):
            subprocess.run(command, cwd=store.home, check=True)
        listed = subprocess.check_output(["git", "ls-files"], cwd=store.home, encoding="ascii")
        assert listed.split() == [".gitignore", "tasks/tasks.json"]
        assert rules.read_text(encoding="ascii").startswith(
            "# Kept by tamp for this machine only.\nlog/\nmine\n"
        )

    @pytest.mark.parametrize(
        "content", [b"", b'{"k1": {"hash"', b"[]", b'{"k1": 1}', b"\xff\xfe", b"[" * 100_000]
    )
    def test_a_damaged_file_is_refused_and_left_as_it_is(
        self, store: FileStore, content: bytes
    ) -> None:
        keep(store, KEYS)
        Path(store.keys).write_bytes(content)
        for look in (store.keyring().entries, lambda: keep(store, KEYS)):
            told = refusal(CorruptStore, look)
            assert told.code == "corrupt-keys"
            assert store.keys in told.message
            assert told.hint
        assert Path(store.keys).read_bytes() == content
        fill(store, task(2))

    def test_where_it_breaks_off_is_told(self, store: FileStore) -> None:
        keep(store, KEYS)
        Path(store.keys).write_text('{\n  "k1": {"hash"', encoding="ascii")
        assert "line 2, column" in refusal(CorruptStore, store.keyring().entries).message

    def test_they_are_there_when_the_tasks_cannot_be_read(self, store: FileStore) -> None:
        keep(store, KEYS)
        Path(store.path).write_text("<<<<<<< ours", encoding="ascii")
        assert dict(store.keyring().entries()) == KEYS
        keep(store, {"k9": {}})

    def test_a_writer_that_died_leaves_the_keys_as_they_were(self, store: FileStore) -> None:
        keep(store, KEYS)
        Path(f"{store.keys}.new").write_bytes(b'{"half')
        assert dict(store.keyring().entries()) == KEYS
        keep(store, {"k9": {}})
        assert len(store.keyring().entries()) == 3
        assert not Path(f"{store.keys}.new").exists()


def test_a_long_log_is_not_read_from_its_beginning(project: Open) -> None:
    store = project(TEXT.format(0))
    for number in range(12):
        fill(store, task(2, f"{number} " * 10_000), task(3, f"{number}"))
    log = log_of(store)
    last = last_number(log[-1])

    assert Path(store.journal.path).stat().st_size > 3 * (1 << 16)
    for number in range(last + 2):
        wanted = [one for one in log if last_number(one) > number]
        assert list(store.journal.since(number)) == wanted
    whole_log = Path(store.journal.path).read_bytes()
    begin = whole_log.index(b"\n") + 1
    Path(store.journal.path).write_bytes(b"x" * (begin - 1) + whole_log[begin - 1 :])
    assert list(Journal(store.journal.path).since(last - 1)) == log[-1:]
    refusal(CorruptStore, lambda: list(Journal(store.journal.path).since(0)))
