"""Changing the status of tasks, and what follows for their parents."""

from __future__ import annotations

from collections import namedtuple

from taskmaster.domain.task import COMPLETE, STATUSES, status_of
from taskmaster.errors import Invalid
from taskmaster.usecases import selection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import NamedTuple

    from taskmaster.domain.task import Task
    from taskmaster.ports import Writer
    from taskmaster.workspace import Workspace

    class Moved(NamedTuple):
        """A task whose status was asked to change; ``follows`` is the subtask that caused it."""

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
    in-progress. ``with_subtasks`` carries the status on to open subtasks. Raises NotFound,
    Invalid.
    """
    status = known_status(word)
    with ws.writing("set-status") as writer:
        moved: list[Moved] = []
        now = ws.clock()
        for task in selection.chosen(writer, ws.tag, task_ids):
            moved += _move(writer, ws.tag, task, status, now, with_subtasks=with_subtasks)
        parents = dict.fromkeys(
            one.task.parent.id for one in moved if one.task.parent and one.before != one.after
        )
        for parent_id in parents:
            moved += _parent_follows(writer, ws.tag, parent_id, now)
    return moved


def _move(
    writer: Writer, tag: str, task: Task, status: str, now: str, *, with_subtasks: bool
) -> list[Moved]:
    moved = [_give(writer, tag, task, status, now)]
    if with_subtasks:
        steps = [step for step in task.subtasks if not step.complete and step.status != status]
        moved += [_give(writer, tag, step, status, now) for step in steps]
    return moved


def _give(writer: Writer, tag: str, task: Task, status: str, now: str, follows: str = "") -> Moved:
    before = task.status
    if before != status:
        changed = task.with_fields({"status": status, "updatedAt": now})
        selection.save(writer, tag, changed)
    return Moved(task, before, status, follows)


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
