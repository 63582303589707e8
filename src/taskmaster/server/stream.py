"""Live changes as Server-Sent Events, told by ASGI."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from taskmaster.errors import Invalid
from taskmaster.server.ends import GRACE, STALL, dismissed, finished

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from taskmaster.server.ends import Ends, Receive, Send
    from taskmaster.server.subscription import Subscription

HEARTBEAT = 15.0
"""Seconds of silence after which a sign of life is sent."""

RETRY = 1000
"""Milliseconds after which a client should come again."""

HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store, no-transform"),
    (b"x-accel-buffering", b"no"),
)


def resume_point(scope: Mapping[str, Any]) -> int | None:
    """After which change a request wants to go on; None for from now on.

    ``Last-Event-ID`` counts before ``?since=``: a browser that comes again repeats the address.
    Raises Invalid for what is no number.
    """
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
    told = headers.get(b"last-event-id") or query.get("since", [""])[-1]
    if not told:
        return None
    if not told.isascii() or not told.isdigit() or len(told) > 18:
        raise Invalid(
            f"{told[:20]!r} is not the number of a change",
            hint="Last-Event-ID and since take the number of the last change that was seen",
            code="bad-since",
        )
    return int(told)


async def stream(
    subscription: Subscription,
    send: Send,
    receive: Receive,
    headers: Iterable[tuple[bytes, bytes]] = (),
    *,
    ends: Ends,
    heartbeat: float = HEARTBEAT,
) -> None:
    """Answer a request with everything that the subscription tells, until either side *ends* it.

    Raises what ``Subscription.open`` raises, before anything is sent.
    """
    await subscription.open()
    told = asyncio.create_task(_tell(subscription, send, [*HEADERS, *headers], heartbeat))
    gone = asyncio.create_task(left(receive))
    try:
        await ends.first(told, gone)
        subscription.close()
        if not gone.done() and await finished(told):
            words = ends.words(subscription.number)
            with suppress(OSError):  # It has gone just now, or takes nothing any more.
                await sent(send, words.frame if words else b"", more=False)
    finally:
        subscription.close()
        await dismissed(told, gone)


async def _tell(
    subscription: Subscription,
    send: Send,
    headers: Iterable[tuple[bytes, bytes]],
    heartbeat: float,
) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": list(headers)})
    number = subscription.number
    await sent(send, b"retry: %d\nid: %d\n\n" % (RETRY, number))
    while True:
        found = await subscription.some(heartbeat)
        if found:
            await sent(send, b"".join(one.frame for one in found))
        elif subscription.over:
            return
        else:
            # What was none of this subscriber's business need not be looked through again.
            moved = b"id: %d\n" % subscription.number if subscription.number != number else b""
            await sent(send, b": here\n%s\n" % moved)
        number = subscription.number


async def left(receive: Receive) -> None:
    """Until the client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def sent(send: Send, body: bytes, *, more: bool = True) -> None:
    """Send a piece of a stream. Raises TimeoutError for a client that does not take it."""
    async with asyncio.timeout(STALL if more else GRACE):
        await send({"type": "http.response.body", "body": body, "more_body": more})
