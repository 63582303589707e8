"""What is put off is offered to nobody before its day, and from then on by itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskmaster.domain import graph, schedule
from taskmaster.domain.task import Task

TODAY = "2026-06-15"


def task(number: int, **fields: object) -> Task:
    return Task({"id": number, "title": f"Task {number}", "status": "pending", **fields})


def offered(*tasks: Task, today: str = TODAY) -> list[str]:
    return [choice.node.id for choice in schedule.ranked(graph.nodes(tasks), today)]


@pytest.mark.parametrize(
    ("until", "free"),
    [
        ("2026-06-16", False),
        ("2026-06-16T08:00:00Z", False),
        ("2026-06-15", True),
        ("2026-06-14", True),
        ("someday", True),
        ("", True),
        (None, True),
        (5, True),
    ],
)
def test_a_task_is_offered_from_its_day_on(until: object, free: bool) -> None:
    nodes = graph.nodes([task(1, deferUntil=until)])

    assert ("1" in offered(task(1, deferUntil=until))) == free
    assert schedule.ready(nodes["1"], nodes, TODAY) == free
    assert (schedule.obstacles(nodes["1"], nodes, TODAY) == []) == free
    assert (schedule.next_in_original_order(nodes, TODAY) is not None) == free


def test_where_no_day_is_given_nothing_counts_as_put_off() -> None:
    nodes = graph.nodes([task(1, deferUntil="2026-06-16")])

    assert schedule.ready(nodes["1"], nodes)
    assert schedule.obstacles(nodes["1"], nodes) == []


def test_what_waits_for_a_task_that_is_put_off_waits_on() -> None:
    assert offered(task(1, deferUntil="2026-07-01"), task(2, dependencies=[1])) == []


def test_a_subtask_is_put_off_with_its_task_and_by_itself() -> None:
    steps = [{"id": 1}, {"id": 2, "deferUntil": "2026-07-01"}]
    whole = task(1, status="in-progress", subtasks=steps)

    assert offered(whole) == ["1.1"]
    assert offered(whole.with_fields({"deferUntil": "2026-07-01"})) == []
    nodes = graph.nodes([whole.with_fields({"deferUntil": "2026-07-01"})])
    assert schedule.obstacles(nodes["1.1"], nodes, TODAY) == [
        "its task 1 is put off until 2026-07-01"
    ]


@given(st.lists(st.dates().map(str) | st.none(), min_size=1, max_size=6), st.dates().map(str))
def test_exactly_what_is_due_to_come_back_is_offered(untils: list[str | None], day: str) -> None:
    tasks = [task(number, deferUntil=until) for number, until in enumerate(untils, 1)]
    free = {str(number) for number, until in enumerate(untils, 1) if not until or until <= day}

    assert set(offered(*tasks, today=day)) == free
