"""Results as Server-Sent Events, each an event ``next``, and ``complete`` after the last."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from taskmaster.server.answer import encoded
from taskmaster.server.ends import dismissed, finished
from taskmaster.server.stream import HEADERS, HEARTBEAT, left, sent

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable

    from taskmaster.server.ends import Ends, Receive, Send

_EVENT = b"event: next\ndata: %b\n\n"
_LAST = b"event: complete\ndata:\n\n"


async def tell(
    bodies: AsyncGenerator[bytes, None],
    receive: Receive,
    send: Send,
    headers: Iterable[tuple[bytes, bytes]],
    ends: Ends,
    heartbeat: float = HEARTBEAT,
) -> None:
    """Answer a request with every one of *bodies*, until either side *ends* it.

    Where the server goes away there is no last event, so that the client comes again.
    """
    start = {"type": "http.response.start", "status": 200, "headers": [*HEADERS, *headers]}
    await send(start)
    telling = asyncio.create_task(_tell(bodies, send, heartbeat))
    gone = asyncio.create_task(left(receive))
    try:
        await ends.first(telling, gone)
        if telling.done():
            await finished(telling)
        elif not gone.done():
            await dismissed(telling)
            with suppress(OSError):  # It has gone just now, or takes nothing any more.
                await sent(send, _farewell(ends), more=False)
    finally:
        await dismissed(telling, gone)


async def _tell(bodies: AsyncGenerator[bytes, None], send: Send, heartbeat: float) -> None:
    await sent(send, b": here\n\n")
    try:
        while (body := await _next(bodies, send, heartbeat)) is not None:
            await sent(send, _EVENT % body)
    finally:
        await bodies.aclose()
    await sent(send, _LAST, more=False)


async def _next(bodies: AsyncGenerator[bytes, None], send: Send, heartbeat: float) -> bytes | None:
    """The next one, None when there is none; signs of life are sent until it is there."""
    step = asyncio.ensure_future(anext(bodies, None))
    try:
        while not (await asyncio.wait([step], timeout=heartbeat))[0]:
            await sent(send, b": here\n\n")
    finally:
        await dismissed(step)
    return step.result()


def _farewell(ends: Ends) -> bytes:
    words = ends.words(0)
    if words is None or not ends.barred:
        return b""
    told = msgspec.json.decode(words.data)
    body = encoded({"errors": [{"message": told.pop("message"), "extensions": told}]})
    return _EVENT % body + _LAST
