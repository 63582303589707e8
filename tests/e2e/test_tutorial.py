"""Every command on the pages for newcomers runs as written, and answers what the page shows."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.processes import free_port, wait_until

import taskmaster

REPOSITORY = Path(__file__).parents[2]
SOURCE = Path(taskmaster.__file__).parents[1]
PAGES = [*sorted((REPOSITORY / "docs" / "tutorial").glob("*.md")), REPOSITORY / "README.md"]
PROMPT, LEFT_OUT, CTRL_C = "$ ", "…", "^C"
WAIT = 60
# What differs from one run to the next.
VOLATILE = (
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"), "<time>"),
    (re.compile(r"\d{4}-\d\d-\d\d"), "<day>"),
    (re.compile(r"\b[0-9a-f]{12,}\b"), "<hash>"),
)
BLOCK = re.compile(r'^```console(?: title="([^"]*)")?\n(.*?)^```$', re.DOTALL | re.MULTILINE)
# What does not end by itself.
STAYS = ("tamp serve", "curl -sN ")
PORT = "3000"
# Keeps folder and variables for the next command of the same terminal.
SHELL = (
    '. "$STATE"; {{ {command}\n}} 2>&1; code=$?;'
    ' {{ export -p; printf "cd %q\\n" "$PWD"; }} > "$STATE"; exit $code'
)
# What the page starts on its usual port, the test starts on one that is free.
COMMAND = """#!/bin/sh
[ "$1" = serve ] && set -- "$@" --port="$FREE_PORT"
exec "{python}" -m taskmaster "$@"
"""


class Step(NamedTuple):
    """A command with the lines below it; ``""`` where they go on below the one before."""

    terminal: str
    command: str
    shown: list[str]


def steps(page: Path) -> list[Step]:
    """The commands of the page's console blocks."""
    found: list[Step] = []
    for terminal, block in BLOCK.findall(page.read_text("utf-8")):
        found.append(Step(terminal, "", []))
        for line in block.splitlines():
            if line.startswith(PROMPT) or line == CTRL_C:
                found.append(Step(terminal, line.removeprefix(PROMPT), []))
            elif line.strip():
                found[-1].shown.append(line)
    return [step for step in found if step.command or step.shown]


def plain(line: str) -> str:
    """A line without what differs between runs and without the widths of columns."""
    for pattern, word in VOLATILE:
        line = pattern.sub(word, line)
    return " ".join(line.split())


def fits(shown: str, line: str) -> bool:
    """Whether the line may be shown so; ``…`` within stands for any text."""
    parts = map(re.escape, plain(shown).split(LEFT_OUT))
    return re.fullmatch(".*".join(parts), plain(line)) is not None


def missing(shown: list[str], said: str) -> str:
    """The first shown line that does not come, in this order; ``""`` when all do.

    ``…`` alone stands for lines left out; without one, the lines follow one another.
    """
    lines = [line for line in said.splitlines() if line.strip()]
    place, gap = 0, False
    for line in shown:
        if line.strip() == LEFT_OUT:
            gap = True
            continue
        here = lines[place:] if gap else lines[place : place + 1]
        found = next((number for number, one in enumerate(here) if fits(line, one)), None)
        if found is None:
            return line
        place, gap = place + found + 1, False
    return ""


class Terminal:
    """Where the commands of a page are typed, one after the other."""

    def __init__(self, folder: Path, state: Path, around: dict[str, str]) -> None:
        self._around = {**around, "STATE": str(state)}
        self._folder = folder
        self._output = state.with_suffix(".out")
        self._stays: subprocess.Popen[bytes] | None = None
        state.touch()

    def type(self, step: Step) -> None:
        """Do what the step says, and see that its lines come."""
        if step.command == CTRL_C:
            self.interrupt()
        elif not step.command:
            wait_until(lambda: not missing([LEFT_OUT, *step.shown], self._said()), str(step.shown))
        elif step.command.startswith(STAYS):
            self._stay(step.command)
            wait_until(lambda: not missing(step.shown, self._said()), str(step.shown))
        else:
            self._run(step)

    def _run(self, step: Step) -> None:
        result = subprocess.run(
            ["bash", "-c", SHELL.format(command=step.command)],
            cwd=self._folder, env=self._around, stdin=subprocess.DEVNULL, capture_output=True,
            encoding="utf-8", timeout=WAIT, check=False,
        )  # fmt: skip
        assert result.returncode == 0, (step.command, result.stdout, result.stderr)
        assert not missing(step.shown, result.stdout), (
            f"`{step.command}` does not say\n{missing(step.shown, result.stdout)}\n"
            f"but\n{result.stdout}"
        )

    def _stay(self, command: str) -> None:
        with self._output.open("wb") as output:
            self._stays = subprocess.Popen(
                ["bash", "-c", f'. "$STATE"; exec {command}'],
                cwd=self._folder, env=self._around, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def _said(self) -> str:
        return self._output.read_text("utf-8")

    def interrupt(self) -> None:
        """Ctrl-C, after which the command ends well."""
        assert self._stays is not None
        self._stays.send_signal(signal.SIGINT)
        assert self._stays.wait(WAIT) == 0, self._said()

    def close(self) -> None:
        if self._stays is not None:
            self._stays.kill()
            self._stays.wait(WAIT)


@pytest.fixture
def around(tmp_path: Path) -> dict[str, str]:
    """The surroundings in which the commands run."""
    binaries = tmp_path / "bin"
    binaries.mkdir()
    for name in ("tamp", "TAMP"):
        script = binaries / name
        script.write_text(COMMAND.format(python=sys.executable), "utf-8")
        script.chmod(0o755)
    return {
        "PATH": f"{binaries}:/usr/bin:/bin", "HOME": str(tmp_path), "USER": "you",
        "LANG": "C.UTF-8", "PYTHONPATH": str(SOURCE), "FREE_PORT": str(free_port()),
    }  # fmt: skip


@pytest.fixture
def begin(tmp_path: Path) -> Path:
    """A folder to begin in, which has the README's document."""
    folder = tmp_path / "begin"
    (folder / "docs").mkdir(parents=True)
    shutil.copy(REPOSITORY / "examples" / "prd.md", folder / "docs" / "prd.md")
    return folder


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_of_the_page_runs_as_written(
    page: Path, begin: Path, around: dict[str, str], request: pytest.FixtureRequest
) -> None:
    found = steps(page)
    assert found, f"{page} has no console block"
    commands = "\n".join(step.command for step in found)
    if "curl " in commands and not shutil.which("curl", path=around["PATH"]):
        pytest.skip("curl is not installed")
    if "$DATABASE" in commands:
        around["DATABASE"] = request.getfixturevalue("database")
    terminals: dict[str, Terminal] = {}
    try:
        for step in found:
            if step.terminal not in terminals:
                state = begin.parent / f"terminal-{len(terminals)}.sh"
                terminals[step.terminal] = Terminal(begin, state, around)
            terminals[step.terminal].type(on_port(step, around["FREE_PORT"]))
    finally:
        for terminal in terminals.values():
            terminal.close()


def on_port(step: Step, port: str) -> Step:
    here, there = f"127.0.0.1:{PORT}", f"127.0.0.1:{port}"
    return Step(
        step.terminal,
        step.command.replace(here, there),
        [line.replace(here, there) for line in step.shown],
    )


def test_lines_that_do_not_come_are_noticed() -> None:
    said = "one\n  two\nthree  at 2026-01-02 03:04:05\nfour\n"

    assert not missing(["one", "two", "…", "four"], said)
    assert not missing(["one", "  two", "three at 2020-01-01 00:00:00"], said)
    assert missing(["one", "three at 2020-01-01 00:00:00"], said)
    assert missing(["…", "five"], said) == "five"
    assert not missing(["o…e", "tw…", "…"], said)
    assert missing(["o…x"], said) == "o…x"
