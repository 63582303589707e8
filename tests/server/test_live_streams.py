"""What happens in a project is pushed to those who listen, by whatever process it was done."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.processes import wait_until
from tests.server.live import Elsewhere, Served, made, put
from tests.servers import RedisServer

from taskmaster.domain.task import Task
from taskmaster.errors import Forbidden

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


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return made(tmp_path / "project")


@pytest.mark.parametrize("engine", ENGINES)
def test_what_another_process_does_arrives_once_and_in_order(
    engine: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    folder = made(tmp_path / "project", **ENGINES[engine](request))
    with Served(folder) as server, server.ear() as ear, Elsewhere(folder) as elsewhere:
        elsewhere.begin(20)
        heard = ear.until(20)
        assert [one.number for one in elsewhere.done(20)] == heard == list(range(1, 21))


def test_a_transaction_is_told_as_it_stands_in_the_log(folder: Path) -> None:
    with Served(folder) as server, server.ear() as ear:
        assert ear.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        put(server.ws, 1)
        told = ear.event()
        assert told is not None
        assert server.get("/changes?since=0")[1]["changes"] == [told.data]
        assert told.data["changes"][0]["doc"]["title"] == "Task 1"


def test_who_says_nothing_hears_what_comes_from_now_on_and_where_that_begins(folder: Path) -> None:
    with Served(folder) as server:
        put(server.ws, 1)
        server.has_heard(1)
        with server.ear() as ear:
            assert ear.id == "1"
            put(server.ws, 2)
            assert ear.until(2) == [2]


def test_the_last_event_id_counts_before_the_address(folder: Path) -> None:
    with Served(folder) as server:
        for number in range(1, 6):
            put(server.ws, number)
        with server.ear(since=1) as ear:
            assert ear.until(5) == [2, 3, 4, 5]
        with server.ear(since=1, last=4) as ear:
            assert ear.until(5) == [5]


def test_who_is_cut_off_anywhere_and_comes_again_misses_nothing(folder: Path) -> None:
    chance, total = random.Random(1), 40  # noqa: S311 - as good as any
    heard: list[int] = []
    with Served(folder) as server, Elsewhere(folder) as elsewhere:
        elsewhere.begin(total)
        while not heard or heard[-1] < total:
            with server.ear(last=heard[-1] if heard else 0) as ear:
                for _ in range(chance.randrange(8)):
                    if not heard or heard[-1] < total:
                        heard += next(ear.changes())["seq"][:1]
        elsewhere.done(total)
    assert heard == list(range(1, total + 1))


def test_a_change_that_the_log_does_not_know_is_refused_before_anything_is_told(
    folder: Path,
) -> None:
    with Served(folder) as server:
        put(server.ws, 1)
        with server.ear(since=7) as ear:
            assert (ear.status, ear.error()["code"]) == (410, "no-such-change")
        wait_until(lambda: not server.feed.subscribers, "nobody is left")


def test_what_is_no_number_of_a_change_is_refused(folder: Path) -> None:
    with Served(folder) as server:
        for since in ("x", "-1", "1.5", "٣", "9" * 30):
            status, said = server.get(f"/events?since={quote(since)}")
            assert (status, said["code"]) == (400, "bad-since"), since


def test_who_knows_more_than_the_server_was_told_is_believed_when_the_log_agrees(
    folder: Path,
) -> None:
    """Its own request was answered before the server heard of the change."""
    with Served(folder) as server, Elsewhere(folder) as elsewhere:
        for number in range(1, 10, 2):
            elsewhere.add(1)
            with server.ear(since=number) as ear:
                elsewhere.add(1)
                assert ear.until(number + 1) == [number + 1]


def test_only_one_tag_is_told_with_the_numbers_as_they_are(tmp_path: Path) -> None:
    folder = made(tmp_path / "project", "file", "other", "third")
    with Served(folder, quiet=0.1) as server, server.ear(since=0, tag="other") as ear:
        assert next(ear.changes())["seq"] == [1, 1]
        put(server.ws, 1)
        with server.ws.writing("both") as writer:
            writer.put("master", Task({"id": 2, "title": "two"}))
            writer.put("other", Task({"id": 1, "title": "one"}))
        told = next(ear.changes())
        assert told["seq"] == [4, 5]
        assert [one["tag"] for one in told["changes"]] == ["other"]
        put(server.ws, 3)
        while ear.id != "6":
            assert ear.block()[0] == ": here"


def test_silence_is_broken_by_signs_of_life(folder: Path) -> None:
    with Served(folder, quiet=0.05) as server, server.ear() as ear:
        assert [ear.block() for _ in range(3)] == [[": here"]] * 3


def test_a_server_that_goes_away_says_where_to_go_on(folder: Path) -> None:
    with Served(folder) as server, server.ear() as ear:
        put(server.ws, 1)
        assert ear.until(1) == [1]
        server.stop()
        told = ear.event()
        assert told is not None
        assert (told.kind, told.data) == ("closing", {"resume": 1})
        assert ear.event() is None


def test_who_may_hear_no_more_is_told_so_and_cut_off(folder: Path) -> None:
    with Served(folder) as server, server.ear() as ear:
        server.bar(Forbidden("the key was revoked", code="revoked"))
        told = ear.event()
        assert told is not None
        assert (told.kind, told.data["code"]) == ("error", "revoked")
        assert ear.event() is None


def test_a_client_that_leaves_is_forgotten(folder: Path) -> None:
    with Served(folder) as server:
        with server.ear():
            wait_until(lambda: server.feed.subscribers == 1, "somebody listens")
        wait_until(lambda: server.feed.subscribers == 0, "nobody listens")


def test_what_keeps_changes_from_being_heard_is_told_and_its_end_too(
    tmp_path: Path, database: str, redis_url: str, redis_server: RedisServer
) -> None:
    folder = made(tmp_path / "project", database, redis=redis_url)
    with Served(folder) as server, server.ear() as ear, Elsewhere(folder) as elsewhere:
        redis_server.kill()
        told = ear.event()
        assert told is not None
        assert (told.kind, told.id) == ("trouble", "0")
        assert (
            told.data["message"]
            == server.feed.trouble
            == "Redis does not answer; looking every 1 s"
        )
        elsewhere.add(1)
        assert ear.until(1) == [1]
        assert server.feed.lag() < 5
        with server.ear() as late:
            first = late.event()
            assert first is not None
            assert first == told._replace(id="1")
        redis_server.start()
        over = ear.event()
        assert over is not None
        assert (over.kind, over.data, server.feed.trouble) == ("trouble", {"message": ""}, "")
