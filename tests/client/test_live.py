from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest
from tests.client.conftest import TOKEN, Ask, Either
from tests.client.scripted import (
    Act,
    Scripted,
    answer,
    event,
    refusal,
    reply,
    reset,
    stream,
    then_silence,
)

from taskmaster.client import (
    Actor,
    AsyncClient,
    Client,
    ConnectionFailedError,
    GoneError,
    InvalidTokenError,
    Pair,
    ServerError,
)

BEGIN = "retry: 1000\nid: 4\n\n"
Follow = Callable[..., list[Any]]


def _blocking(url: str, count: int, since: int | None = None, **options: Either) -> list[Any]:
    given = {"token": TOKEN, "retry_backoff": 0.001, **options}
    with Client(url, **given) as client, client.changes(since) as changes:
        return [next(changes) for _ in range(count)]


def _awaiting(url: str, count: int, since: int | None = None, **options: Either) -> list[Any]:
    async def followed() -> list[Any]:
        given = {"token": TOKEN, "retry_backoff": 0.001, **options}
        async with AsyncClient(url, **given) as client, client.changes(since) as changes:
            return [await anext(changes) for _ in range(count)]

    return asyncio.run(followed())


@pytest.fixture(params=[_blocking, _awaiting], ids=["blocking", "awaiting"])
def follow(request: pytest.FixtureRequest) -> Follow:
    """``follow(url, count, since)``: the first changes that a client of either kind gets."""
    followed: Follow = request.param
    return followed


def numbers(changes: list[Any]) -> list[int]:
    return [change.number for change in changes]


def test_a_change_says_who_did_what(follow: Follow) -> None:
    with Scripted(then_silence(stream(BEGIN, event(5)))) as server:
        [change] = follow(server.url, 1)

    assert change.actor == Actor.of({"name": "ada", "kind": "person"})
    assert (change.first, change.number, change.via, change.op) == (5, 5, "cli", "edit")
    assert change.at.isoformat() == "2026-01-02T03:04:05.678000+00:00"
    assert change.edits[0].fields == {"title": Pair("a", "b")}
    assert change.tasks == ["1"]


def test_a_stream_that_breaks_is_gone_on_with_after_the_last_change(follow: Follow) -> None:
    script: list[Act] = [
        stream(BEGIN, event(5), event(6)[:-30]),
        reset,
        stream(event(6), ": a sign of life\n\n", event(7), event(8)[:-1]),
        then_silence(stream(event(8))),
    ]
    with Scripted(*script) as server:
        assert numbers(follow(server.url, 4)) == [5, 6, 7, 8]

    asked = [one.headers.get("last-event-id") for one in server.asked]
    assert asked == [None, "5", "5", "7"]


def test_where_it_began_is_known_before_the_first_change(follow: Follow) -> None:
    with Scripted(stream(BEGIN), then_silence(stream(BEGIN, event(5)))) as server:
        assert numbers(follow(server.url, 1)) == [5]

    assert server.asked[1].headers["last-event-id"] == "4"


def test_a_change_that_was_told_is_not_told_again(follow: Follow) -> None:
    again = stream(event(4), event(5), event(5), event(6))
    with Scripted(stream(BEGIN, event(5)), again, then_silence(stream(event(7)))) as server:
        assert numbers(follow(server.url, 3)) == [5, 6, 7]


def test_one_that_was_too_slow_catches_up_at_once(follow: Follow) -> None:
    gap = 'id: 5\nevent: gap\ndata: {"since": 5}\n\n'
    with Scripted(
        then_silence(stream(BEGIN, event(5), gap)), then_silence(stream(event(6)))
    ) as server:
        assert numbers(follow(server.url, 2, retry_backoff=1000)) == [5, 6]


@pytest.mark.parametrize(
    "farewell",
    [
        'id: 5\nevent: closing\ndata: {"resume": 5}\n\n',
        'event: error\ndata: {"code": "busy", "message": "no", "hint": ""}\n\n',
    ],
)
def test_a_server_that_goes_away_is_asked_again(follow: Follow, farewell: str) -> None:
    script: list[Act] = [
        then_silence(stream(BEGIN, event(5), farewell)),
        refusal(503, retry_after="0"),
        *[reset] * 6,
        then_silence(stream(event(6))),
    ]
    with Scripted(*script) as server:
        assert numbers(follow(server.url, 2)) == [5, 6]


def test_trouble_and_what_newer_servers_say_are_passed_over(follow: Follow) -> None:
    trouble = 'event: trouble\ndata: {"message": "cannot read"}\n\n'
    news = 'event: weather\ndata: {"sun": true}\n\n'
    with Scripted(then_silence(stream(BEGIN, trouble, news, event(5)))) as server:
        assert numbers(follow(server.url, 1)) == [5]


def test_everything_after_a_change_can_be_asked_for(follow: Follow) -> None:
    with Scripted(then_silence(stream(event(3)))) as server:
        assert numbers(follow(server.url, 1, since=2, tag="sprint")) == [3]

    assert server.asked[0].headers["last-event-id"] == "2"
    assert server.asked[0].path == "/api/v1/changes/stream?tag=sprint"


def test_a_change_that_the_log_does_not_know_any_more_ends_it(follow: Follow) -> None:
    script = [stream(BEGIN, event(5)), refusal(410, "no-such-change")]
    with Scripted(*script) as server, pytest.raises(GoneError):
        follow(server.url, 2)


def test_one_who_may_not_listen_any_more_is_told(follow: Follow) -> None:
    script = [stream(BEGIN, event(5)), refusal(401, "unauthenticated")]
    with Scripted(*script) as server, pytest.raises(InvalidTokenError):
        follow(server.url, 2)


def test_a_server_that_never_was_there_is_not_waited_for_long(follow: Follow) -> None:
    with Scripted(reset) as server, pytest.raises(ConnectionFailedError):
        follow(server.url, 1, max_retries=2)

    assert len(server.asked) == 3


def test_what_is_no_stream_is_not_listened_to(follow: Follow) -> None:
    with Scripted(reply(b"<html>")) as server, pytest.raises(ConnectionFailedError, match="text/"):
        follow(server.url, 1, max_retries=0)


def test_a_fault_of_the_server_is_told(follow: Follow) -> None:
    with Scripted(refusal(500)) as server, pytest.raises(ServerError):
        follow(server.url, 1)


def test_another_thread_ends_the_wait_for_a_change() -> None:
    heard = threading.Event()
    with (
        Scripted(then_silence(stream(BEGIN, event(5)))) as server,
        Client(server.url, TOKEN) as client,
    ):
        changes = client.changes()

        def listen() -> None:
            for _ in changes:
                heard.set()

        listener = threading.Thread(target=listen)
        listener.start()
        assert heard.wait(10)
        changes.stop()
        listener.join(10)

        assert not listener.is_alive()
        assert changes.number == 5
        assert list(changes) == []


def test_the_wait_for_a_server_that_is_away_can_be_ended_too() -> None:
    lost = threading.Event()

    def away(connection: socket.socket) -> None:
        lost.set()
        reset(connection)

    with (
        Scripted(stream(BEGIN, event(5)), away) as server,
        Client(server.url, TOKEN, retry_backoff=0.01) as client,
    ):
        changes = client.changes()
        next(changes)
        listener = threading.Thread(target=list, args=(changes,))
        listener.start()
        assert lost.wait(10)
        changes.stop()
        listener.join(10)

        assert not listener.is_alive()


def test_another_task_ends_the_wait_for_a_change() -> None:
    async def followed(url: str) -> list[int]:
        async with AsyncClient(url, TOKEN) as client:
            changes = client.changes()
            found = []
            async with asyncio.timeout(10):
                async for change in changes:
                    found.append(change.number)
                    asyncio.get_running_loop().call_soon(changes.stop)
            return found

    with Scripted(then_silence(stream(BEGIN, event(5)))) as server:
        assert asyncio.run(followed(server.url)) == [5]


def test_a_task_that_listens_can_be_cancelled() -> None:
    async def followed(url: str) -> None:
        async with AsyncClient(url, TOKEN) as client:
            changes = client.changes()
            await anext(changes)
            listener = asyncio.ensure_future(anext(changes))
            await asyncio.sleep(0)
            listener.cancel()
            with pytest.raises(asyncio.CancelledError):
                await listener
            await changes.close()
            with pytest.raises(StopAsyncIteration):
                await anext(changes)

    with Scripted(then_silence(stream(BEGIN, event(5)))) as server:
        asyncio.run(followed(server.url))


def test_pages_are_gone_through_once_even_where_they_change_meanwhile(ask: Ask) -> None:
    def page(first: int, cursor: str | None) -> bytes:
        tasks = [{"id": str(number), "title": "x"} for number in (first, first + 1)]
        return answer({"tasks": tasks, "nextCursor": cursor, "hasMore": bool(cursor), "total": 9})

    async def collected(client: Either) -> list[str]:
        return [task.id async for task in client.tasks(status=["pending", "done"], tag="t")]

    def work(client: Either) -> Either:
        if isinstance(client, AsyncClient):
            return collected(client)
        return [task.id for task in client.tasks(status=["pending", "done"], tag="t")]

    script = [page(1, "a"), refusal(409, "stale-cursor"), page(2, "b"), page(4, None)]
    with Scripted(*script) as server:
        assert ask(server.url, work) == ["1", "2", "3", "4", "5"]

    asked = [one.path.partition("?")[2] for one in server.asked]
    assert all("tag=t" in one and "status=pending%2Cdone" in one for one in asked)
    assert ["cursor=a" in one for one in asked] == [False, True, False, False]
    assert "cursor=b" in asked[3]
