"""Answers that are kept for as long as the store is what it was when they were made.

They are never kept for a time: before one is given again, the store is asked for its version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from asyncio import Future
    from collections.abc import Hashable

    from taskmaster.server.answer import Reply

    Key = tuple[bytes, bytes]

ROOM = 64_000_000
"""Bytes of answers that are kept for one project."""
LARGEST = 4_000_000


class Kept(NamedTuple):
    """A reply, and the same packed as most clients want it where that is worth it."""

    reply: Reply
    packed: Reply | None
    etag: bytes


class KeptAnswers:
    """Those of one version of the store on one day; any other version or day begins anew.

    ``making`` are the answers that are being made, by version and key, for everybody who waits.
    """

    def __init__(self) -> None:
        self._at: Hashable = None
        self._found: dict[Key, Kept] = {}
        self._size = 0
        self.making: dict[tuple[Hashable, Key], Future[Kept]] = {}

    def find(self, at: Hashable, key: Key) -> Kept | None:
        if at != self._at:
            self._begin(at)
            return None
        return self._found.get(key)

    def keep(self, at: Hashable, key: Key, kept: Kept) -> None:
        size = len(kept.reply.body) + (len(kept.packed.body) if kept.packed else 0)
        if at != self._at or size > LARGEST:
            return
        if self._size + size > ROOM:
            self._begin(at)
        self._found[key] = kept
        self._size += size

    def _begin(self, at: Hashable) -> None:
        self._at, self._found, self._size = at, {}, 0
