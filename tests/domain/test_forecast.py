from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskmaster.domain import forecast
from taskmaster.domain.forecast import FURTHEST, PERCENTILES, percentile

STEADY = [1, 0, 2, 0, 1, 3, 0] * 4
dailies = st.lists(st.sampled_from([0, 0, 1, 2, 5]), min_size=14, max_size=40).filter(
    lambda daily: sum(daily) >= 10 and sum(map(bool, daily)) >= 4
)


@pytest.fixture(autouse=True)
def few_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecast, "RUNS", 200)


def test_the_same_past_gives_the_same_answer() -> None:
    assert forecast.forecast(STEADY, 30) == forecast.forecast(list(STEADY), 30)


@settings(max_examples=25)
@given(dailies, st.integers(1, 40), st.integers(0, 40))
def test_more_work_is_never_done_earlier_and_surer_never_sooner(
    daily: list[int], remaining: int, more: int
) -> None:
    now, later = (forecast.forecast(daily, count).days for count in (remaining, remaining + more))
    first = [days or FURTHEST + 1 for days in now.values()]

    assert tuple(now) == PERCENTILES
    assert first == sorted(first)
    assert min(first) >= -(-remaining // max(daily))
    assert all((later[one] or FURTHEST + 1) >= (now[one] or FURTHEST + 1) for one in PERCENTILES)


@given(st.integers(1, 5), st.integers(1, 200))
def test_a_pace_that_never_varies_leaves_no_doubt(pace: int, remaining: int) -> None:
    days = forecast.forecast([pace] * 20, remaining).days

    assert set(days.values()) == {-(-remaining // pace)}


def test_the_middle_of_the_runs_is_near_the_mean_pace() -> None:
    days = forecast.forecast(STEADY, 100).days[50]

    assert days is not None
    assert 90 <= days <= 110


@pytest.mark.parametrize(
    ("daily", "reason"),
    [
        ([], "10 pieces of work finished on whole days are needed, and there are 0"),
        ([0] * 20 + [1], "10 pieces of work finished on whole days are needed, and there is 1"),
        ([5, 5, 5], "14 whole days of history are needed, and there are 3"),
        ([0] * 20 + [30], "4 days on which something was finished are needed, and there is 1"),
    ],
)
def test_too_little_is_called_too_little(daily: list[int], reason: str) -> None:
    assert forecast.forecast(daily, 5) == ({}, reason, 0)


def test_nothing_open_needs_no_forecast() -> None:
    assert forecast.forecast(STEADY, 0).reason == "nothing is open"


@pytest.mark.parametrize("remaining", [2_000, 10**9])
def test_what_is_too_far_away_has_no_date(remaining: int) -> None:
    assert set(forecast.forecast(STEADY, remaining).days.values()) == {None}


@given(st.lists(st.integers(0, 50), min_size=1), st.integers(1, 100))
def test_a_percentile_is_the_least_value_that_enough_do_not_exceed(
    values: list[int], share: int
) -> None:
    found = percentile(values, share)

    assert 100 * sum(value <= found for value in values) >= share * len(values)
    assert 100 * sum(value < found for value in values) < share * len(values)
