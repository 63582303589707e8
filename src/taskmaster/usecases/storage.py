"""Moving everything a project holds from one store to another, losing nothing on the way.

The order keeps every moment safe. Everything is copied to where nobody sees it and compared; the
source then refuses writers, unless it has grown since, and is compared once more; the keyring,
which nobody can change any more either, goes along; only now what was copied becomes what the
target holds; last, the project's settings say where the tasks are.
Whoever dies in between leaves at most one store that can be written, and the same call completes
what is left to do.
"""

from __future__ import annotations

from collections import namedtuple
from itertools import islice

from taskmaster import wire
from taskmaster.domain.changes import last_number
from taskmaster.errors import Busy, Conflict, TampError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.domain.changes import Transaction
    from taskmaster.ports import Intake, Movable, Reader, Store

    Progress = Callable[[int, int], None]

    class Contents(NamedTuple):
        """How much a store holds: tags, entries of their task lists, changes on record; and
        ``sha256``, which two stores share when all of it is the same, in the same order.
        """

        tags: int
        tasks: int
        changes: int
        sha256: str

    class Plan(NamedTuple):
        """What a move would do: what is carried, and in sentences what stays behind.

        ``arrived`` means that an earlier one was cut short and only the settings are to be changed;
        ``returning`` names the place that the target was left for, ``""`` where it never held any.
        """

        contents: Contents
        unseen: Sequence[str]
        arrived: bool
        returning: str

else:
    Contents = namedtuple("Contents", "tags tasks changes sha256")
    Plan = namedtuple("Plan", "contents unseen arrived returning")

_PIECE = 500
_TRIES, _PATIENT_TRIES = 6, 3
"""How often to copy again because the source has grown, and when to stop its writers before."""
_ANY = 1 << 62
"""A number that no log grows beyond."""


def contents(reader: Reader, at: Progress | None = None) -> Contents:
    """What *reader* shows, all of it; *at* is told how many entries and changes were looked at."""
    import hashlib

    digest = hashlib.sha256()
    tags, tasks, last = 0, 0, reader.last_change()
    for tag in reader.tags():
        tags += 1
        digest.update(_line(["tag", tag, dict(reader.metadata(tag))]))
        for entry in reader.entries(tag):
            tasks += 1
            digest.update(_line(["entry", entry]))
            _tell(at, tasks)
    for transaction in _log(reader, 0, last):
        digest.update(_line(["change", wire.transaction_to_json(transaction)]))
        _tell(at, tasks + last_number(transaction))
    return Contents(tags, tasks, last, digest.hexdigest())


def _line(value: object) -> bytes:
    import json

    return json.dumps(value, separators=(",", ":")).encode() + b"\n"


def _tell(at: Progress | None, done: int, total: int = 0) -> None:
    if at and done % _PIECE == 0:
        at(done, total)


def _log(reader: Reader, number: int, last: int) -> Iterator[Transaction]:
    """The log after change *number* up to *last*: some views see what is added to it meanwhile."""
    for transaction in reader.changes_since(number):
        if last_number(transaction) > last:
            return
        yield transaction


def contents_of(store: Store, at: Progress | None = None) -> Contents:
    with store.reading() as reader:
        return contents(reader, at)


def plan(source: Movable, target: Movable, successor: str) -> Plan:
    """What ``copy`` and ``switch`` to *target*, which people know as *successor*, would do.

    Raises Conflict when the tasks of the source have moved elsewhere already (code ``moved``), or
    when the target holds other ones (code ``not-empty``).
    """
    known = source.successor()
    if known not in ("", successor):
        raise Conflict(
            f"the tasks have moved to {known} before, or a move there was cut short",
            hint="`tamp storage use` takes them there; the same `tamp storage move` completes it,"
            " with --cancel it gives it up",
            code="moved",
            details={"to": known},
        )
    found = contents_of(source)
    if known and _has_arrived(source, found, target):
        return Plan(found, (), arrived=True, returning="")
    returning = _left_for(target)
    if not returning and _holds_anything(target):
        raise Conflict(
            f"{successor} holds tasks or a history already; nothing was changed",
            hint="move to another place or under another name; if these are the project's own"
            " tasks, `tamp storage use` takes them",
            code="not-empty",
        )
    return Plan(found, source.unseen(), arrived=False, returning=returning)


def _has_arrived(source: Movable, found: Contents, target: Movable) -> bool:
    """Whether the target holds what the source did when it was left, and perhaps more by now."""
    if _left_for(target):
        return False
    try:
        there = contents_of(target)
    except TampError as error:
        _pass_absence(error)
        return False
    if there.changes == found.changes:
        return there == found
    return 0 < found.changes < there.changes and _same_history(source, target, found.changes)


def _same_history(source: Movable, target: Movable, last: int) -> bool:
    with source.reading() as old, target.reading() as new:
        pairs = zip(_log(old, 0, last), _log(new, 0, last), strict=True)
        return all(
            _line(wire.transaction_to_json(one)) == _line(wire.transaction_to_json(other))
            for one, other in pairs
        )


def _left_for(store: Movable) -> str:
    """Where the store's tasks have moved; one that is not made yet was never left."""
    try:
        return store.successor()
    except TampError as error:
        _pass_absence(error)
        return ""


def _holds_anything(store: Movable) -> bool:
    try:
        with store.reading() as reader:
            return bool(reader.last_change()) or any(
                True for tag in reader.tags() for _entry in reader.entries(tag)
            )
    except TampError as error:
        _pass_absence(error)
        return False


def _pass_absence(error: TampError) -> None:
    """Raise what says anything else than that nothing is there yet."""
    if error.code not in ("no-database", "no-such-project", "schema-missing"):
        raise error


def copy(source: Movable, intake: Intake, at: Progress | None = None) -> Contents:
    """Copy all to where nobody sees it, going on where an earlier copy of the same broke off.

    Raises Conflict when what has arrived is not what was sent.
    """
    with source.reading() as reader:
        sent = contents(reader)
        _send(reader, intake, sent, at)
    with intake.reading() as staged:
        found = contents(staged)
    if found != sent:
        intake.drop()
        raise Conflict(
            "what has arrived is not what was sent:"
            f" {_described(found)} instead of {_described(sent)}; nothing was changed",
            hint="run the command again; please report it if that does not help",
            code="copy-differs",
        )
    intake.prepare()
    return sent


def _described(found: Contents) -> str:
    words = f"{found.tags} tags, {found.tasks} tasks and {found.changes} changes"
    return f"{words} ({found.sha256[:12]})"


def _send(reader: Reader, intake: Intake, sent: Contents, at: Progress | None) -> None:
    received = intake.begin(sent.sha256)
    done = sum(received.tags.values())
    total = sent.tasks + sent.changes
    for tag in reader.tags():
        if tag not in received.tags:
            intake.take_tag(tag, reader.metadata(tag))
        entries = islice(reader.entries(tag), received.tags.get(tag, 0), None)
        while piece := list(islice(entries, _PIECE)):
            intake.take_entries(tag, piece)
            done += len(piece)
            if at:
                at(done, total)
    log = _log(reader, received.change, sent.changes)
    while some := list(islice(log, _PIECE)):
        intake.take_changes(some)
        if at:
            at(done + last_number(some[-1]), total)


def switch(
    source: Movable,
    intake: Intake,
    successor: str,
    sent: Contents,
    settle: Callable[[], None],
    at: Progress | None = None,
) -> Contents:
    """Make the target what the project works with; *sent* is what ``copy`` has copied.

    What was changed since is copied as well: again as a whole, and after some tries with writers
    refused meanwhile. *settle* writes the settings. Gives what has moved in the end. An error
    after the source was left says so in its hint; the same call completes the move.
    """
    try:
        final = _agreed(source, intake, successor, sent, at)
        intake.take_keys(source.keyring().entries())
        intake.finish()
        settle()
    except TampError as error:
        if source.successor() == successor:
            error.hint = f"{error.hint}; {_UNFINISHED}" if error.hint else _UNFINISHED
        raise
    return final


_UNFINISHED = (
    "until the same `tamp storage move` has completed the move nobody can write,"
    " and with --cancel it gives it up"
)


def _agreed(
    source: Movable, intake: Intake, successor: str, sent: Contents, at: Progress | None
) -> Contents:
    """What both sides hold, once the source has no writers any more."""
    for tries in range(_TRIES):
        if tries >= _PATIENT_TRIES:
            source.retire(successor, _ANY)
        if tries:
            sent = copy(source, intake, at)
        if source.retire(successor, sent.changes) and contents_of(source) == sent:
            return sent
    raise Busy(
        "other programs keep changing the tasks; the move is not complete",
        hint="find out which programs write the task file themselves, and stop them",
    )


def cancel(source: Movable, target: Movable, successor: str) -> bool:
    """Give up a move that was cut short: the target forgets, the source can be written again.

    Tells whether it had been left. Raises Conflict when the move is complete, or when the tasks
    have moved elsewhere.
    """
    known = source.successor()
    if known not in ("", successor):
        raise Conflict(
            f"the tasks have moved to {known}, not to {successor}; nothing was changed",
            hint=f"name that place: tamp storage move --cancel --to …; it is {known}",
            code="moved",
        )
    if known and not _left_for(target) and _holds_anything(target):
        raise Conflict(
            f"the tasks are in {successor} already; nothing was changed",
            hint="`tamp storage use` takes them there; moving back is another `tamp storage move`",
            code="moved",
        )
    _drop(target)
    return bool(known) and source.retire("", _ANY)


def _drop(target: Movable) -> None:
    try:
        target.intake().drop()
    except TampError as error:
        _pass_absence(error)


def state(store: Movable) -> Mapping[str, object]:
    """What a person may want to know of where the tasks are, and of their last change."""
    successor = store.successor()
    with store.reading() as reader:
        tags = list(reader.tags())
        tasks = sum(1 for tag in tags for _entry in reader.entries(tag))
        number = reader.last_change()
        stamps = [one.stamp for one in _log(reader, max(number - 1, 0), number)]
    return {
        "tags": len(tags),
        "tasks": tasks,
        "changes": number,
        "lastChange": {
            "at": stamps[-1].time,
            "by": stamps[-1].actor.name,
            "operation": stamps[-1].operation,
        } if stamps else None,
        "movedTo": successor or None,
        "unusual": list(store.oddities()),
        **store.facts(),
    }  # fmt: skip


def usable(store: Movable, place: str) -> Mapping[str, object]:
    """The ``state`` of a store that a project may work with from now on.

    Raises NotFound where there is none, Conflict where its tasks have moved elsewhere.
    """
    found = state(store)
    if found["movedTo"]:
        raise Conflict(
            f"the tasks of {place} have moved to {found['movedTo']}; nothing was changed",
            hint="name that place",
            code="moved",
            details={"to": found["movedTo"]},
        )
    return found


def staying(store: Movable) -> int:
    """How many tasks would go out of sight if a project left the store: none that have moved."""
    if _left_for(store):
        return 0
    try:
        return contents_of(store).tasks
    except TampError as error:
        _pass_absence(error)
        return 0
