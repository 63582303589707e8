from __future__ import annotations

import pytest
from tests.usecases.conftest import Project, step, task

from taskmaster.errors import NotFound
from taskmaster.usecases.choosing import next_task, ready, why
from taskmaster.usecases.status import set_status


def test_the_best_ready_task_is_chosen_with_its_reasons(project: Project) -> None:
    ws = project.write(
        master=[
            task(1, status="done"),
            task(2, priority="high", dependencies=[1], createdAt="2026-06-09"),
            task(3, dependencies=[2]),
            task(4, dueDate="2026-06-16"),
        ]
    )

    found = next_task(ws)

    assert found.task is not None
    assert (found.task.id, found.others, found.has_tasks) == ("2", 1, True)
    assert found.reasons == (
        "its priority is high (+30)",
        "1 open task waits for it, 1 in the longest line behind it (+3)",
        "it has been waiting for 6 days (+2)",
    )
    assert found.score == 35


def test_nothing_to_choose_from_is_told_from_nothing_ready(project: Project) -> None:
    assert next_task(project.workspace()) == (None, (), 0, 0, False)
    ws = project.write(master=[task(1, status="blocked"), task(2, dependencies=[1])])
    assert next_task(ws) == (None, (), 0, 0, True)
    assert next_task(ws, compatible=True).task is None


def test_the_compatible_choice_may_differ(project: Project) -> None:
    ws = project.write(master=[task(1), task(2, dueDate="2026-06-01"), task(3, dependencies=[2])])

    chosen, compatible = next_task(ws), next_task(ws, compatible=True)

    assert chosen.task is not None
    assert compatible.task is not None
    assert (chosen.task.id, compatible.task.id) == ("2", "1")


def test_choosing_changes_nothing(project: Project) -> None:
    ws = project.write(master=[task(1)])
    before = project.raw()

    next_task(ws)
    why(ws, "1")

    assert project.raw() == before
    assert project.log() == []


def test_a_waiting_task_says_for_what(project: Project) -> None:
    steps = [step(1), step(2, dependencies=[1])]
    ws = project.write(
        master=[task(1, status="review"), task(2, dependencies=[1, 9], subtasks=steps)]
    )

    assert why(ws, "2").state == "blocked"
    assert why(ws, "2").reasons == ("it waits for 1 (Task 1), which is review",)
    assert why(ws, "2.2").reasons == (
        "it waits for 2.1 (Step 1), which is pending",
        "its task 2 waits for 1",
    )


@pytest.mark.parametrize(
    ("status", "state", "reason"),
    [
        ("done", "complete", "its status is done"),
        ("cancelled", "complete", "its status is cancelled"),
        ("deferred", "deferred", "its status is deferred"),
        ("review", "review", "its status is review"),
        ("blocked", "blocked", "its status is blocked"),
    ],
)
def test_a_task_that_cannot_be_begun_says_its_status(
    project: Project, status: str, state: str, reason: str
) -> None:
    ws = project.write(master=[task(1, status=status)])

    assert (why(ws, "1").state, why(ws, "1").reasons) == (state, (reason,))


def test_a_subtask_of_a_task_that_is_over_says_so(project: Project) -> None:
    ws = project.write(master=[task(1, status="cancelled", subtasks=[step(1)])])

    assert why(ws, "1.1").reasons == ("its task 1 is cancelled",)


def test_a_ready_task_says_who_comes_before_it(project: Project) -> None:
    ws = project.write(master=[task(1), task(2, priority="high"), task(3, priority="low")])

    assert why(ws, "2").state == "next"
    assert (why(ws, "3").state, why(ws, "3").place) == ("ready", 3)
    assert why(ws, "3").reasons[-1] == "2 ready before it, the nearest 1 (Task 1)"


def test_a_task_in_progress_points_to_its_subtasks(project: Project) -> None:
    ws = project.write(master=[task(1, status="in-progress", subtasks=[step(1), step(2)])])

    assert why(ws, "1").reasons == ("its open subtasks come first: 1.1, 1.2",)
    assert why(ws, "1.2").state == "ready"


def test_a_task_that_is_not_there_has_no_why(project: Project) -> None:
    ws = project.write(master=[task(15)])

    with pytest.raises(NotFound, match="no task 5 in tag master") as caught:
        why(ws, "5")

    assert "15" in caught.value.hint


def test_finishing_what_is_next_again_and_again_finishes_everything(project: Project) -> None:
    steps = [step(1), step(2, dependencies=[1]), step(3, status="cancelled")]
    ws = project.write(
        master=[task(1, dependencies=[2]), task(2, subtasks=steps), task(3, dependencies=[1, 2])]
    )
    order = []

    while (found := next_task(ws)).task is not None:
        order.append(found.task.id)
        set_status(ws, found.task.id, "done")

    assert order == ["2", "1", "3"]


def test_what_is_ready_comes_best_first_a_part_at_a_time(project: Project) -> None:
    ws = project.write(
        master=[task(1), task(2, priority="high"), task(3, dependencies=[1]), task(4)]
    )

    found = ready(ws, limit=2, offset=1)

    assert [choice.node.id for choice in found.choices] == ["1", "4"]
    assert (found.total, found.offset) == (3, 1)
    assert ready(ws, limit=2, offset=3).choices == []
