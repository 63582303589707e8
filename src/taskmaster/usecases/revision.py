"""What a task that is here already takes over from its origin: title, status, new subtasks."""

from __future__ import annotations

from collections import namedtuple

from taskmaster.domain import graph, ids, matching
from taskmaster.domain.assembly import rewired
from taskmaster.domain.task import Task
from taskmaster.usecases.subtasks import free_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NamedTuple

    class Field(NamedTuple):
        """A field of a task or subtask that changes."""

        task: str
        key: str
        before: str
        after: str

    class Revision(NamedTuple):
        """A task before and after, the fields that change, the subtasks of its origin that are
        new, and whether there is anything to change at all.
        """

        before: Task
        after: Task
        fields: Sequence[Field]
        steps: Sequence[Task]
        changes: bool

else:
    Field = namedtuple("Field", "task key before after")
    Revision = namedtuple("Revision", "before after fields steps changes")


def of(here: Task, there: Task, *, coarse: bool, names: dict[str, str]) -> Revision:
    """What would change on the task *here*; *names* learns what its origin's subtasks are called.

    New subtasks get a number, and are not yet in it: see ``grown``.
    """
    fields = _fields(here, there, coarse=coarse)
    after = _with(here, fields)
    new = []
    grown = after
    for step, match in zip(there.subtasks, matching.step_matches(here, there), strict=True):
        if match is None:
            number = free_number(grown, [])
            names[step.id] = f"{here.id}.{number}"
            grown = grown.with_subtask(Task(_entry(step, number), grown))
            new.append(step)
            continue
        names.setdefault(step.id, match.id)
        changed = _fields(match, step, coarse=coarse)
        if changed:
            after = after.with_subtask(_with(match, changed))
            grown = grown.with_subtask(_with(match, changed))
            fields += changed
    return Revision(here, after, fields, new, bool(fields or new))


def _fields(here: Task, there: Task, *, coarse: bool) -> list[Field]:
    found = []
    if there.title and " ".join(there.title.split()) != " ".join(here.title.split()):
        found.append(Field(here.id, "title", here.title, there.title))
    if _status_follows(here, there, coarse=coarse):
        found.append(Field(here.id, "status", here.status, there.status))
    return found


def _status_follows(here: Task, there: Task, *, coarse: bool) -> bool:
    """Whether the origin knows better: one that only tells open from closed does not know which
    kind of open work this is.
    """
    if here.status == there.status:
        return False
    if not coarse or here.complete != there.complete:
        return True
    return here.status == "pending"


def _with(task: Task, fields: Sequence[Field]) -> Task:
    return task.with_fields({one.key: one.after for one in fields})


def _entry(step: Task, number: object) -> dict[str, object]:
    kept = {key: value for key, value in step.doc.items() if key not in matching.PARENT_KEYS}
    return {**kept, "id": number, "dependencies": []}


def grown(found: Revision, names: Mapping[str, str]) -> Task:
    """The task after the revision, with its new subtasks, which wait for nothing yet."""
    task = found.after
    for step in found.steps:
        number = ids.stored(names[step.id].rpartition(".")[2], 0)
        task = task.with_subtask(Task(_entry(step, number), task))
    return task


def finished(found: Revision, task: Task, waits: Mapping[str, Sequence[str]], now: str) -> Revision:
    """The revision with the task as it will be stored."""
    stay = {name: node.dependencies for name, node in graph.nodes([task]).items()}
    stamped = rewired(task, {**stay, **waits}).with_fields({"updatedAt": now})
    return found._replace(after=stamped)
