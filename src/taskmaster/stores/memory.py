"""The engine that keeps everything in this process: for tests, and the model for the others."""

from __future__ import annotations

import threading

from taskmaster.domain.changes import Transaction, last_number
from taskmaster.errors import Busy
from taskmaster.stores.working import WorkingCopy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import TracebackType

    from taskmaster.domain.changes import Stamp, TagState


class MemoryStore:
    """Tasks and log in memory; lost with the process. One writer at a time, across threads."""

    kind = "memory"

    def __init__(
        self, states: Mapping[str, TagState] | None = None, *, patience: float = 10
    ) -> None:
        self._states = dict(states or {})
        self._log: list[Transaction] = []
        self._lock = threading.Lock()
        self._patience = patience
        self._holder = "another writer"

    def reading(self) -> _Reading:
        return _Reading(WorkingCopy(self._states, self._since))

    def writing(self, stamp: Stamp) -> _Writing:
        return _Writing(self, stamp)

    def oddities(self) -> list[str]:
        return []

    def begin(self, stamp: Stamp) -> WorkingCopy:
        if not self._lock.acquire(timeout=self._patience):
            raise Busy(
                f"waited {self._patience:g} s for {self._holder}",
                hint="nothing was changed; try again",
            )
        self._holder = f"{stamp.actor.name}, who is busy with {stamp.operation}"
        return WorkingCopy(self._states, self._since)

    def commit(self, working: WorkingCopy, stamp: Stamp) -> None:
        if working.changes:
            if self._log:
                stamp = stamp._replace(time=max(stamp.time, self._log[-1].stamp.time))
            last = last_number(self._log[-1]) if self._log else 0
            working.committed = Transaction(last + 1, stamp, tuple(working.changes))
            self._states = working.handed_over()
            self._log.append(working.committed)

    def release(self) -> None:
        self._lock.release()

    def _since(self, number: int) -> Iterator[Transaction]:
        return (entry for entry in list(self._log) if last_number(entry) > number)


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
