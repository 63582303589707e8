"""Mends for what has one clear mend: the same tasks, in the same order, none lost."""

from __future__ import annotations

from taskmaster.domain import graph, ids
from taskmaster.domain.faults import problems_of, without
from taskmaster.domain.task import Task
from taskmaster.usecases.checks import odd_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from taskmaster.domain.graph import Node

UNCLEAR = "unreadable"
"""Dependencies of an unknown form may say something to somebody: a person decides."""
_PARENT_KEYS = ("parentId", "parentTaskId")


def repaired(tasks: Sequence[Task]) -> list[Task]:
    """The tasks with ids that are there once, today's words, and dependencies that can be met."""
    result = [_each(_with_numbered_steps(task), _in_todays_words) for task in numbered(tasks)]
    nodes = graph.nodes(result)
    places: dict[str, list[int]] = {}
    for one in problems_of("", nodes):
        if one.kind != UNCLEAR:
            places.setdefault(one.task, []).extend(one.places)
    return [_each(task, lambda one: _waiting_soundly(one, nodes, places)) for task in result]


def _waiting_soundly(
    one: Task, nodes: Mapping[str, Node], places: Mapping[str, Sequence[int]]
) -> Task:
    # Where a task and a subtask share a name, the places are those of the first.
    if one.id not in places or nodes[one.id].task.doc is not one.doc:
        return one
    return without(one, places[one.id])


def numbered(tasks: Sequence[Task]) -> list[Task]:
    """The tasks, those without an id or with one that came before under the next free number."""
    free = ids.next_number(task.id for task in tasks)
    like = next((task.doc["id"] for task in tasks if task.id), 0)
    seen: set[str] = set()
    result = []
    for task in tasks:
        one = task
        if not task.id or task.id in seen:
            one = _with_id(task, str(free), task.doc["id"] if task.id else like)
            free += 1
        seen.add(one.id)
        result.append(one)
    return result


def _with_id(task: Task, number: str, like: object) -> Task:
    """The task under another id, its subtasks still its own and waiting for the same ones."""
    named = Task({**task.doc, "id": ids.stored(number, like)})
    steps = task.subtasks
    if not steps or not task.id:
        return named
    names = {step.id: number + step.id[len(task.id) :] for step in steps}
    moved = _with_steps(named, lambda step: _under(Task(step, task), number))
    waits = {names[step.id]: [names.get(one, one) for one in step.dependencies] for step in steps}
    return _each(moved, lambda one: _waiting(one, waits.get(one.id)) if one.parent else one)


def _under(step: Task, number: str) -> dict[str, object]:
    """The document of a subtask whose task is called *number* from now on."""
    owner = step.parent.id if step.parent else ""
    raw = step.doc.get("id")
    local = step.id[len(owner) + 1 :]
    fields: dict[str, object] = {}
    if ids.normal(raw) != local:
        mark = ids.normal(raw)[len(owner)]
        fields["id"] = f"{number}{mark}{local}" if isinstance(raw, str) else ids.stored(local, 0)
    for key in _PARENT_KEYS:
        if ids.normal(step.doc.get(key)) == owner:
            fields[key] = ids.stored(number, step.doc[key])
    return {**step.doc, **fields}


def _waiting(one: Task, wanted: list[str] | None) -> Task:
    if wanted is None or list(one.dependencies) == wanted:
        return one
    return one.with_dependencies(wanted)


def _with_numbered_steps(task: Task) -> Task:
    """The task with subtasks whose ids are there once; the first one keeps a repeated id."""
    names = [step.id for step in task.subtasks]
    if len(set(names)) == len(names) and f"{task.id}." not in names:
        return task
    free = ids.next_number(name[len(task.id) + 1 :] for name in names)
    seen: set[str] = set()

    def once(entry: dict[str, object]) -> dict[str, object]:
        nonlocal free
        step = Task(entry, task)
        if step.id in seen or step.id == f"{task.id}.":
            entry = {**entry, "id": _like(entry.get("id"), task.id, free)}
            free += 1
        seen.add(Task(entry, task).id)
        return entry

    return _with_steps(task, once)


def _like(raw: object, parent: str, number: int) -> object:
    """*number* written the way the subtask id *raw* is."""
    text = ids.normal(raw)
    if isinstance(raw, str) and ids.local(raw, parent) != text:
        return f"{parent}{text[len(parent)]}{number}"
    return ids.stored(str(number), raw)


def _in_todays_words(one: Task) -> Task:
    words = odd_words(one)
    return one.with_fields(words) if words else one


def _each(task: Task, change: Callable[[Task], Task]) -> Task:
    """*task* with the change made to it and to every subtask of it."""
    whole = change(task)
    return _with_steps(whole, lambda entry: change(Task(entry, whole)).doc)


def _with_steps(task: Task, change: Callable[[dict[str, object]], dict[str, object]]) -> Task:
    """*task* with the documents of its subtasks changed, the very same task when none is."""
    entries = task.doc.get("subtasks")
    if not isinstance(entries, list) or not entries:
        return task
    fresh = [change(entry) if isinstance(entry, dict) else entry for entry in entries]
    if all(one is other for one, other in zip(entries, fresh, strict=True)):
        return task
    return Task({**task.doc, "subtasks": fresh})
