"""Everything that happens in a project, for any number of subscribers in this process."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import msgspec

from taskmaster.errors import Unavailable
from taskmaster.server.follower import Follower
from taskmaster.server.log import stretch
from taskmaster.server.recent import Recent
from taskmaster.server.subscription import ROOM, Subscription

if TYPE_CHECKING:
    from collections.abc import Callable

    from taskmaster.server.events import Event
    from taskmaster.server.log import Stretch
    from taskmaster.workspace import Workspace

PATIENCE = 5.0
"""Seconds that a subscriber waits for the first look at the log."""

_THREADS = 2
_LOOK = 0.1
_P = ParamSpec("_P")
_T = TypeVar("_T")


class Feed:
    """Follows the change log of a project in a thread and tells it to all who subscribe.

    Belongs to *loop*: but for the making of it, everything is called there. What is told is turned
    into bytes once. ``trouble`` is what keeps changes from being heard at once, ``""`` when nothing
    does.
    """

    def __init__(self, ws: Workspace, loop: asyncio.AbstractEventLoop) -> None:
        self.ws = ws
        self.trouble = ""
        self.recent = Recent(0)
        self._loop = loop
        self._begun = asyncio.Event()
        self._closed = False
        self._subscriptions: set[Subscription] = set()
        self._follower = Follower(ws, self._hand_over)
        # Of their own: those who come late must not keep requests waiting.
        self._readers = ThreadPoolExecutor(_THREADS, "tamp-backlog")

    def start(self) -> None:
        self._follower.start()

    async def close(self) -> None:
        """End all subscriptions and the thread, which may take a moment."""
        self._closed = True
        self._follower.end()
        for one in list(self._subscriptions):
            one.close()
        await self._loop.run_in_executor(None, self._follower.join, PATIENCE)
        self._readers.shutdown(wait=False, cancel_futures=True)

    @property
    def latest(self) -> int:
        """The number of the last change that was told."""
        return self.recent.latest

    @property
    def subscribers(self) -> int:
        return len(self._subscriptions)

    def lag(self) -> float:
        """Seconds since it was last certain to have told everything; less than 1 if all is well."""
        return time.monotonic() - self._follower.certain

    def subscribe(self, *, since: int | None, tag: str = "", room: int = ROOM) -> Subscription:
        """Everything after change *since*, or from now on where that is None.

        With a *tag* only what is done to that. Whoever leaves more than *room* events, or too
        many bytes, waiting is told of the gap and let go.
        """
        made = Subscription(self, since, tag, room)
        if self._closed:
            made.close()
        else:
            self._subscriptions.add(made)
        return made

    def forget(self, subscription: Subscription) -> None:
        self._subscriptions.discard(subscription)

    async def begun(self) -> None:
        """Wait until the log was looked at. Raises Unavailable when that takes long."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self._begun.wait()
        except TimeoutError:
            raise Unavailable(
                f"the change log cannot be followed yet: {self.trouble or 'it does not answer'}",
                hint="try again in a moment",
                code="not-following",
            ) from None

    async def reading(self, work: Callable[_P, _T], *given: _P.args, **more: _P.kwargs) -> _T:
        """What *work* gives, done in a thread for reading the log."""
        return await self._loop.run_in_executor(self._readers, lambda: work(*given, **more))

    async def stretch(self, since: int, tag: str) -> Stretch:
        return await self.reading(stretch, self.ws, since, tag)

    def _hand_over(self, found: list[Event]) -> None:
        """Called in the thread: have the events told, and wait until all had their turn."""
        taken = threading.Event()
        try:
            self._loop.call_soon_threadsafe(self._arrive, found, taken)
        except RuntimeError:  # The loop is closed, with nobody left to tell anything to.
            self._follower.end()
            return
        while not taken.wait(_LOOK) and not self._closed:
            pass

    def _arrive(self, found: list[Event], taken: threading.Event) -> None:
        for one in list(self._subscriptions):
            one.measure()
        for event in found:
            self._take(event)
        for one in list(self._subscriptions):
            one.wake()
        # Everybody who was waiting goes first.
        self._loop.call_soon(taken.set)

    def _take(self, event: Event) -> None:
        if event.kind == "begin":
            self.recent = Recent(event.number or 0)
            self._begun.set()
            return
        if event.kind == "error":  # What is recent is so no more, until it begins again.
            self._begun.clear()
            for one in list(self._subscriptions):
                one.fail(event)
            return
        if event.kind == "trouble":
            self.trouble = msgspec.json.decode(event.data)["message"]
        self.recent.add(event)
