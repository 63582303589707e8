"""The task graph of one tag: who waits for whom, and what is wrong with it.

Works on nodes, which are cheap to make for every task and subtask of a tag. Everything here is
linear in nodes plus edges and free of recursion, so ten thousand tasks or a chain as long are fine.
"""

from __future__ import annotations

from collections import namedtuple

from taskmaster.domain.task import COMPLETE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.domain.task import Task

    class Node(NamedTuple):
        id: str
        status: str
        dependencies: tuple[str, ...]
        parent: str
        children: tuple[str, ...]
        task: Task

else:
    # typing.NamedTuple would import typing, which costs more than reading a thousand tasks.
    Node = namedtuple("Node", "id status dependencies parent children task")


def nodes(tasks: Iterable[Task]) -> dict[str, Node]:
    """A node for every task and subtask, in order; the first one wins where an id is repeated."""
    found: dict[str, Node] = {}
    for task in tasks:
        children = task.subtasks
        names = tuple([child.id for child in children])
        node = Node(task.id, task.status, task.dependencies, "", names, task)
        found.setdefault(node.id, node)
        for name, child in zip(names, children, strict=True):
            step = Node(name, child.status, child.dependencies, node.id, (), child)
            found.setdefault(name, step)
    return found


def node_of(task: Task, graph: Mapping[str, Node]) -> Node:
    """The node of this task or subtask, also where another task comes first with the same id."""
    node = graph.get(task.id)
    if node is not None and (node.task.doc is task.doc or task.parent is not None):
        return node
    return nodes([task])[task.id]


def owner(node: Node, graph: Mapping[str, Node]) -> Node | None:
    """The task that this is a subtask of; None for a task, also beside one without an id."""
    return graph.get(node.parent) if node.parent else None


def waiting_for(node: Node, graph: Mapping[str, Node]) -> list[str]:
    """The dependencies that are not complete; one that names nothing cannot hold a task back."""
    return [one for one in node.dependencies if one in graph and graph[one].status not in COMPLETE]


def dependents(graph: Mapping[str, Node]) -> dict[str, list[str]]:
    """For every id that something depends on, the ids that depend on it, in order."""
    found: dict[str, list[str]] = {}
    for node in graph.values():
        for one in dict.fromkeys(node.dependencies):
            found.setdefault(one, []).append(node.id)
    return found


MOST_CIRCLES = 100


def cycles(graph: Mapping[str, Node]) -> list[tuple[str, ...]]:
    """Dependency circles, each once, starting at its first member; a self-reference counts.

    At most ``MOST_CIRCLES`` of them: a tangle of thousands of tasks holds more than anybody could
    read, and writing them all down would take for ever.
    """
    found: dict[tuple[str, ...], None] = {}
    for path, place in _closings(graph):
        found.setdefault(tuple(path[place:]))
        if len(found) == MOST_CIRCLES:
            break
    return list(found)


def closing_edges(graph: Mapping[str, Node]) -> list[tuple[str, str]]:
    """Edges (waiting, awaited) without which no circle is left; linear, however tangled."""
    return [(path[-1], path[place]) for path, place in _closings(graph)]


def _closings(graph: Mapping[str, Node]) -> Iterator[tuple[list[str], int]]:
    """Walk in depth; whenever a circle closes, the path so far and where on it the circle begins.

    The path is the walk's own and changes when the walk goes on.
    """
    state: dict[str, int] = {}
    for start in graph:
        if start not in state:
            yield from _walk(start, graph, state)


def _walk(
    start: str, graph: Mapping[str, Node], state: dict[str, int]
) -> Iterator[tuple[list[str], int]]:
    path = [start]
    places = {start: 0}
    branches = [iter(graph[start].dependencies)]
    state[start] = 1
    while path:
        step = next(branches[-1], None)
        if step is None:
            state[path.pop()] = 2
            branches.pop()
        elif state.get(step) == 1:
            yield path, places[step]
        elif step in graph and step not in state:
            state[step] = 1
            places[step] = len(path)
            path.append(step)
            branches.append(iter(graph[step].dependencies))


def circle_closed_by(
    task_id: str, dependency: str, graph: Mapping[str, Node]
) -> tuple[str, ...] | None:
    """The circle that letting *task_id* wait for *dependency* would close, as ids, or None."""
    came_from: dict[str, str] = {dependency: ""}
    queue = [dependency]
    while queue:
        here = queue.pop()
        if here == task_id:
            return _trail(here, came_from)
        node = graph.get(here)
        for one in node.dependencies if node else ():
            if one not in came_from:
                came_from[one] = here
                queue.append(one)
    return None


def _trail(end: str, came_from: Mapping[str, str]) -> tuple[str, ...]:
    trail = [end]
    while came_from[trail[-1]]:
        trail.append(came_from[trail[-1]])
    return (end, *reversed(trail[1:]))


def open_needs(graph: Mapping[str, Node]) -> dict[str, list[str]]:
    """For each open node that waits for something, the open nodes it waits for, each once."""
    closed = {one for one, node in graph.items() if node.status in COMPLETE}
    needs: dict[str, list[str]] = {}
    for node in graph.values():
        if node.dependencies and node.id not in closed:
            left = [one for one in node.dependencies if one in graph and one not in closed]
            if left:
                needs[node.id] = list(dict.fromkeys(left))
    return needs


def waiter_counts(needs: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """For each open node that others wait for, how many open nodes do."""
    counts: dict[str, int] = {}
    for left in needs.values():
        for one in left:
            counts[one] = counts.get(one, 0) + 1
    return counts


def chain_lengths(
    needs: Mapping[str, Sequence[str]], waiters: Mapping[str, int], limit: int
) -> dict[str, int]:
    """For each open node that others wait for, how many open nodes the longest line behind it has.

    Takes what ``open_needs`` and ``waiter_counts`` give, and counts up to *limit*. The nodes nobody
    waits for are peeled away, again and again; nodes on a circle, or that one needs, never come
    off: the line behind them has no end.
    """
    left = dict(waiters)
    lengths: dict[str, int] = {}
    queue = [one for one in needs if one not in left]
    while queue:
        here = queue.pop()
        line = min(lengths.get(here, 0) + 1, limit)
        for one in needs.get(here, ()):
            if line > lengths.get(one, 0):
                lengths[one] = line
            left[one] -= 1
            if not left[one]:
                queue.append(one)
    lengths.update((one, limit) for one, count in left.items() if count)
    return lengths
