"""GraphQL over a WebSocket, by the protocol ``graphql-transport-ws``."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, aclosing, contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from taskmaster.domain.changes import Version
from taskmaster.errors import Invalid, TampError
from taskmaster.server import porter
from taskmaster.server.answer import encoded
from taskmaster.server.call import Visit
from taskmaster.server.endpoints.graphql import Ask
from taskmaster.server.ends import GRACE, STALL, Ends, dismissed
from taskmaster.server.graphql import faults
from taskmaster.server.graphql.answering import prepared, results
from taskmaster.server.house import GRAPHQL
from taskmaster.server.limits import READ
from taskmaster.server.listeners import TooManyStreams
from taskmaster.server.socket import LARGEST, LATER, RESTARTING, Purse, Refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from taskmaster.domain.keys import Principal
    from taskmaster.server.ends import Receive, Send
    from taskmaster.server.house import House
    from taskmaster.server.request import Request
    from taskmaster.server.served import Served

    Place = AbstractContextManager[asyncio.Future[TampError]]

PROTOCOL = "graphql-transport-ws"
PATIENCE = 10.0
"""Seconds within which a client says who it is."""
MOST = 10
"""Operations of one socket at the same time."""
BAD, UNAUTHORIZED, FORBIDDEN, NO_PROTOCOL, LATE, KNOWN, TWICE = (
    4400, 4401, 4403, 4406, 4408, 4409, 4429,
)  # fmt: skip
"""Codes that the protocol closes a socket with."""


class Init(msgspec.Struct, tag="connection_init"):
    payload: dict[str, Any] | None = None


class Subscribe(msgspec.Struct, tag="subscribe"):
    """Carry an operation out; what is said of it carries its ``id``."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    payload: Ask


class Complete(msgspec.Struct, tag="complete"):
    """Tell no more of this operation."""

    id: str


class Ping(msgspec.Struct, tag="ping"):
    pass


class Pong(msgspec.Struct, tag="pong"):
    pass


Said = Init | Subscribe | Complete | Ping | Pong
_said: msgspec.json.Decoder[Said] = msgspec.json.Decoder(Said)


class Over(Exception):  # a state, as all our errors are
    """The socket is to be closed with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


async def converse(
    house: House,
    request: Request,
    served: Served,
    shown: str,
    who: Callable[[str], Awaitable[Principal]],
    receive: Receive,
    send: Send,
) -> None:
    """Accept a socket and serve it until either side ends it.

    Where nothing was *shown* with the request, its first message says it; *who* tells whose it is.
    """
    if (await receive())["type"] != "websocket.connect":
        return
    spoken = PROTOCOL if PROTOCOL in request.scope.get("subprotocols", ()) else None
    try:
        await send({"type": "websocket.accept", "subprotocol": spoken})
        try:
            _check_protocol(spoken)
            shown, principal = await _introduced(receive, shown, who)
            route = house.routes.find("POST", GRAPHQL)
            visit = Visit(house, request, route, served, principal, Version(None, None))
            with _held(porter.listening(house, served, shown, principal)) as barred:
                await send({"type": "websocket.send", "text": '{"type":"connection_ack"}'})
                await Conversation(visit, receive, send).hold(Ends(house.stopping, barred))
        except Over as end:
            async with asyncio.timeout(GRACE):
                await send({"type": "websocket.close", "code": end.code, "reason": end.reason})
    except OSError:
        return  # The client has gone, or takes nothing.


@contextmanager
def _held(place: Place) -> Iterator[asyncio.Future[TampError]]:
    """The place of a listener. Raises Over where there is none."""
    with ExitStack() as places:
        try:
            barred = places.enter_context(place)
        except TooManyStreams as error:
            raise Over(LATER, error.message) from None
        yield barred


def _check_protocol(spoken: str | None) -> None:
    if spoken is None:
        raise Over(NO_PROTOCOL, f"the protocol that is spoken here is {PROTOCOL}")


async def _introduced(
    receive: Receive, shown: str, who: Callable[[str], Awaitable[Principal]]
) -> tuple[str, Principal]:
    """What the client shows, and who that is. Raises Over, and OSError for one that has gone."""
    try:
        async with asyncio.timeout(PATIENCE):
            message = await receive()
    except TimeoutError:
        raise Over(LATE, "Connection initialisation timeout") from None
    if message["type"] == "websocket.disconnect":
        raise ConnectionAbortedError
    said = _understood(message)
    if not isinstance(said, Init):
        raise Over(UNAUTHORIZED, "Unauthorized")
    try:
        shown = shown or _token(said.payload or {})
        return shown, await who(shown)
    except TampError as error:
        raise Over(FORBIDDEN, f"Forbidden: {error.message}"[:120]) from None


def _token(payload: Mapping[str, Any]) -> str:
    """What a browser says in the first message, as it cannot set a header."""
    found = {key.lower(): value for key, value in payload.items() if isinstance(value, str)}
    return found.get("authorization", "")


class Conversation:
    """A socket of somebody who is known."""

    def __init__(self, visit: Visit, receive: Receive, send: Send) -> None:
        self._visit = visit
        self._receive = receive
        self._send = send
        self._purse = Purse()
        self._speaking = asyncio.Lock()
        self._running: dict[str, asyncio.Task[None]] = {}
        self._broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def hold(self, ends: Ends) -> None:
        """Raises Over, unless the client goes."""
        listening = asyncio.create_task(self._listen())
        try:
            await ends.first(listening, self._broken)
            if listening.done():
                listening.result()
            elif self._broken.done():
                raise Over(LATER, "too slow")
            elif ends.barred:
                raise Over(FORBIDDEN, "Forbidden")
            else:
                raise Over(RESTARTING, "the server goes away; go on with `since`")
        finally:
            await dismissed(listening, *self._running.values())

    async def _listen(self) -> None:
        """Do what the client says until it goes. Raises Over."""
        while (message := await self._receive())["type"] != "websocket.disconnect":
            try:
                self._purse.pay()
            except Refusal as refusal:
                raise Over(BAD, refusal.message) from None
            said = _understood(message)
            if isinstance(said, Init):
                raise Over(TWICE, "Too many initialisation requests")
            if isinstance(said, Ping):
                await self._say('{"type":"pong"}')
            elif isinstance(said, Complete) and said.id in self._running:
                await dismissed(self._running[said.id])
            elif isinstance(said, Subscribe):
                self._begin(said)

    def _begin(self, said: Subscribe) -> None:
        if said.id in self._running:
            raise Over(KNOWN, f"Subscriber for {said.id} already exists"[:120])
        room = len(self._running) < MOST
        task = asyncio.create_task(self._operate(said.id, said.payload, room=room))
        self._running[said.id] = task
        task.add_done_callback(lambda done: self._ended(said.id, done))

    def _ended(self, name: str, task: asyncio.Task[None]) -> None:
        del self._running[name]
        # What can be told of is told; here it is the telling that has failed.
        if not task.cancelled() and task.exception() and not self._broken.done():
            self._broken.set_result(None)

    async def _operate(self, name: str, ask: Ask, *, room: bool) -> None:
        visit = self._visit
        try:
            if not room:
                raise _crowded()  # noqa: TRY301  # told as all that is refused
            await porter.counted(visit.house, visit.request, visit.principal, READ)
            operation = await prepared(visit, ask)
            async with aclosing(results(visit, operation)) as bodies:
                async for body in bodies:
                    await self._say_of(name, "next", body)
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is, the client is told
            errors = faults.told(error, visit)
            await self._say_of(name, "error", encoded(errors))
        else:
            await self._say_of(name, "complete")

    async def _say_of(self, name: str, kind: str, payload: bytes = b"") -> None:
        more = f',"payload":{payload.decode()}' if payload else ""
        await self._say(f'{{"id":{encoded(name).decode()},"type":"{kind}"{more}}}')

    async def _say(self, text: str) -> None:
        async with self._speaking, asyncio.timeout(STALL):
            await self._send({"type": "websocket.send", "text": text})


def _crowded() -> Invalid:
    return Invalid(
        f"this socket carries {MOST} operations at the same time",
        hint="let one of them be complete first",
        code="too-many-operations",
    )


def _understood(message: Mapping[str, Any]) -> Said:
    """What a client says. Raises Over."""
    text = message.get("text")
    if text is None or len(text) > LARGEST:
        raise Over(BAD, f"messages are text of up to {LARGEST} bytes")
    try:
        return _said.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        raise Over(BAD, f"Invalid message: {error}"[:120]) from None
