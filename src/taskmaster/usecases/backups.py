"""Keeping whole copies of the tasks, making sure that they can be used, bringing one back."""

from __future__ import annotations

from collections import namedtuple

from taskmaster import dump
from taskmaster.domain.changes import Transaction, last_number
from taskmaster.domain.copies import BROKEN, NATIVE, EntryPart, Origin, TagPart, superfluous
from taskmaster.errors import Conflict, CorruptStore, NotFound, Unavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import NamedTuple

    from taskmaster.domain.copies import Copy
    from taskmaster.ports import Archive, Movable
    from taskmaster.workspace import Workspace

    class Verdict(NamedTuple):
        """What a copy holds that was read from beginning to end.

        ``history`` is none, whole (the changes lead from nothing to these tasks) or partial (they
        began when there were tasks already, or do not tell all).
        """

        tags: int
        tasks: int
        changes: int
        history: str

    class Restored(NamedTuple):
        """``committed`` is what brought the copy back, or the last change of the ``history``, as
        many of its changes as came along with it.
        """

        committed: Transaction | None
        history: int

else:
    Verdict = namedtuple("Verdict", "tags tasks changes history")
    Restored = namedtuple("Restored", "committed history")

_INIT, _NOT_EMPTY, _NO_TABLES = "init", "not-empty", "schema-missing"
_NO_STORE, _NOTHING, _SOMETHING = "no store", "nothing", "something"


def keep(ws: Workspace, archive: Archive, *, native: bool = False) -> Copy:
    """Keep a copy of the tasks as they are, even of a file that cannot be read.

    Raises as ``Archive.keep``.
    """
    return archive.keep(ws.stamp("backup"), native=native)


def save(ws: Workspace, archive: Archive, path: str) -> None:
    """Write a copy to a file of one's own. Raises as ``Archive.save``."""
    archive.save(path, ws.stamp("backup"))


def usual_copy(archive: Archive) -> str:
    """The copy to bring back when none is named: what a damaged or lost file last said."""
    try:
        archive.shape()
    except (CorruptStore, NotFound):
        return "last-good"
    return "latest"


def has_good_copy(archive: Archive) -> bool:
    """Whether there is anything to bring back when the task file is damaged or gone."""
    try:
        archive.differences("last-good")
    except (CorruptStore, NotFound):
        return False
    return True


def to_verify(archive: Archive) -> list[str]:
    """The copies that somebody may want to restore, newest first."""
    return [
        copy.name
        for copy in archive.copies()
        if copy.why != BROKEN and not copy.name.endswith(NATIVE)
    ]


def verify(archive: Archive, name: str) -> Verdict:
    """Read a copy to its end. Raises NotFound, Invalid, and CorruptStore for a damaged one."""
    from taskmaster.domain import replay

    tags = tasks = changes = 0
    repeated = False
    found: dict[tuple[str, str], int] = {}
    tag = ""
    followed = replay.Replay()
    for part in archive.parts(name):
        if isinstance(part, TagPart):
            tag, tags = part.name, tags + 1
        elif isinstance(part, EntryPart):
            tasks += 1
            key = tag, replay.name_of(part.value)
            repeated = repeated or key in found
            found[key] = replay.digest(part.value)
        elif isinstance(part, Transaction):
            changes += len(part.changes)
            followed.take(part)
    whole = not followed.lost and not repeated and followed.digests() == found
    return Verdict(tags, tasks, changes, _history(changes, whole=whole))


def _history(changes: int, *, whole: bool) -> str:
    return "none" if not changes else "whole" if whole else "partial"


def prune(ws: Workspace, archive: Archive, *, keep: int = 0, days: int = 0) -> list[Copy]:
    """Let go of the copies that are neither among the *keep* newest nor of the last *days*; give
    them back. Nothing goes when both are 0.
    """
    if not keep and not days:
        return []
    gone = superfluous(archive.copies(), keep=keep, since=_days_before(ws.clock(), days))
    for copy in gone:
        archive.remove(copy.name)
    return gone


def _days_before(now: str, days: int) -> str:
    """A time as the names of copies tell it, ``""`` for no days."""
    import datetime as dt

    if not days:
        return ""
    return (dt.datetime.fromisoformat(now) - dt.timedelta(days)).strftime("%Y%m%dT%H%M%S")


def preview(archive: Archive, name: str) -> Mapping[str, int]:
    """How many tasks, subtasks and tags the copy would add, take away and change.

    Raises NotFound, and CorruptStore for a copy that cannot be read.
    """
    counts = dict.fromkeys(("added", "removed", "changed", "reordered", "tags"), 0)
    for change in archive.differences(name):
        counts["tags" if change.kind.startswith("tag-") else change.kind] += 1
    return counts


def brings_history(ws: Workspace, archive: Archive, name: str) -> int:
    """How many changes come along with the copy: its own, where nothing is stored yet."""
    origin = _origin(archive, name)
    return origin.change if _held(ws) in (_NOTHING, _NO_STORE) else 0


def restore(ws: Workspace, archive: Archive, name: str, make_room: Callable[[], None]) -> Restored:
    """Make the tasks what the copy says, as one transaction; with its history, which then is the
    project's, where nothing is stored yet: *make_room* makes a database fit to be filled.

    Raises as ``preview``, and what the store raises.
    """
    origin, held = _origin(archive, name), _held(ws)
    if held == _NO_STORE or (held == _NOTHING and origin.change):
        try:
            return _fill(ws, archive, name, make_room)
        except Conflict as error:
            if error.code != _NOT_EMPTY:
                raise
    try:
        committed = archive.restore(name, ws.stamp("restore"))
    except CorruptStore:
        verify(archive, name)  # Raises, where it is the copy that is damaged.
        if not archive.set_aside(ws.stamp("restore")):
            raise
        return _fill(ws, archive, name, make_room)
    ws.announce(committed)
    return Restored(committed, 0)


def _origin(archive: Archive, name: str) -> Origin:
    first = next(archive.parts(name))
    if not isinstance(first, Origin):
        raise TypeError(first)
    return first


def _held(ws: Workspace) -> str:
    """Whether there are neither tasks nor a history beyond that of making the project."""
    try:
        with ws.reading() as reader:
            for tag in reader.tags():
                if any(True for _entry in reader.entries(tag)):
                    return _SOMETHING
            made = all(one.stamp.operation == _INIT for one in reader.changes_since(0))
            return _NOTHING if made else _SOMETHING
    except NotFound:
        return _NO_STORE
    except CorruptStore:
        return _SOMETHING
    except Unavailable as error:
        if error.code == _NO_TABLES:
            return _NO_STORE
        raise


def _fill(ws: Workspace, archive: Archive, name: str, make_room: Callable[[], None]) -> Restored:
    """Let the store begin as the copy, with the history of the latter."""
    verify(archive, name)
    make_room()
    store: Movable = ws.store  # type: ignore[assignment]  # as every engine of ours is
    number = _made(ws)
    if number and not store.retire("a copy that is being restored", number):
        raise Conflict("somebody has begun to work here", code=_NOT_EMPTY)
    try:
        last = dump.fill(store.intake(), archive.parts(name))
    except BaseException:
        if number:
            store.retire("", number)
        raise
    ws.announce(last)
    return Restored(last, last_number(last) if last else 0)


def _made(ws: Workspace) -> int:
    """The last change of a project that was only made so far."""
    try:
        with ws.reading() as reader:
            return reader.last_change()
    except NotFound:
        return 0


def copy_to_json(archive: Archive, copy: Copy) -> dict[str, object]:
    """A copy, as every face shows it."""
    return {
        "name": copy.name,
        "path": archive.path(copy.name),
        "time": copy.time,
        "why": copy.why,
        "size": copy.size,
    }
