from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from tests.usecases.conftest import Project, step, task

from taskmaster import config
from taskmaster.domain.changes import EXTERNAL, last_number
from taskmaster.domain.plan import Document, Draft, DraftStep, Plan
from taskmaster.errors import Conflict, NotFound
from taskmaster.stores.file.store import FileStore
from taskmaster.usecases import history, planning, tags, tasks
from taskmaster.usecases.conversion import make_subtask, make_tasks
from taskmaster.usecases.status import set_status
from taskmaster.usecases.subtasks import add_subtask, clear_subtasks, remove_subtasks
from taskmaster.usecases.tasks import Edit
from taskmaster.workspace import Workspace


def drawn(project: Project) -> Workspace:
    """Three tasks with subtasks, odd keys and dependencies in both directions; two tags."""
    steps = [step(1), step(2, dependencies=[1], unknown={"a": [1, 2.0]}), step(3)]
    first = [
        task(1, dependencies=[3], labels=["x"]),
        task("2", details=["a", "list"], subtasks=steps),
        task(3, subtasks=[step("3.1", status="completed")], odd=None),
        task(4, dependencies=["2"]),
    ]
    return project.write(master=first, other=[task(1), task(2, dependencies=[1])])


def home(ws: Workspace) -> config.Project:
    assert isinstance(ws.store, FileStore)
    return config.locate({}, file=ws.store.path)


def plan(*titles: str) -> Plan:
    drafts = tuple(Draft(title) for title in titles)
    return Plan(Document("prd.md", ""), "outline", drafts)


def edited(ws: Workspace) -> object:
    return tasks.edit(ws, "1,2.2", Edit({"title": "New", "odd": 1}, "note", None, ["y"], ["x"]))


def planned(ws: Workspace) -> object:
    drafts = (Draft("First", steps=(DraftStep("Step"),)), Draft("Second", after=(1,)))
    return planning.apply_plan(ws, Plan(Document("p", ""), "outline", drafts), planning.APPEND)


def replaced(ws: Workspace) -> object:
    return planning.apply_plan(ws, plan("Only"), planning.REPLACE)


def reordered(ws: Workspace) -> object:
    with ws.writing("sort") as writer:
        writer.reorder("master", ["3", "4", "1", "2"])
    return None


OPERATIONS: dict[str, Callable[[Workspace], object]] = {
    "set-status": lambda ws: set_status(ws, "1,2.1-2.3", "done"),
    "set-status with subtasks": lambda ws: set_status(ws, "2", "done", with_subtasks=True),
    "add-task": lambda ws: tasks.add_task(ws, {"title": "New", "dependencies": "1"}),
    "edit": edited,
    "remove-task": lambda ws: tasks.remove(ws, "3"),
    "remove a task others wait for": lambda ws: tasks.remove(ws, "3,2.1"),
    "remove all tasks": lambda ws: tasks.remove(ws, "1-3"),
    "remove-subtask": lambda ws: remove_subtasks(ws, "2.1,2.3"),
    "clear-subtasks": lambda ws: clear_subtasks(ws, "2,3"),
    "add-subtask": lambda ws: add_subtask(ws, "2", {"title": "New step"}),
    "make a task a subtask": lambda ws: make_subtask(ws, "1", "4"),
    "make a subtask a task": lambda ws: make_tasks(ws, "2.2"),
    "parse-prd": planned,
    "parse-prd that replaces": replaced,
    "reorder": reordered,
    "add a tag": lambda ws: tags.add(ws, "new"),
    "copy a tag": lambda ws: tags.copy(ws, "master", "copy"),
    "rename a tag": lambda ws: tags.rename(ws, home(ws), "other", "later"),
    "remove a tag": lambda ws: tags.remove(ws, home(ws), "other", agreed=None),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_kind_of_operation_is_undone_to_the_byte(project: Project, name: str) -> None:
    ws = drawn(project)
    before = project.text()

    OPERATIONS[name](ws)
    changed = project.text()
    assert changed != before
    history.undo(project.workspace())

    assert project.text() == before


@pytest.mark.parametrize("name", OPERATIONS)
def test_undoing_the_undo_does_it_again(project: Project, name: str) -> None:
    ws = drawn(project)
    OPERATIONS[name](ws)
    changed = project.stored()
    _target, undone = history.undo(ws)

    history.undo(ws, undone.first)

    assert without_times(project.stored()) == without_times(changed)


def without_times(found: object) -> object:
    if isinstance(found, dict):
        return {key: without_times(value) for key, value in found.items() if key != "updated"}
    return [without_times(one) for one in found] if isinstance(found, list) else found


def test_undo_twice_steps_back_twice(project: Project) -> None:
    ws = project.write(master=[task(1)])
    first = project.text()
    set_status(ws, "1", "in-progress")
    second = project.text()
    set_status(ws, "1", "done")

    history.undo(ws)
    assert project.text() == second
    history.undo(ws)
    assert project.text() == first
    with pytest.raises(NotFound, match="nothing to undo") as caught:
        history.undo(ws)
    assert caught.value.code == "nothing-to-undo"


def test_what_was_done_again_can_be_undone_again(project: Project) -> None:
    ws = project.write(master=[task(1)])
    before = project.text()
    set_status(ws, "1", "done")
    _target, undone = history.undo(ws)
    history.undo(ws, undone.first)

    history.undo(ws)

    assert project.text() == before


def test_undo_by_number_takes_the_whole_transaction_back(project: Project) -> None:
    ws = project.write(master=[task(1), task(2), task(3)])
    before = project.text()
    set_status(ws, "1,2", "done")
    set_status(ws, "3", "done")

    target, _undone = history.undo(ws, 2)

    assert (target.first, last_number(target)) == (1, 2)
    assert [one["status"] for one in project.read().values()] == ["pending", "pending", "done"]
    history.undo(ws, 3)
    assert project.text() == before


@pytest.mark.parametrize("number", [9, -1, 2])
def test_a_change_that_never_was_cannot_be_undone(project: Project, number: int) -> None:
    ws = project.write(master=[task(1)])
    set_status(ws, "1", "done")

    with pytest.raises(NotFound, match=f"no change {number}"):
        history.undo(ws, number)


def test_undo_refuses_where_it_was_changed_again_since(project: Project) -> None:
    ws = project.write(master=[task(1), task(2)])
    set_status(ws, "1-2", "in-progress")
    set_status(ws, "2", "done")
    before = project.raw()

    with pytest.raises(Conflict, match="status of 2 was changed since") as caught:
        history.undo(ws, 1)

    assert caught.value.code == "changed-since"
    assert project.raw() == before


def test_force_undoes_over_later_changes(project: Project) -> None:
    ws = project.write(master=[task(1), task(2)])
    set_status(ws, "1-2", "in-progress")
    set_status(ws, "2", "done")

    history.undo(ws, 1, force=True)

    assert [one["status"] for one in project.read().values()] == ["pending", "pending"]


def test_another_field_that_changed_since_does_not_stand_in_the_way(project: Project) -> None:
    ws = project.write(master=[task(1)])
    set_status(ws, "1", "done")
    tasks.edit(ws, "1", Edit({"title": "New"}, None, None, (), ()))

    history.undo(ws, 1)

    assert (project.read()["1"]["title"], project.read()["1"]["status"]) == ("New", "pending")


def test_an_added_task_that_was_changed_since_is_not_taken_away(project: Project) -> None:
    ws = project.write(master=[task(1)])
    tasks.add_task(ws, {"title": "New"})
    set_status(ws, "2", "done")

    with pytest.raises(Conflict, match="2 was changed since"):
        history.undo(ws, 1)

    assert "2" in project.read()


def test_an_added_task_that_others_wait_for_is_not_taken_away(project: Project) -> None:
    ws = project.write(master=[task(1)])
    tasks.add_task(ws, {"title": "New"})
    tasks.add_task(ws, {"title": "Newer", "dependencies": "2"})

    with pytest.raises(Conflict, match="3 depends on 2"):
        history.undo(ws, 1)

    assert list(project.read()) == ["1", "2", "3"]


def test_a_removed_task_does_not_come_back_over_a_new_one_of_its_number(project: Project) -> None:
    ws = project.write(master=[task(1), task(2)])
    tasks.remove(ws, "2")
    tasks.add_task(ws, {"title": "Another"})

    with pytest.raises(Conflict, match="another task 2"):
        history.undo(ws, 1)

    assert project.read()["2"]["title"] == "Another"


def test_a_subtask_does_not_come_back_as_a_task_when_its_task_is_gone(project: Project) -> None:
    ws = project.write(master=[task(1), task(5, subtasks=[step(1), step(2)])])
    tasks.remove(ws, "5.1")
    tasks.remove(ws, "5")
    before = project.raw()

    for force in (False, True):
        with pytest.raises(Conflict):
            history.undo(ws, 1, force=force)

    assert project.raw() == before
    assert project.read()["1"]["title"] == "Task 1"


def test_external_edits_can_be_undone(project: Project) -> None:
    ws = project.write(master=[task(1), task(2)])
    set_status(ws, "1", "done")
    before = project.text()
    found = project.stored()
    found["master"]["tasks"][0]["dependencies"] = [3]
    found["master"]["tasks"].append(task(3, title="From an editor", dependencies=[4]))
    found["master"]["tasks"].append(task(4))
    project.path.write_text(json.dumps(found, indent=2), encoding="utf-8")

    target, _undone = history.undo(project.workspace())

    assert target.stamp.actor == EXTERNAL
    assert project.text() == before


def test_the_history_of_a_task_is_its_own_and_its_subtasks(project: Project) -> None:
    ws = project.write(
        master=[task(1, subtasks=[step(1), step(2)]), task(2), task(11)], other=[task(1)]
    )
    set_status(ws, "1.1,2", "done")
    set_status(ws, "11", "done")
    set_status(project.workspace("other"), "1", "done")
    tasks.remove(ws, "1")

    found = history.history(ws, task_id="1")

    assert [[change.task for change in entry.changes] for entry in found] == [["1"], ["1.1", "1"]]


def test_the_history_starts_and_stops_where_it_is_told(project: Project) -> None:
    ws = project.write(master=[task(1)])
    for word in ("in-progress", "review", "done"):
        set_status(ws, "1", word)

    assert [entry.first for entry in history.history(ws)] == [3, 2, 1]
    assert [entry.first for entry in history.history(ws, since=1)] == [3, 2]
    assert [entry.first for entry in history.history(ws, limit=1)] == [3]
    assert history.history(ws, since=99) == []


def test_an_undo_says_what_it_took_back(project: Project) -> None:
    ws = project.write(master=[task(1), task(2)])
    set_status(ws, "1-2", "done")

    history.undo(ws)

    assert (project.log()[-1].stamp.operation, project.log()[-1].stamp.note) == ("undo", "1-2")


def test_a_change_of_spelling_only_does_not_stand_in_the_way_of_undo(project: Project) -> None:
    ws = project.write(master=[task(1), task(2)])
    tasks.edit(ws, "2", Edit({"dependencies": "1"}, None, None, [], []))
    text = project.path.read_text("utf-8").replace('"id": 2', '"id": "2"')
    project.path.write_text(text.replace("            1\n", '            "1"\n'), "utf-8")
    with ws.reading() as reader:
        assert reader.get("master", "2").doc["id"] == "2"
    target, _ = history.undo(ws, 1)
    assert target.stamp.operation == "edit"
    with ws.reading() as reader:
        assert reader.get("master", "2").dependencies == ()


def test_a_long_log_is_told_whole_from_its_end_and_read_no_further_than_asked(
    project: Project,
) -> None:
    ws = project.write(master=[task(number) for number in range(1, 6)])
    for number in range(120):
        named = "1-5" if number % 7 == 0 else str(number % 5 + 1)
        tasks.edit(ws, named, Edit({"details": f"Edit {number}"}, None, None, (), ()))

    with ws.reading() as reader:
        everything = list(reader.changes_since(0))[::-1]
        asked: list[int] = []

        class Watched:
            last_change = reader.last_change

            def changes_since(self, number: int) -> object:
                asked.append(number)
                return reader.changes_since(number)

        newest = next(history.newest_first(Watched()))  # type: ignore[arg-type]
        assert list(history.newest_first(reader)) == everything

    assert newest == everything[0]
    assert min(asked) > len(everything) // 2
    assert history.history(ws, limit=100) == everything[:100]
    assert history.history(ws, since=150) == [one for one in everything if last_number(one) > 150]
