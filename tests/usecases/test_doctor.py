"""What the doctor finds, and what it mends without losing anything."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.usecases.conftest import NOW, Project, step, task

from taskmaster import config
from taskmaster.domain.task import Task
from taskmaster.errors import CorruptStore
from taskmaster.ports import Archive
from taskmaster.stores.file.archive import FileArchive
from taskmaster.stores.file.store import FileStore
from taskmaster.usecases import checks, doctor
from taskmaster.usecases.checks import Finding
from taskmaster.usecases.repairs import repaired
from taskmaster.workspace import Workspace

REPOSITORY = Path(__file__).parents[2]
CORPUS = Path(os.environ.get("TAMP_CORPUS", REPOSITORY.parent / "shared" / "corpus")) / "tasks"
REAL = sorted(CORPUS.glob("*.json"))


def archive_of(project: Project) -> Archive:
    return FileArchive(FileStore(str(project.path), str(project.path.parents[1])))


def place_of(project: Project) -> config.Project:
    home = project.path.parents[1]
    return config.Project(str(home.parent), str(project.path), str(home), "", legacy=False)


def examined(project: Project, ws: Workspace | None = None) -> list[Finding]:
    return doctor.examine(ws or project.workspace(), archive_of(project), place_of(project))


def codes(found: list[Finding]) -> list[tuple[str, str]]:
    return [(one.code, one.task) for one in found]


def fixed(project: Project) -> doctor.Mended:
    return doctor.fix(
        project.workspace(), archive_of(project), place_of(project), examined(project), no_room
    )


def no_room() -> None:
    """A file needs none to be made."""


def of(*docs: dict[str, Any]) -> list[Finding]:
    return checks.of_tag("master", [Task(doc) for doc in docs], {})


def mended(*docs: dict[str, Any]) -> list[dict[str, Any]]:
    return [one.doc for one in repaired([Task(doc) for doc in docs])]


def test_a_sound_project_has_no_findings(project: Project) -> None:
    project.write(master=[task(1, subtasks=[step(1), step(2, dependencies=[1])]), task(2)])

    assert examined(project) == []


@pytest.mark.parametrize(
    ("doc", "expected"),
    [
        (task(1, title=" "), ("missing-title", "1")),
        (task(1, status="todo"), ("odd-status", "1")),
        (task(1, status="awaiting-qa"), ("unknown-status", "1")),
        (task(1, status=None), ("missing-status", "1")),
        (task(1, priority="P1"), ("odd-priority", "1")),
        (task(1, priority="soon"), ("unknown-priority", "1")),
        (task(1, dependencies=[1]), ("self-dependency", "1")),
        (task(1, dependencies=["9"]), ("missing-dependency", "1")),
        (task(1, dependencies=[{"id": 2}]), ("unreadable-dependency", "1")),
        (task(1, dependencies="2"), ("unreadable-dependency", "1")),
        (task(1, subtasks={"id": 1}), ("unreadable-subtasks", "1")),
        (task(1, subtasks=["do it"]), ("unreadable-subtask", "1")),
        (task(1, subtasks=[step(1, subtasks=[step(1)])]), ("nested-subtasks", "1.1")),
        (task(1, subtasks=[step(1), step("1.1")]), ("duplicate-id", "1.1")),
        (task(1, subtasks=[step(1, dependencies=["1"])]), ("self-dependency", "1.1")),
        (task(1, status="done", subtasks=[step(1)]), ("open-subtasks", "1")),
        (task(None), ("missing-id", "")),
    ],
)
def test_each_oddity_is_found_once_and_named(
    doc: dict[str, Any], expected: tuple[str, str]
) -> None:
    found = of(doc)

    assert codes(found) == [expected]
    assert found[0].fix or found[0].by_hand or found[0].severity == "info"


def test_the_order_is_by_severity(project: Project) -> None:
    project.write(master=[task(1, status="todo"), task(2, status=None), task(3, dependencies=[9])])

    assert [one.severity for one in examined(project)] == ["error", "warning", "info"]


def test_repeated_task_ids_get_the_next_free_numbers_in_their_places(project: Project) -> None:
    project.write(
        master=[
            task(5, title="First"),
            task(5, title="Second", subtasks=[step("5.1"), step("5.2", dependencies=["5.1"])]),
            task(7, dependencies=[5]),
        ]
    )

    result = fixed(project)

    assert result.left == []
    stored = project.stored()["master"]["tasks"]
    assert [(one["id"], one["title"]) for one in stored] == [
        (5, "First"), (8, "Second"), (7, "Task 7"),
    ]  # fmt: skip
    assert [one["id"] for one in stored[1]["subtasks"]] == ["8.1", "8.2"]
    second = Task(stored[1])
    assert second.subtasks[1].dependencies == ("8.1",)
    assert stored[2]["dependencies"] == [5]
    assert len(project.log()) == 1


def test_the_other_forms_of_subtask_ids_follow_their_task_too() -> None:
    first, second = mended(
        task("5"),
        task(
            "5", subtasks=[step("5-1", parentId="5"), step(5.2, parentTaskId=5, dependencies=[1])]
        ),
    )

    assert (first["id"], second["id"]) == ("5", "6")
    assert second["subtasks"][0] == step("5-1") | {"id": "6-1", "parentId": "6"}
    assert second["subtasks"][1]["id"] == 2
    assert second["subtasks"][1]["parentTaskId"] == 6
    assert Task(second).subtasks[1].dependencies == ("6.1",)


def test_tasks_without_an_id_get_one_like_the_others() -> None:
    assert [one["id"] for one in mended(task("3"), task(None), task(""))] == ["3", "4", "5"]


def test_repeated_subtask_ids_are_numbered_on_and_references_stay_with_the_first() -> None:
    (one,) = mended(
        task(3, subtasks=[step(42), step(42), step(42, dependencies=[42]), step("3.1")])
    )

    assert [entry["id"] for entry in one["subtasks"]] == [42, 43, 44, "3.1"]
    assert Task(one).subtasks[2].dependencies == ("3.42",)


def test_wrong_dependencies_go_and_the_right_ones_keep_their_form() -> None:
    docs = mended(
        task(1, dependencies=["2", 2, 9, 1, "3"]),
        task(2),
        task(3, subtasks=[step(1, dependencies=[2, "2", 7]), step(2, dependencies=[1])]),
    )

    assert docs[0]["dependencies"] == ["2", "3"]
    steps = docs[2]["subtasks"]
    assert sum(len(one["dependencies"]) for one in steps) == 1
    assert of(*docs) == []


def test_a_circle_is_opened_at_one_place() -> None:
    docs = mended(*(task(number, dependencies=[number % 4 + 1]) for number in (1, 2, 3, 4)))

    assert sum(len(one["dependencies"]) for one in docs) == 3
    assert of(*docs) == []


def test_odd_words_become_todays_and_unknown_ones_stay() -> None:
    one, other = mended(
        task(1, status="completed", priority="urgent", subtasks=[step(1, status="ToDo")]),
        task(2, status="awaiting-qa", priority="soon"),
    )

    assert (one["status"], one["priority"]) == ("done", "critical")
    assert one["subtasks"][0]["status"] == "pending"
    assert (other["status"], other["priority"]) == ("awaiting-qa", "soon")


def test_what_is_sound_stays_the_very_same_object() -> None:
    doc = task(1, subtasks=[step(1), "stray"], extra={"kept": True})

    assert mended(doc)[0] is doc


def test_wrong_counts_are_found_and_set_right(project: Project) -> None:
    project.path.write_text(
        json.dumps(
            {
                "master": {
                    "tasks": [task(1, status="done"), task(2)],
                    "metadata": {"taskCount": 7, "completedCount": 0},
                }
            }
        )
    )
    assert [one.code for one in examined(project)] == ["wrong-count", "wrong-count"]

    assert fixed(project).left == []

    assert project.stored()["master"]["metadata"] == {"taskCount": 2, "completedCount": 1}


def test_a_repair_is_one_transaction_after_a_copy(project: Project) -> None:
    project.write(master=[task(1, status="todo")], other=[task(1), task(1), task(2, priority="p1")])
    before = project.path.read_bytes()

    result = fixed(project)

    assert result.left == []
    assert archive_of(project).holds(before)
    assert result.copy.endswith("-before-fix.json")
    assert [entry.stamp.operation for entry in project.log()] == ["fix"]


def test_an_unreadable_file_is_told_and_the_last_good_copy_brought_back(project: Project) -> None:
    ws = project.write(master=[task(1)])
    with ws.writing("edit") as writer:
        writer.put("master", Task(task(2)))
    good = project.path.read_bytes()
    project.path.write_bytes(good[:100])

    (found,) = examined(project)
    assert (found.code, found.severity) == ("unreadable", "error")
    assert "breaks off" in found.message or "not JSON" in found.message
    assert "kept copies: tasks-" in found.by_hand
    result = fixed(project)

    assert result.left == []
    assert project.path.read_bytes() == good
    assert result.copy.endswith("-broken.json")


@pytest.mark.parametrize("content", [b"", b" \n"])
def test_an_empty_file_without_any_copy_becomes_an_empty_list(
    project: Project, content: bytes
) -> None:
    project.path.write_bytes(content)

    assert "empty task list" in examined(project)[0].fix
    assert fixed(project).left == []
    assert project.stored()["master"]["tasks"] == []


def test_an_unreadable_file_without_any_copy_is_left_alone(project: Project) -> None:
    project.path.write_bytes(b"{")

    (found,) = examined(project)

    assert found.fix == ""
    assert project.path.read_bytes() == b"{"
    assert not doctor.readable([found])


def test_a_file_that_is_gone_is_no_wish_to_lose_the_tasks(project: Project) -> None:
    ws = project.write(master=[task(1)])
    with ws.writing("edit") as writer:
        writer.put("master", Task(task(2)))
    good = project.path.read_bytes()
    project.path.unlink()

    (found,) = examined(project)
    assert (found.code, found.severity) == ("missing-file", "error")
    assert fixed(project).left == []
    assert project.path.read_bytes() == good


def test_a_current_tag_that_is_not_there_is_found_and_another_made_current(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TAMP_TAG", "TASKMASTER_TAG"):
        monkeypatch.delenv(name, raising=False)
    project.write(beta=[task(1)])
    ws = project.workspace()

    found = examined(project, ws)
    assert [one.code for one in found] == ["missing-current-tag"]
    result = doctor.fix(ws, archive_of(project), place_of(project), found, no_room)

    assert result == doctor.Mended("", [])
    assert config.current_tag(place_of(project), {}) == "beta"


@pytest.mark.parametrize(
    ("name", "content", "expected", "severity"),
    [
        ("config.json", "<<<<<<< HEAD\n{}\n", "conflict markers, the first at line 1", "error"),
        ("config.json", "[]", "no JSON object", "error"),
        ("state.json", "", "it is empty", "error"),
        ("reports/task-complexity-report.json", "{", "not JSON", "warning"),
        ("tasks/tasks.json.lock", "", "left behind", "info"),
        ("tasks/tasks.json.tmp.77", "", "left behind", "info"),
        ("../tasks/tasks.json", '{"tasks": []}', "is not read", "warning"),
    ],
)
def test_the_files_around_the_tasks_are_looked_at(
    project: Project, name: str, content: str, expected: str, severity: str
) -> None:
    project.write(master=[task(1)])
    path = project.path.parents[1] / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(content, encoding="utf-8")

    (found,) = examined(project)

    assert expected in found.message
    assert (found.severity, found.fix) == (severity, "")
    assert path.read_text(encoding="utf-8") == content


def test_looking_at_ten_thousand_tasks_takes_a_moment() -> None:
    docs = [
        task(
            number,
            status="todo",
            dependencies=[one for one in (number - 1, number - 7) if one > 0],
            subtasks=[step(1), step(2, dependencies=[1])],
        )
        for number in range(1, 10_001)
    ]
    docs[5000]["dependencies"] = [9000]
    docs[77]["id"] = 70
    started = time.perf_counter()

    found = of(*docs)
    after = mended(*docs)

    assert len(found) >= 10_000
    assert of(*after) == []
    assert time.perf_counter() - started < 20, "this is no longer linear"


@pytest.mark.skipif(not REAL, reason="no corpus of real files here")
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_real_files_are_examined_and_mended_without_losing_a_task(
    path: Path, project: Project
) -> None:
    shutil.copy(path, project.path)
    before = titles(project)

    found = examined(project)
    assert (before is None) is not doctor.readable(found)
    if before is None and not any(one.fix for one in found):
        return
    result = fixed(project)

    assert [one for one in result.left if one.severity == "error"] == []
    assert titles(project) == (before or {"master": []})
    assert [one for one in result.left if one.fix] == []


def titles(project: Project) -> dict[str, list[list[str]]] | None:
    """The titles of all tasks and subtasks in their order, None when the file cannot be read."""
    try:
        with project.workspace().reading() as reader:
            return {
                tag: [
                    [one.title, *(step.title for step in one.subtasks)] for one in reader.tasks(tag)
                ]
                for tag in reader.tags()
            }
    except CorruptStore:
        return None


def test_the_clock_of_the_project_dates_the_copy(project: Project) -> None:
    project.write(master=[task(1, status="todo")])

    copy = fixed(project).copy

    assert copy.startswith("tasks-" + NOW[:10].replace("-", ""))


SCRAPS = st.sampled_from(
    [None, 1, 2, 3, "1", "2", "1.1", "2.1", "1-1", 1.1, 2.0, "x", "", True, {"id": 1}, [1], "5."]
)
WORDS = st.sampled_from(["todo", "done", "completed", "P1", "pending", "high", 7, None, "odd"])


def documents(*, deep: bool = True) -> st.SearchStrategy[dict[str, Any]]:
    """Tasks as nobody should write them, but somebody does."""
    lists = st.lists(SCRAPS, max_size=3)
    fields = {
        "id": SCRAPS,
        "title": st.sampled_from(["A", "B", "", None]),
        "status": WORDS,
        "priority": WORDS,
        "dependencies": lists | SCRAPS,
        "dependsOn": lists,
        "parentId": SCRAPS,
    }
    if deep:
        fields["subtasks"] = st.lists(documents(deep=False) | SCRAPS, max_size=4) | SCRAPS
    return st.fixed_dictionaries({}, optional=fields)


def shape(tasks: list[Task]) -> list[list[str]]:
    return [[one.title, *(step.title for step in one.subtasks)] for one in tasks]


@settings(deadline=None)
@given(st.lists(documents(), max_size=5))
def test_whatever_is_in_the_file_a_repair_leaves_no_error_and_loses_nothing(
    docs: list[dict[str, Any]],
) -> None:
    before = json.dumps(docs)
    tasks = [Task(doc) for doc in docs]

    after = repaired(tasks)

    assert json.dumps(docs) == before
    assert shape(after) == shape(tasks)
    left = checks.of_tag("master", after, {})
    assert [one for one in left if one.severity == "error" or one.fix] == []
    assert [one.doc for one in repaired(after)] == [one.doc for one in after]
    if not checks.of_tag("master", tasks, {}):
        assert [one.doc for one in after] == docs


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(documents(), max_size=5))
def test_whatever_is_in_the_file_is_mended_in_the_file(
    project: Project, docs: list[dict[str, Any]]
) -> None:
    project.path.write_text(json.dumps({"master": {"tasks": docs, "metadata": {}}}))
    tasks = [Task(doc) for doc in docs]
    assert examined(project) is not None

    left = fixed(project).left

    assert [one for one in left if one.severity == "error" or one.fix] == []
    stored = [Task(doc) for doc in project.stored()["master"]["tasks"]]
    assert shape(stored) == shape(tasks)
    assert [one.doc for one in stored] == [one.doc for one in repaired(tasks)]
