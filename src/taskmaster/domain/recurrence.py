"""When work that repeats comes again: rules such as ``every 2 weeks``, and the days they name.

A series is counted from its first day, so that what is due on the 31st comes on the last day of a
shorter month and on the 31st again after it.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    class Rule(NamedTuple):
        """Every so *many* days, weeks or months; or every *weekday* (0 is Monday, -1 none)."""

        many: int
        unit: str
        weekday: int

else:
    Rule = namedtuple("Rule", "many unit weekday")

EXPECTED = "daily, weekly, monthly, yearly, every 2 weeks, every monday"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOST = 999
_PLAIN = {"daily": "day", "weekly": "week", "monthly": "month", "yearly": "year"}
_EVERY = re.compile(r"every\s+(?:([0-9]{1,3}|other)\s+)?(day|week|month|year)s?")
_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "year": 12}


def rule_of(text: str) -> Rule | None:
    """The rule that *text* names, None when it names none."""
    words = " ".join(text.lower().split())
    if words in _PLAIN:
        return Rule(1, _PLAIN[words], -1)
    day = words.removeprefix("every ")
    if day != words and day in WEEKDAYS:
        return Rule(1, "week", WEEKDAYS.index(day))
    match = _EVERY.fullmatch(words)
    count = int((match[1] or "1").replace("other", "2")) if match else 0
    return Rule(count, match[2], -1) if match and 1 <= count <= MOST else None


def words_of(rule: Rule) -> str:
    """The rule as it is written down."""
    if rule.weekday >= 0:
        return f"every {WEEKDAYS[rule.weekday]}"
    if rule.many == 1:
        return next(word for word, unit in _PLAIN.items() if unit == rule.unit)
    return f"every {rule.many} {rule.unit}s"


def next_day(rule: Rule, first: dt.date, after: dt.date) -> dt.date | None:
    """The first day later than *after* of the series that *first* belongs to.

    None when that is beyond what a date can say.
    """
    try:
        if rule.weekday >= 0:
            return after + dt.timedelta((rule.weekday - after.weekday() - 1) % 7 + 1)
        if rule.unit in _DAYS:
            period = rule.many * _DAYS[rule.unit]
            return first + dt.timedelta(((after - first).days // period + 1) * period)
        return _next_in_months(rule.many * _MONTHS[rule.unit], first, after)
    except OverflowError:
        return None


def _next_in_months(period: int, first: dt.date, after: dt.date) -> dt.date:
    months = (after.year - first.year) * 12 + after.month - first.month
    steps = months // period
    here = months_later(first, steps * period)
    return here if here > after else months_later(first, (steps + 1) * period)


def months_later(day: dt.date, months: int) -> dt.date:
    """The same day of another month, or its last where it has no such day.

    Raises OverflowError beyond what a date can say.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        raise OverflowError
    last = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(day.day, last))


def belongs(rule: Rule, first: dt.date, day: dt.date) -> bool:
    """Whether *day* is one of the series that begins on *first*."""
    return day >= first > dt.date.min and next_day(rule, first, day - dt.timedelta(1)) == day
