"""How an ask is carried out: what is sent, when it is sent again, and when that is given up.

``course`` is a conversation with whoever does the sending: it yields what is to be done and is told
what came of it. So there is one of it for clients that wait and clients that await.
"""

from __future__ import annotations

import json
import random
import time
import uuid
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from taskmaster.client.asks import Answer
from taskmaster.client.exceptions import (
    APIError,
    ConnectionFailedError,
    TaskMasterError,
    TimedOutError,
    refusal,
)
from taskmaster.client.records import plain

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from taskmaster.client.asks import Ask
    from taskmaster.client.settings import Settings

R = TypeVar("R")
LONGEST_PAUSE = 30.0
_READS = frozenset({"GET", "HEAD"})
_PASSING = frozenset({502, 503, 504})
"""Statuses of servers, and of proxies before them, that another attempt may not meet."""
_IN_DOUBT = "outcome-unknown"
"""The code of a refusal by a server that has lost its own database at the last moment."""


class Send(NamedTuple):
    """A request to be sent; it has failed when there is no answer in *timeout* seconds."""

    method: str
    url: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes | None
    timeout: float


class Pause(NamedTuple):
    seconds: float


class Lost(NamedTuple):
    """No answer came. ``sent``: the server may have got the request."""

    error: Exception
    sent: bool
    late: bool


if TYPE_CHECKING:
    Course = Generator[Send | Pause, Answer | Lost | None, R]


def course(ask: Ask[R], settings: Settings) -> Course[R]:
    """What to do to get the answer. Raises TaskMasterError."""
    end = time.monotonic() + settings.total_timeout
    request = request_of(ask, settings)
    attempt = 0
    while True:
        left = max(end - time.monotonic(), 0.001)
        came = yield request._replace(timeout=min(request.timeout, left))
        if isinstance(came, Answer) and (came.status < 400 or came.status in ask.answers):
            return ask.read(came)
        error = failure(came, settings)
        pause = backoff(settings, attempt, error)
        late = time.monotonic() + pause >= end
        if (
            late
            or attempt >= settings.max_retries
            or not repeatable(request.method, came, error.code)
        ):
            raise error
        yield Pause(pause)
        attempt += 1


def repeatable(method: str, came: Answer | Lost | None, code: str = "") -> bool:
    """Whether the request may be sent again without being carried out twice.

    What reads may always be; what writes when nothing was done, as far as the server itself knows
    (*code* is that of its refusal). A POST carries a key by which the server knows it again.
    """
    harmless = method in _READS or method == "POST"
    if isinstance(came, Answer):
        later = came.status == 503 and "retry-after" in came.headers and code != _IN_DOUBT
        return came.status == 429 or later or (harmless and came.status in _PASSING)
    return harmless or (came is not None and not came.sent)


def backoff(settings: Settings, attempt: int, error: Exception | None = None) -> float:
    """Seconds until the next attempt: what the server asks for, else twice as long each time,
    and never the same for two clients.
    """
    asked = error.retry_after if isinstance(error, APIError) else None
    longest = settings.retry_backoff * 2.0 ** min(attempt, 16)
    spread = random.uniform(0.5, 1.0)  # noqa: S311  # nothing secret
    own = min(longest, LONGEST_PAUSE) * spread
    return own if asked is None else asked + own * 0.1


def failure(came: Answer | Lost | None, settings: Settings) -> TaskMasterError:
    """The error that this is, where no other attempt makes good for it."""
    if isinstance(came, Answer):
        anonymous = not settings.token
        return refusal(came.status, came.headers, came.body, anonymous=anonymous)
    error: TaskMasterError
    if came is not None and came.late and came.sent:
        error = TimedOutError(
            f"{settings.root} did not answer within {settings.timeout:g} s",
            hint="what was asked for may have been done all the same: look before you ask again",
        )
    elif came is not None and came.sent:
        error = ConnectionFailedError(
            f"the connection to {settings.root} was lost: {came.error}",
            hint="what was asked for may have been done all the same: look before you ask again",
        )
    else:
        error = ConnectionFailedError(
            f"{settings.root} cannot be reached, nothing was sent: {came and came.error}",
            hint="is the server running? `tamp serve` starts one",
        )
    error.__cause__ = came.error if came is not None else None
    return error


def request_of(ask: Ask[R], settings: Settings) -> Send:
    """The ask as it is sent, with what the client adds to it."""
    query = dict(ask.query)
    if "tag" in query:
        query["tag"] = query["tag"] or settings.tag
    headers = {"accept": "application/json", **told_of(settings), **ask.headers}
    body = None
    if ask.body is not None:
        body = json.dumps(plain(ask.body)).encode()
        headers["content-type"] = "application/json"
    if ask.method == "POST":
        headers.setdefault("idempotency-key", uuid.uuid4().hex)
    url = (settings.root if ask.rooted else settings.api) + ask.path
    return Send(ask.method, url, _text(query), headers, body, settings.timeout + ask.wait)


def told_of(settings: Settings) -> dict[str, str]:
    """Who asks."""
    headers = {}
    if settings.token:
        headers["authorization"] = f"Bearer {settings.token}"
    if settings.session:
        headers["x-session"] = settings.session
    return headers


def _text(query: Mapping[str, object]) -> dict[str, str]:
    """What stands after the ``?``; what is None or empty is not said."""
    found = {}
    for key, value in query.items():
        if isinstance(value, bool):
            found[key] = "true" if value else "false"
        elif value not in (None, "", (), []):
            found[key] = str(value)
    return found
