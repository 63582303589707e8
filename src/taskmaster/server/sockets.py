"""WebSockets: let in as any request is, and open for as long as the caller may listen."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

from taskmaster import app
from taskmaster.errors import NotFound, TampError
from taskmaster.server import limits, porter
from taskmaster.server.answer import Reply, refusal
from taskmaster.server.endpoint import READ
from taskmaster.server.ends import Ends
from taskmaster.server.headers import DATA, client_scheme
from taskmaster.server.house import GRAPHQL, parted
from taskmaster.server.request import Request
from taskmaster.server.shedding import STREAM
from taskmaster.server.socket import bearer, converse

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from taskmaster.domain.keys import Principal
    from taskmaster.server.headers import Headers
    from taskmaster.server.house import House
    from taskmaster.server.served import Served

    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    Talk = Callable[[Receive, Send], Awaitable[None]]

SOCKET = b"/api/v1/live"


async def conversed(house: House, scope: Message, receive: Receive, send: Send) -> None:
    """A WebSocket: let in as any request is, or refused before it is one."""
    request = Request({"method": "GET", **scope})
    with ExitStack() as places:
        try:
            talk = await _begun(house, request, places)
        except TampError as error:
            reply = refusal(error, request.id)
            house.told(request, reply, 0.0)
            secure = client_scheme(scope, house.proxies) == "https"
            own = [*DATA[secure], (b"x-request-id", request.id.encode())]
            await _refused(reply, own, scope, receive, send)
            return
        await talk(receive, partial(_said, send))


async def _said(send: Send, message: Message) -> None:
    """Send it. Raises OSError where the socket is closed, whoever was first to say so."""
    try:
        await send(message)
    except RuntimeError as error:
        raise ConnectionAbortedError(str(error)) from error


async def _begun(house: House, request: Request, places: ExitStack) -> Talk:
    """What is to be said to a caller who may listen, and holds one of the *places* meanwhile."""
    served, path = await _addressed(house, request)
    shown = _shown(request)
    who = partial(_admitted, house, request, served)
    # One that shows nothing yet may do so in its first message.
    principal = await who(shown) if shown or path != GRAPHQL else porter.ANONYMOUS
    house.shedding.enter(STREAM)
    if path == GRAPHQL:
        loop = asyncio.get_running_loop()
        address = "taskmaster.server.graphql.socket:converse"
        speaks: Any = await loop.run_in_executor(house.threads, app.load, address)
        return partial(speaks, house, request, served, shown, who)
    place = porter.listening(house, served, shown, principal)
    ends = Ends(house.stopping, places.enter_context(place))
    return partial(converse, served.feed, request.scope, ends=ends)


async def _addressed(house: House, request: Request) -> tuple[Served, bytes]:
    host = house.hosts.check(request.scope["headers"])
    house.origins.check(request.headers.get(b"origin", b""), host)
    path = parted(request.path)[1]
    if path not in (SOCKET, GRAPHQL):
        raise NotFound("there is no WebSocket here", hint="it is at /api/v1/live",
                       code="no-such-path")  # fmt: skip
    return await porter.meant(house, request), path


def _shown(request: Request) -> str:
    token = bearer(request.scope.get("subprotocols", ()))
    return f"Bearer {token}" if token else porter.credentials(request)


async def _admitted(house: House, request: Request, served: Served, shown: str) -> Principal:
    """Who shows this, if they may read."""
    version = await porter.version_of(house, served)
    principal = await porter.known(house, request, served, version, shown)
    await porter.counted(house, request, principal, limits.READ)
    porter.permit(principal, READ)
    return principal


async def _refused(
    reply: Reply, own: Headers, scope: Message, receive: Receive, send: Send
) -> None:
    await receive()
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close"})
        return
    length = (b"content-length", b"%d" % len(reply.body))
    await send({"type": "websocket.http.response.start", "status": reply.status,
                "headers": [*own, *reply.headers, length]})  # fmt: skip
    await send({"type": "websocket.http.response.body", "body": reply.body})
