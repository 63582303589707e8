"""A day as a person names it, seen from today: ``2026-12-31``, ``tomorrow``, ``friday``, ``2w``."""

from __future__ import annotations

import datetime as dt
import re

from taskmaster.domain.recurrence import WEEKDAYS, months_later

EXPECTED = "a day such as 2026-12-31, tomorrow or monday, or a span such as 3d, 2w, 1m, 1y"
_NAMED = {"today": 0, "tomorrow": 1}
_SPAN = re.compile(r"([0-9]{1,4})\s?(d|w|m|y|days?|weeks?|months?|years?)")
_DAYS = {"d": 1, "w": 7}
_MONTHS = {"m": 1, "y": 12}


def day_of(text: str, today: str) -> str:
    """The day that *text* names, as ``YYYY-MM-DD``; ``""`` when it names none.

    A weekday is the next one after today; a span is counted ahead from today.
    """
    words = " ".join(text.lower().split())
    here = dt.date.fromisoformat(today)
    try:
        found = _named(words, here)
    except OverflowError:
        found = None
    return found.isoformat() if found else ""


def _named(words: str, today: dt.date) -> dt.date | None:
    if words in _NAMED:
        return today + dt.timedelta(_NAMED[words])
    if words in WEEKDAYS:
        return today + dt.timedelta((WEEKDAYS.index(words) - today.weekday() - 1) % 7 + 1)
    if span := _SPAN.fullmatch(words):
        unit, count = span[2][0], int(span[1])
        if unit in _MONTHS:
            return months_later(today, count * _MONTHS[unit])
        return today + dt.timedelta(count * _DAYS[unit])
    return exact(words)


def exact(text: str) -> dt.date | None:
    """The day written as ``YYYY-MM-DD``, None when it is not one."""
    try:
        found = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.isoformat() == text else None
