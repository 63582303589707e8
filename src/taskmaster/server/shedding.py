"""Doing less when there is too much to do, so that what is done is done in time.

How bad it is, is one number: 0 is well; up to 1 a growing share of new streams is refused, up to 2
of reads as well, up to 3 of writes too. Everything else, such as health and authentication, is
never refused. It rises while more than a twentieth of the requests is slow, with the memory that
is taken, by which half of the reads are refused at most, and with the requests that are under way.
It falls again by itself.
"""

from __future__ import annotations

import time
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import psutil

from taskmaster.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STREAM, READ, WRITE = "stream", "read", "write"
"""What can be refused, the cheapest to lose first."""

SLOW = 1.0
"""Seconds from which a request is slow."""

MOST = 1_000
"""Requests under way at which even writes are refused."""

_FIRST: Final = {STREAM: 0.0, READ: 1.0, WRITE: 2.0}
_WORST = 3.0
# Memory may never be given back, and a server that refused everything would help nobody.
_BY_MEMORY = 1.5
_SLOW_SHARE = 0.05
_FEWEST = 20
_WINDOW = 1.0
_RISE, _FALL = 0.25, 0.1
_ROOM = 0.8
_CGROUP = "/sys/fs/cgroup/memory.max"


class Overloaded(Unavailable):
    """The server has too much to do to take this on; ``retry_after`` is in seconds."""

    code = "overloaded"

    def __init__(self, kind: str, retry_after: int) -> None:
        super().__init__(
            f"the server has too much to do at present to take on another {kind}",
            hint=f"try again in {retry_after} s",
        )
        self.retry_after = retry_after
        self.headers = [(b"retry-after", b"%d" % retry_after)]


def memory_limit() -> int:
    """The bytes that this machine, or what contains this process, lets it have."""
    total = int(psutil.virtual_memory().total)
    try:
        with open(_CGROUP, encoding="ascii") as file:
            told = file.read().strip()
    except OSError:
        return total  # Nothing contains it, or not in a way that is told there.
    return min(total, int(told)) if told.isdigit() else total


def memory_used() -> int:
    return int(psutil.Process().memory_info().rss)


class Shedding:
    """For one event loop. ``under_way`` counts requests, ``refused`` refusals by kind.

    *memory* is what this process may have in bytes, 0 for any amount.
    """

    def __init__(
        self,
        *,
        slow: float = SLOW,
        most: int = MOST,
        memory: int = 0,
        used: Callable[[], int] = memory_used,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.under_way = 0
        self.refused: Counter[str] = Counter()
        self._slow = slow
        self._most = most
        self._memory = memory
        self._used = used
        self._clock = clock
        self._since = clock()
        self._answers = self._slow_answers = 0
        self._by_latency = self._by_memory = 0.0
        self._owed = dict.fromkeys(_FIRST, 0.0)

    @property
    def level(self) -> float:
        """How bad it is, from 0 to 3."""
        by_number = _beyond(self.under_way / self._most) * _WORST
        return max(self._by_latency, self._by_memory, by_number)

    def enter(self, kind: str) -> None:
        """Take a request on; ``leave`` is to follow, but for streams. Raises Overloaded."""
        if self._clock() - self._since >= _WINDOW:
            self._judge()
        level = self.level
        if level and kind in _FIRST:
            self._refuse_some(kind, level)
        if kind != STREAM:
            self.under_way += 1

    def leave(self, seconds: float) -> None:
        """A request was answered, after so long."""
        self.under_way -= 1
        self._answers += 1
        self._slow_answers += seconds >= self._slow

    @contextmanager
    def aside(self, kind: str) -> Iterator[None]:
        """While a request that was taken on waits for its client, it is not under way."""
        count = kind != STREAM
        self.under_way -= count
        try:
            yield
        finally:
            self.under_way += count

    def _refuse_some(self, kind: str, level: float) -> None:
        # The share adds up until it makes a whole request: as many as at random, and evenly.
        self._owed[kind] += min(max(level - _FIRST[kind], 0.0), 1.0)
        if self._owed[kind] >= 1:
            self._owed[kind] -= 1
            self.refused[kind] += 1
            raise Overloaded(kind, 1 + round(2 * level))

    def _judge(self) -> None:
        """Look back at the time since this was last done."""
        now = self._clock()
        windows = (now - self._since) / _WINDOW
        late = self._answers >= _FEWEST and self._slow_answers > _SLOW_SHARE * self._answers
        change = late * (_RISE + _FALL) - _FALL * windows
        self._by_latency = min(max(self._by_latency + change, 0.0), _WORST)
        if self._memory:
            self._by_memory = _beyond(self._used() / self._memory) * _BY_MEMORY
        self._since, self._answers, self._slow_answers = now, 0, 0


def _beyond(share: float) -> float:
    """0 while a good part is free, 1 when nothing is."""
    return min(max(share - _ROOM, 0.0) / (1 - _ROOM), 1.0)
