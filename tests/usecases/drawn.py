"""Small projects drawn by hand, in memory."""

from __future__ import annotations

from collections.abc import Sequence

from taskmaster.domain.changes import Actor, TagState, Transaction
from taskmaster.domain.task import Task
from taskmaster.doorbells.silent import Silent
from taskmaster.stores.memory import MemoryStore
from taskmaster.workspace import Workspace

NOW = "2026-01-31T08:15:30.123Z"


def task(number: object, *depends_on: object, **fields: object) -> dict[str, object]:
    """A task document as the file has it."""
    doc: dict[str, object] = {
        "id": number,
        "title": f"Task {number}",
        "status": "pending",
        "dependencies": list(depends_on),
        "priority": "medium",
    }
    return doc | fields


def step(number: object, *depends_on: object, **fields: object) -> dict[str, object]:
    """A subtask document as the file has it."""
    doc: dict[str, object] = {
        "id": number,
        "title": f"Step {number}",
        "status": "pending",
        "dependencies": list(depends_on),
    }
    return doc | fields


def project(*tasks: object, tag: str = "master", **others: Sequence[object]) -> Workspace:
    """A project whose current tag holds *tasks*; *others* are more tags with theirs."""
    states = {tag: TagState({"description": "first"}, list(tasks))}
    states |= {name: TagState({}, found) for name, found in others.items()}
    actor = Actor("ann", "person", "")
    return Workspace(MemoryStore(states), actor, doorbell=Silent(), tag=tag, clock=lambda: NOW)


def stored(ws: Workspace, tag: str = "") -> dict[str, Task]:
    """Every task and subtask by full id."""
    with ws.reading() as reader:
        return {name: node.task for name, node in reader.nodes(tag or ws.tag).items()}


def waits(ws: Workspace, tag: str = "") -> dict[str, list[str]]:
    """For every task and subtask that waits, what it waits for."""
    found = stored(ws, tag).items()
    return {name: list(one.dependencies) for name, one in found if one.dependencies}


def raw(ws: Workspace, task_id: str) -> object:
    """The dependencies as they are stored."""
    return stored(ws)[task_id].doc["dependencies"]


def log(ws: Workspace) -> list[Transaction]:
    with ws.reading() as reader:
        return list(reader.changes_since(0))
