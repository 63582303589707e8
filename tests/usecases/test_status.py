from __future__ import annotations

import difflib
from collections.abc import Callable

import pytest
from tests.usecases.conftest import NOW, Project, step, task

from taskmaster.errors import Invalid, NotFound
from taskmaster.usecases.status import set_status


def statuses(project: Project, task_id: str = "1") -> dict[str, str]:
    """The stored status of a task and of its subtasks."""
    found = project.read()[task_id]
    steps = {f"{task_id}.{one['id']}": one["status"] for one in found["subtasks"]}
    return {task_id: found["status"], **steps}


def test_every_named_task_gets_the_status_and_a_result(project: Project) -> None:
    ws = project.write(master=[task(1), task(2, status="done"), task(3)])

    moved = set_status(ws, "1-2", "done")

    assert [(one.task.id, one.before, one.after) for one in moved] == [
        ("1", "pending", "done"),
        ("2", "done", "done"),
    ]
    assert [one["status"] for one in project.read().values()] == ["done", "done", "pending"]
    assert project.read()["1"]["updatedAt"] == NOW
    assert "updatedAt" not in project.read()["2"]


def test_one_missing_task_leaves_all_as_they_were(
    project: Project, unchanged: Callable[[], None]
) -> None:
    ws = project.write(master=[task(1), task(2)])
    unchanged()

    with pytest.raises(NotFound, match=r"no tasks 7, 2.9 in tag master") as caught:
        set_status(ws, "1,7,2,2.9", "done")

    assert caught.value.details == {"7": "not-found", "2.9": "not-found"}


def test_a_word_that_is_no_status_leaves_all_as_they_were(
    project: Project, unchanged: Callable[[], None]
) -> None:
    ws = project.write(master=[task(1)])
    unchanged()

    with pytest.raises(Invalid, match="'dnoe' is not a status") as caught:
        set_status(ws, "1", "dnoe")

    assert caught.value.code == "unknown-status"
    assert "did you mean done?" in caught.value.hint


@pytest.mark.parametrize("word", ["", " ", "\t"])
def test_no_word_at_all_is_no_status(project: Project, word: str) -> None:
    ws = project.write(master=[task(1)])

    with pytest.raises(Invalid):
        set_status(ws, "1", word)


def test_the_status_a_task_has_already_is_written_nowhere(project: Project) -> None:
    ws = project.write(master=[task(1, status="completed")])
    before = project.raw()

    moved = set_status(ws, "1", "done")

    assert [(one.before, one.after) for one in moved] == [("done", "done")]
    assert project.raw() == before
    assert project.log() == []


def test_only_the_lines_of_the_task_change(project: Project) -> None:
    ws = project.write(master=[task(1), task(2, unknown={"k": [1, 2.50]}), task(3)])
    before = project.raw().decode().split("\n")

    set_status(ws, "2", "done")

    after = project.raw().decode().split("\n")
    changed = [line for line in difflib.ndiff(before, after) if line[0] in "+-"]
    words = {line[1:].strip().partition(":")[0] for line in changed}
    assert words <= {'"status"', '"updatedAt"', '"updated"', "}", "},"}
    assert len(changed) <= 7


@pytest.mark.parametrize(
    ("others", "given", "expected"),
    [
        (["done"], "done", "done"),
        (["cancelled"], "done", "done"),
        (["pending"], "done", "in-progress"),
        (["pending"], "in-progress", "in-progress"),
        (["pending"], "deferred", "pending"),
        (["cancelled"], "cancelled", "pending"),
    ],
)
def test_a_task_follows_its_subtasks(
    project: Project, others: list[str], given: str, expected: str
) -> None:
    steps = [step(number, status=word) for number, word in enumerate(others, 2)]
    ws = project.write(master=[task(1, subtasks=[step(1, status="review"), *steps])])

    set_status(ws, "1.1", given)

    assert statuses(project)["1"] == expected


def test_a_task_that_is_done_goes_on_when_a_subtask_is_opened_again(project: Project) -> None:
    done = [step(1, status="done"), step(2, status="done")]
    ws = project.write(master=[task(1, status="done", subtasks=done)])

    moved = set_status(ws, "1.2", "pending")

    assert statuses(project) == {"1": "in-progress", "1.1": "done", "1.2": "pending"}
    assert [(one.task.id, bool(one.follows)) for one in moved] == [("1.2", False), ("1", True)]


def test_a_subtask_that_did_not_change_leaves_its_task_alone(project: Project) -> None:
    ws = project.write(master=[task(1, status="deferred", subtasks=[step(1, status="done")])])

    set_status(ws, "1.1", "done")

    assert statuses(project)["1"] == "deferred"


def test_a_task_takes_its_subtasks_along_only_when_told(project: Project) -> None:
    steps = [step(1), step(2, status="in-progress"), step(3, status="cancelled")]
    ws = project.write(master=[task(1, subtasks=steps), task(2, subtasks=steps)])

    set_status(ws, "1", "done")
    set_status(ws, "2", "done", with_subtasks=True)

    assert statuses(project, "1") == {
        "1": "done", "1.1": "pending", "1.2": "in-progress", "1.3": "cancelled",
    }  # fmt: skip
    assert statuses(project, "2") == {
        "2": "done", "2.1": "done", "2.2": "done", "2.3": "cancelled",
    }  # fmt: skip


@pytest.mark.parametrize("named", ["1,1.1", "1.1,1", "1.1,1,1.2", "1.2,1.1,1"])
def test_a_task_and_its_own_subtasks_can_be_named_together(project: Project, named: str) -> None:
    ws = project.write(master=[task(1, subtasks=[step(1), step(2)])])

    set_status(ws, named, "in-progress")

    found = statuses(project)
    assert {one: found[one] for one in named.split(",")} == dict.fromkeys(
        named.split(","), "in-progress"
    )


@pytest.mark.parametrize("named", ["1,1.1", "1.1,1"])
def test_each_task_has_one_result_even_when_it_is_named_and_carried_on_to(
    project: Project, named: str
) -> None:
    ws = project.write(master=[task(1, subtasks=[step(1), step(2)])])

    moved = set_status(ws, named, "done", with_subtasks=True)

    assert sorted(one.task.id for one in moved) == ["1", "1.1", "1.2"]
    assert statuses(project) == {"1": "done", "1.1": "done", "1.2": "done"}


def test_unfinished_dependencies_do_not_forbid_a_status(project: Project) -> None:
    ws = project.write(master=[task(1), task(2, dependencies=[1])])

    set_status(ws, "2", "done")

    assert project.read()["2"]["status"] == "done"


def test_subtasks_with_ids_of_every_form_are_found(project: Project) -> None:
    steps = [step("11-1"), step("11.2"), step(3), step(11.4)]
    ws = project.write(master=[task(11, subtasks=steps)])

    set_status(ws, "11.1-11.4", "done")

    assert [one["status"] for one in project.read()["11"]["subtasks"]] == ["done"] * 4
    assert [one["id"] for one in project.read()["11"]["subtasks"]] == ["11-1", "11.2", 3, 11.4]


def test_a_status_changes_in_one_tag_only(project: Project) -> None:
    project.write(master=[task(1)], other=[task(1)])

    set_status(project.workspace("other"), "1", "done")

    assert project.read("master")["1"]["status"] == "pending"
    assert project.read("other")["1"]["status"] == "done"


def test_a_missing_tag_is_not_made(project: Project, unchanged: Callable[[], None]) -> None:
    project.write(master=[task(1)])
    unchanged()

    with pytest.raises(NotFound) as caught:
        set_status(project.workspace("typo"), "1", "done")

    assert caught.value.code == "tag-not-found"


@pytest.mark.parametrize("named", ["1,1.1", "1.1,1"])
def test_a_task_that_is_named_keeps_what_it_is_given(project: Project, named: str) -> None:
    ws = project.write(master=[task(1, subtasks=[step(1), step(2)])])

    moved = set_status(ws, named, "done")

    assert statuses(project) == {"1": "done", "1.1": "done", "1.2": "pending"}
    assert ",".join(one.task.id for one in moved) == named


def test_all_of_it_is_one_transaction(project: Project) -> None:
    ws = project.write(master=[task(1, subtasks=[step(1), step(2)]), task(2)])

    set_status(ws, "1.1-1.2,2", "done")

    (entry,) = project.log()
    assert [change.task for change in entry.changes] == ["2", "1.1", "1.2", "1"]
    assert entry.stamp.actor.name == "ann"
