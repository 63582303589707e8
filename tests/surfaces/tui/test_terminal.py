"""The interface on a real terminal, inside tmux."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.surfaces.cli.conftest import Project, environ, process

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")

WAIT = 60.0
COMMAND = f"{shlex.quote(sys.executable)} -m taskmaster ui; echo ended with $?; cat"


class Terminal:
    """A terminal of 100 columns that runs the interface, with keys to press."""

    def __init__(self, project: Project, socket: Path) -> None:
        self._socket = str(socket)
        self._environ = environ(TERM="xterm-256color", HOME=str(project.folder))
        self._tmux(
            "-f", "/dev/null", "new-session", "-d", "-s", "ui", "-x", "100", "-y", "30",
            "-c", str(project.folder), COMMAND,
        )  # fmt: skip

    def _tmux(self, *words: str) -> str:
        return subprocess.run(
            ["tmux", "-S", self._socket, *words],
            env=self._environ,
            capture_output=True,
            encoding="utf-8",
            timeout=WAIT,
            check=True,
        ).stdout

    def press(self, *keys: str) -> None:
        self._tmux("send-keys", "-t", "ui", *keys)

    def until(self, *words: str) -> str:
        """What is seen once all the words are."""
        end, pause = time.monotonic() + WAIT, threading.Event()
        while not all(
            word in (seen := self._tmux("capture-pane", "-p", "-t", "ui")) for word in words
        ):
            assert time.monotonic() < end, f"waited in vain for {words}; seen:\n{seen}"
            pause.wait(0.05)
        return seen

    def end(self) -> None:
        self._tmux("kill-server")


@pytest.fixture
def terminal(project: Project, tmp_path: Path) -> Iterator[Terminal]:
    made = Terminal(project, tmp_path / "tmux")
    yield made
    made.end()


def test_a_person_works_on_a_real_terminal(project: Project, terminal: Terminal) -> None:
    terminal.until("Task 2", "Paint the fence", "q quit")
    terminal.press("Down", "s")
    terminal.until("Status of 2")
    terminal.press("Down", "Enter")
    terminal.until("2: pending → in-progress")
    process(project.folder, "add-task", "From the other side")
    terminal.until("From the other side")
    terminal.press("2")
    terminal.until("in-progress (2)", "pending (2)")
    terminal.press("/")
    terminal.until("status:pending priority>=high")
    terminal.press("-l", "fence")
    terminal.press("Enter")
    terminal.until("1 shown for fence")
    terminal.press("q")
    seen = terminal.until("ended with 0")

    assert "Traceback" not in seen
    assert project.read()["2"]["status"] == "in-progress"
    assert [entry["via"] for entry in project.log()] == ["tui", "cli"]
