"""WebSockets: let in as any request is, and open for as long as the caller may listen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from taskmaster.errors import Forbidden, TampError
from taskmaster.server import porter
from taskmaster.server.answer import Reply, refusal
from taskmaster.server.endpoint import READ
from taskmaster.server.ends import Ends
from taskmaster.server.request import Request
from taskmaster.server.socket import bearer, converse

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from taskmaster.domain.keys import Principal
    from taskmaster.server.house import House
    from taskmaster.server.served import Served

    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]

SOCKET = b"/api/v1/live"


async def conversed(house: House, scope: Message, receive: Receive, send: Send) -> None:
    """A WebSocket: let in as any request is, or refused before it is one."""
    request = Request({"method": "GET", **scope})
    try:
        served, shown, principal = await _admitted(house, request)
    except TampError as error:
        await _refused(refusal(error, request.id), scope, receive, send)
        return
    with porter.listening(house, served, shown, principal) as barred:
        await converse(served.feed, scope, receive, send, ends=Ends(house.stopping, barred))


async def _admitted(house: House, request: Request) -> tuple[Served, str, Principal]:
    host = house.hosts.check(request.scope["headers"])
    house.origins.check(request.headers.get(b"origin", b""), host)
    served, path = house.project(request.path)
    if path != SOCKET:
        house.routes.find("GET", path)
    token = bearer(request.scope.get("subprotocols", ()))
    shown = f"Bearer {token}" if token else porter.credentials(request)
    version = await porter.version_of(house, served)
    principal = await porter.known(house, request, served, version, shown)
    if READ not in principal.permissions:
        raise Forbidden("your key does not permit to read")
    return served, shown, principal


async def _refused(reply: Reply, scope: Message, receive: Receive, send: Send) -> None:
    await receive()
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close"})
        return
    length = (b"content-length", b"%d" % len(reply.body))
    await send({"type": "websocket.http.response.start", "status": reply.status,
                "headers": [*reply.headers, length]})  # fmt: skip
    await send({"type": "websocket.http.response.body", "body": reply.body})
