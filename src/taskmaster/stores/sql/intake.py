"""Filling a project from another store: beside the one that everybody sees, until it is whole."""

from __future__ import annotations

import os
from contextlib import contextmanager

from taskmaster.domain.changes import Actor, Stamp, last_number
from taskmaster.domain.copies import Received
from taskmaster.errors import Conflict
from taskmaster.stores import refusals
from taskmaster.stores.sql import derivation, keyring
from taskmaster.stores.sql.columns import task_row
from taskmaster.stores.sql.reader import SqlReader
from taskmaster.stores.sql.session import INCOMING, LIVE
from taskmaster.stores.sql.text import dumped, stored, told
from taskmaster.stores.sql.writer import GAP
from taskmaster.workspace import utc_now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from typing import Protocol, TypeVar

    from taskmaster.domain.changes import Transaction
    from taskmaster.stores.sql.session import Session
    from taskmaster.stores.sql.tags import Tag

    Thing = TypeVar("Thing")

    class Place(Protocol):
        """What it needs of a ``SqlStore``."""

        project: str

        def changing(self, stamp: Stamp) -> AbstractContextManager[Session]: ...

        def reading(self, stage: int) -> AbstractContextManager[SqlReader]: ...

        def loaded(self) -> None: ...


_AT_ONCE = 1_000


class SqlIntake:
    """Fills the project of a store; see ``ports.Intake`` for the contract."""

    def __init__(self, store: Place) -> None:
        self._store = store
        self._name = os.urandom(8).hex()
        """Which of those who fill the project it is: the mark begins with it."""

    def begin(self, mark: str) -> Received:
        with self._changing() as session:
            self._check_empty(session)
            own = stored(f"{self._name} {mark}")
            if self._find(session, INCOMING) and self._mark(session)[1] != mark:
                _remove(session)
            if self._find(session, INCOMING):
                session.run("change_project", stage=INCOMING, mark=own, successor="")
            else:
                name = stored(self._store.project)
                session.run("add_project", name=name, stage=INCOMING, mark=own)
                self._find(session, INCOMING)
            reader = SqlReader(session)
            received = {tag.name: tag.size for tag in reader.stored_tags()}
            return Received(received, reader.last_change())

    def take_changes(self, transactions: Iterable[Transaction]) -> None:
        from taskmaster import wire

        for some in _in_pieces(transactions):
            with self._filling() as session:
                rows = [
                    {
                        "last": last_number(one),
                        "nonce": "",
                        "record": dumped(wire.transaction_to_json(one)),
                        "request": stored(one.stamp.request),
                    }
                    for one in some
                ]
                session.many("add_change", rows)
                session.run("advance", number=last_number(some[-1]), time=some[-1].stamp.time)

    def take_tag(self, name: str, metadata: Mapping[str, object]) -> None:
        with self._filling() as session:
            if name in _tags(session):
                raise refusals.taken_tag(name)
            session.run("add_tag", name=stored(name), metadata=dumped(metadata))

    def take_entries(self, tag: str, entries: Iterable[object]) -> None:
        for some in _in_pieces(entries):
            with self._filling() as session:
                known = _tags(session)
                if tag not in known:
                    raise refusals.missing_tag(tag, known)
                found = known[tag]
                places = range(found.size + 1, found.size + len(some) + 1)
                rows = (
                    task_row(found.row, place * GAP, one)
                    for place, one in zip(places, some, strict=True)
                )
                session.many("add_task", rows)
                session.run("measure_tag", tag=found.row, size=places[-1], derived=0)

    def take_keys(self, entries: Mapping[str, Mapping[str, object]]) -> None:
        with self._filling() as session:
            keyring.replace(session, entries)

    def reading(self) -> AbstractContextManager[SqlReader]:
        return self._store.reading(INCOMING)

    def prepare(self) -> None:
        with self._filling() as session:
            for tag in SqlReader(session).stored_tags():
                if not tag.derived:
                    derived = derivation.rebuilt(session, tag.row)
                    session.run("measure_tag", tag=tag.row, size=tag.size, derived=derived)

    def finish(self) -> None:
        self.prepare()
        with self._filling() as session:
            self._check_empty(session)
            kept = keyring.entries(session)
            if session.project:
                self._put_aside(session)
            self._find(session, INCOMING)
            if not keyring.was_changed(session):
                keyring.replace(session, kept)
            session.run("change_project", stage=LIVE, mark="", successor="")
        self._store.loaded()

    def drop(self) -> None:
        with self._changing() as session:
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
        session.last = session.tags = None
        return row

    @staticmethod
    def _mark(session: Session) -> tuple[str, str]:
        """Who fills the session's project, and under which mark."""
        (text,) = session.row("project_mark") or ("",)
        name, _blank, mark = told(text).partition(" ")
        return name, mark

    @contextmanager
    def _filling(self) -> Iterator[Session]:
        """A transaction on what is received. Raises Conflict when it is another's."""
        with self._changing() as session:
            if not self._find(session, INCOMING) or self._mark(session)[0] != self._name:
                raise refusals.not_begun(f"the project {self._store.project}")
            yield session

    def _changing(self) -> AbstractContextManager[Session]:
        """A transaction of the one writer."""
        stamp = Stamp(Actor("tamp", "system", ""), "library", "move", "", utc_now())
        return self._store.changing(stamp)


def _tags(session: Session) -> dict[str, Tag]:
    return {tag.name: tag for tag in SqlReader(session).stored_tags()}


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
