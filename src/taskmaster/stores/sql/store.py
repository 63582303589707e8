"""A project in a database as a Store; the engines say how their transactions begin and end."""

from __future__ import annotations

import os

from taskmaster.domain.changes import Actor, Stamp
from taskmaster.errors import Conflict, NotFound
from taskmaster.stores.sql.reader import SqlReader
from taskmaster.stores.sql.session import LIVE, Session
from taskmaster.stores.sql.text import stored, told
from taskmaster.workspace import utc_now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import NoReturn

    from taskmaster.domain.changes import Transaction, Version
    from taskmaster.errors import TampError
    from taskmaster.stores.sql.intake import SqlIntake
    from taskmaster.stores.sql.keyring import SqlKeyring
    from taskmaster.stores.sql.schema import Schema
    from taskmaster.stores.sql.session import Connection, Dialect
    from taskmaster.stores.sql.writer import SqlWriter


class SqlStore:
    """The tasks of one *project* of a database that may hold many."""

    kind: str
    dialect: Dialect

    def __init__(self, project: str) -> None:
        self.project = project

    def create(self) -> None:
        """Make the project, empty, in a database that has the tables. Raises Conflict."""
        stamp = Stamp(Actor("tamp", "system", ""), "library", "create", "", utc_now())
        with self.changing(stamp) as session:
            name = stored(self.project)
            if session.row("find_project", name=name, stage=LIVE) is not None:
                raise Conflict(
                    f"the database holds a project {self.project} already",
                    hint="`tamp storage use` works on it; another name makes another one",
                    code="project-exists",
                )
            session.run("add_project", name=name, stage=LIVE, mark="")

    def reading(self, stage: int = LIVE) -> _Reading:
        return _Reading(self, stage)

    def writing(self, stamp: Stamp) -> _Writing:
        return _Writing(self, stamp)

    def oddities(self) -> list[str]:
        with self.reading() as reader:
            schema = self.schema(reader.session.connection)
            schema.check()
            return schema.oddities()

    def version(self) -> Version:
        try:
            return self.looked()
        except Exception as error:
            _raise_explained(self, error)
            raise

    def keyring(self) -> SqlKeyring:
        from taskmaster.stores.sql.keyring import SqlKeyring

        return SqlKeyring(self)

    def intake(self) -> SqlIntake:
        from taskmaster.stores.sql.intake import SqlIntake

        return SqlIntake(self)

    def retire(self, successor: str, number: int) -> bool:
        stamp = Stamp(Actor("tamp", "system", ""), "library", "move", "", utc_now())
        with self.changing(stamp) as session:
            session.enter(stored(self.project), LIVE)
            self.check_entered(session)
            last, _time = session.last or (0, "")
            if last <= number:
                session.run("change_project", stage=LIVE, mark="", successor=stored(successor))
        return bool(last <= number)

    def successor(self) -> str:
        with self.reading() as reader:
            return told(reader.session.successor)

    def unseen(self) -> list[str]:
        return []

    def facts(self) -> dict[str, object]:
        with self.reading() as reader:
            size, migration = reader.session.row("facts") or (0, 0)
        return {"bytes": size, "migration": migration}

    def changing(self, stamp: Stamp) -> _Changing:
        """A transaction of the one writer in which no task changes: nothing enters the log."""
        return _Changing(self, stamp)

    def loaded(self) -> None:
        """Told after much was written at once; an engine that keeps statistics renews them."""

    def schema(self, connection: Connection) -> Schema:
        """The state of the tables in full."""
        raise NotImplementedError

    def looked(self) -> Version:
        """As ``version``, but for the errors of the driver."""
        raise NotImplementedError

    def begin_reading(self, stage: int) -> Session:
        """A transaction that sees one moment of the database, and has entered the project."""
        raise NotImplementedError

    def begin_writing(self, stamp: Stamp, stage: int | None) -> Session:
        """A transaction of the project's one writer, who has entered it if there is a *stage*.

        Raises Busy.
        """
        raise NotImplementedError

    def commit(self, session: Session, transaction: Transaction, nonce: str) -> None:
        """Commit what is done, and ring for it; *nonce* is what its log record can be found by."""
        raise NotImplementedError

    def end(self, connection: Connection) -> None:
        """Undo what was not committed, and give back the connection and the writer's place."""
        raise NotImplementedError

    def explained(self, error: BaseException) -> TampError | None:
        """What an error of the driver means; None for any other."""
        raise NotImplementedError

    def check_entered(self, session: Session) -> None:
        """Raise NotFound when the project is not there."""
        if not session.project:
            raise self.missing()

    def missing(self) -> NotFound:
        return NotFound(
            f"the database holds no project {self.project}",
            hint="check the name in .taskmaster/storage.json; `tamp storage show` tells more",
            code="no-such-project",
        )


class _Reading:
    def __init__(self, store: SqlStore, stage: int) -> None:
        self._store = store
        self._stage = stage

    def __enter__(self) -> SqlReader:
        store = self._store
        self._session = _begun(store, lambda: store.begin_reading(self._stage))
        self._connection = self._session.connection
        try:
            store.check_entered(self._session)
        except BaseException as error:
            self.__exit__(type(error), error, None)
            raise
        return SqlReader(self._session)

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._session.close()
        self._store.end(self._connection)
        _raise_explained(self._store, error)


class _Changing:
    stage: int | None = None
    """Of the project that is to be entered, if any."""

    def __init__(self, store: SqlStore, stamp: Stamp) -> None:
        self._store = store
        self._stamp = stamp

    def __enter__(self) -> Session:
        store = self._store
        self._session = _begun(store, lambda: store.begin_writing(self._stamp, self.stage))
        self._connection = self._session.connection
        return self._session

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._commit()
        except BaseException as failure:
            self._end(failure)
            raise
        self._end(error)

    def _commit(self) -> None:
        self._session.settle()
        self._connection.execute("COMMIT")

    def _end(self, error: BaseException | None) -> None:
        self._session.close()
        self._store.end(self._connection)
        _raise_explained(self._store, error)


class _Writing(_Changing):
    """The same for a writer of tasks."""

    stage = LIVE

    def __enter__(self) -> SqlWriter:  # type: ignore[override]  # what it is for
        session = super().__enter__()
        try:
            self._store.check_entered(session)
            if session.successor:
                self._refuse(told(session.successor))
        except BaseException as error:
            self._end(error)
            raise
        from taskmaster.stores.sql.writer import SqlWriter

        self._writer = SqlWriter(session)
        return self._writer

    def _refuse(self, successor: str) -> NoReturn:
        from taskmaster.stores.refusals import moved

        raise moved(f"the project {self._store.project}", successor)

    def _commit(self) -> None:
        nonce = os.urandom(12).hex()
        transaction = self._writer.flush(self._stamp, nonce)
        if transaction is not None:
            self._store.commit(self._session, transaction, nonce)
            self._writer.committed = transaction


def _begun(store: SqlStore, begin: Callable[[], Session]) -> Session:
    try:
        return begin()
    except Exception as error:
        _raise_explained(store, error)
        raise


def _raise_explained(store: SqlStore, error: BaseException | None) -> None:
    meaning = store.explained(error) if error is not None else None
    if meaning is not None:
        raise meaning from error
