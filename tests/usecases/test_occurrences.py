"""Tasks that repeat, and tasks that are put off."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.usecases.conftest import NOW, Project, step, task

from taskmaster.errors import Invalid, NotFound
from taskmaster.usecases import choosing, history, listing
from taskmaster.usecases.deferral import defer
from taskmaster.usecases.status import set_status
from taskmaster.usecases.subtasks import add_subtask
from taskmaster.usecases.tasks import Edit, add_task, edit


def changing(**fields: object) -> Edit:
    return Edit(fields, None, None, (), ())


def test_a_task_that_repeats_is_written_down_again_when_it_is_done(project: Project) -> None:
    old = task(
        1,
        repeat="every 2 weeks",
        dueDate="2026-06-14",
        labels=["ops"],
        details="how",
        updatedAt="2026-01-01",
        comments=[{"text": "last time"}],
        links=[{"target": "x"}],
    )
    ws = project.write(master=[task(7), old, task(3)])  # fmt: skip

    moved = set_status(ws, "1", "done")

    assert [(one.task.id, one.before, one.after, one.follows) for one in moved] == [
        ("1", "pending", "done", ""),
        ("8", "", "pending", "the next of 1, due 2026-06-28"),
    ]
    stored = project.read()
    assert list(stored) == ["7", "1", "3", "8"]
    assert stored["8"] == task(
        8, title="Task 1", repeat="every 2 weeks", dueDate="2026-06-28", labels=["ops"],
        details="how", createdAt=NOW,
        metadata={"repeats": {"previous": "1", "first": "2026-06-14"}},
    )  # fmt: skip
    assert stored["1"]["status"] == "done"
    assert stored["1"]["metadata"] == {"repeats": {"next": "8"}}


def test_undo_of_the_completion_takes_both_back(project: Project) -> None:
    ws = project.write(master=[task(1, repeat="daily", dueDate="2026-06-14")])
    before = project.stored()["master"]["tasks"]
    set_status(ws, "1", "done")

    history.undo(ws)

    assert project.stored()["master"]["tasks"] == before
    assert [entry.stamp.operation for entry in project.log()] == ["set-status", "undo"]


def test_its_subtasks_come_again_open_and_wait_for_each_other(project: Project) -> None:
    steps = [step(1, status="done", updatedAt=NOW), step(2, dependencies=[1], status="cancelled")]
    ws = project.write(master=[task(1, repeat="weekly", dependencies=[2], subtasks=steps), task(2)])

    set_status(ws, "1", "done")

    made = project.read()["3"]
    assert made["subtasks"] == [step(1), step(2, dependencies=[1])]
    assert made["dependencies"] == []
    assert made["dueDate"] == "2026-06-22"


def test_a_task_that_follows_its_subtasks_comes_again_too(project: Project) -> None:
    ws = project.write(master=[task(1, repeat="weekly", subtasks=[step(1)])])

    moved = set_status(ws, "1.1", "done")

    assert [one.task.id for one in moved] == ["1.1", "1", "2"]


def test_an_edit_of_the_status_completes_it_as_well(project: Project) -> None:
    ws = project.write(master=[task(1)])

    edit(ws, "1", changing(status="done", repeat="every monday"))

    assert project.read()["2"]["dueDate"] == "2026-06-22"


@pytest.mark.parametrize("word", ["cancelled", "review", "in-progress"])
def test_only_what_is_done_comes_again(project: Project, word: str) -> None:
    ws = project.write(master=[task(1, repeat="weekly")])

    set_status(ws, "1", word)

    assert list(project.read()) == ["1"]


def test_what_is_opened_and_done_again_does_not_come_twice(project: Project) -> None:
    ws = project.write(master=[task(1, repeat="weekly")])

    for word in ("done", "pending", "done", "done"):
        set_status(ws, "1", word)

    assert list(project.read()) == ["1", "2"]


def test_a_repeat_that_somebody_else_wrote_and_nobody_understands_is_left_alone(
    project: Project,
) -> None:
    ws = project.write(master=[task(1, repeat={"cron": "* * *"}), task(2, repeat="hourly")])

    set_status(ws, "1,2", "done")

    assert [one["repeat"] for one in project.read().values()] == [{"cron": "* * *"}, "hourly"]


@pytest.mark.parametrize(
    ("due", "today", "after"),
    [
        ("2026-06-14", "2026-06-15", "2026-06-21"),  # a day late: the series goes on
        ("2026-06-21", "2026-06-15", "2026-06-28"),  # early
        ("2026-01-04", "2026-06-15", "2026-06-21"),  # months late: what was missed is not made up
        ("", "2026-06-15", "2026-06-22"),
        ("soon", "2026-06-15", "2026-06-22"),
    ],
)
def test_the_next_day_lies_after_the_last_and_after_today(
    project: Project, due: str, today: str, after: str
) -> None:
    project.now = f"{today}T10:00:00.000Z"
    ws = project.write(master=[task(1, repeat="weekly", dueDate=due)])

    set_status(ws, "1", "done")

    assert project.read()["2"]["dueDate"] == after


def dues(project: Project, count: int) -> list[str]:
    """The due dates of a series whose tasks are done on the day."""
    ws = project.workspace()
    for number in range(1, count):
        last = project.read()[str(number)]
        project.now = f"{last['dueDate']}T10:00:00.000Z"
        set_status(ws, str(number), "done")
    return [one["dueDate"] for one in project.read().values()]


def test_what_is_due_on_the_31st_is_due_on_the_last_day_of_shorter_months(project: Project) -> None:
    project.write(master=[task(1, repeat="monthly", dueDate="2026-01-31")])

    assert dues(project, 5) == [
        "2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31",
    ]  # fmt: skip


def test_a_due_date_that_is_moved_begins_a_series_of_its_own(project: Project) -> None:
    ws = project.write(master=[task(1, repeat="monthly", dueDate="2026-05-31")])
    set_status(ws, "1", "done")
    edit(ws, "2", changing(dueDate="2026-07-03"))

    set_status(ws, "2", "done")

    assert project.read()["3"]["dueDate"] == "2026-08-03"


def test_the_next_one_is_put_off_until_as_long_before_it_is_due(project: Project) -> None:
    ws = project.write(
        master=[task(1, repeat="monthly", dueDate="2026-06-20", deferUntil="2026-06-13")]
    )

    set_status(ws, "1", "done")

    assert project.read()["2"]["deferUntil"] == "2026-07-13"


@pytest.mark.parametrize(
    ("given", "kept"),
    [("Every 2  weeks", "every 2 weeks"), ("every 1 month", "monthly"), ("none", None), ("", None)],
)
def test_how_often_is_stored_in_its_usual_words(
    project: Project, given: str, kept: str | None
) -> None:
    ws = project.write(master=[task(1, repeat="daily")])

    edit(ws, "1", changing(repeat=given))

    assert project.read()["1"].get("repeat") == kept


def test_what_is_no_rule_and_what_is_a_subtask_is_refused(
    project: Project, unchanged: Callable[[], None]
) -> None:
    ws = project.write(master=[task(1, subtasks=[step(1)])])
    unchanged()

    for code, attempt in (
        ("bad-repeat", lambda: edit(ws, "1", changing(repeat="hourly"))),
        ("bad-date", lambda: edit(ws, "1", changing(deferUntil="someday"))),
        ("not-a-task", lambda: edit(ws, "1.1", changing(repeat="daily"))),
        ("not-a-task", lambda: add_subtask(ws, "1", {"title": "x", "repeat": "daily"})),
        ("bad-date", lambda: add_task(ws, {"title": "x", "deferUntil": "2026-02-30"})),
    ):
        with pytest.raises(Invalid) as caught:
            attempt()
        assert caught.value.code == code
        assert caught.value.hint


def test_a_new_task_may_be_put_off_and_repeat(project: Project) -> None:
    ws = project.write(master=[])

    made = add_task(ws, {"title": "x", "deferUntil": "2w", "repeat": "every 7 days"})

    assert made.doc["deferUntil"] == "2026-06-29"
    assert made.doc["repeat"] == "every 7 days"


def test_what_is_put_off_comes_back_on_its_day_without_anybody_writing(project: Project) -> None:
    ws = project.write(master=[task(1), task(2, priority="low")])
    defer(ws, "1", "2026-06-20")
    stored = project.raw()

    offered = {}
    for day in ("2026-06-19", "2026-06-20"):
        project.now = f"{day}T00:00:00.000Z"
        ready = listing.list_tasks(ws, listing.Wanted(ready=True)).tasks
        best = choosing.next_task(ws).task
        original = choosing.next_task(ws, compatible=True).task
        assert best is not None
        assert best == original
        offered[day] = (best.id, [one.id for one in ready], choosing.why(ws, "1").state)

    assert offered == {
        "2026-06-19": ("2", ["2"], "deferred"),
        "2026-06-20": ("1", ["1", "2"], "next"),
    }
    assert project.raw() == stored


def test_the_summary_counts_it_as_not_ready(project: Project) -> None:
    ws = project.write(master=[task(1), task(2, deferUntil="2027-01-01")])

    assert listing.list_tasks(ws, listing.Wanted()).counts.ready == 1


def test_a_task_with_the_status_deferred_gets_a_day_and_is_pending(project: Project) -> None:
    ws = project.write(master=[task(1, status="deferred"), task(2, status="in-progress")])

    defer(ws, "1,2", "tomorrow")

    assert [(one["status"], one["deferUntil"]) for one in project.read().values()] == [
        ("pending", "2026-06-16"), ("in-progress", "2026-06-16"),
    ]  # fmt: skip


def test_putting_off_is_taken_back_by_clearing_and_by_undo(project: Project) -> None:
    ws = project.write(master=[task(1, subtasks=[step(1)])])
    defer(ws, "1,1.1", "2w")
    defer(ws, "1.1", "")
    assert "deferUntil" not in project.read()["1"]["subtasks"][0]
    assert project.read()["1"]["deferUntil"] == "2026-06-29"

    history.undo(ws)
    history.undo(ws)

    assert project.stored()["master"]["tasks"] == [task(1, subtasks=[step(1)])]


def test_one_that_cannot_be_put_off_keeps_all_as_they_are(
    project: Project, unchanged: Callable[[], None]
) -> None:
    ws = project.write(master=[task(1), task(2, status="done"), task(3, status="cancelled")])
    unchanged()

    with pytest.raises(Invalid) as caught:
        defer(ws, "1-3", "2w")
    assert caught.value.details == {"2": "done", "3": "cancelled"}
    with pytest.raises(NotFound):
        defer(ws, "1,9", "2w")
    for day in ("today", "2026-06-15", "2025-01-01"):
        with pytest.raises(Invalid) as caught:
            defer(ws, "1", day)
        assert caught.value.code == "past-date"
    with pytest.raises(Invalid) as caught:
        defer(ws, "1", "someday")
    assert caught.value.code == "bad-date"
