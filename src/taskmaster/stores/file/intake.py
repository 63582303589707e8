"""Filling a task file, its log and what belongs to them with what another store holds."""

from __future__ import annotations

import os
from contextlib import contextmanager

from taskmaster.domain.changes import same
from taskmaster.errors import CorruptStore, Invalid
from taskmaster.stores import refusals
from taskmaster.stores.file import damage, disk, keyring
from taskmaster.stores.file.jsontext import Style, dumped
from taskmaster.stores.file.layout import METADATA_KEYS, Layout, document
from taskmaster.stores.file.moved import stamp
from taskmaster.stores.working import WorkingCopy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from taskmaster.domain.changes import TagState, Transaction
    from taskmaster.domain.copies import Received
    from taskmaster.ports import Reader
    from taskmaster.stores.file.moved import MovedNote, Moving


class FileIntake:
    """As ``ports.Intake``; each call takes the writer's lock of the store for its own time."""

    def __init__(self, store: Moving, note: MovedNote) -> None:
        self._store = store
        self._note = note
        self._incoming = note.incoming
        self._name = os.urandom(8).hex()
        self._arriving = False
        self._tags: set[str] = set()

    def begin(self, mark: str) -> Received:
        with self._alone():
            if not self._note.successor():
                self._refuse_held()
            received = self._incoming.open(mark, self._name)
        self._arriving = False
        self._tags = set(received.tags)
        return received

    def take_changes(self, transactions: Iterable[Transaction]) -> None:
        taken = list(transactions)
        with self._filling():
            self._incoming.add_changes(taken)

    def take_tag(self, name: str, metadata: Mapping[str, object]) -> None:
        if name in ("tasks", *METADATA_KEYS):
            raise Invalid(
                f"a task file has no room for a tag called {name}",
                hint=f"give it another name first: tamp tags rename {name} NAME",
                code="no-room",
            )
        with self._filling():
            if name in self._tags:
                raise refusals.taken_tag(name)
            self._incoming.add_tag(name, metadata)
            self._tags.add(name)

    def take_entries(self, tag: str, entries: Iterable[object]) -> None:
        taken = list(entries)
        with self._filling():
            if tag not in self._tags:
                raise refusals.missing_tag(tag, self._tags)
            self._incoming.add_entries(tag, taken)

    def take_keys(self, entries: Mapping[str, Mapping[str, object]]) -> None:
        with self._filling():
            keyring.write(self._incoming.keys, entries)

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        with self._filling():
            layout = _layout(self._incoming.states())
        yield WorkingCopy(layout.states, self._incoming.log.since)

    def prepare(self) -> None:
        return

    def finish(self) -> None:
        with self._alone():
            if self._arriving and not self._incoming.filled_by(self._name):
                return  # It could not be completed at first; taking the lock has done the rest.
            self._check_name()
            text = _layout(self._incoming.states()).text
            disk.write(self._incoming.tasks, text.encode())
            disk.sync_folder(self._incoming.folder)
            self._arriving = True
            self._note.arrive()

    def drop(self) -> None:
        with self._alone():
            self._incoming.remove()

    def _filling(self) -> AbstractContextManager[None]:
        return self._alone(filling=True)

    @contextmanager
    def _alone(self, *, filling: bool = False) -> Iterator[None]:
        try:
            handle = self._store.lock(stamp(), retired=True)
            try:
                if filling:
                    self._check_name()
                yield
            finally:
                self._store.unlock(handle)
        except OSError as error:
            raise disk.explained(error) from error
        except RecursionError as error:
            raise damage.too_deep(self._store.path) from error

    def _check_name(self) -> None:
        if not self._incoming.filled_by(self._name):
            raise refusals.not_begun(self._store.path)

    def _refuse_held(self) -> None:
        _data, layout = self._store.current(stamp().time)
        if self._store.journal.last()[0] or any(one.entries for one in layout.states.values()):
            raise refusals.not_empty(self._store.path)


def _layout(states: Mapping[str, TagState]) -> Layout:
    """The task file that says *states*. Raises Invalid when none can."""
    whole = {tag: state._replace(entries=_guarded(state)) for tag, state in states.items()}
    text = dumped(document(whole), Style("  ", "\n", ascii=False)) + "\n"
    try:
        layout = Layout(text)
    except CorruptStore as error:
        raise _no_room(states) from error
    if list(layout.states) != list(states) or not same(_plain(layout.states), _plain(states)):
        raise _no_room(states)
    return layout


def _guarded(state: TagState) -> list[object]:
    """The list, inside another one where it would itself be taken for such a list."""
    entries = list(state.entries)
    return [entries] if len(entries) == 1 and isinstance(entries[0], list) else entries


def _plain(states: Mapping[str, TagState]) -> dict[str, object]:
    return {tag: [dict(state.metadata), list(state.entries)] for tag, state in states.items()}


def _no_room(tags: Iterable[str]) -> Invalid:
    return Invalid(
        f"a task file has no room for these tags side by side: {', '.join(tags)}",
        hint="give one of them another name first: tamp tags rename OLD NEW",
        code="no-room",
    )
