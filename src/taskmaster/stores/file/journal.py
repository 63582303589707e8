"""The change log of the file engine, and the copy of the task file that it agrees with.

The log is one JSON line per transaction and only ever appended to.
"""

from __future__ import annotations

import json
import os
import re
import zlib
from collections import namedtuple

from taskmaster import wire
from taskmaster.errors import CorruptStore
from taskmaster.stores.file import disk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator
    from typing import BinaryIO, NamedTuple

    from taskmaster.domain.changes import Transaction
    from taskmaster.stores.file.requests import Requests

    class _Ticket(NamedTuple):
        size: int
        crc: int
        line: bytes

else:
    _Ticket = namedtuple("_Ticket", "size crc line")

_CHUNK, _END = 1 << 16, 256
_START = re.compile(rb'\{"seq":\[(\d+),(\d+)\],"at":"([^"]*)"')


class Journal:
    """The log file at *path*; it need not exist yet."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._requests: Requests | None = None
        self._known: tuple[disk.Stamp, bytes] = None, b""

    def edition(self) -> Hashable:
        """What is different after every change of the log.

        To finish a line changes its last character and, within one tick of the file system's
        clock, nothing else that a look at the file tells.
        """
        found = disk.stamp(self.path)
        if found != self._known[0]:
            final = disk.settled(found)
            edition = found, self._last_characters()
            self._known = edition if final else (None, b"")
            return edition
        return self._known

    def _last_characters(self) -> bytes:
        try:
            with open(self.path, "rb", buffering=0) as file:
                file.seek(-min(file.seek(0, os.SEEK_END), _END), os.SEEK_END)
                return file.read()
        except FileNotFoundError:
            return b""

    def number(self) -> int:
        """The number of the last change, 0 for an empty log."""
        return self.last()[0]

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
                file.seek(_line_before(file, number))
                for line in file:
                    match = _START.match(line)
                    if not line.endswith(b"\n"):
                        return
                    if not match:
                        raise self._damaged(line)
                    if int(match.group(2)) > number:
                        yield self.transaction(line)
        except FileNotFoundError:
            return

    def carried_out(self, request: str) -> Transaction | None:
        """The transaction whose stamp names this request."""
        if self._requests is None:
            from taskmaster.stores.file.requests import Requests

            self._requests = Requests(self)
        return self._requests.carried_out(request)

    def transaction(self, line: bytes) -> Transaction:
        """What a line tells. Raises CorruptStore."""
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


class Ticket(_Ticket):
    """The fingerprint of the announced content and the log line that belongs to it."""

    __slots__ = ()

    def fits(self, data: bytes | None) -> bool:
        return data is not None and (self.size, self.crc) == (len(data), zlib.crc32(data))


class LastSeen:
    """What we last saw the task file at *path* say, and what we are about to make it say.

    Two files beside the log: a copy of the content that the log agrees with, and, while a change
    is under way, a ticket that tells whoever finds us dead what was to come. The next copy lies
    ready under another name before anything happens, so that log and copy never drift apart.
    """

    def __init__(self, folder: str, path: str) -> None:
        self._path = path
        self._copy = os.path.join(folder, "base.json")
        self._next = os.path.join(folder, "base.json.new")
        self._announced = os.path.join(folder, "pending.json")

    def content(self) -> bytes | None:
        return disk.read(self._copy)

    def in_step(self) -> bool:
        """Whether the file looks like the one we left, going by its size and time."""
        try:
            copy = os.stat(self._copy)
        except FileNotFoundError:
            return True
        try:
            own = os.stat(self._path)
        except FileNotFoundError:
            return not copy.st_size
        unchanged = (own.st_size, own.st_mtime_ns) == (copy.st_size, copy.st_mtime_ns)
        return unchanged and not os.path.exists(self._announced)

    def announce(self, content: bytes, line: bytes) -> None:
        """Note what the file and the last log line will be."""
        disk.write(self._next, content, sync=False)
        ticket = {"size": len(content), "crc": zlib.crc32(content), "line": line.decode()}
        # Seen through to the disk: after a power cut it alone tells that the change was ours.
        disk.write(self._announced, json.dumps(ticket).encode())

    def announced(self) -> Ticket | None:
        """What was announced and neither settled nor withdrawn."""
        try:
            told = json.loads(disk.read(self._announced) or b"")
            return Ticket(told["size"], told["crc"], told["line"].encode())
        except (ValueError, TypeError, KeyError, AttributeError):
            return None  # Cut short: its writer died before anything happened.

    def settle(self, moment: int | None) -> None:
        """What was announced has happened; *moment* is the file's time."""
        os.replace(self._next, self._copy)
        self._mark(moment)
        disk.remove(self._announced)

    def withdraw(self) -> None:
        disk.remove(self._announced)
        disk.remove(self._next)

    def complete(self, content: bytes, ticket: Ticket) -> None:
        """Have the next copy lie ready again, should it be gone already or cut short."""
        if not ticket.fits(disk.read(self._next)):
            disk.write(self._next, content, sync=False)

    def advance(self, ticket: Ticket) -> None:
        """Take the next copy for what was last seen, if it is there and whole."""
        if ticket.fits(disk.read(self._next)):
            os.replace(self._next, self._copy)

    def keep(
        self, content: bytes, moment: int | None, *, was: bytes | None, sync: bool = False
    ) -> None:
        """Remember *content*, which tells nothing new, in place of what *was* remembered."""
        if was != content:
            disk.replace(self._copy, content, sync=sync)
        self._mark(moment)

    def _mark(self, moment: int | None) -> None:
        """Give the copy the file's time, so that one look tells whether they are in step."""
        try:
            if moment is not None and os.stat(self._copy).st_mtime_ns != moment:
                os.utime(self._copy, ns=(moment, moment))
        except PermissionError:
            return  # Somebody else's copy: every look is a long one.


def _line_before(file: BinaryIO, number: int) -> int:
    """The start of a line that is not far before the first transaction after change *number*.

    Numbers ascend, so that a log of any length takes a few looks; where one meets something else
    than the beginning of a record, the search ends.
    """
    low, high = 0, file.seek(0, os.SEEK_END)
    while high - low > _CHUNK:
        middle = (low + high) // 2
        file.seek(middle)
        start = middle + len(file.readline())
        match = _START.match(file.readline(_CHUNK))
        if not match:
            break
        if int(match.group(2)) > number:
            high = middle
        else:
            low = start
    return low


def _read_at(handle: int, place: int, count: int) -> bytes:
    os.lseek(handle, place, os.SEEK_SET)
    return os.read(handle, count)


def line_of(transaction: Transaction) -> bytes:
    """The log line of a transaction; its beginning is what ``Journal.last`` looks for."""
    return encoded(wire.transaction_to_json(transaction))


def encoded(value: object) -> bytes:
    """A value as one line of JSON, whatever its characters are."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()
