"""The Postgres engine: one database, any number of projects, processes and machines.

Readers see one moment of the database and never wait. The one writer of a project holds an
advisory lock from before it reads until after the commit; ``NOTIFY`` goes out with the commit. When
the connection is lost while committing, the log is asked afterwards whether it has happened.
"""

from __future__ import annotations

import os
import zlib
from functools import partial

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

from taskmaster.domain.changes import Version, last_number
from taskmaster.errors import Busy, TampError, Unavailable
from taskmaster.stores.postgres.connections import Connections
from taskmaster.stores.postgres.pipeline import PipelinedSession
from taskmaster.stores.postgres.refusals import explained
from taskmaster.stores.sql.session import LIVE, Dialect, Session
from taskmaster.stores.sql.store import SqlStore
from taskmaster.stores.sql.tables import Tables
from taskmaster.stores.sql.text import stored

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from psycopg.abc import Query

    from taskmaster.domain.changes import Stamp, Transaction
    from taskmaster.stores.sql.schema import Schema

    Connection = psycopg.Connection[tuple[object, ...]]

PATIENCE = 30.0
MIGRATIONS = 3
"""How many migrations make the tables that this code was written for."""
_NAME_ROOM = 63
_ASKING = (
    "SELECT set_config('tamp.name', {name}, true);"
    " SELECT id, last_number, last_time, keys_version FROM projects WHERE name = {name}"
    " AND stage = {stage}"
)
"""Statements that are sent together without values are a transaction of their own."""
_CONDITIONS = (
    "the database takes no changes: it is a standby",
    "the database takes no changes: it is set to be read only",
    "row-level security does not bind this user: every project of the database is open to it",
)
"""What the answers to the query ``condition`` mean where they are true."""
_LOST = (psycopg.OperationalError, psycopg.InterfaceError)


class PostgresStore(SqlStore):
    """The tasks of one *project* in the database that *dsn* names.

    *replica* is read instead, if given: it may lag behind. *pool* keeps up to so many connections
    for a server; without it they are made when they are needed.
    """

    kind = "postgres"

    def __init__(
        self,
        dsn: str,
        project: str,
        *,
        replica: str = "",
        patience: float = PATIENCE,
        pool: int = 0,
    ) -> None:
        super().__init__(project)
        self.dsn = dsn
        # Row security asks for the project anyway, in words that tell the planner nothing: it would
        # expect hardly any rows, and read all of them in order to sort them.
        self.dialect = Dialect(
            os.path.dirname(__file__), "{} = ANY(%({})s)", "%({})s", list, told_twice=True
        )
        self._patience = patience
        check = Tables(MIGRATIONS, psycopg.Error, partial(_schema, dsn=dsn)).check
        self._main = Connections(dsn, patience, pool, check)
        self._replica = self._main
        self._lent: dict[int, Connections] = {}
        self._asking: bytes | None = None
        if replica:
            self._replica = Connections(replica, patience, pool, check)

    def looked(self) -> Version:
        connection, row = self._replica.begun(self._row)
        self._replica.give_back(connection)
        if row is None:
            raise self.missing()
        number, *tasks, keys = row
        return Version((number, *tasks), (number, keys))

    def _row(self, connection: Connection) -> tuple[Connection, tuple[object, ...] | None]:
        """All that every change of the project changes, in one round trip."""
        if self._asking is None:
            name = stored(self.project)
            self._asking = sql.SQL(_ASKING).format(name=name, stage=LIVE).as_bytes(connection)
        cursor = connection.execute(self._asking, prepare=False)
        cursor.nextset()
        return connection, cursor.fetchone()

    def begin_reading(self, stage: int) -> Session:
        begin = ["BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", self._name_told()]
        session = self._replica.begun(partial(self._begun, begin=begin, stage=stage))
        self._lent[id(session.connection)] = self._replica
        return session

    def begin_writing(self, stamp: Stamp, stage: int | None) -> Session:
        settings = sql.SQL(
            "SELECT set_config('application_name', 'tamp', true),"
            " set_config('lock_timeout', {patience}, true)"
        ).format(patience=f"{max(1, int(self._patience * 1000))}ms")
        lock = sql.SQL("SELECT pg_advisory_xact_lock(hashtextextended({name}, 0))")
        holder = sql.SQL("SELECT set_config('application_name', {name}, true)")
        begin = [
            "BEGIN",
            self._name_told(),
            settings,
            lock.format(name=self._lock_name()),
            holder.format(name=_named(stamp)),
        ]
        try:
            return self._main.begun(partial(self._begun, begin=begin, stage=stage))
        except psycopg.errors.LockNotAvailable as error:
            raise Busy(
                f"waited {self._patience:g} s for {self._holder()}",
                hint="nothing was changed; run the command again",
            ) from error

    def _begun(self, connection: Connection, begin: Iterable[Query], stage: int | None) -> Session:
        session = PipelinedSession(connection, self.dialect, begin)
        if stage is None:
            session.settle()
        else:
            session.enter(stored(self.project), stage)
        return session

    def _name_told(self) -> Query:
        name = stored(self.project)
        return sql.SQL("SELECT set_config('tamp.name', {name}, true)").format(name=name)

    def commit(self, session: Session, transaction: Transaction, nonce: str) -> None:
        number = last_number(transaction)
        session.run("ring", channel=channel(self.project), number=str(number))
        session.settle()
        try:
            session.connection.execute("COMMIT")
        except _LOST as error:
            if not self._has_happened(transaction, nonce):
                raise Unavailable(
                    "the connection to the database was lost while saving; nothing was changed",
                    hint="run the command again",
                    code="connection-lost",
                ) from error

    def end(self, connection: Connection) -> None:
        try:
            if connection.info.transaction_status != TransactionStatus.IDLE:
                connection.execute("ROLLBACK")
        except _LOST:
            connection.close()  # With it the server ends the transaction and frees the lock.
        self._lent.pop(id(connection), self._main).give_back(connection)

    def loaded(self) -> None:
        connection = self._main.begun(_plain)
        try:
            for table in ("tasks", "searched", "nodes", "edges", "tallies"):
                connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))
            connection.execute("COMMIT")
        finally:
            self.end(connection)

    def oddities(self) -> list[str]:
        """As every store, and what the server that takes changes says of itself and this user."""
        main = PostgresStore(self.dsn, self.project, patience=self._patience)
        with main.reading() as reader:
            row = reader.session.row("condition") or (False,) * len(_CONDITIONS)
        main.close()
        return [
            *super().oddities(),
            *(words for words, holds in zip(_CONDITIONS, row, strict=True) if holds),
        ]

    def schema(self, connection: Connection) -> Schema:
        return _schema(connection, self.dsn)

    def connections(self) -> dict[str, int]:
        """How many there are in the pool for writing, as ``Connections.counts`` says."""
        return self._main.counts()

    def close(self) -> None:
        """Close the connections that are kept."""
        self._main.close()
        self._replica.close()

    def explained(self, error: BaseException) -> TampError | None:
        return explained(error) if isinstance(error, psycopg.Error) else None

    def _has_happened(self, transaction: Transaction, nonce: str) -> bool:
        """Whether the commit whose answer was lost is in the log.

        Asked as the next writer: by then the server has ended the transaction, one way or the
        other.
        """
        stamp = transaction.stamp._replace(operation=f"{transaction.stamp.operation} (asking)")
        try:
            session = self._main.patiently(lambda: self.begin_writing(stamp, LIVE))
        except (psycopg.Error, TampError) as error:
            raise Unavailable(
                "the connection to the database was lost while saving, and it does not come back:"
                " whether the change was saved is not known",
                hint="`tamp history` tells, once the database answers again",
                code="outcome-unknown",
            ) from error
        connection = session.connection
        try:
            self.check_entered(session)
            return session.row("find_nonce", number=transaction.first, nonce=nonce) is not None
        finally:
            self.end(connection)

    def _lock_name(self) -> str:
        return f"tamp writer {stored(self.project)}"

    def _holder(self) -> str:
        """Who is writing, as far as the server tells this role."""
        try:
            connection = self._main.begun(_plain)
        except psycopg.Error:
            return "another writer"
        try:
            row = Session(connection, self.dialect).row("holder", lock=self._lock_name())
            return str(row[0]).removeprefix("tamp: ") if row and row[0] else "another writer"
        finally:
            self.end(connection)


def channel(project: str) -> str:
    """Where listeners hear of the changes of the project with this name.

    Two names may share a channel: that costs a look, no more.
    """
    return f"tamp_{zlib.crc32(project.encode(errors='surrogatepass')):08x}"


def _plain(connection: Connection) -> Connection:
    connection.execute("BEGIN")
    return connection


def _schema(connection: Connection, dsn: str) -> Schema:
    from taskmaster.stores.postgres.database import PostgresDatabase
    from taskmaster.stores.sql.migrations import Migrations
    from taskmaster.stores.sql.schema import Schema

    database = PostgresDatabase(dsn, connection)
    return Schema(database, Migrations(database.folder))


def _named(stamp: Stamp) -> str:
    words = f"tamp: {stamp.actor.name}, who is busy with {stamp.operation}"
    return words.encode("ascii", "replace").decode()[:_NAME_ROOM].replace("\x00", "?")
