"""Many subscribers, slow ones among them, several servers: everybody hears everything soon."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest
from tests.processes import LOOPBACK, wait_until
from tests.server.live import Child, Commit, Elsewhere, Served, ended, hear, made, say

from taskmaster.server import socket, stream

SUBSCRIBERS = 1000
SIZE = 30_000
"""Of a title: such events fill the buffers of two sockets soon."""

SMALL = 4096
"""Bytes that the buffers of slow clients hold, and those of the server for them."""

SOON = 30.0
"""Seconds within which everybody hears, on a machine that has much to do."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return made(tmp_path / "project")


@pytest.fixture
def server(folder: Path) -> Iterator[Served]:
    with Served(folder, room=5, buffer=SMALL) as served:
        yield served


def test_a_slow_listener_is_let_go_and_delays_nobody_and_goes_on_without_loss(
    server: Served, folder: Path
) -> None:
    with server.ear(buffer=SMALL) as slow, server.ear() as quick, Elsewhere(folder) as elsewhere:
        elsewhere.begin(40, size=SIZE)
        assert quick.until(40) == list(range(1, 41))
        heard: list[int] = []
        while (told := slow.event()) is not None and told.kind == "change":
            heard.append(told.data["seq"][0])
        assert told is not None
        assert (told.kind, told.data) == ("gap", {"since": heard[-1]})
        assert slow.event() is None
        assert len(heard) < 40
        with server.ear(last=int(slow.id)) as again:
            heard += again.until(40)
        assert heard == list(range(1, 41))


def test_a_slow_socket_is_let_go_and_goes_on_without_loss(server: Served, folder: Path) -> None:
    with ExitStack() as stack:
        slow = stack.enter_context(server.socket(buffer=SMALL))
        say(slow, type="subscribe")
        assert hear(slow)["type"] == "subscribed"
        elsewhere = stack.enter_context(Elsewhere(folder))
        quick = stack.enter_context(server.ear())
        elsewhere.begin(60, size=SIZE)
        assert quick.until(60) == list(range(1, 61))
        heard: list[int] = []
        while (told := hear(slow))["type"] == "change":
            heard.append(told["seq"][0])
        assert told == {"type": "gap", "since": heard[-1]}
        assert len(heard) < 60
        assert ended(slow) == 1013
        again = stack.enter_context(server.socket())
        say(again, type="subscribe", since=told["since"])
        assert hear(again)["type"] == "subscribed"
        while heard[-1] < 60:
            heard.append(hear(again)["seq"][0])
        assert heard == list(range(1, 61))


def test_a_client_that_takes_nothing_at_all_is_given_up(
    server: Served, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (stream, socket):
        monkeypatch.setattr(module, "STALL", 0.2)
    with server.ear(buffer=SMALL), server.socket(buffer=SMALL) as line:
        say(line, type="subscribe")
        assert hear(line)["type"] == "subscribed"
        with Elsewhere(folder) as elsewhere:
            elsewhere.add(60, size=SIZE)
        wait_until(lambda: not server.feed.subscribers, "nobody is told anything")
        line.close_socket()


@pytest.mark.parametrize("redis", [False, True])
def test_two_servers_of_one_database_tell_the_same(
    redis: bool, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    more = {"redis": request.getfixturevalue("redis_url")} if redis else {}
    folder = made(tmp_path / "project", request.getfixturevalue("database"), **more)
    with ExitStack() as stack:
        servers = [stack.enter_context(Child(folder)) for _ in range(2)]
        writers = [stack.enter_context(Elsewhere(folder)) for _ in range(2)]
        ears = [stack.enter_context(one.ear(0)) for one in servers]
        for one in writers:
            one.begin(15)
        told = [[next(ear.changes()) for _ in range(30)] for ear in ears]
        assert told[0] == told[1]
        assert [one["seq"][0] for one in told[0]] == list(range(1, 31))


def test_a_thousand_subscribers_are_held_and_all_hear_soon(folder: Path) -> None:
    with Child(folder) as server, Elsewhere(folder) as elsewhere:
        assert server.port
        process = psutil.Process(server.pid)
        before = process.memory_info().rss

        async def scenario() -> tuple[list[Commit], list[list[float]]]:
            lines = await asyncio.gather(*(listener(server.port) for _ in range(SUBSCRIBERS)))
            commits: list[Commit] = []
            heard: list[list[float]] = []
            for number in range(1, 6):
                hearing = asyncio.gather(*(arrival(one, number) for one, _ in lines))
                commits += await asyncio.to_thread(elsewhere.add, 1)
                heard.append(await asyncio.wait_for(hearing, SOON))
            for _, writer in lines:
                writer.close()
            return commits, heard

        commits, heard = asyncio.run(scenario())
        grown = process.memory_info().rss - before
    report(f"{SUBSCRIBERS} subscribers", delays(commits, heard))
    print(f"{SUBSCRIBERS} subscribers: {grown / 2**20:.0f} MiB more")  # noqa: T201 - figures to look at
    assert grown < 200 * 2**20


@pytest.mark.parametrize("engine", ["file", "sqlite:.taskmaster/tasks/tasks.db"])
def test_one_subscriber_hears_soon(engine: str, tmp_path: Path) -> None:
    folder = made(tmp_path / "project", engine)
    with Served(folder) as server, server.ear() as ear, Elsewhere(folder) as elsewhere:
        elsewhere.begin(100)
        heard = []
        for _ in range(100):
            next(ear.changes())
            heard.append([time.monotonic()])
        report(engine, delays(elsewhere.done(100), heard))


async def listener(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A stream of changes that has begun."""
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    writer.write(b"GET /events HTTP/1.1\r\nHost: here\r\n\r\n")
    await reader.readuntil(b"id: 0\n\n")
    return reader, writer


async def arrival(reader: asyncio.StreamReader, number: int) -> float:
    """When the next change came, which is the one of this number."""
    head = await reader.readuntil(b"event: change\n")
    assert b"id: %d\n" % number in head
    return time.monotonic()


def delays(commits: list[Commit], heard: list[list[float]]) -> list[float]:
    """Seconds from each commit to each of its arrivals, shortest first."""
    return sorted(
        moment - commit.time
        for commit, arrived in zip(commits, heard, strict=True)
        for moment in arrived
    )


def report(what: str, found: list[float]) -> None:
    """Print how long it took; fails only when that is out of all proportion."""
    at = {name: 1000 * found[len(found) * name // 100] for name in (50, 90, 99)}
    print(what, *(f"p{name} {value:.1f} ms" for name, value in at.items()))  # noqa: T201 - as above
    assert found[-1] < SOON
