"""What we last saw the task file say, and what we are about to make it say.

Two files beside the log: a copy of the content that the log agrees with, and, while a change is
under way, a ticket that tells whoever finds us dead what was to come. The next copy lies ready
under another name before anything happens, so that the log and the copy never drift apart for
want of it.
"""

from __future__ import annotations

import json
import os
import zlib
from collections import namedtuple

from taskmaster.stores.file import disk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    class _Ticket(NamedTuple):
        size: int
        crc: int
        line: bytes

else:
    _Ticket = namedtuple("_Ticket", "size crc line")


class Ticket(_Ticket):
    """The fingerprint of the announced content and the log line that belongs to it."""

    __slots__ = ()

    def fits(self, data: bytes | None) -> bool:
        return data is not None and (self.size, self.crc) == (len(data), zlib.crc32(data))


class LastSeen:
    """The copy of the task file at *path*, in *folder*."""

    def __init__(self, folder: str, path: str) -> None:
        self._path = path
        self._copy = os.path.join(folder, "base.json")
        self._next = os.path.join(folder, "base.json.new")
        self._ticket = os.path.join(folder, "pending.json")

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
        return unchanged and not os.path.exists(self._ticket)

    def announce(self, content: bytes, line: bytes) -> None:
        """Note what the file and the last log line will be."""
        disk.write(self._next, content, sync=False)
        ticket = {"size": len(content), "crc": zlib.crc32(content), "line": line.decode()}
        disk.write(self._ticket, json.dumps(ticket).encode(), sync=False)

    def announced(self) -> Ticket | None:
        """What was announced and neither settled nor withdrawn."""
        try:
            told = json.loads(disk.read(self._ticket) or b"")
            return Ticket(told["size"], told["crc"], told["line"].encode())
        except (ValueError, TypeError, KeyError, AttributeError):
            return None  # Cut short: its writer died before anything happened.

    def settle(self, moment: int | None) -> None:
        """What was announced has happened; *moment* is the file's time."""
        os.replace(self._next, self._copy)
        self._mark(moment)
        disk.remove(self._ticket)

    def withdraw(self) -> None:
        disk.remove(self._ticket)
        disk.remove(self._next)

    def complete(self, content: bytes, ticket: Ticket) -> None:
        """Have the next copy lie ready again, should it be gone already or cut short."""
        if not ticket.fits(disk.read(self._next)):
            disk.write(self._next, content, sync=False)

    def advance(self, ticket: Ticket) -> None:
        """Take the next copy for what was last seen, if it is there and whole."""
        if ticket.fits(disk.read(self._next)):
            os.replace(self._next, self._copy)

    def keep(self, content: bytes, moment: int | None) -> None:
        """Remember *content*, which tells nothing new."""
        if self.content() != content:
            disk.replace(self._copy, content)
        self._mark(moment)

    def _mark(self, moment: int | None) -> None:
        """Give the copy the file's time, so that one look tells whether they are in step."""
        try:
            if moment is not None and os.stat(self._copy).st_mtime_ns != moment:
                os.utime(self._copy, ns=(moment, moment))
        except PermissionError:
            return  # Somebody else's copy: every look is a long one.
