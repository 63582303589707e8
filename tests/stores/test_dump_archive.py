"""Copies of what is in a database: kept, compared, brought back as one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.makers import Maker
from tests.stores.test_state_machine import OPERATIONS, perform

from taskmaster import dump, records
from taskmaster.domain.copies import EntryPart, Origin, TagPart
from taskmaster.domain.task import Task
from taskmaster.errors import CorruptStore, Invalid, NotFound, TampError, Usage
from taskmaster.ports import Store
from taskmaster.stores.memory import MemoryStore
from taskmaster.stores.postgres.store import PostgresStore
from taskmaster.stores.sql.archive import DumpArchive
from taskmaster.stores.sqlite.store import SqliteStore
from taskmaster.testing.projects import (
    ODD_TEXTS,
    TIME,
    WHOLE_TASK,
    alike,
    check_log,
    fill,
    log_of,
    stamp,
    task,
    whole,
)

if TYPE_CHECKING:
    from taskmaster.domain.copies import Part

MakeMaker = Callable[[str], Maker]


class Kept:
    """A store with its archive."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.folder = folder
        self.archive = DumpArchive(store, "project", str(folder))

    def whys(self) -> list[str]:
        return sorted(copy.why for copy in self.archive.copies())

    def ids(self) -> list[str]:
        with self.store.reading() as reader:
            return [one.id for one in reader.tasks("master")]


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def kept(request: pytest.FixtureRequest, make_maker: MakeMaker, tmp_path: Path) -> Iterator[Kept]:
    store = make_maker(request.param).store()
    yield Kept(store, tmp_path / "backups")
    if isinstance(store, SqliteStore | PostgresStore):
        store.close()


def test_a_kept_copy_comes_back_as_one_transaction(kept: Kept) -> None:
    fill(kept.store, Task(WHOLE_TASK), task(2))
    before = whole(kept.store)
    copy = kept.archive.keep(stamp("backup"))
    fill(kept.store, task(2, "Changed"), task(3))

    differences = kept.archive.differences(copy.name)
    done = kept.archive.restore(copy.name, stamp("restore"))

    assert (copy.why, copy.name.partition(".")[2]) == ("manual", "jsonl.gz")
    assert done is not None
    assert list(done.changes) == differences
    assert [(one.kind, one.task) for one in differences] == [("removed", "3"), ("changed", "2")]
    assert alike(whole(kept.store), before)
    assert kept.whys() == ["before-restore", "manual"]
    check_log({}, kept.store)


def test_a_copy_that_says_the_same_changes_nothing_at_all(kept: Kept) -> None:
    fill(kept.store, task(1))
    copy = kept.archive.keep(stamp("backup"))

    assert kept.archive.differences(copy.name) == []
    assert kept.archive.restore(copy.name, stamp("restore")) is None
    assert kept.whys() == ["manual"]
    assert len(log_of(kept.store)) == 1


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_odd_characters_come_back(kept: Kept, text: str) -> None:
    with kept.store.writing(stamp()) as writer:
        writer.add_tag(f"t{text}", {"description": text})
        writer.put(f"t{text}", Task({"id": 1, "title": text, f"x{text}": [text]}))
    before = whole(kept.store)
    copy = kept.archive.keep(stamp("backup"))
    with kept.store.writing(stamp()) as writer:
        writer.remove_tag(f"t{text}")

    kept.archive.restore(copy.name, stamp("restore"))

    assert alike(whole(kept.store), before)


def test_the_newest_copy_that_can_be_read_is_the_latest(kept: Kept) -> None:
    fill(kept.store, task(1))
    good = kept.archive.keep(stamp("backup"))
    fill(kept.store, task(2))
    cut = kept.archive.keep(stamp("backup", time="2026-02-02T00:00:00.000Z"))
    path = Path(kept.archive.path(cut.name))
    path.write_bytes(path.read_bytes()[:-9])
    (kept.folder / "tasks-20260303T000000Z-manual.dump").write_bytes(b"PGDMP")

    assert [one.task for one in kept.archive.differences("latest")] == ["2"]
    kept.archive.restore("last-good", stamp("restore"))

    assert kept.ids() == ["1"]
    with pytest.raises(CorruptStore):
        kept.archive.restore(cut.name, stamp("restore"))
    kept.archive.remove(good.name)
    with pytest.raises(NotFound):
        kept.archive.restore(good.name, stamp("restore"))


def test_no_copies_is_not_found(kept: Kept) -> None:
    for name in ("latest", "last-good", "tasks-20260101T000000Z-manual.jsonl.gz", "nothing"):
        with pytest.raises(NotFound):
            kept.archive.differences(name)


@pytest.mark.parametrize(
    "entries", [["no task"], [task(1).doc, task(1, "again").doc], [None, task(2).doc]]
)
def test_what_no_store_in_use_can_take_in_is_refused_and_nothing_is_changed(
    kept: Kept, entries: list[object]
) -> None:
    fill(kept.store, task(1), task(2))
    before = whole(kept.store)
    begun: list[Part] = [
        Origin("p", "file", TIME, 0),
        TagPart("master", {}),
    ]
    path = kept.folder.parent / "odd.jsonl"
    dump.save([*begun, *map(EntryPart, entries)], str(path))

    with pytest.raises(Invalid) as caught:
        kept.archive.restore(str(path), stamp("restore"))

    assert caught.value.hint
    assert whole(kept.store) == before
    assert len(log_of(kept.store)) == 1


def test_a_file_elsewhere_is_written_in_the_form_its_name_says(kept: Kept, tmp_path: Path) -> None:
    fill(kept.store, task(1))
    for name in ("here.jsonl", "here.jsonl.gz"):
        path = str(tmp_path / name)
        kept.archive.save(path, stamp("backup"))
        assert kept.archive.differences(path) == []
    for name in ("here.json", "here.txt", "here.dump"):
        with pytest.raises(Usage):
            kept.archive.save(str(tmp_path / name), stamp("backup"))


def test_a_database_has_no_shape_no_flaws_and_no_file_to_migrate(kept: Kept) -> None:
    assert kept.archive.shape() == ""
    assert list(kept.archive.flaws()) == []
    assert not kept.archive.set_aside(stamp("restore"))
    assert not kept.archive.holds(b"{}")
    with pytest.raises(Invalid, match="no task file"):
        kept.archive.adopt(None, stamp("migrate"))


def transact(store: Store, operations: list[Any]) -> None:
    with store.writing(stamp()) as writer:
        for operation in operations:
            perform(writer, operation)


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    before=st.lists(OPERATIONS, max_size=12),
    after=st.lists(OPERATIONS, max_size=12),
)
def test_whatever_was_done_since_is_taken_back(
    make_maker: MakeMaker, kind: str, before: list[Any], after: list[Any]
) -> None:
    store = make_maker(kind).store()
    transact(store, before)
    wanted = whole(store)
    transact(store, after)

    with store.writing(stamp("restore")) as writer:
        records.become(writer, wanted)

    assert alike(whole(store), wanted)
    check_log({}, store)


@settings(deadline=None, max_examples=60)
@given(operations=st.lists(OPERATIONS, max_size=12))
def test_every_record_can_be_carried_out(operations: list[Any]) -> None:
    store, other = MemoryStore(), MemoryStore()
    for operation in operations:
        transact(store, [operation])
    for transaction in log_of(store):
        with other.writing(stamp()) as writer:
            for change in transaction.changes:
                records.apply(writer, change)

    assert alike(whole(other), whole(store))
    assert [one.changes for one in log_of(other)] == [one.changes for one in log_of(store)]


def test_a_record_about_what_is_not_there_is_refused() -> None:
    store = MemoryStore()
    fill(store, task(1, subtasks=[{"id": 1, "title": "Step"}]))
    made = {change.task: change for change in log_of(store)[0].changes}
    with store.writing(stamp()) as writer:
        for task_id in ("7", "1.2", "7.1"):
            for kind in ("changed", "removed"):
                change = made["1"]._replace(kind=kind, task=task_id)
                with pytest.raises(NotFound):
                    records.apply(writer, change)
        for change in (made["1"], made["1"]._replace(task="1.1")):
            refuse = partial(records.apply, writer, change)
            with pytest.raises(TampError):
                refuse()
    assert len(log_of(store)) == 1


def test_sqlite_finds_a_task_by_its_id_without_looking_through_all(make_maker: MakeMaker) -> None:
    store = make_maker("sqlite").store()
    assert isinstance(store, SqliteStore)
    fill(store, *(task(number) for number in range(1, 100)))

    with store.reading() as reader:
        for name, values in (("get_task", {"id": "7"}), ("docs_of", {"ids": '["7"]'})):
            plan = reader.session.connection.execute(
                f"EXPLAIN QUERY PLAN {store.dialect.named(name)}", {"tag": 1, **values}
            )
            assert "tasks_by_id (tag=? AND id=?)" in str(plan.fetchall())
