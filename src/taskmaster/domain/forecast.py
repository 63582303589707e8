"""When the open work may be finished, going by what was finished on each day so far.

A Monte Carlo simulation: each run draws days of the past at random, one after the other, until
they have finished as many pieces as are open. The runs depend on the past alone, so the same
project always gets the same answer, and more open work never an earlier one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import namedtuple
from itertools import accumulate

TYPE_CHECKING = False
if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence
    from typing import NamedTuple

    class Forecast(NamedTuple):
        """``days`` maps 50, 85 and 95 to how many days from today that share of the runs took at
        most; None is further away than can be said. Without ``days``, ``reason`` says why.
        """

        days: Mapping[int, int | None]
        reason: str
        runs: int

else:
    Forecast = namedtuple("Forecast", "days reason runs")

PERCENTILES = (50, 85, 95)
RUNS = 5_000
FURTHEST = 3 * 365
FEWEST_FINISHED, FEWEST_DAYS, FEWEST_BUSY = 10, 14, 4
_BLOCK = 64


def forecast(daily: Sequence[int], remaining: int) -> Forecast:
    """*daily* is how much was finished on each whole day of the past, also where that is 0."""
    reason = _missing(daily)
    if remaining <= 0 or reason:
        return Forecast({}, reason or "nothing is open", 0)
    took = sorted(_runs(daily, remaining))
    days = {one: took[-(-one * RUNS // 100) - 1] for one in PERCENTILES}
    found = {one: count if count <= FURTHEST else None for one, count in days.items()}
    return Forecast(found, "", RUNS)


def _missing(daily: Sequence[int]) -> str:
    """Why these days are too few to say anything; ``""`` when they are enough."""
    for count, fewest, what in (
        (sum(daily), FEWEST_FINISHED, "pieces of work finished on whole days"),
        (len(daily), FEWEST_DAYS, "whole days of history"),
        (sum(map(bool, daily)), FEWEST_BUSY, "days on which something was finished"),
    ):
        if count < fewest:
            return f"{fewest} {what} are needed, and there {'is' if count == 1 else 'are'} {count}"
    return ""


def _runs(daily: Sequence[int], remaining: int) -> list[int]:
    """How many days each run takes; more than FURTHEST where it gave up."""
    import random
    import zlib

    if max(daily) * FURTHEST < remaining:
        return [FURTHEST + 1] * RUNS
    seed = zlib.crc32(",".join(map(str, daily)).encode()) * RUNS
    draw = random.Random()  # noqa: S311  # no secret hangs on it
    found = []
    for run in range(RUNS):
        draw.seed(seed + run)
        found.append(_run(draw, daily, remaining))
    return found


def _run(draw: random.Random, daily: Sequence[int], remaining: int) -> int:
    days = 0
    while days <= FURTHEST:
        sums = list(accumulate(draw.choices(daily, k=_BLOCK)))
        if sums[-1] >= remaining:
            return days + bisect_left(sums, remaining) + 1
        remaining -= sums[-1]
        days += _BLOCK
    return FURTHEST + 1


def percentile(values: Sequence[float], share: int) -> float:
    """The smallest of *values* that at least *share* per cent of them do not exceed."""
    return sorted(values)[max(-(-share * len(values) // 100) - 1, 0)]
