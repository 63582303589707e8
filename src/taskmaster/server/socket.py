"""Live changes over a WebSocket, told by ASGI: what both sides say is JSON with a ``type``."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from taskmaster.errors import Invalid, TampError
from taskmaster.server import events
from taskmaster.server.ends import GRACE, STALL, dismissed, finished
from taskmaster.server.events import Event

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from taskmaster.server.ends import Ends, Receive, Send
    from taskmaster.server.feed import Feed
    from taskmaster.server.subscription import Subscription

PROTOCOL = "tamp.v1"
"""The subprotocol that is spoken."""

IDLE = 20.0
"""Seconds of silence after which a subscriber is told how far it is."""

LARGEST = 64 * 1024
"""Bytes of a message that a client may send."""

PACE, BURST = 5.0, 20
"""Messages per second that a client may send, and how many at once."""

NOT_UNDERSTOOD, NOT_ALLOWED, TOO_LARGE, RESTARTING, LATER = 1003, 1008, 1009, 1012, 1013
"""Codes that a socket is closed with."""

_BEARER = "bearer."
_KNOWN = 'say {"type":"subscribe","since":null,"tag":""}, {"type":"unsubscribe"} or {"type":"ping"}'


class Subscribe(msgspec.Struct, tag="subscribe"):
    """Tell everything after change ``since`` (null: from now on), of one tag or of all."""

    since: Annotated[int, msgspec.Meta(ge=0)] | None = None
    tag: str = ""


class Unsubscribe(msgspec.Struct, tag="unsubscribe"):
    """Tell nothing more."""


class Ping(msgspec.Struct, tag="ping"):
    """Say whether anybody is there."""


_said: msgspec.json.Decoder[Subscribe | Unsubscribe | Ping] = msgspec.json.Decoder(
    Subscribe | Unsubscribe | Ping
)


def bearer(subprotocols: Iterable[str]) -> str:
    """The token that a browser offers, which cannot set headers; ``""`` for none.

    It comes as the subprotocol ``bearer.<token>`` beside ``tamp.v1``, and is never repeated.
    """
    return next((one[len(_BEARER) :] for one in subprotocols if one.startswith(_BEARER)), "")


async def converse(
    feed: Feed,
    scope: Mapping[str, Any],
    receive: Receive,
    send: Send,
    *,
    ends: Ends,
    idle: float = IDLE,
) -> None:
    """Accept a socket and serve it until either side *ends* it."""
    if (await receive())["type"] != "websocket.connect":
        return
    spoken = PROTOCOL if PROTOCOL in scope.get("subprotocols", ()) else None
    try:
        await send({"type": "websocket.accept", "subprotocol": spoken})
        await Conversation(feed, receive, send, idle).hold(ends)
    except OSError:
        return  # The client has gone, or takes nothing.


class Conversation:
    """One socket that was accepted."""

    def __init__(self, feed: Feed, receive: Receive, send: Send, idle: float) -> None:
        self._feed = feed
        self._receive = receive
        self._send = send
        self._idle = idle
        self._purse = Purse()
        self._speaking = asyncio.Lock()
        self._subscription: Subscription | None = None
        self._telling: asyncio.Task[None] | None = None
        self._over: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        """The code to close with, once it is time."""

    async def hold(self, ends: Ends) -> None:
        listening = asyncio.create_task(self._listen())
        try:
            await ends.first(listening, self._over)
            if listening.done():
                listening.result()
            if self._over.done() or not listening.done():
                await self._part(ends)
        finally:
            await dismissed(listening, *self._let_go())

    async def _listen(self) -> None:
        """Do what the client says, until it goes or says what it must not."""
        while not self._over.done():
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                return
            try:
                self._purse.pay()
                await self._obey(understood(message))
            except Refusal as refusal:
                await self._say(events.failure(refusal))
                self._end(refusal.closes)
            except TampError as error:
                await self._say(events.failure(error))

    async def _obey(self, said: Subscribe | Unsubscribe | Ping) -> None:
        if isinstance(said, Ping):
            await self._say(Event("pong", None, b"{}"))
            return
        await dismissed(*self._let_go())
        if isinstance(said, Subscribe):
            self._subscription = self._feed.subscribe(since=said.since, tag=said.tag)
            number = await self._subscription.open()
            await self._say(Event("subscribed", None, events.encoded({"since": number})))
            self._telling = asyncio.create_task(self._tell(self._subscription))
            self._telling.add_done_callback(self._told)
        else:
            await self._say(Event("unsubscribed", None, b"{}"))

    async def _tell(self, subscription: Subscription) -> None:
        while True:
            found = await subscription.some(self._idle)
            for event in found:
                await self._say(event)
            if not found:
                if subscription.over:
                    return
                since = events.encoded({"since": subscription.number})
                await self._say(Event("ping", None, since))
            elif found[-1].kind == "gap":
                self._end(LATER)

    def _told(self, telling: asyncio.Task[None]) -> None:
        """Whatever broke a subscription, such as a client that takes nothing, ends all."""
        if not telling.cancelled() and telling.exception():
            self._end(LATER)

    def _let_go(self) -> list[asyncio.Task[None]]:
        """End what is subscribed to; the tasks that have to be over before there is another."""
        telling = [self._telling] if self._telling else []
        if self._subscription is not None:
            self._subscription.close()
        self._subscription = self._telling = None
        return telling

    async def _part(self, ends: Ends) -> None:
        """Say good-bye, if anybody listens."""
        number = self._feed.latest
        if self._subscription is not None and self._telling is not None:
            self._subscription.close()
            if not await finished(self._telling):
                return
            number = self._subscription.number
        words = ends.words(number)
        code = NOT_ALLOWED if ends.barred else RESTARTING
        async with asyncio.timeout(GRACE):
            if words is not None:
                await self._say(words)
            code = self._over.result() if self._over.done() else code
            await self._send({"type": "websocket.close", "code": code})

    async def _say(self, event: Event) -> None:
        async with self._speaking, asyncio.timeout(STALL):
            await self._send({"type": "websocket.send", "text": event.text})

    def _end(self, code: int) -> None:
        if not self._over.done():
            self._over.set_result(code)


class Refusal(Invalid):
    """What a client must not say; its socket *closes* with this code."""

    def __init__(self, closes: int, message: str, *, code: str, hint: str = "") -> None:
        super().__init__(message, hint=hint, code=code)
        self.closes = closes


class Purse:
    """What a client may still say: PACE messages a second, and BURST that were saved up."""

    def __init__(self) -> None:
        self._left = float(BURST)
        self._filled = time.monotonic()

    def pay(self) -> None:
        """For one message. Raises Refusal."""
        now = time.monotonic()
        self._left = min(self._left + PACE * (now - self._filled), BURST)
        self._filled = now
        if self._left < 1:
            raise Refusal(
                NOT_ALLOWED,
                f"more than {PACE:g} messages a second",
                code="too-many-messages",
                hint="one subscription tells everything; there is no need to ask again",
            )
        self._left -= 1


def understood(message: Mapping[str, Any]) -> Subscribe | Unsubscribe | Ping:
    """What a client says. Raises Refusal."""
    text = message.get("text")
    if text is None:
        raise Refusal(
            NOT_UNDERSTOOD,
            "a message of bytes is not understood",
            code="not-text",
            hint='send text, such as {"type":"subscribe"}',
        )
    if len(text) > LARGEST:
        raise Refusal(
            TOO_LARGE,
            f"a message of {len(text)} characters is too large",
            code="message-too-large",
            hint=f"up to {LARGEST} bytes are taken",
        )
    try:
        return _said.decode(text)
    except msgspec.ValidationError as error:
        raise Refusal(NOT_ALLOWED, str(error), code="unknown-message", hint=_KNOWN) from error
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        words = "a message is not JSON that can be read"
        raise Refusal(NOT_UNDERSTOOD, words, code="not-json", hint=_KNOWN) from error
