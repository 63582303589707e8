"""Whole copies of the task file: keeping them, and making one of them the file again."""

from __future__ import annotations

import os
from collections import namedtuple
from contextlib import contextmanager

from taskmaster import dump
from taskmaster.domain import changes
from taskmaster.domain.copies import BROKEN, DUMPS, MANUAL, NATIVE, form_of
from taskmaster.errors import CorruptStore, Invalid, NotFound, Usage
from taskmaster.stores.file import damage, disk, reshape
from taskmaster.stores.file.flaws import flaws
from taskmaster.stores.file.jsontext import Style, dumped
from taskmaster.stores.file.layout import Layout, document, parsed
from taskmaster.stores.working import WorkingCopy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.domain.changes import Change, Stamp, TagState, Transaction
    from taskmaster.domain.copies import Copy, Part
    from taskmaster.ports import Unpacker
    from taskmaster.stores.file.store import FileStore

    class _Found(NamedTuple):
        """What the file says now, and the states that the change log agrees with."""

        data: bytes
        states: Mapping[str, TagState]
        damaged: bool

    class _Copied(NamedTuple):
        """Where a copy lies, and the content for a task file; None for one of another form."""

        path: str
        data: bytes | None

else:
    _Found = namedtuple("_Found", "data states damaged")
    _Copied = namedtuple("_Copied", "path data")

LATEST, LAST_GOOD = "latest", "last-good"
_OTHER_FORMS = (*DUMPS, ".db", NATIVE)


def parts(path: str) -> Iterator[Part]:
    """Everything in a task file, which has no history. Raises NotFound, CorruptStore."""
    data = disk.read(path)
    if data is None:
        raise NotFound(f"there is no file {path}", code="file-not-found")
    yield from _without_history(parsed(path, data).states)


def opened(store: FileStore, _folder: str, unpack: Unpacker) -> FileArchive:
    """The copies of the task file of *store*, which knows their folder."""
    return FileArchive(store, unpack)


class FileArchive:
    """The copies of the task file of *store*, whose lock every change is made under.

    *unpack* reads copies that are no task files.
    """

    def __init__(self, store: FileStore, unpack: Unpacker = dump.unpacked) -> None:
        self._store = store
        self._unpack = unpack
        self._readable: dict[str, bool] = {}

    def copies(self) -> list[Copy]:
        return self._store.backups.all()

    def path(self, name: str) -> str:
        return self._store.backups.path(name)

    def parts(self, name: str) -> Iterator[Part]:
        copied = self._named(name)
        if copied.data is None:
            return self._unpack(copied.path)
        return _without_history(parsed(copied.path, copied.data).states)

    def keep(self, stamp: Stamp, *, native: bool = False) -> Copy:
        del native  # The usual copy is the file itself already.
        with self._exclusively(stamp):
            data = self._stored_data()
            damaged = _readable(self._store.path, data) is None
            why = MANUAL if stamp.operation == "backup" else f"before-{stamp.operation}"
            name = self._store.backups.add(data, stamp.time, BROKEN if damaged else why)
        return self._store.backups.named(name)

    def save(self, path: str, stamp: Stamp) -> None:
        form = form_of(path)
        if form not in (".json", *DUMPS):
            raise Usage(
                f"{path}: a copy of this project is a .json, .jsonl or .jsonl.gz file",
                code="unknown-form",
            )
        with self._exclusively(stamp):
            data = self._stored_data()
            view = self._view(stamp)
        try:
            if form == ".json":
                disk.replace(path, data, sync=True)
            else:
                project = os.path.basename(os.path.dirname(self._store.home))
                dump.save(dump.parts_of(view, project, self._store.kind, stamp.time), path)
        except OSError as error:
            raise disk.explained(error) from error

    def remove(self, name: str) -> None:
        self._store.backups.remove(name)

    def holds(self, data: bytes) -> bool:
        return self._store.backups.holds(data)

    def differences(self, name: str) -> list[Change]:
        return list(changes.between_states(self._look().states, self._states(self._named(name))))

    def restore(self, name: str, stamp: Stamp) -> Transaction | None:
        with self._exclusively(stamp):
            # First what there is: a file that somebody mended meanwhile is the last good copy.
            found = self._current(stamp)
            copied = self._named(name)
            states = self._states(copied)
            data = _saying(states, found) if copied.data is None else copied.data
            return self._replace(found, data, states, stamp)

    def set_aside(self, stamp: Stamp) -> bool:
        del stamp
        return False

    def adopt(self, data: bytes | None, stamp: Stamp) -> Transaction | None:
        with self._exclusively(stamp):
            found = self._current(stamp)
            made = self._in_todays_shape(data, found.data, stamp.time)
            states = parsed(self._store.path, made).states
            if data is not None and not self.holds(data):
                self._store.backups.add(data, stamp.time, f"before-{stamp.operation}")
            return self._replace(found, made, states, stamp)

    def shape(self) -> str:
        return reshape.outdated(self._stored())

    def flaws(self) -> Sequence[tuple[str, str, str, str]]:
        return flaws(self._stored())

    def _stored(self) -> Layout:
        return parsed(self._store.path, self._stored_data())

    def _stored_data(self) -> bytes:
        data = disk.read(self._store.path)
        if data is None:
            raise NotFound(f"there is no task file {self._store.path}", code="no-task-file")
        return data

    def _view(self, stamp: Stamp) -> WorkingCopy:
        """Tasks and log as they are at this moment; under the lock."""
        _data, layout = self._store.current(stamp.time)
        last, _time = self._store.journal.last()

        def history(number: int) -> Iterator[Transaction]:
            for transaction in self._store.journal.since(number):
                if transaction.first > last:
                    return
                yield transaction

        return WorkingCopy(layout.states, history)

    def _in_todays_shape(self, given: bytes | None, stored: bytes, now: str) -> bytes:
        if given is None and not stored.strip():
            return reshape.fresh(now).encode()
        source = stored if given is None else given
        layout = parsed(self._store.path, source)
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
            why = BROKEN if found.damaged else f"before-{stamp.operation}"
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
        layout = None if data is None else _readable(self._store.path, data)
        if layout is None:
            return _Found(data or b"", self._last_states(), damaged=True)
        return _Found(data or b"", layout.states, damaged=False)

    def _last_states(self) -> Mapping[str, TagState]:
        data = self._store.last_good()
        layout = _readable("", data) if data is not None else None
        return layout.states if layout else {}

    def _states(self, copied: _Copied) -> Mapping[str, TagState]:
        if copied.data is None:
            return dump.states(self._unpack(copied.path))
        return parsed(copied.path, copied.data).states

    def _named(self, name: str) -> _Copied:
        """The copy that is meant. Raises NotFound."""
        if name == LAST_GOOD:
            data = self._store.last_good()
            if data is not None and _readable("", data):
                return _Copied("the last good copy", data)
        if name in (LATEST, LAST_GOOD):
            return self._newest_readable()
        return self._at(self._store.backups.located(name))

    def _newest_readable(self) -> _Copied:
        for copy in self.copies():
            copied = self._at(self.path(copy.name))
            if copy.why != BROKEN and self._is_readable(copied):
                return copied
        raise NotFound(
            "there is no copy that can be read",
            hint="version control may have one: git log -- .taskmaster/tasks/tasks.json",
            code="no-copy",
        )

    def _at(self, path: str) -> _Copied:
        if form_of(path) in _OTHER_FORMS:
            return _Copied(path, None)
        data = disk.read(path)
        if data is None:
            raise NotFound(f"there is no file {path}", code="file-not-found")
        return _Copied(path, data)

    def _is_readable(self, copied: _Copied) -> bool:
        """Whether the copy can be read to its end; found out once, for a copy never changes."""
        if copied.path not in self._readable:
            try:
                self._states(copied)
                self._readable[copied.path] = True
            except (CorruptStore, Invalid):
                self._readable[copied.path] = False
        return self._readable[copied.path]


def _readable(path: str, data: bytes) -> Layout | None:
    try:
        return parsed(path, data)
    except CorruptStore:
        return None


def _saying(states: Mapping[str, TagState], found: _Found) -> bytes:
    """A task file with these states, laid out as the one that was found, where it is one."""
    if found.damaged or not found.data.strip():
        style = Style("  ", "\n", ascii=False)
        return dumped(document(states), style).encode() + b"\n"
    text, mark = damage.decoded("", found.data)
    return mark + Layout(text).with_states(states).encode()


def _without_history(states: Mapping[str, TagState]) -> Iterator[Part]:
    view = WorkingCopy(states, lambda _number: iter(()))
    return dump.parts_of(view, "", "file", "")
