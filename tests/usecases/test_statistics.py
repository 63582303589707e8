"""Statistics over weeks of work, with the clock in the test's hand."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.usecases.drawn import project, step, task

from taskmaster.errors import Usage
from taskmaster.usecases import progress
from taskmaster.usecases.report import duration, forecast_dates, report
from taskmaster.usecases.statistics import Statistics, Week, first_day, statistics
from taskmaster.usecases.status import set_status
from taskmaster.workspace import Workspace

BEGIN = dt.datetime(2026, 1, 1, 8, tzinfo=dt.UTC)  # A Thursday.


def at(ws: Workspace, day: int, hour: int = 0) -> None:
    moment = BEGIN + dt.timedelta(day, hours=hour)
    ws.clock = lambda: moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def worked(count: int, *, every: int = 1, tasks: int = 60) -> Workspace:
    """A project in which a task was begun and, three hours later, done on each such day."""
    ws = project(*(task(one) for one in range(1, tasks + 1)))
    for number in range(1, count + 1):
        at(ws, number * every)
        set_status(ws, str(number), "in-progress")
        at(ws, number * every, 3)
        set_status(ws, str(number), "done")
    return ws


def text(found: Statistics) -> str:
    return "\n".join(line for part in report(found).parts for line in getattr(part, "lines", ()))


def test_a_steady_pace_is_measured_and_carried_on() -> None:
    ws = worked(20)
    at(ws, 21)
    found = statistics(ws, by=("tag",))

    assert (found.begin, found.finished, found.noticed, found.grown) == ("2026-01-02", 20, 0, 0)
    assert (found.cycle.measured, found.cycle.median, found.cycle.p85) == (20, 3.0, 3.0)
    assert (found.lead.measured, found.lead.median) == (0, None)
    assert found.burndown[0] == ("2026-01-02", 59)
    assert found.burndown[-1] == ("2026-01-22", 40)
    assert forecast_dates(found) == dict.fromkeys((50, 85, 95), "2026-03-03")
    assert "40 open pieces of work: 50 % by 2026-03-03" in text(found)


def test_weeks_begin_on_monday_and_say_which_are_whole() -> None:
    ws = worked(12)

    assert statistics(ws).weeks == [
        Week("2025-12-29", 3, whole=False),
        Week("2026-01-05", 7, whole=True),
        Week("2026-01-12", 2, whole=False),
    ]


def test_only_what_is_recent_counts_when_asked_for() -> None:
    ws = worked(20)
    at(ws, 21)
    found = statistics(ws, since="5d")

    assert (found.begin, found.finished) == ("2026-01-17", 5)
    assert found.burndown[0] == ("2026-01-17", 44)
    assert (
        found.forecast.reason
        == "10 pieces of work finished on whole days are needed, and there are 5"
    )


def test_work_that_was_added_meanwhile_is_told() -> None:
    ws = worked(20)
    with ws.writing("add-task") as writer:
        for number in range(70, 75):
            writer.put("master", writer.get("master", "60").with_fields({"id": number}))
    at(ws, 21)
    found = statistics(ws)

    assert found.grown == 5
    assert "The work also grew by 5 since 2026-01-02" in text(found)


def test_too_little_history_gives_no_dates() -> None:
    ws = worked(9)
    found = statistics(ws)

    assert forecast_dates(found) == {}
    assert "none: 10 pieces of work finished on whole days are needed, and there are 7" in text(
        found
    )


@pytest.mark.parametrize(
    ("words", "day"),
    [("30d", "2026-05-16"), ("2w", "2026-06-01"), ("0d", "2026-06-15"), ("2026-01-31",) * 2],
)
def test_a_time_span_or_a_date_says_where_to_begin(words: str, day: str) -> None:
    assert first_day(words, "2026-06-15") == day


@pytest.mark.parametrize("words", ["soon", "d", "-3d", "99999d", "2026-06-16", "3x", "²d"])
def test_anything_else_does_not(words: str) -> None:
    with pytest.raises(Usage):
        first_day(words, "2026-06-15")


def test_progress_is_told_by_label_and_assignee_of_the_task_or_its_own() -> None:
    ws = project(
        task(1, labels=["ui", "api"], subtasks=[step(1, status="done"), step(2, labels=["db"])]),
        task(2, assignee="ann", status="cancelled"),
        task(3, assignee="ann", status="review"),
    )
    with ws.reading() as reader:
        tags = {"master": reader.tasks("master")}
    labels = {one.name: (one.done, one.total) for one in progress.by("label", tags, "master")}
    people = [(one.name, one.begun, one.total, one.cancelled) for one in
              progress.by("assignee", tags, "master")]  # fmt: skip

    assert labels == {"ui": (1, 1), "api": (1, 1), "db": (0, 1), "(none)": (0, 1)}
    assert people == [("ann", 1, 1, 1), ("(none)", 0, 2, 0)]


@pytest.mark.parametrize(
    ("hours", "words"),
    [(0.0, "0 min"), (0.5, "30 min"), (1, "1 h"), (23.94, "23.9 h"), (60, "2.5 d")],
)
def test_a_duration_is_told_in_the_unit_that_fits(hours: float, words: str) -> None:
    assert duration(hours) == words
