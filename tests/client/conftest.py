"""Clients of either kind, and a real server to ask."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import pytest
from tests.processes import LIMIT, LOOPBACK, free_port, wait_until

import taskmaster
from taskmaster.client import AsyncClient, Client

SOURCE = Path(taskmaster.__file__).parents[1]
TOKEN = "tamp_test_token"  # noqa: S105  # opens nothing
Either = Any
"""A client of either kind, and what it answers; types could not tell which."""
Work = Callable[[Either], Either]
Ask = Callable[..., Either]


def _blocking(url: str, work: Work, **options: Either) -> Either:
    with Client(url, **{"token": TOKEN, "retry_backoff": 0.001, **options}) as client:
        return work(client)


def _awaiting(url: str, work: Work, **options: Either) -> Either:
    async def asked() -> Either:
        async with AsyncClient(
            url, **{"token": TOKEN, "retry_backoff": 0.001, **options}
        ) as client:
            return await work(client)

    return asyncio.run(asked())


@pytest.fixture(params=[_blocking, _awaiting], ids=["blocking", "awaiting"])
def ask(request: pytest.FixtureRequest) -> Ask:
    """``ask(url, work, **options)``: what *work* gets from a client of either kind."""
    asked: Ask = request.param
    return asked


class Server:
    """``tamp serve`` in a project of its own, always on the same port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://{LOOPBACK}:{self.port}"
        self._around = {
            "PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), "USER": "ada",
            "PYTHONPATH": str(SOURCE),
        }  # fmt: skip
        self.tamp("init")
        self.start()

    def tamp(self, *words: str) -> str:
        """What a command in the same project says."""
        return subprocess.run(
            [sys.executable, "-m", "taskmaster", *words], cwd=self.folder, env=self._around,
            check=True, capture_output=True, encoding="utf-8", timeout=LIMIT,
        ).stdout  # fmt: skip

    @property
    def token(self) -> str:
        return (self.folder / ".taskmaster" / "token").read_text("ascii").strip()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self.end(signal.SIGKILL)

    def start(self) -> None:
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "taskmaster", "serve", f"--port={self.port}"],
                cwd=self.folder, env=self._around, stdin=subprocess.DEVNULL, stderr=log,
            )  # fmt: skip
        wait_until(self._answers, "the server takes connections")

    def end(self, how: int) -> None:
        self._process.send_signal(how)
        self._process.wait(LIMIT)

    def _answers(self) -> bool:
        assert self._process.poll() is None, (self.folder / "server.log").read_text("utf-8")
        with socket.socket() as trial:
            return trial.connect_ex((LOOPBACK, self.port)) == 0


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One that nobody ends, for the tests of a process; each uses a tag of its own."""
    with Server(tmp_path_factory.mktemp("served")) as running:
        yield running


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """One that a test may end."""
    with Server(tmp_path) as running:
        yield running
