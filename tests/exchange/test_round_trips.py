"""What leaves a project in a format comes back as it was, as far as the format can hold it.

JSON and JSON Lines hold every document as it is. CSV, Markdown and iCalendar hold the fields that
``fields.shown`` names: the title on one line, labels without commas and semicolons, criteria of
one line each, texts that say something, of Markdown and iCalendar without carriage returns, of
iCalendar without control characters and with times to the second.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.exchange.arriving import given_out, parcel_of, sizes, taken_in, tasks_of
from tests.usecases.drawn import log, project

from taskmaster.domain.changes import TagState
from taskmaster.domain.task import PRIORITIES, STATUSES, Task
from taskmaster.exchange import fields
from taskmaster.workspace import Workspace

Json = dict[str, Any]

EVERY = ["json", "jsonl", "csv", "markdown", "ical"]
WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)
ODD_WORDS = st.sampled_from(
    ["=1+1", "@x", "-2", "+3", "'=a", "'", "\t=", "## 4. Not a task", "\\## 4. x", "### Details",
     "# Tag: other", "- [ ] status: done", "- [x] 1.1 no", "```", "END:VTODO", "a\\nb", "a;b,c\\",
     "---", "\uff1dx", "<b>&", "ü" * 70, "漢字" * 30, '"', "x" * 200, " - a", "   "]
)  # fmt: skip
LINES = WORDS | ODD_WORDS
TITLES = LINES.map(lambda text: " ".join(text.split()) or "Something")
TEXTS = st.lists(LINES, max_size=4).map("\n".join)
NAMES = st.text("abcdefghij-_äö", min_size=1, max_size=8)
DATES = st.dates(dt.date(1000, 1, 1)).map(str)
TIMES = st.datetimes(dt.datetime(1000, 1, 1)).map(lambda one: f"{one:%Y-%m-%dT%H:%M:%SZ}")  # noqa: DTZ001


def documents(number: int, before: list[Any], **more: Any) -> st.SearchStrategy[Json]:  # noqa: ANN401
    """A task or subtask with everything that the text formats hold."""
    waits = st.lists(st.sampled_from(before), unique=True, max_size=2) if before else st.just([])
    return st.fixed_dictionaries(
        {
            "id": st.just(number),
            "title": TITLES,
            "description": TEXTS,
            "details": TEXTS,
            "status": st.sampled_from(STATUSES),
            "dependencies": waits,
            **more,
        },
        optional={
            "priority": st.sampled_from(PRIORITIES),
            "labels": st.lists(NAMES, min_size=1, max_size=3, unique=True),
            "assignee": NAMES,
            "dueDate": DATES,
            "effort": st.integers(1, 90) | st.sampled_from([0.25, 2.5, 3.0, 40.75]),
            "acceptanceCriteria": st.lists(TITLES, min_size=1, max_size=3),
            "createdAt": TIMES,
            "updatedAt": TIMES,
            "testStrategy": TEXTS,
        },
    )


@st.composite
def task_lists(draw: st.DrawFn) -> list[Json]:
    numbers = draw(st.lists(st.integers(1, 40), unique=True, max_size=3))
    tasks: list[Json] = []
    for number in numbers:
        earlier = [task["id"] for task in tasks]
        steps = [
            draw(documents(place, list(range(1, place))))
            for place in range(1, draw(st.integers(0, 2)) + 1)
        ]
        tasks.append(draw(documents(number, earlier, subtasks=st.just(steps))))
    return tasks


LISTS = st.dictionaries(
    st.sampled_from(["master", "v2", "feature-x"]), task_lists(), min_size=1, max_size=2
).map(lambda tags: {"master": [], **tags})


def project_of(tags: dict[str, list[Json]]) -> Workspace:
    others: dict[str, Any] = {tag: list(found) for tag, found in tags.items() if tag != "master"}
    return project(*tags["master"], **others)


def held(task: Task, form: str) -> dict[str, str]:
    """A task as the text formats hold it."""
    row = fields.shown(task)
    for key in ("description", "details", "test_strategy"):
        text = row[key].strip("\n") if form == "markdown" else row[key]
        row[key] = text if text.strip() or form != "csv" else ""
    if task.parent is None:
        row["description"] = row["description"] or row["title"]
    return row


@pytest.mark.parametrize("form", EVERY)
@given(tags=LISTS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_exported_is_imported_as_it_was(form: str, tags: dict[str, list[Json]]) -> None:
    here, there = project_of(tags), project()

    taken_in(there, parcel_of(given_out(here, form), form))

    for tag, found in tags.items():
        if not found and form in ("csv", "ical"):
            continue
        before, after = tasks_of(here, tag), tasks_of(there, tag)
        assert list(after) == list(before)
        for name, task in before.items():
            assert held(after[name], form) == held(task, form)


@pytest.mark.parametrize("form", EVERY)
@given(tags=LISTS)
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
def test_importing_twice_changes_nothing(form: str, tags: dict[str, list[Json]]) -> None:
    there = project()
    parcel = parcel_of(given_out(project_of(tags), form), form)
    taken_in(there, parcel)
    before = len(log(there))

    outcome = taken_in(there, parcel, update=True)

    assert sizes(outcome)[:2] == (0, 0)
    assert len(log(there)) == before


@pytest.mark.parametrize("form", EVERY)
@given(tags=LISTS)
@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
def test_a_project_that_gets_its_own_export_stays_as_it_is(
    form: str, tags: dict[str, list[Json]]
) -> None:
    here = project_of(tags)

    taken_in(here, parcel_of(given_out(here, form), form), update=True)

    assert log(here) == []


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
ODD_TASKS = st.fixed_dictionaries(
    {"title": st.text(max_size=9)},
    optional={
        "status": st.sampled_from(["todo", "Completed", "done", ""]),
        "priority": st.none() | st.sampled_from(["P1", "high"]),
        "labels": VALUES,
        "metadata": VALUES,
        "anything": VALUES,
        "subtasks": st.lists(
            st.fixed_dictionaries({"id": st.integers(1, 9), "title": st.text(max_size=5)}),
            unique_by=lambda one: one["id"],
            max_size=2,
        ),
    },
)


@pytest.mark.parametrize("form", ["json", "jsonl"])
@given(
    drawn=st.lists(ODD_TASKS, max_size=4),
    text=st.booleans(),
    metadata=st.dictionaries(st.sampled_from(["created", "x", "description"]), VALUES),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_json_keeps_every_key_of_tasks_and_tags(
    form: str,
    drawn: list[Json],
    text: bool,
    metadata: Json,
) -> None:
    tasks = [
        {"id": str(number) if text else number, **task} for number, task in enumerate(drawn, 1)
    ]
    here = project(v2=tasks)
    here.store._states["v2"] = TagState(metadata, tasks)  # type: ignore[attr-defined]
    there = project()

    taken_in(there, parcel_of(given_out(here, form), form))

    with there.reading() as reader:
        assert [task.doc for task in reader.tasks("v2")] == tasks
        assert reader.metadata("v2") == metadata
