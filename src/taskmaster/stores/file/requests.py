"""Which requests were carried out, as the change log of the file engine tells."""

from __future__ import annotations

import os
from _thread import allocate_lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO, Protocol

    from taskmaster.domain.changes import Transaction

    class Log(Protocol):
        """Lines of JSON in a file that is only ever appended to."""

        path: str

        def transaction(self, line: bytes) -> Transaction: ...


_MARK = b'"request":'


class Requests:
    """Where in a log the lines with requests stand; no line is looked at twice."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._looking = allocate_lock()
        self._forget(None)

    def carried_out(self, request: str) -> Transaction | None:
        """The transaction of this request. Raises CorruptStore."""
        try:
            with self._looking, open(self._log.path, "rb") as file:
                self._read_on(file)
                place = self._places.get(request)
                if place is None or not request:
                    return None
                file.seek(place)
                return self._log.transaction(file.readline())
        except FileNotFoundError:
            return None

    def _read_on(self, file: BinaryIO) -> None:
        """Look at what was added; a last line without its end does not count yet."""
        found = os.fstat(file.fileno())
        if (found.st_dev, found.st_ino) != self._file or found.st_size < self._end:
            self._forget((found.st_dev, found.st_ino))
        file.seek(self._end)
        for line in file:
            if not line.endswith(b"\n"):
                return
            if _MARK in line:
                self._places[self._log.transaction(line).stamp.request] = self._end
            self._end += len(line)

    def _forget(self, file: tuple[int, int] | None) -> None:
        """Begin anew: with another file, or one that was cut short."""
        self._file = file
        self._end = 0
        self._places: dict[str, int] = {}
