"""Filling a project from another store: beside the one that everybody sees, until it is whole."""

from __future__ import annotations

from contextlib import contextmanager

from taskmaster.domain.changes import Actor, Stamp, last_number
from taskmaster.domain.copies import Received
from taskmaster.errors import Conflict
from taskmaster.stores.sql import derivation
from taskmaster.stores.sql.columns import task_row
from taskmaster.stores.sql.reader import SqlReader
from taskmaster.stores.sql.session import INCOMING, LIVE
from taskmaster.stores.sql.text import dumped, stored
from taskmaster.stores.sql.writer import GAP
from taskmaster.workspace import utc_now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from typing import Protocol, TypeVar

    from taskmaster.domain.changes import Transaction
    from taskmaster.stores.sql.session import Session

    Thing = TypeVar("Thing")

    class Place(Protocol):
        """What it needs of a ``SqlStore``."""

        project: str

        def changing(self, stamp: Stamp) -> AbstractContextManager[Session]: ...

        def reading(self, stage: int) -> AbstractContextManager[SqlReader]: ...

        def enter(self, session: Session, stage: int) -> str: ...

        def loaded(self) -> None: ...


_AT_ONCE = 1_000


class SqlIntake:
    """Fills the project of a store; see ``ports.Intake`` for the contract."""

    def __init__(self, store: Place) -> None:
        self._store = store

    def begin(self, mark: str) -> Received:
        with self._changing(None) as session:
            self._check_empty(session)
            if self._find(session, INCOMING) and session.row("project_mark") != (stored(mark),):
                _remove(session)
            if not self._find(session, INCOMING):
                name = stored(self._store.project)
                session.run("add_project", name=name, stage=INCOMING, mark=stored(mark))
                self._find(session, INCOMING)
            reader = SqlReader(session)
            received = {tag.name: tag.size for tag in reader.stored_tags()}
            return Received(received, reader.last_change())

    def take_changes(self, transactions: Iterable[Transaction]) -> None:
        from taskmaster import wire

        for some in _in_pieces(transactions):
            with self._changing(INCOMING) as session:
                records = [(one, dumped(wire.transaction_to_json(one))) for one in some]
                rows = (
                    {"last": last_number(one), "nonce": "", "record": record}
                    for one, record in records
                )
                session.many("add_change", rows)
                session.run("advance", number=last_number(some[-1]), time=some[-1].stamp.time)

    def take_tag(self, name: str, metadata: Mapping[str, object]) -> None:
        with self._changing(INCOMING) as session:
            session.run("add_tag", name=stored(name), metadata=dumped(metadata))

    def take_entries(self, tag: str, entries: Iterable[object]) -> None:
        for some in _in_pieces(entries):
            with self._changing(INCOMING) as session:
                found = SqlReader(session).tag(tag)
                places = range(found.size + 1, found.size + len(some) + 1)
                rows = (
                    task_row(found.row, place * GAP, one)
                    for place, one in zip(places, some, strict=True)
                )
                session.many("add_task", rows)
                session.run("measure_tag", tag=found.row, size=places[-1], derived=0)

    def reading(self) -> AbstractContextManager[SqlReader]:
        return self._store.reading(INCOMING)

    def finish(self) -> None:
        with self._changing(INCOMING) as session:
            for tag in SqlReader(session).stored_tags():
                derived = derivation.rebuilt(session, tag.row)
                session.run("measure_tag", tag=tag.row, size=tag.size, derived=derived)
        with self._changing(None) as session:
            self._check_empty(session)
            if session.project:
                self._put_aside(session)
            self._find(session, INCOMING)
            session.run("change_project", stage=LIVE, mark="", successor="")
        self._store.loaded()

    def drop(self) -> None:
        with self._changing(None) as session:
            if self._find(session, INCOMING):
                _remove(session)

    def _put_aside(self, session: Session) -> None:
        """Keep what the project held before it moved elsewhere, out of everybody's sight."""
        _number, _time, successor = session.row("position") or (0, "", "")
        if not successor:
            _remove(session)
            return
        stages = session.rows("stages", name=stored(self._store.project))
        stage = max(row[0] for row in stages) + 1
        session.run("change_project", stage=max(stage, INCOMING + 1), mark="", successor=successor)

    def _check_empty(self, session: Session) -> None:
        found = self._find(session, LIVE)
        if found is None or found[1]:
            return
        reader = SqlReader(session)
        if reader.last_change() or any(tag.size for tag in reader.stored_tags()):
            raise Conflict(
                f"the database holds tasks of a project {self._store.project} already",
                hint="choose another name with --project-name",
                code="not-empty",
            )

    def _find(self, session: Session, stage: int) -> tuple[object, ...] | None:
        """Turn the session to the project's row of this stage, if there is one."""
        row = session.row("find_project", name=stored(self._store.project), stage=stage)
        session.project = row[0] if row else 0
        return row

    @contextmanager
    def _changing(self, stage: int | None) -> Iterator[Session]:
        """A transaction of the one writer, on the row of *stage*."""
        stamp = Stamp(Actor("tamp", "system", ""), "library", "move", "", utc_now())
        with self._store.changing(stamp) as session:
            if stage is not None:
                self._store.enter(session, stage)
            yield session


def _in_pieces(things: Iterable[Thing]) -> Iterator[list[Thing]]:
    from itertools import islice

    waiting = iter(things)
    while piece := list(islice(waiting, _AT_ONCE)):
        yield piece


def _remove(session: Session) -> None:
    """Delete the session's project with everything in it."""
    for name in ("edges", "nodes", "tallies", "tasks", "changes", "tags"):
        session.run(f"remove_all_{name}")
    session.run("remove_project")
