"""The engine that keeps everything in this process: for tests, and the model for the others."""

from __future__ import annotations

import itertools
import json
import threading
from contextlib import contextmanager

from taskmaster.domain.changes import TagState, Transaction, Version, last_number
from taskmaster.domain.copies import Received
from taskmaster.errors import Busy
from taskmaster.stores import refusals
from taskmaster.stores.working import WorkingCopy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import TracebackType

    from taskmaster.domain.changes import Stamp

    Keys = dict[str, Mapping[str, object]]


class MemoryStore:
    """Tasks and log in memory; lost with the process. One writer at a time, across threads."""

    kind = "memory"

    def __init__(
        self, states: Mapping[str, TagState] | None = None, *, patience: float = 10
    ) -> None:
        self._states = dict(states or {})
        self._log: list[Transaction] = []
        self._editions = itertools.count(1)
        self._version = Version(0, 0)
        self.keys = "{}"
        """What the keyring holds, as JSON: nobody changes that in passing."""
        self._lock = threading.Lock()
        self._patience = patience
        self._holder = "another writer"
        self._successor = ""
        self._incoming: _Incoming | None = None

    def reading(self) -> _Reading:
        return _Reading(WorkingCopy(self._states, self._since))

    def writing(self, stamp: Stamp) -> _Writing:
        return _Writing(self, stamp)

    def oddities(self) -> list[str]:
        return []

    def version(self) -> Version:
        return self._version

    def keyring(self) -> MemoryKeyring:
        return MemoryKeyring(self)

    def intake(self) -> MemoryIntake:
        return MemoryIntake(self)

    def retire(self, successor: str, number: int) -> bool:
        with self._alone("a move"):
            if self._log and last_number(self._log[-1]) > number:
                return False
            self._successor = successor
        return True

    def successor(self) -> str:
        return self._successor

    def unseen(self) -> list[str]:
        return []

    def facts(self) -> dict[str, object]:
        return {}

    def begin(self, stamp: Stamp) -> WorkingCopy:
        self.acquire(f"{stamp.actor.name}, who is busy with {stamp.operation}")
        return WorkingCopy(self._states, self._since)

    def commit(self, working: WorkingCopy, stamp: Stamp) -> None:
        if working.changes:
            if self._log:
                stamp = stamp._replace(time=max(stamp.time, self._log[-1].stamp.time))
            last = last_number(self._log[-1]) if self._log else 0
            working.committed = Transaction(last + 1, stamp, tuple(working.changes))
            self._states = working.handed_over()
            self._log.append(working.committed)
            self._version = self._version._replace(tasks=next(self._editions))

    def hold(self, keys: str) -> None:
        """Let the keyring be this; for whoever has the writer's place."""
        if keys != self.keys:
            self.keys = keys
            self._version = self._version._replace(keys=next(self._editions))

    def release(self) -> None:
        self._lock.release()

    def begin_intake(self, mark: str) -> _Incoming:
        """What was received under this mark, for a new receiver; who had it before is out."""
        with self._alone("a move"):
            if not self._successor and (self._log or _entries(self._states)):
                raise refusals.not_empty("this process")
            last = self._incoming
            fresh = _Incoming(mark)
            if last and last.mark == mark:
                fresh.states, fresh.log, fresh.keys = last.states, last.log, last.keys
            self._incoming = fresh
        return fresh

    @contextmanager
    def filling(self, incoming: _Incoming | None) -> Iterator[_Incoming]:
        """What is received, while nobody else touches it. Raises Conflict when it is another's."""
        with self._alone("a move"):
            if incoming is None or incoming is not self._incoming:
                raise refusals.not_begun("this process")
            yield incoming

    def take_over(self, incoming: _Incoming) -> None:
        """Hold what was received; within ``filling``."""
        self._log = list(incoming.log)  # First: who sees the tasks shall see their history.
        self._states = dict(incoming.states)
        self._successor, self._incoming = "", None
        self._version = self._version._replace(tasks=next(self._editions))
        if incoming.keys is not None:
            self.hold(incoming.keys)

    def drop_intake(self) -> None:
        with self._alone("a move"):
            self._incoming = None

    def acquire(self, holder: str) -> None:
        """Take the writer's place. Raises Busy, and Conflict once the tasks have moved."""
        self._take(holder)
        if self._successor:
            self.release()
            raise refusals.moved("this process", self._successor)

    def _take(self, holder: str) -> None:
        if not self._lock.acquire(timeout=self._patience):
            raise Busy(
                f"waited {self._patience:g} s for {self._holder}",
                hint="nothing was changed; try again",
            )
        self._holder = holder

    @contextmanager
    def _alone(self, holder: str) -> Iterator[None]:
        self._take(holder)
        try:
            yield
        finally:
            self.release()

    def _since(self, number: int) -> Iterator[Transaction]:
        return (entry for entry in list(self._log) if last_number(entry) > number)


class _Incoming:
    """What was received under a mark so far."""

    def __init__(self, mark: str) -> None:
        self.mark = mark
        self.states: dict[str, TagState] = {}
        self.log: list[Transaction] = []
        self.keys: str | None = None


class MemoryKeyring:
    """The keys of a store of this process."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    def entries(self) -> Mapping[str, Mapping[str, object]]:
        found: Keys = json.loads(self._store.keys)
        return found

    @contextmanager
    def changing(self) -> Iterator[Keys]:
        self._store.acquire("somebody who changes the keys")
        try:
            held: Keys = json.loads(self._store.keys)
            yield held
            self._store.hold(json.dumps(held))
        finally:
            self._store.release()


class MemoryIntake:
    """Fills a store of this process."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._incoming: _Incoming | None = None

    def begin(self, mark: str) -> Received:
        self._incoming = found = self._store.begin_intake(mark)
        tags = {tag: len(state.entries) for tag, state in found.states.items()}
        return Received(tags, last_number(found.log[-1]) if found.log else 0)

    def take_changes(self, transactions: Iterable[Transaction]) -> None:
        taken = list(transactions)
        with self._store.filling(self._incoming) as incoming:
            incoming.log += taken

    def take_tag(self, name: str, metadata: Mapping[str, object]) -> None:
        with self._store.filling(self._incoming) as incoming:
            if name in incoming.states:
                raise refusals.taken_tag(name)
            incoming.states[name] = TagState(metadata, [])

    def take_entries(self, tag: str, entries: Iterable[object]) -> None:
        taken = list(entries)
        with self._store.filling(self._incoming) as incoming:
            if tag not in incoming.states:
                raise refusals.missing_tag(tag, incoming.states)
            held = incoming.states[tag]
            incoming.states[tag] = held._replace(entries=[*held.entries, *taken])

    def take_keys(self, entries: Mapping[str, Mapping[str, object]]) -> None:
        with self._store.filling(self._incoming) as incoming:
            incoming.keys = json.dumps(dict(entries))

    def reading(self) -> _Reading:
        with self._store.filling(self._incoming) as incoming:
            states, log = dict(incoming.states), list(incoming.log)
        return _Reading(
            WorkingCopy(states, lambda number: (one for one in log if last_number(one) > number))
        )

    def prepare(self) -> None:
        return

    def finish(self) -> None:
        with self._store.filling(self._incoming) as incoming:
            self._store.take_over(incoming)

    def drop(self) -> None:
        self._store.drop_intake()


def _entries(states: Mapping[str, TagState]) -> int:
    return sum(len(state.entries) for state in states.values())


class _Reading:
    def __init__(self, working: WorkingCopy) -> None:
        self._working = working

    def __enter__(self) -> WorkingCopy:
        return self._working

    def __exit__(self, *_exception: object) -> None:
        return None


class _Writing:
    def __init__(self, store: MemoryStore, stamp: Stamp) -> None:
        self._store = store
        self._stamp = stamp

    def __enter__(self) -> WorkingCopy:
        self._working = self._store.begin(self._stamp)
        return self._working

    def __exit__(
        self, kind: type[BaseException] | None, _error: object, _trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._store.commit(self._working, self._stamp)
        finally:
            self._store.release()
