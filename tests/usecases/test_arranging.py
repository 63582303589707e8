"""Lists by query, in an order, in groups and pages."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.usecases.conftest import Project, step, task

from taskmaster.domain import graph
from taskmaster.domain.changes import Actor, TagState
from taskmaster.domain.grammar import parse
from taskmaster.domain.task import PRIORITIES, Task
from taskmaster.doorbells.silent import Silent
from taskmaster.errors import Invalid
from taskmaster.stores.memory import MemoryStore
from taskmaster.usecases import arranging, listing
from taskmaster.usecases.listing import Listing, Wanted
from taskmaster.workspace import Workspace

TODAY = "2026-06-15"


def ids(found: Listing) -> list[str]:
    return [one.id for one in found.tasks]


def listed(tasks: list[Task]) -> Listing:
    return Listing("master", tasks, len(tasks), graph.nodes(tasks))


def in_memory(documents: list[dict[str, Any]]) -> Workspace:
    store = MemoryStore({"master": TagState({}, documents)})
    ann = Actor("ann", "person", "")
    return Workspace(store, ann, doorbell=Silent(), clock=lambda: f"{TODAY}T10:00:00.000Z")


@pytest.fixture
def ws(project: Project) -> Workspace:
    return project.write(
        master=[
            task(1, status="done", labels=["b", "a"]),
            task(2, priority="high", dueDate="2026-06-20", dependencies=[1], assignee="ann"),
            task(10, priority="low", dueDate="2026-06-10", labels=["a"], effort=2),
            task(3, dependencies=[2], subtasks=[step(1), step(2, status="done")], points=3),
        ],
        other=[task(1, priority="high")],
    )


def where(ws: Workspace, query: str, **more: Any) -> list[str]:  # noqa: ANN401  # fields of Wanted
    return ids(listing.list_tasks(ws, Wanted(where=parse(query), **more)))


def test_a_query_chooses_tasks(ws: Workspace) -> None:
    assert where(ws, "is:open") == ["2", "10", "3"]
    assert where(ws, "is:open", statuses=frozenset({"done"})) == []
    assert where(ws, "due<2w", priorities=frozenset({"low"})) == ["10"]
    assert where(ws, "id:any", ready=True) == ["2", "10"]
    assert where(ws, "id:any", blocking=True) == ["2"]


def test_a_query_is_asked_of_subtasks_where_they_are_meant(ws: Workspace) -> None:
    assert where(ws, "status:done") == ["1"]
    assert where(ws, "status:done", subtasks=True) == ["1", "3.2"]
    assert where(ws, "parent:3") == ["3.1", "3.2"]


def test_a_query_sees_each_tag_in_its_own_graph(ws: Workspace) -> None:
    found = listing.list_all_tags(ws, Wanted(where=parse("tag:other or blocks:3")))

    assert [ids(one) for one in found] == [["2"], ["1"]]


def test_tasks_that_share_an_id_are_each_asked(project: Project) -> None:
    ws = project.write(master=[task(1, title="a"), task(1, title="b")])

    found = listing.list_tasks(ws, Wanted(where=parse("title=b")))

    assert [one.title for one in found.tasks] == ["b"]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("id", ["1", "2", "3", "10"]),
        ("-id", ["10", "3", "2", "1"]),
        ("priority,id", ["2", "1", "3", "10"]),
        ("-priority,-id", ["10", "3", "1", "2"]),
        ("due", ["10", "2", "1", "3"]),
        ("-due", ["2", "10", "1", "3"]),
        ("status,-id", ["10", "3", "2", "1"]),
        ("estimate,assignee", ["10", "2", "1", "3"]),
        ("label,id", ["10", "1", "2", "3"]),
        ("depends-on", ["2", "3", "1", "10"]),
        ("points", ["3", "1", "2", "10"]),
        ("", ["1", "2", "10", "3"]),
    ],
)
def test_the_order_follows_the_keys_in_turn(ws: Workspace, keys: str, expected: list[str]) -> None:
    found = listing.list_tasks(ws, Wanted())

    assert ids(arranging.ordered(found, arranging.sort_keys(keys), TODAY)) == expected


VALUES = st.one_of(
    st.none(), st.integers(), st.text(max_size=3), st.booleans(), st.floats(allow_nan=False),
    st.lists(st.integers(), max_size=2), st.dictionaries(st.text(max_size=1), st.none()),
)  # fmt: skip


@given(st.lists(VALUES, max_size=8), st.booleans())
def test_whatever_a_key_holds_sorting_keeps_every_task(values: list[Any], backwards: bool) -> None:
    tasks = [Task({"id": place, "x": value}) for place, value in enumerate(values)]

    for name in ("x", "doc.x", "x,id"):
        key = f"-{name}" if backwards else name
        found = arranging.ordered(listed(tasks), arranging.sort_keys(key), TODAY)
        assert sorted(ids(found)) == sorted(ids(listed(tasks)))
        groups = arranging.grouped(found, arranging.group_field("x"), TODAY)
        assert {one.id for group in groups for one in group.tasks} == set(ids(found))


@given(st.lists(st.sampled_from([*PRIORITIES, ""]), max_size=8))
def test_sorting_is_stable_both_ways(priorities: list[str]) -> None:
    tasks = [Task({"id": place, "priority": one}) for place, one in enumerate(priorities)]
    rank = {one.id: PRIORITIES.index(one.priority) for one in tasks}

    urgent_first = arranging.ordered(listed(tasks), arranging.sort_keys("priority"), TODAY)
    urgent_last = arranging.ordered(listed(tasks), arranging.sort_keys("-priority"), TODAY)

    assert ids(urgent_first) == sorted(ids(listed(tasks)), key=lambda one: (-rank[one], int(one)))
    assert ids(urgent_last) == sorted(ids(listed(tasks)), key=lambda one: (rank[one], int(one)))


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("status", [("pending", ["2", "10", "3"]), ("done", ["1"])]),
        ("priority", [("high", ["2"]), ("medium", ["1", "3"]), ("low", ["10"])]),
        ("label", [("a", ["1", "10"]), ("b", ["1"]), ("", ["2", "3"])]),
        ("assignee", [("ann", ["2"]), ("", ["1", "10", "3"])]),
        ("parent", [("", ["1", "2", "10", "3"])]),
        ("points", [("3", ["3"]), ("", ["1", "2", "10"])]),
    ],
)
def test_groups_follow_the_order_of_their_field(
    ws: Workspace, field: str, expected: list[tuple[str, list[str]]]
) -> None:
    found = listing.list_tasks(ws, Wanted())
    groups = arranging.grouped(found, arranging.group_field(field), TODAY)

    assert [(one.name, [task.id for task in one.tasks]) for one in groups] == expected


@pytest.mark.parametrize(
    ("words", "near"),
    [("prioritty", "priority"), ("id,stauts", "status"), ("text", ""), ("is", ""), ("-du", "due")],
)
def test_a_field_that_is_none_is_refused_with_the_nearest(words: str, near: str) -> None:
    with pytest.raises(Invalid) as caught:
        arranging.sort_keys(words)

    assert caught.value.code == "unknown-field"
    assert "priority" in caught.value.hint
    assert f"did you mean {near}?" in caught.value.hint or not near


def test_only_some_fields_make_groups() -> None:
    with pytest.raises(Invalid, match="cannot be grouped by title"):
        arranging.group_field("title")


@given(st.lists(st.integers(0, 5), max_size=4), st.integers(0, 12), st.integers(0, 12))
def test_a_page_is_a_slice_through_all_tags(sizes: list[int], offset: int, limit: int) -> None:
    found = [
        listed([Task({"id": 100 * number + place}) for place in range(size)])
        for number, size in enumerate(sizes)
    ]
    every = [one for each in found for one in ids(each)]

    shown = [one for each in arranging.page(found, offset, limit) for one in ids(each)]

    assert shown == every[offset : offset + limit if limit else None]


def calls(ws: Workspace, query: str) -> int:
    """How many calls of Python functions a list by this query takes."""
    count = 0

    def seen(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    wanted = Wanted(where=parse(query), subtasks=True)
    sys.setprofile(seen)
    try:
        listing.list_tasks(ws, wanted)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    "query",
    ["status:pending priority>=high -label:ui due<2w", "word or other", "is:ready", "is:blocked",
     "blocked-by:3-9000", "blocks:5 has:subtasks", "category:x metadata.ticket>3", "is:overdue",
     "updated>3d created<1w", " or ".join(f"id:{number}" for number in range(30))],
)  # fmt: skip
def test_twice_the_tasks_take_twice_the_work(query: str) -> None:
    def many(count: int) -> Workspace:
        return in_memory(
            [
                task(number, dependencies=[number - 1], dueDate=TODAY, subtasks=[step(1), step(2)])
                for number in range(1, count + 1)
            ]
        )

    assert calls(many(800), query) < 2.1 * calls(many(400), query)
