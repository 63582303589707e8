"""Whether the server can do its work: looks at what it needs, each within a limit of time.

A look that does not come back is not begun a second time. However many ask, the parts are looked
at once a second at most.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import threading
import time
from typing import TYPE_CHECKING, Final, NamedTuple

import psutil

from taskmaster import app
from taskmaster.doorbells.line import Cut
from taskmaster.errors import Busy, TampError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from taskmaster.config import Storage
    from taskmaster.workspace import Workspace

OK, DEGRADED, FAILED = "ok", "degraded", "failed"
LIVE: Final = {"status": OK}
"""What a server that answers at all says to who asks whether it lives."""

KEPT = 1.0
"""Seconds for which a report is told again."""

SECONDS = 2.0
"""Seconds that a look may take."""

LEAST_DISK = (200_000_000, 20_000_000)
"""Free bytes below which it is degraded, and has failed; so for the next two."""

LEAST_MEMORY = (0.05, 0.01)
"""Shares of all memory that are available."""

MOST_LOAD = 4.0
"""Programs that want to run, for each processor."""

MOST_LAG = 5.0
"""Seconds by which subscribers hear of a change late."""

_ASKED = 0.5
_WORST: Final = {OK: 0, DEGRADED: 1, FAILED: 2}


class Finding(NamedTuple):
    """What a look has found; *words* explain every state but ``ok``, *facts* are numbers."""

    state: str = OK
    words: str = ""
    facts: Mapping[str, object] = {}


class Check(NamedTuple):
    """A part that is looked at, in a thread. Without an *essential* one nothing can be served.

    A look that raises has found it failed; one that lasts longer than *seconds*, in state *late*.
    """

    name: str
    look: Callable[[], Finding]
    essential: bool = False
    late: str = FAILED
    seconds: float = SECONDS


class Report(NamedTuple):
    """What was found, and when; ``ready`` unless something essential has failed."""

    status: str
    ready: bool
    checks: Mapping[str, Mapping[str, object]]
    moment: float

    @property
    def code(self) -> int:
        """The HTTP status for it."""
        return 200 if self.ready else 503

    def bare(self) -> dict[str, object]:
        """For those who are nobody in particular."""
        return {"status": self.status}

    def full(self) -> dict[str, object]:
        return {"status": self.status, "ready": self.ready, "checks": self.checks}


class Health:
    """Belongs to one event loop."""

    def __init__(
        self,
        checks: Sequence[Check],
        *,
        kept: float = KEPT,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._checks = checks
        self._kept = kept
        self._clock = clock
        self._report: Report | None = None
        self._looking: asyncio.Task[Report] | None = None
        self._under_way: dict[str, asyncio.Future[Finding]] = {}

    async def report(self) -> Report:
        """How things are, or were a moment ago."""
        known = self._report
        if known is not None and self._clock() - known.moment < self._kept:
            return known
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        return await asyncio.shield(self._looking)

    async def _look(self) -> Report:
        moment = self._clock()
        told = await asyncio.gather(*map(self._one, self._checks))
        checks = dict(zip((check.name for check in self._checks), told, strict=True))
        needed = [checks[check.name]["status"] for check in self._checks if check.essential]
        ready = FAILED not in needed
        fine = all(one["status"] == OK for one in told)
        status = FAILED if not ready else OK if fine else DEGRADED
        self._report = Report(status, ready, checks, moment)
        return self._report

    async def _one(self, check: Check) -> Mapping[str, object]:
        began = time.perf_counter()
        before = self._under_way.get(check.name)
        asked = before or _begun(check)
        self._under_way[check.name] = asked
        await asyncio.wait([asked], timeout=0 if before else check.seconds)
        if asked.done():
            del self._under_way[check.name]
            found = asked.result()
        elif before:
            found = Finding(check.late, "an earlier look has not come back yet")
        else:
            found = Finding(check.late, f"no answer within {check.seconds:g} s")
        told: dict[str, object] = {"status": found.state}
        if found.words:
            told["message"] = found.words
        return {**told, "ms": round((time.perf_counter() - began) * 1000, 1), **found.facts}


def _begun(check: Check) -> asyncio.Future[Finding]:
    """The look, in a thread that nobody has to wait for when the server stops."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Finding] = loop.create_future()

    def work() -> None:
        found = _found(check)
        with contextlib.suppress(RuntimeError):  # The loop is closed, and nobody waits any more.
            loop.call_soon_threadsafe(future.set_result, found)

    threading.Thread(target=work, name=f"health-{check.name}", daemon=True).start()
    return future


def _found(check: Check) -> Finding:
    try:
        return check.look()
    except TampError as error:
        return Finding(FAILED, error.message, {"code": error.code})
    except Cut as cut:
        return Finding(FAILED, str(cut))
    except Exception as error:  # noqa: BLE001 - whatever it is, that is what was found
        return Finding(FAILED, f"{type(error).__name__}: {error}")


class _Enough(Exception):
    """Ends a transaction in which nothing is to happen."""


def store_read(ws: Workspace) -> Check:
    def look() -> Finding:
        ws.store.version()
        with ws.reading() as reader:
            return Finding(facts={"changes": reader.last_change()})

    return Check("store-read", look, essential=True)


def store_write(ws: Workspace) -> Check:
    """Whether somebody can become the one writer, who then changes nothing.

    Somebody else at work is a good sign; it is none when he does not end.
    """

    def look() -> Finding:
        try:
            with ws.store.writing(ws.stamp("health")):
                raise _Enough  # noqa: TRY301 - that is how a transaction is given up
        except _Enough:
            return Finding()
        except Busy as busy:
            return Finding(OK, busy.message)

    return Check("store-write", look, essential=True, late=DEGRADED)


def migrations(storage: Storage) -> Check:
    """Whether the tables of a database are those that this version works with."""

    def look() -> Finding:
        with app.database(storage) as schema:
            applied = schema.applied()
            problem = schema.problem(applied)
        if problem is not None:
            raise problem
        return Finding(facts={"applied": len(applied)})

    return Check("migrations", look, essential=True)


def redis(url: str) -> Check:
    def look() -> Finding:
        from taskmaster.doorbells.redis import connected, cuts

        try:
            with cuts():
                client = connected(url, _ASKED)
                try:
                    client.ping()
                finally:
                    client.close()
        except Cut as cut:
            return Finding(DEGRADED, f"{cut}; changes are heard of later, limits counted apart")
        return Finding()

    return Check("redis", look)


def disk(folder: str, least: tuple[float, float] = LEAST_DISK) -> Check:
    def look() -> Finding:
        free = shutil.disk_usage(folder).free
        words = f"{free // 1_000_000} MB are free where the tasks are"
        return _below(free, least, words, {"freeBytes": free})

    return Check("disk", look)


def memory(least: tuple[float, float] = LEAST_MEMORY) -> Check:
    def look() -> Finding:
        told, used = psutil.virtual_memory(), psutil.Process().memory_info().rss
        facts = {"availableBytes": told.available, "processBytes": used}
        words = f"{told.available // 1_000_000} MB of memory are available"
        return _below(told.available / told.total, least, words, facts)

    return Check("memory", look)


def _below(
    value: float, least: tuple[float, float], words: str, facts: Mapping[str, object]
) -> Finding:
    state = FAILED if value < least[1] else DEGRADED if value < least[0] else OK
    return Finding(state, words if state != OK else "", facts)


def processor(most: float = MOST_LOAD) -> Check:
    def look() -> Finding:
        load = psutil.getloadavg()[0] / (os.cpu_count() or 1)
        facts = {"load": round(load, 2)}
        if load > most:
            return Finding(DEGRADED, f"{load:.1f} programs want to run on each processor", facts)
        return Finding(facts=facts)

    return Check("cpu", look)


def events(
    lag: Callable[[], float],
    behind: Callable[[], int],
    trouble: Callable[[], str] = str,
    most: float = MOST_LAG,
) -> Check:
    """Whether subscribers hear of changes: *lag* in seconds, *behind* in changes, and what is
    wrong in a sentence.
    """

    def look() -> Finding:
        late, wrong = lag(), trouble()
        facts = {"lagSeconds": round(late, 1), "behind": behind()}
        if late > most or wrong:
            return Finding(DEGRADED, wrong or f"changes are told {late:.0f} s late", facts)
        return Finding(facts=facts)

    return Check("events", look)


def of_project(ws: Workspace, storage: Storage, folder: str, suffix: str = "") -> list[Check]:
    """What one project needs: its store, its disk, which *folder* is on, and what goes with it.

    *suffix* tells the checks of one project from those of another.
    """
    checks = [store_read(ws), store_write(ws), disk(folder)]
    if storage.engine in app.DATABASES:
        checks.append(migrations(storage))
    if storage.redis:
        checks.append(redis(storage.redis))
    return [check._replace(name=f"{check.name}{suffix}") for check in checks]
