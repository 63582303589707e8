"""Requests that carry a key to be repeated under: what was answered the first time."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from typing import TYPE_CHECKING

from taskmaster.errors import TampError

if TYPE_CHECKING:
    from taskmaster.server.answer import Reply

MOST = 2_000
ROOM = 32_000_000
"""Bytes of answers that are kept."""
LONGEST = 255


class Reused(TampError):
    """A key that stands for another request already."""

    code = "key-reused"

    def __init__(self, key: str) -> None:
        super().__init__(
            f"Idempotency-Key {key[:80]} was used for another request",
            hint="give every request a key of its own; repeat one with the same body only",
        )


class Repeats:
    """The last answers to requests with such a key, of this process.

    That nothing is done twice does not hang on these: the change log of the project knows.
    """

    def __init__(self) -> None:
        self._answered: OrderedDict[str, tuple[bytes, Reply]] = OrderedDict()
        self._size = 0

    def find(self, request: str, print_: bytes, key: str) -> Reply | None:
        """What was answered. Raises Reused."""
        found = self._answered.get(request)
        if found is None:
            return None
        if found[0] != print_:
            raise Reused(key)
        return found[1]

    def keep(self, request: str, print_: bytes, reply: Reply) -> None:
        self._answered[request] = (print_, reply)
        self._size += len(reply.body)
        while len(self._answered) > MOST or self._size > ROOM:
            _request, (_print, oldest) = self._answered.popitem(last=False)
            self._size -= len(oldest.body)


def request_of(who: str, key: str) -> str:
    """What the change log knows the request by: keys of different callers are different."""
    return hashlib.sha256(f"{who}\n{key}".encode()).hexdigest()[:32]


def fingerprint(*parts: bytes) -> bytes:
    return hashlib.sha256(b"\n".join(parts)).digest()
