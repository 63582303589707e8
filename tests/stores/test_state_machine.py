"""The same random operations on an engine and on the memory engine, which must not differ."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from tests.makers import Maker

from taskmaster import wire
from taskmaster.domain.changes import same
from taskmaster.domain.task import Task
from taskmaster.errors import TampError
from taskmaster.ports import Store, Writer
from taskmaster.stores.file.store import FileStore
from taskmaster.stores.memory import MemoryStore
from taskmaster.testing.answers import check_answers
from taskmaster.testing.projects import alike, check_log, log_of, stamp, whole

TEXTS = st.text(st.characters(exclude_categories=()), max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(TEXTS, inside, max_size=3),
    max_leaves=6,
)
TAGS = st.sampled_from(["master", "a", "b", "\u00e9 \U0001f600"])
IDS = st.sampled_from([1, 2, 3, "3", 4, "x-1", "07", -1, 2.0])
SHARED = {
    "title": TEXTS,
    "status": st.sampled_from(["pending", "in-progress", "done", "cancelled", "on fire"]),
    "dependencies": st.lists(IDS | st.sampled_from(["1.1", "2.2", 99]), max_size=3),
    "priority": st.sampled_from(["low", "high", "P0", None]),
    "dueDate": st.sampled_from(["2026-06-01", "2026-06-18", "2027-01-01", "soon"]),
    "deferUntil": st.sampled_from(["2026-06-15", "2026-06-16", "2026-08-01", "later"]),
    "createdAt": st.sampled_from(["2026-01-01", "2026-06-01T10:00:00Z", "2030-01-01", "", 7]),
}
STEPS = st.lists(st.fixed_dictionaries({"id": st.integers(1, 4)}, optional=SHARED), max_size=4)
FIELDS = st.fixed_dictionaries({}, optional=SHARED | {"subtasks": STEPS, "x": VALUES})
OPERATIONS = st.one_of(
    st.tuples(st.just("put"), TAGS, IDS, FIELDS, st.none() | st.integers(0, 5)),
    st.tuples(st.just("put"), TAGS, IDS, FIELDS, st.none()),
    st.tuples(st.just("merge"), TAGS, IDS, FIELDS),
    st.tuples(st.just("remove"), TAGS, IDS),
    st.tuples(st.just("reorder"), TAGS, st.randoms(use_true_random=False)),
    st.tuples(st.just("add_tag"), TAGS, st.dictionaries(TEXTS, VALUES, max_size=2)),
    st.tuples(st.just("remove_tag"), TAGS),
    st.tuples(st.just("rename_tag"), TAGS, TAGS),
    st.tuples(st.just("describe_tag"), TAGS, st.dictionaries(TEXTS, VALUES, max_size=2)),
)


def perform(writer: Writer, operation: tuple[Any, ...]) -> str:
    """Do it and tell what came of it."""
    name, tag, *rest = operation
    try:
        if name == "put":
            writer.put(tag, Task({"id": rest[0], **rest[1]}), place=rest[2])
        elif name == "merge":
            known = writer.get(tag, Task({"id": rest[0]}).id)
            writer.put(tag, known.with_fields(rest[1]))
        elif name == "remove":
            # A changed task keeps the order of its keys where there is a text to keep it in.
            return json.dumps(writer.remove(tag, Task({"id": rest[0]}).id).doc, sort_keys=True)
        elif name == "reorder":
            order = [task.id for task in writer.tasks(tag)]
            rest[0].seed(len(order))
            rest[0].shuffle(order)
            writer.reorder(tag, order)
        else:
            getattr(writer, name)(tag, *rest)
    except TampError as error:
        return error.code
    return "done"


class Twins(RuleBasedStateMachine):
    """An engine beside the model of all engines."""

    def make_store(self) -> Store:
        raise NotImplementedError

    @initialize()
    def begin(self) -> None:
        self.store = self.make_store()
        self.model = MemoryStore()

    @rule(operations=st.lists(OPERATIONS, min_size=1, max_size=4), note=TEXTS)
    def transact(self, operations: list[tuple[Any, ...]], note: str) -> None:
        said = stamp()._replace(note=note)
        with self.store.writing(said) as one, self.model.writing(said) as other:
            for operation in operations:
                assert perform(one, operation) == perform(other, operation), operation
                assert sorted(one.tags()) == sorted(other.tags())
            check_answers(one)
        assert (one.committed is None) == (other.committed is None)

    @rule(operations=st.lists(OPERATIONS, max_size=3))
    def fail(self, operations: list[tuple[Any, ...]]) -> None:
        with pytest.raises(ZeroDivisionError):
            self.attempt(operations)

    def attempt(self, operations: list[tuple[Any, ...]]) -> None:
        with self.store.writing(stamp()) as writer:
            for operation in operations:
                perform(writer, operation)
            raise ZeroDivisionError

    @invariant()
    def both_say_the_same(self) -> None:
        if hasattr(self, "store"):
            found, expected = whole(self.store), whole(self.model)
            assert alike(found, expected)
            mine, other = (
                [wire.transaction_to_json(one) for one in log_of(store)]
                for store in (self.store, self.model)
            )
            assert same(mine, other)

    @invariant()
    def every_answer_follows_from_the_tasks(self) -> None:
        if hasattr(self, "store"):
            with self.store.reading() as reader:
                check_answers(reader)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            check_log({}, self.store)


class FileTwins(Twins):
    def make_store(self) -> Store:
        self.folder = Path(tempfile.mkdtemp())
        return FileStore(str(self.folder / "tasks" / "tasks.json"), str(self.folder))

    @rule()
    def another_process_takes_over(self) -> None:
        self.store = FileStore(str(self.folder / "tasks" / "tasks.json"), str(self.folder))

    @rule()
    def somebody_formats_the_file(self) -> None:
        path = self.folder / "tasks" / "tasks.json"
        if path.exists():
            text = path.read_bytes()
            path.write_bytes(text.replace(b"\n", b"\r\n") if b"\r" not in text else text + b"\n")

    def teardown(self) -> None:
        super().teardown()
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder)


FileTwins.TestCase.settings = settings(max_examples=40, stateful_step_count=15, deadline=None)
TestFileTwins = FileTwins.TestCase


class LongFileTwins(FileTwins):
    pass


LongFileTwins.TestCase.settings = settings(max_examples=1000, stateful_step_count=40, deadline=None)
TestFileTwinsForLong = pytest.mark.soak(pytest.mark.timeout(900)(LongFileTwins.TestCase))


@pytest.fixture(params=["sqlite", "postgres"])
def database_maker(request: pytest.FixtureRequest, make_maker: Callable[[str], Maker]) -> Maker:
    return make_maker(request.param)


def test_random_operations_on_a_database_come_to_the_same(database_maker: Maker) -> None:
    compare(database_maker, examples=15, steps=12)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_many_random_operations_on_a_database_come_to_the_same(database_maker: Maker) -> None:
    compare(database_maker, examples=300, steps=30)


def compare(maker: Maker, *, examples: int, steps: int) -> None:
    class DatabaseTwins(Twins):
        def make_store(self) -> Store:
            return maker.store()

        @rule()
        def another_process_takes_over(self) -> None:
            self.store = maker.again(self.store, 30)

    run_state_machine_as_test(
        DatabaseTwins,
        settings=settings(max_examples=examples, stateful_step_count=steps, deadline=None),
    )
