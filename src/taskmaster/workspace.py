"""A project as the use cases see it: a store, the actor, the current tag, a clock, a doorbell."""

from __future__ import annotations

import time

from taskmaster.domain.changes import Stamp, last_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from types import TracebackType

    from taskmaster.domain.changes import Actor, Transaction
    from taskmaster.ports import Clock, Doorbell, Reader, Store, Writer


def utc_now() -> str:
    """The time now, UTC, as the logs write it."""
    moment = time.time()
    seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment))
    return f"{seconds}.{int(moment * 1000) % 1000:03d}Z"


class Workspace:
    """What every use case gets as its first argument.

    ``tag`` is the tag that an operation without an explicit one works on; ``via`` names the face.
    """

    def __init__(
        self,
        store: Store,
        actor: Actor,
        *,
        doorbell: Doorbell,
        tag: str = "master",
        via: str = "library",
        clock: Clock = utc_now,
    ) -> None:
        self.store = store
        self.actor = actor
        self.tag = tag
        self.via = via
        self.clock = clock
        self._doorbell = doorbell

    def reading(self) -> AbstractContextManager[Reader]:
        return self.store.reading()

    def writing(self, operation: str, note: str = "") -> _Writing:
        """The only way to change anything: commits state and log together, then rings."""
        return _Writing(self.store.writing(self.stamp(operation, note)), self._doorbell)

    def stamp(self, operation: str, note: str = "") -> Stamp:
        """What the log says about an operation of this actor."""
        return Stamp(self.actor, self.via, operation, note, self.clock())

    def announce(self, committed: Transaction | None) -> None:
        """Ring for what was committed beside ``writing``: a whole copy that was brought back."""
        if committed is not None:
            self._doorbell.ring(last_number(committed))


class _Writing:
    def __init__(self, transaction: AbstractContextManager[Writer], doorbell: Doorbell) -> None:
        self._transaction = transaction
        self._doorbell = doorbell

    def __enter__(self) -> Writer:
        self._writer = self._transaction.__enter__()
        return self._writer

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._transaction.__exit__(kind, error, trace)
        committed = self._writer.committed
        if kind is None and committed is not None:
            self._doorbell.ring(last_number(committed))
