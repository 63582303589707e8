"""How the command behaves among other programs, on terminals and in checkouts."""

from __future__ import annotations

import io
import os
import pty
import signal
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.surfaces.cli.conftest import (
    WAIT,
    Project,
    Tamp,
    command,
    environ,
    process,
    step,
    task,
)

from taskmaster.domain.changes import Actor, Stamp
from taskmaster.errors import Conflict
from taskmaster.stores.file.store import FileStore

MANY = 5000
HOSTILE = "Title \x1b[31mred\x1b]0;owned\x07 \u202ereversed\x00 \x9b2J"
SIGNS = ("\x1b", "\x07", "\u202e", "\x00", "\x9b")


def started(folder: Path, *words: str, **more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *words],
        cwd=folder,
        env=environ(**more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def store_of(project: Project) -> FileStore:
    return FileStore(str(project.file), str(project.folder / ".taskmaster"))


@pytest.fixture
def held(project: Project) -> Iterator[None]:
    """Another writer holds the project for the whole test."""
    store = store_of(project)
    handle = store.lock(
        Stamp(Actor("bob", "person", ""), "test", "hold", "", "2026-01-01T00:00:00.000Z")
    )
    yield
    store.unlock(handle)


# Says so on standard output when it begins to wait, which it does by sleeping between tries.
WAITING = """
import sys, time
from taskmaster.cli.main import main

def announced(seconds, sleep=time.sleep):
    sys.stdout.write("waiting\\n")
    sys.stdout.flush()
    time.sleep = sleep
    sleep(seconds)

time.sleep = announced
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.usefixtures("held")
def test_interrupting_a_command_that_waits_ends_it_quietly(project: Project) -> None:
    before = project.file.read_bytes()
    with started(project.folder, "-c", WAITING, "set-status", "2", "done") as waiting:
        assert waiting.stdout is not None
        assert waiting.stdout.readline() == "waiting\n"

        waiting.send_signal(signal.SIGINT)
        out, err = waiting.communicate(timeout=WAIT)

    assert (waiting.returncode, out, err) == (130, "", "")
    assert project.file.read_bytes() == before


@pytest.mark.usefixtures("held")
def test_reading_does_not_wait_for_a_writer(project: Project) -> None:
    for words in (("list",), ("next",), ("show", "3"), ("why", "3"), ("history",)):
        said = process(project.folder, *words)
        assert said.code == 0, said


@pytest.mark.parametrize("flag", ["--json", "--compact", "--no-header"])
def test_a_reader_that_has_seen_enough_is_no_trouble(project: Project, flag: str) -> None:
    project.write(*[task(number) for number in range(1, MANY + 1)])
    with started(project.folder, "-m", "taskmaster", "list", flag) as listing:
        assert listing.stdout is not None
        assert listing.stderr is not None

        assert listing.stdout.read(1)
        listing.stdout.close()

        assert listing.stderr.read() == ""
        assert listing.wait(WAIT) == 141


def on_a_terminal(folder: Path, *words: str, **more: str) -> str:
    """What a terminal is told."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*command(), *words],
        cwd=folder,
        env=environ(TERM="xterm-256color", **more),
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    ) as running:
        os.close(theirs)
        found = b""
        with os.fdopen(ours, "rb", buffering=0) as terminal:
            try:
                while piece := terminal.read(65536):
                    found += piece
            except OSError:
                pass  # The other side is gone.
        assert running.wait(WAIT) == 0
    return found.decode()


def test_a_terminal_gets_colours_unless_told_otherwise(project: Project) -> None:
    assert "\x1b[" in on_a_terminal(project.folder, "list")
    assert "\x1b[" not in on_a_terminal(project.folder, "list", NO_COLOR="1")
    assert "\x1b[" not in on_a_terminal(project.folder, "list", "--json")


def test_a_pipe_gets_no_colours(project: Project) -> None:
    for words in (("list",), ("show", "3"), ("next",), ("history",), ("help",)):
        said = process(project.folder, *words, TERM="xterm-256color")
        assert "\x1b" not in said.out + said.err


def test_no_text_of_a_task_can_command_the_terminal(project: Project) -> None:
    steps = [step(1, title=HOSTILE, status=HOSTILE, dependencies=[HOSTILE])]
    odd = {HOSTILE: HOSTILE, "metadata": {HOSTILE: [HOSTILE]}, "assignee": HOSTILE}
    texts = dict.fromkeys(("title", "description", "details", "testStrategy"), HOSTILE)
    project.write(
        task(1, **texts, **odd, labels=[HOSTILE], acceptanceCriteria=[HOSTILE], dueDate=HOSTILE),
        task(2, **texts, dependencies=[1], subtasks=steps),
        task(3, **texts, status=HOSTILE),
        **{f"tag{HOSTILE}": [task(1)]},
    )
    actor = {"TAMP_ACTOR": HOSTILE.replace("\x00", ""), "TAMP_SESSION": "s"}

    for words in (
        ("list", "all"), ("list", "--compact"), ("list", "--all-tags"), ("show", "1-3,2.1"),
        ("next",), ("why", "2"), ("why", "1"), ("set-status", "1,2.1", "done"),
        ("edit", "1", "--note", "x\x1b[2J"), ("edit", "1", "--assignee", "x\x1b[2J"),
        ("add-task", "x\x1b[2J"), ("remove-task", "2.1"), ("show", "9\x1b[2J"), ("x\x1b[2J",),
        ("history",), ("history", "1"), ("undo",),
    ):  # fmt: skip
        said = process(project.folder, *words, **actor)
        assert said.code in (0, 2, 3), said
        found = [sign for sign in SIGNS if sign in said.out + said.err]
        assert not found, (words, said)


def columns(line: str) -> int:
    return sum(
        0 if unicodedata.combining(one) else 2 if unicodedata.east_asian_width(one) in "WF" else 1
        for one in line
    )


WIDE = "設定ファイルを読み込んで検証し、誤りを利用者に示す処理を書く" * 3


@pytest.mark.parametrize("width", [60, 80, 120])
def test_wide_characters_keep_to_the_columns(project: Project, width: int) -> None:
    project.write(
        task(1, title=WIDE), task(2, title=WIDE, dependencies=[1]), task(3, title="e\u0301" * 90)
    )

    said = process(project.folder, "list", "--no-header", COLUMNS=str(width))

    assert all(columns(line) <= width for line in said.lines), said.out
    assert [line.count("…") for line in said.lines] == [1, 1, int(width < 120)]
    assert said.lines[1].endswith("after 1")


def test_a_narrow_screen_shows_ids_statuses_and_the_beginning_of_titles(project: Project) -> None:
    said = process(project.folder, "list", "all", COLUMNS="40")

    assert said.code == 0
    for line, start in zip(said.lines[1:], ("  1", "  2", "  3", "3.1", "3.2"), strict=True):
        assert line.startswith(start)
        assert "Task" in line or "Step" in line


@pytest.mark.parametrize("width", ["0", "-5", "wide", "1"])
def test_a_screen_of_no_width_breaks_nothing(project: Project, width: str) -> None:
    assert process(project.folder, "list", COLUMNS=width).code == 0


def test_an_endless_title_takes_no_time_to_cut(project: Project) -> None:
    project.write(task(1, title="設" * 300_000))

    said = process(project.folder, "list", COLUMNS="80")

    assert len(said.lines[1]) < 80


def test_text_that_the_encoding_cannot_hold_is_no_trouble(project: Project) -> None:
    project.write(task(1, title="naïve – ✓ 設定"))

    said = process(project.folder, "list", PYTHONIOENCODING="ascii", LANG="C")

    assert said.code == 0
    assert r"na\xefve" in said.out


def test_half_a_character_is_still_json(project: Project, tamp: Tamp) -> None:
    project.write(task(1))
    text = project.file.read_text(encoding="utf-8").replace("Task 1", r"half \ud83d")
    project.file.write_text(text, encoding="utf-8")

    assert tamp("list", "--json").json["tasks"][0]["title"] == "half \ud83d"
    assert tamp("list").code == 0
    assert tamp("set-status", "1", "done").code == 0
    assert r"half \ud83d" in project.file.read_text(encoding="utf-8")


def test_a_project_is_found_from_any_folder_in_it(project: Project) -> None:
    deep = project.folder / "src" / "deep" / "er"
    deep.mkdir(parents=True)

    assert process(deep, "set-status", "2", "done").code == 0
    assert project.read()["2"]["status"] == "done"
    assert not (deep / ".taskmaster").exists()


def test_the_folders_of_the_project_itself_belong_to_it(project: Project) -> None:
    """Another place for lock and log would mean two writers at once."""
    for folder in (project.file.parent, project.file.parents[1], project.folder):
        assert process(folder, "add-task", "New").code == 0

    assert [entry["changes"][0]["task"] for entry in project.log()] == ["4", "5", "6"]
    assert not (project.file.parents[1] / ".taskmaster").exists()


@pytest.mark.parametrize("place", [".taskmaster/tasks/tasks.json", "tasks/tasks.json"])
def test_a_file_and_its_project_share_lock_and_log(
    project: Project, elsewhere: Path, place: str
) -> None:
    file = elsewhere / place
    file.parent.mkdir(parents=True)
    file.write_bytes(project.file.read_bytes())

    assert process(elsewhere, "set-status", "2", "review").code == 0
    assert process(elsewhere, "set-status", "2", "done", "--file", place).code == 0
    assert process(file.parent, "set-status", "2", "pending", "-f", "tasks.json").code == 0

    shown = process(elsewhere, "history", "--json").json
    assert [one["op"] for one in shown["transactions"]] == ["set-status"] * 3
    assert len(list(elsewhere.rglob("changes.jsonl"))) == 1


def test_a_project_can_be_named_from_anywhere(project: Project, elsewhere: Path) -> None:
    folder, file = str(project.folder), str(project.file)

    for words in (("-p", folder), ("--project", folder), ("-f", file), ("--file", file)):
        assert process(elsewhere, *words, "next").code == 0
        assert process(elsewhere, "next", *words).code == 0
    for name in ("TAMP_PROJECT", "TASK_MASTER_PROJECT_ROOT"):
        assert process(elsewhere, "next", **{name: folder}).code == 0
        assert process(elsewhere, "next", **{name: str(elsewhere)}).code == 3


def git(folder: Path, *words: str) -> None:
    names = {f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER")
             for what in ("NAME", "EMAIL")}  # fmt: skip
    subprocess.run(
        ["git", *words],
        cwd=folder,
        env=environ(**names, HOME=str(folder), GIT_CONFIG_NOSYSTEM="1"),
        check=True,
        capture_output=True,
        timeout=WAIT,
    )


@pytest.fixture
def worktree(project: Project) -> Path:
    """A linked worktree of the project's repository, which does not hold the tasks."""
    git(project.folder, "init", "--quiet")
    (project.folder / ".gitignore").write_text(".taskmaster/\n", encoding="utf-8")
    git(project.folder, "add", ".gitignore", "prd.md")
    git(project.folder, "commit", "--quiet", "--message", "Begin")
    linked = project.folder.parent / "linked"
    git(project.folder, "worktree", "add", "--quiet", str(linked))
    return linked


def test_a_linked_worktree_shares_the_tasks_of_its_repository(
    project: Project, worktree: Path
) -> None:
    inside = worktree / "src"
    inside.mkdir()

    assert process(inside, "set-status", "2", "done").code == 0
    assert project.read()["2"]["status"] == "done"
    assert not (worktree / ".taskmaster").exists()


def test_every_worktree_has_its_own_current_tag(project: Project, worktree: Path) -> None:
    assert process(worktree, "tags", "use", "other").code == 0

    assert process(worktree, "next", "--json").json["tag"] == "other"
    assert process(project.folder, "next", "--json").json["tag"] == "master"
    assert process(worktree, "next", "--json", TAMP_TAG="master").json["tag"] == "master"


def test_the_tag_is_the_one_named_then_the_one_around_then_the_current(project: Project) -> None:
    assert process(project.folder, "tags", "use", "other").code == 0

    assert process(project.folder, "next", "--json").json["tag"] == "other"
    assert process(project.folder, "next", "--json", TAMP_TAG="master").json["tag"] == "master"
    said = process(project.folder, "next", "--json", "--tag=other", TAMP_TAG="master")
    assert said.json["tag"] == "other"


@pytest.mark.parametrize(
    ("around", "expected"),
    [
        ({}, {"name": "ann", "kind": "person"}),
        ({"TAMP_ACTOR": "bob"}, {"name": "bob", "kind": "person"}),
        ({"CLAUDECODE": "1"}, {"name": "claude-code", "kind": "agent"}),
        ({"CLAUDECODE": "1", "TAMP_ACTOR": "w-7"}, {"name": "w-7", "kind": "agent"}),
        (
            {"TAMP_ACTOR": "ci", "TAMP_ACTOR_KIND": "system", "TAMP_SESSION": "42"},
            {"name": "ci", "kind": "system", "session": "42"},
        ),
        ({"TAMP_ACTOR_KIND": "nonsense"}, {"name": "ann", "kind": "person"}),
    ],
)
def test_the_log_says_who_it_was(
    project: Project, around: dict[str, str], expected: dict[str, str]
) -> None:
    assert process(project.folder, "set-status", "2", "done", **around).code == 0

    (entry,) = project.log()
    assert (entry["actor"], entry["via"], entry["op"]) == (expected, "cli", "set-status")


def test_text_from_standard_input_is_there_when_the_command_is_tried_again(
    project: Project, monkeypatch: pytest.MonkeyPatch, tamp: Tamp
) -> None:
    """Another program writes at the very moment of the first try."""
    write, failures = FileStore.write, [Conflict("just now", code="changed-meanwhile")]

    def once_in_vain(self: FileStore, *given: object) -> None:
        if failures:
            raise failures.pop()
        write(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(FileStore, "write", once_in_vain)
    monkeypatch.setattr("sys.stdin", io.StringIO("Said once\n"))

    assert tamp("edit", "2", "--details=-").code == 0
    assert project.read()["2"]["details"] == "Said once"


def test_nothing_outside_the_project_folder_is_touched(project: Project, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    before = {path.name for path in project.folder.iterdir()}

    for words in (("set-status", "2", "done"), ("add-task", "New"), ("undo",), ("list",)):
        assert process(project.folder, *words, HOME=str(home)).code == 0

    assert list(home.iterdir()) == []
    assert {path.name for path in project.folder.iterdir()} == before
