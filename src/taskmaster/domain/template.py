"""A named set of tasks with variables, from which tasks are made again and again.

Its tasks are documents as the task file has them, under ids of their own (``t1``, ``t2``), so
that what waits for what is said inside the set. ``{{name}}`` in any text stands for a variable.
"""

from __future__ import annotations

import re
from collections import namedtuple

from taskmaster.domain import graph
from taskmaster.domain.task import Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import NamedTuple

    Json = dict[str, object]

    class Template(NamedTuple):
        """*defaults* are the values of variables that need not be given; *tasks* documents."""

        name: str
        description: str
        defaults: Mapping[str, str]
        tasks: Sequence[Json]

else:
    Template = namedtuple("Template", "name description defaults tasks")

VARIABLE = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_-]*)\s*\}\}")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_PASSING = frozenset(
    ("createdAt", "updatedAt", "status", "comments", "links", "dueDate", "deferUntil",
     "dependsOn", "parentTaskId", "parentId", "dependencies", "id", "subtasks")
)  # fmt: skip
"""What belongs to a task at its time and place, or is written anew."""
_OF_ORIGIN = ("source", "repeats")


class Misfit(ValueError):
    """A template that no tasks can be made from; the text says why."""


def made_from(tasks: Sequence[Task]) -> tuple[list[Json], list[tuple[str, str]]]:
    """Documents for a template, and the edges that lead out of the set and so are left out."""
    names: dict[str, str] = {}
    for place, task in enumerate(tasks, 1):
        names[task.id] = f"t{place}"
        steps = enumerate(task.subtasks, 1)
        names |= {step.id: f"t{place}.{number}" for number, step in steps}
    lost = [
        (one.id, awaited)
        for task in tasks
        for one in (task, *task.subtasks)
        for awaited in one.dependencies
        if awaited not in names
    ]
    return [_whole(task, names) for task in tasks], lost


def _whole(task: Task, names: Mapping[str, str]) -> Json:
    doc = _entry(task, names, names[task.id])
    if task.subtasks:
        steps = enumerate(task.subtasks, 1)
        doc["subtasks"] = [_entry(step, names, number) for number, step in steps]
    return doc


def _entry(task: Task, names: Mapping[str, str], number: object) -> Json:
    doc: Json = {"id": number}
    doc |= {key: value for key, value in task.doc.items() if key not in _PASSING}
    metadata = doc.pop("metadata", None)
    if isinstance(metadata, dict):
        kept = {key: value for key, value in metadata.items() if key not in _OF_ORIGIN}
        doc |= {"metadata": kept} if kept else {}
    doc["dependencies"] = [names[one] for one in task.dependencies if one in names]
    return doc


def each_text(value: object, change: Callable[[str], str]) -> object:
    """The value with every text in it changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [each_text(one, change) for one in value]
    if isinstance(value, dict):
        return {key: each_text(one, change) for key, one in value.items()}
    return value


def variables(tasks: Sequence[Json]) -> list[str]:
    """The names of the variables that the texts mention, in order."""
    found: dict[str, None] = {}

    def note(text: str) -> str:
        found.update(dict.fromkeys(VARIABLE.findall(text)))
        return text

    each_text(list(tasks), note)
    return list(found)


def with_variables(tasks: Sequence[Json], texts: Mapping[str, str]) -> list[Json]:
    """The documents with the variable's name wherever its text stands, the longest text first."""
    names = {text: name for name, text in texts.items() if text}
    if not names:
        return list(tasks)
    pattern = re.compile("|".join(re.escape(one) for one in sorted(names, key=len, reverse=True)))
    return [_changed(doc, lambda text: pattern.sub(_name_of(names), text)) for doc in tasks]


def _name_of(names: Mapping[str, str]) -> Callable[[re.Match[str]], str]:
    return lambda match: f"{{{{{names[match[0]]}}}}}"


def filled(tasks: Sequence[Json], values: Mapping[str, str]) -> list[Json]:
    """The documents with the values in place of the variables; what a value says is only text."""
    return [
        _changed(doc, lambda text: VARIABLE.sub(lambda match: values[match[1]], text))
        for doc in tasks
    ]


def _changed(doc: Json, change: Callable[[str], str]) -> Json:
    """The document with its texts changed; ids and dependencies are no text."""
    result: Json = {}
    for key, value in doc.items():
        if key == "subtasks" and isinstance(value, list):
            result[key] = [_changed(one, change) if isinstance(one, dict) else one for one in value]
        else:
            kept = key in ("id", "dependencies")
            result[key] = value if kept else each_text(value, change)
    return result


def numbered(docs: Sequence[Json]) -> list[Task]:
    """The set as tasks, each and each subtask under an id. Raises Misfit for one that cannot be."""
    found: list[Task] = []
    for place, doc in enumerate(docs, 1):
        steps = doc.get("subtasks") or []
        if not isinstance(steps, list) or not all(isinstance(one, dict) for one in steps):
            raise Misfit(f"the subtasks of its task {place} are no list of objects")
        own = [{**one, "id": one.get("id") or number} for number, one in enumerate(steps, 1)]
        found.append(Task({**doc, "id": doc.get("id") or f"t{place}", "subtasks": own}))
    _check(found)
    return found


def _check(tasks: Sequence[Task]) -> None:
    nodes = graph.nodes(tasks)
    every = [one.id for task in tasks for one in (task, *task.subtasks)]
    twice = next((one for one in every if every.count(one) > 1), "") if _repeats(every) else ""
    if twice:
        raise Misfit(f"two of its tasks have the id {twice}")
    for name, awaited in _edges(tasks):
        if awaited not in nodes:
            raise Misfit(f"{name} waits for {awaited}, which it does not hold")
    circle = next(iter(graph.cycles(nodes)), ())
    if circle:
        raise Misfit(f"its tasks wait for each other in a circle: {' → '.join(circle)}")


def _repeats(every: Sequence[str]) -> bool:
    return len(set(every)) != len(every)


def _edges(tasks: Sequence[Task]) -> Iterator[tuple[str, str]]:
    for task in tasks:
        for one in (task, *task.subtasks):
            yield from ((one.id, awaited) for awaited in one.dependencies)
