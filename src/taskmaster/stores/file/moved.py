"""The note beside the log that says where the tasks have moved, or that others are moving in.

To move in is one step for everybody else, although it takes several: the note is written first
and tells whoever finds us dead to do the rest. Before anything else the copy of what was last seen
is replaced, so that no reader takes the file for what it was without looking here.
"""

from __future__ import annotations

import json
import os
import zlib

from taskmaster import config
from taskmaster.domain.changes import Actor, Stamp
from taskmaster.errors import CorruptStore
from taskmaster.stores import refusals
from taskmaster.stores.file import disk
from taskmaster.stores.file.incoming import Incoming
from taskmaster.workspace import utc_now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn, Protocol

    from taskmaster.stores.copies import Copies
    from taskmaster.stores.file.journal import Journal, LastSeen
    from taskmaster.stores.file.layout import Layout

    class Moving(Protocol):
        """What of the store of a task file is needed to fill it and to leave it."""

        path: str
        home: str
        keys: str
        backups: Copies
        journal: Journal

        def lock(self, stamp: Stamp, *, retired: bool = False) -> int: ...
        def unlock(self, handle: int) -> None: ...
        def current(self, now: str) -> tuple[bytes, Layout]: ...


def stamp() -> Stamp:
    """How a move signs the lock."""
    return Stamp(Actor("a move of the tasks", "system", ""), "file", "storage", "", utc_now())


class MovedNote:
    """The note of one store; *fresh* is where its next task file is written."""

    def __init__(self, store: Moving, seen: LastSeen, fresh: str) -> None:
        self._store = store
        self._seen = seen
        self._fresh = fresh
        self._log = os.path.join(store.home, "log")
        self._path = os.path.join(self._log, "moved.json")
        # A name that the next writer takes away, should we die before it has its own.
        self._draft = os.path.join(self._log, "base.json.new")
        self.incoming = Incoming(os.path.join(self._log, "incoming"))

    def successor(self) -> str:
        """Where the tasks have moved to, ``""`` when they are here, all of them."""
        if "arriving" in self._told():
            self._store.unlock(self._store.lock(stamp(), retired=True))
        return self._named()

    def _named(self) -> str:
        return str(self._told().get("to", ""))

    def settled(self) -> str:
        """The same, after moving in was finished where its process died; under the lock."""
        if "arriving" in self._told():
            self._complete()
        return self._named()

    def refuse(self, successor: str) -> NoReturn:
        """Raise what a writer is told."""
        raise refusals.moved(self._store.path, successor)

    def retire(self, successor: str, number: int) -> bool:
        """As ``ports.Movable.retire``; what other programs did enters the log before."""
        said = stamp()
        handle = self._store.lock(said, retired=True)
        try:
            self._store.current(said.time)
            if self._store.journal.last()[0] > number:
                return False
            if successor:
                self._write({"to": successor, "at": number})
            else:
                self._remove()
        finally:
            self._store.unlock(handle)
        return True

    def arrive(self) -> None:
        """From now on what was received is what the store holds; under the lock."""
        self._write({"arriving": utc_now()})
        self._complete()

    def _complete(self) -> None:
        content = disk.read(self.incoming.tasks)
        if content is not None:
            self._keep(content)
            self._seen.keep(content, None, was=self._seen.content(), sync=True)
            self._place_log()
            self._place_keys()
            self._place(content)
            self._seen.keep(content, disk.changed_at(self._store.path), was=content)
            disk.sync_folder(self._log)
        # Where it is gone, everything else was done before.
        self.incoming.remove()
        self._remove()

    def _keep(self, content: bytes) -> None:
        """Keep a copy of the file that is replaced, and of one that came in its way."""
        old, displaced = disk.read(self._store.path), disk.read(self._fresh)
        if displaced and not content.startswith(displaced):
            self._keep_copy(displaced)
        if old and old.strip() and old != content:
            self._keep_copy(old)

    def _keep_copy(self, data: bytes) -> None:
        if not self._store.backups.holds(data):
            self._store.backups.add(data, utc_now(), "before-move")

    def _place_log(self) -> None:
        """Let the log that was received be the log; one that it does not continue is kept."""
        new = disk.read(self.incoming.log.path)
        if new is None:
            return  # It was in place already when somebody died.
        path = self._store.journal.path
        old = disk.read(path) or b""
        if not new.startswith(old):
            name = f"changes-{zlib.crc32(old):08x}.jsonl"
            os.makedirs(self._store.backups.folder, exist_ok=True)
            disk.replace(self._store.backups.path(name), old, sync=True)
        os.replace(self.incoming.log.path, path)

    def _place_keys(self) -> None:
        """Let the keys that were received, if any, be those that count."""
        if os.path.exists(self.incoming.keys):
            config.keep_out_of_git(self._store.home)
            os.replace(self.incoming.keys, self._store.keys)
            disk.sync_folder(self._store.home)

    def _place(self, content: bytes) -> None:
        path = self._store.path
        if disk.read(path) != content:
            disk.write(self._fresh, content)
            there = os.path.exists(path)
            if there:
                disk.like(self._fresh, os.stat(path))
            if there and disk.exchange(self._fresh, path):
                self._keep(content)
            else:
                os.replace(self._fresh, path)
            disk.sync_folder(os.path.dirname(path))
        disk.remove(self._fresh)

    def _told(self) -> dict[str, object]:
        data = disk.read(self._path)
        try:
            return {} if data is None else dict(json.loads(data))
        except (ValueError, TypeError) as error:
            raise CorruptStore(
                f"{self._path}, which says where the tasks have moved, cannot be read",
                hint="find out with `tamp storage show` and version control; then take it away",
                code="corrupt-note",
            ) from error

    def _write(self, told: dict[str, object]) -> None:
        disk.write(self._draft, json.dumps(told).encode())
        os.replace(self._draft, self._path)
        disk.sync_folder(self._log)

    def _remove(self) -> None:
        disk.remove(self._path)
        disk.sync_folder(self._log)
