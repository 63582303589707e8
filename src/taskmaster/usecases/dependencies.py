"""Letting tasks wait for one another, finding what is wrong with that, and mending it."""

from __future__ import annotations

from collections import namedtuple

from taskmaster.domain import ids
from taskmaster.domain.faults import entries, problems_of, without
from taskmaster.errors import Invalid, NotFound
from taskmaster.usecases import selection
from taskmaster.usecases.edges import Edges
from taskmaster.usecases.tasks import written_dependencies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.domain.faults import Problem
    from taskmaster.domain.graph import Node
    from taskmaster.domain.task import Task
    from taskmaster.ports import Reader, Writer
    from taskmaster.workspace import Workspace

    Edge = tuple[str, str]

    class Added(NamedTuple):
        """Edges (waiting, awaited) that are new, and those that were there already."""

        edges: tuple[Edge, ...]
        known: tuple[Edge, ...]

    class Neighbours(NamedTuple):
        """What a task waits for, by id, with None for what is not there, and what waits for it."""

        task: str
        awaited: Mapping[str, Node | None]
        waiting: Sequence[Node]

    class Findings(NamedTuple):
        """What is wrong, and how much was looked at."""

        problems: tuple[Problem, ...]
        tasks: int
        subtasks: int
        dependencies: int

    class Mended(NamedTuple):
        """The problems that were (or would be) removed, and those that a person must look at."""

        fixed: tuple[Problem, ...]
        remaining: tuple[Problem, ...]

else:
    Added = namedtuple("Added", "edges known")
    Neighbours = namedtuple("Neighbours", "task awaited waiting")
    Findings = namedtuple("Findings", "problems tasks subtasks dependencies")
    Mended = namedtuple("Mended", "fixed remaining")


def add_dependencies(ws: Workspace, task_ids: str, depends_on: str) -> Added:
    """Let every named task wait for every one in *depends_on*; all of it or nothing.

    Raises NotFound, and Invalid for a task that would wait for itself, for the task it is part
    of, for a part of it, or in a circle; ``details`` tells what each refused edge was refused for.
    """
    with ws.writing("add-dependency") as writer:
        return connect(writer, ws.tag, task_ids, depends_on, ws.clock())


def connect(
    writer: Writer,
    tag: str,
    task_ids: str,
    depends_on: str,
    now: str,
    *,
    edges: Edges | None = None,
) -> Added:
    """``add_dependencies`` within a transaction that is open already."""
    tasks = selection.chosen(writer, tag, task_ids)
    awaited = [one.id for one in selection.chosen(writer, tag, depends_on)]
    fresh, known = _new_edges(tasks, awaited, edges or Edges(writer, tag))
    for task in tasks:
        own = [one for waiting, one in fresh if waiting == task.id]
        if own:
            current = selection.one(writer, tag, task.id)
            changed = written_dependencies(current, [*current.dependencies, *own])
            selection.save(writer, tag, changed.with_fields({"updatedAt": now}))
    return Added(tuple(fresh), tuple(known))


def _new_edges(
    tasks: Sequence[Task], awaited: Sequence[str], edges: Edges
) -> tuple[list[Edge], list[Edge]]:
    fresh: list[Edge] = []
    known: list[Edge] = []
    refused: list[tuple[Edge, Invalid]] = []
    for task, one in [(task, one) for task in tasks for one in awaited]:
        if one in task.dependencies:
            known.append((task.id, one))
            continue
        try:
            edges.check(task.id, one)
        except Invalid as error:
            refused.append(((task.id, one), error))
        else:
            fresh.append((task.id, one))
            edges.add(task.id, one)
    if refused:
        raise _refusal(refused)
    return fresh, known


def _refusal(refused: Sequence[tuple[Edge, Invalid]]) -> Invalid:
    first = refused[0][1]
    more = f" (and {len(refused) - 1} more)" if len(refused) > 1 else ""
    details = [
        {"taskId": task, "dependency": one, "code": error.code, "message": error.message}
        for (task, one), error in refused
    ]
    return Invalid(
        f"{first.message}{more}; nothing was changed",
        hint=first.hint,
        code=first.code,
        details=details,
    )


def remove_dependencies(ws: Workspace, task_ids: str, depends_on: str) -> list[Edge]:
    """Let every named task no longer wait for any in *depends_on*; all of it or nothing.

    What is awaited need not exist, so that a dangling entry can be taken out. Raises NotFound
    when one of them does not wait for one of those.
    """
    with ws.writing("remove-dependency") as writer:
        return disconnect(writer, ws.tag, task_ids, depends_on, ws.clock())


def disconnect(writer: Writer, tag: str, task_ids: str, depends_on: str, now: str) -> list[Edge]:
    """``remove_dependencies`` within a transaction that is open already."""
    tasks = selection.chosen(writer, tag, task_ids)
    named = ids.select(depends_on, lambda: _named_anywhere(writer, tag, tasks))
    edges = [(task.id, one) for task in tasks for one in _meant(task, named)]
    _check_present(tag, tasks, edges)
    for task in tasks:
        gone = {one for waiting, one in edges if waiting == task.id}
        places = [place for place, one in entries(task) if one in gone]
        current = selection.one(writer, tag, task.id)
        changed = without(current, places).with_fields({"updatedAt": now})
        selection.save(writer, tag, changed)
    return edges


def _named_anywhere(reader: Reader, tag: str, tasks: Sequence[Task]) -> list[str]:
    """What a range may stand for: everything there is, and what is only written down."""
    written = [one for task in tasks for one in task.dependencies]
    return list(dict.fromkeys([*reader.nodes(tag), *written]))


def _meant(task: Task, named: Sequence[str]) -> Iterator[str]:
    """The ids that were named; a bare number means the sibling when nothing else fits."""
    names = task.parent.sibling_names() if task.parent else {}
    for one in named:
        sibling = names.get(one, one)
        yield sibling if one not in task.dependencies and sibling in task.dependencies else one


def _check_present(tag: str, tasks: Sequence[Task], edges: Sequence[Edge]) -> None:
    waits = {task.id: task.dependencies for task in tasks}
    absent = [edge for edge in edges if edge[1] not in waits[edge[0]]]
    if absent:
        task, one = absent[0]
        more = f" (and {len(absent) - 1} more)" if len(absent) > 1 else ""
        own = ", ".join(waits[task])
        raise NotFound(
            f"{task} does not wait for {one} in tag {tag}{more}; nothing was changed",
            hint=f"{task} waits for: {own}" if own else f"{task} waits for nothing",
            code="dependency-not-found",
            details=[{"taskId": task, "dependency": one} for task, one in absent],
        )


def neighbours(ws: Workspace, task_id: str) -> Neighbours:
    """Who this task waits for and who waits for it. Raises NotFound."""
    with ws.reading() as reader:
        task = selection.one(reader, ws.tag, task_id)
        nodes = reader.around(ws.tag, [task.id])
    awaited = {one: nodes.get(one) for one in nodes[task.id].dependencies}
    waiting = [node for node in nodes.values() if task.id in node.dependencies]
    return Neighbours(task.id, awaited, waiting)


def validate(ws: Workspace, *, all_tags: bool = False) -> Findings:
    """Everything that is wrong with the dependencies of the current tag, or of every tag."""
    with ws.reading() as reader:
        return _findings(reader, reader.tags() if all_tags else [ws.tag])


def _findings(reader: Reader, tags: Iterable[str]) -> Findings:
    problems: list[Problem] = []
    tasks = subtasks = dependencies = 0
    for tag in tags:
        nodes = reader.nodes(tag)
        problems += problems_of(tag, nodes)
        steps = sum(bool(node.parent) for node in nodes.values())
        subtasks += steps
        tasks += len(nodes) - steps
        dependencies += sum(len(node.dependencies) for node in nodes.values())
    return Findings(tuple(problems), tasks, subtasks, dependencies)


def fix(ws: Workspace, *, all_tags: bool = False, dry_run: bool = False) -> Mended:
    """Take every wrong entry out, as one transaction, and look again; *dry_run* changes nothing.

    ``remaining`` holds what only a person can mend, and is empty almost always.
    """
    if dry_run:
        problems = validate(ws, all_tags=all_tags).problems
        fixable = tuple([one for one in problems if one.places])
        return Mended(fixable, tuple([one for one in problems if not one.places]))
    with ws.writing("fix-dependencies") as writer:
        tags = list(writer.tags()) if all_tags else [ws.tag]
        fixed = [one for tag in tags for one in _mend(writer, tag)]
        return Mended(tuple(fixed), _findings(writer, tags).problems)


def _mend(writer: Writer, tag: str) -> list[Problem]:
    problems = [one for one in problems_of(tag, writer.nodes(tag)) if one.places]
    places: dict[str, list[int]] = {}
    for one in problems:
        places.setdefault(one.task, []).extend(one.places)
    for task_id, gone in places.items():
        task = selection.one(writer, tag, task_id)
        selection.save(writer, tag, without(task, gone))
    return problems


def findings_to_json(found: Findings) -> dict[str, object]:
    """What is wrong, as every face shows it."""
    return {
        "valid": not found.problems,
        "problems": _shown(found.problems),
        "counts": {
            "tasks": found.tasks,
            "subtasks": found.subtasks,
            "dependencies": found.dependencies,
            "problems": len(found.problems),
            **_by_kind(found.problems),
        },
    }


def mended_to_json(mended: Mended) -> dict[str, object]:
    """What was put right, as every face shows it."""
    return {
        "fixed": _shown(mended.fixed),
        "remaining": _shown(mended.remaining),
        "counts": {"fixed": len(mended.fixed), **_by_kind(mended.fixed)},
    }


def neighbours_to_json(found: Neighbours) -> dict[str, object]:
    """What a task waits for and what waits for it, as every face shows it."""
    return {
        "taskId": found.task,
        "dependencies": [_neighbour(one, node) for one, node in found.awaited.items()],
        "dependents": [_neighbour(node.id, node) for node in found.waiting],
    }


def _neighbour(task_id: str, node: Node | None) -> dict[str, object]:
    return {
        "id": task_id,
        "title": node.task.title if node else None,
        "status": node.status if node else None,
    }


def edges_to_json(edges: Iterable[Edge]) -> list[dict[str, str]]:
    """Who waits for whom, as every face shows it."""
    return [{"taskId": task, "dependencyId": one} for task, one in edges]


def _shown(problems: Iterable[Problem]) -> list[dict[str, str]]:
    return [
        {
            "kind": one.kind,
            "taskId": one.task,
            "dependency": one.dependency,
            "message": one.message,
            "tag": one.tag,
        }
        for one in problems
    ]


def _by_kind(problems: Iterable[Problem]) -> dict[str, int]:
    counts = dict.fromkeys(("missing", "self", "circular", "duplicate", "unreadable"), 0)
    for one in problems:
        counts[one.kind] += 1
    return counts
