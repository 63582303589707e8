"""Tasks and subtasks by the ids that a person or agent names, all of them or none."""

from __future__ import annotations

from taskmaster.domain import ids
from taskmaster.errors import NotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from taskmaster.domain.task import Task
    from taskmaster.ports import Reader, Writer


_MOST_COMPARED = 10_000
"""Among more tasks than these nobody looks for an id that is nearly right: it would take long."""


def chosen(reader: Reader, tag: str, text: str | Iterable[str]) -> list[Task]:
    """The tasks and subtasks that *text* names (``3,5-7,9.2``), in that order.

    Raises NotFound naming every id that is missing; ``details`` holds them.
    """
    wanted = ids.select(text, lambda: list(reader.nodes(tag)))
    found = {one: find(reader, tag, one) for one in wanted}
    missing = [one for one, task in found.items() if task is None]
    if missing:
        raise _missing(reader, tag, missing)
    return [task for task in found.values() if task is not None]


def one(reader: Reader, tag: str, text: str) -> Task:
    """The single task or subtask with this id. Raises NotFound."""
    wanted = ids.normal(text.removeprefix("#"))
    task = find(reader, tag, wanted)
    if task is None:
        raise _missing(reader, tag, [wanted])
    return task


def find(reader: Reader, tag: str, task_id: str) -> Task | None:
    """The task or subtask with this full id, None when there is none."""
    try:
        return reader.get(tag, task_id)
    except NotFound as error:
        if error.code == "tag-not-found":
            raise
    parent_id, dot, _ = task_id.rpartition(".")
    if not dot:
        return None
    try:
        return reader.get(tag, parent_id).subtask(task_id)
    except NotFound:
        return None


def in_saving_order(tasks: Iterable[Task]) -> list[Task]:
    """The tasks before the subtasks, so that none is stored over what was changed inside it."""
    return sorted(tasks, key=lambda task: task.parent is not None)


def save(writer: Writer, tag: str, task: Task) -> None:
    """Store a task, or a subtask within the parent it belongs to now."""
    if task.parent is None:
        writer.put(tag, task)
    else:
        writer.put(tag, writer.get(tag, task.parent.id).with_subtask(task))


def _missing(reader: Reader, tag: str, missing: list[str]) -> NotFound:
    import difflib

    from taskmaster.domain.choice import Wanted

    total = reader.page(tag, Wanted(), "", 0, 1).total
    known = list(reader.nodes(tag)) if total <= _MOST_COMPARED else []
    near = [word for one in missing for word in difflib.get_close_matches(one, known, 2, 0.5)]
    hint = f"did you mean {' or '.join(dict.fromkeys(near))}?" if near else ""
    if not total:
        hint = f"tag {tag} holds no tasks yet"
    noun = "is no task" if len(missing) == 1 else "are no tasks"
    return NotFound(
        f"there {noun} {', '.join(missing)} in tag {tag}; nothing was changed",
        hint=hint or "`tamp list` shows the ids",
        details=dict.fromkeys(missing, "not-found"),
    )
