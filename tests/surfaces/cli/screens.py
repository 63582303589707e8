"""The command on a terminal of a chosen size, and processes that stay."""

from __future__ import annotations

import contextlib
import os
import queue
import select
import signal
import subprocess
import sys
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest
from tests.surfaces.cli.conftest import WAIT, command, environ

if sys.platform == "win32":
    pytest.skip("terminals of this kind are not there", allow_module_level=True)

import fcntl
import pty
import struct
import termios

ISOLATES = "\u2068\u2069"


def columns(line: str) -> int:
    """How many columns a terminal gives the line."""
    return sum(
        0 if unicodedata.category(one) in ("Mn", "Me", "Cf")
        else 2 if unicodedata.east_asian_width(one) in "WF" else 1
        for one in line
    )  # fmt: skip


@contextmanager
def staying(folder: Path, *words: str, **more: str) -> Iterator[Staying]:
    """The command as a process whose output is a pipe; killed at the end if it still runs."""
    process = subprocess.Popen(
        [*command(), *words],
        cwd=folder,
        env=environ(**more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        try:
            yield Staying(process)
        finally:
            process.kill()


class Staying:
    """A process that goes on; what it says comes line by line."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self._lines: queue.Queue[str] = queue.Queue()
        self._notes: queue.Queue[str] = queue.Queue()
        self._readers = [
            threading.Thread(target=_passed_on, args=(stream, lines), daemon=True)
            for stream, lines in ((process.stdout, self._lines), (process.stderr, self._notes))
        ]
        for one in self._readers:
            one.start()

    def line(self) -> str:
        """The next line; fails when none comes."""
        return self._lines.get(timeout=WAIT).rstrip("\n")

    def note(self) -> str:
        """The next line on the other stream, whole; fails when none comes."""
        return self._notes.get(timeout=WAIT)

    def nothing_more(self) -> bool:
        return self._lines.empty()

    def interrupted(self) -> tuple[int, str]:
        """Press Ctrl-C: the exit code and what more was said on the other stream."""
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(WAIT)
        for one in self._readers:
            one.join(WAIT)
        return code, "".join(self._notes.queue)


def _passed_on(stream: IO[bytes], lines: queue.Queue[str]) -> None:
    # Whoever has killed the process may close its streams while they are read.
    with contextlib.suppress(ValueError):
        for line in stream:
            lines.put(line.decode())


class Screen:
    """The command on a terminal of *width* columns."""

    def __init__(
        self, folder: Path, *words: str, width: int = 80, height: int = 24, **more: str
    ) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        self.process = subprocess.Popen(
            [*command(), *words],
            cwd=folder,
            env=environ(TERM="xterm", **more),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.text = ""

    def until(self, words: str) -> str:
        """Everything shown up to *words*; fails when the process ends before."""
        start = len(self.text)
        while words not in self.text[start:]:
            piece = self._piece() if select.select([self._ours], [], [], WAIT)[0] else ""
            assert piece, f"{words!r} did not come: {self.text!r}"
            self.text += piece
        return self.text[start:]

    def rest(self) -> str:
        """Everything until the process ends."""
        while piece := self._piece():
            self.text += piece
        self.process.wait(WAIT)
        os.close(self._ours)
        return self.text.replace("\r\n", "\n")

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        self.rest()
        return self.process.returncode

    def _piece(self) -> str:
        try:
            return os.read(self._ours, 65_536).decode(errors="replace")
        except OSError:
            return ""
