"""Projects and servers to measure: real engines, real processes, and the same server with nothing
behind it.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Self

ROOT = Path(__file__).resolve().parents[2]
sys.path[1:1] = [str(ROOT), str(ROOT / "benchmarks")]

import psutil  # noqa: E402 - the folders above come before
from engines import Bench  # noqa: E402
from tests.servers import PostgresServer  # noqa: E402

SIZE = 1_000
"""Tasks of a project."""
PATIENCE = 30
BARE = [sys.executable, str(Path(__file__).with_name("bare.py"))]
_TICK = 1e9


class Project(NamedTuple):
    """A project of ``SIZE`` tasks; ``words`` are how benchmarks/work.py finds it."""

    engine: str
    words: list[str]

    @property
    def folder(self) -> Path:
        return Path(self.words[2]).parent

    @property
    def environment(self) -> dict[str, str]:
        found = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "TAMP_ACTOR": "bench"}
        if self.engine == "file":
            return found
        address = self.words[1]
        storage = f"sqlite:{address}" if self.engine == "sqlite" else address
        return {**found, "TAMP_STORAGE": storage, "TAMP_STORAGE_PROJECT": "bench"}

    @property
    def token(self) -> str:
        return (self.folder / ".taskmaster" / "token").read_text(encoding="utf-8").strip()


@contextlib.contextmanager
def projects(*engines: str) -> Iterator[list[Project]]:
    """A fresh project on each engine; Postgres is started where it is among them."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tamp-load-")))
        # One that writes through to the disk, as the other engines do.
        server = PostgresServer(durable=True) if "postgres" in engines else None
        if server is not None:
            stack.enter_context(server)
        bench = Bench(folder, server)
        yield [Project(engine, bench.project(engine, SIZE)) for engine in engines]


class Process:
    """A server that runs until it is left; ``port`` is where it listens."""

    def __init__(self, command: list[str], folder: Path, environment: dict[str, str]) -> None:
        self.log = folder / f"server-{os.getpid()}-{time.monotonic_ns()}.log"
        with self.log.open("wb") as log:
            self._running = subprocess.Popen(
                command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log,
            )  # fmt: skip
        try:
            self.port = self._port()
        except BaseException:
            self._running.kill()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._running.terminate()
        try:
            self._running.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._running.kill()
            raise

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def usage(self) -> Usage:
        return Usage(self._running.pid)

    def _port(self) -> int:
        """Where it listens, once it answers there."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self._running.poll() is None:
            text = self.log.read_text(encoding="utf-8", errors="replace")
            found = re.search(r"http://127\.0\.0\.1:(\d+)", text)
            if found and answers(int(found[1])):
                return int(found[1])
            time.sleep(0.02)
        raise RuntimeError(f"the server did not start:\n{self.log.read_text(encoding='utf-8')}")


class Reading(NamedTuple):
    """Seconds on a processor up to a moment."""

    cpu: float
    moment: float

    def share(self, earlier: Reading) -> float:
        """Percent of one processor since."""
        return (self.cpu - earlier.cpu) / (self.moment - earlier.moment) * 100


class Usage:
    """What a process and those that it started take of the machine."""

    def __init__(self, pid: int) -> None:
        top = psutil.Process(pid)
        self.processes = [top, *top.children(recursive=True)]

    def cpu(self) -> float:
        """Seconds on a processor up to now, in all threads: to the nanosecond on Linux, else to
        the hundredth.
        """
        return sum(map(_seconds, self.processes))

    def reading(self) -> Reading:
        return Reading(self.cpu(), time.monotonic())

    def memory(self) -> float:
        """Megabytes that nobody else has, or that are resident where that cannot be told."""
        found = 0
        for one in self.processes:
            whole = one.memory_full_info()
            found += getattr(whole, "uss", whole.rss)
        return found / 1e6


def _seconds(process: psutil.Process) -> float:
    nanoseconds = 0
    try:
        for one in Path(f"/proc/{process.pid}/task").iterdir():
            nanoseconds += int((one / "schedstat").read_text(encoding="ascii").split()[0])
    except FileNotFoundError:
        times = process.cpu_times()
        return float(times.user + times.system)
    return nanoseconds / _TICK


def answers(port: int) -> bool:
    """Whether the server there speaks HTTP already."""
    import socket

    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as trial:
        trial.sendall(b"GET /docs/spec.json HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return trial.recv(4) == b"HTTP"
    return False


def serving(project: Project, workers: int = 1) -> Process:
    """The real server on this project, as a user starts it."""
    more = ["--workers", str(workers)] if workers > 1 else []
    command = [sys.executable, "-m", "taskmaster", "serve", "--port=0", *more]
    return Process(command, project.folder, project.environment)


def bare(folder: Path) -> Process:
    """The same server with nothing behind it: gives back what was PUT there."""
    return Process(BARE, folder, {**os.environ, "PYTHONPATH": str(ROOT / "src")})
