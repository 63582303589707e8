"""Bodies that are packed: ours where the client understands it, the client's within bounds."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from taskmaster.server.request import TooLarge

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, MutableMapping

    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

SMALLEST = 1_000
_LEVEL, _GZIP = 5, 31


def packed(body: bytes) -> bytes:
    """The body as gzip, ``b""`` for one that is not worth it."""
    if len(body) < SMALLEST:
        return b""
    packing = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    return packing.compress(body) + packing.flush()


async def received(receive: Receive, headers: Mapping[bytes, bytes], largest: int) -> bytes:
    """The whole body of a request. Raises TooLarge."""
    del headers
    pieces = bytearray()
    while True:
        message = await receive()
        pieces += message.get("body", b"")
        if len(pieces) > largest:
            raise TooLarge(f"the body is larger than {largest} bytes")
        if not message.get("more_body"):
            return bytes(pieces)
