"""Giving tasks and subtasks another id or another place within their tag.

Every id in a request means what it meant before the request. Whoever waited for something that
moved waits for it under its new id; no two tasks ever share one.
"""

from __future__ import annotations

from collections import namedtuple

from taskmaster.domain import ids
from taskmaster.domain.task import Task
from taskmaster.errors import Invalid, NotFound, TampError, Usage
from taskmaster.usecases import selection
from taskmaster.usecases.conversion import check_movable, subtask_document, task_document
from taskmaster.usecases.numbering import NUMBER, check_free, in_order, larger
from taskmaster.usecases.references import settle, under_id
from taskmaster.usecases.subtasks import free_number
from taskmaster.usecases.tasks import take_away

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.ports import Reader, Writer
    from taskmaster.workspace import Workspace

    Edge = tuple[str, str]

    class Moved(NamedTuple):
        """A task or subtask where it is now, and the id it had."""

        before: str
        task: Task

    class Moves(NamedTuple):
        """What moved, and what that meant for the others.

        ``redirected`` wait for something under its new id, ``dropped`` are waits that are gone,
        ``found`` are references to an id that nothing had before; edges are (waiting, awaited).
        """

        items: tuple[Moved, ...]
        redirected: tuple[str, ...]
        dropped: tuple[Edge, ...]
        found: tuple[Edge, ...]

else:
    Moved = namedtuple("Moved", "before task")
    Moves = namedtuple("Moves", "items redirected dropped found")


def move(ws: Workspace, sources: str, targets: str) -> Moves:
    """Move each of *sources* to the one of *targets* at its place; all of them or none.

    A target ``7`` is a free id for a whole task; ``7.2`` is a place among the subtasks of 7: that
    of 7.2 for one of its siblings, the id where nothing has it, and right after it with a number
    of its own otherwise. Raises Usage, NotFound, Invalid and, for an id that is taken, Conflict.
    """
    with ws.writing("move", f"{sources} to {targets}") as writer:
        tasks = named(writer, ws.tag, sources)
        pairs = _paired(tasks, targets)
        before = writer.nodes(ws.tag)
        whole = {task.id: to for task, to in pairs if task.parent is None and not _place(to)}
        renamed = _renumbered(writer, ws.tag, whole)
        for task, to in pairs:
            if task.id not in whole:
                try:
                    _placed(writer, ws.tag, task.id, to, renamed)
                except TampError as error:
                    others = dict.fromkeys([one.id for one, _ in pairs], "not-moved")
                    error.details = {**others, task.id: error.code}
                    raise
        settled = settle(writer, ws.tag, before, renamed)
        items = [
            Moved(task.id, selection.one(writer, ws.tag, renamed.get(task.id, task.id)))
            for task in tasks
        ]
    return Moves(tuple(items), *settled)


def named(reader: Reader, tag: str, text: str) -> list[Task]:
    """The tasks and subtasks to move. Raises NotFound that tells for each id what is missing."""
    wanted = ids.select(text, lambda: list(reader.nodes(tag)))
    found = {one: selection.find(reader, tag, one) for one in wanted}
    missing = {one: _absence(reader, tag, one) for one, task in found.items() if task is None}
    if missing:
        first = next(iter(missing))
        raise NotFound(
            f"there is no {'subtask' if '.' in first else 'task'} {', '.join(missing)}"
            f" in tag {tag}; nothing was moved",
            hint="`tamp list all` shows the ids",
            code=missing[first],
            details=missing,
        )
    return [task for task in found.values() if task is not None]


def _absence(reader: Reader, tag: str, task_id: str) -> str:
    parent_id, dot, _ = task_id.rpartition(".")
    parent = selection.find(reader, tag, parent_id) if dot else None
    if not dot:
        return "task-not-found"
    if parent is None:
        return "parent-task-not-found"
    return "subtask-not-found" if parent.subtasks else "parent-task-no-subtasks"


def counted(tasks: Sequence[Task], targets: str) -> list[str]:
    """The ids in *targets*, one for each task. Raises Usage."""
    found = [ids.normal(word.removeprefix("#")) for word in ids.words(targets)]
    if len(found) != len(tasks):
        raise Usage(
            f"{len(tasks)} to move and {len(found)} places to move to; nothing was moved",
            hint="name one place for each: tamp move --from=5,6 --to=8,9",
            code="id-count-mismatch",
        )
    return found


def _paired(tasks: Sequence[Task], targets: str) -> list[tuple[Task, str]]:
    pairs = list(zip(tasks, counted(tasks, targets), strict=True))
    for task, to in pairs:
        if task.id == to:
            raise Usage(
                f"{to} is there already; nothing was moved",
                hint="name another place to move it to",
                code="same-place",
            )
    return pairs


def _place(target: str) -> str:
    """The parent that a target among subtasks names, ``""`` for a whole task."""
    return target.rpartition(".")[0]


def _renumbered(writer: Writer, tag: str, wanted: Mapping[str, str]) -> dict[str, str]:
    """Give whole tasks new ids, all at the same moment, so that two may change theirs over."""
    order = [task.id for task in writer.tasks(tag)]
    check_free([one for one in order if one not in wanted], wanted.items())
    places = {one: order.index(one) for one in wanted}
    leaving = {one: writer.remove(tag, one) for one in sorted(wanted, key=lambda one: places[one])}
    renamed: dict[str, str] = {}
    for old, task in leaving.items():
        changed, names = under_id(task, wanted[old])
        writer.put(tag, changed, place=places[old])
        renamed |= names
    return renamed


def _placed(writer: Writer, tag: str, source: str, target: str, renamed: dict[str, str]) -> None:
    """Move one that is a subtask or becomes one."""
    task = selection.one(writer, tag, renamed.get(source, source))
    owner = _place(target)
    if not owner:
        new = _as_whole(writer, tag, task, target)
    else:
        parent = _parent(writer, tag, renamed.get(owner, owner))
        number = target.rpartition(".")[2]
        if not NUMBER.fullmatch(number):
            raise Invalid(
                f"{target} is no place among the subtasks of {owner}; nothing was moved",
                hint=f"for example: {owner}.1",
                code="bad-id",
            )
        within = task.parent is not None and task.parent.id == parent.id
        put = _reordered if within else _adopted
        new = put(writer, tag, task, parent, number)
    renamed[source] = new


def _parent(reader: Reader, tag: str, parent_id: str) -> Task:
    parent = selection.find(reader, tag, parent_id)
    if parent is None:
        raise NotFound(
            f"there is no task {parent_id} in tag {tag} to move anything into; nothing was moved",
            hint="`tamp list` shows the tasks",
            code="destination-task-not-found",
        )
    if parent.parent is not None:
        raise Invalid(
            f"{parent_id} is a subtask, and subtasks have no subtasks of their own",
            hint=f"move it to a place like {parent.parent.id}.1",
            code="not-a-task",
        )
    return parent


def _as_whole(writer: Writer, tag: str, step: Task, new: str) -> str:
    check_free([task.id for task in writer.tasks(tag)], [(step.id, new)])
    writer.put(tag, Task(task_document(step, new)), place=in_order(writer, tag, new))
    take_away(writer, tag, step)
    return new


def _adopted(writer: Writer, tag: str, task: Task, parent: Task, number: str) -> str:
    """Make *task* a subtask of another parent: under *number*, or a free one right after it."""
    if task.parent is None:
        check_movable(parent, task)
    names = [step.id.rpartition(".")[2] for step in parent.subtasks]
    stored: object = free_number(parent, [*task.dependencies, number])
    place = _after(names, number)
    if number not in names:
        _check_unmistakable(parent, number)
        stored = ids.stored(number, stored)
    doc = subtask_document(task, parent, stored)
    step = Task(doc, parent)
    writer.put(tag, parent.with_subtask(step, place))
    take_away(writer, tag, task)
    return step.id


def _check_unmistakable(parent: Task, number: str) -> None:
    """Refuse a number that a sibling would take for the whole task it waits for."""
    waiting = next((step.id for step in parent.subtasks if number in step.dependencies), "")
    if waiting:
        raise Invalid(
            f"{waiting} waits for the whole task {number}, and the file could not tell it from a"
            f" sibling numbered {number}; nothing was moved",
            hint=f"choose another number: {parent.id}.{free_number(parent, [number])}",
            code="ambiguous-dependency",
        )


def _after(names: Sequence[str], number: str) -> int | None:
    """The place right after *number*, or before the first that is larger, or last."""
    if number in names:
        return names.index(number) + 1
    return next((place for place, one in enumerate(names) if larger(one, number)), None)


def _reordered(writer: Writer, tag: str, step: Task, parent: Task, number: str) -> str:
    """Move *step* to the place of its sibling, or give it a number that none of them has."""
    entries = list(parent.doc["subtasks"])  # type: ignore[call-overload]  # it holds the step
    place = entries.index(step.doc)
    sibling = parent.subtask(f"{parent.id}.{number}")
    if sibling is not None:
        entries.insert(entries.index(sibling.doc), entries.pop(place))
        new = step.id
    else:
        _check_unmistakable(parent, number)
        entries[place] = {**step.doc, "id": _like(step, parent, number)}
        new = f"{parent.id}.{number}"
    writer.put(tag, parent.with_fields({"subtasks": entries}))
    return new


def _like(step: Task, parent: Task, number: str) -> object:
    """*number* written the way the subtask writes its id: ``2``, ``"2"`` or ``"5.2"``."""
    raw = step.doc.get("id")
    if isinstance(raw, str) and ids.local(raw, parent.id) != ids.normal(raw):
        return f"{parent.id}{raw.strip()[len(parent.id)]}{number}"
    return ids.stored(number, raw)


def moves_to_json(moves: Moves) -> dict[str, object]:
    """What moved, and what that meant for the others, as every face shows it."""
    return {
        "moves": [
            {"from": one.before, "to": one.task.id, "title": one.task.title, "status": "moved"}
            for one in moves.items
        ],
        "redirected": list(moves.redirected),
        "dropped": _edges(moves.dropped),
        "found": _edges(moves.found),
    }


def _edges(edges: Sequence[Edge]) -> list[dict[str, str]]:
    return [{"taskId": one, "dependency": other} for one, other in edges]
