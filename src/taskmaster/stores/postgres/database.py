"""A Postgres database as migrations need it, and how a connection to one is made.

Names are plain everywhere: which schema they lie in is chosen with the connection, by
``options=-csearch_path=...``.
"""

from __future__ import annotations

import os

from taskmaster.errors import Busy, Conflict, Forbidden, TampError, Unavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    from psycopg import Connection, Error

PATIENCE = 30.0
CONNECTING = 10
# Of the whole database: "tamp" in ASCII.
LOCK = 0x74616D70
_OURS = "to_regclass(quote_ident(current_schema()) || '.schema_migrations')"
_HOLDER = """
SELECT usename, pid FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND granted AND classid = 0 AND objid = %s AND objsubid = 1
  AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def connect(dsn: str) -> Connection:
    """A connection whose transactions are begun by hand."""
    psycopg = driver()
    from psycopg.conninfo import conninfo_to_dict

    from taskmaster.stores.postgres.refusals import explained

    try:
        options = {"connect_timeout": CONNECTING, **conninfo_to_dict(dsn)}
        return psycopg.connect(autocommit=True, **options)  # type: ignore[no-any-return]  # see driver
    except psycopg.Error as error:
        raise explained(error) from error


def driver() -> ModuleType:
    """The module psycopg. Raises Unavailable where it is not installed."""
    try:
        import psycopg
    except ImportError as error:
        from taskmaster.stores.refusals import missing_extra

        raise missing_extra("Postgres", "postgres", error) from error
    return psycopg


class PostgresDatabase:
    """The database that *dsn* names, to which a connection is made when needed.

    A *connection* that is given stays open; it must be in autocommit mode.
    """

    kind = "postgres"
    folder = os.path.join(os.path.dirname(__file__), "migrations")
    now = """to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""

    def __init__(
        self, dsn: str, connection: Connection | None = None, *, patience: float = PATIENCE
    ) -> None:
        self._dsn = dsn
        self._patience = patience
        self._connection = connection
        self._own = connection is None

    @property
    def name(self) -> str:
        info = self._open().info
        return f"{info.dbname} on {info.host or 'this machine'}"

    def noted(self, query: str) -> list[tuple[int, str, str, str, str]]:
        psycopg = driver()
        try:
            # Outside of a transaction an error costs nothing, so that one query is enough.
            if self._inside() and not self._there():
                return []
            return self._open().execute(f"{query} WHERE tableoid = {_OURS}".encode()).fetchall()
        except psycopg.errors.UndefinedTable:
            return []
        except psycopg.errors.UndefinedColumn as error:
            if self._there():
                raise _foreign(self.name) from error
            return []
        except psycopg.Error as error:
            raise self._explained(error) from error

    def _there(self) -> bool:
        """Whether there is such a table where new ones would come to lie."""
        found = self._open().execute(f"SELECT {_OURS} IS NOT NULL".encode())
        (there,) = found.fetchone() or (False,)
        return bool(there)

    def _inside(self) -> bool:
        idle = driver().pq.TransactionStatus.IDLE
        return bool(self._open().info.transaction_status != idle)

    def acquire(self) -> None:
        """Take the lock that every migrating process takes, for this session."""
        psycopg = driver()
        connection = self._open()
        try:
            asked = "SELECT current_setting('lock_timeout'), current_setting('statement_timeout')"
            self._before = connection.execute(asked).fetchone() or ("0", "0")
            # A migration may take its time, but one that waits for somebody's long query would
            # have everybody else wait behind it.
            self._bound(f"{round(self._patience * 1000)}ms", "0")
            connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        except psycopg.errors.LockNotAvailable as error:
            self._bound(*self._before)
            raise self._occupied() from error
        except psycopg.Error as error:
            raise self._explained(error) from error

    def _bound(self, waiting: str, working: str) -> None:
        self._open().execute(
            "SELECT set_config('lock_timeout', %s, false),"
            " set_config('statement_timeout', %s, false)",
            (waiting, working),
        )

    def _occupied(self) -> Busy:
        found = self._open().execute(_HOLDER, (LOCK,)).fetchone()
        holder = f"{found[0]} (server process {found[1]})" if found else "another process"
        return Busy(
            f"waited {self._patience:g} s for {holder}, who is migrating {self.name}",
            hint="nothing was changed; run the command again",
        )

    def _explained(self, error: Error) -> TampError:
        from taskmaster.stores.postgres.refusals import explained

        said = error.diag.message_primary
        if error.sqlstate == "55P03":
            return Busy(
                f"waited {self._patience:g} s for somebody who uses the tables",
                hint="run the command again",
            )
        if error.sqlstate == "42501":
            more = f"; the server says: {error.diag.message_hint}" * bool(error.diag.message_hint)
            return Forbidden(
                f"the database does not permit this: {said}",
                hint=f"connect as the owner of the tables, who may make new ones{more}",
            )
        if error.sqlstate == "3F000":
            return Unavailable(
                f"the database refused: {said}",
                hint="make the schema that the address names as search_path",
                code="no-schema",
            )
        if (error.sqlstate or "").startswith("42"):
            # Whoever migrates need not be told to do so.
            return TampError(f"the database refused: {said}", code="database-error")
        return explained(error)

    def begin(self) -> None:
        self.run("BEGIN")

    def run(self, script: str) -> None:
        psycopg = driver()
        try:
            self._open().execute(script.encode())
        except psycopg.Error as error:
            raise self._explained(error) from error

    def commit(self) -> None:
        self.run("COMMIT")

    def rollback(self) -> None:
        if not self._open().closed and self._inside():
            self.run("ROLLBACK")

    def release(self) -> None:
        if not self._open().closed:
            self._bound(*self._before)
            self._open().execute("SELECT pg_advisory_unlock(%s)", (LOCK,))

    def close(self) -> None:
        if self._own and self._connection is not None:
            self._connection.close()

    def _open(self) -> Connection:
        if self._connection is None:
            self._connection = connect(self._dsn)
        return self._connection


def _foreign(name: str) -> Conflict:
    return Conflict(
        f"the table schema_migrations in {name} belongs to another program",
        hint="choose a schema of its own: postgresql://…?options=-csearch_path%3Dtamp,public",
        code="schema-foreign",
    )
