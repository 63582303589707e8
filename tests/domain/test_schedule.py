from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskmaster.domain import graph, schedule
from taskmaster.domain.task import PRIORITIES, STATUSES, WORKABLE, Task

TODAY = "2026-06-15"


def task(number: int, **fields: object) -> Task:
    return Task({"id": number, "title": f"Task {number}", "status": "pending", **fields})


def order(*tasks: Task, today: str = TODAY) -> list[str]:
    return [choice.node.id for choice in schedule.ranked(graph.nodes(tasks), today)]


def days_ago(days: int) -> str:
    return (dt.date.fromisoformat(TODAY) - dt.timedelta(days=days)).isoformat()


def original(*tasks: Task) -> str | None:
    node = schedule.next_in_original_order(graph.nodes(tasks))
    return node.id if node else None


def test_the_higher_priority_comes_first() -> None:
    names = ("low", "critical", "medium", "high")
    tasks = [task(number, priority=word) for number, word in enumerate(names, 1)]

    assert order(*tasks) == ["2", "4", "3", "1"]


def test_what_was_begun_comes_before_what_was_not() -> None:
    assert order(task(1, priority="high"), task(2, status="in-progress")) == ["2", "1"]


def test_what_others_wait_for_comes_first() -> None:
    assert order(task(1), task(2), task(3, dependencies=[2]))[0] == "2"


def test_the_head_of_the_longer_line_comes_first() -> None:
    tasks = [task(1), task(2, dependencies=[1]), task(3), task(4, dependencies=[3]),
             task(5, dependencies=[4])]  # fmt: skip

    assert order(*tasks) == ["3", "1"]


def test_a_line_counts_up_to_a_limit_and_so_does_one_without_end() -> None:
    line = [task(number, dependencies=[number - 1]) for number in range(2, 31)]
    circle = [task(41, dependencies=[40, 42]), task(42, dependencies=[41])]

    found = schedule.ranked(graph.nodes([task(1), *line, task(40), *circle]), TODAY)

    assert [(one.node.id, one.score, one.chain) for one in found] == [("1", 30, 8), ("40", 30, 8)]
    for one in found:
        assert schedule.reasons(one, TODAY)[1] == (
            "1 open task waits for it, 8 or more in the longest line behind it (+10)"
        )


def test_a_task_without_an_id_is_in_nobodys_way() -> None:
    nodes = graph.nodes(
        [Task({"status": "done", "deferUntil": "2027-01-01", "dependencies": [3]}), task(2),
         task(3, subtasks=[{"id": 1}], status="in-progress")]
    )  # fmt: skip

    assert [schedule.ready(nodes[one], nodes, TODAY) for one in ("", "2", "3")] == [
        False,
        True,
        True,
    ]
    assert schedule.obstacles(nodes["2"], nodes, TODAY) == []
    chosen = schedule.next_in_original_order({one: nodes[one] for one in ("", "2")}, TODAY)
    assert chosen is not None
    assert chosen.id == "2"


def test_what_is_due_soon_or_overdue_comes_first() -> None:
    tasks = [task(1), task(2, dueDate=days_ago(-5)), task(3, dueDate=days_ago(1)),
             task(4, dueDate=days_ago(-30))]  # fmt: skip

    assert order(*tasks) == ["3", "2", "1", "4"]


def test_what_waited_longer_comes_first() -> None:
    assert order(task(1, createdAt=days_ago(3)), task(2, createdAt=days_ago(30))) == ["2", "1"]


def test_equal_tasks_come_in_the_order_of_the_file() -> None:
    assert order(task(7), task(3), task(5)) == ["7", "3", "5"]


def test_nothing_ready_starves() -> None:
    """Whatever is written down later: in the end the old, unimportant task is the best choice."""
    start = dt.date(2026, 1, 1)
    old = task(1, priority="low", createdAt=start.isoformat())
    for days in range(0, 2000, 30):
        today = (start + dt.timedelta(days=days)).isoformat()
        urgent = task(2, priority="critical", status="in-progress", createdAt=today, dueDate="2026")
        overdue = task(3, priority="critical", createdAt=today, dueDate="2025-01-01")
        waiting = [task(number, dependencies=[2, 3]) for number in range(10, 30)]
        if order(old, urgent, overdue, *waiting, today=today)[0] == "1":
            return
    pytest.fail("the old task was never chosen")


def test_a_task_in_progress_is_worked_on_through_its_ready_subtasks() -> None:
    steps = [{"id": 1, "status": "done"}, {"id": 2, "dependencies": [1]},
             {"id": 3, "dependencies": [2]}]  # fmt: skip

    assert order(task(1, status="in-progress", subtasks=steps)) == ["1.2"]
    assert order(task(1, subtasks=steps)) == ["1"]


def test_a_task_in_progress_whose_subtasks_all_wait_is_named_itself() -> None:
    steps = [{"id": 1, "status": "blocked"}, {"id": 2, "dependencies": [1]}]

    assert order(task(1, status="in-progress", subtasks=steps)) == ["1"]


@pytest.mark.parametrize("status", [word for word in STATUSES if word not in WORKABLE])
def test_only_pending_and_begun_work_can_be_chosen(status: str) -> None:
    assert order(task(1, status=status)) == []


@pytest.mark.parametrize(
    ("status", "free"), [("done", True), ("cancelled", True), ("review", False)]
)
def test_only_complete_work_lets_others_go_on(status: str, free: bool) -> None:
    assert ("2" in order(task(1, status=status), task(2, dependencies=[1]))) == free


def test_a_dependency_on_nothing_holds_nobody_back() -> None:
    assert order(task(1, dependencies=[99])) == ["1"]


def test_a_circle_is_never_chosen_and_never_endless() -> None:
    tasks = (task(1, dependencies=[2]), task(2, dependencies=[1]), task(3))

    assert order(*tasks) == ["3"]


TASKS = st.lists(
    st.fixed_dictionaries(
        {
            "priority": st.sampled_from(PRIORITIES),
            "status": st.sampled_from(STATUSES),
            "dependencies": st.lists(st.integers(1, 9), max_size=3),
        },
        optional={
            "createdAt": st.dates(dt.date(2020, 1, 1), dt.date(2026, 6, 1)).map(str),
            "dueDate": st.dates(dt.date(2026, 5, 1), dt.date(2026, 8, 1)).map(str),
            "subtasks": st.lists(
                st.fixed_dictionaries({"status": st.sampled_from(STATUSES)}), max_size=3
            ).map(lambda found: [{"id": number, **one} for number, one in enumerate(found, 1)]),
        },
    ),
    max_size=8,
)


@given(TASKS, st.text(max_size=5))
def test_what_has_nothing_to_do_with_the_order_does_not_change_it(
    docs: list[dict[str, Any]], text: str
) -> None:
    plain = [task(number, **doc) for number, doc in enumerate(docs, 1)]
    dressed = [
        one.with_fields({"title": text, "details": text, "x": [text], "assignee": text})
        for one in plain
    ]

    assert order(*plain) == order(*plain)
    assert order(*plain) == order(*dressed)


@given(TASKS)
def test_exactly_what_is_ready_is_ranked_and_the_rest_has_a_reason(
    docs: list[dict[str, Any]],
) -> None:
    tasks = [task(number, **doc) for number, doc in enumerate(docs, 1)]
    nodes = graph.nodes(tasks)
    ranked = set(order(*tasks))

    for name, node in nodes.items():
        assert schedule.ready(node, nodes) == (schedule.obstacles(node, nodes) == [])
        if name in ranked:
            assert schedule.ready(node, nodes)
        elif not node.parent and schedule.ready(node, nodes):
            assert any(child in ranked for child in node.children)


@given(TASKS)
def test_the_reasons_add_up_to_the_score(docs: list[dict[str, Any]]) -> None:
    nodes = graph.nodes(task(number, **doc) for number, doc in enumerate(docs, 1))

    for choice in schedule.ranked(nodes, TODAY):
        points = [one.rpartition("(+")[2].rstrip(")") for one in schedule.reasons(choice, TODAY)]
        assert sum(map(int, points)) == choice.score


@given(st.dates(dt.date(1, 1, 1)), st.dates(dt.date(1, 1, 1)))
def test_days_between_two_dates_are_what_the_calendar_says(one: dt.date, other: dt.date) -> None:
    found = schedule.days_between(one.isoformat(), f"{other.isoformat()}T23:59:59.999Z")

    assert found == (other - one).days


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "2026-13-01", "2026-00-10", "2026-01-32", "2026/01/01", "26-01-01"]
)
def test_days_to_something_that_is_no_date_are_unknown(text: str) -> None:
    assert schedule.days_between(text, TODAY) is None
    assert schedule.days_between(TODAY, text) is None


def test_a_date_that_is_none_earns_nothing_and_breaks_nothing() -> None:
    assert order(task(1, dueDate="soon", createdAt="yesterday"), task(2)) == ["1", "2"]


def test_a_creation_time_in_the_future_earns_nothing() -> None:
    assert order(task(1, createdAt=days_ago(-900)), task(2)) == ["1", "2"]


def test_the_original_order_prefers_open_subtasks_of_what_was_begun() -> None:
    steps = [{"id": 1, "status": "done"}, {"id": 2}]
    tasks = (
        task(1, priority="high"),
        task(2, status="in-progress", priority="low", subtasks=steps),
    )

    assert original(*tasks) == "2.2"


def test_the_original_order_is_priority_then_fewer_dependencies_then_number() -> None:
    done = task(1, status="done")
    assert original(done, task(2), task(3, priority="high")) == "3"
    assert original(done, task(2, dependencies=[1]), task(3)) == "3"
    assert original(done, task(10), task(9)) == "9"


def test_the_original_order_waits_for_cancelled_and_missing_work() -> None:
    assert original(task(1, status="cancelled"), task(2, dependencies=[1])) is None
    assert original(task(2, dependencies=[99])) is None


def test_the_original_order_names_nothing_where_there_is_nothing() -> None:
    assert original() is None
