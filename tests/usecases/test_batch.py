"""Many operations at once: all of them, or none."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.usecases import drawn
from tests.usecases.conftest import NOW, Project, step, task

from taskmaster.errors import Conflict, Invalid, NotFound, TampError, Usage
from taskmaster.usecases import batch, history, operations
from taskmaster.usecases.tasks import add_task

Op = dict[str, Any]


def failure(project: Project, *raw: object) -> TampError:
    """What the batch fails with; nothing may be changed by it."""
    before = project.raw()
    with pytest.raises(TampError):
        batch.apply(project.workspace(), raw, dry_run=True)
    with pytest.raises(TampError) as caught:
        batch.apply(project.workspace(), raw)
    assert project.raw() == before
    assert project.log() == []
    return caught.value


def test_every_kind_of_operation_is_carried_out_in_one_transaction(project: Project) -> None:
    ws = project.write(
        master=[
            task(1, dependencies=[2]), task(2), task(3, details="old words"), task(4),
            task(5, status="deferred"), task(6, dependencies=[4]),
        ]
    )  # fmt: skip

    applied = batch.apply(
        ws,
        [
            {"op": "add", "title": "New", "priority": "p1", "effort": "2d", "labels": ["ui"]},
            {"op": "edit", "id": 3, "replace": {"field": "details", "old": "old", "new": "new"},
             "addLabels": ["x"], "dueDate": "2026-12-31", "set": {"own": [1]}},
            {"op": "status", "id": [1, "2"], "status": "done"},
            {"op": "note", "id": "2", "text": "Agreed"},
            {"op": "remove", "id": 4},
            {"op": "add-subtask", "parent": 2, "title": "A step"},
            {"op": "remove-dependency", "id": 1, "dependsOn": 2},
            {"op": "add-dependency", "id": 2, "dependsOn": "3"},
            {"op": "defer", "id": 5, "until": "2w"},
            {"op": "comment", "id": 5, "text": "Later"},
            {"op": "link", "id": 5, "kind": "commit", "target": "ABCDEF"},
        ],
    )  # fmt: skip

    stored = project.read()
    assert [one.ids for one in applied.results][:3] == [["7"], ["3"], ["1", "2"]]
    assert (stored["7"]["priority"], stored["7"]["effort"]) == ("high", 16)
    assert stored["3"]["details"] == "new words"
    assert (stored["3"]["labels"], stored["3"]["own"]) == (["x"], [1])
    assert (stored["1"]["status"], stored["1"]["dependencies"]) == ("done", [])
    assert "Agreed" in stored["2"]["details"]
    assert stored["2"]["dependencies"] == [3]
    assert stored["2"]["subtasks"][0]["title"] == "A step"
    assert "4" not in stored
    assert stored["6"]["dependencies"] == []
    assert (stored["5"]["deferUntil"], stored["5"]["status"]) == ("2026-06-29", "pending")
    assert stored["5"]["comments"] == [{"at": NOW, "by": "ann", "text": "Later"}]
    assert stored["5"]["links"][0]["target"] == "abcdef"
    assert [entry.stamp.operation for entry in project.log()] == ["apply"]
    assert project.log()[0].changes == applied.changes


def test_undo_takes_all_of_it_back_at_once(project: Project) -> None:
    ws = project.write(master=[task(1), task(2, dependencies=[1], subtasks=[step(1)]), task(3)])
    before = project.stored()["master"]["tasks"]
    batch.apply(
        ws,
        [
            {"op": "add", "title": "New", "as": "$n", "dependencies": [3]},
            {"op": "add-subtask", "parent": "$n", "title": "Step", "as": "$s"},
            {"op": "remove", "id": "1"},
            {"op": "status", "id": "2.1", "status": "done"},
            {"op": "comment", "id": ["$n", "$s", "3"], "text": "hm"},
        ],
    )

    history.undo(ws)

    assert project.stored()["master"]["tasks"] == before
    assert [entry.stamp.operation for entry in project.log()] == ["apply", "undo"]


def test_a_name_stands_for_a_task_that_is_not_there_yet(project: Project) -> None:
    ws = project.write(master=[task(1)])

    applied = batch.apply(
        ws,
        [
            {"op": "add", "title": "Parse", "as": "$parse"},
            {"op": "add-subtask", "parent": "$parse", "title": "Read", "as": "$read"},
            {"op": "add", "title": "Check", "as": "$check", "dependencies": ["$parse", 1]},
            {"op": "edit", "id": "1,$check", "assignee": "ann"},
            {"op": "status", "id": "$read", "status": "in-progress"},
            {"op": "note", "id": "$parse.1", "text": "by its number"},
        ],
    )

    assert applied.names == {"$parse": "2", "$read": "2.1", "$check": "3"}
    assert applied.results[3].ids == ["1", "3"]
    stored = project.read()
    assert stored["3"]["dependencies"] == [2, 1]
    assert stored["2"]["status"] == "in-progress"
    assert "by its number" in stored["2"]["subtasks"][0]["details"]


def test_a_name_means_the_whole_task_and_never_a_sibling_with_its_number(project: Project) -> None:
    project.write(master=[task(5, subtasks=[step(6)])])

    error = failure(
        project,
        {"op": "add", "title": "Six", "as": "$six"},
        {"op": "add-subtask", "parent": 5, "title": "x", "dependencies": ["$six"]},
    )

    assert error.code == "ambiguous-dependency"


@pytest.mark.parametrize(
    ("raw", "code", "kind"),
    [
        ({"op": "note", "id": "$x", "text": "t"}, "unknown-name", NotFound),
        ({"op": "note", "id": "9", "text": "t"}, "not-found", NotFound),
        ({"op": "edit", "id": "1", "ifRevision": "000000000000", "title": "x"},
         "stale-revision", Conflict),
        ({"op": "edit", "id": "1"}, "nothing-to-change", Invalid),
        ({"op": "add", "title": " "}, "invalid", Invalid),
        ({"op": "add", "title": "New", "repeat": "hourly"}, "bad-repeat", Invalid),
        ({"op": "add-subtask", "parent": "1.1", "title": "x"}, "not-a-task", Invalid),
        ({"op": "add-dependency", "id": "1", "dependsOn": "1"}, "self-dependency", Invalid),
        ({"op": "add-dependency", "id": "1.1", "dependsOn": "1"}, "parent-dependency", Invalid),
        ({"op": "add-dependency", "id": "1", "dependsOn": "1.1"}, "subtask-dependency", Invalid),
        ({"op": "remove-dependency", "id": "1", "dependsOn": "2"}, "dependency-not-found",
         NotFound),
        ({"op": "defer", "id": "1", "until": "2020-01-01"}, "past-date", Invalid),
        ({"op": "defer", "id": "3", "until": "2w"}, "complete", Invalid),
        ({"op": "comment", "id": "1", "text": " "}, "empty-comment", Invalid),
        ({"op": "link", "id": "1", "kind": "url", "target": "javascript:x"}, "bad-link", Invalid),
    ],
)  # fmt: skip
def test_one_failure_leaves_everything_as_it_was_and_is_named(
    project: Project, raw: Op, code: str, kind: type[TampError]
) -> None:
    project.write(master=[task(1, subtasks=[step(1)]), task(2), task(3, status="done")])

    error = failure(project, {"op": "add", "title": "First"}, raw, {"op": "remove", "id": "2"})

    assert isinstance(error, kind)
    assert error.code == code
    assert error.message.startswith(f"operation 1 ({raw['op']}): ")
    assert error.message.count("nothing was changed") == 1
    details: Any = error.details
    assert (details["index"], details["op"]) == (1, raw["op"])
    assert [one["ok"] for one in details["results"]] == [True, False]
    assert details["results"][1]["error"]["code"] == code


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("text", ""),
        (None, ""),
        ([], ""),
        ({}, "op"),
        ({"op": "eddit"}, "op"),
        ({"op": ["add"]}, "op"),
        ({"op": "add"}, "title"),
        ({"op": "add", "title": "x", "titel": "y"}, "titel"),
        ({"op": "add", "title": 5}, "title"),
        ({"op": "add", "title": "x", "as": "x"}, "as"),
        ({"op": "add", "title": "x", "priority": "soon"}, "priority"),
        ({"op": "add", "title": "x", "status": "dune"}, "status"),
        ({"op": "add", "title": "x", "dueDate": "2026-02-30"}, "dueDate"),
        ({"op": "add", "title": "x", "effort": True}, "effort"),
        ({"op": "add", "title": "x", "effort": -1}, "effort"),
        ({"op": "add", "title": "x", "labels": "ui"}, "labels"),
        ({"op": "add", "title": "x", "dueDate": None}, "dueDate"),
        ({"op": "add", "title": "x", "set": {"id": 7}}, "set"),
        ({"op": "add", "title": "x", "dependencies": [None]}, "dependencies"),
        ({"op": "add-subtask", "parent": 1, "title": "x", "repeat": "daily"}, "repeat"),
        ({"op": "edit", "id": True, "title": "x"}, "id"),
        ({"op": "edit", "id": 1, "unset": ["subtasks"]}, "unset"),
        ({"op": "edit", "id": 1, "unset": ["title"]}, "unset"),
        ({"op": "edit", "id": 1, "title": None}, "title"),
        ({"op": "edit", "id": 1, "replace": {"old": "x"}}, "replace"),
        ({"op": "status", "id": 1, "status": "done", "withSubtasks": "yes"}, "withSubtasks"),
        ({"op": "link", "id": 1, "kind": "letter", "target": "x"}, "kind"),
    ],
)
def test_an_operation_of_a_wrong_form_is_refused_by_index_and_key(
    project: Project, raw: object, key: str
) -> None:
    project.write(master=[task(1)])

    error = failure(project, {"op": "add", "title": "First"}, raw)

    assert isinstance(error, Invalid)
    assert error.code == "bad-operation"
    details: Any = error.details
    assert (details["index"], details["key"]) == (1, key)
    assert error.hint


def test_all_faults_of_form_are_told_at_once(project: Project) -> None:
    project.write(master=[task(1)])

    error = failure(project, {"op": "add"}, {"op": "note", "id": 1}, {"op": "x"})

    details: Any = error.details
    assert [(one["index"], one["key"]) for one in details["faults"]] == [
        (0, "title"), (1, "text"), (2, "op"),
    ]  # fmt: skip


def test_a_batch_without_operations_is_no_batch(project: Project) -> None:
    ws = project.write(master=[task(1)])

    with pytest.raises(Usage, match="holds no operation"):
        batch.apply(ws, [])


def test_a_circle_is_blamed_on_the_operation_that_closes_it(project: Project) -> None:
    project.write(master=[task(number) for number in range(1, 8)])
    edges = [(1, 2), (3, 4), (2, 3), (4, 1), (5, 6)]

    error = failure(project, *({"op": "add-dependency", "id": a, "dependsOn": b} for a, b in edges))

    assert error.code == "circular-dependency"
    assert error.message.startswith("operation 3 (add-dependency): ")


def test_a_circle_that_was_there_before_is_blamed_on_nobody(project: Project) -> None:
    ws = project.write(master=[task(1, dependencies=[2]), task(2, dependencies=[1]), task(3)])

    batch.apply(ws, [{"op": "add-dependency", "id": 3, "dependsOn": 1}])

    assert project.read()["3"]["dependencies"] == [1]


def test_who_waits_for_whom_is_judged_when_all_is_done(project: Project) -> None:
    ws = project.write(master=[task(1, dependencies=[2]), task(2)])

    batch.apply(
        ws,
        [
            {"op": "add-dependency", "id": 2, "dependsOn": 1},
            {"op": "remove-dependency", "id": 1, "dependsOn": 2},
        ],
    )

    assert project.read()["2"]["dependencies"] == [1]
    assert project.read()["1"]["dependencies"] == []


EDGES = st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), min_size=1, max_size=12)


@given(EDGES, EDGES)
def test_a_batch_of_edges_is_refused_exactly_where_they_close_a_circle_one_by_one(
    before: list[tuple[int, int]], edges: list[tuple[int, int]]
) -> None:
    waits = {number: [b for a, b in before if a == number] for number in range(1, 7)}
    tasks = [drawn.task(number, *waits[number]) for number in range(1, 7)]
    raw = [{"op": "add-dependency", "id": a, "dependsOn": b} for a, b in edges]

    first = -1
    one_by_one = drawn.project(*tasks)
    for index, one in enumerate(raw):
        try:
            batch.apply(one_by_one, [one])
        except Invalid:
            first = index
            break
    together = drawn.project(*tasks)
    if first < 0:
        batch.apply(together, raw)
        assert drawn.waits(together) == drawn.waits(one_by_one)
    else:
        with pytest.raises(Invalid) as caught:
            batch.apply(together, raw)
        details: Any = caught.value.details
        # What makes no sense by itself is refused at once, a circle when all is made.
        selfish = (place for place, (a, b) in enumerate(edges) if a == b and b not in waits[a])
        assert details["index"] == next(selfish, first)


def test_a_removed_task_is_forgotten_by_those_who_began_to_wait_for_it_meanwhile(
    project: Project,
) -> None:
    ws = project.write(master=[task(1), task(2, dependencies=[1]), task(3, subtasks=[step(7)])])

    batch.apply(
        ws,
        [
            {"op": "remove", "id": 2},
            {"op": "add", "title": "New", "dependencies": [1]},
            {"op": "add-dependency", "id": "3.7", "dependsOn": "1"},
            {"op": "edit", "id": 3, "dependencies": "1"},
            {"op": "remove", "id": 1},
        ],
    )

    stored = project.read()
    assert [one["dependencies"] for one in stored.values()] == [[], []]
    assert stored["3"]["subtasks"][0]["dependencies"] == []


def test_a_dry_run_shows_the_changes_and_makes_none(
    project: Project, unchanged: Callable[[], None]
) -> None:
    ws = project.write(master=[task(1), task(2, dependencies=[1])])
    unchanged()

    applied = batch.apply(
        ws,
        [{"op": "add", "title": "New", "as": "$n"}, {"op": "remove", "id": 1}],
        dry_run=True,
    )

    assert applied.names == {"$n": "3"}
    assert {(one.kind, one.task) for one in applied.changes} == {
        ("added", "3"), ("removed", "1"), ("changed", "2"),
    }  # fmt: skip


def test_a_dry_run_announces_what_the_batch_then_does(project: Project) -> None:
    raw: list[object] = [
        {"op": "add", "title": "New", "dependencies": [1]},
        {"op": "status", "id": 1, "status": "done"},
        {"op": "note", "id": 2, "text": "x"},
    ]
    ws = project.write(master=[task(1), task(2)])

    announced = batch.apply(ws, raw, dry_run=True)
    done = batch.apply(ws, raw)

    assert announced.results == done.results
    assert {(one.kind, one.task) for one in announced.changes} == {
        (one.kind, one.task) for one in done.changes
    }


def test_a_batch_that_changes_nothing_is_not_written(project: Project) -> None:
    ws = project.write(master=[task(1, status="done")])
    before = project.raw()

    applied = batch.apply(ws, [{"op": "status", "id": 1, "status": "done"}])

    assert applied.changes == ()
    assert project.raw() == before
    assert project.log() == []


def test_ids_go_on_where_other_operations_left_them(project: Project) -> None:
    ws = project.write(master=[task("7")])

    add_task(ws, {"title": "Eight"})
    applied = batch.apply(
        ws,
        [
            {"op": "edit", "id": 7, "repeat": "daily", "status": "done"},
            {"op": "add", "title": "Ten"},
            {"op": "remove", "id": 8},
            {"op": "add", "title": "Eleven"},
        ],
    )

    assert [one.ids for one in applied.results] == [["7"], ["10"], ["8"], ["11"]]
    assert [one["id"] for one in project.stored()["master"]["tasks"]] == ["7", "9", "10", "11"]


@pytest.mark.parametrize(
    "text",
    [
        '[{"op": "x"}, {"op": "y"}]',
        '{"operations": [{"op": "x"}, {"op": "y"}]}',
        '{"op": "x"}\n{"op": "y"}\n',
        '\n{"op": "x"}\n\n  {"op": "y"}',
    ],
)
def test_a_batch_is_a_list_or_lines(text: str) -> None:
    assert operations.of_text(text) == [{"op": "x"}, {"op": "y"}]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('[{"op": "x"},]', "line 1 column 1"),
        ('{"op": "x"}\n{"op": }', "line 2 of the batch"),
        ('{"op": "x"}\n[', "line 2 of the batch"),
        ('[{"op": "x", "effort": NaN}]', "NaN"),
        ("- not json", "line 1 of the batch"),
    ],
)
def test_text_that_is_no_json_is_told_where(text: str, where: str) -> None:
    with pytest.raises(Invalid, match=where) as caught:
        operations.of_text(text)

    assert caught.value.code == "not-json"


def calls(project: Project, count: int, made: Callable[[int], Op]) -> int:
    """How many calls of functions a batch of *count* operations on as many tasks takes."""
    import sys

    ws = project.write(master=[task(number) for number in range(1, count + 2)])
    raw = [made(number) for number in range(1, count + 1)]
    seen = 0

    def count_call(_frame: object, event: str, _argument: object) -> None:
        nonlocal seen
        seen += event == "call"

    before = sys.getprofile()
    sys.setprofile(count_call)
    try:
        batch.apply(ws, raw)
    finally:
        sys.setprofile(before)
    return seen


MADE: dict[str, Callable[[int], Op]] = {
    "add": lambda n: {"op": "add", "title": "x", "as": f"$t{n}",
                      "dependencies": [f"$t{n - 1}" if n > 1 else "1"]},
    "add-subtask": lambda n: {"op": "add-subtask", "parent": n, "title": "x",
                              "dependencies": [n + 1]},
    "edit": lambda n: {"op": "edit", "id": n, "priority": "high", "dependencies": [n + 1]},
    "status": lambda n: {"op": "status", "id": n, "status": "done"},
    "remove": lambda n: {"op": "remove", "id": n},
    "a chain": lambda n: {"op": "add-dependency", "id": n + 1, "dependsOn": n},
    "a chain backwards": lambda n: {"op": "add-dependency", "id": n, "dependsOn": n + 1},
    "comment": lambda n: {"op": "comment", "id": n, "text": "x"},
    "defer": lambda n: {"op": "defer", "id": n, "until": "2w"},
}  # fmt: skip


@pytest.mark.parametrize("kind", MADE)
def test_a_thousand_operations_cost_ten_times_a_hundred(project: Project, kind: str) -> None:
    few = calls(project, 100, MADE[kind])
    many = calls(project, 1000, MADE[kind])

    assert many < 12 * few


def test_the_reference_describes_every_operation_and_key() -> None:
    from pathlib import Path

    page = (Path(__file__).parents[2] / "docs" / "reference" / "batch.md").read_text("utf-8")
    for op, form in operations.OPERATIONS.items():
        section = page.partition(f"### {op}\n")[2].partition("\n### ")[0]
        own = [key for key in form.takes if key not in operations.FIELDS]
        assert [key for key in own if f"`{key}`" not in section] == []
    fields = page.partition("## Fields")[2]
    assert [key for key in operations.FIELDS if f"`{key}`" not in fields] == []


def test_every_example_of_the_reference_is_of_the_right_form() -> None:
    import re
    from pathlib import Path

    page = (Path(__file__).parents[2] / "docs" / "reference" / "batch.md").read_text("utf-8")
    examples = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    shown = [one for one in examples if '"op"' in one and '"ok"' not in one]
    assert len(shown) >= len(operations.OPERATIONS)
    for one in shown:
        assert operations.checked(operations.of_text(one))
    assert json.dumps(shown)
