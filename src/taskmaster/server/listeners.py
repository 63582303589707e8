"""Those who listen to a project: looked at again when the keyring changes or their time ends."""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from taskmaster.errors import Forbidden, TampError, Unauthenticated
from taskmaster.server import porter

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from taskmaster.domain.keys import Principal
    from taskmaster.server.house import House
    from taskmaster.server.served import Served

LOOK = 1.0
"""Seconds between two looks at the keyring, while anybody listens."""


class Listener(NamedTuple):
    """What a caller has shown, who that was, and what is set once they may hear no more."""

    shown: str
    principal: Principal
    barred: asyncio.Future[TampError]


class Listeners:
    """Those of one project; a single task looks after all of them."""

    def __init__(self) -> None:
        self._there: set[Listener] = set()
        self._watching: asyncio.Task[None] | None = None

    @contextmanager
    def listening(
        self, house: House, served: Served, shown: str, principal: Principal
    ) -> Iterator[asyncio.Future[TampError]]:
        """What is set once this caller may hear no more."""
        loop = asyncio.get_running_loop()
        one = Listener(shown, principal, loop.create_future())
        self._there.add(one)
        if self._watching is None or self._watching.done():
            self._watching = loop.create_task(self._watch(house, served))
        try:
            yield one.barred
        finally:
            self._there.discard(one)

    async def _watch(self, house: House, served: Served) -> None:
        keys: Hashable = None
        while self._there:
            try:
                now = (await porter.version_of(house, served)).keys
            except TampError:  # Whoever reads will be told; here nothing is known anew.
                now = keys
            for one in list(self._there):
                if now != keys or time.time() >= one.principal.until:
                    await _look(house, served, one, now)
            keys = now
            await asyncio.sleep(LOOK)


async def _look(house: House, served: Served, one: Listener, keys: Hashable) -> None:
    loop = asyncio.get_running_loop()
    try:
        await loop.run_in_executor(house.threads, served.gate.check, one.shown, keys)
    except (Unauthenticated, Forbidden) as error:
        if not one.barred.done():
            one.barred.set_result(error)
    except TampError:
        return  # The keyring cannot be read at the moment.
