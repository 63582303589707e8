"""Ringing through Redis, which keeps nothing and which nothing depends on."""

from __future__ import annotations

import time
from contextlib import contextmanager

from taskmaster.doorbells.line import Cut, Heard, LineListener

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from redis import Redis
    from redis.client import PubSub

RING = 0.2
"""Seconds that connecting, and publishing, may take a writer."""

REST = 5.0
"""Seconds after a failed ring in which nobody tries again."""

SILENCE = 5.0
"""Seconds after which a listener that hears nothing looks: a ring may have failed."""

_CONNECT = 0.5
_AT_ONCE = 1000
_NAME = "Redis"
_MISSPELT = f"the address of {_NAME} cannot be understood"


def listener(url: str, channel: str) -> LineListener:
    """What hears the rings of every ``RedisDoorbell`` of the same server and channel."""
    return LineListener(RedisLine(url, channel), silence=SILENCE)


class RedisDoorbell:
    """Publishes the number of the last change on *channel*; connects when it is first rung.

    One that was not heard keeps silent for *rest* seconds, so that work goes on at its usual pace.
    """

    def __init__(self, url: str, channel: str, *, rest: float = REST) -> None:
        self._url = url
        self._channel = channel
        self._rest = rest
        self._client: Redis | None = None
        self._asleep_until = 0.0
        self.trouble = ""

    def ring(self, number: int) -> None:
        if time.monotonic() < self._asleep_until:
            return
        try:
            with cuts():
                self._client = self._client or connected(self._url, RING)
                self._client.publish(self._channel, number)
            self.trouble = ""
        except Cut as cut:
            self.trouble = f"{cut}; others see changes a little later"
            self._asleep_until = time.monotonic() + self._rest

    def close(self) -> None:
        self._asleep_until = float("inf")
        if self._client is not None:
            self._client.close()
            self._client = None


class RedisLine:
    """A connection that is subscribed to *channel*."""

    name = _NAME

    def __init__(self, url: str, channel: str) -> None:
        self._url = url
        self._channel = channel
        self._client: Redis | None = None
        self._subscription: PubSub | None = None

    def connect(self, seconds: float) -> bool:
        del seconds  # The client connects in one piece, and has a limit of its own for that.
        with cuts():
            self._client = connected(self._url, _CONNECT)
            self._subscription = self._client.pubsub()  # type: ignore[no-untyped-call]
            self._subscription.subscribe(self._channel)
        return True

    def ask(self) -> None:
        with cuts():
            self._subscribed().ping()

    def hear(self, seconds: float) -> Heard:
        with cuts():
            kinds = list(_kinds(self._subscribed(), max(seconds, 0)))
        return Heard("message" in kinds, "pong" in kinds)

    def hang_up(self) -> None:
        if self._subscription is not None:
            self._subscription.close()
        if self._client is not None:
            self._client.close()
        self._subscription = self._client = None

    def _subscribed(self) -> PubSub:
        if self._subscription is None:
            raise Cut(f"{_NAME} is not connected")
        return self._subscription


def _kinds(subscription: PubSub, seconds: float) -> Iterator[str]:
    """The kinds of all messages that are there, once there are any: many rings are one."""
    for _ in range(_AT_ONCE):
        message = subscription.get_message(timeout=seconds)
        if message is None:
            return
        yield str(message["type"])
        seconds = 0


def connected(url: str, limit: float) -> Redis:
    """A client that tries once, and not for long."""
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    try:
        return Redis.from_url(
            url,
            socket_connect_timeout=limit,
            socket_timeout=limit,
            retry=Retry(NoBackoff(), 0, supported_errors=()),
            protocol=2,
        )
    except ValueError:
        # What the client says may repeat a part of the address, and with it of a password.
        raise Cut(_MISSPELT) from None


@contextmanager
def cuts() -> Iterator[None]:
    """Turns whatever ends the connection into Cut."""
    try:
        import redis
    except ImportError:
        words = "the package redis is missing (pip install 'task-master-pro[redis]')"
        raise Cut(words) from None
    try:
        yield
    except TypeError:
        raise Cut(_MISSPELT) from None  # An option in the address that the client does not know.
    except (redis.AuthenticationError, redis.ResponseError) as error:
        raise Cut(f"{_NAME} refuses: {error}") from error
    except (redis.RedisError, OSError, ValueError) as error:
        raise Cut(f"{_NAME} does not answer") from error
