"""What to do next, and why: one pure scoring function over the tasks that are ready.

The score is a sum of points; the highest wins, and file order breaks ties, so the same tasks
always give the same answer. Waiting earns points without a limit, the other reasons have one:
a task that stays ready is chosen in the end, whatever is written down after it.

What is put off (``deferUntil``) is offered to nobody before that day, and from then on without
anybody writing anything; where no day is given, nothing counts as put off.
"""

from __future__ import annotations

from collections import namedtuple

from taskmaster.domain.graph import (
    chain_lengths,
    open_needs,
    owner,
    waiter_counts,
    waiting_for,
)
from taskmaster.domain.task import WORKABLE, day_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.domain.graph import Node
    from taskmaster.domain.task import Task

    class Choice(NamedTuple):
        """A candidate: ``chain`` is counted up to ``LONGEST_CHAIN``."""

        node: Node
        score: float
        waiters: int
        chain: int
        since: str

else:
    Choice = namedtuple("Choice", "node score waiters chain since")

PRIORITY_POINTS = {"critical": 40, "high": 30, "medium": 20, "low": 10}
IN_PROGRESS_POINTS = 25
DEPENDENT_POINTS, MOST_DEPENDENTS = 2, 6
CHAIN_POINTS, LONGEST_CHAIN = 1, 8
OVERDUE_POINTS, SOON_POINTS, SOON_DAYS = 20, 10, 7
DAYS_PER_POINT = 3


def put_off(task: Task, today: str) -> bool:
    """Whether nobody should be offered this before a day that is still to come."""
    if not today or "deferUntil" not in task.doc:
        return False
    return (days_between(today, task.defer_until) or 0) > 0


def workable(
    graph: Mapping[str, Node], needs: Mapping[str, Sequence[str]], today: str = ""
) -> Iterator[Node]:
    """The nodes that somebody can start or go on with now, in order.

    *needs* is what ``graph.open_needs`` gives. A task in progress is represented by its open
    subtasks, where it has any that are ready.
    """
    for node in graph.values():
        if node.parent or node.id in needs or node.status not in WORKABLE:
            continue
        if put_off(node.task, today):
            continue
        if node.status == "in-progress" and node.children:
            steps = [graph[one] for one in node.children if ready(graph[one], graph, today)]
            yield from steps or [node]
        else:
            yield node


def ready(node: Node, graph: Mapping[str, Node], today: str = "") -> bool:
    """Pending or in progress, and nothing it depends on, no day, nor its task, is in the way."""
    parent = owner(node, graph)
    return _unhindered(node, graph, today) and (parent is None or _unhindered(parent, graph, today))


def _unhindered(node: Node, graph: Mapping[str, Node], today: str) -> bool:
    return (
        node.status in WORKABLE and not waiting_for(node, graph) and not put_off(node.task, today)
    )


def obstacles(node: Node, graph: Mapping[str, Node], today: str = "") -> list[str]:
    """Sentences that say why nobody can work on this now; none when it is ready."""
    found = []
    if node.status not in WORKABLE:
        found.append(f"its status is {node.status}")
    if put_off(node.task, today):
        found.append(f"it is put off until {node.task.defer_until}")
    found += [
        f"it waits for {one} ({graph[one].task.title}), which is {graph[one].status}"
        for one in waiting_for(node, graph)
    ]
    parent = owner(node, graph)
    if parent is not None and parent.status not in WORKABLE:
        found.append(f"its task {parent.id} is {parent.status}")
    elif parent is not None:
        found += [f"its task {parent.id} waits for {one}" for one in waiting_for(parent, graph)]
    if parent is not None and put_off(parent.task, today):
        found.append(f"its task {parent.id} is put off until {parent.task.defer_until}")
    return found


def ranked(graph: Mapping[str, Node], today: str) -> list[Choice]:
    """Everything workable, best first. *today* is ``YYYY-MM-DD``."""
    needs = open_needs(graph)
    waiters = waiter_counts(needs)
    behind = chain_lengths(needs, waiters, LONGEST_CHAIN)
    candidates = list(workable(graph, needs, today))
    choices = [
        scored(node, waiters, behind, since, today)
        for node, since in zip(candidates, _dates(candidates), strict=True)
    ]
    choices.sort(key=best_first)
    return choices


def best_first(choice: Choice) -> float:
    """What sorts the best choice to the front; equal ones keep their order."""
    return -choice.score


def _dates(candidates: Sequence[Node]) -> list[str]:
    """Since when each has been written down; one without a date is as old as the oldest after it.

    Lists grow at their end. Without this, a task that some other tool wrote down without a date
    would never get older, and starve.
    """
    dates: list[str] = []
    oldest = ""
    for node in reversed(candidates):
        own = node.task.created or (node.task.parent.created if node.task.parent else "")
        if own and (not oldest or own < oldest):
            oldest = own
        dates.append(own or oldest)
    return dates[::-1]


def scored(
    node: Node, waiters: Mapping[str, int], behind: Mapping[str, int], since: str, today: str
) -> Choice:
    """The points of one candidate; who waits for its task waits for a subtask as well."""
    count = waiters.get(node.id, 0)
    chain = behind.get(node.id, 0)
    if node.parent:
        count += waiters.get(node.parent, 0)
        chain = max(chain, behind.get(node.parent, 0))
    points = PRIORITY_POINTS[node.task.priority] + _unblocking_points(count, chain)
    if _begun(node):
        points += IN_PROGRESS_POINTS
    points += _due_points(_due(node), today) + _age_points(since, today)
    return Choice(node, points, count, chain, since)


def _begun(node: Node) -> bool:
    """In progress itself, or a step of a task that is: only those are candidates."""
    return bool(node.parent) or node.status == "in-progress"


def _due(node: Node) -> str:
    parent = node.task.parent
    return node.task.due or (parent.due if parent else "")


def reasons(choice: Choice, today: str) -> list[str]:
    """The parts of the score, in words, each with its points."""
    node = choice.node
    priority, due = node.task.priority, _due(node)
    noun = "task waits" if choice.waiters == 1 else "tasks wait"
    line = f"{choice.chain}{' or more' * (choice.chain == LONGEST_CHAIN)}"
    begun = f"task {node.parent}, which it is part of," if node.parent else "it"
    parts = [
        (PRIORITY_POINTS[priority], f"its priority is {priority}"),
        (IN_PROGRESS_POINTS * _begun(node), f"{begun} is already in progress"),
        (
            _unblocking_points(choice.waiters, choice.chain),
            f"{choice.waiters} open {noun} for it, {line} in the longest line behind it",
        ),
        (_due_points(due, today), f"it {'was' if due < today else 'is'} due on {due}"),
        (
            _age_points(choice.since, today),
            f"it has been waiting for {days_between(choice.since, today)} days",
        ),
    ]
    return [f"{words} (+{points})" for points, words in parts if points]


def _unblocking_points(waiters: int, chain: int) -> int:
    return DEPENDENT_POINTS * min(waiters, MOST_DEPENDENTS) + CHAIN_POINTS * chain


def _due_points(due: str, today: str) -> int:
    left = days_between(today, due) if due else None
    if left is None or left > SOON_DAYS:
        return 0
    return OVERDUE_POINTS if left < 0 else SOON_POINTS


def _age_points(created: str, today: str) -> int:
    days = days_between(created, today) if created else None
    return max(days or 0, 0) // DAYS_PER_POINT


def days_between(start: str, end: str) -> int | None:
    """Whole days from one ISO date or time to another; None when either is no date."""
    first, last = day_number(start), day_number(end)
    return None if first is None or last is None else last - first


COMPATIBLE_POINTS = {"critical": 4, "high": 3, "medium": 2, "low": 1}


def next_in_original_order(graph: Mapping[str, Node], today: str = "") -> Node | None:
    """The task the original tool would name: open subtasks of tasks in progress, else tasks.

    Sorted by priority, then fewer dependencies, then id; only ``done`` completes a dependency.
    That tool knows nothing of putting off; what is put off is left out all the same.
    """
    done = {one for one, node in graph.items() if node.status == "done"}
    ready_now = [
        node
        for node in graph.values()
        if node.status in WORKABLE and all(one in done for one in node.dependencies)
        if not put_off(node.task, today) and not put_off((owner(node, graph) or node).task, today)
    ]
    steps = [
        node for node in ready_now
        if (task := owner(node, graph)) is not None and task.status == "in-progress"
    ]  # fmt: skip
    candidates = steps or [node for node in ready_now if not node.parent]
    return min(candidates, key=_original_key, default=None)


def _original_key(node: Node) -> tuple[object, ...]:
    parts = [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in node.id.split(".")]
    return (-COMPATIBLE_POINTS[node.task.priority], len(node.dependencies), parts)
