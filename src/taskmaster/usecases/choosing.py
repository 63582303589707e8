"""What to do next, and why a task is ready, blocked or chosen."""

from __future__ import annotations

from collections import namedtuple

from taskmaster.domain import schedule
from taskmaster.domain.task import WORKABLE
from taskmaster.usecases import selection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NamedTuple

    from taskmaster.domain.graph import Node
    from taskmaster.domain.task import Task
    from taskmaster.workspace import Workspace

    class Next(NamedTuple):
        """The task to do next (None when nothing is ready), why, and how many others are ready."""

        task: Task | None
        reasons: tuple[str, ...]
        score: float
        others: int
        has_tasks: bool

    class Why(NamedTuple):
        """Where a task stands: ``state`` is next, ready, blocked, complete, put off (then
        ``deferred``) or its status.
        """

        task: Task
        state: str
        reasons: tuple[str, ...]
        place: int

else:
    Next = namedtuple("Next", "task reasons score others has_tasks")
    Why = namedtuple("Why", "task state reasons place")


def next_task(ws: Workspace, *, compatible: bool = False) -> Next:
    """The best task to work on now; ``compatible`` chooses as the original tool does."""
    today = ws.clock()[:10]
    with ws.reading() as reader:
        nodes = reader.nodes(ws.tag)
    if compatible:
        node = schedule.next_in_original_order(nodes, today)
        task = node.task if node else None
        return Next(task, ("chosen in the original tool's order",), 0, 0, bool(nodes))
    choices = schedule.ranked(nodes, today)
    if not choices:
        return Next(None, (), 0, 0, bool(nodes))
    best = choices[0]
    reasons = tuple(schedule.reasons(best, today))
    return Next(best.node.task, reasons, best.score, len(choices) - 1, has_tasks=True)


def why(ws: Workspace, task_id: str) -> Why:
    """Where this task stands and why, in sentences. Raises NotFound."""
    today = ws.clock()[:10]
    with ws.reading() as reader:
        task = selection.one(reader, ws.tag, task_id)
        nodes = reader.nodes(ws.tag)
    node = nodes[task.id]
    if task.complete:
        return Why(task, "complete", (f"its status is {task.status}",), 0)
    obstacles = schedule.obstacles(node, nodes, today)
    if obstacles:
        return Why(task, _state(node, nodes), tuple(obstacles), 0)
    choices = schedule.ranked(nodes, today)
    place = next((n for n, choice in enumerate(choices, 1) if choice.node.id == task.id), 0)
    if not place:
        steps = [choice.node.id for choice in choices if choice.node.parent == task.id]
        return Why(task, "ready", (f"its open subtasks come first: {', '.join(steps)}",), 0)
    reasons = schedule.reasons(choices[place - 1], today)
    if place > 1:
        ahead = choices[place - 2].node
        reasons.append(f"{place - 1} ready before it, the nearest {ahead.id} ({ahead.task.title})")
    return Why(task, "next" if place == 1 else "ready", tuple(reasons), place)


def _state(node: Node, nodes: Mapping[str, Node]) -> str:
    """The one word for a task that something is in the way of."""
    if node.status not in WORKABLE:
        return node.status
    return "deferred" if not schedule.obstacles(node, nodes) else "blocked"
