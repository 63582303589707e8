"""Whatever bytes a task file holds: a layout that reads back, or CorruptStore; nothing else."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskmaster.domain.changes import same
from taskmaster.domain.graph import cycles, nodes
from taskmaster.domain.task import Task
from taskmaster.errors import CorruptStore, Invalid
from taskmaster.stores.file.layout import Layout, parsed
from taskmaster.wire import task_to_json

Json = Any

SECONDS = float(os.environ.get("TAMP_FUZZ_SECONDS", "150"))
"""How long each of the long tests goes on."""

ODD = st.sampled_from([
    "tasks", "tags", "master", "metadata", "meta", "data", "tag", "id", "title", "status",
    "subtasks", "dependencies", "priority", "", "1.2", "done", "taskCount", "updated",
])  # fmt: skip
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | ODD
    | st.text(st.characters(exclude_categories=()), max_size=5)
)
VALUES = st.recursive(
    SCALARS,
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(ODD, inside, max_size=6),
    max_leaves=30,
)
TASKS = st.dictionaries(ODD, VALUES, max_size=6) | st.builds(
    lambda number, rest: {"id": number, "title": "t", **rest},
    st.integers(0, 5) | st.sampled_from(["1", "2.1", 1.0, "x", None, True]),
    st.dictionaries(ODD, VALUES, max_size=4),
)
FILES = st.one_of(
    VALUES,
    st.builds(lambda tasks: {"tasks": tasks}, st.lists(TASKS | SCALARS, max_size=5)),
    st.builds(
        lambda tag, tasks, rest: {tag: {"tasks": tasks, **rest}},
        ODD,
        st.lists(TASKS, max_size=5),
        st.dictionaries(ODD, VALUES, max_size=3),
    ),
    st.builds(lambda tag, tasks: {tag: tasks}, ODD, st.lists(TASKS, max_size=5)),
    st.lists(TASKS, max_size=4),
)
TEXTS = st.builds(
    lambda value, indent, ascii_only: json.dumps(value, indent=indent, ensure_ascii=ascii_only),
    FILES,
    st.sampled_from([None, 1, 2, "\t"]),
    st.just(True),  # Half a surrogate pair has no other form.
)
SCRAPS = st.sampled_from([
    b"", b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"\\ud83d", b"\n",
    b"\r\n", b"\xef\xbb\xbf",
    b"<<<<<<< HEAD\n", b"=======\n", b"\x00", b"\xff", b"1e999", b"NaN", b"-", b"null", b'"tasks":',
    b'"id":', b"[[", b"[" * 2000, b'{"":' * 2000, b"9" * 5000,
])  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A task file into which something was cut, pasted, copied or flipped."""
    data = draw(TEXTS).encode()
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 12)))
        piece = draw(SCRAPS | st.binary(max_size=3) | st.just(data[start:end] * 2))
        data = data[:start] + piece + data[end:]
    return data


ANYTHING = mutated() | st.binary(max_size=60) | TEXTS.map(str.encode)


def check(data: bytes) -> None:
    began = time.monotonic()
    refused: CorruptStore | None = None
    try:
        layout = parsed("/nowhere/tasks.json", data)
        look_at(layout)
        edit(layout)
    except CorruptStore as error:
        refused = error
    if refused is not None:
        assert refused.hint
        assert refused.code
        assert "/nowhere/tasks.json" in refused.message
    assert time.monotonic() - began < 20


def look_at(layout: Layout) -> None:
    """Everything a reader may ask of tasks, however odd, has an answer."""
    for state in layout.states.values():
        tasks = [Task(entry) for entry in state.entries if isinstance(entry, dict)]
        for task in tasks:
            json.dumps(task_to_json(task))
            assert isinstance(task.due + task.created + task.assignee, str)
            assert isinstance(task.labels + task.acceptance, tuple)
            assert task.estimate is None or task.estimate is not True
        cycles(nodes(tasks))


def edit(layout: Layout) -> None:
    """Nothing changed gives the same text, a task more gives a text with one task more."""
    assert layout.with_states(layout.states) == layout.text
    for tag, state in layout.states.items():
        longer = state._replace(entries=[*state.entries, {"id": 99, "title": "\ud83d\u2028"}])
        try:
            text = layout.with_states({**layout.states, tag: longer})
        except Invalid:
            continue  # A shape that has no room for it.
        text.encode()
        found = Layout(text).states
        assert list(found) == list(layout.states)
        assert same(list(found[tag].entries), longer.entries)
        assert same(dict(found[tag].metadata), dict(state.metadata))


@given(ANYTHING)
@settings(max_examples=500, deadline=None)
def test_any_bytes_are_a_layout_or_a_corrupt_store(data: bytes) -> None:
    check(data)


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_any_bytes_are_a_layout_or_a_corrupt_store_for_long() -> None:
    until(SECONDS, ANYTHING, check)


@given(VALUES, VALUES)
@settings(max_examples=200, deadline=None)
def test_sameness_is_that_of_the_texts(one: Json, other: Json) -> None:
    def text(value: Json) -> str:
        return json.dumps(value, sort_keys=True).replace("-0.0", "0.0")

    assert same(one, json.loads(json.dumps(one)))
    assert same(one, other) == (text(one) == text(other))


def until(seconds: float, strategy: st.SearchStrategy[Json], work: Callable[[Json], None]) -> None:
    """Run *work* on ever new examples for that long."""
    end = time.monotonic() + seconds
    count = 0

    @given(strategy)
    @settings(max_examples=2000, deadline=None, database=None)
    def some(case: Json) -> None:
        nonlocal count
        count += 1
        if time.monotonic() < end:
            work(case)

    while time.monotonic() < end:
        some()
    assert count > 100
