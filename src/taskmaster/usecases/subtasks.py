"""Adding subtasks and taking them away."""

from __future__ import annotations

from collections import namedtuple

from taskmaster.domain import ids
from taskmaster.domain.task import Task
from taskmaster.errors import Invalid, NotFound
from taskmaster.usecases import selection
from taskmaster.usecases.edges import Edges
from taskmaster.usecases.status import known_status
from taskmaster.usecases.tasks import (
    checked_title,
    forget,
    selected,
    take_away,
    timed,
    written_dependencies,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.ports import Reader, Writer
    from taskmaster.workspace import Workspace

    class Taken(NamedTuple):
        """Subtasks that were taken away, and the ids of those that no longer wait for them."""

        steps: tuple[Task, ...]
        released: tuple[str, ...]

    class Cleared(NamedTuple):
        """How many subtasks each task lost, and the ids of those that no longer wait for them."""

        counts: Mapping[str, int]
        released: tuple[str, ...]

else:
    Taken = namedtuple("Taken", "steps released")
    Cleared = namedtuple("Cleared", "counts released")

PARENT_KEYS = ("parentTaskId", "parentId")


def add_subtask(ws: Workspace, parent_id: str, fields: Mapping[str, object]) -> Task:
    """Write a subtask down at the end of a task's subtasks and return it.

    *fields* are document keys as for ``tasks.add_task``; a bare number among ``dependencies`` is
    a sibling where there is one and a whole task otherwise. Raises NotFound, Invalid.
    """
    with ws.writing("add-subtask") as writer:
        return attach(writer, ws.tag, whole(writer, ws.tag, parent_id), fields, ws.clock())


def attach(
    writer: Writer,
    tag: str,
    parent: Task,
    fields: Mapping[str, object],
    now: str,
    *,
    edges: Edges | None = None,
) -> Task:
    """``add_subtask`` within a transaction that is open already."""
    wanted = _wanted(writer, tag, parent, str(fields.get("dependencies") or ""))
    doc: dict[str, object] = {
        "id": free_number(parent, wanted),
        "title": checked_title(fields.get("title")),
        "description": "",
        "details": "",
        "status": known_status(str(fields.get("status") or "pending")),
        "dependencies": [],
    }
    given = timed(fields, now, whole=False)
    doc |= {key: value for key, value in given.items() if key not in doc}
    doc |= {key: fields[key] for key in ("description", "details") if key in fields}
    doc |= {**link(parent), "createdAt": now}
    grown, step = grown_by(parent, doc, wanted)
    writer.put(tag, grown)
    if wanted:
        edges = edges or Edges(writer, tag)
        for one in wanted:
            edges.check(step.id, one)
            edges.add(step.id, one)
    return step


def whole(reader: Reader, tag: str, parent_id: str) -> Task:
    """The task that may get subtasks. Raises NotFound, and Invalid for a subtask."""
    parent = selection.one(reader, tag, parent_id)
    if parent.parent is not None:
        raise Invalid(
            f"{parent.id} is a subtask, and subtasks have no subtasks of their own",
            hint=f"add it to task {parent.parent.id}, or make {parent.id} a task first:"
            f" tamp remove-subtask {parent.id} --convert",
            code="not-a-task",
        )
    return parent


def _wanted(reader: Reader, tag: str, parent: Task, text: str) -> list[str]:
    """The full ids that *text* names for a subtask of *parent*; ``#3`` is the whole task 3."""
    names = parent.sibling_names()
    found: list[str] = []
    for word in ids.words(text) if text.strip() else ():
        try:
            local = [] if word.startswith("#") else ids.select(word, lambda: list(names))
        except NotFound:
            local = []
        siblings = [names[one] for one in local if one in names]
        found += siblings or selected(reader, tag, [word])
    return list(dict.fromkeys(found))


def free_number(parent: Task, wanted: Iterable[str]) -> object:
    """The next local number, passing over those that would change what a dependency means.

    A bare number in a subtask is its sibling where there is one, so a new sibling must not take
    the number of a whole task that some subtask here waits for.
    """
    taken = {one for step in parent.subtasks for one in step.dependencies} | set(wanted)
    number = ids.next_number(step.id.rpartition(".")[2] for step in parent.subtasks)
    while str(number) in taken:
        number += 1
    like = next((step.doc.get("id") for step in parent.subtasks), 0)
    return ids.stored(str(number), like if isinstance(like, str) and like.isdecimal() else 0)


def link(parent: Task) -> dict[str, object]:
    """The key that names the parent, where the siblings have one, written as they write it."""
    for step in parent.subtasks:
        for key in PARENT_KEYS:
            if key in step.doc:
                text = isinstance(step.doc[key], str)
                return {key: parent.id if text else ids.stored(parent.id, parent.doc.get("id"))}
    return {}


def grown_by(parent: Task, doc: dict[str, object], wanted: Sequence[str]) -> tuple[Task, Task]:
    """*parent* with a new subtask that waits for *wanted*, and that subtask."""
    grown = parent.with_subtask(Task(doc, parent))
    step = written_dependencies(Task(doc, grown), wanted) if wanted else Task(doc, grown)
    grown = parent.with_subtask(step)
    return grown, Task(step.doc, grown)


def remove_subtasks(ws: Workspace, task_ids: str) -> Taken:
    """Take subtasks away, with every reference to them; all of them or none.

    Raises NotFound, and Invalid for a whole task among them.
    """
    with ws.writing("remove-subtask") as writer:
        steps = steps_named(writer, ws.tag, task_ids)
        released = forget(writer, ws.tag, [step.id for step in steps])
        for step in steps:
            take_away(writer, ws.tag, step)
    return Taken(tuple(steps), tuple(released))


def steps_named(reader: Reader, tag: str, task_ids: str) -> list[Task]:
    """The subtasks that *task_ids* names. Raises NotFound, and Invalid for a whole task."""
    found = selection.chosen(reader, tag, task_ids)
    tasks = [task.id for task in found if task.parent is None]
    if tasks:
        raise Invalid(
            f"{', '.join(tasks)} {'is a task' if len(tasks) == 1 else 'are tasks'}, not a subtask;"
            " nothing was changed",
            hint=f"`tamp remove-task {','.join(tasks)}` takes whole tasks away",
            code="not-a-subtask",
            details=dict.fromkeys(tasks, "not-a-subtask"),
        )
    return found


def clear_subtasks(ws: Workspace, task_ids: str = "") -> Cleared:
    """Take all subtasks of the named tasks away, of every task when none is named; all or none.

    Raises NotFound, and Invalid for a subtask among them.
    """
    with ws.writing("clear-subtasks") as writer:
        tasks = selection.chosen(writer, ws.tag, task_ids) if task_ids else writer.tasks(ws.tag)
        _check_whole(tasks)
        gone = [step.id for task in tasks for step in task.subtasks]
        released = forget(writer, ws.tag, gone) if gone else []
        counts = {task.id: _count(task) for task in tasks}
        for task in tasks:
            if counts[task.id]:
                writer.put(ws.tag, writer.get(ws.tag, task.id).with_fields({"subtasks": []}))
    return Cleared(counts, tuple(released))


def _check_whole(tasks: Sequence[Task]) -> None:
    steps = [task.id for task in tasks if task.parent is not None]
    if steps:
        raise Invalid(
            f"{', '.join(steps)}: a subtask has no subtasks; nothing was changed",
            hint=f"`tamp remove-subtask {','.join(steps)}` takes subtasks away",
            code="not-a-task",
            details=dict.fromkeys(steps, "not-a-task"),
        )


def _count(task: Task) -> int:
    raw = task.doc.get("subtasks")
    return len(raw) if isinstance(raw, list) else 0
