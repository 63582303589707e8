"""backup and restore as they are typed."""

from __future__ import annotations

import gzip
import io
import json
import shutil
from pathlib import Path

import pytest
from tests.surfaces.cli.typed import Typed, typed_in
from tests.usecases.conftest import task


@pytest.fixture
def tamp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Typed:
    tamp = typed_in(tmp_path, monkeypatch, capsys)
    tamp.holds(task(1), task(2))
    return tamp


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_copy_is_kept_and_its_place_printed(tamp: Typed) -> None:
    said = tamp.process("backup")

    assert said.code == 0
    assert Path(said.out.strip()).read_bytes() == tamp.file.read_bytes()
    listed = tamp("backup", "--list", "--json").json["backups"]
    assert [(one["why"], one["path"]) for one in listed] == [("manual", said.out.strip())]


def test_no_copies_is_a_sentence(tamp: Typed) -> None:
    assert "no copies are kept yet" in tamp("restore", "--list").out
    assert tamp.refuses("restore", "--yes").error["code"] == "no-copy"


def test_a_copy_is_brought_back_by_name_or_path(tamp: Typed) -> None:
    path = tamp("backup").out.strip()
    before = tamp.file.read_bytes()
    for name in (path, Path(path).name):
        tamp("remove-task", "2", "--yes")

        said = tamp("restore", name, "--yes", "--json")

        assert said.json["changes"]["added"] == 1
        assert said.json["success"] is True
        assert tamp.file.read_bytes() == before
    assert tamp.operations() == ["remove-task", "restore"] * 2


def test_what_would_change_is_shown_first(tamp: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    tamp("backup")
    tamp("add-task", "Third")
    before = tamp.file.read_bytes()

    assert "takes away 1" in tamp("restore", "--dry-run").out
    assert tamp.refuses("restore").error["code"] == "needs-yes"
    monkeypatch.setattr("sys.stdin", Terminal("\n"))
    said = tamp("restore")
    assert (said.code, said.out) == (0, "nothing was changed\n")
    assert "takes away 1" in said.err
    assert tamp.file.read_bytes() == before

    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    assert "it takes away 1" in tamp("restore").out
    assert [one["id"] for one in tamp.read()["master"]["tasks"]] == [1, 2]


@pytest.mark.parametrize("broken", ["", "<<<<<<< HEAD\n", '{"master"', None])
def test_a_broken_or_lost_file_gets_its_last_good_content_back(
    tamp: Typed, broken: str | None
) -> None:
    tamp("add-task", "Third")
    good = tamp.file.read_bytes()
    if broken is None:
        tamp.file.unlink()
    else:
        tamp.file.write_text(broken, encoding="utf-8")

    said = tamp("restore", "--yes")

    assert said.code == 0
    assert said.out.startswith("restored last-good: it changes no task")
    assert tamp.file.read_bytes() == good
    assert ("-broken.json" in said.out) is bool(broken)


def test_a_broken_file_is_kept_as_it_is(tamp: Typed) -> None:
    tamp.file.write_text("{", encoding="utf-8")

    said = tamp("backup")

    assert "cannot be read" in said.err
    assert Path(said.out.strip()).read_text(encoding="utf-8") == "{"


def test_an_unknown_copy_is_not_found(tamp: Typed) -> None:
    said = tamp.refuses("restore", "tasks-20260101T000000Z-auto.json", "--yes")

    assert (said.code, said.error["code"]) == (3, "not-found")


def test_the_newest_a_named_and_each_copy_can_be_verified(tamp: Typed) -> None:
    first = Path(tamp("backup").out.strip())
    tamp("add-task", "Third")
    second = Path(tamp("backup").out.strip())

    newest = tamp("backup", "--verify")
    assert (newest.code, newest.out) == (0, f"{second.name} can be restored: 3 tasks\n")
    assert "2 tasks" in tamp("backup", "--verify", first.name).out
    assert str(first) in tamp("backup", f"--verify={first}").out
    # What the first change has replaced was kept by itself.
    found = tamp("backup", "--verify=all", "--json").json
    assert [(one["name"], one["tasks"]) for one in found["backups"]][:2] == [
        (second.name, 3), (first.name, 2)
    ]  # fmt: skip
    assert found["success"] is True


def test_a_damaged_copy_ends_with_six_and_is_named(tamp: Typed) -> None:
    first = Path(tamp("backup").out.strip())
    tamp("add-task", "Third")
    second = Path(tamp("backup").out.strip())
    second.write_bytes(second.read_bytes()[:-10])

    said = tamp("backup", "--verify")
    assert said.code == 6
    assert f"{second.name} CANNOT be restored" in said.out
    assert "line" in said.out
    assert tamp("backup", "--verify", first.name).code == 0
    every = tamp("backup", "--verify=all", "--json")
    assert every.code == 6
    assert [one["success"] for one in every.json["backups"]][:2] == [False, True]
    assert every.json["backups"][0]["error"]["code"] == "not-json"


def test_nothing_to_verify_is_not_found(tamp: Typed) -> None:
    for name in ("--verify", "--verify=all", "--verify=nothing"):
        assert tamp.refuses("backup", name).code == 3
    tamp.file.write_text("{", encoding="utf-8")
    tamp("backup")  # A broken file is no copy that anybody could restore.
    assert tamp("backup", "--verify").code == 3


def test_a_dump_with_the_whole_history_is_written_where_one_likes(
    tamp: Typed, tmp_path: Path
) -> None:
    tamp("add-task", "Third")
    path = tmp_path / "copy.jsonl.gz"

    said = tamp("backup", "--output=copy.jsonl.gz")

    assert said.out == f"{path} can be restored: 3 tasks, 1 change\n"
    lines = gzip.decompress(path.read_bytes()).splitlines()
    assert json.loads(lines[0])["project"] == tmp_path.name
    again = tamp.refuses("backup", "--output=copy.jsonl.gz")
    assert (again.code, again.error["code"]) == (5, "file-exists")
    assert tamp("backup", "--output=copy.jsonl.gz", "--force", "--json").json["holds"] == {
        "tags": 1, "tasks": 3, "changes": 1, "history": "partial"
    }  # fmt: skip
    assert not list((tmp_path / ".taskmaster" / "backups").glob("*manual*"))


def test_the_file_itself_can_be_written_elsewhere_too(tamp: Typed, tmp_path: Path) -> None:
    assert "2 tasks" in tamp("backup", "--output=copy.json").out
    assert (tmp_path / "copy.json").read_bytes() == tamp.file.read_bytes()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--output=copy.txt",), 2),
        (("--output=copy.db",), 2),
        (("--output=nowhere/copy.jsonl",), 3),
        (("--output=.taskmaster/tasks/tasks.json", "--force"), 4),
        (("--list", "--verify"), 2),
        (("--every=1h", "--output=x.jsonl"), 2),
        (("--every=soon",), 2),
        (("--every=0s",), 2),
        (("--keep=-1",), 2),
        (("--keep=3", "--verify"), 2),
        (("--keep-days=3", "--list"), 2),
        (("--native", "--output=x.jsonl"), 2),
        (("--force",), 2),
    ],
)
def test_what_makes_no_sense_is_refused(tamp: Typed, words: tuple[str, ...], code: int) -> None:
    assert tamp("backup", *words, "--json").code == code


def test_old_copies_are_let_go_only_when_asked(tamp: Typed) -> None:
    for title in ("A", "B", "C", "D"):
        tamp("backup")
        tamp("add-task", title)
    tamp("restore", "latest", "--yes")
    before = tamp("backup", "--list", "--json").json["backups"]

    said = tamp("backup", "--keep=2", "--json").json

    after = tamp("backup", "--list", "--json").json["backups"]
    assert len(said["removed"]) == len(before) + 1 - len(after) > 0
    assert [one["why"] for one in after] == ["manual", "before-restore", "manual"]
    assert tamp("backup", "--keep-days=1", "--json").json["removed"] == []
    assert "let go of 3 older copies" in tamp("backup", "--keep=1").out


@pytest.mark.parametrize("name", ["copy.jsonl", "copy.jsonl.gz", "copy.json", "copy-of-tasks"])
def test_a_copy_from_anywhere_is_brought_back(tamp: Typed, tmp_path: Path, name: str) -> None:
    if name == "copy-of-tasks":
        (tmp_path / name).write_bytes(tamp.file.read_bytes())
    else:
        tamp("backup", f"--output={name}")
    before = tamp.read()
    tamp("add-task", "Third")
    tamp("set-status", "1", "done")

    dry = tamp("restore", name, "--dry-run")
    assert dry.out.splitlines() == [
        f"restoring {name} takes away 1, changes 1 (tasks and subtasks)", "nothing was changed"
    ]  # fmt: skip
    said = tamp("restore", name, "--yes", "--json").json

    assert tamp.read() == before
    assert said["changes"]["removed"] == 1
    assert said["transaction"] == 3
    assert "history" not in said
    assert tamp.operations() == ["add-task", "set-status", "restore"]
    tamp("undo")
    assert len(tamp.read()["master"]["tasks"]) == 3


def test_a_project_begins_anew_from_a_dump_with_its_whole_history(
    tamp: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tamp("add-task", "Third")
    tamp("set-status", "3", "done")
    before = tamp.read()
    history = tamp("history", "--json").json
    tamp("backup", "--output=copy.jsonl.gz")
    for made in (True, False):
        folder = tmp_path / f"new-{made}"
        folder.mkdir()
        monkeypatch.chdir(folder)
        if made:
            tamp("init", "--yes")
        else:
            (folder / ".taskmaster" / "tasks").mkdir(parents=True)

        dry = tamp("restore", "../copy.jsonl.gz", "--dry-run")
        said = tamp("restore", "../copy.jsonl.gz", "--yes")

        assert "brings back 3" in dry.out
        assert "with the history of 2 changes" in dry.out
        assert said.out.splitlines()[-1] == "the next change will be number 3"
        file = folder / ".taskmaster" / "tasks" / "tasks.json"
        assert json.loads(file.read_bytes()) == before
        assert tamp("history", "--json").json == history
        assert tamp("undo").out.startswith("took back 2: set-status")
        assert json.loads(file.read_bytes())["master"]["tasks"][2]["status"] == "pending"


def test_a_clone_without_its_task_file_gets_the_history_too(tamp: Typed, tmp_path: Path) -> None:
    tamp("add-task", "Third")
    tamp("backup", "--output=copy.jsonl.gz")
    shutil.rmtree(tmp_path / ".taskmaster" / "log")
    assert "history" not in tamp("restore", "copy.jsonl.gz", "--dry-run").out
    tamp.file.unlink()

    assert tamp("restore", "copy.jsonl.gz", "--yes").code == 0

    assert len(tamp.read()["master"]["tasks"]) == 3
    assert tamp.operations() == ["add-task"]


def test_a_cut_dump_is_refused_with_its_line_and_changes_nothing(
    tamp: Typed, tmp_path: Path
) -> None:
    tamp("backup", "--output=copy.jsonl")
    path = tmp_path / "copy.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))

    said = tamp.refuses("restore", "copy.jsonl", "--yes")
    assert (said.code, said.error["code"]) == (6, "corrupt-dump")
    assert "line 5" in said.error["message"]
    assert tamp("backup", "--verify=copy.jsonl").code == 6
