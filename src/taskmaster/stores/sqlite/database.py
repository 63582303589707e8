"""A SQLite file as migrations need it, and how a connection to one is made."""

from __future__ import annotations

import os
import sqlite3

from taskmaster.errors import Busy, Conflict, CorruptStore, Forbidden, TampError, Unavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 30.0


def connect(path: str, *, patience: float = PATIENCE) -> sqlite3.Connection:
    """A connection for work: transactions are begun by hand, readers never wait for the writer.

    *patience* is how many seconds a wait for another process may last. Raises as ``explained``.
    """
    try:
        connection = sqlite3.connect(path, timeout=patience, isolation_level=None)
        connection.execute("PRAGMA foreign_keys=ON")
        write_ahead(connection)
    except sqlite3.Error as error:
        raise explained(error, path, patience) from error
    return connection


def write_ahead(connection: sqlite3.Connection) -> None:
    """Let the file keep a write-ahead log, from now on and for everybody."""
    (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    if mode == "delete":
        connection.execute("PRAGMA journal_mode=WAL")


class SqliteDatabase:
    """The database in the file at *path*, which is opened when needed and not made by looking.

    A *connection* that is given stays open; it must begin its transactions by hand.
    """

    kind = "sqlite"
    folder = os.path.join(os.path.dirname(__file__), "migrations")
    now = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"

    def __init__(
        self,
        path: str,
        connection: sqlite3.Connection | None = None,
        *,
        patience: float = PATIENCE,
    ) -> None:
        self._path = path
        self._patience = patience
        self._connection = connection
        self._own = connection is None

    @property
    def name(self) -> str:
        return self._path

    def noted(self, query: str) -> list[tuple[int, str, str, str, str]]:
        if self._connection is None and not os.path.exists(self._path):
            return []
        try:
            return self._open().execute(query).fetchall()
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return []
            if "no such column" in str(error):
                raise _foreign(self._path) from error
            raise explained(error, self._path, self._patience) from error
        except sqlite3.Error as error:
            raise explained(error, self._path, self._patience) from error

    def acquire(self) -> None:
        """Prepare the file; a transaction is lock enough."""
        try:
            connection = self._open()
            write_ahead(connection)
            # A table that is written anew under its old name is not to take others with it;
            # inside a transaction this could not be chosen any more.
            (self._keys,) = connection.execute("PRAGMA foreign_keys").fetchone()
            connection.execute("PRAGMA foreign_keys=OFF")
        except sqlite3.Error as error:
            raise explained(error, self._path, self._patience) from error

    def begin(self) -> None:
        self._execute("BEGIN IMMEDIATE")

    def run(self, script: str) -> None:
        for statement in statements(script):
            self._execute(statement)
        if dangling := self._open().execute("PRAGMA foreign_key_check").fetchall():
            raise CorruptStore(
                f"rows of {dangling[0][0]} would point to nothing ({len(dangling)} in all)",
                hint="restore a backup of the database, or mend those rows",
            )

    def commit(self) -> None:
        self._execute("COMMIT")

    def rollback(self) -> None:
        if self._open().in_transaction:
            self._execute("ROLLBACK")

    def release(self) -> None:
        self._execute(f"PRAGMA foreign_keys={self._keys}")

    def close(self) -> None:
        if self._own and self._connection is not None:
            self._connection.close()

    def _execute(self, statement: str) -> None:
        try:
            self._open().execute(statement)
        except sqlite3.Error as error:
            raise explained(error, self._path, self._patience) from error

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = sqlite3.connect(
                self._path, timeout=self._patience, isolation_level=None
            )
        return self._connection


def statements(script: str) -> Iterator[str]:
    """The statements of a script one by one: the driver runs a whole one only by committing."""
    begun = ""
    for piece in script.split(";"):
        begun += f"{piece};"
        if sqlite3.complete_statement(begun):
            yield begun
            begun = ""


def explained(error: sqlite3.Error, path: str, patience: float = PATIENCE) -> TampError:
    """What the driver refused, as an error of ours."""
    number = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if number in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Busy(
            f"waited {patience:g} s for another process that writes {path}",
            hint="nothing was changed; run the command again",
        )
    if number in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return CorruptStore(
            f"{path} cannot be read as a database: {error}", hint="restore a backup of it"
        )
    if number in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH):
        return Forbidden(
            f"not allowed to write {path} ({error})",
            hint="check who owns the file and its folder, and whether they are read-only",
            code="read-only",
        )
    if number in _ENVIRONMENT:
        return Unavailable(
            f"the system refused {path}: {error}",
            hint="check that its folder exists, and that the disk has room",
            code=_ENVIRONMENT[number],
        )
    return TampError(f"the database refused: {error}", code="database-error")


_ENVIRONMENT = {
    sqlite3.SQLITE_CANTOPEN: "database-unreachable",
    sqlite3.SQLITE_FULL: "disk-full",
    sqlite3.SQLITE_IOERR: "disk-error",
}


def _foreign(name: str) -> Conflict:
    return Conflict(
        f"the table schema_migrations in {name} belongs to another program",
        hint="give Task Master Pro a database of its own",
        code="schema-foreign",
    )
