"""What to do next, and why a task is ready, blocked or chosen."""

from __future__ import annotations

from collections import namedtuple

from taskmaster import wire
from taskmaster.domain import schedule
from taskmaster.domain.task import WORKABLE
from taskmaster.usecases import selection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.domain.graph import Node
    from taskmaster.domain.schedule import Choice
    from taskmaster.domain.task import Task
    from taskmaster.ports import Reader
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

    class Ready(NamedTuple):
        """A part of what is ready, from the place *offset* on, and how much there is in all."""

        choices: Sequence[Choice]
        total: int
        offset: int
        today: str

else:
    Next = namedtuple("Next", "task reasons score others has_tasks")
    Why = namedtuple("Why", "task state reasons place")
    Ready = namedtuple("Ready", "choices total offset today")


def ready(ws: Workspace, *, limit: int, offset: int = 0) -> Ready:
    """What can be worked on now, best first: at most *limit* of it after *offset*."""
    today = ws.clock()[:10]
    with ws.reading() as reader:
        choices, count = reader.best(ws.tag, today, offset + limit)
    return Ready(choices[offset:], count, offset, today)


def next_task(ws: Workspace, *, compatible: bool = False) -> Next:
    """The best task to work on now; ``compatible`` chooses as the original tool does."""
    today = ws.clock()[:10]
    with ws.reading() as reader:
        if compatible:
            return _next_as_before(reader.nodes(ws.tag), today)
        choices, count = reader.best(ws.tag, today, 1)
        if not choices:
            return Next(None, (), 0, 0, bool(reader.tally(ws.tag, today).statuses))
    best = choices[0]
    reasons = tuple(schedule.reasons(best, today))
    return Next(best.node.task, reasons, best.score, count - 1, has_tasks=True)


def _next_as_before(nodes: Mapping[str, Node], today: str) -> Next:
    node = schedule.next_in_original_order(nodes, today)
    task = node.task if node else None
    return Next(task, ("chosen in the original tool's order",), 0, 0, bool(nodes))


def why(ws: Workspace, task_id: str) -> Why:
    """Where this task stands and why, in sentences. Raises NotFound."""
    today = ws.clock()[:10]
    with ws.reading() as reader:
        task = selection.one(reader, ws.tag, task_id)
        nodes = reader.around(ws.tag, [task.id])
        obstacles = schedule.obstacles(nodes[task.id], nodes, today)
        choices = () if task.complete or obstacles else _ranked(reader, ws.tag, task.id, today)
    if task.complete:
        return Why(task, "complete", (f"its status is {task.status}",), 0)
    if obstacles:
        return Why(task, _state(nodes[task.id], nodes), tuple(obstacles), 0)
    place = next((n for n, choice in enumerate(choices, 1) if choice.node.id == task.id), 0)
    if not place:
        steps = [choice.node.id for choice in choices if choice.node.parent == task.id]
        return Why(task, "ready", (f"its open subtasks come first: {', '.join(steps)}",), 0)
    reasons = schedule.reasons(choices[place - 1], today)
    if place > 1:
        ahead = choices[place - 2].node
        reasons.append(f"{place - 1} ready before it, the nearest {ahead.id} ({ahead.task.title})")
    return Why(task, "next" if place == 1 else "ready", tuple(reasons), place)


def _ranked(reader: Reader, tag: str, task_id: str, today: str) -> Sequence[Choice]:
    """What is ready, best first; no more of it than this task where that comes first."""
    best, count = reader.best(tag, today, 1)
    if best and best[0].node.id == task_id:
        return best
    return reader.best(tag, today, count)[0]


def _state(node: Node, nodes: Mapping[str, Node]) -> str:
    """The one word for a task that something is in the way of."""
    if node.status not in WORKABLE:
        return node.status
    return "deferred" if not schedule.obstacles(node, nodes) else "blocked"


def next_to_json(found: Next) -> dict[str, object]:
    """What to do next, as every face shows it."""
    return {
        "task": wire.task_to_json(found.task) if found.task else None,
        "found": found.task is not None,
        "reasons": list(found.reasons),
        "score": found.score,
        "hasAnyTasks": found.has_tasks,
    }


def why_to_json(found: Why) -> dict[str, object]:
    """Where a task stands, as every face shows it."""
    return {
        "taskId": found.task.id,
        "state": found.state,
        "reasons": list(found.reasons),
        "place": found.place,
    }


def ready_to_json(found: Ready) -> list[dict[str, object]]:
    """What is ready, as every face shows it; places are counted from 1."""
    return [
        {
            "place": place,
            "score": choice.score,
            "reasons": schedule.reasons(choice, found.today),
            "task": wire.task_to_json(choice.node.task),
        }
        for place, choice in enumerate(found.choices, found.offset + 1)
    ]
