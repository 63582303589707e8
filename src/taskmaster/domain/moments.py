"""Moments as the logs write them, UTC to the millisecond, and as seconds since 1970.

Written this way, the later of two moments is the greater text.
"""

from __future__ import annotations

import datetime as dt

DAY = 86_400.0
_FIRST = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def seconds(moment: str) -> float:
    """The seconds since 1970 at *moment*. Raises ValueError for a text that is none."""
    return dt.datetime.fromisoformat(moment).replace(tzinfo=dt.UTC).timestamp()


def at(moment: float) -> str:
    """The moment that many seconds after 1970 began. Raises OverflowError after 9999."""
    found = _FIRST + dt.timedelta(milliseconds=round(moment * 1_000))
    return found.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def later(moment: str, by: float) -> str:
    """The moment *by* seconds after this one. Raises as ``at``."""
    return at(seconds(moment) + by)
