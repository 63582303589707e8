"""The server as an ASGI application: who comes in, where they go, what they take away."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from taskmaster.errors import TampError
from taskmaster.server import performing
from taskmaster.server.answer import Reply, refusal
from taskmaster.server.connections import WHOLE
from taskmaster.server.endpoint import DOCUMENTS
from taskmaster.server.headers import DATA, LINES, PAGE, client_scheme
from taskmaster.server.house import parted
from taskmaster.server.porter import admitted
from taskmaster.server.request import Request
from taskmaster.server.sockets import conversed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from taskmaster.server.house import House

    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    Open = Callable[[], Awaitable[House]]


_OF_BODIES = (b"cache-control", b"content-length")
"""Headers that a stream has otherwise, or not at all."""


class Application:
    """*opens* makes everything ready, in the process and the event loop that will serve."""

    def __init__(self, opens: Open) -> None:
        self._opens = opens
        self._house: House

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await conversed(self._house, scope, receive, send)
        else:
            await self._lifespan(receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            self._house = await self._opens()
        except TampError as error:
            await send({"type": "lifespan.startup.failed", "message": error.message})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._house.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _http(self, scope: Message, receive: Receive, send: Send) -> None:
        house, request = self._house, Request(scope)
        reply: Reply | None = None
        ended = request.began
        try:
            reply = await self._answered(request, receive, send)
            ended = time.perf_counter()  # How long it is on its way, is not ours to shorten.
            if reply is not None:
                await self._send(request, reply, send)
        finally:
            house.told(request, reply, max(ended - request.began, 0.0))

    async def _answered(self, request: Request, receive: Receive, send: Send) -> Reply | None:
        """The reply, whatever happens; None where everything has been sent already."""
        try:
            return await self._reply(request, receive, send)
        except TampError as error:
            return refusal(error, request.id, getattr(error, "field", ""))
        except Exception as error:  # whatever it is, the caller gets an answer
            self._house.log.exception("bug", request=request.id)
            return refusal(_bug(error), request.id)

    async def _reply(self, request: Request, receive: Receive, send: Send) -> Reply | None:
        """The answer, None where it was a stream that has been sent."""
        house = self._house
        if request.method == "OPTIONS":
            return self._options(request)
        visit = await admitted(house, request)
        endpoint = visit.route.endpoint
        if endpoint.live:
            own = self._headers(request, Reply(200, []))
            headers = [one for one in own if one[0] not in _OF_BODIES]
            sent: Reply | None = await endpoint.act(visit, receive, send, headers)
            return sent
        if endpoint.method == "GET":
            return await performing.reading(visit)
        body = await performing.body_of(visit, receive)
        return await performing.writing(visit, body)

    def _options(self, request: Request) -> Reply:
        """What a browser asks beforehand, or what can be done at a path."""
        headers = request.scope["headers"]
        self._house.hosts.check(headers)
        answered = self._house.origins.preflight(headers)
        if answered is None:
            allowed = self._house.routes.allowed(parted(request.path)[1])
            answered = [(b"allow", ", ".join(allowed).encode())]
        return Reply(204, answered)

    async def _send(self, request: Request, reply: Reply, send: Send) -> None:
        if reply.lines and self._sent_whole(request, reply):
            return
        await send({"type": "http.response.start", "status": reply.status,
                    "headers": self._headers(request, reply)})  # fmt: skip
        if request.method == "HEAD" or reply.pieces is None:
            body = b"" if request.method == "HEAD" else reply.body
            await send({"type": "http.response.body", "body": body})
            return
        async for piece in performing.threaded(reply.pieces, self._house.threads):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    def _sent_whole(self, request: Request, reply: Reply) -> bool:
        """Whether a reply that is kept could be sent in one go, which costs half as much."""
        scope, who, allowance = request.scope, request.principal, request.allowance
        whole = scope.get("extensions", {}).get(WHOLE)
        if whole is None or who is None or who.notice or allowance is None:
            return False
        origin = request.headers.get(b"origin", b"")
        if request.method != "GET" or self._house.origins.answer(origin):
            return False
        secure = client_scheme(scope, self._house.proxies) == "https"
        own = b"x-request-id: %b\r\n%b" % (request.id.encode(), allowance.lines())
        sent: bool = whole(scope, LINES[secure] + reply.lines + own, reply.body)
        return sent

    def _headers(self, request: Request, reply: Reply) -> list[tuple[bytes, bytes]]:
        house, route = self._house, request.route
        page = route is not None and route.endpoint.group == DOCUMENTS
        secure = client_scheme(request.scope, house.proxies) == "https"
        headers = [
            *(PAGE if page else DATA)[secure],
            *reply.headers,
            (b"x-request-id", request.id.encode()),
            *house.origins.answer(request.headers.get(b"origin", b"")),
        ]
        if reply.pieces is None:
            headers.append((b"content-length", b"%d" % len(reply.body)))
        if request.allowance is not None:
            headers += request.allowance.headers()
        if request.principal is not None and request.principal.notice:
            headers.append((b"x-key-notice", request.principal.notice.encode("latin-1", "replace")))
        return headers


def _bug(error: Exception) -> TampError:
    """What the caller is told of a fault of ours: nothing that it was made of."""
    return TampError(
        f"something went wrong in the server ({type(error).__name__})",
        hint="the server's log tells more, under the request id",
    )
