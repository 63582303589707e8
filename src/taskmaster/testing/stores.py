"""The contract of ``ports`` as tests that every engine passes, ours and anybody else's.

Subclass ``StoreContract`` in a test module, give it ``make_store``, and pytest does the rest::

    class TestMyStore(StoreContract):
        def make_store(self):
            return MyStore(...)
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

from taskmaster.domain.changes import TagState, last_number, same
from taskmaster.domain.task import Task
from taskmaster.errors import Busy, Conflict, Invalid, NotFound
from taskmaster.testing.answers import AnswersContract
from taskmaster.testing.projects import (
    ODD_TEXTS,
    WAIT,
    WHOLE_TASK,
    alike,
    check_log,
    fill,
    log_of,
    refusal,
    stamp,
    task,
    whole,
)
from taskmaster.testing.serving import ServingContract

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from taskmaster.ports import Store

    Json = dict[str, object]


class _Opened:
    """What a contract needs of its subclass."""

    def make_store(self) -> Store:
        """A new, empty store that nothing else uses."""
        raise NotImplementedError

    def impatient(self, store: Store) -> Store:
        """*store* opened once more, by somebody who does not wait long for the writer's place."""
        raise NotImplementedError

    def address(self, store: Store) -> tuple[str, ...] | None:
        """How another process opens *store*: ``"package.module:callable"`` and its text arguments.

        None, as here, for an engine that lives in one process.
        """
        del store
        return None


class _Contents(_Opened):
    def test_an_empty_store_has_one_empty_tag(self) -> None:
        store = self.make_store()
        assert whole(store) == {"master": TagState({}, [])}
        assert log_of(store) == []

    def test_every_field_comes_back_as_it_was_put(self) -> None:
        store = self.make_store()
        fill(store, Task(WHOLE_TASK))
        with store.reading() as reader:
            found = reader.get("master", "1").doc
        assert same(found, WHOLE_TASK)
        assert list(found) == list(WHOLE_TASK)

    def test_odd_characters_come_back_in_values_keys_tags_and_the_log(self) -> None:
        for text in ODD_TEXTS:
            store = self.make_store()
            doc: Json = {"id": 1, "title": text, f"x{text}": [text]}
            with store.writing(stamp(name=text)._replace(note=text)) as writer:
                writer.add_tag(f"t{text}", {"description": text})
                writer.put(f"t{text}", Task(doc))
            assert same(whole(store)[f"t{text}"].entries[0], doc)
            assert log_of(store)[0].stamp.note == text
            check_log({}, store)

    def test_tasks_come_in_the_order_they_were_put(self) -> None:
        store = self.make_store()
        fill(store, task(3), task(1), task("x-2"))
        with store.writing(stamp()) as writer:
            writer.put("master", task(7), place=1)
            writer.put("master", task(8), place=99)
            writer.put("master", task(1, "still second"))
        assert _ids(store) == ["3", "7", "1", "x-2", "8"]
        check_log({}, store)

    def test_putting_a_known_id_stores_over_it(self) -> None:
        store = self.make_store()
        fill(store, task(1), task(2))
        fill(store, task("1", "Other", extra=[1]))
        assert whole(store)["master"].entries == [task("1", "Other", extra=[1]).doc, task(2).doc]

    def test_a_removed_task_is_returned_and_gone(self) -> None:
        store = self.make_store()
        fill(store, task(1), task(2), task(3))
        with store.writing(stamp()) as writer:
            gone = writer.remove("master", "2")
            refusal(NotFound, lambda: writer.get("master", "2"))
        assert gone == task(2)
        assert _ids(store) == ["1", "3"]
        check_log({}, store)

    def test_an_order_sorts_the_tasks_and_must_name_each_one(self) -> None:
        store = self.make_store()
        fill(store, task(1), task(2), task(3))
        with store.writing(stamp()) as writer:
            for wrong in (["1", "2"], ["1", "2", "2"], ["1", "2", "3", "4"], []):
                refusal(Invalid, partial(writer.reorder, "master", wrong))
            writer.reorder("master", ["3", "1", "2"])
        assert _ids(store) == ["3", "1", "2"]
        check_log({}, store)

    def test_what_is_not_there_is_not_found(self) -> None:
        store = self.make_store()
        with store.writing(stamp()) as writer:
            for read in (writer.get, writer.remove):
                refusal(NotFound, partial(read, "master", "1"))
            for look in (writer.tasks, writer.nodes, writer.metadata, writer.remove_tag):
                refusal(NotFound, partial(look, "nowhere"))
            refusal(NotFound, lambda: writer.put("nowhere", task(1)))
            refusal(NotFound, lambda: writer.rename_tag("nowhere", "x"))
            refusal(NotFound, lambda: writer.describe_tag("nowhere", {}))
        assert log_of(store) == []

    def test_nodes_hold_tasks_and_subtasks_in_order(self) -> None:
        store = self.make_store()
        fill(store, task(2), Task(WHOLE_TASK))
        with store.reading() as reader:
            nodes = reader.nodes("master")
        assert list(nodes) == ["2", "1", "1.1", "1.2"]
        assert nodes["1.2"].dependencies == ("1.1",)

    def test_ten_thousand_tasks_are_kept(self) -> None:
        store = self.make_store()
        fill(store, *(task(number, subtasks=[]) for number in range(1, 10_001)))
        fill(store, task(5_000, "changed"))
        with store.reading() as reader:
            tasks = reader.tasks("master")
            assert len(tasks) == 10_000
            assert tasks[4_999].title == "changed"
            assert last_number(next(iter(reader.changes_since(10_000)))) == 10_001


class _Tags(_Opened):
    def test_tags_are_added_described_renamed_and_removed(self) -> None:
        store = self.make_store()
        fill(store, task(1))
        with store.writing(stamp()) as writer:
            writer.add_tag("next", {"description": "later", "x": [1]})
            writer.add_tag("last", {})
        with store.writing(stamp()) as writer:
            writer.put("next", task(1, "other list"))
            writer.rename_tag("next", "now")
            writer.describe_tag("now", {"description": "today"})
        with store.reading() as reader:
            assert list(reader.tags()) == ["master", "now", "last"]
            assert reader.metadata("now") == {"description": "today"}
            assert [one.title for one in reader.tasks("now")] == ["other list"]
        with store.writing(stamp()) as writer:
            writer.remove_tag("now")
        assert list(whole(store)) == ["master", "last"]
        check_log({}, store)

    def test_a_renamed_tag_keeps_its_tasks_in_a_transaction_that_changes_them(self) -> None:
        store = self.make_store()
        fill(store, task(1), task(2))
        with store.writing(stamp()) as writer:
            writer.rename_tag("master", "main")
            writer.put("main", task(3))
            writer.remove("main", "1")
        assert _ids(store, "main") == ["2", "3"]
        check_log({}, store)

    def test_a_name_that_is_taken_is_a_conflict(self) -> None:
        store = self.make_store()
        with store.writing(stamp()) as writer:
            writer.add_tag("a", {})
            told = refusal(Conflict, lambda: writer.add_tag("a", {}))
            refusal(Conflict, lambda: writer.rename_tag("a", "master"))
        assert told.code == "tag-exists"
        assert [change.kind for change in log_of(store)[0].changes] == ["tag-added"]

    def test_the_last_tag_can_go(self) -> None:
        store = self.make_store()
        fill(store, task(1))
        with store.writing(stamp()) as writer:
            writer.remove_tag("master")
        assert list(whole(store)) == ["master"]
        assert _ids(store) == []
        check_log({}, store)

    def test_equal_ids_in_two_tags_are_two_tasks(self) -> None:
        store = self.make_store()
        with store.writing(stamp()) as writer:
            writer.add_tag("other", {})
            writer.put("master", task(1, "here"))
            writer.put("other", task(1, "there"))
            writer.remove("master", "1")
        assert [entry["title"] for entry in whole(store)["other"].entries] == ["there"]  # type: ignore[index]


class _Log(_Opened):
    def test_an_exception_leaves_nothing_behind(self) -> None:
        store = self.make_store()
        fill(store, task(1), task(2))
        before = whole(store)
        with suppress(NotFound), store.writing(stamp()) as writer:
            writer.put("master", task(1, "changed"))
            writer.remove("master", "2")
            writer.add_tag("x", {})
            writer.rename_tag("master", "y")
            writer.get("master", "not there, so the use case fails")
        assert alike(whole(store), before)
        assert len(log_of(store)) == 1
        fill(store, task(3))
        check_log({}, store)

    def test_nothing_is_recorded_when_nothing_changes(self) -> None:
        store = self.make_store()
        fill(store, Task(WHOLE_TASK), task(2))
        before = log_of(store)
        with store.writing(stamp()) as writer:
            writer.put("master", Task(json.loads(json.dumps(WHOLE_TASK))))
            writer.reorder("master", ["1", "2"])
            writer.describe_tag("master", dict(writer.metadata("master")))
        assert writer.committed is None
        assert log_of(store) == before

    def test_one_one_point_zero_and_true_are_three_values(self) -> None:
        store = self.make_store()
        for value in (1, 1.0, True):
            fill(store, task(1, x=value))
        assert len(log_of(store)) == 3
        assert same(whole(store)["master"].entries[0], task(1, x=True).doc)

    def test_numbers_have_no_gaps_and_readers_continue_where_they_were(self) -> None:
        store = self.make_store()
        for number in range(1, 6):
            fill(store, task(number), task(number + 10))
        assert [one.first for one in log_of(store)] == [1, 3, 5, 7, 9]
        assert [one.first for one in log_of(store, 4)] == [5, 7, 9]
        assert [one.first for one in log_of(store, 5)] == [5, 7, 9]
        assert log_of(store, 10) == []
        check_log({}, store)

    def test_a_transaction_says_who_did_what_and_is_what_was_committed(self) -> None:
        store = self.make_store()
        with store.writing(stamp("set-status", "bob")) as writer:
            writer.put("master", task(1))
        (found,) = log_of(store)
        assert found == writer.committed
        assert found.stamp == stamp("set-status", "bob")
        assert found.changes[0][:3] == ("added", "master", "1")

    def test_records_name_changed_fields_and_the_subtask_touched(self) -> None:
        store = self.make_store()
        steps = [{"id": 1, "title": "a", "status": "pending"}, {"id": 2, "title": "b"}]
        fill(store, task(1, subtasks=steps))
        with store.writing(stamp()) as writer:
            found = writer.get("master", "1").with_fields({"status": "done"})
            step = found.subtasks[0].with_fields({"status": "done", "x": 1, "title": None})
            writer.put("master", found.with_subtask(step))
        told = {change.task: set(change.fields) for change in log_of(store)[-1].changes}
        assert told == {"1": {"status"}, "1.1": {"status", "x", "title"}}
        check_log({}, store)

    def test_subtasks_added_removed_and_sorted_can_be_replayed(self) -> None:
        store = self.make_store()
        steps = [{"id": number, "title": f"s{number}"} for number in range(1, 6)]
        for wanted in (steps, steps[1:3], [*steps[3:], steps[0]], [], steps[::-1], steps[:4]):
            fill(store, task(1, subtasks=wanted))
            assert whole(store)["master"].entries[0] == task(1, subtasks=wanted).doc
        fill(store, task(1))
        check_log({}, store)

    def test_the_times_of_the_log_never_run_backwards(self) -> None:
        store = self.make_store()
        for moment in ("2026-02-01T00:00:00.000Z", "2025-01-01T00:00:00.000Z"):
            with store.writing(stamp(time=moment)) as writer:
                writer.put("master", task(1, moment))
        assert [one.stamp.time[:4] for one in log_of(store)] == ["2026", "2026"]

    def test_a_writer_kept_after_its_block_changes_nothing(self) -> None:
        store = self.make_store()
        fill(store, task(1))
        with store.writing(stamp()) as writer:
            writer.put("master", task(2))
        for late in (partial(writer.put, "master", task(3)), partial(writer.remove, "master", "1")):
            with suppress(RuntimeError):
                late()
        assert _ids(store) == ["1", "2"]


class _Writers(_Opened):
    def test_a_reader_never_waits_and_its_view_stands_still(self) -> None:
        store = self.make_store()
        fill(store, task(1))
        with store.reading() as early:
            with store.writing(stamp()) as writer:
                writer.put("master", task(1, "changed"))
                writer.put("master", task(2))
                with store.reading() as meanwhile:
                    assert meanwhile.tasks("master") == [task(1)]
                    assert len(list(meanwhile.changes_since(0))) == 1
            assert early.tasks("master") == [task(1)]
        assert _ids(store) == ["1", "2"]

    def test_threads_change_the_same_task_without_losing_anything(self) -> None:
        store = self.make_store()
        fill(store, task(1, count=0))

        def count() -> None:
            for _ in range(10):
                with store.writing(stamp()) as writer:
                    found = writer.get("master", "1")
                    counted = int(str(found.doc["count"])) + 1
                    writer.put("master", found.with_fields({"count": counted}))

        _in_threads(count, 6)
        assert whole(store)["master"].entries[0] == task(1, count=60).doc
        assert len(log_of(store)) == 61
        check_log({}, store)

    def test_readers_see_all_of_a_transaction_or_nothing(self) -> None:
        store = self.make_store()
        fill(store, task(1, x=0), task(2, x=0))
        seen: list[set[object]] = []
        done = threading.Event()

        def look() -> None:
            while not done.is_set():
                with store.reading() as reader:
                    seen.append({one.doc["x"] for one in reader.tasks("master")})

        watcher = threading.Thread(target=look)
        watcher.start()
        try:
            for number in range(1, 40):
                fill(store, task(1, x=number), task(2, x=number))
        finally:
            done.set()
            watcher.join(WAIT)
        assert seen
        assert all(len(values) == 1 for values in seen)

    def test_who_waits_in_vain_is_told_for_whom(self) -> None:
        store = self.make_store()
        with store.writing(stamp("expand", "carol")):
            told = refusal(Busy, lambda: fill(self.impatient(store), task(1)))
        assert "carol" in told.message
        assert "expand" in told.message
        assert told.hint
        fill(store, task(1))

    def test_processes_change_the_same_task_without_losing_anything(self) -> None:
        store = self.make_store()
        address = self.address(store)
        if address is None:
            return
        fill(store, task(1, count=0))
        program = [sys.executable, "-c", _COUNTING, json.dumps([sys.path, *address])]
        started = [subprocess.Popen(program) for _ in range(4)]  # noqa: S603 - our own words
        assert [one.wait(WAIT) for one in started] == [0] * 4
        assert whole(store)["master"].entries[0] == task(1, count=40).doc
        assert len(log_of(store)) == 41
        check_log({}, store)


class StoreContract(_Contents, _Tags, _Log, _Writers, AnswersContract, ServingContract):
    """What ``ports.Store`` promises; every test begins with a store of its own."""


_COUNTING = """
import importlib, json, sys
path, where, *arguments = json.loads(sys.argv[1])
sys.path[:] = path
from taskmaster.testing.projects import stamp
module, _, name = where.partition(":")
store = getattr(importlib.import_module(module), name)(*arguments)
for _ in range(10):
    with store.writing(stamp()) as writer:
        task = writer.get("master", "1")
        writer.put("master", task.with_fields({"count": task.doc["count"] + 1}))
"""


def _ids(store: Store, tag: str = "master") -> list[str]:
    with store.reading() as reader:
        return [one.id for one in reader.tasks(tag)]


def _in_threads(work: Callable[[], None], count: int) -> None:
    with ThreadPoolExecutor(count) as pool:
        for one in [pool.submit(work) for _ in range(count)]:
            one.result(WAIT)
