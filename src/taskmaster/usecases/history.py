"""What happened, and taking it back."""

from __future__ import annotations

from itertools import islice

from taskmaster import records
from taskmaster.domain import changes
from taskmaster.domain.changes import ABSENT, last_number
from taskmaster.domain.spelling import documents_mean_the_same, means_the_same
from taskmaster.domain.task import Task
from taskmaster.errors import Conflict, Invalid, NotFound
from taskmaster.usecases import selection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from taskmaster.domain.changes import Change, Transaction
    from taskmaster.ports import Reader, Writer
    from taskmaster.workspace import Workspace

UNDO = "undo"
_FIRST_LOOK = 64
"""Changes at the end of the log that are read to begin with."""
_UNCHECKED = ("updatedAt",)


def history(
    ws: Workspace, *, task_id: str = "", of_tag: bool = False, since: int = 0, limit: int = 0
) -> list[Transaction]:
    """Transactions after change number *since*, newest first, at most *limit* (0: all).

    With *of_tag* only those that touched the current tag, with a *task_id* only those that touched
    this task or its subtasks there, each with only these changes. What is gone still has its
    history.
    """
    with ws.reading() as reader:
        found = newest_first(reader, since)
        if task_id or of_tag:
            found = (one for entry in found if (one := touching(entry, ws.tag, task_id)).changes)
        return list(islice(found, limit or None))


def newest_first(reader: Reader, since: int = 0) -> Iterator[Transaction]:
    """Transactions after change *since*, from the end of the log, which is read no further back
    than somebody looks.
    """
    end, step = reader.last_change(), _FIRST_LOOK
    while end > since:
        begin = max(end - step, since)
        found = [one for one in reader.changes_since(begin) if one.first <= end]
        yield from reversed(found)
        end, step = (found[0].first - 1 if found else begin), 4 * step


def check_known(ws: Workspace, task_id: str) -> None:
    """Raises NotFound for a tag that is not there, and for a task (``""``: none) that is not."""
    with ws.reading() as reader:
        if task_id not in (*reader.around(ws.tag, [task_id]), ""):
            raise NotFound(f"nothing is known of a task {task_id} in tag {ws.tag}")


def touching(entry: Transaction, tag: str, task_id: str) -> Transaction:
    """The transaction with only what it did to the task and its subtasks, or to the whole tag."""
    kept = tuple(
        change
        for change in entry.changes
        if change.tag == tag
        and (task_id in ("", change.task) or change.task.startswith(f"{task_id}."))
    )
    return entry._replace(changes=kept)


def to_undo(reader: Reader, number: int = 0) -> Transaction:
    """The transaction that holds change *number*, or the newest one that stands.

    One that was taken back no longer stands, and an undo is not taken back unless it is named.
    Raises NotFound.
    """
    if number:
        found = next(iter(reader.changes_since(number - 1)), None)
        if found is None or found.first > number:
            raise NotFound(f"there is no change {number}", hint="`tamp history` shows the numbers")
        return found
    undone: set[str] = set()
    for entry in newest_first(reader):
        if name_of(entry) in undone:
            continue  # Where that is an undo, what it took back stands again.
        if entry.stamp.operation != UNDO:
            return entry
        undone.add(entry.stamp.note)
    raise NotFound("there is nothing to undo", code="nothing-to-undo")


def name_of(entry: Transaction) -> str:
    """How an undo names what it takes back: ``12`` or ``12-14``."""
    last = last_number(entry)
    return str(entry.first) if last == entry.first else f"{entry.first}-{last}"


def undo(ws: Workspace, number: int = 0, *, force: bool = False) -> tuple[Transaction, Transaction]:
    """Take a whole transaction back: (what was taken back, what did it).

    Raises Conflict, changing nothing, where something it changed was changed again since;
    *force* takes back what can be all the same.
    """
    with ws.reading() as reader:
        target = to_undo(reader, number)
    with ws.writing(UNDO, note=name_of(target)) as writer:
        obstacles: list[str] = []
        for change in reversed(target.changes):
            obstacles += _take_back(writer, changes.inverse(change), force=force)
        obstacles += _left_waiting(writer, target)
        if obstacles and not force:
            raise Conflict(
                f"change {name_of(target)} cannot be taken back: {'; '.join(obstacles)}",
                hint="undo the later changes first, or use --force to overwrite them",
                code="changed-since",
            )
    if writer.committed is None:
        raise Conflict(f"taking back {name_of(target)} changes nothing", code="nothing-to-undo")
    return target, writer.committed


def _take_back(writer: Writer, change: Change, *, force: bool) -> Sequence[str]:
    try:
        obstacles = _OBSTACLES[change.kind](writer, change) if change.kind in _OBSTACLES else ()
        if force or not obstacles:
            records.apply(writer, change)
    except (NotFound, Conflict, Invalid) as error:
        return [error.message]
    return obstacles


def _left_waiting(writer: Writer, target: Transaction) -> Iterator[str]:
    """Who waits for a task that *target* added, once that is taken back and the task is gone."""
    made = [(one.tag, one.task) for one in target.changes if one.kind == "added"]
    for tag in sorted({tag for tag, _ in made}.intersection(writer.tags())):
        own = [one for of_tag, one in made if of_tag == tag]
        nodes = writer.around(tag, own)
        gone = {one for one in own if one not in nodes}
        for node in nodes.values() if gone else ():
            yield from (f"{node.id} depends on {one}" for one in node.dependencies if one in gone)


def _to_fields(writer: Writer, change: Change) -> list[str]:
    task = selection.one(writer, change.tag, change.task)
    return [
        f"{key} of {change.task} was changed since"
        for key, (expected, _value) in change.fields.items()
        if not means_the_same(key, task.doc.get(key, ABSENT), expected) and key not in _UNCHECKED
    ]


def _to_bringing_back(writer: Writer, change: Change) -> list[str]:
    if not isinstance(change.doc, dict):
        return ["an entry that is no task cannot be brought back"]
    if selection.find(writer, change.tag, change.task):
        return [f"there is another task {change.task} by now"]
    parent_id, dot, _ = change.task.rpartition(".")
    owned = dot and selection.find(writer, change.tag, parent_id)
    if not owned and Task(change.doc).id != change.task:
        return [f"there is no task {parent_id} by now that {change.task} could be part of"]
    return []


def _to_taking_away(writer: Writer, change: Change) -> list[str]:
    task = selection.one(writer, change.tag, change.task)
    expected = change.doc if isinstance(change.doc, dict) else {}
    unchanged = documents_mean_the_same(task.doc, expected)
    obstacles = [] if unchanged else [f"{change.task} was changed since"]
    # Asked while it is there: a bare number in a sibling would mean a whole task afterwards.
    siblings = task.parent.subtasks if task.parent else ()
    waiting = [one.id for one in siblings if task.id in one.dependencies and one.id != task.id]
    return [*obstacles, *(f"{one} depends on {task.id}" for one in waiting)]


def _to_removing_tag(writer: Writer, change: Change) -> list[str]:
    return [f"tag {change.tag} holds tasks by now"] if writer.tasks(change.tag) else []


_OBSTACLES = {
    "changed": _to_fields,
    "added": _to_bringing_back,
    "removed": _to_taking_away,
    "tag-removed": _to_removing_tag,
}
"""What stands in the way of taking a change back, by the kind of what takes it back."""
