"""What a store is at present, asked once for all requests that wait to know it.

Nobody is told of a version from before his request: a look answers those who were there when it
began, and whoever comes later gets the next one. So the busier a server is, the less each request
pays for being told the truth.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from taskmaster.domain.changes import Version
    from taskmaster.ports import Store

SWIFT = ("file", "memory")
"""Engines whose version is told without waiting for anything."""


class Versions:
    """Those of one store, for one event loop; what *keys* says of the keyring counts, where that
    is another one: a store that lags would let in those whose key was revoked.
    """

    def __init__(self, store: Store, keys: Store | None = None) -> None:
        self._store = store
        self._keys = keys
        self.swift = store.kind in SWIFT
        self._seen: Version | None = None
        self._looking: asyncio.Future[Version] | None = None
        self._next: asyncio.Task[Version] | None = None

    def at_once(self) -> Version:
        """The version of a ``swift`` store. Raises as its ``reading``."""
        if self._seen is None:
            self._seen = self._store.version()
            # The loop keeps the order: it forgets this before it turns to any request that has
            # not been read by now.
            asyncio.get_running_loop().call_soon(self._forget)
        return self._seen

    async def soon(self, threads: Executor) -> Version:
        """The version of any store. Raises as its ``reading``."""
        if self.swift:
            return self.at_once()
        if self._next is None:
            self._next = asyncio.create_task(self._look(threads))
        # Others wait for the same look, and somebody who goes away must not end it.
        return await asyncio.shield(self._next)

    def _version(self) -> Version:
        found = self._store.version()
        return found._replace(keys=self._keys.version().keys) if self._keys else found

    def _forget(self) -> None:
        self._seen = None

    async def _look(self, threads: Executor) -> Version:
        if self._looking is not None:
            await asyncio.wait([self._looking])
        self._looking = asyncio.get_running_loop().run_in_executor(threads, self._version)
        self._next = None
        return await self._looking
