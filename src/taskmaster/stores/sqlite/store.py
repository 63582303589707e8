"""The SQLite engine: one database file, any number of processes on one machine.

Readers see one moment of the database (WAL) and never wait. Writers take turns by a lock file
beside the database, which tells those who wait for whom, and dies with its holder; within it a
transaction holds the database itself against other programs.
"""

from __future__ import annotations

import json
import os
import sqlite3
from functools import partial

from taskmaster.domain.changes import Version
from taskmaster.stores.lock import Lock
from taskmaster.stores.sql.session import Dialect, Session
from taskmaster.stores.sql.spares import Spares
from taskmaster.stores.sql.store import SqlStore
from taskmaster.stores.sql.tables import Tables
from taskmaster.stores.sql.text import stored
from taskmaster.stores.sqlite.database import PATIENCE, SqliteDatabase, identity, opened

TYPE_CHECKING = False
if TYPE_CHECKING:
    from taskmaster.domain.changes import Stamp, Transaction
    from taskmaster.errors import TampError
    from taskmaster.stores.sql.schema import Schema
    from taskmaster.stores.sql.session import Connection
    from taskmaster.stores.sqlite.commits import Commits

MIGRATIONS = 3
"""How many migrations make the tables that this code was written for."""
IN_LIST = "{} IN (SELECT value FROM json_each(:{}))"


class SqliteStore(SqlStore):
    """The tasks of one *project* in the database file *path*."""

    kind = "sqlite"

    def __init__(self, path: str, project: str, *, patience: float = PATIENCE) -> None:
        super().__init__(project)
        self.path = os.path.realpath(path)
        self.dialect = Dialect(os.path.dirname(__file__), IN_LIST, ":{}", json.dumps)
        self._patience = patience
        self._turn_to(None)
        self._lent: dict[int, Spares] = {}
        self._lock = Lock(f"{self.path}.lock")
        self._held: dict[int, int] = {}
        self._commits: Commits | None = None

    def looked(self) -> Version:
        if self._commits is None:
            from taskmaster.stores.sqlite.commits import Commits

            self._commits = Commits(self.path, self._patience)
        seen = self._commits.seen(self._look)
        return Version(seen, seen)

    def _look(self) -> None:
        with self.reading():
            """What keeps everybody from reading is found out."""

    def begin_reading(self, stage: int) -> Session:
        return self._begun(self._taken(), "BEGIN", stage)

    def begin_writing(self, stamp: Stamp, stage: int | None) -> Session:
        connection = self._taken()
        self._held[id(connection)] = self._lock.acquire(self._patience, stamp)
        return self._begun(connection, "BEGIN IMMEDIATE", stage)

    def _begun(self, connection: Connection, begin: str, stage: int | None) -> Session:
        session = Session(connection, self.dialect)
        try:
            connection.execute(begin)
            if stage is not None:
                session.enter(stored(self.project), stage)
        except BaseException:
            self.end(connection)
            raise
        return session

    def commit(self, session: Session, transaction: Transaction, nonce: str) -> None:
        del transaction, nonce  # A commit to a file is done or not: nobody need ask later.
        session.connection.execute("COMMIT")

    def end(self, connection: Connection) -> None:
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            self._lent.pop(id(connection)).give_back(connection)
        finally:
            handle = self._held.pop(id(connection), None)
            if handle is not None:
                self._lock.release(handle)

    def loaded(self) -> None:
        connection = self._taken()
        connection.execute("PRAGMA analysis_limit = 1000")
        connection.execute("ANALYZE")
        self.end(connection)

    def _taken(self) -> Connection:
        file = identity(self.path)
        if file is None or file != self._file:
            self._turn_to(file)
        spares = self._spares
        connection = spares.take()
        if connection is None:
            connection = opened(self.path, self._patience)
            self._tables.check(connection)
        self._lent[id(connection)] = spares
        return connection

    def _turn_to(self, file: tuple[int, int] | None) -> None:
        """Keep no connections but those to this file: another has been put in its place."""
        self._file = file
        self._spares = Spares()
        self._tables = Tables(MIGRATIONS, sqlite3.Error, partial(_schema, path=self.path))

    def oddities(self) -> list[str]:
        """As every store; raises CorruptStore for damage that has not shown itself yet."""
        with self.reading() as reader:
            connection = reader.session.connection
            from taskmaster.stores.sqlite.refusals import corrupt

            [(found,)] = connection.execute("PRAGMA quick_check(1)")
            if found != "ok":
                raise corrupt(self.path, found)
            [(mode,)] = connection.execute("PRAGMA journal_mode")
        form = f"it is in journal mode {mode}, in which readers and writers wait for each other"
        return [*super().oddities(), *([form] if mode != "wal" else [])]

    def schema(self, connection: Connection) -> Schema:
        return _schema(connection, self.path)

    def close(self) -> None:
        """Close the connections that are kept."""
        self._spares.close()
        if self._commits is not None:
            self._commits.close()

    def explained(self, error: BaseException) -> TampError | None:
        if not isinstance(error, sqlite3.Error | OSError):
            return None
        from taskmaster.stores.sqlite.refusals import explained

        return explained(self.path, error)


def _schema(connection: Connection, path: str) -> Schema:
    from taskmaster.stores.sql.migrations import Migrations
    from taskmaster.stores.sql.schema import Schema

    database = SqliteDatabase(path, connection)
    return Schema(database, Migrations(database.folder))
