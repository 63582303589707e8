"""What happens, as it happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from taskmaster.server import porter
from taskmaster.server.endpoint import Group, Tagged
from taskmaster.server.ends import Ends
from taskmaster.server.request import asked
from taskmaster.server.stream import resume_point, stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from taskmaster.server.call import Visit
    from taskmaster.server.ends import Receive, Send

GROUP = Group("changes")


class StreamQuery(Tagged):
    """``since`` is the number of the last change that is known."""

    since: str = ""


@GROUP.get(
    "/changes/stream", None, query=StreamQuery, kept=False, live=True, errors=(410,),
    kinds=("text/event-stream",),
)  # fmt: skip
async def stream_changes(
    visit: Visit, receive: Receive, send: Send, headers: Sequence[tuple[bytes, bytes]]
) -> None:
    """Tell every change from now on, as Server-Sent Events.

    Each event's ``id`` is the number of a change; ``Last-Event-ID`` or ``since`` go on after it,
    with nothing left out. The same over a WebSocket is at ``/api/v1/live``.
    """
    house, served = visit.house, visit.served
    query: StreamQuery = asked(visit.request.query, StreamQuery)  # type: ignore[assignment]
    since = resume_point(visit.request.scope)
    subscription = served.feed.subscribe(since=since, tag=query.tag)
    shown = porter.credentials(visit.request)
    with porter.listening(house, served, shown, visit.principal) as barred:
        await stream(subscription, send, receive, headers, ends=Ends(house.stopping, barred))
