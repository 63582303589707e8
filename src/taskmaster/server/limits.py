"""How often a client may ask: so many requests a minute, refilled steadily.

Every client has an allowance for each kind of request, which fills up evenly within a minute. All
that is kept of it is the moment at which it will be full again, as a whole number of ticks.
"""

from __future__ import annotations

import time
from functools import lru_cache
from ipaddress import IPv4Address, ip_address, ip_network
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple, Protocol

from taskmaster.doorbells.line import Cut

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from redis import Redis

WINDOW = 60
"""Seconds in which an empty allowance fills up."""

READ, WRITE, AUTH = "read", "write", "auth"
"""The kinds of request; ``auth`` are failed authentications, told apart by address."""

TIERS: Mapping[str, Mapping[str, int]] = {
    "free": {READ: 60, WRITE: 30, AUTH: 10},
    "standard": {READ: 600, WRITE: 120, AUTH: 10},
    "premium": {READ: 6_000, WRITE: 1_200, AUTH: 10},
    "local": {READ: 6_000_000, WRITE: 600_000, AUTH: 600},
    "address": {READ: 60, WRITE: 30, AUTH: 10},
}
"""Requests a minute: of keys, of the developer on this machine, of addresses without a key."""

MOST = 50_000
"""Clients of one tier and kind that are remembered at least; of more, the longest silent go."""

ANSWER = 0.1
"""Seconds that Redis has to answer."""

REST = 2.0
"""Seconds after Redis did not answer in which nobody asks it."""

_SECOND = 1_000_000_000


class Allowance(NamedTuple):
    """What a client may still do: *limit* in a minute, *remaining* of it now, all of it again
    after *reset* seconds; *retry_after* seconds, at least 1, until the next when refused, else 0.
    """

    limit: int
    remaining: int
    reset: int
    retry_after: int

    def headers(self) -> list[tuple[bytes, bytes]]:
        told = [
            (b"ratelimit-limit", b"%d" % self.limit),
            (b"ratelimit-remaining", b"%d" % self.remaining),
            (b"ratelimit-reset", b"%d" % self.reset),
        ]
        if self.retry_after:
            told.append((b"retry-after", b"%d" % self.retry_after))
        return told

    def lines(self) -> bytes:
        """The same as it is sent, of one that was not refused."""
        return b"ratelimit-limit: %d\r\nratelimit-remaining: %d\r\nratelimit-reset: %d\r\n" % (
            self.limit, self.remaining, self.reset
        )  # fmt: skip


class Taker(Protocol):
    """Counts what clients do."""

    @property
    def trouble(self) -> str:
        """What is wrong with the counting at present, in a sentence; ``""`` when all is well."""

    def take(self, client: str, tier: str, kind: str) -> Allowance:
        """Count one request, if it is allowed. Raises KeyError for an unknown tier or kind."""

    def look(self, client: str, tier: str, kind: str) -> Allowance:
        """What ``take`` would say, with nothing counted."""


class _Meter:
    """One tier and kind, in nanoseconds; for one thread."""

    __slots__ = ("_began", "_clock", "_kept", "_older", "_recent", "limit", "tick", "window")

    def __init__(self, limit: int, clock: Callable[[], int], kept: int) -> None:
        self.limit = limit
        self.tick = WINDOW * _SECOND // limit
        self.window = self.tick * limit
        self._clock = clock
        self._kept = kept
        self._recent: dict[str, int] = {}
        self._older: dict[str, int] = {}
        self._began = clock()

    def ask(self, client: str, count: int) -> Allowance:
        """Count so many, where there is room for at least one."""
        now = self._clock()
        if now - self._began > self.window or len(self._recent) >= self._kept:
            # Whoever is in the older half was silent for a whole window, and is full again.
            self._older, self._recent, self._began = self._recent, {}, now
        full = self._recent.get(client) or self._older.get(client, now)
        debt = full - now if full > now else 0
        allowed = debt + self.tick <= self.window
        if allowed and count:
            debt += self.tick
            self._recent[client] = now + debt
        return self.allowance(debt, allowed=allowed)

    def allowance(self, debt: int, *, allowed: bool) -> Allowance:
        """What is told to somebody whose allowance is full in *debt* nanoseconds."""
        limit, tick = self.limit, self.tick
        wait = 0 if allowed else -((self.window - tick - debt) // _SECOND)
        return Allowance(limit, (self.window - debt) // tick, -(-debt // _SECOND), wait)


class Limits:
    """Counts within this process. For one thread, which is that of the event loop."""

    trouble = ""

    def __init__(
        self,
        tiers: Mapping[str, Mapping[str, int]] = TIERS,
        *,
        clock: Callable[[], int] = time.monotonic_ns,
        most: int = MOST,
    ) -> None:
        self.meters = {
            (tier, kind): _Meter(limit, clock, most)
            for tier, kinds in tiers.items()
            for kind, limit in kinds.items()
        }

    def take(self, client: str, tier: str, kind: str) -> Allowance:
        return self.meters[tier, kind].ask(client, 1)

    def look(self, client: str, tier: str, kind: str) -> Allowance:
        return self.meters[tier, kind].ask(client, 0)


# One step for all processes, by the clock of Redis: answers with the microseconds until the
# allowance is full, and whether one more was allowed.
_SCRIPT = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local full = tonumber(redis.call('GET', KEYS[1]) or now)
local debt = math.max(full - now, 0)
local tick, window, count = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
if debt + tick > window then return {debt, 0} end
if count > 0 then
  debt = debt + tick
  redis.call('SET', KEYS[1], string.format('%.0f', now + debt), 'PX', math.ceil(debt / 1000))
end
return {debt, 1}
"""


class SharedLimits:
    """Counts in Redis, together with all other processes; each call takes a round trip.

    While Redis does not answer each process counts for itself, and ``trouble`` says so. Every
    call may come from a thread of its own.
    """

    def __init__(
        self,
        url: str,
        tiers: Mapping[str, Mapping[str, int]] = TIERS,
        *,
        prefix: str = "tamp:limits",
        rest: float = REST,
        answer: float = ANSWER,
    ) -> None:
        self.trouble = ""
        self._url = url
        self._prefix = prefix
        self._rest = rest
        self._answer = answer
        self._alone = Limits(tiers)
        self._client: Redis | None = None
        self._asleep_until = 0.0
        self._lock = Lock()

    def take(self, client: str, tier: str, kind: str) -> Allowance:
        return self._ask(client, tier, kind, 1)

    def look(self, client: str, tier: str, kind: str) -> Allowance:
        return self._ask(client, tier, kind, 0)

    def close(self) -> None:
        self._asleep_until = float("inf")
        if self._client is not None:
            self._client.close()

    def _ask(self, client: str, tier: str, kind: str, count: int) -> Allowance:
        meter = self._alone.meters[tier, kind]
        if time.monotonic() >= self._asleep_until:
            try:
                debt, allowed = self._asked(f"{self._prefix}:{tier}:{kind}:{client}", meter, count)
            except Cut as cut:
                self.trouble = f"{cut}; each process counts requests for itself"
                self._asleep_until = time.monotonic() + self._rest
            else:
                self.trouble = ""
                return meter.allowance(debt * 1000, allowed=bool(allowed))
        with self._lock:
            return meter.ask(client, count)

    def _asked(self, key: str, meter: _Meter, count: int) -> tuple[int, int]:
        from taskmaster.doorbells.redis import connected, cuts

        tick = meter.tick // 1000
        with cuts():
            self._client = self._client or connected(self._url, self._answer)
            script = self._client.register_script(_SCRIPT)
            debt, allowed = script([key], [tick, tick * meter.limit, count])
        return int(debt), int(allowed)


@lru_cache(maxsize=10_000)
def neighbourhood(address: str) -> str:
    """Who counts as one client by address: a host of IPv4, a whole network of IPv6.

    There everybody has as many addresses as he likes, all beginning with the same 64 bits.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ip_network((found, 64), strict=False))
