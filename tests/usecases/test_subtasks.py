"""Subtasks: adding, removing, clearing, and turning into tasks and back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.usecases.drawn import NOW, log, project, raw, step, stored, task, waits

from taskmaster.errors import Conflict, Invalid, NotFound
from taskmaster.usecases.conversion import make_subtask, make_tasks
from taskmaster.usecases.dependencies import add_dependencies
from taskmaster.usecases.history import undo
from taskmaster.usecases.subtasks import add_subtask, clear_subtasks, remove_subtasks


def test_a_new_subtask_gets_the_next_number_and_the_usual_fields() -> None:
    ws = project(task(5, subtasks=[step(1), step(7)]))

    added = add_subtask(ws, "5", {"title": "Write  the\ntests", "details": "all"})

    assert added.id == "5.8"
    assert added.doc == {
        "id": 8,
        "title": "Write the tests",
        "description": "",
        "details": "all",
        "status": "pending",
        "dependencies": [],
        "createdAt": NOW,
    }
    assert stored(ws)["5.8"] == added
    assert [entry.stamp.operation for entry in log(ws)] == ["add-subtask"]
    [change] = log(ws)[0].changes
    assert (change.kind, change.task) == ("added", "5.8")


@pytest.mark.parametrize(
    ("siblings", "expected"),
    [
        ([step(1, parentTaskId=5)], {"id": 2, "parentTaskId": 5}),
        ([step(1, parentId="undefined")], {"id": 2, "parentId": "5"}),
        ([step("1")], {"id": "2"}),
        ([step("5.1")], {"id": 2}),
        (["words only", step("a")], {"id": 1}),
    ],
)
def test_a_new_subtask_is_written_as_its_siblings_are(
    siblings: list[object], expected: dict[str, object]
) -> None:
    ws = project(task(5, subtasks=siblings))

    doc = add_subtask(ws, "5", {"title": "New"}).doc

    keys = ("id", "parentTaskId", "parentId")
    assert {key: doc[key] for key in keys if key in doc} == expected


def test_a_bare_number_means_the_sibling_where_there_is_one() -> None:
    ws = project(task(1), task(2), task(3), task(5, subtasks=[step(1), step(2)]))

    added = add_subtask(ws, "5", {"title": "New", "dependencies": "1-2, 3"})

    assert added.dependencies == ("5.1", "5.2", "3")
    assert added.id == "5.4"  # As 5.3 its "3" would mean itself.
    assert added.doc["dependencies"] == [1, 2, "3"]


def test_a_new_number_never_changes_what_a_sibling_waits_for() -> None:
    ws = project(task(2), task(5, subtasks=[step(1, "2")]))
    before = waits(ws)

    added = add_subtask(ws, "5", {"title": "New"})

    assert added.id == "5.3"
    assert waits(ws) == before == {"5.1": ["2"]}


@pytest.mark.parametrize(
    ("parent", "fields", "code"),
    [
        ("9", {"title": "x"}, "not-found"),
        ("5.1", {"title": "x"}, "not-a-task"),
        ("5", {"title": " "}, "invalid"),
        ("5", {"title": "x", "status": "dreaming"}, "unknown-status"),
        ("5", {"title": "x", "dependencies": "77"}, "not-found"),
        ("5", {"title": "x", "dependencies": "5"}, "parent-dependency"),
    ],
)
def test_a_subtask_that_cannot_be_is_refused(
    parent: str, fields: dict[str, object], code: str
) -> None:
    ws = project(task(5, subtasks=[step(1)]))

    with pytest.raises((NotFound, Invalid)) as refused:
        add_subtask(ws, parent, fields)

    assert refused.value.code == code
    assert not log(ws)


def test_adding_a_pending_subtask_leaves_a_done_task_done() -> None:
    ws = project(task(5, status="done"))

    add_subtask(ws, "5", {"title": "New"})

    assert stored(ws)["5"].status == "done"


def test_a_task_becomes_a_subtask_with_everything_it_says() -> None:
    ws = project(
        task(1),
        task(5, subtasks=[step(2, "8", parentTaskId=5)]),
        task(8, 1, "5.2", status="review", priority="high", testStrategy="look", jira={"id": 7}),
        task(9, 8),
    )

    became = make_subtask(ws, "5", "8")

    assert (became.task.id, became.before) == ("5.3", "8")
    assert became.redirected == ("5.2", "9")
    assert became.dropped == ()
    doc = became.task.doc
    assert doc["parentTaskId"] == 5
    assert (doc["title"], doc["status"], doc["priority"]) == ("Task 8", "review", "high")
    assert (doc["testStrategy"], doc["jira"]) == ("look", {"id": 7})
    assert waits(ws) == {"5.2": ["5.3"], "5.3": ["1", "5.2"], "9": ["5.3"]}
    assert "8" not in stored(ws)
    assert [entry.stamp.operation for entry in log(ws)] == ["add-subtask"]


def test_a_dependency_between_a_task_and_its_new_part_is_dropped_and_told() -> None:
    ws = project(task(1), task(5, 8, 1), task(8), task(9, 5))

    became = make_subtask(ws, "5", "8")
    back = make_subtask(ws, "5", "9")

    assert became.dropped == (("5", "8"),)
    assert back.dropped == (("9", "5"),)
    assert waits(ws) == {"5": ["1"]}


def test_a_task_with_subtasks_stays_one() -> None:
    ws = project(task(5), task(8, subtasks=[step(1), step(2)]))

    with pytest.raises(Invalid, match=r"8\.1, 8\.2") as refused:
        make_subtask(ws, "5", "8")

    assert refused.value.code == "has-subtasks"
    assert "tamp remove-subtask 8.1,8.2 --convert" in refused.value.hint
    assert not log(ws)


def test_a_dependency_that_would_change_its_meaning_is_refused() -> None:
    ws = project(task(1), task(5, subtasks=[step(1)]), task(8, 1))

    with pytest.raises(Invalid, match="task 8 waits for task 1") as refused:
        make_subtask(ws, "5", "8")

    assert refused.value.code == "ambiguous-dependency"
    assert "tamp remove-dependency 8 1" in refused.value.hint
    assert not log(ws)


@pytest.mark.parametrize(("parent", "moved"), [("5", "5"), ("5", "6.1"), ("6.1", "5"), ("5", "7")])
def test_only_another_task_becomes_a_subtask(parent: str, moved: str) -> None:
    ws = project(task(5), task(6, subtasks=[step(1)]))

    with pytest.raises((Invalid, NotFound)):
        make_subtask(ws, parent, moved)

    assert not log(ws)


def test_removed_subtasks_leave_no_reference_behind() -> None:
    ws = project(
        task(2),
        task(5, subtasks=[step(1, 2), step(2), step(3, "5.2", 1)]),
        task(6, "5.2", 2, subtasks=[step(1, "5.2")]),
    )

    taken = remove_subtasks(ws, "5.2")

    assert [one.id for one in taken.steps] == ["5.2"]
    assert taken.released == ("5.1", "5.3", "6", "6.1")
    assert waits(ws) == {"5.3": ["5.1"], "6": ["2"]}
    assert raw(ws, "5.1") == []  # A 2 left there would mean task 2 from now on.
    assert len(log(ws)) == 1


def test_removing_the_last_subtask_leaves_an_empty_list() -> None:
    ws = project(task(5, subtasks=[step(1), step(2)]))

    remove_subtasks(ws, "5.1-5.2")

    assert stored(ws)["5"].doc["subtasks"] == []


@pytest.mark.parametrize(
    ("named", "code"), [("5.1,6", "not-a-subtask"), ("5.1,5.9", "not-found"), ("7.1", "not-found")]
)
def test_subtasks_are_removed_together_or_not_at_all(named: str, code: str) -> None:
    ws = project(task(5, subtasks=[step(1)]), task(6))

    for operation in (remove_subtasks, make_tasks):
        with pytest.raises((Invalid, NotFound), match="nothing was changed") as refused:
            operation(ws, named)
        assert refused.value.code == code
        assert refused.value.details == {named.rsplit(",", 1)[-1]: code}
    assert not log(ws)


def test_a_subtask_becomes_a_task_that_waits_for_its_old_one() -> None:
    ws = project(
        task(3, "5.2"),
        task(5, priority="high", subtasks=[step(1), step(2, 1, parentTaskId=5, x=1), step(3, 2)]),
    )

    [became] = make_tasks(ws, "5.2")

    assert became.task.id == "6"
    assert became.redirected == ("3", "5.3")
    doc = stored(ws)["6"].doc
    assert (doc["id"], doc["priority"], doc["x"], doc["subtasks"]) == (6, "high", 1, [])
    assert "parentTaskId" not in doc
    assert waits(ws) == {"3": ["6"], "5.3": ["6"], "6": ["5.1", "5"]}
    assert raw(ws, "6") == ["5.1", 5]
    assert [entry.stamp.operation for entry in log(ws)] == ["remove-subtask"]


def test_several_subtasks_become_tasks_that_still_wait_for_each_other() -> None:
    ws = project(task(5, subtasks=[step(1), step(2, 1, priority="low")]))

    became = make_tasks(ws, "5.1,5.2")

    assert [(one.before, one.task.id) for one in became] == [("5.1", "6"), ("5.2", "7")]
    assert waits(ws) == {"6": ["5"], "7": ["6", "5"]}
    assert stored(ws)["7"].priority == "low"
    assert stored(ws)["5"].doc["subtasks"] == []


def test_a_new_task_never_gets_a_number_that_means_a_sibling_where_it_is_awaited() -> None:
    ws = project(task(2, subtasks=[step(1), step(2), step(3, 1), step(4)]))

    [became] = make_tasks(ws, "2.1")

    assert became.task.id == "5"
    assert waits(ws) == {"2.3": ["5"], "5": ["2"]}


def test_a_new_task_does_not_wait_for_one_that_waits_for_it() -> None:
    ws = project(task(4, "5.1"), task(5, 4, subtasks=[step(1)]))

    [became] = make_tasks(ws, "5.1")

    assert became.dropped == (("6", "5"),)
    assert waits(ws) == {"4": ["6"], "5": ["4"]}


def test_there_and_back_again_everything_waits_as_before() -> None:
    ws = project(task(4), task(5), task(6, 4), task(7, 6))

    make_subtask(ws, "5", "6")
    [became] = make_tasks(ws, "5.1")

    assert became.task.id == "8"
    assert waits(ws) == {"7": ["8"], "8": ["4", "5"]}


@pytest.mark.parametrize("operation", ["add", "remove", "clear", "make-subtask", "make-task"])
def test_undo_brings_everything_back(operation: str) -> None:
    tasks = [task(2), task(5, 2, subtasks=[step(1, 2), step(2)]), task(6, "5.2"), task(7, 6)]
    ws = project(*tasks)
    run: dict[str, Callable[[], object]] = {
        "add": lambda: add_subtask(ws, "5", {"title": "x", "dependencies": "1"}),
        "remove": lambda: remove_subtasks(ws, "5.2"),
        "clear": lambda: clear_subtasks(ws, ""),
        "make-subtask": lambda: make_subtask(ws, "5", "6"),
        "make-task": lambda: make_tasks(ws, "5.2"),
    }

    run[operation]()
    undo(ws)

    with ws.reading() as reader:
        assert [one.doc for one in reader.tasks("master")] == tasks


def test_a_subtask_that_a_sibling_waits_for_is_not_taken_back() -> None:
    ws = project(task(2), task(5, subtasks=[step(1)]))
    add_subtask(ws, "5", {"title": "New"})
    add_dependencies(ws, "5.1", "5.2")

    with pytest.raises(Conflict, match=r"5\.1 depends on 5\.2"):
        undo(ws, 1)

    assert waits(ws) == {"5.1": ["5.2"]}


def test_clearing_counts_what_went_and_releases_who_waited() -> None:
    ws = project(task(4, "5.1"), task(5, subtasks=[step(1), step(2, 1)]), task(6, subtasks=[]))

    cleared = clear_subtasks(ws, "5,6")

    assert cleared.counts == {"5": 2, "6": 0}
    assert cleared.released == ("4",)
    assert stored(ws)["5"].doc["subtasks"] == []
    assert waits(ws) == {}
    assert len(log(ws)) == 1


def test_clearing_all_leaves_tasks_without_subtasks_as_they_were() -> None:
    ws = project(task(4), task(5, subtasks=[step(1), "words"]))

    cleared = clear_subtasks(ws)

    assert cleared.counts == {"4": 0, "5": 2}
    assert "subtasks" not in stored(ws)["4"].doc


@pytest.mark.parametrize(("named", "code"), [("5,5.1", "not-a-task"), ("5,9", "not-found")])
def test_clearing_is_all_or_nothing(named: str, code: str) -> None:
    ws = project(task(5, subtasks=[step(1)]))

    with pytest.raises((Invalid, NotFound), match="nothing was changed") as refused:
        clear_subtasks(ws, named)

    assert refused.value.code == code
    assert not log(ws)
