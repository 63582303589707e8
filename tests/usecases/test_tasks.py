from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.usecases.conftest import NOW, Project, step, task

from taskmaster import wire
from taskmaster.domain.task import Task
from taskmaster.errors import Conflict, Invalid, NotFound
from taskmaster.usecases import tasks
from taskmaster.usecases.tasks import Edit


def edit(**fields: object) -> Edit:
    return Edit(fields, None, None, (), ())


def test_a_task_gets_the_next_number_and_the_fields_given(project: Project) -> None:
    ws = project.write(master=[task(1), task(7), task("T-9")])

    made = tasks.add_task(
        ws, {"title": " New\n task ", "details": "How", "dependencies": "1,7", "labels": ["a"]}
    )

    assert made.id == "8"
    assert project.read()["8"] | {"description": "-"} == {
        "id": 8, "title": "New task", "description": "-", "details": "How", "testStrategy": "",
        "status": "pending", "dependencies": [1, 7], "priority": "medium", "subtasks": [],
        "labels": ["a"], "createdAt": NOW,
    }  # fmt: skip
    assert list(project.read()) == ["1", "7", "T-9", "8"]


def test_a_file_that_writes_ids_as_text_gets_text(project: Project) -> None:
    ws = project.write(master=[task("1")])

    tasks.add_task(ws, {"title": "New", "dependencies": "1"})

    assert project.stored()["master"]["tasks"][1]["id"] == "2"
    assert project.read()["2"]["dependencies"] == ["1"]


def test_the_first_task_of_a_project_is_number_one(project: Project) -> None:
    made = tasks.add_task(project.workspace(), {"title": "First"})

    assert made.id == "1"
    assert list(project.stored()) == ["master"]


@pytest.mark.parametrize("title", ["", "  \n ", None, "x" * 501])
def test_a_task_needs_a_title_of_a_line(
    project: Project, unchanged: Callable[[], None], title: str | None
) -> None:
    ws = project.write(master=[task(1)])
    unchanged()

    with pytest.raises(Invalid, match="title"):
        tasks.add_task(ws, {"title": title})


def test_a_dependency_on_nothing_is_refused(
    project: Project, unchanged: Callable[[], None]
) -> None:
    ws = project.write(master=[task(1)], other=[task(2)])
    unchanged()

    with pytest.raises(NotFound, match="no task 2 in tag master"):
        tasks.add_task(ws, {"title": "New", "dependencies": "1,2"})


def test_fields_of_several_tasks_change_together(project: Project) -> None:
    ws = project.write(master=[task(1), task(2, subtasks=[step(1)]), task(3)])

    edited = tasks.edit(ws, "1-2,2.1", edit(assignee="ann", priority="high"))

    assert [one.id for one in edited] == ["1", "2", "2.1"]
    assert [one.assignee for one in edited] == ["ann"] * 3
    assert project.read()["2"]["subtasks"][0]["assignee"] == "ann"
    assert "assignee" not in project.read()["3"]


@pytest.mark.parametrize("named", ["1,1.1", "1.1,1"])
def test_a_task_and_its_subtask_can_be_edited_together(project: Project, named: str) -> None:
    ws = project.write(master=[task(1, subtasks=[step(1), step(2)])])

    tasks.edit(ws, named, edit(assignee="ann"))

    found = project.read()["1"]
    assert found["assignee"] == "ann"
    assert [one.get("assignee") for one in found["subtasks"]] == ["ann", None]


def test_one_missing_task_leaves_all_as_they_were(
    project: Project, unchanged: Callable[[], None]
) -> None:
    ws = project.write(master=[task(1)])
    unchanged()

    with pytest.raises(NotFound):
        tasks.edit(ws, "1,9", edit(title="x"))


def test_a_bad_value_for_the_last_leaves_the_first_as_it_was(
    project: Project, unchanged: Callable[[], None]
) -> None:
    ws = project.write(master=[task(1), task(2, details="twice twice")])
    unchanged()

    with pytest.raises(Invalid):
        tasks.edit(ws, "1,2", Edit({"title": "new"}, None, ("details", "twice", "once"), (), ()))


def test_an_edit_that_changes_nothing_writes_nothing(
    project: Project, unchanged: Callable[[], None]
) -> None:
    ws = project.write(master=[task(1, description="d")])
    unchanged()

    tasks.edit(ws, "1", edit(title="Task 1", missing=None))


def test_a_key_is_set_and_taken_away_and_the_others_stay(project: Project) -> None:
    doc = {"zeta": [1, {"a": None}], **task(1), "due": 1, "dueDate": "2026-01-01"}
    ws = project.write(master=[doc])

    tasks.edit(ws, "1", edit(dueDate=None, reviewer={"name": "bob"}, effort=3))

    found = project.read()["1"]
    assert found["zeta"] == [1, {"a": None}]
    assert next(iter(found)) == "zeta"
    assert "dueDate" not in found
    assert (found["reviewer"], found["effort"]) == ({"name": "bob"}, 3)
    assert found["updatedAt"] == NOW


def test_true_and_one_are_not_the_same_value(project: Project) -> None:
    ws = project.write(master=[task(1, flag=1)])

    tasks.edit(ws, "1", edit(flag=True))

    assert project.read()["1"]["flag"] is True


def test_an_edit_against_the_revision_that_was_read_succeeds_once(project: Project) -> None:
    ws = project.write(master=[task(1)])
    revision = wire.revision_of(Task(project.read()["1"]))

    tasks.edit(ws, "1", edit(title="Mine"), if_revision=revision)
    with pytest.raises(Conflict, match=f"not {revision}") as caught:
        tasks.edit(ws, "1", edit(title="Yours"), if_revision=revision)

    assert caught.value.code == "stale-revision"
    assert project.read()["1"]["title"] == "Mine"


def test_a_revision_goes_with_one_task(project: Project) -> None:
    ws = project.write(master=[task(1), task(2)])

    with pytest.raises(Invalid, match="single task"):
        tasks.edit(ws, "1,2", edit(title="x"), if_revision="abc")


def test_a_note_is_appended_to_the_details_with_the_time(project: Project) -> None:
    ws = project.write(master=[task(1, details="Old", subtasks=[step(1)])])

    tasks.edit(ws, "1,1.1", Edit({}, "Said Ann", None, (), ()))

    block = f"<info added on {NOW}>\nSaid Ann\n</info added on {NOW}>"
    assert project.read()["1"]["details"] == f"Old\n\n{block}"
    assert project.read()["1"]["subtasks"][0]["details"] == block


def test_a_piece_that_is_there_once_is_replaced(project: Project) -> None:
    ws = project.write(master=[task(1, details="a b c")])

    tasks.edit(ws, "1", Edit({}, None, ("details", "b", r"\1 b"), (), ()))

    assert project.read()["1"]["details"] == r"a \1 b c"


@pytest.mark.parametrize(("old", "count"), [("a", 2), ("z", 0), ("", 0)])
def test_a_piece_that_is_not_there_exactly_once_is_not_replaced(
    project: Project, unchanged: Callable[[], None], old: str, count: int
) -> None:
    ws = project.write(master=[task(1, details="b a b a")])
    unchanged()

    with pytest.raises(Invalid, match=f"occurs {count} times") as caught:
        tasks.edit(ws, "1", Edit({}, None, ("details", old, "x"), (), ()))

    assert caught.value.code == "not-exactly-once"


def test_the_lines_of_a_field_that_is_a_list_can_be_replaced_too(project: Project) -> None:
    ws = project.write(master=[task(1, details=["one", 'two\'s "end"'])])

    tasks.edit(ws, "1", Edit({}, None, ("details", 'two\'s "end"', "three"), (), ()))

    assert project.read()["1"]["details"] == "one\nthree"


@pytest.mark.parametrize("field", ["id", "status", "nothing"])
def test_text_is_only_replaced_where_text_is(project: Project, field: str) -> None:
    ws = project.write(master=[task(1)])

    with pytest.raises(Invalid, match="cannot be replaced"):
        tasks.edit(ws, "1", Edit({}, None, (field, "p", "x"), (), ()))


def test_a_title_cannot_be_replaced_away(project: Project, unchanged: Callable[[], None]) -> None:
    ws = project.write(master=[task(1)])
    unchanged()

    with pytest.raises(Invalid, match="title"):
        tasks.edit(ws, "1", Edit({}, None, ("title", "Task 1", " "), (), ()))


def test_labels_are_added_once_and_taken_away(project: Project) -> None:
    ws = project.write(master=[task(1, labels=["ui", "old"]), task(2, tags=["x"]), task(3)])

    tasks.edit(ws, "1-3", Edit({}, None, None, ["ui", "new"], ["old"]))

    found = project.read()
    assert found["1"]["labels"] == ["ui", "new"]
    assert found["2"]["tags"] == ["x", "ui", "new"]
    assert found["3"]["labels"] == ["ui", "new"]


def test_the_last_label_takes_the_key_with_it(project: Project) -> None:
    ws = project.write(master=[task(1, labels=["ui"])])

    tasks.edit(ws, "1", Edit({}, None, None, (), ["ui"]))

    assert "labels" not in project.read()["1"]


def test_a_task_follows_a_status_that_is_edited_as_one_that_is_set(project: Project) -> None:
    ws = project.write(master=[task(1, subtasks=[step(1)])])

    tasks.edit(ws, "1.1", edit(status="completed"))

    assert project.read()["1"]["status"] == "done"
    assert project.read()["1"]["subtasks"][0]["status"] == "done"


def test_edited_dependencies_replace_those_before(project: Project) -> None:
    ws = project.write(master=[task(1), task(2), task(3, dependencies=["1"])])

    tasks.edit(ws, "3", edit(dependencies="2"))
    assert project.read()["3"]["dependencies"] == ["2"]

    tasks.edit(ws, "3", edit(dependencies=""))
    assert project.read()["3"]["dependencies"] == []


@pytest.mark.parametrize(
    ("one", "wanted", "code"),
    [
        ("1", "1", "self-dependency"),
        ("1", "3", "circular-dependency"),
        ("2.1", "2", "parent-dependency"),
        ("2", "2.1", "subtask-dependency"),
    ],
)
def test_a_circle_is_refused(
    project: Project, unchanged: Callable[[], None], one: str, wanted: str, code: str
) -> None:
    ws = project.write(
        master=[task(1), task(2, dependencies=[1], subtasks=[step(1)]), task(3, dependencies=[2])]
    )
    unchanged()

    with pytest.raises(Invalid) as caught:
        tasks.edit(ws, one, edit(dependencies=wanted))

    assert caught.value.code == code


@pytest.mark.parametrize(
    ("raw", "hours"), [("90m", 1.5), ("3h", 3), ("2d", 16), ("1w", 40), ("4", 4), ("0.5 h", 0.5)]
)
def test_an_estimate_is_hours(raw: str, hours: float) -> None:
    assert tasks.checked_estimate(raw) == hours


@pytest.mark.parametrize("raw", ["", "soon", "-1h", "3 months", "1e3", "h"])
def test_an_estimate_that_is_none_is_refused(raw: str) -> None:
    with pytest.raises(Invalid, match="not an estimate"):
        tasks.checked_estimate(raw)


@pytest.mark.parametrize("raw", ["2026-02-30", "20260101", "tomorrow", "", "2026-W01-1"])
def test_a_due_date_that_is_none_is_refused(raw: str) -> None:
    with pytest.raises(Invalid, match="not a date"):
        tasks.checked_date(raw)


def test_a_removed_task_is_waited_for_by_nobody_in_its_tag(project: Project) -> None:
    first = [task(1), task(2, dependencies=[1, "3"], subtasks=[step(4, dependencies=["1"])]),
             task(3, dependencies=["1"])]  # fmt: skip
    other = [task(1), task(2, dependencies=[1])]
    ws = project.write(master=first, other=other)

    removed = tasks.remove(ws, "1")

    assert removed.released == ("2", "2.4", "3")
    assert list(project.read()) == ["2", "3"]
    assert project.read()["2"]["dependencies"] == ["3"]
    assert project.read()["3"]["dependencies"] == []
    assert project.read("other")["2"]["dependencies"] == [1]


def test_a_removed_subtask_is_forgotten_by_its_siblings_only_by_its_number(
    project: Project,
) -> None:
    steps = [step(1), step(2, dependencies=[1]), step(3, dependencies=["2.1", 2])]
    ws = project.write(master=[task(1), task(2, subtasks=steps), task(3, dependencies=[1, "2.1"])])

    tasks.remove(ws, "2.1")

    found = project.read()
    assert [(one["id"], one["dependencies"]) for one in found["2"]["subtasks"]] == [
        (2, []),
        (3, [2]),
    ]
    assert found["3"]["dependencies"] == [1]


@pytest.mark.parametrize("named", ["2,2.1", "2.1,2", "2.1-2.2,2"])
def test_a_task_and_its_subtask_can_be_removed_together(project: Project, named: str) -> None:
    ws = project.write(master=[task(1), task(2, subtasks=[step(1), step(2)])])

    tasks.remove(ws, named)

    assert list(project.read()) == ["1"]


def test_one_missing_task_removes_none(project: Project, unchanged: Callable[[], None]) -> None:
    ws = project.write(master=[task(1), task(2, dependencies=[1])])
    unchanged()

    with pytest.raises(NotFound):
        tasks.remove(ws, "1,9")
