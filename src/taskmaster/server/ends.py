"""How what stays open comes to an end: by the client, by the server, or for a slow client."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from taskmaster.server import events

if TYPE_CHECKING:
    from taskmaster.errors import TampError
    from taskmaster.server.events import Event

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

STALL = 30.0
"""Seconds after which a client that takes nothing is given up."""

GRACE = 2.0
"""Seconds that what is being sent may still take when everything has to end."""


class Ends:
    """What the server ends a stream for: *stopping*, when it goes away itself, or being *barred*,
    when the caller may hear no more, as with a key that was revoked.
    """

    def __init__(
        self, stopping: asyncio.Event, barred: asyncio.Future[TampError] | None = None
    ) -> None:
        self._stopping = stopping
        self._barred = barred

    async def first(self, *work: asyncio.Future[Any]) -> None:
        """Wait until one of these is done, or it is time to end."""
        stopping = asyncio.create_task(self._stopping.wait())
        barred = [self._barred] if self._barred else []
        try:
            await asyncio.wait([*work, stopping, *barred], return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()

    @property
    def barred(self) -> bool:
        return self._barred is not None and self._barred.done()

    def words(self, number: int) -> Event | None:
        """What to tell somebody at last who has heard everything up to change *number*."""
        if self._barred is not None and self._barred.done():
            return events.failure(self._barred.result())
        return events.closing(number) if self._stopping.is_set() else None


async def finished(work: asyncio.Task[None]) -> bool:
    """Give it a little time to come to its end; whether it did, with the client still there.

    Raises whatever else ended it.
    """
    await asyncio.wait([work], timeout=GRACE)
    if not work.done():
        return False
    try:
        work.result()
    except OSError:  # It took nothing for too long, which is a TimeoutError, or it has gone.
        return False
    return True


async def dismissed(*work: asyncio.Task[Any]) -> None:
    """Have all of these over, whatever they were doing."""
    for one in work:
        one.cancel()
    await asyncio.gather(*work, return_exceptions=True)
