"""Listening for what other connections commit to an SQLite database."""

from __future__ import annotations

import os
import time
from collections import namedtuple

from taskmaster.doorbells.folders import FolderPause

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from typing import NamedTuple

    class _Sight(NamedTuple):
        """Which file the database is, and a number that every commit of others changes."""

        file: tuple[int, int]
        version: int

else:
    _Sight = namedtuple("_Sight", "file version")

PAUSE = 0.05
"""Seconds between two looks at the database."""

LOOK = 1.0
"""Seconds between two times that a watch which cannot look says True."""

_LOCKED = 0.5
"""Seconds that a look waits while somebody opens or closes the database, which locks it."""


class SqliteWatch:
    """Notices the commits of every process, by ``PRAGMA data_version`` on its own connection.

    The database need not be there yet, and may be exchanged for another file. The package
    watchfiles, where it is installed, only shortens the wait.
    """

    def __init__(self, path: str) -> None:
        self._path = os.path.realpath(path)
        self._pause = FolderPause([os.path.dirname(self._path)], PAUSE)
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._why = ""
        self._seen = self._look()
        self._again = 0.0

    @property
    def trouble(self) -> str:
        return f"{self._why}; looking every {LOOK:g} s" if self._why else ""

    def wait(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while True:
            seen, now = self._look(), time.monotonic()
            if seen != self._seen or (self._why and now >= self._again):
                self._seen, self._again = seen, now + LOOK
                return True
            if now >= end:
                return False
            self._pause(end - now)

    def close(self) -> None:
        self._pause.close()
        self._close()

    def _look(self) -> _Sight | None:
        """What there is to be seen, None for no database or one that cannot be looked at."""
        import sqlite3

        try:
            sight = self._sight()
        except sqlite3.Error as error:
            self._close()
            self._why = f"the database {self._path} cannot be watched ({error})"
            return None
        self._why = ""
        return sight

    def _sight(self) -> _Sight | None:
        file = _file(self._path)
        if file != self._file:
            self._close()
        if file is None:
            return None
        if self._connection is None:
            self._connection, self._file = _opened(self._path), file
        ((version,),) = self._connection.execute("PRAGMA data_version").fetchall()
        return _Sight(file, version)

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = self._file = None


def _file(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _opened(path: str) -> sqlite3.Connection:
    """A connection to a database that is there: none is ever made by looking."""
    import sqlite3
    from urllib.parse import quote

    return sqlite3.connect(
        f"file:{quote(path)}?mode=rw",
        uri=True,
        timeout=_LOCKED,
        isolation_level=None,
        check_same_thread=False,
    )
