"""What an endpoint answers, and the envelope that every answer travels in."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from taskmaster.server.statuses import status_of, word_of
from taskmaster.workspace import utc_now

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from taskmaster.errors import TampError

    Headers = Sequence[tuple[bytes, bytes]]

VERSION = "1.0.0"
"""Of the envelope and the paths, as ``/api/v1`` answers have always told it."""
JSON = b"application/json"
_ENCODER = msgspec.json.Encoder()


class Answer(NamedTuple):
    """What an endpoint has to say.

    ``revision`` is what tells this state of what is shown from every other, where something
    narrower than the whole answer does. ``body`` and ``pieces`` are sent as they are, without
    envelope, and ``pieces`` one after the other as they are made.
    """

    data: object = None
    status: int = 200
    headers: Headers = ()
    revision: str = ""
    moment: str = ""
    body: bytes | None = None
    kind: bytes = JSON
    pieces: Iterable[bytes] | None = None


class Reply(NamedTuple):
    """An answer as it goes over the wire; ``pieces`` instead of ``body`` for a long one."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes = b""
    pieces: Iterable[bytes] | None = None
    lines: bytes = b""
    """The headers as they are sent, of a reply that is given again and again."""


def encoded(value: object) -> bytes:
    """JSON. What only the standard library can write, such as half a surrogate pair, it writes."""
    try:
        return _ENCODER.encode(value)
    except (UnicodeEncodeError, OverflowError, RecursionError, TypeError, ValueError):
        return json.dumps(value, separators=(",", ":"), default=msgspec.to_builtins).encode()


def enveloped(data: object, moment: str = "") -> bytes:
    """The body of a success. *moment* is when that became true, now if nothing is given."""
    return b'{"success":true,"data":%b,"timestamp":%b,"version":"%b"}' % (
        encoded(data),
        encoded(moment or utc_now()),
        VERSION.encode(),
    )


def etag_of(body: bytes) -> bytes:
    """A strong validator: from the content alone, so that every process gives the same."""
    return f'"{hashlib.sha256(body).hexdigest()[:24]}"'.encode()


def reply_to(answer: Answer) -> Reply:
    """The answer in its envelope."""
    headers = list(answer.headers)
    headers.append((b"content-type", answer.kind))
    if answer.revision:
        headers.append((b"etag", f'"{answer.revision}"'.encode()))
    if answer.pieces is not None:
        return Reply(answer.status, headers, pieces=answer.pieces)
    body = enveloped(answer.data, answer.moment) if answer.body is None else answer.body
    return Reply(answer.status, headers, body)


def refusal(error: TampError, request_id: str, field: str = "") -> Reply:
    """The envelope of an error; ``field`` is the part of the request that is at fault."""
    status = status_of(error)
    shown: dict[str, object] = {**error.as_json(), "type": word_of(status)}
    if field:
        shown["field"] = field
    shown["requestId"] = request_id
    body: Mapping[str, object] = {
        "success": False, "error": shown, "timestamp": utc_now(), "requestId": request_id
    }  # fmt: skip
    return Reply(status, [(b"content-type", JSON), *_more(error, status)], encoded(body))


def _more(error: TampError, status: int) -> Iterable[tuple[bytes, bytes]]:
    if status == 401:
        yield b"www-authenticate", b'Bearer realm="tamp"'
    own = getattr(error, "headers", ())
    if status == 503 and not any(name == b"retry-after" for name, _ in own):
        yield b"retry-after", b"1"
    yield from own
