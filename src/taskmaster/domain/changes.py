"""Change records: who changed what, from which value to which.

A transaction is what one operation changed, numbered without gaps; each of its changes has its
own number. Records hold everything needed to explain a change, to replay it and to take it back.
"""

from __future__ import annotations

from collections import namedtuple

from taskmaster.domain.task import Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
    from typing import NamedTuple

    class Actor(NamedTuple):
        """Who makes a change: *kind* is person, agent or system; *session* may be ``""``."""

        name: str
        kind: str
        session: str

    class Stamp(NamedTuple):
        """What a writer is told about the operation it serves.

        ``request`` is what its caller would repeat it under, ``""`` for most.
        """

        actor: Actor
        via: str
        operation: str
        note: str
        time: str
        request: str = ""

    class Change(NamedTuple):
        """One change.

        ``kind`` is added, removed, changed, reordered (of tasks and subtasks) or tag-added,
        tag-removed, tag-renamed, tag-changed. ``task`` is the full id, ``""`` for tags.
        ``doc`` and ``place`` (counted from 0) belong to added and removed; ``fields`` maps each
        changed document key to its (before, after), with ABSENT for a key that is not there.
        """

        kind: str
        tag: str
        task: str
        fields: Mapping[str, tuple[object, object]]
        doc: object
        place: int

    class Transaction(NamedTuple):
        """The changes of one operation; ``first`` is the number of the first of them."""

        first: int
        stamp: Stamp
        changes: tuple[Change, ...]

    class TagState(NamedTuple):
        """A tag's metadata and its task entries as stored (almost always objects)."""

        metadata: Mapping[str, object]
        entries: Sequence[object]

    class Version(NamedTuple):
        """What stands for the tasks, with their log, and for the keyring at one moment."""

        tasks: Hashable
        keys: Hashable

    Keyed = dict[tuple[str, int], tuple[int, object]]

else:
    Actor = namedtuple("Actor", "name kind session", defaults=("person", ""))
    Stamp = namedtuple("Stamp", "actor via operation note time request", defaults=("",))
    Change = namedtuple("Change", "kind tag task fields doc place")
    Transaction = namedtuple("Transaction", "first stamp changes")
    TagState = namedtuple("TagState", "metadata entries")
    Version = namedtuple("Version", "tasks keys")


class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = _Absent()
"""Stands for the value of a key that is not there; None is a value that files contain."""

FOLLOWING = frozenset({"updated", "lastModified", "taskCount", "completedCount"})
"""Tag metadata that an engine derives from the tasks; it changes without a record."""

EXTERNAL = Actor("another program", "system", "")


def last_number(transaction: Transaction) -> int:
    return transaction.first + len(transaction.changes) - 1


def added(tag: str, task: str, doc: object, place: int) -> Change:
    return Change("added", tag, task, {}, doc, place)


def removed(tag: str, task: str, doc: object, place: int) -> Change:
    return Change("removed", tag, task, {}, doc, place)


def tag_change(kind: str, tag: str, fields: Mapping[str, tuple[object, object]]) -> Change:
    return Change(f"tag-{kind}", tag, "", fields, None, 0)


def reordered(tag: str, before: Sequence[str], after: Sequence[str]) -> Change:
    return Change("reordered", tag, "", {"order": (list(before), list(after))}, None, 0)


def between(
    old: Mapping[str, object], new: Mapping[str, object]
) -> dict[str, tuple[object, object]]:
    """The keys whose values differ, each with (before, after)."""
    keys = dict.fromkeys([*old, *new])
    pairs = {key: (old.get(key, ABSENT), new.get(key, ABSENT)) for key in keys}
    return {key: pair for key, pair in pairs.items() if not same(*pair)}


def same(one: object, other: object) -> bool:
    """Equal as JSON: unlike ``==``, ``1``, ``1.0`` and ``true`` are three values, NaN is one.

    Free of recursion: whatever depth a parser has accepted can be compared.
    """
    pairs = [(one, other)]
    while pairs:
        one, other = pairs.pop()
        if one is not other:
            inside = _inside(one, other)
            if inside is None:
                return False
            pairs += inside
    return True


def _inside(one: object, other: object) -> Iterable[tuple[object, object]] | None:
    """The pairs that must be the same for these two to be; None when they cannot be."""
    if type(one) is not type(other):
        return None
    if isinstance(one, dict) and isinstance(other, dict):
        return [(one[key], other[key]) for key in one] if one.keys() == other.keys() else None
    if isinstance(one, list) and isinstance(other, list):
        return zip(one, other, strict=True) if len(one) == len(other) else None
    if one == other or repr(one) == repr(other) == "nan":
        return ()
    return None


def of_task(tag: str, old: Task, new: Task) -> Iterator[Change]:
    """What turns *old* into *new*: one record for the task, one for each subtask touched."""
    fields = between(old.doc, new.doc)
    steps: list[Change] = []
    if "subtasks" in fields and (found := _of_subtasks(tag, old, new)) is not None:
        del fields["subtasks"]
        steps = found
    if fields:
        yield Change("changed", tag, old.id, fields, None, 0)
    yield from steps


def _of_subtasks(tag: str, old: Task, new: Task) -> list[Change] | None:
    """Records subtask by subtask, or None where only the whole list can tell what happened."""
    before, after = _by_id(old), _by_id(new)
    if before is None or after is None:
        return None
    kept = [one for one in before if one in after]
    if kept != [one for one in after if one in before]:
        return None
    places = {one: place for place, one in enumerate(before)}
    found = [removed(tag, one, before[one].doc, places[one]) for one in before if one not in after]
    for place, (one, task) in enumerate(after.items()):
        if one not in before:
            found.append(added(tag, one, task.doc, place))
        elif fields := between(before[one].doc, task.doc):
            found.append(Change("changed", tag, one, fields, None, 0))
    # Removals are replayed from the last place to the first, so that every place is true.
    gone = [change for change in found if change.kind == "removed"]
    return gone[::-1] + found[len(gone) :]


def _by_id(task: Task) -> dict[str, Task] | None:
    raw = task.doc.get("subtasks")
    if not isinstance(raw, list):
        return None
    entries = {entry.id: entry for entry in task.subtasks}
    return entries if len(entries) == len(raw) else None


def between_states(old: Mapping[str, TagState], new: Mapping[str, TagState]) -> Iterator[Change]:
    """Everything that turns one whole state into another, in an order that can be replayed."""
    for tag in old:
        if tag not in new:
            yield from _tag_gone(tag, old[tag])
    for tag, state in new.items():
        if tag not in old:
            yield tag_change("added", tag, between({}, state.metadata))
            yield from _of_entries(tag, [], state.entries)
        else:
            own = between(old[tag].metadata, state.metadata)
            fields = {key: pair for key, pair in own.items() if key not in FOLLOWING}
            if fields:
                yield tag_change("changed", tag, fields)
            yield from _of_entries(tag, old[tag].entries, state.entries)


def _tag_gone(tag: str, state: TagState) -> Iterator[Change]:
    yield from _of_entries(tag, state.entries, [])
    yield tag_change("removed", tag, between(state.metadata, {}))


def _of_entries(tag: str, old: Sequence[object], new: Sequence[object]) -> Iterator[Change]:
    before, after = _keyed(old), _keyed(new)
    order = _merged(before, after)
    if order != list(after) and not (_unmistakable(before) and _unmistakable(after)):
        yield from _anew(tag, old, new)
        return
    for key in [key for key in before if key not in after][::-1]:
        place, entry = before[key]
        yield removed(tag, key[0], entry, place)
    for key, (place, entry) in after.items():
        if key not in before:
            yield added(tag, key[0], entry, place)
        elif not same(before[key][1], entry):
            yield from _of_entry(tag, key, place, before[key][1], entry)
    if order != list(after):
        yield reordered(tag, [key[0] for key in order], [key[0] for key in after])


def _merged(before: Keyed, after: Keyed) -> list[tuple[str, int]]:
    """The order once what is gone is removed and what is new is added at its place."""
    order = [key for key in before if key in after]
    for key, (place, _entry) in after.items():
        if key not in before:
            order.insert(place, key)
    return order


def _of_entry(
    tag: str, key: tuple[str, int], place: int, old: object, new: object
) -> Iterable[Change]:
    """The change of one entry; one that its id does not single out is told by its place."""
    if isinstance(old, dict) and isinstance(new, dict) and key[1] == 1:
        return of_task(tag, Task(old), Task(new))
    return removed(tag, key[0], old, place), added(tag, key[0], new, place)


def _unmistakable(entries: Keyed) -> bool:
    """Whether an id is enough to tell which entry is meant."""
    return all(key[1] == 1 and isinstance(entry, dict) for key, (_place, entry) in entries.items())


def _anew(tag: str, old: Sequence[object], new: Sequence[object]) -> Iterator[Change]:
    """Everything between what both have in common at the beginning and at the end, replaced."""
    head = 0
    while head < min(len(old), len(new)) and same(old[head], new[head]):
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and same(old[-1 - tail], new[-1 - tail]):
        tail += 1
    for place in range(len(old) - tail - 1, head - 1, -1):
        yield removed(tag, _name(old[place]), old[place], place)
    for place in range(head, len(new) - tail):
        yield added(tag, _name(new[place]), new[place], place)


def _keyed(entries: Sequence[object]) -> Keyed:
    """Entries by id and, where an id is repeated, by which time it occurs; with their places."""
    seen: dict[str, int] = {}
    found: Keyed = {}
    for place, entry in enumerate(entries):
        name = _name(entry)
        seen[name] = seen.get(name, 0) + 1
        found[name, seen[name]] = (place, entry)
    return found


def _name(entry: object) -> str:
    return Task(entry).id if isinstance(entry, dict) else ""


def in_order(entries: Sequence[object], order: Sequence[str]) -> list[object] | None:
    """The entries as *order* names them, None when it does not name each of them once.

    Entries with the same name keep their order among themselves.
    """
    waiting: dict[str, list[object]] = {}
    for entry in reversed(entries):
        waiting.setdefault(_name(entry), []).append(entry)
    if len(order) != len(entries):
        return None
    try:
        return [waiting[name].pop() for name in order]
    except (KeyError, IndexError):
        return None


def around_others(order: Sequence[str], entries: Sequence[object]) -> list[str]:
    """*order* with an empty name wherever an entry that is no task stands, if it has none."""
    wanted = list(order)
    if not len(wanted) == sum(isinstance(entry, dict) for entry in entries) < len(entries):
        return wanted
    waiting = iter(wanted)
    return [next(waiting) if isinstance(entry, dict) else "" for entry in entries]


def followed(
    metadata: Mapping[str, object], now: str, statuses: Callable[[], Mapping[str, int]]
) -> Mapping[str, object]:
    """*metadata* with those of the keys that follow from the tasks brought up to date.

    *statuses* tells how many tasks there are of each status.
    """
    values: dict[str, object] = {"updated": now, "lastModified": now}
    if "taskCount" in metadata or "completedCount" in metadata:
        counts = statuses()
        values["taskCount"] = sum(counts.values())
        values["completedCount"] = counts.get("done", 0)
    return {**metadata, **{key: value for key, value in values.items() if key in metadata}}


def names(entries: Iterable[object]) -> list[str]:
    """The ids of task entries, ``""`` for one that has none or is no object."""
    return [_name(entry) for entry in entries]


def inverse(change: Change) -> Change:
    """The change that takes this one back."""
    opposite = {"added": "removed", "removed": "added"}
    opposite |= {f"tag-{kind}": f"tag-{other}" for kind, other in opposite.items()}
    fields = {key: (after, before) for key, (before, after) in change.fields.items()}
    tag = change.tag
    if change.kind == "tag-renamed":
        tag = str(change.fields["name"][1])
    return change._replace(kind=opposite.get(change.kind, change.kind), tag=tag, fields=fields)


def replayed(states: Mapping[str, TagState], change: Change) -> dict[str, TagState]:
    """The states after *change*; those given stay as they are.

    Raises ValueError when the record does not fit: what it says was there is not there. Metadata
    that only follows from the tasks has no records and is not compared.
    """
    after = dict(states)
    tag = change.tag
    if change.kind == "tag-added":
        after[tag] = TagState(_with(change, {}), [])
    elif tag not in after:
        raise _misfit(change)
    elif change.kind == "tag-removed":
        del after[tag]
    elif change.kind == "tag-renamed":
        name = str(change.fields["name"][1])
        after = {name if key == tag else key: state for key, state in after.items()}
    elif change.kind == "tag-changed":
        after[tag] = TagState(_with(change, after[tag].metadata), after[tag].entries)
    else:
        after[tag] = TagState(after[tag].metadata, _entries_after(change, after[tag].entries))
    return after


def _entries_after(change: Change, entries: Sequence[object]) -> list[object]:
    if change.kind == "reordered":
        before, after = change.fields["order"]
        result = in_order(entries, after)  # type: ignore[arg-type]  # a record of names
        if result is None or names(entries) != before:
            raise _misfit(change)
        return result
    owner = _owner(change, entries)
    if owner is None:
        return _list_after(change, entries, None)
    parent = Task(entries[owner])  # type: ignore[arg-type]  # only objects own something
    steps = parent.doc.get("subtasks")
    if not isinstance(steps, list):
        raise _misfit(change)
    changed = {**parent.doc, "subtasks": _list_after(change, steps, parent)}
    return [changed if place == owner else entry for place, entry in enumerate(entries)]


def _owner(change: Change, entries: Sequence[object]) -> int | None:
    """The place of the task whose subtask the change is about, None for a task of its own."""
    if "." not in change.task:
        return None
    known = names(entries)
    if change.kind != "added" and change.task in known:
        return None
    parts = change.task.split(".")
    above = (".".join(parts[:count]) for count in range(len(parts) - 1, 0, -1))
    return next((known.index(name) for name in above if name in known), None)


def _list_after(change: Change, entries: Sequence[object], parent: Task | None) -> list[object]:
    result = list(entries)
    if change.kind == "added":
        result.insert(change.place, change.doc)
        return result
    if change.kind == "removed":
        if change.place >= len(result) or not same(result.pop(change.place), change.doc):
            raise _misfit(change)
        return result
    for place, entry in enumerate(entries):
        if isinstance(entry, dict) and Task(entry, parent).id == change.task:
            result[place] = _with(change, entry)
            return result
    raise _misfit(change)


def _with(change: Change, document: Mapping[str, object]) -> dict[str, object]:
    result = dict(document)
    for key, (before, after) in change.fields.items():
        follows = change.kind.startswith("tag-") and key in FOLLOWING
        if not follows and not same(result.get(key, ABSENT), before):
            raise _misfit(change)
        if after is ABSENT:
            result.pop(key, None)
        else:
            result[key] = after
    return result


def _misfit(change: Change) -> ValueError:
    where = f"{change.task} in {change.tag}" if change.task else change.tag
    return ValueError(f"the record '{change.kind} {where}' does not fit what is there")
