"""Dependencies: adding, removing, finding what is wrong with them, mending it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.usecases.drawn import log, project, raw, step, stored, task, waits

from taskmaster.domain import graph
from taskmaster.errors import Invalid, NotFound
from taskmaster.usecases import dependencies
from taskmaster.usecases.history import undo


def test_tasks_wait_for_everything_named_on_the_other_side() -> None:
    ws = project(task(1), task(2, subtasks=[step(1), step(2)]), task(3), task(4, 1))

    added = dependencies.add_dependencies(ws, "3-4", "1,2.1")

    assert added.edges == (("3", "1"), ("3", "2.1"), ("4", "2.1"))
    assert added.known == (("4", "1"),)
    assert waits(ws) == {"3": ["1", "2.1"], "4": ["1", "2.1"]}
    assert raw(ws, "3") == [1, "2.1"]
    assert [entry.stamp.operation for entry in log(ws)] == ["add-dependency"]


def test_what_is_there_already_is_no_change() -> None:
    ws = project(task(1), task(2, "1"))

    added = dependencies.add_dependencies(ws, "2", "1")

    assert added == ((), (("2", "1"),))
    assert not log(ws)


@pytest.mark.parametrize(
    ("written", "added", "expected"),
    [
        ([], "1", [1]),
        ([2], "1", [2, 1]),
        (["2"], "1", ["2", "1"]),
        (["4.1"], "1", ["4.1", 1]),
        ([2], "4.1", [2, "4.1"]),
    ],
)
def test_a_new_entry_is_written_as_the_others_are(
    written: list[object], added: str, expected: list[object]
) -> None:
    ws = project(task(1), task(2), task(3, *written), task(4, subtasks=[step(1)]))

    dependencies.add_dependencies(ws, "3", added)

    assert raw(ws, "3") == expected


def test_a_subtask_waits_for_siblings_by_number_and_for_others_by_full_id() -> None:
    ws = project(task(4, subtasks=[step(1)]), task(5, subtasks=[step(1), step(2)]))

    dependencies.add_dependencies(ws, "5.2", "5.1,4.1,4")

    assert raw(ws, "5.2") == [1, "4.1", "4"]
    assert waits(ws) == {"5.2": ["5.1", "4.1", "4"]}


@pytest.mark.parametrize(
    ("waiting", "awaited", "code", "message"),
    [
        ("9", "1", "not-found", "there is no task 9"),
        ("1", "9,8", "not-found", "9, 8 in tag master"),
        ("1", "1", "self-dependency", "cannot depend on itself"),
        ("2.1", "2", "parent-dependency", "cannot wait for its own task 2"),
        ("2", "2.1", "subtask-dependency", "cannot wait for its own subtask 2.1"),
        ("1", "4", "circular-dependency", "1 → 4 → 3 → 1"),
        ("1,3", "1,3", "self-dependency", "(and 2 more)"),
        ("2.2", "1", "ambiguous-dependency", "sibling numbered 1"),
    ],
)
def test_an_edge_that_cannot_be_changes_nothing(
    waiting: str, awaited: str, code: str, message: str
) -> None:
    ws = project(task(1), task(2, subtasks=[step(1), step(2)]), task(3, 1), task(4, 3))

    with pytest.raises((Invalid, NotFound)) as refused:
        dependencies.add_dependencies(ws, waiting, awaited)

    assert refused.value.code == code
    assert message in refused.value.message
    assert refused.value.hint
    assert not log(ws)


def test_edges_of_one_command_close_no_circle_among_themselves() -> None:
    ws = project(task(1), task(2), task(3))

    with pytest.raises(Invalid) as refused:
        dependencies.add_dependencies(ws, "1,2", "2,1")

    details = refused.value.details
    assert isinstance(details, list)
    assert {(one["taskId"], one["dependency"]): one["code"] for one in details} == {
        ("2", "1"): "circular-dependency",
        ("1", "1"): "self-dependency",
        ("2", "2"): "self-dependency",
    }


def test_removing_takes_out_every_entry_that_means_the_same() -> None:
    ws = project(task(1), task(2, 1, "1", 99, None), task(3, subtasks=[step(1), step(2, 1, "3.1")]))

    assert dependencies.remove_dependencies(ws, "2", "1") == [("2", "1")]
    assert dependencies.remove_dependencies(ws, "3.2", "1") == [("3.2", "3.1")]

    assert raw(ws, "2") == [99, None]
    assert raw(ws, "3.2") == []
    assert len(log(ws)) == 2


def test_a_dangling_entry_can_be_removed() -> None:
    ws = project(task(2, 98, 99, 1))

    dependencies.remove_dependencies(ws, "2", "98-99")

    assert raw(ws, "2") == [1]


def test_what_is_not_there_cannot_be_removed() -> None:
    ws = project(task(1), task(2, 1), task(3))

    with pytest.raises(NotFound, match="3 does not wait for 1") as refused:
        dependencies.remove_dependencies(ws, "2,3", "1")

    assert refused.value.code == "dependency-not-found"
    assert refused.value.details == [{"taskId": "3", "dependency": "1"}]
    assert not log(ws)


BROKEN = (
    task(1, 2),
    task(2, 1, 1, "77", None),
    task(3, 3, "x.y", subtasks=[step(1, 2), step(2, 1, 3, 9, "3.2")]),
    task(4, "4.1", subtasks=[step(1, "4"), step(2, {"id": 1})]),
    task(5) | {"dependencies": "1, 2"},
    task(6) | {"dependencies": None},
    {"id": 7, "title": "Old", "dependsOn": [88, 6]},
)


def test_every_problem_is_found_with_siblings_understood() -> None:
    ws = project(*BROKEN)

    found = dependencies.validate(ws)

    assert [(one.kind, one.task, one.dependency) for one in found.problems] == [
        ("duplicate", "2", "1"),
        ("missing", "2", "77"),
        ("unreadable", "2", "None"),
        ("self", "3", "3"),
        ("missing", "3", "x.y"),
        ("circular", "3.2", "3"),
        ("missing", "3.2", "9"),
        ("self", "3.2", "3.2"),
        ("circular", "4", "4.1"),
        ("circular", "4.1", "4"),
        ("unreadable", "4.2", "{'id': 1}"),
        ("unreadable", "5", "1, 2"),
        ("missing", "7", "88"),
        ("circular", "1", "2"),
        ("circular", "3.1", "3.2"),
    ]
    assert (found.tasks, found.subtasks) == (7, 4)
    assert "1 → 2 → 1" in found.problems[-2].message
    assert not log(ws)


def test_sound_dependencies_have_no_problem() -> None:
    steps = [step(1), step(2, 1), step(3, "5.2", "4", "4.1")]
    ws = project(task(4, subtasks=[step(1)]), task(5, 4.0, "4.1", subtasks=steps))

    assert dependencies.validate(ws).problems == ()


def test_every_tag_is_looked_at_when_asked_to() -> None:
    ws = project(task(1), beta=[task(1, 9)])

    assert not dependencies.validate(ws).problems
    [problem] = dependencies.validate(ws, all_tags=True).problems
    assert (problem.tag, problem.kind, problem.task) == ("beta", "missing", "1")


def test_mending_is_one_transaction_that_leaves_nothing_wrong_but_the_unreadable_list() -> None:
    ws = project(*BROKEN)
    planned = dependencies.fix(ws, dry_run=True)
    assert not log(ws)

    mended = dependencies.fix(ws)

    assert mended == planned
    assert [(one.kind, one.task) for one in mended.remaining] == [("unreadable", "5")]
    assert dependencies.validate(ws).problems == mended.remaining
    assert waits(ws) == {"2": ["1"], "3.2": ["3.1"], "7": ["6"]}
    assert [entry.stamp.operation for entry in log(ws)] == ["fix-dependencies"]


def test_mending_leaves_other_entries_as_they_are_written() -> None:
    ws = project(task(1), task(2), task(3, "1", 2, "1", 99, 1))

    dependencies.fix(ws)

    assert raw(ws, "3") == ["1", 2]
    undo(ws)
    assert raw(ws, "3") == ["1", 2, "1", 99, 1]


def test_mending_what_is_sound_changes_nothing() -> None:
    ws = project(task(1), task(2, 1))

    assert dependencies.fix(ws) == ((), ())
    assert not log(ws)


@pytest.mark.parametrize(
    ("tasks", "broken"),
    [
        ([task(1, 2), task(2, 1)], ("1", "2")),
        ([task(1, 3), task(2, 1), task(3, 2)], ("1", "3")),
        ([task(2, 1), task(1, 2)], ("2", "1")),
        ([task(1, 2), task(2, 1, status="done")], ("1", "2")),
        ([task(1, 2), task(2, 3), task(3, 1, status="done")], ("2", "3")),
    ],
)
def test_a_circle_breaks_where_least_is_lost(
    tasks: list[dict[str, object]], broken: tuple[str, str]
) -> None:
    ws = project(*tasks)

    [problem] = dependencies.fix(ws).fixed

    assert (problem.task, problem.dependency) == broken


def test_every_tag_is_mended_when_asked_to() -> None:
    ws = project(task(1, 1), beta=[task(1, 9)])

    mended = dependencies.fix(ws, all_tags=True)

    assert [(one.tag, one.kind) for one in mended.fixed] == [
        ("master", "self"),
        ("beta", "missing"),
    ]
    assert len(log(ws)) == 1


entries = st.one_of(
    st.integers(0, 6),
    st.integers(0, 6).map(str),
    st.tuples(st.integers(1, 5), st.integers(1, 3)).map(lambda pair: f"{pair[0]}.{pair[1]}"),
    st.none(),
)
lists = st.lists(entries, max_size=6)
projects = st.lists(st.tuples(lists, st.lists(lists, max_size=3)), max_size=5)


@given(projects)
def test_mending_leaves_nothing_wrong_and_takes_out_only_what_was(
    drawn: list[tuple[list[object], list[list[object]]]],
) -> None:
    tasks = [
        task(number, *own, subtasks=[step(place, *found) for place, found in enumerate(steps, 1)])
        for number, (own, steps) in enumerate(drawn, 1)
    ]
    ws = project(*tasks)
    before = stored(ws)

    mended = dependencies.fix(ws)

    assert not dependencies.validate(ws).problems
    with ws.reading() as reader:
        nodes = reader.nodes("master")
    assert not graph.cycles(nodes)
    assert all(one in nodes for node in nodes.values() for one in node.dependencies)
    gone = {(one.task, one.dependency) for one in mended.fixed}
    for name, old in before.items():
        for one in old.dependencies:
            assert one in nodes[name].dependencies or (name, one) in gone
