"""Change records carried out: what they say is done to the tasks of a store."""

from __future__ import annotations

from taskmaster.domain import changes
from taskmaster.domain.changes import ABSENT, TagState
from taskmaster.domain.task import Task
from taskmaster.errors import Conflict, Invalid, NotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from taskmaster.domain.changes import Change
    from taskmaster.ports import Reader, Writer

_WHOLE = "only an empty project takes everything as it is: restore it into a new one"


def states_of(reader: Reader) -> dict[str, TagState]:
    """All that is stored, by tag, in the form that change records are about."""
    return {
        tag: TagState(dict(reader.metadata(tag)), list(reader.entries(tag)))
        for tag in reader.tags()
    }


def become(writer: Writer, states: Mapping[str, TagState]) -> None:
    """Change what is stored into *states*; metadata that follows from the tasks is left alone.

    Raises Invalid for what a store that is in use cannot take in: entries that are no tasks, ids
    that are there twice. The writer's block must not be completed then.
    """
    for change in changes.between_states(states_of(writer), states):
        try:
            apply(writer, change)
        except Conflict as error:
            raise _ambiguous(change) from error
    left = next(changes.between_states(states_of(writer), states), None)
    if left is not None:
        raise _ambiguous(left)


def _ambiguous(change: Change) -> Invalid:
    return Invalid(
        f"tag {change.tag} holds {change.task or 'a task without an id'} more than once;"
        " nothing was changed",
        hint=_WHOLE,
        code="repeated-id",
    )


def apply(writer: Writer, change: Change) -> None:
    """Do what one record says. Values from before are not compared with what is there.

    Raises NotFound and Conflict for a task or a tag that is not there, or is there already, and
    Invalid for an entry that is no task.
    """
    _ACTIONS[change.kind](writer, change)


def _found(reader: Reader, tag: str, task_id: str) -> Task:
    """The task or subtask with this full id. Raises NotFound."""
    task = _task(reader, tag, task_id)
    if task is None:
        owner = _owner(reader, tag, task_id)
        task = owner and owner.subtask(task_id)
    return task or reader.get(tag, task_id)


def _task(reader: Reader, tag: str, task_id: str) -> Task | None:
    try:
        return reader.get(tag, task_id)
    except NotFound as error:
        if error.code == "tag-not-found":
            raise
        return None


def _owner(reader: Reader, tag: str, task_id: str) -> Task | None:
    """The task that a subtask with this full id is part of."""
    parts = task_id.split(".")
    above = (".".join(parts[:count]) for count in range(len(parts) - 1, 0, -1))
    return next((task for name in above if (task := _task(reader, tag, name))), None)


def _set_fields(writer: Writer, change: Change) -> None:
    task = _found(writer, change.tag, change.task)
    changed = Task(_with(change, task.doc), task.parent)
    if task.parent is None:
        writer.put(change.tag, changed)
    else:
        writer.put(change.tag, task.parent.with_subtask(changed))


def _add(writer: Writer, change: Change) -> None:
    doc = _document(change)
    owner = _owner(writer, change.tag, change.task)
    known = owner.subtask(change.task) if owner else _task(writer, change.tag, change.task)
    if known:
        raise Conflict(f"there is a task {change.task} already")
    if owner:
        writer.put(change.tag, owner.with_subtask(Task(doc, owner), change.place))
    elif Task(doc).id == change.task:
        writer.put(change.tag, Task(doc), place=change.place)
    else:
        raise NotFound(f"there is no task in tag {change.tag} that {change.task} is part of")


def _remove(writer: Writer, change: Change) -> None:
    _document(change)
    task = _found(writer, change.tag, change.task)
    if task.parent is None:
        writer.remove(change.tag, change.task)
    else:
        writer.put(change.tag, task.parent.without_subtasks([change.task]))


def _document(change: Change) -> dict[str, object]:
    if isinstance(change.doc, dict):
        return change.doc
    raise Invalid(
        f"tag {change.tag} holds an entry that is no task, in one state and not in the other",
        hint=_WHOLE,
        code="no-task",
    )


def _reorder(writer: Writer, change: Change) -> None:
    _before, order = change.fields["order"]
    writer.reorder(change.tag, [str(one) for one in order])  # type: ignore[attr-defined]


def _add_tag(writer: Writer, change: Change) -> None:
    writer.add_tag(change.tag, _with(change, {}))


def _remove_tag(writer: Writer, change: Change) -> None:
    writer.remove_tag(change.tag)


def _rename_tag(writer: Writer, change: Change) -> None:
    writer.rename_tag(change.tag, str(change.fields["name"][1]))


def _describe_tag(writer: Writer, change: Change) -> None:
    writer.describe_tag(change.tag, _with(change, writer.metadata(change.tag)))


def _with(change: Change, document: Mapping[str, object]) -> dict[str, object]:
    """The document with the fields as they are after the change."""
    result = dict(document)
    for key, (_before, after) in change.fields.items():
        if after is ABSENT:
            result.pop(key, None)
        else:
            result[key] = after
    return result


_ACTIONS: dict[str, Callable[[Writer, Change], None]] = {
    "changed": _set_fields,
    "added": _add,
    "removed": _remove,
    "reordered": _reorder,
    "tag-added": _add_tag,
    "tag-removed": _remove_tag,
    "tag-renamed": _rename_tag,
    "tag-changed": _describe_tag,
}
