"""Readers of whatever a project may hold, also what only other programs write."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.makers import Maker

from taskmaster.domain.task import STATUSES, Task
from taskmaster.ports import Movable
from taskmaster.testing.answers import DOCUMENTS, check_answers
from taskmaster.testing.projects import stamp

IDS = st.sampled_from([1, 2, 3, 4, 5, "1", "1.1", "2.1", "x", "", 6.0, None])
DAYS = st.sampled_from(["2026-01-01", "2026-06-14", "2026-06-15", "2026-06-20", "2031-01-01", "?"])
SHARED = {
    "status": st.sampled_from([*STATUSES, "todo", "on fire"]),
    "dependencies": st.lists(st.sampled_from([1, 2, 3, 4, 5, "1.1", "2.1", 2.1, "9"]), max_size=3),
    "title": st.sampled_from(["retry", "the queue", "Caf\u00e9", "retry queue"]),
    "priority": st.sampled_from(["low", "medium", "high", "critical"]),
    "dueDate": DAYS,
    "deferUntil": DAYS,
    "createdAt": DAYS,
}
STEPS = st.lists(
    st.fixed_dictionaries({"id": st.integers(1, 3)}, optional=SHARED) | st.text(max_size=2),
    max_size=3,
)
TASKS = st.fixed_dictionaries({"id": IDS}, optional=SHARED | {"subtasks": STEPS})
ENTRIES = st.lists(TASKS | st.sampled_from(["no task", None, 3]), max_size=9)
UNMISTAKABLE = st.lists(
    st.fixed_dictionaries({"id": st.integers(1, 12)}, optional=SHARED | {"subtasks": STEPS}),
    max_size=9,
    unique_by=lambda task: task["id"],
)
"""Tasks as tamp itself writes them: every id there once."""
PUTS = st.lists(st.tuples(TASKS, st.none() | st.integers(0, 4)), max_size=5)


def filled(store: Movable, entries: list[Any]) -> Movable:
    """The store, holding these from the beginning: many of them no command would ever write."""
    intake = store.intake()
    intake.begin("")
    intake.take_tag("master", {})
    intake.take_entries("master", entries)
    intake.finish()
    return store


@settings(settings.get_profile("store"), max_examples=40)
@given(entries=ENTRIES | UNMISTAKABLE, puts=PUTS, gone=st.lists(IDS, max_size=2))
def test_answers_follow_from_entries_of_any_kind_and_from_changes_to_them(
    maker: Maker,
    entries: list[Any],
    puts: list[tuple[dict[str, Any], int | None]],
    gone: list[Any],
) -> None:
    store = filled(maker.store(), entries)
    with store.reading() as reader:
        assert list(reader.entries("master")) == entries
        check_answers(reader)
    with store.writing(stamp()) as writer:
        for doc, place in puts:
            writer.put("master", Task(doc), place=place)
            check_answers(writer)
        known = [task.id for task in writer.tasks("master")]
        for one in {Task({"id": one}).id for one in gone}.intersection(known):
            writer.remove("master", one)
        check_answers(writer)
    with store.reading() as reader:
        check_answers(reader)


def test_answers_follow_where_every_task_is_there_twice(maker: Maker) -> None:
    doubles = [{**doc, "title": "again", "status": "pending"} for doc in DOCUMENTS]

    with filled(maker.store(), [*DOCUMENTS, *doubles]).reading() as reader:
        check_answers(reader)
    with filled(maker.store(), [*doubles, *DOCUMENTS[::-1]]).reading() as reader:
        check_answers(reader)
