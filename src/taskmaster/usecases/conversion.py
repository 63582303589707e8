"""Turning tasks into subtasks and subtasks into tasks.

References are kept true throughout: whoever waited for a task or subtask that moved waits for it
under its new id.
"""

from __future__ import annotations

from collections import namedtuple

from taskmaster.domain import graph, ids
from taskmaster.domain.task import Task
from taskmaster.errors import Invalid
from taskmaster.usecases import selection
from taskmaster.usecases.subtasks import (
    PARENT_KEYS,
    free_number,
    grown_by,
    link,
    steps_named,
    whole,
)
from taskmaster.usecases.tasks import described, take_away, written_dependencies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.ports import Reader, Writer
    from taskmaster.workspace import Workspace

    class Became(NamedTuple):
        """A task in its new place, its id before, whose references were rewritten, and the edges
        (waiting, awaited) that were dropped because they make no sense in the new place.
        """

        task: Task
        before: str
        redirected: tuple[str, ...]
        dropped: tuple[tuple[str, str], ...]

else:
    Became = namedtuple("Became", "task before redirected dropped")


def make_subtask(ws: Workspace, parent_id: str, task_id: str) -> Became:
    """Turn a task into a subtask of another one, with everything it says.

    A dependency between the two is dropped, as one is now part of the other. Raises NotFound, and
    Invalid for a task that has subtasks itself or whose dependencies a subtask cannot express.
    """
    with ws.writing("add-subtask") as writer:
        parent = whole(writer, ws.tag, parent_id)
        task = selection.one(writer, ws.tag, task_id)
        check_movable(parent, task)
        wanted = [one for one in task.dependencies if one != parent.id]
        _check_expressible(parent, task, wanted)
        dropped = [(task.id, parent.id)] if parent.id in task.dependencies else []
        if task.id in parent.dependencies:
            dropped.append((parent.id, task.id))
            kept = [one for one in parent.dependencies if one != task.id]
            parent = parent.with_dependencies(kept)
        doc = subtask_document(task, parent, free_number(parent, wanted))
        grown, step = grown_by(parent, doc, wanted)
        writer.put(ws.tag, grown)
        redirected = _redirect(writer, ws.tag, {task.id: step.id})
        writer.remove(ws.tag, task.id)
        step = selection.one(writer, ws.tag, step.id)
    return Became(step, task.id, tuple(redirected), tuple(dropped))


def subtask_document(task: Task, parent: Task, number: object) -> dict[str, object]:
    """What *task* says, as a subtask of *parent* that waits for nothing yet."""
    gone = ("subtasks", "dependsOn", *PARENT_KEYS)
    doc = {key: value for key, value in task.doc.items() if key not in gone}
    return doc | {"id": number, "dependencies": [], **link(parent)}


def check_movable(parent: Task, task: Task) -> None:
    """Refuse, with Invalid, what cannot become a subtask of *parent*."""
    if task.parent is not None:
        raise Invalid(
            f"{task.id} is a subtask already",
            hint=f"make it a task first: tamp remove-subtask {task.id} --convert",
            code="not-a-task",
        )
    if task.id == parent.id:
        raise Invalid(f"task {task.id} cannot become a subtask of itself", code="own-parent")
    if task.doc.get("subtasks"):
        names = ", ".join(step.id for step in task.subtasks) or "entries that are no objects"
        raise Invalid(
            f"task {task.id} has subtasks itself ({names}), and subtasks have none",
            hint=f"make them tasks first: tamp remove-subtask {names.replace(' ', '')} --convert",
            code="has-subtasks",
        )


def _check_expressible(parent: Task, task: Task, wanted: Sequence[str]) -> None:
    """Refuse a dependency whose number would mean a sibling in the new place."""
    names = parent.sibling_names()
    lost = [one for one in wanted if one in names and names[one] != one]
    if lost:
        one = lost[0]
        raise Invalid(
            f"task {task.id} waits for task {one}, but as a subtask of {parent.id} it could not say"
            f" so in the file: {one} would mean its sibling {names[one]}; nothing was changed",
            hint=f"take it out first: tamp remove-dependency {task.id} {','.join(lost)};"
            f" task {parent.id} as a whole can wait for it",
            code="ambiguous-dependency",
        )


def _redirect(writer: Writer, tag: str, renamed: Mapping[str, str]) -> list[str]:
    """Let everyone who waits for an old id wait for the new one; both must be there.

    Returns the ids of those whose dependencies were rewritten.
    """
    found: list[str] = []
    for task in writer.tasks(tag):
        changed = task
        for one in (task, *task.subtasks):
            if one.id in renamed or not renamed.keys() & set(one.dependencies):
                continue
            wanted = [renamed.get(name, name) for name in one.dependencies]
            written = written_dependencies(one, wanted)
            changed = changed.with_subtask(written) if one.parent else written
            found.append(one.id)
        if changed is not task:
            writer.put(tag, changed)
    return found


def make_tasks(ws: Workspace, task_ids: str) -> list[Became]:
    """Turn subtasks into tasks that wait for the task they belonged to; all of them or none.

    The wait is left out (and told as ``dropped``) where it would close a circle. Raises NotFound,
    Invalid.
    """
    with ws.writing("remove-subtask") as writer:
        steps = steps_named(writer, ws.tag, task_ids)
        numbers = _free_numbers(writer, ws.tag, steps)
        renamed = {step.id: str(number) for step, number in zip(steps, numbers, strict=False)}
        made = [_as_task(writer, ws.tag, step, renamed) for step in steps]
        redirected = _redirect(writer, ws.tag, renamed)
        for step in steps:
            take_away(writer, ws.tag, step)
        return [
            _waiting_for_parent(writer, ws.tag, step, task.id, redirected)
            for step, task in zip(steps, made, strict=True)
        ]


def _free_numbers(reader: Reader, tag: str, steps: Sequence[Task]) -> Iterator[int]:
    """Numbers for new tasks, passing over those that mean a sibling where they will be written."""
    leaving = {step.id for step in steps}
    tasks = reader.tasks(tag)
    taken = {
        name
        for task in tasks
        for step in task.subtasks
        if step.id not in leaving and leaving & set(step.dependencies)
        for name in task.sibling_names()
    }
    number = ids.next_number(task.id for task in tasks)
    while True:
        if str(number) not in taken:
            yield number
        number += 1


def _as_task(writer: Writer, tag: str, step: Task, renamed: Mapping[str, str]) -> Task:
    doc = task_document(step, renamed[step.id])
    wanted = [renamed.get(one, one) for one in step.dependencies]
    return writer.put(tag, Task(doc).with_dependencies(wanted))


def task_document(step: Task, new: str) -> dict[str, object]:
    """What a subtask says, as a whole task that waits for nothing yet."""
    like = step.parent.doc.get("id") if step.parent else 0
    number = ids.stored(new, like)
    doc: dict[str, object] = {
        "id": number,
        "title": "",
        "description": "",
        "details": "",
        "testStrategy": "",
        "status": "pending",
        "dependencies": [],
        "priority": step.priority,
        "subtasks": [],
    }
    doc |= {key: value for key, value in step.doc.items() if key not in (*PARENT_KEYS, "dependsOn")}
    doc |= {"id": number, "dependencies": [], "priority": doc["priority"] or step.priority}
    doc["description"] = described(doc["description"], str(doc["title"]))
    return doc


def _waiting_for_parent(
    writer: Writer, tag: str, step: Task, task_id: str, redirected: Sequence[str]
) -> Became:
    task = writer.get(tag, task_id)
    owner = step.id.rpartition(".")[0]
    dropped: tuple[tuple[str, str], ...] = ()
    if graph.circle_closed_by(task.id, owner, writer.nodes(tag)):
        dropped = ((task.id, owner),)
    else:
        task = writer.put(tag, task.with_dependencies([*task.dependencies, owner]))
    return Became(task, step.id, tuple(redirected), dropped)
