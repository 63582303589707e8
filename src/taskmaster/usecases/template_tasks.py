"""Making tasks from a template."""

from __future__ import annotations

from collections import namedtuple

from taskmaster.domain import ids, template
from taskmaster.domain.task import Task
from taskmaster.errors import Invalid
from taskmaster.usecases import timing
from taskmaster.usecases.edges import check_ends
from taskmaster.usecases.rehearsal import rehearsed
from taskmaster.usecases.status import known_status
from taskmaster.usecases.tasks import (
    checked_priority,
    checked_title,
    drafted,
    written_dependencies,
)
from taskmaster.usecases.templates import unknown_variables, unusable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.domain.changes import Change
    from taskmaster.domain.template import Template
    from taskmaster.ports import Writer
    from taskmaster.workspace import Workspace

    class Made(NamedTuple):
        """The tasks made from a template, and the changes that this was."""

        tasks: Sequence[Task]
        changes: Sequence[Change]

else:
    Made = namedtuple("Made", "tasks changes")

OPERATION = "apply-template"


def apply(
    ws: Workspace, found: Template, values: Mapping[str, str], *, dry_run: bool = False
) -> Made:
    """Make the template's tasks in the current tag, as one transaction.

    Raises Invalid for a variable that is not given and has no default, one that it does not have,
    and a template from which no tasks can be made. With *dry_run* nothing is changed.
    """
    docs = template.filled(found.tasks, _values(found, values))
    try:
        tasks = template.numbered(docs)
    except template.Misfit as error:
        raise unusable(found.name, str(error)) from None
    now = ws.clock()
    if dry_run:
        return Made(*rehearsed(ws, OPERATION, lambda writer: _write(writer, ws.tag, tasks, now)))
    with ws.writing(OPERATION, found.name) as writer:
        made = _write(writer, ws.tag, tasks, now)
    return Made(made, writer.committed.changes if writer.committed else ())


def _values(found: Template, given: Mapping[str, str]) -> dict[str, str]:
    known = template.variables(found.tasks)
    unknown = [name for name in given if name not in known]
    if unknown:
        raise unknown_variables(found.name, unknown, known)
    values = {**found.defaults, **given}
    missing = [name for name in known if name not in values]
    if missing:
        raise Invalid(
            f"the template {found.name} needs values for: {', '.join(missing)}",
            hint=f"for example: --set {missing[0]}=…",
            code="missing-variables",
            details=missing,
        )
    return values


def _write(writer: Writer, tag: str, tasks: Sequence[Task], now: str) -> list[Task]:
    highest, like = writer.numbering(tag)
    renamed = _renamed(tasks, highest + 1)
    made = []
    for task in tasks:
        number = ids.stored(renamed[task.id], like)
        whole = drafted(writer, tag, number, _fields(task, now), now)
        made.append(writer.put(tag, _wired(whole, task, renamed)))
    return made


def _renamed(tasks: Sequence[Task], first: int) -> dict[str, str]:
    found = {}
    for number, task in enumerate(tasks, first):
        found[task.id] = str(number)
        steps = enumerate(task.subtasks, 1)
        found |= {step.id: f"{number}.{place}" for place, step in steps}
    return found


def _fields(task: Task, now: str) -> dict[str, object]:
    """What the new task says, checked; a day may be a span from today."""
    left_out = ("id", "dependencies", "dependsOn")
    fields = {key: value for key, value in task.doc.items() if key not in left_out}
    fields |= _checked(fields, now)
    steps = enumerate(task.subtasks, 1)
    fields["subtasks"] = [_step(number, step, now) for number, step in steps]
    return fields


def _checked(fields: Mapping[str, object], now: str) -> dict[str, object]:
    found: dict[str, object] = {"status": known_status(str(fields.get("status") or "pending"))}
    if "priority" in fields:
        found["priority"] = checked_priority(str(fields["priority"]))
    if fields.get("dueDate"):
        found["dueDate"] = timing.day(str(fields["dueDate"]), now)
    return found


def _step(number: int, step: Task, now: str) -> dict[str, object]:
    doc: dict[str, object] = {"id": number, "title": "", "description": "", "details": ""}
    doc |= {key: value for key, value in step.doc.items() if key not in ("id", "dependsOn")}
    doc |= _checked(doc, now)
    return doc | {"title": checked_title(step.title), "dependencies": []}


def _wired(whole: Task, draft: Task, renamed: Mapping[str, str]) -> Task:
    """The new task with its own dependencies and those of its subtasks, under their new ids."""
    for step, was in zip(whole.subtasks, draft.subtasks, strict=True):
        wanted = _awaited(was, renamed)
        for one in wanted:
            check_ends((step.id, whole.id), _end(one))
        whole = whole.with_subtask(written_dependencies(Task(step.doc, whole), wanted))
    wanted = _awaited(draft, renamed)
    for one in wanted:
        check_ends((whole.id, ""), _end(one))
    return written_dependencies(whole, wanted)


def _awaited(task: Task, renamed: Mapping[str, str]) -> list[str]:
    return [renamed[one] for one in task.dependencies]


def _end(task_id: str) -> tuple[str, str]:
    return task_id, task_id.rpartition(".")[0]
