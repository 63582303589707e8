"""Bodies that are packed: ours where the client understands it, the client's within bounds."""

from __future__ import annotations

import zlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from taskmaster.errors import Invalid
from taskmaster.server.request import Faulty, TooLarge

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, MutableMapping

    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

SMALLEST = 1_000
"""Bytes from which packing an answer is worth it."""

_LEVEL, _GZIP = 5, 31
_CODINGS: Final = {b"gzip": _GZIP, b"x-gzip": _GZIP, b"deflate": 15}


class UnknownCoding(Invalid):
    """A body is packed in a way that is not understood here; ``headers`` say which are."""

    code = "unsupported-media-type"
    headers: Final = [(b"accept-encoding", b"gzip, deflate")]

    def __init__(self, coding: bytes) -> None:
        super().__init__(
            f"a body packed as {coding.decode('latin-1')[:100]!r} cannot be unpacked here",
            hint="send it as gzip or deflate, or as it is, without Content-Encoding",
        )


def packed(body: bytes) -> bytes:
    """The body as gzip, ``b""`` for one that is not worth it."""
    if len(body) < SMALLEST:
        return b""
    packing = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    return packing.compress(body) + packing.flush()


@lru_cache(maxsize=1_000)
def understood(accept: bytes) -> bool:
    """Whether who says this in Accept-Encoding takes gzip, and likes nothing better."""
    told: dict[bytes, float] = {}
    for one in accept.lower().split(b","):
        name, _, more = one.partition(b";")
        told[name.strip()] = _weight(more)
    wanted = max(told.get(b"gzip", -1), told.get(b"x-gzip", -1))
    if wanted < 0:
        wanted = told.get(b"*", 0)
    return wanted > 0 and wanted >= told.get(b"identity", 0)


def _weight(text: bytes) -> float:
    """What ``q=0.5`` says; nothing said is 1, and what cannot be read is 0."""
    name, _, value = text.replace(b" ", b"").partition(b"=")
    if not name:
        return 1.0
    try:
        return float(value) if name == b"q" and 0 <= float(value) <= 1 else 0.0
    except ValueError:
        return 0.0


async def received(receive: Receive, headers: Mapping[bytes, bytes], largest: int) -> bytes:
    """The whole body of a request, unpacked. Raises TooLarge, UnknownCoding, Faulty.

    *largest* bounds what comes as well as what it unpacks to: a small body may say that it is a
    large one, and nothing of it is kept that nobody asked for.
    """
    length = headers.get(b"content-length", b"0").strip()
    if not length.isdigit() or int(length) > largest:
        raise _too_large(largest)
    coding = headers.get(b"content-encoding", b"identity").strip().lower()
    unpacking = None if coding in (b"identity", b"") else _Unpacking(coding, largest)
    pieces, came, more = bytearray(), 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Faulty("the client went away before its request was here", code="incomplete-body")
        piece, more = message.get("body", b""), message.get("more_body", False)
        came += len(piece)
        pieces += piece if unpacking is None else unpacking.take(piece, last=not more)
        if came > largest or len(pieces) > largest:
            raise _too_large(largest)
    return bytes(pieces)


class _Unpacking:
    def __init__(self, coding: bytes, largest: int) -> None:
        if coding not in _CODINGS:
            raise UnknownCoding(coding)
        self._zlib = zlib.decompressobj(_CODINGS[coding])
        self._coding = coding.decode()
        self._largest = largest

    def take(self, piece: bytes, *, last: bool) -> bytes:
        """What comes out next, little more than the largest body. Raises Faulty."""
        try:
            # To have reached this length is to be too large, so there is no rest to ask for.
            found = self._zlib.decompress(piece, self._largest + 1)
        except zlib.error:
            found, broken = b"", True
        else:
            cut = len(found) > self._largest
            broken = bool(self._zlib.unused_data) or (last and not self._zlib.eof and not cut)
        if broken:
            raise Faulty(
                f"the body is not what its Content-Encoding says, {self._coding}",
                hint="send one whole stream, or the body as it is",
                code="bad-encoding",
            )
        return found


def _too_large(largest: int) -> TooLarge:
    return TooLarge(
        f"the body is larger than {largest} bytes",
        hint="send less at a time; a server may be started with a larger bound",
    )
