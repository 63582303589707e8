from __future__ import annotations

import calendar
import datetime as dt

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from taskmaster.domain import days
from taskmaster.domain.recurrence import (
    WEEKDAYS,
    Rule,
    belongs,
    next_day,
    rule_of,
    words_of,
)

DATES = st.dates(dt.date(1900, 1, 1), dt.date(2200, 1, 1))
COUNTED = st.builds(
    Rule, st.integers(1, 60), st.sampled_from(("day", "week", "month", "year")), st.just(-1)
)
RULES = COUNTED | st.builds(Rule, st.just(1), st.just("week"), st.integers(0, 6))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("daily", "daily"),
        ("every day", "daily"),
        ("Weekly", "weekly"),
        ("every 1 week", "weekly"),
        ("every  2   weeks", "every 2 weeks"),
        ("every other month", "every 2 months"),
        ("monthly", "monthly"),
        ("every 12 months", "every 12 months"),
        ("yearly", "yearly"),
        ("every Monday", "every monday"),
    ],
)
def test_a_rule_is_written_down_in_its_usual_words(text: str, words: str) -> None:
    rule = rule_of(text)

    assert rule is not None
    assert words_of(rule) == words


@pytest.mark.parametrize(
    "text", ["", "every", "every 0 days", "every 1000 days", "monday", "every -1 week", "hourly",
             "every 2 mondays", "every \uff12 weeks", "weekly or so"]
)  # fmt: skip
def test_other_words_are_no_rule(text: str) -> None:
    assert rule_of(text) is None


@given(RULES)
def test_the_words_of_a_rule_mean_the_rule(rule: Rule) -> None:
    assert rule_of(words_of(rule)) == rule


@given(RULES, DATES, DATES)
def test_the_next_day_is_later_and_belongs_to_the_series(
    rule: Rule, first: dt.date, after: dt.date
) -> None:
    found = next_day(rule, first, after)

    assert found is not None
    assert found > after
    assert next_day(rule, first, found - dt.timedelta(1)) == found
    if found >= first:
        assert belongs(rule, first, found)


@given(RULES, DATES, DATES)
def test_no_day_of_the_series_lies_between(rule: Rule, first: dt.date, after: dt.date) -> None:
    found = next_day(rule, first, after)
    assert found is not None
    between = next_day(rule, first, after + (found - after) // 2)

    assert between is not None
    assert between >= found


@given(st.integers(1, 30), st.sampled_from(("month", "year")), DATES, DATES)
def test_a_month_without_that_day_has_its_last_day_and_later_ones_have_the_day_again(
    many: int, unit: str, first: dt.date, after: dt.date
) -> None:
    found = next_day(Rule(many, unit, -1), first, after)

    assert found is not None
    last = calendar.monthrange(found.year, found.month)[1]
    assert found.day == min(first.day, last)
    months = (found.year - first.year) * 12 + found.month - first.month
    assert months % (many * (12 if unit == "year" else 1)) == 0


@given(st.integers(1, 400), DATES, DATES)
def test_days_are_counted_from_the_first(many: int, first: dt.date, after: dt.date) -> None:
    found = next_day(Rule(many, "day", -1), first, after)

    assert found is not None
    assert (found - first).days % many == 0
    assert 0 < (found - after).days <= many


@given(st.integers(0, 6), DATES)
def test_a_weekday_comes_within_a_week(weekday: int, after: dt.date) -> None:
    found = next_day(Rule(1, "week", weekday), after, after)

    assert found is not None
    assert found.weekday() == weekday
    assert 1 <= (found - after).days <= 7


def series(text: str, first: str, count: int) -> list[str]:
    rule = rule_of(text)
    assert rule is not None
    start = dt.date.fromisoformat(first)
    found = [start]
    while len(found) < count:
        following = next_day(rule, start, found[-1])
        assert following is not None
        found.append(following)
    return [day.isoformat() for day in found]


def test_the_end_of_the_month_stays_the_end_of_the_month() -> None:
    assert series("monthly", "2026-01-31", 5) == [
        "2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31",
    ]  # fmt: skip


def test_the_29th_of_february_comes_back_every_four_years() -> None:
    assert series("yearly", "2024-02-29", 5) == [
        "2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29",
    ]  # fmt: skip


def test_a_century_that_is_no_leap_year_is_none() -> None:
    assert series("every 4 years", "2096-02-29", 3) == ["2096-02-29", "2100-02-28", "2104-02-29"]


def test_a_series_ends_where_the_calendar_does() -> None:
    assert next_day(Rule(1, "year", -1), dt.date(9999, 5, 1), dt.date(9999, 5, 1)) is None
    assert next_day(Rule(1, "day", -1), dt.date.max, dt.date.max) is None
    assert next_day(Rule(1, "week", 0), dt.date.max, dt.date.max) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-12-31", "2026-12-31"),
        ("today", "2026-06-15"),
        ("Tomorrow", "2026-06-16"),
        ("monday", "2026-06-22"),
        ("tuesday", "2026-06-16"),
        ("sunday", "2026-06-21"),
        ("3d", "2026-06-18"),
        ("2w", "2026-06-29"),
        ("2 weeks", "2026-06-29"),
        ("1m", "2026-07-15"),
        ("1y", "2027-06-15"),
    ],
)
def test_a_day_is_named_as_people_do(text: str, day: str) -> None:
    assert days.day_of(text, "2026-06-15") == day


@pytest.mark.parametrize(
    "text", ["", "someday", "2026-02-30", "20260615", "-3d", "3 fortnights", "9999y", "2026-6-1"]
)
def test_other_words_are_no_day(text: str) -> None:
    assert days.day_of(text, "2026-06-15") == ""


@given(st.sampled_from(WEEKDAYS), DATES)
def test_a_weekday_is_the_next_one_after_today(word: str, today: dt.date) -> None:
    found = dt.date.fromisoformat(days.day_of(word, today.isoformat()))

    assert WEEKDAYS[found.weekday()] == word
    assert 1 <= (found - today).days <= 7


@given(st.integers(0, 1200), DATES)
def test_a_span_of_months_never_runs_into_the_next(months: int, today: dt.date) -> None:
    text = days.day_of(f"{months}m", today.isoformat())
    assume(text)
    found = dt.date.fromisoformat(text)

    assert (found.year - today.year) * 12 + found.month - today.month == months
    assert found.day <= today.day
