"""Plain output, colours, the pager, questions, timings and progress: what a person can ask for."""

from __future__ import annotations

import io
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from tests.surfaces.cli.conftest import Project, Tamp, process, step, task
from tests.surfaces.cli.screens import Screen

from taskmaster.cli import manners
from taskmaster.cli.progress import Progress

# Says that it is there, and what it was given.
PAGER = """
import sys
text = sys.stdin.read()
print(f"[pager: {len(text.splitlines())} lines]")
"""
LEAVING = "import sys; sys.stdin.readline(); print('[left]')"


@pytest.fixture
def long(project: Project) -> Project:
    project.write(*(task(number) for number in range(1, 2001)))
    return project


def pager(folder: Path, source: str = PAGER) -> str:
    script = folder / "pager.py"
    script.write_text(source, encoding="utf-8")
    return f"{sys.executable} {script}"


def test_a_long_answer_on_a_terminal_goes_through_the_pager(long: Project) -> None:
    shown = Screen(long.folder, "list", PAGER=pager(long.folder)).rest()

    assert shown == "[pager: 2002 lines]\n"


@pytest.mark.parametrize("words", [("history",), ("tree",), ("graph",), ("stats",), ("show", "1")])
def test_a_short_answer_does_not(project: Project, words: tuple[str, ...]) -> None:
    around: dict[str, Any] = {"PAGER": pager(project.folder)}

    assert "[pager" not in Screen(project.folder, *words, height=60, **around).rest()


@pytest.mark.parametrize(
    ("words", "around"),
    [
        (("list", "--no-pager"), {}),
        (("list", "--plain"), {}),
        (("list",), {"TAMP_PAGER": ""}),
        (("list",), {"TAMP_PAGER": "cat"}),
        (("list",), {"CLAUDECODE": "1"}),
        (("list",), {"TAMP_PAGER": "no-such-pager"}),
    ],
)
def test_the_pager_can_be_switched_off(
    long: Project, words: tuple[str, ...], around: dict[str, Any]
) -> None:
    shown = Screen(long.folder, *words, **{"PAGER": pager(long.folder), **around}).rest()

    assert "[pager" not in shown
    assert "Task 2000" in shown


def test_the_pager_of_tamp_goes_before_the_usual_one(long: Project) -> None:
    around: dict[str, Any] = {"PAGER": "no-such-pager", "TAMP_PAGER": pager(long.folder)}

    assert Screen(long.folder, "list", **around).rest() == "[pager: 2002 lines]\n"


def test_leaving_the_pager_early_is_quiet(long: Project) -> None:
    screen = Screen(long.folder, "list", PAGER=pager(long.folder, LEAVING))

    assert screen.rest() == "[left]\n"
    assert screen.process.returncode == 0


def test_a_pipe_never_meets_the_pager(long: Project) -> None:
    said = process(long.folder, "list", PAGER=pager(long.folder), TERM="xterm")

    assert "[pager" not in said.out
    assert len(said.lines) == 2001


@pytest.mark.parametrize(
    ("around", "coloured"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"CLICOLOR_FORCE": "1"}, True),
        ({"FORCE_COLOR": "0"}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"FORCE_COLOR": ""}, False),
    ],
)
def test_colours_in_a_pipe(project: Project, around: dict[str, str], coloured: bool) -> None:
    assert ("\x1b[" in process(project.folder, "list", **around).out) == coloured
    assert "\x1b[" not in process(project.folder, "list", "--plain", **around).out
    assert "\x1b[" not in process(project.folder, "list", "--json", **around).out


def test_a_terminal_can_be_kept_from_colours(project: Project) -> None:
    assert "\x1b[" in Screen(project.folder, "list").rest()
    arounds: list[dict[str, Any]] = [{"CLICOLOR": "0"}, {"NO_COLOR": "1"}, {"FORCE_COLOR": "0"}]
    for around in arounds:
        assert "\x1b[" not in Screen(project.folder, "list", **around).rest()


@pytest.mark.parametrize(
    "words", [("list", "all"), ("tree",), ("set-status", "2", "done"), ("show", "3"), ("stats",)]
)
def test_plain_means_ascii(project: Project, words: tuple[str, ...]) -> None:
    shown = Screen(project.folder, *words, "--plain").rest()

    assert shown.isascii(), [one for one in shown if not one.isascii()]


def test_every_sign_has_one_in_its_place() -> None:
    assert manners.plain(["a … b → c", "設"]) == ["a ~ b > c", "設"]


def test_verbose_says_what_the_command_works_on(project: Project, tamp: Tamp) -> None:
    said = tamp("list", "--verbose", "--tag", "other")

    assert said.err.splitlines()[:4] == [
        f"project: {project.folder}",
        "tag:     other",
        f"file:    {project.file}",
        "engine:  file",
    ]
    assert said.out == tamp("list", "--tag", "other").out
    assert "project: none" in tamp("list", "-v", "-p", "/").err


def test_debug_tells_the_time_of_each_step(tamp: Tamp) -> None:
    said = tamp("set-status", "2", "done", "--debug")

    steps = [line.split()[1] for line in said.err.splitlines()]
    assert steps == ["import", "open", "read", "write", "use", "print", "total", steps[-1]]
    assert said.out.startswith("2: pending → done")
    assert "debug" not in tamp("set-status", "2", "done").err
    assert "debug: open" in tamp("show", "99", "--debug").err


def test_debug_shows_where_a_bug_is(tamp: Tamp, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_given: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("taskmaster.cli.commands.why.why", broken)

    said = tamp("why", "2")
    assert (said.code, "Traceback" in said.err) == (1, False)
    assert "--debug" in said.err
    said = tamp("why", "2", "--debug", "--json")
    assert (said.code, "Traceback" in said.err) == (1, True)
    assert said.json["schema"] == "tamp/error.v1"


DESTRUCTIVE = {
    "remove-task": (("remove-task", "2"), "2  Task 2"),
    "remove-subtask": (("remove-subtask", "3.1"), "3.1  Step 1"),
    "clear-subtasks": (("clear-subtasks", "--all"), "3  Task 3: 2"),
    "tags": (("tags", "remove", "other"), "2  Task 2"),
    "parse-prd": (("parse-prd", "prd.md", "--force"), "3  Task 3"),
    "restore": (("restore",), "Restoring"),
    "doctor": (("doctor", "--fix"), "take that dependency away"),
}
GOES_AHEAD = {"remove-task", "remove-subtask", "clear-subtasks", "parse-prd"}


@pytest.fixture
def kept(project: Project, tamp: Tamp) -> Project:
    """With a copy to restore, and something that `doctor` can mend."""
    tamp("backup")
    project.write(
        task(1, dependencies=[77]), task(2), task(3, subtasks=[step(1), step(2)]),
        other=[task(1), task(2)],
    )  # fmt: skip
    return project


@pytest.mark.parametrize("name", DESTRUCTIVE)
def test_a_person_is_asked_once_and_sees_what_goes(
    kept: Project, tamp: Tamp, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    words, goes = DESTRUCTIVE[name]
    terminal = io.StringIO("n\ny\n")
    terminal.isatty = lambda: True  # type: ignore[method-assign]  # a terminal in our hands
    monkeypatch.setattr("sys.stdin", terminal)
    before = kept.file.read_bytes()

    said = tamp(*words)
    assert goes in said.err
    assert said.err.count("[y/N]") == 1
    assert kept.file.read_bytes() == before

    assert tamp(*words).code in (0, 4)
    assert kept.file.read_bytes() != before


@pytest.mark.parametrize("name", DESTRUCTIVE)
def test_scripts_are_never_asked(kept: Project, tamp: Tamp, name: str) -> None:
    words, _goes = DESTRUCTIVE[name]
    before = kept.file.read_bytes()

    said = process(kept.folder, *words)
    assert "[y/N]" not in said.err
    assert (kept.file.read_bytes() != before) == (name in GOES_AHEAD), said
    if name not in GOES_AHEAD:
        assert said.code in (2, 4)
        assert "--yes" in said.err
        said = tamp(*words, "--yes")
        assert said.code in (0, 4)
        assert kept.file.read_bytes() != before


class Terminal(io.StringIO):
    """A terminal that says when something was drawn on it."""

    def __init__(self) -> None:
        super().__init__()
        self.drawn = threading.Event()

    def isatty(self) -> bool:
        return True

    def flush(self) -> None:
        if self.getvalue().strip("\r\x1b[K"):
            self.drawn.set()


def test_progress_is_drawn_after_a_while_and_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    screen = Terminal()

    progress = Progress("counting", patience=0, stream=screen)
    progress.at(2, total=4)
    with progress:
        assert screen.drawn.wait(60)

    assert "counting [############------------] 50 %" in screen.getvalue()
    assert screen.getvalue().endswith("\r\x1b[K")


def test_short_work_and_pipes_see_no_progress() -> None:
    screen, pipe = Terminal(), io.StringIO()

    with Progress("quick", stream=screen), Progress("quick", patience=0, stream=pipe):
        pass

    assert (screen.getvalue(), pipe.getvalue()) == ("", "")


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (("lst",), "list"),
        (("help", "lst"), "list"),
        (("list", "--redy"), "--ready"),
        (("list", "--tag", "mster"), "master"),
        (("tags", "use", "othr"), "other"),
        (("tags", "lsit"), "list"),
        (("list", "--status", "pendng"), "pending"),
        (("set-status", "2", "dne"), "done"),
        (("list", "--priority", "hgh"), "high"),
        (("add-task", "x", "--priority", "hgh"), "high"),
        (("show", "3.11"), "3.1"),
        (("why", "33"), "3"),
        (("graph", "--format", "mermade"), "mermaid"),
        (("list", "--sort", "prioriy"), "priority"),
        (("list", "--where", "status:dne"), "done"),
        (("completion", "bsh"), "bash"),
    ],
)
def test_what_was_probably_meant_is_said(tamp: Tamp, words: tuple[str, ...], meant: str) -> None:
    said = tamp(*words)

    assert said.code in (2, 3, 4)
    assert f"did you mean {meant}" in said.err
