"""How much a connection may take before the application hears of it.

A client that is slow on purpose costs nothing but its socket: heads and bodies of requests have
to arrive in time, answers have to be taken, and there is a bound to what each address may hold.
"""

from __future__ import annotations

import functools
import json
from collections import Counter
from http import HTTPStatus
from ipaddress import ip_address
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from taskmaster.server.limits import neighbourhood

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Mapping

    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

RESERVE = 200
"""Files that a process may open beside its connections: the store, the log, the database."""

FILES = 65_536
"""Open files that are asked for where the system would give any number."""

WHOLE = "tamp.whole"
"""What the extension of ASGI is called that sends a whole answer at once."""

LINGER = 2.0
"""Seconds for a refused client to read why, before it is cut off."""

_NEVER = float("inf")
_TICK = 1.0


class Bounds(NamedTuple):
    """What a client may take: seconds, bytes and numbers."""

    head: float = 10.0
    """Seconds until the head of a request is there, from its first byte or the connection on."""

    head_bytes: int = 32_768
    headers: int = 100

    body: float = 30.0
    """Seconds for the body, and those beside them that ``slowest`` bytes a second would take."""

    slowest: int = 16_384

    answer: float = 60.0
    """Seconds in which a client takes nothing of an answer that waits for it."""

    most: int = 0
    """Connections in all; 0: as many as the system lets this process have."""

    each: int = 256
    """Connections of one address, of a network in IPv6."""


class Refusal(NamedTuple):
    status: int
    code: str
    message: str
    hint: str

    def answer(self) -> bytes:
        error = {"code": self.code, "message": self.message, "hint": self.hint}
        body = json.dumps({"success": False, "error": error}).encode()
        head = [
            f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}",
            "content-type: application/json",
            f"content-length: {len(body)}",
            "cache-control: no-store",
            *(["retry-after: 5"] if self.status == HTTPStatus.SERVICE_UNAVAILABLE else []),
            "connection: close\r\n\r\n",
        ]
        return "\r\n".join(head).encode() + body


MALFORMED = Refusal(400, "bad-request", "this is no HTTP request", "look at the client's code")
LATE = Refusal(408, "too-slow", "the request did not arrive in time", "send it again, faster")
HEAVY = Refusal(
    431,
    "head-too-large",
    "the head of the request is too large, or has too many headers",
    "send less in it: what is long belongs into the body",
)
FULL = Refusal(
    503,
    "too-many-connections",
    "the server has as many connections as it may, or this client has",
    "close those that are not needed, and come again a little later",
)
_ANSWERS = {refusal: refusal.answer() for refusal in (MALFORMED, LATE, HEAVY, FULL)}


def is_local(address: str) -> bool:
    """Whether it is this machine that calls: a program on it, or a proxy that runs here."""
    try:
        return not address or ip_address(address).is_loopback
    except ValueError:
        return False


def raise_files() -> int:
    """Have as many files open as the system allows; how many connections that leaves room for."""
    try:
        import resource
    except ImportError:  # Windows knows no such limit.
        return FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(hard, FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        except (ValueError, OSError):
            wanted = soft  # Some systems promise more than they give.
    return max(wanted - RESERVE, wanted // 2)


class Door:
    """Who is connected to this process, and who has to leave. For one event loop.

    Nobody counts towards the bound of an address who is *exempt*, as a proxy has to be.
    ``refused`` counts refusals by code.
    """

    def __init__(
        self, bounds: Bounds | None = None, *, exempt: Callable[[str], bool] = is_local
    ) -> None:
        self.bounds = bounds or Bounds()
        self.refused: Counter[str] = Counter()
        self.watched: set[Connection] = set()
        self._exempt = exempt
        self._most = self.bounds.most
        self._each: Counter[str] = Counter()
        self._inside = 0
        self._tick = min(_TICK, self.bounds.head / 4, self.bounds.body / 4, self.bounds.answer / 4)
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        """How many connections there are, WebSockets among them."""
        return self._inside

    def enter(self, address: str, loop: asyncio.AbstractEventLoop) -> str | None:
        """The place of one more connection, to be given to ``leave``; None where there is none."""
        self._most = self._most or raise_files()
        place = "" if self._exempt(address) else neighbourhood(address)
        if self._inside >= self._most or (place and self._each[place] >= self.bounds.each):
            return None
        self._inside += 1
        self._each[place] += 1
        if self._timer is None:
            self._timer = loop.call_later(self._tick, self._sweep, loop)
        return place

    def leave(self, place: str) -> None:
        self._inside -= 1
        self._each[place] -= 1
        if not self._each[place]:
            del self._each[place]

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        # One look at everybody costs less than a timer for every request.
        self._timer = None
        now = loop.time()
        for one in list(self.watched):
            one.watch(now)
        if self.watched:
            self._timer = loop.call_later(self._tick, self._sweep, loop)


_REST, _HEAD, _BODY, _LEAVING = range(4)


class Connection(HttpToolsProtocol):
    """A connection of uvicorn's that keeps within the bounds of its ``door``.

    The class itself may be named to uvicorn as ``http``; then the process that serves gives it
    another door before the first connection, if it wants other bounds.
    """

    door: ClassVar[Door] = Door()

    _place: str | None = None
    _stage = _HEAD
    _due = _NEVER
    _taken_by = _NEVER
    _fed = 0
    _why = MALFORMED
    _extensions: Mapping[str, object] = MappingProxyType({})

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._extensions = {WHOLE: self.send_whole}
        self._due = self.loop.time() + self.door.bounds.head
        self._place = self.door.enter(self.client[0] if self.client else "", self.loop)
        if self._place is None:
            # Lingering would let everybody hold what there is no room for.
            self._refuse(FULL)
            transport.close()
        else:
            self.door.watched.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._depart()
        self._extensions = {}

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = self._extensions  # type: ignore[typeddict-item]  # our own

    def send_whole(self, scope: object, lines: bytes, body: bytes) -> bool:
        """Answer with status 200, these lines of the head and this body, all in one go.

        False where nothing is sent, as it has to go step by step: when the client is slow or gone,
        wants the connection closed, or has asked for more by now.
        """
        cycle = self.cycle
        if (
            cycle.scope is not scope or not cycle.keep_alive or cycle.response_started
            or cycle.disconnected or self.flow.write_paused
        ):  # fmt: skip
            return False
        cycle.response_started = cycle.response_complete = True
        own = b"".join([b"%b: %b\r\n" % one for one in cycle.default_headers])
        head = b"HTTP/1.1 200 OK\r\n%b%b\r\n" % (own, lines)
        self.transport.writelines((head, body))
        cycle.message_event.set()
        cycle.on_response()
        return True

    def data_received(self, data: bytes) -> None:
        stage = self._stage
        if stage == _LEAVING:
            return
        if stage == _BODY:
            self._due += len(data) / self.door.bounds.slowest
        else:
            if stage == _REST:
                self._stage, self._fed = _HEAD, 0
                self._due = self.loop.time() + self.door.bounds.head
            self._fed += len(data)
        super().data_received(data)
        if self._stage == _HEAD and self._fed > self.door.bounds.head_bytes:
            self._refuse(HEAVY)

    def on_headers_complete(self) -> None:
        bounds = self.door.bounds
        if len(self.headers) > bounds.headers or (
            self._fed > bounds.head_bytes and self._head_size() > bounds.head_bytes
        ):
            self._why = HEAVY
            raise ValueError(HEAVY.message)  # which ends the parser, and comes to the next but one
        self._stage = _BODY
        self._due = self.loop.time() + bounds.body + self._fed / bounds.slowest
        super().on_headers_complete()

    def on_header(self, name: bytes, value: bytes) -> None:
        # What comes behind a body was seen by no proxy before us, and nothing bounds it.
        if self._stage != _BODY:
            super().on_header(name, value)

    def on_message_complete(self) -> None:
        self._stage, self._due = _REST, _NEVER
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        del msg
        self._refuse(self._why)

    def handle_websocket_upgrade(self) -> None:
        place, self._place = self._place, None
        self._depart()
        spoken: Any = self.ws_protocol_class
        if spoken is not None and place is not None:
            leave = functools.partial(self.door.leave, place)
            self.ws_protocol_class = functools.partial(_counted(spoken), leave)  # type: ignore[assignment]
        super().handle_websocket_upgrade()

    def pause_writing(self) -> None:
        self._taken_by = self.loop.time() + self.door.bounds.answer
        super().pause_writing()

    def resume_writing(self) -> None:
        self._taken_by = _NEVER
        super().resume_writing()

    def watch(self, now: float) -> None:
        """End it when the client is late."""
        if now >= self._taken_by:
            self.transport.abort()
        elif self.transport.is_closing():
            # What is left to be sent may never be taken.
            if self._stage != _LEAVING:
                self._leave_by(now + LINGER)
            elif now >= self._due:
                self.transport.abort()
        elif now >= self._due and not self.flow.read_paused:
            if self._stage == _LEAVING:
                self.transport.abort()
            else:
                self._refuse(LATE)

    def _refuse(self, why: Refusal) -> None:
        """Say why and let go, without an answer to who never asked, or amid another answer."""
        if self.transport.is_closing():
            return
        self.door.refused[why.code] += 1
        cycle = _unanswered(self.cycle)
        # Within a body it is this request that has no answer, before it all others need theirs.
        fits = bool(cycle and not cycle.response_started) if self._stage == _BODY else not cycle
        if cycle:
            cycle.disconnected = True
            cycle.message_event.set()
        if not fits or (why is LATE and not self._fed) or not self.transport.can_write_eof():
            self.transport.close()
            return
        self.transport.write(_ANSWERS[why])
        self.transport.write_eof()
        self._leave_by(self.loop.time() + LINGER)

    def _leave_by(self, due: float) -> None:
        self._unset_keepalive_if_required()
        self._stage, self._due = _LEAVING, due

    def _head_size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _depart(self) -> None:
        self.door.watched.discard(self)
        if self._place is not None:
            self.door.leave(self._place)
            self._place = None


def _unanswered(cycle: RequestResponseCycle | None) -> RequestResponseCycle | None:
    return cycle if cycle is not None and not cycle.response_complete else None


@functools.cache
def _counted(protocol: Any) -> Any:  # noqa: ANN401 - whichever class uvicorn was told
    """The protocol for WebSockets, such that its end is noticed too."""

    class Counted(protocol):  # type: ignore[misc]  # it is known when it is there
        def __init__(self, leave: Callable[[], None], **told: object) -> None:
            super().__init__(**told)
            self._leave = leave

        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            self._leave()

    return Counted


def protocol(door: Door) -> type[Connection]:
    """A kind of connection with a door of its own, to give uvicorn as ``http``."""
    return type("Guarded", (Connection,), {"door": door})
