"""Changing the status of tasks, and what follows for their parents."""

from __future__ import annotations

from collections import namedtuple

from taskmaster.domain.task import COMPLETE, STATUSES, status_of
from taskmaster.errors import Invalid
from taskmaster.usecases import selection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence
    from typing import NamedTuple

    from taskmaster.domain.task import Task
    from taskmaster.ports import Writer
    from taskmaster.workspace import Workspace

    class Moved(NamedTuple):
        """A task whose status was asked to change, and why it was, where nobody asked for it.

        ``before`` is ``""`` for the next occurrence of a task that repeats.
        """

        task: Task
        before: str
        after: str
        follows: str

else:
    Moved = namedtuple("Moved", "task before after follows")


def known_status(word: str) -> str:
    """The status that *word* means. Raises Invalid for a word that means none."""
    status = status_of(word)
    if status not in STATUSES or not word.strip():
        import difflib

        near = difflib.get_close_matches(status, STATUSES, 1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise Invalid(
            f"{word!r} is not a status",
            hint=f"{hint}the statuses are: {', '.join(STATUSES)}",
            code="unknown-status",
        )
    return status


def set_status(
    ws: Workspace, task_ids: str | Iterable[str], word: str, *, with_subtasks: bool = False
) -> list[Moved]:
    """Give every named task or subtask this status, or none of them.

    A task whose subtasks are all complete becomes done, one whose subtasks were begun becomes
    in-progress. ``with_subtasks`` carries the status on to open subtasks. A task that repeats and
    becomes done is written down again for its next day. Raises NotFound, Invalid.
    """
    status = known_status(word)
    with ws.writing("set-status") as writer:
        named = selection.chosen(writer, ws.tag, task_ids)
        return give(writer, ws.tag, named, status, ws.clock(), with_subtasks=with_subtasks)


def give(
    writer: Writer,
    tag: str,
    named: Sequence[Task],
    status: str,
    now: str,
    *,
    with_subtasks: bool = False,
) -> list[Moved]:
    """``set_status`` within a transaction that is open already."""
    targets = _with_steps(named, status) if with_subtasks else named
    order = {task.id: place for place, task in enumerate(targets)}
    moved = [_give(writer, tag, task, status, now) for task in selection.in_saving_order(targets)]
    moved.sort(key=lambda one: order[one.task.id])
    return moved + consequences(writer, tag, moved, now, named=order)


def consequences(
    writer: Writer, tag: str, moved: Iterable[Moved], now: str, *, named: Container[str]
) -> list[Moved]:
    """What follows from statuses that were changed: parents follow, what repeats comes again."""
    changed = [one for one in moved if one.before != one.after]
    follow = parents_follow(writer, tag, [one.task for one in changed], now, named=named)
    done = [one.task for one in (*changed, *follow) if one.after == "done"]
    repeating = [task for task in done if "repeat" in task.doc and task.parent is None]
    if repeating:
        from taskmaster.usecases.occurrences import follow_on

        for task in repeating:
            made = follow_on(writer, tag, task.id, now)
            if made is not None:
                why = f"the next of {task.id}, due {made.due}"
                follow.append(Moved(made, "", made.status, why))
    return follow


def _with_steps(tasks: Iterable[Task], status: str) -> list[Task]:
    """The tasks, each followed by its subtasks that are open and have another status; each once."""
    found: dict[str, Task] = {}
    for task in tasks:
        found.setdefault(task.id, task)
        for step in task.subtasks:
            if not step.complete and step.status != status:
                found.setdefault(step.id, step)
    return list(found.values())


def _give(writer: Writer, tag: str, task: Task, status: str, now: str, follows: str = "") -> Moved:
    before = task.status
    if before != status:
        changed = task.with_fields({"status": status, "updatedAt": now})
        selection.save(writer, tag, changed)
    return Moved(task, before, status, follows)


def parents_follow(
    writer: Writer, tag: str, changed: Iterable[Task], now: str, *, named: Container[str]
) -> list[Moved]:
    """Give the tasks of these subtasks, whose status was changed, the one that follows from it.

    Tasks that were *named* themselves keep what they were given.
    """
    parents = dict.fromkeys(task.parent.id for task in changed if task.parent)
    return [
        one
        for parent in parents
        if parent not in named
        for one in _parent_follows(writer, tag, parent, now)
    ]


def _parent_follows(writer: Writer, tag: str, parent_id: str, now: str) -> list[Moved]:
    parent = writer.get(tag, parent_id)
    status = implied_status(parent)
    if status == parent.status:
        return []
    return [_give(writer, tag, parent, status, now, follows=f"its subtasks are {status}")]


def implied_status(parent: Task) -> str:
    """The status that the subtasks of *parent* imply; its own where they imply none."""
    statuses = [step.status for step in parent.subtasks]
    if "done" in statuses and all(status in COMPLETE for status in statuses):
        return "done"
    if "in-progress" in statuses or "done" in statuses:
        return "in-progress"
    if statuses and all(status == "pending" for status in statuses):
        return "pending"
    return parent.status


def moved_to_json(moved: Moved) -> dict[str, object]:
    """What became of a status, as every face shows it."""
    entry: dict[str, object] = {
        "taskId": moved.task.id,
        "oldStatus": moved.before,
        "newStatus": moved.after,
    }
    if moved.follows:
        entry["because"] = moved.follows
    return entry
