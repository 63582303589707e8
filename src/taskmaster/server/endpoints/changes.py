"""What has happened since a change that the caller knows, and what happens from now on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta

from taskmaster.server import changes, porter
from taskmaster.server.answer import Answer, reply_to
from taskmaster.server.endpoint import STREAMS, Group, Tagged
from taskmaster.server.endpoints.past import LogEntry, Number
from taskmaster.server.ends import Ends, dismissed
from taskmaster.server.request import asked
from taskmaster.server.shapes import Shape
from taskmaster.server.stream import resume_point, stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from taskmaster.server.answer import Reply
    from taskmaster.server.call import Visit
    from taskmaster.server.ends import Receive, Send

GROUP = Group("changes")


class ChangesQuery(Tagged):
    """``since`` is the number of a change that is known; ``wait`` is how many seconds to wait for
    one where there is none yet.
    """

    since: Number = 0
    limit: Annotated[int, Meta(ge=1, le=changes.MOST)] = changes.LIMIT
    wait: Annotated[float, Meta(ge=0, le=changes.LONGEST_WAIT)] = 0


class Changes(Shape):
    """Oldest first. ``since`` is what to ask with for the next page, ``more`` whether there is one
    already, ``latest`` the number of the last change.
    """

    changes: list[LogEntry]
    since: int
    latest: int
    more: bool


@GROUP.get("/changes", Changes, query=ChangesQuery, kept=False, live=True, errors=(410,))
async def list_changes(
    visit: Visit, _receive: Receive, _send: Send, _headers: Sequence[tuple[bytes, bytes]]
) -> Reply:
    """List what happened after a change, oldest first, and wait for it if asked to.

    With a ``tag`` only what was done to it.
    """
    query: ChangesQuery = asked(visit.request.query, ChangesQuery)
    return reply_to(Answer(await _page(visit, query)))


async def _page(visit: Visit, query: ChangesQuery) -> dict[str, object]:
    """The page, waited for no longer than the server runs and the caller may know."""
    served, house = visit.served, visit.house
    known = query.since, query.limit, query.tag
    if not query.wait:
        return await served.feed.reading(changes.changes_page, served.ws, *known)
    awaited = asyncio.create_task(changes.awaited_page(served.feed, *known, query.wait))
    shown = porter.credentials(visit.request)
    try:
        with porter.listening(house, served, shown, visit.principal) as barred:
            await Ends(house.stopping, barred).first(awaited)
            if barred.done():
                raise barred.result()
        if awaited.done():
            return awaited.result()
    finally:
        await dismissed(awaited)
    return await served.feed.reading(changes.changes_page, served.ws, *known)


class StreamQuery(Tagged):
    """``since`` is the number of the last change that is known."""

    since: str = ""


@GROUP.get(
    "/changes/stream", None, query=StreamQuery, kept=False, live=True, errors=(410,),
    kinds=(STREAMS,),
)  # fmt: skip
async def stream_changes(
    visit: Visit, receive: Receive, send: Send, headers: Sequence[tuple[bytes, bytes]]
) -> None:
    """Tell every change from now on, as Server-Sent Events.

    Each event's ``id`` is the number of a change; ``Last-Event-ID`` or ``since`` go on after it,
    with nothing left out. The same over a WebSocket is at ``/api/v1/live``.
    """
    house, served = visit.house, visit.served
    query: StreamQuery = asked(visit.request.query, StreamQuery)
    since = resume_point(visit.request.scope)
    subscription = served.feed.subscribe(since=since, tag=query.tag)
    shown = porter.credentials(visit.request)
    with porter.listening(house, served, shown, visit.principal) as barred:
        await stream(subscription, send, receive, headers, ends=Ends(house.stopping, barred))
