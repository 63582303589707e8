"""Every task file that real projects have left behind, through the everyday commands."""

from __future__ import annotations

import gc
import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from taskmaster.cli.main import main

REPOSITORY = Path(__file__).parents[2]
CORPUS = Path(os.environ.get("TAMP_CORPUS", REPOSITORY.parent / "shared" / "corpus"))
FILES = sorted(CORPUS.glob("tasks/*.json"))
LAYOUTS = sorted(path for path in CORPUS.glob("legacy/*") if path.is_dir())
FOLLOWING = re.compile(
    rb'"(updated|lastModified)"\s*:\s*"[^"]*"|"(taskCount|completedCount)"\s*:\s*\d+'
)
MAY_DIFFER = {"status", "updatedAt", "updated", "lastModified", "taskCount", "completedCount"}
ELSEWHERE = ("TAMP_TAG", "TASKMASTER_TAG", "TAMP_PROJECT", "TASK_MASTER_PROJECT_ROOT")

pytestmark = pytest.mark.skipif(not FILES, reason="the collection of real files is not here")


class Files:
    """A copy of a file in a project of its own, and the command in it."""

    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.path = path
        self._capsys = capsys

    def run(self, *words: str) -> tuple[int, str, str]:
        self._capsys.readouterr()
        try:
            code = main(words)
        finally:
            gc.enable()
        return code, *self._capsys.readouterr()

    def json(self, *words: str) -> dict[str, Any]:
        code, out, err = self.run(*words, "--json")
        assert code == 0, (words, out, err)
        found: dict[str, Any] = json.loads(out)
        return found

    def first_ids(self) -> dict[str, str]:
        """The first task of each tag that has one."""
        listed = self.json("list", "--all-tags")["tasks"]
        return {one["tagName"]: one["id"] for one in reversed(listed)}


@pytest.fixture
def files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Files:
    for name in ELSEWHERE:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TAMP_DEBUG", "1")  # A bug ends the test with its traceback.
    monkeypatch.chdir(tmp_path)
    path = tmp_path / ".taskmaster" / "tasks" / "tasks.json"
    path.parent.mkdir(parents=True)
    return Files(path, capsys)


def parsed(data: bytes) -> object:
    """What the file says; None when it is no JSON."""
    try:
        found: object = json.loads(data.decode("utf-8-sig"))
    except ValueError:
        return None
    return found


def is_readable(data: bytes) -> bool:
    """Whether there is a task list in it, or room for one; told without our own reader."""
    found = parsed(data)
    return isinstance(found, list) or (
        isinstance(found, dict) and (not found or any(map(holds_tasks, found.values())))
    )


def holds_tasks(value: object) -> bool:
    return isinstance(value, list) or (isinstance(value, dict) and "tasks" in value)


def named(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("source", paths, ids=[path.stem for path in paths])


@named([path for path in FILES if is_readable(path.read_bytes())])
def test_a_readable_file_goes_through_the_everyday_commands(files: Files, source: Path) -> None:
    shutil.copyfile(source, files.path)
    firsts = files.first_ids()

    for tag, one in firsts.items():
        for words in (("list",), ("list", "all"), ("next",), ("next", "--compat"),
                      ("show", one), ("why", one)):  # fmt: skip
            assert files.run(*words, "--tag", tag)[0] == 0, words
        listed = files.json("list", "--tag", tag)
        assert listed["metadata"]["total"] == len(listed["tasks"])
        assert files.json("show", one, "--tag", tag)["task"]["id"] == one
        assert files.run("validate-dependencies", "--tag", tag)[0] in (0, 4)
    for words in (("history",), ("tags",), ("doctor",)):
        assert files.run(*words)[0] in (0, 4, 6), words

    assert files.path.read_bytes() == source.read_bytes()


@named([path for path in FILES if not is_readable(path.read_bytes())])
def test_an_unreadable_file_is_explained_and_never_written(files: Files, source: Path) -> None:
    shutil.copyfile(source, files.path)

    for words in (("list",), ("next",), ("show", "1"), ("why", "1"), ("validate-dependencies",),
                  ("set-status", "1", "done"), ("add-task", "New"), ("edit", "1", "--title=x"),
                  ("remove-task", "1", "--yes"), ("undo",)):  # fmt: skip
        code, out, err = files.run(*words)
        assert (code, out) == (6, ""), words
        assert re.search(r" line \d+|is empty|no task list", err), err
        assert "hint:" in err

    assert files.path.read_bytes() == source.read_bytes()


def differences(one: object, other: object, key: str = "") -> Iterator[str]:
    """The keys whose values differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in {**one, **other}:
            yield from differences(one.get(name), other.get(name), name)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for before, after in zip(one, other, strict=True):
            yield from differences(before, after, key)
    elif one != other:
        yield key


def changed_lines(before: bytes, after: bytes) -> Counter[bytes]:
    """Lines that one has and the other has not, but for their commas."""
    old, new = (Counter(line.strip().rstrip(b",") for line in text.split(b"\n"))
                for text in (before, after))  # fmt: skip
    return (old - new) + (new - old)


@named([path for path in FILES if is_readable(path.read_bytes())])
def test_a_status_changes_its_own_lines_and_undo_restores_the_bytes(
    files: Files, source: Path
) -> None:
    shutil.copyfile(source, files.path)
    for tag, one in files.first_ids().items():
        before = files.path.read_bytes()
        status = files.json("show", one, "--tag", tag)["task"]["status"]
        other = "blocked" if status == "review" else "review"

        moved = files.json("set-status", one, other, "--tag", tag)["updatedTasks"]

        assert moved == [{"taskId": one, "oldStatus": status, "newStatus": other}]
        after = files.path.read_bytes()
        assert set(differences(parsed(before), parsed(after))) <= MAY_DIFFER
        assert changed_lines(before, after).total() <= 2 * len(MAY_DIFFER)
        files.json("undo")
        assert FOLLOWING.sub(b"", files.path.read_bytes()) == FOLLOWING.sub(b"", before)


@named(LAYOUTS)
def test_an_older_layout_is_found_or_explained(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: Path
) -> None:
    folder = tmp_path / "older"
    shutil.copytree(source, folder)
    monkeypatch.chdir(folder)

    code, out, err = files.run("list")

    assert code in (0, 6), err
    assert "Traceback" not in out + err
    if code == 0:
        assert "0 of 0" not in out
        assert files.run("next")[0] == 0
