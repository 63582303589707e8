"""The file engine: one readable ``tasks.json``, any number of processes, nothing lost.

A write goes like this, all of it under the lock:

1. finish or discard what a crashed writer left (``_recover``);
2. read the file; what differs from the copy of what we last saw (*base*) was changed by another
   program and enters the log as an external transaction;
3. let the use case change a working copy;
4. write the new text to a temporary file, what is about to happen to *pending*, and the log line
   without its end, which does not count yet: when there is no room for these, nothing has happened;
5. exchange the temporary file with the task file. This is the commit. What comes out of the
   exchange must be what was read in 2; otherwise another program wrote at this very moment, the
   exchange is reversed and the operation fails as a conflict that can be repeated;
6. finish the log line, keep the new text as *base*, remove *pending*.

A crash before 5 leaves the old state and a *pending* that matches nothing; a crash after it
leaves a *pending* that matches the task file, and the next process finishes step 6.
"""

from __future__ import annotations

import json
import os
import zlib
from functools import partial

from taskmaster import config
from taskmaster.domain import changes
from taskmaster.domain.changes import Stamp, TagState, Transaction, Version
from taskmaster.domain.task import Task
from taskmaster.errors import Conflict, CorruptStore, Unavailable
from taskmaster.stores.copies import Copies
from taskmaster.stores.file import damage, disk
from taskmaster.stores.file.journal import Journal, LastSeen, line_of
from taskmaster.stores.file.jsontext import NotJson, Style, dumped
from taskmaster.stores.file.layout import EMPTY, Layout, TaskFile, document
from taskmaster.stores.lock import Lock
from taskmaster.stores.working import Derived, WorkingCopy
from taskmaster.workspace import utc_now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from taskmaster.domain.changes import Change
    from taskmaster.stores.file.intake import FileIntake
    from taskmaster.stores.file.journal import Ticket
    from taskmaster.stores.file.keyring import FileKeyring
    from taskmaster.stores.file.moved import MovedNote

PATIENCE = 30.0


class FileStore:
    """The tasks of one ``tasks.json``; ``home`` is the folder for log, lock and backups.

    ``path`` may be a symbolic link: the file it points to is replaced, not the link.
    """

    kind = "file"

    def __init__(self, path: str, home: str, *, patience: float = PATIENCE) -> None:
        self.path = os.path.realpath(path)
        self.home = home
        self.backups = Copies(os.path.join(home, "backups"))
        self.journal = Journal(os.path.join(home, "log", "changes.jsonl"))
        self.keys = os.path.join(home, "keys.json")
        self._keys = disk.Content(self.keys)
        self._lock = Lock(os.path.join(home, "log", "lock"))
        self._seen = LastSeen(os.path.join(home, "log"), self.path)
        self._file = TaskFile(self.path, self._seen.content)
        self._moved = os.path.join(home, "log", "moved.json")
        folder, name = os.path.split(self.path)
        self._fresh = os.path.join(folder, f".{name}{_mark_of(self.path, home)}.tamp")
        self._patience = patience

    def reading(self) -> _Reading:
        return _Reading(self)

    def writing(self, stamp: Stamp) -> _Writing:
        return _Writing(self, stamp)

    def version(self) -> Version:
        try:
            tasks = self._file.edition(), self.journal.edition()
            return Version(tasks, self._keys.edition())
        except OSError as error:
            raise disk.explained(error) from error

    def keyring(self) -> FileKeyring:
        from taskmaster.stores.file.keyring import FileKeyring

        return FileKeyring(self)

    def oddities(self) -> list[str]:
        """What is unusual about the form of the file, in sentences."""
        return list(self._file.settled()[1].oddities)

    def snapshot(self) -> WorkingCopy:
        """What the file says now; what other programs did enters the log first, if it can."""
        self._notice()
        layout = self._file.settled()[1]
        return self.working(layout, layout.derived)

    def working(self, layout: Layout, derived: Derived) -> WorkingCopy:
        """A view of these tasks and of the log."""
        log = self.journal
        return WorkingCopy(
            layout.states, log.since, done=log.carried_out, last=log.number, derived=derived
        )

    def intake(self) -> FileIntake:
        from taskmaster.stores.file.intake import FileIntake

        return FileIntake(self, self._note())

    def retire(self, successor: str, number: int) -> bool:
        try:
            return self._note().retire(successor, number)
        except OSError as error:
            raise disk.explained(error) from error
        except RecursionError as error:
            raise damage.too_deep(self.path) from error

    def successor(self) -> str:
        try:
            return self._note().successor()
        except OSError as error:
            raise disk.explained(error) from error

    def unseen(self) -> list[str]:
        from taskmaster.stores.file.unseen import unseen

        return unseen(self._file.settled()[1])

    def facts(self) -> dict[str, object]:
        from taskmaster.stores.file.unseen import size

        return {"bytes": size(self.path, self.home)}

    def _note(self) -> MovedNote:
        from taskmaster.stores.file.moved import MovedNote

        return MovedNote(self, self._seen, self._fresh)

    def lock(self, stamp: Stamp, *, retired: bool = False) -> int:
        """Become the one writer and finish what a crashed one left; give the handle to unlock.

        Raises Conflict when the tasks have moved away, but to one who means the *retired* file.
        """
        os.makedirs(os.path.join(self.home, "log"), exist_ok=True)
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        handle = self._lock.acquire(self._patience, stamp)
        try:
            if not os.path.exists(os.path.join(self.home, ".gitignore")):
                config.keep_out_of_git(self.home)
            successor = self._recover()
            if successor and not retired:
                self._note().refuse(successor)
        except BaseException:
            self.unlock(handle)
            raise
        return handle

    def unlock(self, handle: int) -> None:
        self._lock.release(handle)

    def current(self, now: str) -> tuple[bytes, Layout]:
        """The file's content, with log and base brought up to date; under the lock."""
        moment = disk.changed_at(self.path)
        data, layout = self._file.settled()
        self._absorb(data, layout, now, moment)
        return data, layout

    def commit(self, data: bytes, layout: Layout, working: WorkingCopy, stamp: Stamp) -> None:
        """Replace the file and log what was changed; nothing at all when nothing was."""
        if not working.changes:
            return
        states = _following(layout.states, working.states, stamp.time)
        _body, mark = damage.decoded(self.path, data)
        text = layout.with_states(states) if data.strip() else _new_text(states)
        transaction = self.transaction(working.changes, stamp)
        self.write(data, mark + text.encode(), transaction)
        working.committed = transaction

    def transaction(self, found: Sequence[Change], stamp: Stamp) -> Transaction:
        """The next transaction of the log; its time is never before the last one's."""
        number, last_time = self.journal.last()
        stamp = stamp._replace(time=max(stamp.time, last_time))
        return Transaction(number + 1, stamp, tuple(found))

    def write(self, old: bytes, new: bytes, transaction: Transaction) -> None:
        """Steps 4 to 6; *old* is what the file must still say. No changes, no log line."""
        line = line_of(transaction) if transaction.changes else b""
        try:
            moment = self._write_ahead(new, line)
        except OSError:
            self._abandon()
            raise
        if not self._swap(old, new):
            self._abandon()
            raise _changed_meanwhile(self.path)
        self._record(line)
        try:
            self._seen.settle(moment)
            self._let_go(old, transaction.stamp.time)
        except OSError:
            return  # It has happened and is on record; the next writer does the rest.

    def last_good(self) -> bytes | None:
        """The last content that was seen whole, None when there is none yet."""
        return self._seen.content()

    def _write_ahead(self, new: bytes, line: bytes) -> int:
        """Step 4; gives the time that the task file will have."""
        disk.write(self._fresh, new)
        if os.path.exists(self.path):
            disk.like(self._fresh, os.stat(self.path))
        self._seen.announce(new, line)
        if line:
            self.journal.reserve(line)
        return os.stat(self._fresh).st_mtime_ns

    def _swap(self, old: bytes, new: bytes) -> bool:
        """Step 5: put the temporary file in place, unless the task file is not *old* any more."""
        if not os.path.exists(self.path):
            return not old and disk.place(self._fresh, self.path)
        try:
            exchanged = disk.exchange(self._fresh, self.path)
        except FileNotFoundError:
            return False
        if not exchanged:
            if disk.read(self.path) != old:
                return False
            os.replace(self._fresh, self.path)
        elif disk.read(self._fresh) != old:
            self._give_back(new)
            return False
        return True

    def _give_back(self, new: bytes) -> None:
        """Reverse the exchange; what was written in between is newer and goes into place again."""
        disk.exchange(self._fresh, self.path)
        displaced = disk.read(self._fresh)
        if displaced is not None and displaced != new:
            disk.exchange(self._fresh, self.path)
            self.backups.add(disk.read(self._fresh) or b"", utc_now(), "displaced")

    def _abandon(self) -> None:
        """Take back what step 4 has written."""
        self.journal.mend()
        self._seen.withdraw()
        disk.remove(self._fresh)

    def _record(self, line: bytes) -> None:
        try:
            disk.sync_folder(os.path.dirname(self.path))
            if line:
                self.journal.finish()
        except OSError as error:
            raise Unavailable(
                f"the tasks were changed, but {self.journal.path} could not be written"
                f" ({error.strerror}); the next command that writes completes it",
                hint="do not repeat the command; check the disk",
                code="log-unfinished",
            ) from error

    def _let_go(self, old: bytes, now: str) -> None:
        """Keep the replaced content as a backup when one is due."""
        if old.strip() and self.backups.due(now):
            self.backups.add(old, now, "auto" if self.backups.all() else "first")
            self.backups.prune()
        disk.remove(self._fresh)

    def _recover(self) -> str:
        """Finish or discard what a crashed writer left; tell where the tasks have moved, if so."""
        successor = self._note().settled() if os.path.exists(self._moved) else ""
        self.journal.mend()
        ticket = self._seen.announced()
        if ticket is not None:
            self._rescue(ticket)
            self._finish(ticket)
        self._seen.withdraw()
        disk.remove(self._fresh)
        return successor

    def _finish(self, ticket: Ticket) -> None:
        """Do the rest of a write whose process died, if it had come so far that it counts."""
        line = ticket.line
        missing = bool(line) and json.loads(line)["seq"][0] > self.journal.last()[0]
        moment, data = disk.changed_at(self.path), disk.read(self.path) or b""
        if ticket.fits(data):
            self._seen.complete(data, ticket)
            if missing:
                self.journal.append(line)
            self._seen.settle(moment)
        elif line and not missing:
            # On record, and then another program wrote: what it changed is told from there.
            self._seen.advance(ticket)

    def _rescue(self, ticket: Ticket) -> None:
        """Keep what another program had put in place at the very moment of the exchange."""
        displaced, seen = disk.read(self._fresh), self.last_good() or b""
        if displaced not in (None, seen) and not ticket.fits(displaced) and not ticket.fits(seen):
            self.backups.add(displaced, utc_now(), "displaced")

    def _notice(self) -> None:
        """Log external changes if there are any and nobody is writing at this moment."""
        if self._seen.in_step():
            return
        try:
            handle = self._lock.try_acquire()
        except OSError:
            return  # A folder that may only be read: the next writer will notice.
        if handle is None:
            return
        try:
            self._recover()
            self.current(utc_now())
        except (OSError, CorruptStore, RecursionError):
            return  # Whoever writes next will be told; for reading the file is what counts.
        finally:
            self.unlock(handle)

    def _absorb(self, data: bytes, layout: Layout, now: str, moment: int | None) -> None:
        """Enter what other programs did since our last look into the log."""
        seen = self.last_good()
        if seen is not None and seen != data:
            if seen and not data:
                self.backups.add(seen, now, "before-deletion")
            before = _states_of(self.path, seen)
            found = [] if before is None else list(changes.between_states(before, _visible(layout)))
            if found:
                stamp = Stamp(changes.EXTERNAL, "file", "external-edit", "", now)
                line = line_of(self.transaction(found, stamp))
                self._seen.announce(data, line)
                self.journal.append(line)
                self._seen.settle(moment)
                return
        self._seen.keep(data, moment, was=seen)


def _states_of(path: str, seen: bytes) -> Mapping[str, TagState] | None:
    """What the copy of the file at *path* says."""
    try:
        return _visible(Layout(damage.decoded(path, seen)[0] or EMPTY))
    except (CorruptStore, NotJson, ValueError, RecursionError):
        # A power cut has eaten the copy. What others changed meanwhile cannot be told any
        # more; to record every task as new would be worse than to record nothing.
        return None


def _visible(layout: Layout) -> Mapping[str, TagState]:
    """The states as readers see them."""
    return WorkingCopy(layout.states, lambda _number: iter(())).states


def _following(
    before: Mapping[str, TagState], after: Mapping[str, TagState], now: str
) -> dict[str, TagState]:
    """*after* with the metadata that follows from the tasks brought up to date."""
    return {
        tag: state
        if tag in before and state.entries is before[tag].entries
        else state._replace(
            metadata=changes.followed(state.metadata, now, partial(_statuses, state))
        )
        for tag, state in after.items()
    }


def _statuses(state: TagState) -> dict[str, int]:
    """How many tasks there are of each status."""
    counts: dict[str, int] = {}
    for entry in state.entries:
        if isinstance(entry, dict):
            status = Task(entry).status
            counts[status] = counts.get(status, 0) + 1
    return counts


def _new_text(states: Mapping[str, TagState]) -> str:
    return dumped(document(states), Style("  ", "\n", ascii=False)) + "\n"


def _mark_of(path: str, home: str) -> str:
    """What tells projects apart that share one task file by links, each with its own lock."""
    home = os.path.realpath(home)
    if path.startswith(home + os.sep):
        return ""
    return f".{zlib.crc32(os.fsencode(home)):08x}"


def _changed_meanwhile(path: str) -> Conflict:
    return Conflict(
        f"another program changed {path} at the same moment; nothing was changed by us",
        hint="run the command again",
        code="changed-meanwhile",
    )


class _Reading:
    def __init__(self, store: FileStore) -> None:
        self._store = store

    def __enter__(self) -> WorkingCopy:
        try:
            return self._store.snapshot()
        except OSError as error:
            raise disk.explained(error) from error

    def __exit__(self, *_exception: object) -> None:
        return None


class _Writing:
    def __init__(self, store: FileStore, stamp: Stamp) -> None:
        self._store = store
        self._stamp = stamp

    def __enter__(self) -> WorkingCopy:
        try:
            self._handle = self._store.lock(self._stamp)
            try:
                self._data, self._layout = self._store.current(self._stamp.time)
            except BaseException:
                self._store.unlock(self._handle)
                raise
        except OSError as error:
            raise disk.explained(error) from error
        except RecursionError as error:
            raise damage.too_deep(self._store.path) from error
        self._working = self._store.working(self._layout, Derived(self._layout.derived))
        return self._working

    def __exit__(
        self, kind: type[BaseException] | None, _error: object, _trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._store.commit(self._data, self._layout, self._working, self._stamp)
        except OSError as error:
            raise disk.explained(error) from error
        except RecursionError as error:
            raise damage.too_deep(self._store.path) from error
        finally:
            self._store.unlock(self._handle)
