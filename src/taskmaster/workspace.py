"""A project as the use cases see it: a store, the actor, the current tag, a clock, a doorbell."""

from __future__ import annotations

import time
from itertools import islice

from taskmaster.domain.changes import Stamp, last_number
from taskmaster.errors import Busy, Conflict, CorruptStore, NotFound, Unavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from contextlib import AbstractContextManager
    from types import TracebackType

    from taskmaster.domain.changes import Actor, Transaction
    from taskmaster.ports import Clock, Doorbell, Listener, Reader, Store, Writer

TICK = 0.5
"""Seconds after which a follower that hears nothing lets others have a turn."""

_AT_ONCE = 5_000
"""Transactions that a follower reads in one go."""


def utc_now() -> str:
    """The time now, UTC, as the logs write it."""
    moment = time.time()
    seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment))
    return f"{seconds}.{int(moment * 1000) % 1000:03d}Z"


class Timer:
    """The listener of a workspace that was given none: time itself."""

    trouble = ""

    def wait(self, seconds: float) -> bool:
        time.sleep(min(seconds, TICK))
        return True

    def close(self) -> None:
        """Nothing is held."""


def _patiently(trouble: str) -> bool:
    del trouble
    return True


class Workspace:
    """What every use case gets as its first argument.

    ``tag`` is the tag that an operation without an explicit one works on; ``via`` names the face;
    ``listener`` makes what notices that others have changed something. ``log`` is the store whose
    changes are followed: ``store``, unless that lags behind another one. ``request``, if given, is
    what the caller would repeat an operation under: whatever is on record with it is not done
    again.
    """

    request = ""

    def __init__(
        self,
        store: Store,
        actor: Actor,
        *,
        doorbell: Doorbell,
        listener: Callable[[], Listener] = Timer,
        tag: str = "master",
        via: str = "library",
        clock: Clock = utc_now,
    ) -> None:
        self.store = store
        self.actor = actor
        self.tag = tag
        self.via = via
        self.clock = clock
        self.listener = listener
        self.log = store
        self._doorbell = doorbell

    @property
    def trouble(self) -> str:
        """What keeps others from hearing at once of our changes, ``""`` when nothing does."""
        return self._doorbell.trouble

    def on(self, tag: str) -> Workspace:
        """The same project, with the same connections, on another tag."""
        from copy import copy

        other = copy(self)
        other.tag = tag
        return other

    def acting(self, actor: Actor, *, via: str, tag: str = "", request: str = "") -> Workspace:
        """The same project, with the same connections, for somebody else."""
        other = self.on(tag or self.tag)
        other.actor, other.via, other.request = actor, via, request
        return other

    def close(self) -> None:
        """Let go of the connections that nobody is using."""
        self._doorbell.close()
        for store in (self.store, self.log):
            close = getattr(store, "close", None)  # A store in files keeps nothing open.
            if close is not None:
                close()

    def reading(self) -> AbstractContextManager[Reader]:
        return self.store.reading()

    def writing(self, operation: str, note: str = "") -> _Writing:
        """The only way to change anything: commits state and log together, then rings.

        Raises AlreadyDone where the log has a transaction of the same ``request``.
        """
        stamp = self.stamp(operation, note)
        return _Writing(self.store.writing(stamp), self._doorbell, stamp.request)

    def stamp(self, operation: str, note: str = "") -> Stamp:
        """What the log says about an operation of this actor."""
        return Stamp(self.actor, self.via, operation, note, self.clock(), self.request)

    def announce(self, committed: Transaction | None) -> None:
        """Ring for what was committed beside ``writing``: a whole copy that was brought back."""
        if committed is not None:
            self._doorbell.ring(last_number(committed))

    def follow(
        self, since: int, idle: Callable[[str], bool] = _patiently
    ) -> Generator[Transaction]:
        """Every transaction that ends after change *since*, in order and each once, for ever.

        While there is none to tell, *idle* is called every TICK seconds at least, with what is
        wrong at present or ``""``; it says False to end. A store that does not answer for a while
        is waited for, and so are tasks that cannot be read because somebody is editing them; but
        when the very first look fails, that is an error. Raises NotFound when the log does not
        know change *since*, or not as it was told, as after it was started anew, and CorruptStore
        when it is the log that cannot be read.
        """
        listener = self.listener()
        try:
            yield from _followed(self, since, listener, idle)
        finally:
            listener.close()


class AlreadyDone(Conflict):
    """An operation that its caller repeats is on record already, as *transaction*."""

    code = "already-done"

    def __init__(self, transaction: Transaction) -> None:
        number = last_number(transaction)
        super().__init__(
            f"this request was carried out before, up to change {number}; nothing was done twice",
            hint="look at the tasks; a new request needs a key of its own",
            details={"seq": [transaction.first, number], "at": transaction.stamp.time},
        )
        self.transaction = transaction


class _Writing:
    def __init__(
        self, transaction: AbstractContextManager[Writer], doorbell: Doorbell, request: str
    ) -> None:
        self._transaction = transaction
        self._doorbell = doorbell
        self._request = request

    def __enter__(self) -> Writer:
        self._writer = self._transaction.__enter__()
        if self._request:
            try:
                self._refuse_repetition()
            except BaseException as error:
                self._transaction.__exit__(type(error), error, error.__traceback__)
                raise
        return self._writer

    def _refuse_repetition(self) -> None:
        done = self._writer.carried_out(self._request)
        if done is not None:
            raise AlreadyDone(done)

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


def _followed(
    ws: Workspace, since: int, listener: Listener, idle: Callable[[str], bool]
) -> Iterator[Transaction]:
    number, last = since, None
    found: Sequence[Transaction] = _after(ws, number, last)
    trouble = ""
    while True:
        for entry in found:
            yield entry
            number, last = last_number(entry), entry
        if len(found) < _AT_ONCE and not _woken(listener, idle, trouble):
            return
        try:
            found, trouble = _after(ws, number, last), ""
        except (Busy, Conflict, CorruptStore, Unavailable) as error:
            if error.code == "corrupt-log":
                raise
            found, trouble = (), error.message


def _woken(listener: Listener, idle: Callable[[str], bool], trouble: str) -> bool:
    """Wait until it is worth looking, which with a *trouble* it is before long; False to end."""
    while idle(trouble or listener.trouble):
        if listener.wait(TICK) or trouble:
            # A look at a store that does not answer may last: what is wrong is told before it.
            return idle(trouble or listener.trouble)
    return False


def _after(ws: Workspace, number: int, last: Transaction | None) -> list[Transaction]:
    """What comes next after change *number*, with which *last* ended if it was told."""
    with ws.log.reading() as reader:
        found = list(islice(reader.changes_since(max(number - 1, 0)), _AT_ONCE + 1))
    if not number:
        return found[:_AT_ONCE]
    if not found or (last and found[0][:2] != last[:2]):
        raise NotFound(
            f"the change log knows no change {number}",
            hint="it may have been started anew: follow it with --since=0",
            code="no-such-change",
        )
    known = last_number(found[0]) == number
    return found[known : known + _AT_ONCE]
