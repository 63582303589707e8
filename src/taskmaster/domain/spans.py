"""Days as people name them: ``2026-12-31``, ``today``, ``tomorrow``, ``3d``, ``2w``."""

from __future__ import annotations

import re

from taskmaster.domain.schedule import days_between

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

EXPECTED = "a day such as 2026-12-31, today, tomorrow, yesterday, or a span such as 3d, 2w, 1m, 1y"
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SPAN = re.compile(r"(-?[0-9]{1,5})([dwmy])")
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}
_NAMED = {"yesterday": -1, "today": 0, "tomorrow": 1}
_LENGTH = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


def seconds(text: str) -> float:
    """How long a span such as ``90s``, ``15m``, ``1h``, ``1d`` or ``2w`` is, 0 for any other text.

    Unlike in a span of days, ``m`` means minutes.
    """
    length = _LENGTH.fullmatch(text)
    return float(length[1]) * _SECONDS[length[2]] if length else 0.0


def known(text: str) -> bool:
    """Whether *text* names a day or a span of days."""
    return text in _NAMED or _SPAN.fullmatch(text) is not None or _is_date(text)


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    import datetime as dt

    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def comparer(
    text: str, today: str, compare: Callable[[int, int], bool], *, ago: bool
) -> Callable[[str], bool]:
    """A test for dates. A day is compared in the order of the calendar; a span by its length,
    counted from today: ahead of it or, with *ago*, back from it. No date is never a match.
    """
    span = _SPAN.fullmatch(text)
    if span:
        wanted, back = int(span[1]) * _DAYS[span[2]], ago
    else:
        named = _NAMED.get(text)
        distance = days_between(today, text) if named is None else named
        wanted, back = distance or 0, False

    def test(date: str) -> bool:
        away = days_between(today, date) if date else None
        return away is not None and compare(-away if back else away, wanted)

    return test
