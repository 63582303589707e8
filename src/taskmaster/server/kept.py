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
_BESIDE = 2_000
"""Bytes that an answer takes beside its bodies and its key, at most."""


class Kept(NamedTuple):
    """A reply, and the same packed as most clients want it where that is worth it."""

    reply: Reply
    packed: Reply | None
    etag: bytes


class _Version:
    """What is kept of one version; a thread that is late adds to its own, where nobody looks."""

    def __init__(self, at: Hashable) -> None:
        self.at = at
        self.found: dict[Key, Kept] = {}
        self.size = 0


class KeptAnswers:
    """Those of one version of the store on one day; any other version or day begins anew.

    ``making`` are the answers that are being made, by version and key, for everybody who waits.
    """

    def __init__(self) -> None:
        self._now = _Version(None)
        self.making: dict[tuple[Hashable, Key], Future[Kept]] = {}

    def find(self, at: Hashable, key: Key) -> Kept | None:
        if at != self._now.at:
            self._now = _Version(at)
            return None
        return self._now.found.get(key)

    def keep(self, at: Hashable, key: Key, kept: Kept) -> None:
        """Called in any thread."""
        now = self._now
        packed = len(kept.packed.body) if kept.packed else 0
        size = _BESIDE + sum(map(len, key)) + len(kept.reply.body) + packed
        if at != now.at or size > LARGEST:
            return
        if now.size + size > ROOM:
            now.found.clear()
            now.size = 0
        now.found[key] = kept
        now.size += size
