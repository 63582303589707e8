"""Connections to a real server that break, and servers that are killed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.client.conftest import Ask, Either, Server
from tests.processes import free_port, wait_until
from tests.proxy import Proxy
from tests.server.running import project

from taskmaster.client import AsyncClient, Client, ConnectionFailedError

ROUNDS, EACH = 2, 4


@pytest.fixture
def proxy(server: Server) -> Iterator[Proxy]:
    with Proxy(int(server.url.rpartition(":")[2])) as between:
        yield between


@pytest.mark.parametrize("answered", [True, False])
def test_a_task_is_written_down_once_whatever_gets_lost(
    tell: Ask, server: Server, proxy: Proxy, answered: bool
) -> None:
    async def story(client: Either) -> None:
        await client.list_tasks()
        proxy.cut_at(b"idempotency-key", answered=answered)
        task = await client.create_task(title="Once")
        assert proxy.fallen.is_set()
        assert await client.list_tasks() == [task]

    url = f"http://127.0.0.1:{proxy.port}"
    tell(story, url, server.token, tag=server.new_tag(), retry_backoff=0.001)


def test_a_change_whose_answer_is_lost_is_not_made_twice(
    tell: Ask, server: Server, proxy: Proxy
) -> None:
    async def story(client: Either) -> None:
        task = await client.create_task(title="Once")
        proxy.cut_at(b"PATCH", answered=True)
        with pytest.raises(ConnectionFailedError, match="was lost"):
            await client.update_task(task, note="a note")
        assert (await client.get_task(task)).details.count("a note") == 1

    url = f"http://127.0.0.1:{proxy.port}"
    tell(story, url, server.token, tag=server.new_tag(), retry_backoff=0.001)


def _blocking(server: Server, heard: list[Any], count: int) -> None:
    with Client(server.url, server.token, retry_backoff=0.01) as client:
        for change in client.changes(since=0):
            heard.append(change)
            if change.number >= count:
                break


def _awaiting(server: Server, heard: list[Any], count: int) -> None:
    async def followed() -> None:
        async with (
            AsyncClient(server.url, server.token, retry_backoff=0.01) as client,
            client.changes(since=0) as changes,
        ):
            async for change in changes:
                heard.append(change)
                if change.number >= count:
                    break

    asyncio.run(followed())


@pytest.mark.parametrize("follow", [_blocking, _awaiting])
def test_nothing_is_missing_and_nothing_comes_twice_over_killed_servers(
    tmp_path: Path, follow: Callable[[Server, list[Any], int], None]
) -> None:
    port = f"--port={free_port()}"
    heard: list[Any] = []
    folder, count = project(tmp_path), ROUNDS * EACH
    running = Server(folder, port)
    listener = threading.Thread(target=follow, args=(running, heard, count))
    listener.start()
    for _ in range(ROUNDS):
        with Client(running.url, running.token) as client:
            for _ in range(EACH):
                client.create_task(title="More")
        wait_until(lambda: heard, "the first change has been heard")
        running.process.kill()
        running.__exit__(None, None, None)
        running = Server(folder, port)
    with running:
        listener.join(30)

    assert not listener.is_alive()
    assert [change.number for change in heard] == list(range(1, count + 1))


def test_a_server_that_is_asked_to_go_sends_its_listeners_to_the_next(tmp_path: Path) -> None:
    port = f"--port={free_port()}"
    heard: list[Any] = []
    folder = project(tmp_path)
    with Server(folder, port) as running:
        listener = threading.Thread(target=_blocking, args=(running, heard, 2))
        listener.start()
        with Client(running.url, running.token) as client:
            client.create_task(title="Before")
        wait_until(lambda: len(heard) == 1, "the change has been heard")
        assert running.stop() == 0
    with Server(folder, port) as running, Client(running.url, running.token) as client:
        client.create_task(title="After")
        listener.join(30)

    assert [change.number for change in heard] == [1, 2]
