"""One subscriber's way through what happens: first by the log, then with everybody else."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from taskmaster.errors import Invalid, TampError
from taskmaster.server import events
from taskmaster.server.recent import KEPT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable

    from taskmaster.server.events import Event
    from taskmaster.server.log import Stretch
    from taskmaster.server.recent import Recent

ROOM = 256
"""Events that may wait for a subscriber."""

ROOM_BYTES = 1024 * 1024
"""Bytes that may wait for a subscriber."""

_AT_ONCE_BYTES = 64 * 1024


class Source(Protocol):
    """What feeds a subscription."""

    recent: Recent
    trouble: str

    async def begun(self) -> None:
        """Wait until ``recent`` is what it says. Raises Unavailable."""

    def stretch(self, since: int, tag: str) -> Awaitable[Stretch]:
        """What the log has after change *since*, read by another thread."""

    def forget(self, subscription: Subscription) -> None:
        """It is over."""


class Subscription:
    """Events after change ``number``, in order, none left out and none twice.

    ``number`` moves on when the next ones are asked for: what was handed out counts as having
    arrived by then. It keeps nothing of what is to be told, only its place in what the feed keeps.
    ``over`` says that nothing will come any more.
    """

    def __init__(self, feed: Source, since: int | None, tag: str, room: int) -> None:
        self.number = since or 0
        self.over = False
        self._feed = feed
        self._tag = tag
        self._room = min(room, KEPT // 2), ROOM_BYTES
        self._from_now = since is None
        self._next = self.number
        """The last change that was handed out, or is no concern of this subscriber."""
        self._place: int | None = None
        """That of the next event among the recent ones; None while it comes from the log."""
        self._read: Stretch | None = None
        self._found = False
        self._ready: list[Event] = []
        self._slow = False
        self._farewell: Event | None = None
        self._news = asyncio.Event()

    async def open(self) -> int:
        """Find the beginning, and give its number.

        Raises NotFound (code ``no-such-change``) where the log does not know that change, Invalid
        for what is no number of a change, Unavailable, and as reading does.
        """
        if not self._found:
            try:
                await self._feed.begun()
                await self._find()
            except TampError:
                self.close()
                raise
            self._found = True
        return self.number

    async def __aiter__(self) -> AsyncIterator[Event]:
        await self.open()
        try:
            while not self.over:
                for event in await self.some():
                    yield event
        finally:
            self.close()

    async def some(self, seconds: float | None = None) -> list[Event]:
        """The next events, as soon as there are any; none after these *seconds*, or at the end."""
        self.number = self._next
        try:
            async with asyncio.timeout(seconds):
                while not self.over:
                    found = await self._due()
                    if found:
                        return found
                    self.number = self._next
                    await self._news.wait()
        except TimeoutError:
            pass
        return []

    async def changed(self, end: float) -> bool:
        """Whether there is a change to be told until the loop's time is *end*; it is skipped."""
        loop = asyncio.get_running_loop()
        while not self.over and loop.time() < end:
            if any(one.kind == "change" for one in await self.some(end - loop.time())):
                return True
        return False

    def close(self) -> None:
        """Nothing more is to be told."""
        self.over = True
        self._news.set()
        self._feed.forget(self)

    def fail(self, event: Event) -> None:
        """Tell nothing more but this."""
        self._farewell = self._farewell or event
        self._news.set()

    def measure(self) -> None:
        """Let go of it when it has fallen too far behind."""
        if self._place is not None:
            count, size = self._feed.recent.behind(self._place)
            self._slow = self._slow or count > self._room[0] or size > self._room[1]

    def wake(self) -> None:
        self._news.set()

    async def _find(self) -> None:
        if self._from_now:
            self.number = self._next = self._feed.recent.latest
        if self.number < 0:
            raise Invalid(f"there is no change {self.number}: they count from 1", code="bad-since")
        if self.number <= self._feed.recent.latest:
            self._join()
        if self._place is None:
            self._read = await self._feed.stretch(self._next, self._tag)
        if self._feed.trouble:
            self._ready = [events.trouble(self._feed.trouble)]

    def _join(self) -> None:
        """Go on with everybody else, if that is near; how far it is must not count as slowness."""
        self._place = self._feed.recent.place_after(self._next)
        if self._place is not None:
            count, size = self._feed.recent.behind(self._place)
            self._room = max(self._room[0], count), max(self._room[1], size)

    async def _due(self) -> list[Event]:
        """What can be handed out without waiting for anything but the store."""
        self._news.clear()
        if self._farewell or self._slow:
            self.close()
            return [self._farewell or events.gap(self._next)]
        if self._ready:
            ready, self._ready = self._ready, []
            return ready
        try:
            return await self._late() or self._live()
        except TampError as error:
            self.close()
            return [events.failure(error)]

    async def _late(self) -> list[Event]:
        """What the log has, until that is where everybody else is."""
        while self._place is None and not self.over:
            read, self._read = self._read or await self._feed.stretch(self._next, self._tag), None
            moved, self._next = read.number > self._next, read.number
            self._join()
            if read.events or not moved:
                return read.events
        return []

    def _live(self) -> list[Event]:
        """What came since; what the log had told before it came is left out."""
        while self._place is not None and self._place < self._feed.recent.end:
            found = self._feed.recent.at(self._place, _AT_ONCE_BYTES)
            self._place += len(found)
            told = [kept for one in found if self._is_new(one) and (kept := one.on(self._tag))]
            self._next = max(self._next, *(one.number or 0 for one in found))
            if told:
                return told
        return []

    def _is_new(self, event: Event) -> bool:
        return event.number is None or event.number > self._next
