"""Whole copies of the task file: keeping them, and making one of them the file again."""

from __future__ import annotations

import os
from collections import namedtuple
from contextlib import contextmanager

from taskmaster.domain import changes
from taskmaster.errors import CorruptStore, NotFound
from taskmaster.stores.file import damage, disk, reshape
from taskmaster.stores.file.flaws import flaws
from taskmaster.stores.file.jsontext import NotJson
from taskmaster.stores.file.layout import Layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.domain.changes import Change, Stamp, TagState, Transaction
    from taskmaster.domain.copies import Copy
    from taskmaster.stores.file.store import FileStore

    class _Found(NamedTuple):
        """What the file says now, and the states that the change log agrees with."""

        data: bytes
        states: Mapping[str, TagState]
        damaged: bool

else:
    _Found = namedtuple("_Found", "data states damaged")

LATEST, LAST_GOOD = "latest", "last-good"
_BROKEN = "broken"


class FileArchive:
    """The copies of the task file of *store*, whose lock every change is made under."""

    def __init__(self, store: FileStore) -> None:
        self._store = store

    def copies(self) -> list[Copy]:
        return self._store.backups.all()

    def path(self, name: str) -> str:
        return self._store.backups.path(name)

    def keep(self, stamp: Stamp) -> Copy:
        with self._exclusively(stamp):
            data = disk.read(self._store.path)
            if data is None:
                raise NotFound(f"there is no task file {self._store.path} to keep a copy of")
            damaged = self._readable(self._store.path, data) is None
            why = "manual" if stamp.operation == "backup" else f"before-{stamp.operation}"
            name = self._store.backups.add(data, stamp.time, _BROKEN if damaged else why)
        return next(copy for copy in self.copies() if copy.name == name)

    def holds(self, data: bytes) -> bool:
        backups = self._store.backups
        return any(
            copy.size == len(data) and backups.read(copy.name) == data for copy in self.copies()
        )

    def differences(self, name: str) -> list[Change]:
        path, data = self._named(name)
        states = self._layout(path, data).states
        return list(changes.between_states(self._look().states, states))

    def restore(self, name: str, stamp: Stamp) -> Transaction | None:
        with self._exclusively(stamp):
            # First what there is: a file that somebody mended meanwhile is the last good copy.
            found = self._current(stamp)
            path, data = self._named(name)
            return self._replace(found, data, self._layout(path, data).states, stamp)

    def adopt(self, data: bytes | None, stamp: Stamp) -> Transaction | None:
        with self._exclusively(stamp):
            found = self._current(stamp)
            made = self._in_todays_shape(data, found.data, stamp.time)
            states = self._layout(self._store.path, made).states
            if data is not None and not self.holds(data):
                self._store.backups.add(data, stamp.time, f"before-{stamp.operation}")
            return self._replace(found, made, states, stamp)

    def shape(self) -> str:
        return reshape.outdated(self._stored())

    def flaws(self) -> Sequence[tuple[str, str, str, str]]:
        return flaws(self._stored())

    def _stored(self) -> Layout:
        data = disk.read(self._store.path)
        if data is None:
            raise NotFound(f"there is no task file {self._store.path}", code="no-task-file")
        return self._layout(self._store.path, data)

    def _in_todays_shape(self, given: bytes | None, stored: bytes, now: str) -> bytes:
        if given is None and not stored.strip():
            return reshape.fresh(now).encode()
        source = stored if given is None else given
        layout = self._layout(self._store.path, source)
        _text, mark = damage.decoded(self._store.path, source)
        return mark + reshape.reshaped(layout, now).encode()

    @contextmanager
    def _exclusively(self, stamp: Stamp) -> Iterator[None]:
        try:
            handle = self._store.lock(stamp)
            try:
                yield
            finally:
                self._store.unlock(handle)
        except OSError as error:
            raise disk.explained(error) from error

    def _replace(
        self, found: _Found, data: bytes, states: Mapping[str, TagState], stamp: Stamp
    ) -> Transaction | None:
        """Make *data* the file, after keeping a copy of what is there; under the lock."""
        if data == found.data:
            return None
        if found.data.strip():
            why = _BROKEN if found.damaged else f"before-{stamp.operation}"
            self._store.backups.add(found.data, stamp.time, why)
        changed = list(changes.between_states(found.states, states))
        transaction = self._store.transaction(changed, stamp)
        self._store.write(found.data, data, transaction)
        return transaction if changed else None

    def _current(self, stamp: Stamp) -> _Found:
        """What there is, with what other programs did entered into the log; under the lock.

        A file that is gone or unreadable is not taken for a wish to remove every task.
        """
        found = self._look()
        if found.damaged:
            return found
        data, layout = self._store.current(stamp.time)
        return _Found(data, layout.states, damaged=False)

    def _look(self) -> _Found:
        data = disk.read(self._store.path)
        layout = None if data is None else self._readable(self._store.path, data)
        if layout is None:
            return _Found(data or b"", self._last_states(), damaged=True)
        return _Found(data or b"", layout.states, damaged=False)

    def _last_states(self) -> Mapping[str, TagState]:
        data = self._store.last_good()
        layout = self._readable("", data) if data is not None else None
        return layout.states if layout else {}

    def _named(self, name: str) -> tuple[str, bytes]:
        """Where the copy lies and what it says. Raises NotFound."""
        if name == LAST_GOOD:
            data = self._store.last_good()
            if data is not None and self._readable("", data):
                return "the last good copy", data
        if name in (LATEST, LAST_GOOD):
            return self._newest_readable()
        name = os.path.basename(name)
        return self.path(name), self._store.backups.read(name)

    def _newest_readable(self) -> tuple[str, bytes]:
        for copy in self.copies():
            data = self._store.backups.read(copy.name)
            if copy.why != _BROKEN and self._readable("", data):
                return self.path(copy.name), data
        raise NotFound(
            "there is no copy that can be read",
            hint="version control may have one: git log -- .taskmaster/tasks/tasks.json",
            code="no-copy",
        )

    def _readable(self, path: str, data: bytes) -> Layout | None:
        try:
            return self._layout(path, data)
        except CorruptStore:
            return None

    @staticmethod
    def _layout(path: str, data: bytes) -> Layout:
        """Read content as a task file. Raises CorruptStore, naming *path*."""
        text, _mark = damage.decoded(path, data)
        try:
            return Layout(text)
        except (NotJson, ValueError, RecursionError, IndexError) as error:
            raise damage.explained(path, text, error) from error
