"""The change log of the file engine: one JSON line per transaction, only ever appended to."""

from __future__ import annotations

import json
import os
import re

from taskmaster import wire
from taskmaster.errors import CorruptStore
from taskmaster.stores.file import disk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from taskmaster.domain.changes import Transaction

_CHUNK = 1 << 16
_START = re.compile(rb'\{"seq":\[(\d+),(\d+)\],"at":"([^"]*)"')


class Journal:
    """The log file at *path*; it need not exist yet."""

    def __init__(self, path: str) -> None:
        self.path = path

    def last(self) -> tuple[int, str]:
        """The number and the time of the last change; ``(0, "")`` for an empty log."""
        line = self._last_line()
        if not line:
            return 0, ""
        match = _START.match(line)
        if not match:
            raise self._damaged(line)
        return int(match.group(2)), match.group(3).decode()

    def append(self, line: bytes) -> None:
        """Add a line (without its end) and see it through to the disk."""
        disk.append(self.path, line + b"\n")

    def reserve(self, line: bytes) -> None:
        """Write a line that does not count yet, so that ``finish`` needs no more room."""
        disk.append(self.path, line + b" ", sync=False)

    def finish(self) -> None:
        """Make the reserved line count and see it through to the disk."""
        with open(self.path, "r+b", buffering=0) as file:
            file.seek(-1, os.SEEK_END)
            file.write(b"\n")
            os.fsync(file.fileno())

    def mend(self) -> None:
        """Cut off a last line that was never finished: the process died while writing it."""
        try:
            with open(self.path, "r+b") as file:
                size = file.seek(0, os.SEEK_END)
                if size and self._ends_without_newline(file.fileno(), size):
                    keep = size - len(self._tail())
                    file.truncate(keep)
        except FileNotFoundError:
            return

    def since(self, number: int) -> Iterator[Transaction]:
        """Transactions that end after change *number*; an unfinished last line is left out."""
        try:
            with open(self.path, "rb") as file:
                for line in file:
                    match = _START.match(line)
                    if not line.endswith(b"\n"):
                        return
                    if not match:
                        raise self._damaged(line)
                    if int(match.group(2)) > number:
                        yield self._transaction(line)
        except FileNotFoundError:
            return

    def _transaction(self, line: bytes) -> Transaction:
        try:
            return wire.transaction_from_json(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise self._damaged(line) from error

    def _damaged(self, line: bytes) -> CorruptStore:
        shown = line[:60].decode(errors="replace")
        return CorruptStore(
            f"a line of the change log {self.path} cannot be read: {shown!r}…",
            hint="tasks are not affected; move the file away to start a new log",
            code="corrupt-log",
        )

    @staticmethod
    def _ends_without_newline(handle: int, size: int) -> bool:
        return _read_at(handle, size - 1, 1) != b"\n"

    def _tail(self) -> bytes:
        """The characters after the last line end."""
        return self._backwards(finished=False)

    def _last_line(self) -> bytes:
        return self._backwards(finished=True)

    def _backwards(self, *, finished: bool) -> bytes:
        """The last finished line, or what follows it."""
        try:
            handle = os.open(self.path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        except FileNotFoundError:
            return b""
        try:
            pieces: list[bytes] = []
            ends = 0
            start = os.fstat(handle).st_size
            while start and ends <= finished:
                step = min(_CHUNK, start)
                start -= step
                pieces.append(_read_at(handle, start, step))
                ends += pieces[-1].count(b"\n")
        finally:
            os.close(handle)
        lines = b"".join(reversed(pieces)).split(b"\n")
        return lines[-1 - finished] if len(lines) > finished else b""


def _read_at(handle: int, place: int, count: int) -> bytes:
    os.lseek(handle, place, os.SEEK_SET)
    return os.read(handle, count)


def line_of(transaction: Transaction) -> bytes:
    """The log line of a transaction; its beginning is what ``Journal.last`` looks for."""
    shown = wire.transaction_to_json(transaction)
    try:
        return json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(shown, separators=(",", ":")).encode()
