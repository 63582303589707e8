"""One thread follows a project for all subscribers; none of them holds up another or loses any."""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.processes import LIMIT, wait_until
from tests.server.live import made, put

from taskmaster import app
from taskmaster.domain.changes import Actor
from taskmaster.domain.task import Task
from taskmaster.doorbells.silent import Silent
from taskmaster.errors import Unavailable
from taskmaster.ports import Listener
from taskmaster.server import events, recent
from taskmaster.server.events import Event
from taskmaster.server.feed import Feed
from taskmaster.server.recent import Recent
from taskmaster.server.subscription import Subscription
from taskmaster.stores.memory import MemoryStore, _Reading
from taskmaster.testing.projects import ODD_TEXTS
from taskmaster.workspace import Workspace

Scenario = Callable[[Feed], Awaitable[None]]


class Bell:
    """A listener of this process, which is heard when it is let through."""

    trouble = ""

    def __init__(self) -> None:
        self.rung = threading.Event()

    def wait(self, seconds: float) -> bool:
        heard = self.rung.wait(seconds)
        self.rung.clear()
        return heard

    def close(self) -> None:
        self.rung.set()


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest.fixture
def ws(bell: Bell) -> Workspace:
    """A project in memory, of whose changes the feed hears when the bell is rung."""
    ann = Actor("ann", "person", "")
    return Workspace(MemoryStore(), ann, doorbell=Silent(), listener=lambda: bell)


@asynccontextmanager
async def fed(ws: Workspace) -> AsyncIterator[Feed]:
    feed = Feed(ws, asyncio.get_running_loop())
    feed.start()
    try:
        await feed.begun()
        yield feed
    finally:
        await feed.close()


def run(ws: Workspace, scenario: Scenario) -> None:
    async def whole() -> None:
        async with asyncio.timeout(LIMIT), fed(ws) as feed:
            await scenario(feed)

    asyncio.run(whole())


async def numbers(subscription: Subscription, last: int) -> list[int]:
    """The changes that are told, up to this one."""
    heard: list[int] = []
    async for event in subscription:
        assert event.kind == "change", event.data
        first, final = json.loads(event.data)["seq"]
        heard += range(first, final + 1)
        if final >= last:
            break
    return heard


def thread_is_there() -> bool:
    return any(one.name == "tamp-follower" for one in threading.enumerate())


def test_the_thread_ends_with_the_feed(ws: Workspace) -> None:
    async def scenario(feed: Feed) -> None:
        await asyncio.sleep(0)
        assert thread_is_there()
        assert feed.lag() < LIMIT

    run(ws, scenario)
    assert not thread_is_there()


def test_who_waits_when_the_feed_is_closed_waits_no_longer(ws: Workspace) -> None:
    async def scenario(feed: Feed) -> None:
        subscription = feed.subscribe(since=None)
        await subscription.open()
        waiting = asyncio.create_task(subscription.some())
        await asyncio.sleep(0)
        await feed.close()
        assert await waiting == []
        assert subscription.over
        assert await feed.subscribe(since=None).some() == []

    run(ws, scenario)


def test_a_transaction_is_turned_into_bytes_once_for_all(ws: Workspace, bell: Bell) -> None:
    async def scenario(feed: Feed) -> None:
        many = [feed.subscribe(since=None, tag=tag) for tag in ("", "master") * 5]
        for one in many:
            await one.open()
        put(ws, 1)
        bell.rung.set()
        heard = [(await one.some())[0] for one in many]
        assert len({id(one.frame) for one in heard}) == 1
        assert len({id(one.text) for one in heard}) == 1

    run(ws, scenario)


@pytest.mark.parametrize("since", [0, 1, 700, 1999, 2000])
def test_thousands_at_once_drop_nobody_who_keeps_up(ws: Workspace, bell: Bell, since: int) -> None:
    async def scenario(feed: Feed) -> None:
        quick = [feed.subscribe(since=None, room=1) for _ in range(3)]
        listening = [asyncio.create_task(numbers(one, 2000)) for one in quick]
        for one in quick:
            await one.open()
        for number in range(1, 2001):
            put(ws, number % 7, title=f"{number}")
        bell.rung.set()
        assert [await one for one in listening] == [list(range(1, 2001))] * 3
        if since < 2000:
            late = await numbers(feed.subscribe(since=since), 2000)
            assert late == list(range(since + 1, 2001))
        else:
            assert await feed.subscribe(since=since).some(0) == []

    run(ws, scenario)


def test_who_leaves_too_much_waiting_hears_of_the_gap_and_goes_on_after_it(
    ws: Workspace, bell: Bell
) -> None:
    async def scenario(feed: Feed) -> None:
        slow, quick = feed.subscribe(since=0, room=10), feed.subscribe(since=0)
        put(ws, 1)
        bell.rung.set()
        assert [len(await one.some()) for one in (slow, quick)] == [1, 1]
        for number in range(2, 40):
            put(ws, number)
            bell.rung.set()
            assert await numbers(feed.subscribe(since=number - 1), number) == [number]
        (gap,) = await slow.some()
        assert (gap.kind, json.loads(gap.data)) == ("gap", {"since": 1})
        assert slow.over
        assert await slow.some() == []
        assert await numbers(quick, 39) == list(range(2, 40))
        assert await numbers(feed.subscribe(since=1), 39) == list(range(2, 40))

    run(ws, scenario)


def test_who_leaves_too_many_bytes_waiting_hears_of_the_gap(ws: Workspace, bell: Bell) -> None:
    async def scenario(feed: Feed) -> None:
        slow = feed.subscribe(since=None)
        await slow.open()
        for number in range(1, 10):
            put(ws, number, details="x" * 200_000)
            bell.rung.set()
            await numbers(feed.subscribe(since=number - 1), number)
        (gap,) = await slow.some()
        assert (gap.kind, json.loads(gap.data)) == ("gap", {"since": 0})

    run(ws, scenario)


def test_the_feed_keeps_little_whatever_happens(ws: Workspace, bell: Bell) -> None:
    async def scenario(feed: Feed) -> None:
        for number in range(1, 40):
            put(ws, number, details="x" * 200_000)
            bell.rung.set()
            await numbers(feed.subscribe(since=number - 1), number)
        kept = sum(len(one.data) for one in feed.recent._events)
        assert 0 < kept <= recent.KEPT_BYTES

    run(ws, scenario)


def test_a_transaction_that_is_too_large_is_told_without_its_changes(
    ws: Workspace, bell: Bell
) -> None:
    async def scenario(feed: Feed) -> None:
        subscription = feed.subscribe(since=None)
        await subscription.open()
        with ws.writing("many") as writer:
            for number in range(500):
                writer.put("master", Task({"id": number, "title": "x" * 1000}))
        bell.rung.set()
        (event,) = await subscription.some()
        told = json.loads(event.data)
        assert (told["seq"], told["changes"], told["omitted"]) == ([1, 500], [], 500)
        assert len(event.data) < events.LARGEST

    run(ws, scenario)


def test_odd_texts_and_numbers_stop_nobody(ws: Workspace, bell: Bell) -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    odd = {"texts": list(ODD_TEXTS), "numbers": [10**40, 1e300, float("nan")]}

    async def scenario(feed: Feed) -> None:
        subscription = feed.subscribe(since=None)
        await subscription.open()
        put(ws, 1, odd=odd)
        put(ws, 2, odd=deep)
        put(ws, 3)
        bell.rung.set()
        heard: list[Event] = []
        while len(heard) < 3:
            heard += await subscription.some()
        docs = [json.loads(one.data) for one in heard]
        assert docs[0]["changes"][0]["doc"]["odd"]["texts"] == odd["texts"]
        assert docs[1]["omitted"] == 1
        assert all(b"\n" not in one.data for one in heard)
        assert all(json.loads(one.text)["type"] == "change" for one in heard)
        del deep[:]

    run(ws, scenario)


def test_a_listener_that_breaks_costs_nothing_and_is_on_record(
    ws: Workspace, bell: Bell, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Bell):
        def wait(self, seconds: float) -> bool:
            bell.wait(seconds)
            raise ZeroDivisionError

    made: list[Listener] = []

    def listener() -> Listener:
        made.append(Broken() if len(made) < 2 else bell)
        return made[-1]

    ws.listener = listener

    async def scenario(feed: Feed) -> None:
        subscription = feed.subscribe(since=0)
        told: list[Event] = []
        for number in range(1, 6):
            put(ws, number)
        while not any(one.number == 5 for one in told):
            told += await subscription.some()
        while len(made) < 3 or feed.trouble:
            await subscription.some(0.01)
        assert [one.number for one in told if one.kind == "change"] == [1, 2, 3, 4, 5]

    with caplog.at_level(logging.ERROR):
        run(ws, scenario)
    assert len(made) == 3
    assert [one.exc_info[0] for one in caplog.records if one.exc_info] == [ZeroDivisionError] * 2


def test_a_store_that_does_not_answer_at_first_is_waited_for(ws: Workspace) -> None:
    asked = threading.Event()

    class Away(MemoryStore):
        def reading(self) -> _Reading:
            if not asked.is_set():
                asked.set()
                raise Unavailable("the store is away")
            return super().reading()

    ws.log = Away()

    async def scenario(feed: Feed) -> None:
        assert asked.is_set()
        assert feed.trouble == ""
        assert await feed.subscribe(since=None).open() == 0

    run(ws, scenario)


def test_a_log_that_was_started_anew_is_told_and_followed(tmp_path: Path) -> None:
    folder = made(tmp_path / "project")
    ws = app.open_project(str(folder))
    for number in range(1, 4):
        put(ws, number)

    async def scenario(feed: Feed) -> None:
        subscription = feed.subscribe(since=None)
        assert await subscription.open() == 3
        shutil.rmtree(folder / ".taskmaster" / "log")
        put(ws, 1, title="anew")
        (event,) = await subscription.some()
        assert json.loads(event.data)["code"] == "no-such-change"
        assert subscription.over
        again = feed.subscribe(since=None)
        began = await again.open()
        put(ws, 1, title="and on")
        assert await numbers(again, began + 1) == [began + 1]

    run(ws, scenario)


@given(
    sizes=st.lists(st.integers(0, 3), max_size=30),
    since=st.integers(0, 40),
)
def test_who_goes_on_from_a_place_gets_all_that_came_after(sizes: list[int], since: int) -> None:
    """Changes, with as many numbers each, and troubles, which have none."""
    kept, number, given_ = Recent(0), 0, []
    for size in sizes:
        number += size
        given_.append(Event("change" if size else "trouble", number if size else None, b"{}"))
        kept.add(given_[-1])
    place = kept.place_after(since)
    assert place is not None
    got: list[Event] = []
    while place + len(got) < kept.end:
        got += kept.at(place + len(got), 3)
    wanted = [one for one in given_ if one.number is not None and one.number > since]
    assert [one for one in got if one.number is not None] == wanted
    assert kept.behind(place) == (len(got), 2 * len(got))


def test_what_is_forgotten_or_soon_will_be_is_no_place_to_go_on_from() -> None:
    kept = Recent(10)
    assert kept.place_after(9) is None
    for number in range(11, 3000):
        kept.add(Event("change", number, b"{}"))
    assert kept.end == 2989
    assert kept.place_after(2990) is not None
    assert kept.place_after(2999 - recent.KEPT + 10) is None
    assert kept.place_after(5) is None
    assert kept.start == 2999 - recent.KEPT


def test_a_reader_that_is_cancelled_leaves_its_place(ws: Workspace, bell: Bell) -> None:
    async def scenario(feed: Feed) -> None:
        subscription = feed.subscribe(since=0)
        await subscription.open()
        assert await subscription.some(0.01) == []
        put(ws, 1)
        bell.rung.set()
        assert await numbers(subscription, 1) == [1]

    run(ws, scenario)


def test_closing_takes_no_time_while_nothing_happens(tmp_path: Path) -> None:
    ws = app.open_project(str(made(tmp_path / "project")))

    async def scenario(feed: Feed) -> None:
        assert not feed.trouble

    run(ws, scenario)
    wait_until(lambda: not thread_is_there(), "the thread has ended", 1)
