"""What has happened since a change that the caller knows."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta

from taskmaster.server import changes, porter
from taskmaster.server.answer import Answer, reply_to
from taskmaster.server.compression import packed
from taskmaster.server.endpoint import Group, Tagged
from taskmaster.server.endpoints.past import LogEntry, Number
from taskmaster.server.ends import Ends, dismissed
from taskmaster.server.kept import Kept
from taskmaster.server.performing import conditional
from taskmaster.server.request import asked
from taskmaster.server.shapes import Shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from taskmaster.server.ends import Receive, Send
    from taskmaster.server.performing import Visit

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
    visit: Visit, receive: Receive, send: Send, headers: Sequence[tuple[bytes, bytes]]
) -> None:
    """List what happened after a change, oldest first, and wait for it if asked to.

    With a ``tag`` only what was done to it.
    """
    del receive
    query: ChangesQuery = asked(visit.request.query, ChangesQuery)  # type: ignore[assignment]
    reply = reply_to(Answer(await _page(visit, query)))
    reply = conditional(visit.request, Kept(reply, packed(reply.body), b""))
    length = (b"content-length", b"%d" % len(reply.body))
    await send({"type": "http.response.start", "status": reply.status,
                "headers": [*headers, *reply.headers, length]})  # fmt: skip
    body = b"" if visit.request.method == "HEAD" else reply.body
    await send({"type": "http.response.body", "body": body})


async def _page(visit: Visit, query: ChangesQuery) -> dict[str, object]:
    """The page, waited for no longer than the server runs and the caller may know."""
    served, house = visit.served, visit.house
    known = query.since, query.limit, query.tag
    if not query.wait:
        return await served.feed.reading(changes.changes_page, served.ws, *known)
    awaited = asyncio.create_task(changes.awaited_page(served.feed, *known, query.wait))
    shown = porter.credentials(visit.request)
    try:
        with served.listeners.listening(house, served, shown, visit.principal) as barred:
            await Ends(house.stopping, barred).first(awaited)
            if barred.done():
                raise barred.result()
        if awaited.done():
            return awaited.result()
    finally:
        await dismissed(awaited)
    return await served.feed.reading(changes.changes_page, served.ws, *known)
