from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.server.running import Serving, project
from tests.surfaces.cli.conftest import environ

from taskmaster import app, config

# Runs commands as they are told, each as the program `tamp` does, and says when each is done.
COMMANDER = """
import contextlib, io, json, sys
from taskmaster.cli.main import main
for line in sys.stdin:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = main(json.loads(line))
    print(code, flush=True)
"""


class Commander:
    """The command line, in a process of its own that need not start anew for each command."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def __call__(self, *words: str) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "0\n"


@contextmanager
def commander(folder: Path, **variables: str) -> Iterator[Commander]:
    with subprocess.Popen(
        [sys.executable, "-c", COMMANDER], cwd=folder, env=environ(**variables),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
    ) as process:  # fmt: skip
        yield Commander(process)
        assert process.stdin is not None
        process.stdin.close()


def changes_seen_at_once(folder: Path, server: Serving, count: int) -> int:
    """How many changes by the command line were in the very next answer."""
    statuses = ("pending", "in-progress", "done", "review", "deferred")
    seen = 0
    with commander(folder) as run:
        for number in range(count):
            status = statuses[number % len(statuses)]
            run("set-status", "2", status)
            listed = server.get("/tasks")["tasks"][1]["status"]
            seen += server.get("/tasks/2")["status"] == listed == status
    return seen


@pytest.mark.parametrize("engine", ["file", "sqlite"])
def test_a_change_by_the_command_line_is_in_the_very_next_answer(
    tmp_path: Path, engine: str
) -> None:
    url = engine if engine == "file" else f"sqlite://{tmp_path}/tasks.db"
    with Serving(stored(project(tmp_path), url)) as server:
        assert changes_seen_at_once(tmp_path, server, 60) == 60


@pytest.mark.soak
def test_so_are_a_thousand_of_a_thousand(tmp_path: Path) -> None:
    with Serving(project(tmp_path)) as server:
        assert changes_seen_at_once(tmp_path, server, 1_000) == 1_000


def test_an_edit_of_the_file_is_in_the_very_next_answer(tmp_path: Path) -> None:
    file = project(tmp_path) / ".taskmaster" / "tasks" / "tasks.json"
    with Serving(tmp_path) as server:
        for number in range(100):
            text = file.read_text(encoding="utf-8")
            # In place and of the same length, as the laziest program would do it.
            old, new = (f"Task {one:04}" for one in (number, number + 1))
            text = text.replace("Task 2", "Task 0000") if number == 0 else text
            file.write_text(text.replace(old, new), encoding="utf-8")
            assert server.get("/tasks/2")["title"] == new


def stored(folder: Path, url: str) -> Path:
    """The project, its tasks moved to where the address says."""
    if url != "file":
        result = subprocess.run(
            [sys.executable, "-m", "taskmaster", "storage", "move", "--to", url, "--yes"],
            cwd=folder, env=environ(), capture_output=True, encoding="utf-8", check=False,
        )  # fmt: skip
        assert result.returncode == 0, result.stderr
    return folder


@pytest.mark.parametrize("with_redis", [False, True], ids=["alone", "redis"])
def test_two_servers_on_one_database_always_agree(
    tmp_path: Path, database: str, redis_url: str, with_redis: bool
) -> None:
    folder = stored(project(tmp_path), database)
    shared = {"TAMP_REDIS_URL": redis_url} if with_redis else {}
    with Serving(folder, **shared) as one, Serving(folder, **shared) as other:
        for number in range(25):
            writer, reader = (one, other) if number % 2 else (other, one)
            title = f"Title {number}"
            answer = writer.http.patch("/api/v1/tasks/2", json={"title": title})
            seen = reader.http.get("/api/v1/tasks/2")
            assert seen.json()["data"]["title"] == title
            assert seen.headers["etag"] == answer.headers["etag"]
            assert one.http.get("/api/v1/tasks").content == other.http.get("/api/v1/tasks").content
        made = one.post("/tasks", {"title": "Once"}, **{"Idempotency-Key": "k"}).json()["data"]
        again = other.post("/tasks", {"title": "Once"}, **{"Idempotency-Key": "k"}).json()["data"]

    assert made == again


def test_a_key_that_was_revoked_opens_nothing_at_the_next_request_of_any_server(
    tmp_path: Path,
) -> None:
    folder = project(tmp_path)
    with Serving(folder) as one, Serving(folder) as other:
        made = subprocess.run(
            [sys.executable, "-m", "taskmaster", "keys", "create", "bot", "--role=agent", "--json"],
            cwd=folder, env=environ(), capture_output=True, encoding="utf-8", check=True,
        )  # fmt: skip
        key = json.loads(made.stdout)
        token = key["token"]
        with one.client(token) as here, other.client(token) as there:
            assert {
                here.get("/api/v1/tasks").status_code,
                there.get("/api/v1/tasks").status_code,
            } == {200}
            with commander(folder) as run:
                run("keys", "revoke", key["key"]["id"], "--yes")
            assert {
                here.get("/api/v1/tasks").status_code,
                there.get("/api/v1/tasks").status_code,
            } == {401}


def test_what_a_change_is_told_to_have_been_made_by_is_the_caller(tmp_path: Path) -> None:
    folder = project(tmp_path)
    with Serving(folder) as server:
        named = {"X-Session": "night-shift"}
        server.http.patch("/api/v1/tasks/1", json={"title": "Changed"}, headers=named)
    with app.open_project(str(folder)).reading() as reader:
        (entry,) = reader.changes_since(0)

    assert (entry.stamp.actor.name, entry.stamp.via) == ("ann", "rest")
    assert entry.stamp.actor.session == "night-shift"


class Writer(threading.Thread):
    """Adds tasks as fast as it can and keeps what was acknowledged, until the server is gone."""

    def __init__(self, server: Serving, name: str) -> None:
        super().__init__(daemon=True)
        self.acknowledged: list[str] = []
        self._server = server
        self._name = name

    def run(self) -> None:
        import httpx2

        with self._server.client() as http:
            for number in range(1_000_000):
                title = f"{self._name}-{number}"
                try:
                    answer = http.post("/api/v1/tasks", json={"title": title})
                except httpx2.TransportError:
                    return
                if answer.status_code == 201:
                    self.acknowledged.append(title)


def test_a_server_that_is_killed_loses_nothing_that_it_has_acknowledged(tmp_path: Path) -> None:
    folder = project(tmp_path)
    kept: list[str] = []
    for turn in range(3):
        with Serving(folder) as server:
            writers = [Writer(server, f"{turn}-{number}") for number in range(4)]
            for one in writers:
                one.start()
            deadline = time.monotonic() + 30
            while sum(len(one.acknowledged) for one in writers) < 20:
                assert time.monotonic() < deadline
                os.sched_yield()
            server.process.kill()
            for one in writers:
                one.join(30)
            kept += [title for one in writers for title in one.acknowledged]
    with app.workspace(config.locate({}, str(folder)), {}).reading() as reader:
        titles = [task.title for task in reader.tasks("master")]

    assert len(titles) == len(set(titles))
    assert set(kept) <= set(titles)
