"""Those who listen to a project: looked at again when the keyring changes or their time ends."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

from taskmaster.domain.keys import LOCAL
from taskmaster.errors import Forbidden, TampError, Unauthenticated

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable, Iterator

    from taskmaster.domain.keys import Principal

    Look = Callable[[], Awaitable[Hashable]]
    Check = Callable[[str, Hashable], Awaitable[object]]

LOOK = 1.0
"""Seconds between two looks at the keyring, while anybody listens."""

EACH = 100
"""Streams that one caller may have open in a process; programs on this machine any number."""


class TooManyStreams(TampError):
    """A caller listens as often as it may already."""

    code = "too-many-streams"
    headers: Final = [(b"retry-after", b"5")]

    def __init__(self) -> None:
        super().__init__(
            f"you have {EACH} streams open here already",
            hint="one tells everything: close those that are not needed",
        )


class Listener(NamedTuple):
    """What a caller has shown, who that was, and what is set once they may hear no more."""

    shown: str
    principal: Principal
    barred: asyncio.Future[TampError]


class Listeners:
    """Those of one project; a single task looks after all of them.

    *version* tells which keyring there is now, *check* raises what is wrong with what was shown.
    """

    def __init__(self) -> None:
        self._there: set[Listener] = set()
        self._each: Counter[str] = Counter()
        self._watching: asyncio.Task[None] | None = None

    @contextmanager
    def listening(
        self, shown: str, principal: Principal, version: Look, check: Check
    ) -> Iterator[asyncio.Future[TampError]]:
        """What is set once this caller may hear no more. Raises TooManyStreams."""
        if principal.id != LOCAL and self._each[principal.id] >= EACH:
            raise TooManyStreams
        loop = asyncio.get_running_loop()
        one = Listener(shown, principal, loop.create_future())
        self._there.add(one)
        self._each[principal.id] += 1
        if self._watching is None or self._watching.done():
            self._watching = loop.create_task(self._watch(version, check))
        try:
            yield one.barred
        finally:
            self._there.discard(one)
            self._each[principal.id] -= 1
            self._each += Counter()  # which forgets whom there are none of

    async def _watch(self, version: Look, check: Check) -> None:
        keys: Hashable = None
        while self._there:
            try:
                now = await version()
            except TampError:  # Whoever reads will be told; here nothing is known anew.
                now = keys
            for one in list(self._there):
                if now != keys or time.time() >= one.principal.until:
                    await _look(one, check, now)
            keys = now
            await asyncio.sleep(LOOK)


async def _look(one: Listener, check: Check, keys: Hashable) -> None:
    try:
        await check(one.shown, keys)
    except (Unauthenticated, Forbidden) as error:
        if not one.barred.done():
            one.barred.set_result(error)
    except TampError:
        return  # The keyring cannot be read at the moment.
