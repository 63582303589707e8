from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskmaster.domain.task import PRIORITIES, STATUSES, Task, priority_of, status_of


def owner(*subtasks: object, number: object = 5, **fields: object) -> Task:
    return Task({"id": number, "title": "Owner", "subtasks": list(subtasks), **fields})


@pytest.mark.parametrize(
    ("raw", "expected"), [(5, "5"), ("5", "5"), (" 05 ", "5"), (5.0, "5"), ("a-b", "a-b")]
)
def test_an_id_of_any_kind_is_text(raw: object, expected: str) -> None:
    assert Task({"id": raw}).id == expected


@pytest.mark.parametrize("doc", [{}, {"id": None}, {"id": True}, {"id": []}])
def test_a_task_without_an_id_has_an_empty_one(doc: dict[str, Any]) -> None:
    assert Task(doc).id == ""


@pytest.mark.parametrize("raw", [1, "1", "5.1", "5-1", 5.1])
def test_a_subtask_id_of_any_kind_is_the_full_one(raw: object) -> None:
    assert [step.id for step in owner({"id": raw}).subtasks] == ["5.1"]


def test_a_subtask_id_that_repeats_its_tasks_name_with_a_dash() -> None:
    assert [step.id for step in owner({"id": "11-1"}, {"id": "11-2"}, number=11).subtasks] == [
        "11.1",
        "11.2",
    ]


def test_subtask_entries_that_are_no_objects_are_left_out_and_left_alone() -> None:
    task = owner({"id": 1}, "a note", None, {"id": 2})

    assert [step.id for step in task.subtasks] == ["5.1", "5.2"]
    changed = task.with_subtask(Task({"id": 2, "title": "x"}, task))
    assert changed.doc["subtasks"] == [{"id": 1}, "a note", None, {"id": 2, "title": "x"}]


@pytest.mark.parametrize("raw", [None, "text", {}, 3, []])
def test_subtasks_that_are_no_list_are_none(raw: object) -> None:
    assert Task({"id": 1, "subtasks": raw}).subtasks == ()


def test_subtasks_have_no_subtasks() -> None:
    task = owner({"id": 1, "subtasks": [{"id": 1}]})

    assert task.subtasks[0].subtasks == ()


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ([1, "2", "3.1", 4.0, " 6 "], ("1", "2", "3.1", "4", "6")),
        ([None, "", [], 7], ("7",)),
        (None, ()),
        ("3", ()),
        ({}, ()),
        ([], ()),
    ],
)
def test_dependencies_of_any_kind_are_ids(raw: object, expected: tuple[str, ...]) -> None:
    assert Task({"id": 9, "dependencies": raw}).dependencies == expected


def test_the_older_name_of_dependencies_counts_where_the_newer_is_missing() -> None:
    assert Task({"id": 2, "dependsOn": [1]}).dependencies == ("1",)
    assert Task({"id": 2, "dependsOn": [1], "dependencies": []}).dependencies == ()


def test_a_bare_number_in_a_subtask_means_the_sibling_where_there_is_one() -> None:
    task = owner({"id": 1}, {"id": 2, "dependencies": [1, "5.1", "1", 7, "8.2"]})

    assert task.subtasks[1].dependencies == ("5.1", "5.1", "5.1", "7", "8.2")


def test_a_sibling_may_be_called_by_its_stored_name() -> None:
    task = owner({"id": "11-1"}, {"id": "11-2", "dependencies": ["11-1"]}, number=11)

    assert task.subtasks[1].dependencies == ("11.1",)


NULLS = ("title", "description", "details", "testStrategy", "status", "priority", "assignee",
         "labels", "dueDate", "effort", "createdAt", "acceptanceCriteria", "dependencies",
         "subtasks", "metadata")  # fmt: skip


def test_null_fields_read_as_empty_ones() -> None:
    task = Task({"id": 1, **dict.fromkeys(NULLS)})

    assert (task.title, task.description, task.details, task.test_strategy) == ("", "", "", "")
    assert (task.status, task.priority) == ("pending", "medium")
    assert (task.labels, task.acceptance, task.subtasks, task.dependencies) == ((), (), (), ())
    assert (task.assignee, task.due, task.created, task.estimate) == ("", "", "", None)


def test_a_list_of_lines_is_one_text() -> None:
    assert Task({"id": 1, "details": ["one", "two", 3]}).details == "one\ntwo\n3"


def test_a_number_or_object_where_text_should_be_is_no_text() -> None:
    assert Task({"id": 1, "title": 3, "details": {"a": 1}}).title == ""
    assert Task({"id": 1, "details": {"a": 1}}).details == ""


@pytest.mark.parametrize("status", STATUSES)
def test_todays_statuses_mean_themselves(status: str) -> None:
    assert status_of(status) == status
    assert status_of(status.upper().replace("-", "_")) == status


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("completed", "done"),
        ("Completed", "done"),
        ("todo", "pending"),
        ("To Do", "pending"),
        ("in progress", "in-progress"),
        ("canceled", "cancelled"),
        ("deprecated", "cancelled"),
        ("", "pending"),
        (None, "pending"),
        (3, "pending"),
        ("Waiting for Bob", "waiting-for-bob"),
    ],
)
def test_other_status_words_mean_what_people_meant(raw: object, expected: str) -> None:
    assert status_of(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [("HIGH", "high"), ("p0", "critical"), ("urgent", "critical"), ("haute", "high"),
     ("whatever", "medium"), (None, "medium"), (1, "medium")],
)  # fmt: skip
def test_priority_words_mean_one_of_the_four(raw: object, expected: str) -> None:
    assert priority_of(raw) == expected
    assert expected in PRIORITIES


def test_a_subtask_has_its_tasks_priority_unless_it_has_its_own() -> None:
    task = owner({"id": 1}, {"id": 2, "priority": "low"}, priority="high")

    assert [step.priority for step in task.subtasks] == ["high", "low"]


@pytest.mark.parametrize("raw", [True, "3h", None, []])
def test_an_estimate_that_is_no_number_is_none(raw: object) -> None:
    assert Task({"id": 1, "effort": raw}).estimate is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 200) | st.floats(allow_nan=False)
    | st.text(max_size=5),
    lambda inside: st.lists(inside, max_size=3)
    | st.dictionaries(st.text(max_size=5), inside, max_size=3),
    max_leaves=8,
)  # fmt: skip
KEYS = st.sampled_from(["id", "title", "status", "dependencies", "dependsOn", "subtasks", "x"])
SUBTASKS = st.lists(
    st.fixed_dictionaries(
        {"id": st.sampled_from([1, 2, "3", "5.4", "5-5"])},
        optional={"dependencies": st.lists(st.integers(1, 6), max_size=3), "x": JSON},
    ),
    max_size=4,
    unique_by=lambda entry: str(entry["id"]),
)
DOCS = st.dictionaries(KEYS, JSON, max_size=6) | st.fixed_dictionaries(
    {"id": st.sampled_from([5, "5"]), "x": JSON, "subtasks": SUBTASKS, "y": JSON},
    optional={"dependencies": st.lists(st.sampled_from([1, "2", "3.1", 4]), max_size=3)},
)


@given(DOCS)
def test_any_object_whatsoever_can_be_read(doc: dict[str, Any]) -> None:
    task = Task(doc)
    for one in (task, *task.subtasks):
        for name in ("id", "title", "description", "details", "status", "priority", "due",
                     "test_strategy", "created", "assignee"):  # fmt: skip
            assert isinstance(getattr(one, name), str)
        for name in ("dependencies", "labels", "acceptance"):
            assert isinstance(getattr(one, name), tuple)


@given(DOCS, JSON)
def test_the_next_version_never_alters_the_one_before(doc: dict[str, Any], value: object) -> None:
    before = copy.deepcopy(doc)
    task = Task(doc)
    task.with_fields({"x": value, "title": None, "new": value})
    task.with_dependencies(["1", "7", "3.2"])
    task.with_subtask(Task({"id": 2, "title": "changed"}, task))
    task.without_subtasks(step.id for step in task.subtasks)
    for step in task.subtasks:
        step.with_fields({"x": value})
        step.with_dependencies([other.id for other in task.subtasks])

    assert json.dumps(doc) == json.dumps(before)


def test_a_field_keeps_its_place_and_unknown_keys_stay() -> None:
    task = Task({"zeta": 1, "id": 1, "status": "pending", "alpha": {"b": [1]}})

    changed = task.with_fields({"status": "done", "updatedAt": "now"})

    assert list(changed.doc) == ["zeta", "id", "status", "alpha", "updatedAt"]
    assert changed.doc["alpha"] == {"b": [1]}


def test_a_field_of_none_is_taken_away() -> None:
    assert Task({"id": 1, "x": 2}).with_fields({"x": None, "y": None}).doc == {"id": 1}


def test_a_changed_subtask_stays_in_its_place() -> None:
    task = owner({"id": 1}, {"id": "5.2", "k": 1}, {"id": 3})
    step = task.subtask("5.2")
    assert step is not None

    changed = task.with_subtask(step.with_fields({"status": "done"}))

    assert changed.doc["subtasks"] == [
        {"id": 1},
        {"id": "5.2", "k": 1, "status": "done"},
        {"id": 3},
    ]


def test_a_new_subtask_goes_where_it_is_wanted() -> None:
    task = owner({"id": 1}, {"id": 2})
    new = Task({"id": 3}, task)

    assert [step.id for step in task.with_subtask(new).subtasks] == ["5.1", "5.2", "5.3"]
    assert [step.id for step in task.with_subtask(new, 0).subtasks] == ["5.3", "5.1", "5.2"]


def test_dependencies_that_stay_are_kept_as_they_were_written() -> None:
    task = Task({"id": 4, "dependencies": ["1", 2]})

    assert task.with_dependencies(["2", "1", "3"]).doc["dependencies"] == [2, "1", "3"]


@pytest.mark.parametrize(("number", "expected"), [(4, [1]), ("4", ["1"])])
def test_first_dependencies_are_written_as_the_task_writes_its_id(
    number: object, expected: list[object]
) -> None:
    assert Task({"id": number}).with_dependencies(["1"]).doc["dependencies"] == expected


def test_a_subtask_writes_its_sibling_as_a_number_and_others_in_full() -> None:
    step = owner({"id": 1}, {"id": 2}).subtasks[1]

    changed = step.with_dependencies(["5.1", "7", "8.2"])

    assert changed.doc["dependencies"] == [1, "7", "8.2"]
    assert changed.dependencies == ("5.1", "7", "8.2")


@given(st.lists(st.sampled_from(["1", "2", "3.1", "x-1", "44"]), max_size=6),
       st.lists(st.sampled_from([1, "2", "3.1", 44, "x-1"]), max_size=4))  # fmt: skip
def test_dependencies_read_back_as_they_were_wanted(wanted: list[str], before: list[Any]) -> None:
    task = Task({"id": 9, "dependencies": before})

    assert task.with_dependencies(wanted).dependencies == tuple(dict.fromkeys(wanted))
