"""Use cases ask readers for what they need, and make do with what those promise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.usecases.conftest import step, task
from tests.usecases.frugal import FrugalStore

from taskmaster.cli import columns
from taskmaster.domain import fields, graph, schedule
from taskmaster.domain.changes import Actor, TagState
from taskmaster.domain.grammar import parse
from taskmaster.domain.task import Task
from taskmaster.doorbells.silent import Silent
from taskmaster.errors import Invalid, NotFound, TampError
from taskmaster.ports import Store
from taskmaster.stores.memory import MemoryStore
from taskmaster.testing.projects import whole
from taskmaster.usecases import (
    batch,
    choosing,
    dependencies,
    history,
    listing,
    remarks,
    searching,
    status,
    subtasks,
    tags,
    tasks,
)
from taskmaster.usecases.listing import Listing, Wanted
from taskmaster.workspace import Workspace

TODAY = "2026-06-15"
IDS = st.sampled_from([1, 2, 3, 4, "x-1", "1.1", "2.1", 5])
NAMES = st.sampled_from(["1", "2", "3", "1.1", "1.2", "2.1", "5", "x-1"])
STATUSES = st.sampled_from(["pending", "in-progress", "done", "cancelled", "review"])
SHARED = {
    "status": STATUSES,
    "dependencies": st.lists(IDS, max_size=3),
    "title": st.sampled_from(["retry", "queue", "retry queue"]),
}
STEPS = st.fixed_dictionaries({"id": st.integers(1, 2)}, optional=SHARED)
DOCUMENTS = st.lists(
    st.fixed_dictionaries(
        {"id": IDS},
        optional=SHARED | {
            "priority": st.sampled_from(["low", "high"]),
            "deferUntil": st.sampled_from(["2026-06-10", "2026-06-20"]),
            "createdAt": st.sampled_from(["2026-01-01", "2026-06-01"]),
            "labels": st.lists(st.sampled_from(["a", "b"]), max_size=2),
            "subtasks": st.lists(STEPS, max_size=3),
            "repeat": st.just("weekly"),
        },
    ),
    max_size=8,
)  # fmt: skip
WANTED = st.builds(
    Wanted,
    statuses=st.frozensets(STATUSES, max_size=2),
    ready=st.booleans(),
    blocking=st.booleans(),
    where=st.none() | st.sampled_from([parse("is:open"), parse("label:a or parent:1")]),
    subtasks=st.booleans(),
    offset=st.integers(0, 4),
    limit=st.integers(0, 4),
)


def workspace(store: Store) -> Workspace:
    ann = Actor("ann", "person", "")
    return Workspace(store, ann, doorbell=Silent(), clock=lambda: f"{TODAY}T10:00:00.000Z")


def both(*tags: list[dict[str, Any]]) -> tuple[Workspace, Workspace]:
    """The same tasks in a store that tells everything, and in one that tells no more than asked."""
    states = {f"t{n}" if n else "master": TagState({}, docs) for n, docs in enumerate(tags)}
    return workspace(MemoryStore(states)), workspace(FrugalStore(MemoryStore(states)))


def shown(one: Listing, wanted: Wanted) -> object:
    """All that can be shown of a listing: every column of every row, marks, counts."""
    rows = [row for task in one.tasks for row in (task, *(task.subtasks * wanted.subtasks))]
    needs = graph.open_needs(one.nodes)
    waiters = graph.dependents(one.nodes)
    return one.tag, one.total, one.matching, one.counts, [
        (
            columns.entry(one, row, list(fields.FIELDS.values()), TODAY),
            needs.get(row.id),
            waiters.get(row.id),
            schedule.ready(one.nodes[row.id], one.nodes, TODAY),
        )
        for row in rows
    ]  # fmt: skip


def outcome(work: Callable[[], object]) -> object:
    try:
        return repr(work())
    except TampError as error:
        return error.message, error.hint, error.details


@given(DOCUMENTS, DOCUMENTS, WANTED)
def test_a_list_shows_the_same_however_little_is_told(
    docs: list[dict[str, Any]], more: list[dict[str, Any]], wanted: Wanted
) -> None:
    lavish, frugal = both(docs, more)

    expected = shown(listing.list_tasks(lavish, wanted), wanted)

    assert shown(listing.list_tasks(frugal, wanted), wanted) == expected
    assert [shown(one, wanted) for one in listing.list_all_tags(frugal, wanted)] == [
        shown(one, wanted) for one in listing.list_all_tags(lavish, wanted)
    ]


@given(DOCUMENTS, st.lists(st.sampled_from(["retry", "queue", "Retry queue", "a"]), min_size=1))
def test_a_search_finds_the_same_however_little_is_told(
    docs: list[dict[str, Any]], words: list[str]
) -> None:
    lavish, frugal = both(docs)

    assert searching.search(frugal, words) == searching.search(lavish, words)


@given(DOCUMENTS, NAMES)
def test_what_is_next_and_why_is_the_same_however_little_is_told(
    docs: list[dict[str, Any]], task_id: str
) -> None:
    lavish, frugal = both(docs)

    assert choosing.next_task(frugal) == choosing.next_task(lavish)
    assert outcome(lambda: choosing.why(frugal, task_id)) == outcome(
        lambda: choosing.why(lavish, task_id)
    )


CHANGES: tuple[Callable[[Workspace, str, str], object], ...] = (
    lambda ws, one, _: status.set_status(ws, one, "done", with_subtasks=True),
    lambda ws, one, other: dependencies.add_dependencies(ws, one, f"{other},3"),
    dependencies.remove_dependencies,
    lambda ws, one, other: tasks.remove(ws, f"{one},{other}"),
    lambda ws, one, other: tasks.add_task(ws, {"title": "new", "dependencies": [one, other]}),
    lambda ws, one, other: tasks.edit(
        ws, one, tasks.Edit({"dependencies": [other], "title": "t"}, "a note", None, (), ())
    ),
    lambda ws, one, other: subtasks.add_subtask(ws, one, {"title": "s", "dependencies": other}),
    lambda ws, one, _: subtasks.remove_subtasks(ws, one),
    lambda ws, one, _: remarks.comment(ws, one, "said"),
    lambda ws, one, other: batch.apply(
        ws,
        [
            {"op": "add", "title": "new", "dependencies": [one]},
            {"op": "add-dependency", "id": other, "dependsOn": one},
            {"op": "remove", "id": "3"},
            {"op": "add-dependency", "id": one, "dependsOn": "2"},
        ],
    ),
)


@pytest.mark.parametrize("change", CHANGES)
@given(docs=DOCUMENTS, one=NAMES, other=NAMES)
def test_a_change_does_the_same_however_little_is_told(
    docs: list[dict[str, Any]],
    change: Callable[[Workspace, str, str], object],
    one: str,
    other: str,
) -> None:
    lavish, frugal = both(docs)

    assert outcome(lambda: change(frugal, one, other)) == outcome(
        lambda: change(lavish, one, other)
    )
    assert whole(frugal.store) == whole(lavish.store)
    assert outcome(lambda: history.undo(frugal)) == outcome(lambda: history.undo(lavish))
    assert whole(frugal.store) == whole(lavish.store)


PLAIN: tuple[Callable[[Workspace], object], ...] = (
    choosing.next_task,
    tags.listed,
    lambda ws: choosing.why(ws, "1"),
    lambda ws: choosing.why(ws, "4"),
    lambda ws: listing.list_tasks(ws, Wanted(ready=True, limit=1)),
    lambda ws: listing.list_all_tags(ws, Wanted(offset=1)),
    lambda ws: searching.search(ws, ["task"], all_tags=True),
    lambda ws: status.set_status(ws, "2.1,5", "done"),
    lambda ws: tasks.add_task(ws, {"title": "new", "dependencies": "1,2.1"}),
    lambda ws: tasks.edit(ws, "4", tasks.Edit({"dependencies": "1"}, "a note", None, (), ())),
    lambda ws: tasks.remove(ws, "1,2.1"),
    lambda ws: subtasks.add_subtask(ws, "1", {"title": "new", "dependencies": "#3"}),
    lambda ws: subtasks.remove_subtasks(ws, "2.2"),
    lambda ws: dependencies.add_dependencies(ws, "4", "1"),
    lambda ws: remarks.comment(ws, "1", "said"),
    history.undo,
    lambda ws: batch.apply(ws, [{"op": "add", "title": "new", "dependencies": ["4"]}]),
)


@pytest.mark.parametrize("work", PLAIN)
def test_what_is_done_to_a_task_or_two_reads_no_more_than_that(
    work: Callable[[Workspace], object],
) -> None:
    store = FrugalStore(MemoryStore())
    ws = workspace(store)
    with ws.writing("import") as writer:
        for doc in (
            task(1), task(2, dependencies=[1], subtasks=[step(1), step(2, dependencies=[1])]),
            task(3, dependencies=["2.2"]), task(4, dependencies=[3]), task(5, repeat="daily"),
        ):  # fmt: skip
            writer.put("master", Task(doc))
    tasks.add_task(ws, {"title": "the last change"})

    work(ws)

    assert store.everything == []


@pytest.mark.parametrize(
    ("first", "last", "everything"), [("41", "50", []), ("1", "100", ["nodes"])]
)
def test_a_circle_is_found_however_long_it_is(first: str, last: str, everything: list[str]) -> None:
    store = FrugalStore(MemoryStore())
    ws = workspace(store)
    with ws.writing("import") as writer:
        for number in range(int(first), int(last) + 1):
            writer.put("master", Task(task(number, dependencies=[number - 1, number + 900])))

    with pytest.raises(Invalid, match=f"{first} → {last} → .* → {first} ") as caught:
        dependencies.add_dependencies(ws, first, last)

    assert caught.value.message.count(" → ") == int(last) - int(first) + 1
    assert store.everything == everything


def test_a_wrong_id_is_compared_with_others_only_where_they_are_few() -> None:
    store = FrugalStore(MemoryStore())
    ws = workspace(store)
    with ws.writing("import") as writer:
        for number in range(100, 10_100):
            writer.put("master", Task(task(number)))

    with pytest.raises(NotFound, match="no task 5000x") as few:
        status.set_status(ws, "5000x", "done")
    tasks.add_task(ws, {"title": "one more"})
    store.everything.clear()
    with pytest.raises(NotFound, match="no task 5000x") as many:
        status.set_status(ws, "5000x", "done")

    assert few.value.hint.startswith("did you mean 5000")
    assert many.value.hint == "`tamp list` shows the ids"
    assert store.everything == []
