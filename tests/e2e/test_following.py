"""Following what other processes do, on every engine, also while what tells of it is away."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from tests.processes import LOOPBACK, free_port, wait_until
from tests.servers import PostgresServer, RedisServer
from tests.surfaces.cli.conftest import WAIT, Project, environ, process
from tests.surfaces.cli.screens import Screen, Staying, staying
from tests.surfaces.tui.driving import Driven, drive

from taskmaster import app, config
from taskmaster.doorbells import redis
from taskmaster.usecases import following
from taskmaster.workspace import Workspace

WRITERS, EACH = 4, 5
TOTAL = WRITERS * EACH
SILENT = "note: Redis does not answer; looking every 1 s\n"
WELL = "note: all is well again\n"

# Runs one command line after the other.
WORKER = """
import json, sys
from taskmaster.cli.main import main
for line in json.loads(sys.argv[1]):
    code = main(line)
    if code:
        sys.exit(code)
"""


def made(folder: Path, url: str, **more: str) -> Path:
    """A project whose tasks are where *url* says."""
    home = folder / ".taskmaster"
    (home / "tasks").mkdir(parents=True, exist_ok=True)
    kept = {"url": url, "project": "followed", **more}
    (home / "storage.json").write_text(json.dumps(kept), encoding="utf-8")
    project = config.locate({}, str(folder))
    storage = config.storage(project, {})
    if storage.engine != "file":
        app.create_project(project, storage)
    return folder


Engine = Callable[[pytest.FixtureRequest], dict[str, str]]
ENGINES: dict[str, Engine] = {
    "file": lambda _request: {"url": "file"},
    "sqlite": lambda _request: {"url": "sqlite:.taskmaster/tasks/tasks.db"},
    "postgres": lambda request: {"url": request.getfixturevalue("database")},
    "postgres and redis": lambda request: {
        "url": request.getfixturevalue("database"),
        "redis": request.getfixturevalue("redis_url"),
    },
}


@pytest.fixture(params=ENGINES)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A project on each engine in turn."""
    return made(tmp_path, **ENGINES[request.param](request))


@pytest.fixture
def ws(folder: Path) -> Iterator[Workspace]:
    with closing(app.workspace(config.locate({}, str(folder)), {})) as opened:
        yield opened


def started(folder: Path) -> list[subprocess.Popen[str]]:
    """Processes that add tasks, all at the same time."""
    lines = [
        [["add-task", f"{writer} made {number}", "-q"] for number in range(EACH)]
        for writer in range(WRITERS)
    ]
    return [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, json.dumps(one)],
            cwd=folder,
            env=environ(TAMP_ACTOR=f"w-{number}"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        for number, one in enumerate(lines)
    ]


def succeed(writers: Sequence[subprocess.Popen[str]]) -> None:
    said = [(one.communicate(timeout=WAIT)[1], one.returncode) for one in writers]
    assert [code for _, code in said] == [0] * len(writers), said


def numbers(stream: Staying, last: int) -> Iterator[int]:
    """The numbers of what is told, up to the *last*."""
    number = 0
    while number < last:
        first, number = json.loads(stream.line())["seq"]
        yield from range(first, number + 1)


def test_who_comes_late_and_is_killed_and_comes_again_hears_everything_once(
    folder: Path, ws: Workspace
) -> None:
    writers = started(folder)
    wait_until(lambda: following.newest(ws) >= 3, "some changes are made")
    since = following.newest(ws)
    heard: list[int] = []
    with staying(folder, "log", "--follow", "--json", f"--since={since}") as stream:
        heard += numbers(stream, min(since + 5, TOTAL))
        stream.process.kill()
    with staying(folder, "log", "--follow", "--json", f"--since={heard[-1]}") as stream:
        heard += numbers(stream, TOTAL) if heard[-1] < TOTAL else ()
        succeed(writers)
        assert stream.nothing_more()
        assert stream.interrupted() == (130, "")

    assert heard == list(range(since + 1, TOTAL + 1))


def test_a_follower_whose_listener_is_dead_hears_everything_once(
    folder: Path, ws: Workspace
) -> None:
    nobody = f"redis://{LOOPBACK}:{free_port()}/0"
    ws.listener = lambda: redis.listener(nobody, "nobody")
    told: list[str] = []

    def idle(trouble: str) -> bool:
        told.append(trouble)
        return True

    writers = started(folder)
    heard: list[int] = []
    for entry in ws.follow(0, idle):
        heard.append(entry.first)
        if len(heard) == TOTAL:
            break

    succeed(writers)
    assert heard == list(range(1, TOTAL + 1))
    assert set(told) <= {"Redis does not answer; looking every 1 s"}


def test_a_redis_that_goes_and_comes_back_costs_no_change(
    tmp_path: Path, database: str, redis_url: str, redis_server: RedisServer
) -> None:
    folder = made(tmp_path, database, redis=redis_url)
    with staying(folder, "log", "--follow", "--json", "--since=0") as stream:
        assert process(folder, "add-task", "Before").err == ""
        assert list(numbers(stream, 1)) == [1]
        redis_server.kill()
        meanwhile = process(folder, "add-task", "Meanwhile")
        assert meanwhile.err == "note: Redis does not answer; others see changes a little later\n"
        assert process(folder, "add-task", "Silently", "-q").err == ""
        assert list(numbers(stream, 3)) == [2, 3]
        assert stream.note() == SILENT
        redis_server.start()
        assert stream.note() == WELL
        assert process(folder, "add-task", "After").err == ""
        assert list(numbers(stream, 4)) == [4]
        assert stream.interrupted() == (130, "")


def test_a_database_that_goes_and_comes_back_costs_no_change(
    tmp_path: Path, postgres_wheel: None
) -> None:
    del postgres_wheel
    with PostgresServer() as server:
        folder = made(tmp_path, server.create_database("tasks"))
        with staying(folder, "log", "--follow", "--json", "--since=0") as stream:
            assert process(folder, "add-task", "Before").code == 0
            assert list(numbers(stream, 1)) == [1]
            server.kill()
            assert stream.note().startswith("note: Postgres does not answer (")
            server.start()
            assert process(folder, "add-task", "After").code == 0
            assert list(numbers(stream, 2)) == [2]
            assert stream.note() == WELL
            assert stream.interrupted() == (130, "")


def test_a_list_that_is_watched_tells_that_redis_went_and_came_back(
    tmp_path: Path, database: str, redis_url: str, redis_server: RedisServer
) -> None:
    folder = made(tmp_path, database, redis=redis_url)
    screen = Screen(folder, "list", "--watch", NO_COLOR="1")
    with staying(folder, "list", "--watch") as piped:
        screen.until("watching; Ctrl-C ends")
        piped.line()
        redis_server.kill()
        assert "Ctrl-C ends; Redis does not answer; looking every 1 s" in screen.until("1 s")
        assert piped.note() == SILENT
        process(folder, "add-task", "Meanwhile")
        screen.until("Meanwhile")
        redis_server.start()
        assert piped.note() == WELL
        screen.until("Ctrl-C ends\x1b[K")
        assert piped.interrupted() == (130, "")
    assert screen.interrupt() == 130


def test_the_terminal_interface_tells_that_redis_went_and_came_back(
    tmp_path: Path, database: str, redis_url: str, redis_server: RedisServer
) -> None:
    project = Project(made(tmp_path / "project", database, redis=redis_url))
    process(project.folder, "add-task", "Before")

    async def scenario(ui: Driven) -> None:
        redis_server.kill()
        await ui.hears("Redis does not answer; looking every 1 s")
        process(project.folder, "add-task", "Meanwhile")
        await ui.sees("Meanwhile")
        redis_server.start()
        await ui.hears("all is well again")

    drive(scenario, project)


def test_a_replica_that_lags_behind_makes_no_follower_late(
    tmp_path: Path, postgres_wheel: None
) -> None:
    del postgres_wheel
    with PostgresServer() as leader:
        leader.create_database("tasks")
        with leader.standby(sync=False) as replica:
            folder = made(tmp_path, leader.url("tasks"), replica=replica.url("tasks"))
            replica.catch_up(leader)
            replica.execute("SELECT pg_wal_replay_pause()")
            assert process(folder, "add-task", "Not there yet").code == 0
            with closing(app.workspace(config.locate({}, str(folder)), {})) as ws:
                with ws.reading() as reader:
                    assert reader.tasks("master") == []
                assert following.newest(ws) == 1
                assert next(ws.follow(0)).first == 1
