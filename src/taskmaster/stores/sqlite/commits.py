"""Noticing what is committed to an SQLite database, by whatever program."""

from __future__ import annotations

import itertools
from _thread import allocate_lock

from taskmaster.stores.sqlite.database import identity, opened

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Hashable


_NUMBERS = itertools.count(1)


class Commits:
    """A connection that nobody writes on, so that ``PRAGMA data_version`` tells of every commit.

    The database at *path* may be exchanged for another one. For many threads.
    """

    def __init__(self, path: str, patience: float) -> None:
        self._path = path
        self._patience = patience
        self._looking = allocate_lock()
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._opened = 0
        self._seen: Hashable = None

    def __del__(self) -> None:
        self.close()

    def seen(self, check: Callable[[], object]) -> Hashable:
        """What is different after every commit; each time it is, *check* is called."""
        with self._looking:
            self._open()
            ((number,),) = self._connection.execute("PRAGMA data_version")  # type: ignore[union-attr]  # just opened
            if (self._opened, number) != self._seen:
                check()
            self._seen = self._opened, number
            return self._seen

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = self._file = None

    def _open(self) -> None:
        """Be connected to the file that is there; each connection counts commits in its own way."""
        file = identity(self._path)
        if file is None or file != self._file:
            self.close()
            self._connection = opened(self._path, self._patience)
            self._file = file
            self._opened = next(_NUMBERS)
