"""`tamp serve` as a real process, and a client that knows its token."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx2
import psutil
from tests.surfaces.cli.conftest import environ

_ADDRESS = re.compile(r" on (https?://\S+)/api/v1;")
_PATIENCE = 30.0


def project(folder: Path, count: int = 3) -> Path:
    """A project with so many tasks, each waiting for the one before it."""
    home = folder / ".taskmaster"
    (home / "tasks").mkdir(parents=True)
    tasks = [
        {
            "id": number,
            "title": f"Task {number}",
            "description": "Something to do.",
            "status": "pending",
            "priority": "medium",
            "dependencies": [number - 1] if number > 1 else [],
            "details": "",
            "testStrategy": "",
            "subtasks": [],
        }
        for number in range(1, count + 1)
    ]
    document = {"master": {"tasks": tasks, "metadata": {"description": "Tasks for master"}}}
    (home / "tasks" / "tasks.json").write_text(json.dumps(document, indent=2), encoding="utf-8")
    return folder


class Serving:
    """A server for the project in *folder*, until the block is left."""

    def __init__(self, folder: Path, *options: str, **variables: str) -> None:
        command = [sys.executable, "-m", "taskmaster", "serve", "--port=0", *options]
        self.folder = folder
        self.told: list[str] = []
        self.process = subprocess.Popen(
            command, cwd=folder, env=environ(**variables), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, encoding="utf-8",
        )  # fmt: skip
        self.url = self._address()
        # Nobody else empties the pipe, and a full one would stop the server.
        self._listening = threading.Thread(target=self._listen, daemon=True)
        self._listening.start()
        self.http = self.client()

    def client(self, token: str | None = None, **headers: str) -> httpx2.Client:
        """A client that shows this token, by default the one for programs on this machine."""
        if token is None:
            own = self.folder / ".taskmaster" / "token"
            token = own.read_text(encoding="utf-8").strip() if own.exists() else ""
        known = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx2.Client(base_url=self.url, headers=known | headers, timeout=_PATIENCE)

    def get(self, path: str, **more: Any) -> Any:
        """The data at a path under ``/api/v1``."""
        answer = self.http.get(f"/api/v1{path}", **more)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def post(self, path: str, body: object, **headers: str) -> httpx2.Response:
        return self.http.post(f"/api/v1{path}", json=body, headers=headers)

    def stop(self) -> int:
        """Ask it to go, and wait until it has gone."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(_PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.http.close()
        self.process.kill()
        self.process.wait(_PATIENCE)
        self._listening.join(_PATIENCE)
        assert self.process.stderr is not None
        self.process.stderr.close()

    def _address(self) -> str:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.told.append(line)
            found = _ADDRESS.search(line)
            if found:
                return found[1]
        raise AssertionError(f"the server has not started:\n{''.join(self.told)}")

    def _listen(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.told.append(line)

    def workers(self) -> set[int]:
        """The processes of a server that has several, but for the one that started them."""
        found = psutil.Process(self.process.pid).children()
        return {one.pid for one in found if _serves(one)}


def _serves(process: psutil.Process) -> bool:
    try:
        return "spawn_main" in " ".join(process.cmdline())
    except psutil.Error:  # It has ended, and perhaps nobody has taken note yet.
        return False
