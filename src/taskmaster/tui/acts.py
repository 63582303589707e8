"""What the keys do, through the use cases. Runs beside the event loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from taskmaster.errors import Conflict
from taskmaster.tui.past import described, title
from taskmaster.usecases import choosing, history, status, tags, tasks

if TYPE_CHECKING:
    from collections.abc import Callable

    from taskmaster.workspace import Workspace

_REPEATS = 5
_SHOWN = 6


class Said(NamedTuple):
    """What an act answers: words for the person, and the task to go to, ``""`` for none."""

    words: str
    task: str = ""


def repeated(act: Callable[[Workspace], Said], ws: Workspace) -> Said:
    """Do it; again when another program changed the file at the same moment."""
    for _ in range(_REPEATS):
        try:
            return act(ws)
        except Conflict as error:
            if error.code != "changed-meanwhile":
                raise
    return act(ws)


def give_status(ws: Workspace, task_id: str, word: str) -> Said:
    """Change a task's status, and say what followed."""
    moved = status.set_status(ws, task_id, word)
    words = [
        f"{one.task.id}: {one.before} → {one.after}{f' ({one.follows})' if one.follows else ''}"
        for one in moved
    ]
    return Said("\n".join(words), task_id)


def add(ws: Workspace, words: str) -> Said:
    task = tasks.add_task(ws, {"title": words})
    return Said(f"added {task.id}: {task.title}", task.id)


def note(ws: Workspace, task_id: str, words: str) -> Said:
    tasks.edit(ws, task_id, tasks.Edit({}, words, None, (), ()))
    return Said(f"added a note to {task_id}", task_id)


def go_on(ws: Workspace) -> Said:
    """The task to do next, and why."""
    found = choosing.next_task(ws)
    if found.task is None:
        why = "nothing is ready: 4 shows what waits for what" if found.has_tasks else "no tasks yet"
        return Said(why)
    reasons = "; ".join(found.reasons)
    return Said(f"next is {found.task.id}: {found.task.title}\n{reasons}", found.task.id)


class Undoable(NamedTuple):
    """An operation that can be taken back, with the words that say which it is."""

    number: int
    words: str


def undoable(ws: Workspace, number: int) -> Undoable:
    """The operation with this change, or (0) the last that stands. Raises NotFound."""
    with ws.reading() as reader:
        entry = history.to_undo(reader, number)
    changes = [words for change in entry.changes if (words := described(change))]
    more = [f"and {len(changes) - _SHOWN} more"] if len(changes) > _SHOWN else []
    return Undoable(entry.first, "\n".join([title(entry), *changes[:_SHOWN], *more]))


def undo(ws: Workspace, number: int) -> Said:
    target, _done = history.undo(ws, number)
    return Said(f"took back {history.name_of(target)}: {target.stamp.operation}")


def tag_names(ws: Workspace) -> list[tuple[str, str]]:
    """Every tag with how far it is."""
    return [
        (one.name, f"{one.complete} of {sum(one.statuses.values())} complete, {one.ready} ready")
        for one in tags.listed(ws)
    ]
