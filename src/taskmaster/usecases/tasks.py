"""Writing tasks down, changing their fields, taking them away."""

from __future__ import annotations

import re
from collections import namedtuple

from taskmaster import wire
from taskmaster.domain import ids
from taskmaster.domain.changes import same
from taskmaster.domain.task import PRIORITIES, Task, priority_of, text_of
from taskmaster.errors import Conflict, Invalid, NotFound
from taskmaster.usecases import selection
from taskmaster.usecases.status import Moved, consequences, known_status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.ports import Reader, Writer
    from taskmaster.usecases.edges import Edges
    from taskmaster.workspace import Workspace

    class Removed(NamedTuple):
        """What was taken away, and the ids of tasks that no longer wait for it."""

        tasks: tuple[Task, ...]
        released: tuple[str, ...]

else:
    Removed = namedtuple("Removed", "tasks released")

LONGEST_TITLE = 500
_HOURS = {"m": 1 / 60, "h": 1.0, "d": 8.0, "w": 40.0}
_ESTIMATE = re.compile(r"(\d+(?:\.\d+)?)\s*([mhdw]?)")


def add_task(ws: Workspace, fields: Mapping[str, object]) -> Task:
    """Write a task down at the end of the current tag and return it.

    *fields* are document keys: ``title`` (required), ``description``, ``details``,
    ``testStrategy``, ``priority``, ``dependencies`` (ids as text) and any other key. Without a
    description the title stands for it. Raises Invalid, and NotFound for a dependency that does
    not exist.
    """
    with ws.writing("add-task") as writer:
        return append(writer, ws.tag, fields, ws.clock())


def append(writer: Writer, tag: str, fields: Mapping[str, object], now: str) -> Task:
    """Add a task within a transaction that is open already; see ``add_task``."""
    highest, like = writer.numbering(tag)
    return writer.put(tag, drafted(writer, tag, ids.stored(str(highest + 1), like), fields, now))


def drafted(
    reader: Reader, tag: str, number: object, fields: Mapping[str, object], now: str
) -> Task:
    """A new task under the stored id *number*, as ``add_task`` makes it; nothing is stored."""
    doc: dict[str, object] = {
        "id": number,
        "title": checked_title(fields.get("title")),
        "description": "",
        "details": "",
        "testStrategy": "",
        "status": "pending",
        "dependencies": [],
        "priority": "medium",
        "subtasks": [],
    }
    given = timed(fields, now)
    doc |= {key: value for key, value in given.items() if key not in ("title", "dependencies")}
    doc["description"] = described(doc["description"], str(doc["title"]))
    doc["createdAt"] = now
    wanted = _words(fields.get("dependencies"))
    return Task(doc).with_dependencies(selected(reader, tag, wanted))


def timed(fields: Mapping[str, object], now: str, *, whole: bool = True) -> Mapping[str, object]:
    """The fields, those that say when (``deferUntil``, ``repeat``) checked and written in full.

    *whole* says whether they are of a whole task: a subtask cannot repeat. Raises Invalid.
    """
    if "deferUntil" not in fields and "repeat" not in fields:
        return fields
    from taskmaster.usecases.timing import settled

    return settled(fields, now, whole=whole)


def described(raw: object, title: str) -> object:
    """A description fit for a whole task: the original tool lists nothing while one has none."""
    return raw if text_of(raw).strip() else title


def selected(reader: Reader, tag: str, wanted: Sequence[str]) -> list[str]:
    """The ids that *wanted* names, every one of them existing. Raises NotFound."""
    return [task.id for task in selection.chosen(reader, tag, wanted)] if wanted else []


def _words(raw: object) -> list[str]:
    if isinstance(raw, str):
        return [raw] if raw.strip() else []
    return [str(one) for one in raw] if isinstance(raw, list | tuple) else []


def checked_title(raw: object) -> str:
    """A title fit to be stored: one line, not empty. Raises Invalid."""
    title = " ".join(str(raw or "").split())
    if not title:
        raise Invalid("a task needs a title", hint='for example: --title="Write the parser"')
    if len(title) > LONGEST_TITLE:
        raise Invalid(
            f"the title has {len(title)} characters; {LONGEST_TITLE} are the most",
            hint="put the rest into --description or --details",
        )
    return title


def checked_priority(raw: str) -> str:
    """A priority word in today's form. Raises Invalid."""
    priority = priority_of(raw, default="")
    if not priority:
        from taskmaster.domain.words import meant

        raise Invalid(
            f"{raw!r} is not a priority",
            hint=f"{meant(raw, PRIORITIES)}the priorities are: {', '.join(PRIORITIES)}",
            code="unknown-priority",
        )
    return priority


def checked_date(raw: str) -> str:
    """A date ``YYYY-MM-DD`` that exists. Raises Invalid."""
    import datetime as dt

    try:
        same = dt.date.fromisoformat(raw).isoformat() == raw
    except ValueError:
        same = False
    if not same:
        raise Invalid(f"{raw!r} is not a date", hint="write it as 2026-12-31", code="bad-date")
    return raw


def checked_estimate(raw: str) -> float:
    """Hours from ``90m``, ``3h``, ``2d`` (of 8 hours), ``1w`` (of 5 days) or a bare number."""
    match = _ESTIMATE.fullmatch(raw.strip().lower())
    if not match:
        raise Invalid(
            f"{raw!r} is not an estimate", hint="write it as 90m, 3h, 2d or 1w", code="bad-estimate"
        )
    hours = float(match.group(1)) * _HOURS[match.group(2) or "h"]
    return int(hours) if hours == int(hours) else round(hours, 2)


class Edit(namedtuple("Edit", "fields note replace add_labels remove_labels")):
    """What to change on a task, without any model.

    ``fields`` are document keys with their new values (None takes a key away), ``note`` is text
    to append to the details with the time, ``replace`` a (field, old, new) whose old text must
    occur exactly once, the labels are added and taken away.
    """

    __slots__ = ()


_REPLACEABLE = ("title", "description", "details", "testStrategy")


def edit(ws: Workspace, task_ids: str, change: Edit, *, if_revision: str = "") -> list[Task]:
    """Change the fields of every named task, or of none; parents follow their subtasks' status,
    and a task that repeats and becomes done is written down again for its next day.

    Raises NotFound, Invalid, and Conflict when *if_revision* is not the task's revision.
    """
    with ws.writing("edit") as writer:
        tasks = selection.chosen(writer, ws.tag, task_ids)
        check_revision(tasks, if_revision)
        return amend(writer, ws.tag, tasks, change, ws.clock())


def amend(
    writer: Writer,
    tag: str,
    tasks: Sequence[Task],
    change: Edit,
    now: str,
    *,
    edges: Edges | None = None,
) -> list[Task]:
    """``edit`` within a transaction that is open already."""
    moved = []
    for task in selection.in_saving_order(tasks):
        changed = edited(writer, tag, task, change, now, edges)
        if not same(changed.doc, task.doc):
            selection.save(writer, tag, changed.with_fields({"updatedAt": now}))
        moved.append(Moved(changed, task.status, changed.status, ""))
    named = [task.id for task in tasks]
    consequences(writer, tag, moved, now, named=named)
    return selection.chosen(writer, tag, named)


def check_revision(tasks: Sequence[Task], expected: str) -> None:
    if not expected:
        return
    if len(tasks) != 1:
        raise Invalid("--if-revision goes with a single task")
    actual = wire.revision_of(tasks[0])
    if actual != expected:
        raise Conflict(
            f"task {tasks[0].id} was changed since: its revision is {actual}, not {expected}",
            hint=f"look again: tamp show {tasks[0].id}",
            code="stale-revision",
        )


def edited(
    reader: Reader, tag: str, task: Task, change: Edit, now: str, edges: Edges | None = None
) -> Task:
    """The next version of *task*; nothing is stored. *edges* judges its dependencies."""
    fields = dict(timed(change.fields, now, whole=task.parent is None))
    if "title" in fields:
        fields["title"] = checked_title(fields["title"])
    if "status" in fields:
        fields["status"] = known_status(str(fields["status"]))
    if "description" in fields and task.parent is None:
        fields["description"] = described(
            fields["description"], str(fields.get("title", task.title))
        )
    dependencies = fields.pop("dependencies", None)
    task = task.with_fields(fields)
    if dependencies is not None:
        task = _depending(reader, tag, task, _words(dependencies), edges)
    if change.replace:
        task = _replaced(task, *change.replace)
    if change.note:
        block = f"<info added on {now}>\n{change.note}\n</info added on {now}>"
        task = task.with_fields({"details": f"{task.details}\n\n{block}".lstrip()})
    return _relabelled(task, change)


def _replaced(task: Task, field: str, old: str, new: str) -> Task:
    if field not in _REPLACEABLE:
        raise Invalid(
            f"text cannot be replaced in {field}", hint=f"one of: {', '.join(_REPLACEABLE)}"
        )
    text = text_of(task.doc.get(field))
    count = text.count(old) if old else 0
    if count != 1:
        raise Invalid(
            f"the text to replace occurs {count} times in the {field} of task {task.id}, not once",
            hint="name a longer piece that is there exactly once",
            code="not-exactly-once",
        )
    text = text.replace(old, new)
    return task.with_fields({field: checked_title(text) if field == "title" else text})


def _relabelled(task: Task, change: Edit) -> Task:
    if not (change.add_labels or change.remove_labels):
        return task
    kept = [label for label in task.labels if label not in change.remove_labels]
    labels = list(dict.fromkeys([*kept, *change.add_labels]))
    key = "tags" if "tags" in task.doc and "labels" not in task.doc else "labels"
    return task.with_fields({key: labels or None})


def _depending(
    reader: Reader, tag: str, task: Task, wanted: Sequence[str], edges: Edges | None
) -> Task:
    chosen = selected(reader, tag, wanted)
    if edges is None:
        from taskmaster.usecases.edges import Edges

        edges = Edges(reader, tag)
    for one in chosen:
        edges.check(task.id, one)
        edges.add(task.id, one)
    return written_dependencies(task, chosen)


def written_dependencies(task: Task, wanted: Sequence[str]) -> Task:
    """*task* waiting for exactly *wanted*, refused where the file format cannot say so."""
    changed = task.with_dependencies(wanted)
    if changed.dependencies != tuple(dict.fromkeys(wanted)):
        lost = next(one for one in wanted if one not in changed.dependencies)
        own = task.id.rpartition(".")[0]
        raise Invalid(
            f"subtask {task.id} has a sibling numbered {lost}, so the file cannot say that it"
            f" waits for task {lost}",
            hint=f"let the whole task {own} wait for it; the sibling would be {own}.{lost}",
            code="ambiguous-dependency",
        )
    return changed


def remove(ws: Workspace, task_ids: str) -> Removed:
    """Take tasks and subtasks away, with every reference to them in this tag; all or none."""
    with ws.writing("remove-task") as writer:
        return drop(writer, ws.tag, selection.chosen(writer, ws.tag, task_ids))


def drop(
    writer: Writer, tag: str, tasks: Sequence[Task], among: Iterable[str] | None = None
) -> Removed:
    """``remove`` within a transaction that is open already; *among* as for ``forget``."""
    released = forget(writer, tag, with_steps(tasks), among)
    for task in tasks:
        take_away(writer, tag, task)
    return Removed(tuple(tasks), tuple(released))


def with_steps(tasks: Iterable[Task]) -> set[str]:
    """The ids of the tasks and of all their subtasks."""
    return {one for task in tasks for one in (task.id, *(step.id for step in task.subtasks))}


def take_away(writer: Writer, tag: str, task: Task) -> None:
    """Remove a task or subtask; one that went with its parent already is no error."""
    if task.parent is None:
        writer.remove(tag, task.id)
        return
    try:
        parent = writer.get(tag, task.parent.id)
    except NotFound:
        return
    writer.put(tag, parent.without_subtasks([task.id]))


def forget(
    writer: Writer, tag: str, gone: Iterable[str], among: Iterable[str] | None = None
) -> list[str]:
    """Take references to tasks that will be removed out of everyone else's dependencies.

    To be called while they are still there: a bare number in a subtask means its sibling only as
    long as there is one. Returns the ids of those that no longer wait. *among* are the ids that
    may wait for them, where that is known: only those are looked at.
    """
    leaving = set(gone)
    released = []
    for one in _around(writer, tag, leaving) if among is None else _those(writer, tag, among):
        kept = [name for name in one.dependencies if name not in leaving]
        if one.id not in leaving and len(kept) != len(one.dependencies):
            current = selection.one(writer, tag, one.id)
            selection.save(writer, tag, current.with_dependencies(kept))
            released.append(one.id)
    return released


def _around(reader: Reader, tag: str, wanted: Iterable[str]) -> Iterable[Task]:
    return [node.task for node in reader.around(tag, wanted).values()]


def _those(reader: Reader, tag: str, wanted: Iterable[str]) -> Iterable[Task]:
    return [found for one in wanted if (found := selection.find(reader, tag, one))]
