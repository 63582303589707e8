"""A SQLite file as migrations need it, and how a connection to one is made."""

from __future__ import annotations

import os
import sqlite3

from taskmaster.domain.changes import Actor, Stamp
from taskmaster.errors import Conflict, CorruptStore
from taskmaster.stores.lock import Lock
from taskmaster.workspace import utc_now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from taskmaster.errors import TampError

PATIENCE = 30.0


def connected(path: str, patience: float = PATIENCE) -> sqlite3.Connection:
    """A connection whose transactions are begun by hand and whose commits survive a power cut.

    *patience* is how many seconds a wait for another process may last.
    """
    connection = sqlite3.connect(
        path, timeout=patience, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def opened(path: str, patience: float) -> sqlite3.Connection:
    """The same to a database that is there: none is made by looking. Raises NotFound."""
    if not os.path.exists(path):
        from taskmaster.stores.sqlite.refusals import missing

        raise missing(path)
    return connected(path, patience)


def identity(path: str) -> tuple[int, int] | None:
    """Which file has this name, None when there is none."""
    try:
        found = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_dev, found.st_ino


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
        self._path = os.path.realpath(path)
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
        except sqlite3.Error as error:
            if "no such table" in str(error):
                return []
            if "no such column" in str(error):
                raise _foreign(self._path) from error
            raise self._refused(error) from error

    def acquire(self) -> None:
        """Take the place of the one writer, and prepare the file."""
        connection = self._open()
        stamp = Stamp(Actor("tamp db", "system", ""), "library", "migrating", "", utc_now())
        try:
            self._held = Lock(f"{self._path}.lock").acquire(self._patience, stamp)
        except OSError as error:
            raise self._refused(error) from error
        try:
            self._execute("PRAGMA journal_mode=WAL")
            # A table that is written anew under its old name is not to take others with it; within
            # a transaction this could not be chosen any more.
            (self._keys,) = connection.execute("PRAGMA foreign_keys").fetchone()
            self._execute("PRAGMA foreign_keys=OFF")
        except BaseException:
            Lock.release(self._held)
            raise

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
        try:
            self._execute(f"PRAGMA foreign_keys={self._keys}")
        finally:
            Lock.release(self._held)

    def close(self) -> None:
        if self._own and self._connection is not None:
            self._connection.close()

    def _execute(self, statement: str) -> None:
        try:
            self._open().execute(statement)
        except sqlite3.Error as error:
            raise self._refused(error) from error

    def _refused(self, error: Exception) -> TampError:
        from taskmaster.stores.sqlite.refusals import explained

        return explained(self._path, error)

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            try:
                self._connection = connected(self._path, self._patience)
            except sqlite3.Error as error:
                raise self._refused(error) from error
        return self._connection


def statements(script: str) -> Iterator[str]:
    """The statements of a script one by one: the driver runs a whole one only by committing."""
    begun = ""
    for piece in script.split(";"):
        begun += f"{piece};"
        if sqlite3.complete_statement(begun):
            yield begun
            begun = ""


def _foreign(name: str) -> Conflict:
    return Conflict(
        f"the table schema_migrations in {name} belongs to another program",
        hint="give Task Master Pro a database of its own",
        code="schema-foreign",
    )
