"""The task graph of one tag: who waits for whom, and what is wrong with it.

Works on nodes, which are cheap to make for every task and subtask of a tag. Everything here is
linear in nodes plus edges and free of recursion, so ten thousand tasks or a chain as long are fine.
"""

from __future__ import annotations

from collections import namedtuple

from taskmaster.domain.task import COMPLETE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
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


def waiting_for(node: Node, graph: Mapping[str, Node]) -> list[str]:
    """The dependencies that are not complete; one that names nothing cannot hold a task back."""
    return [one for one in node.dependencies if one in graph and graph[one].status not in COMPLETE]


def dangling(graph: Mapping[str, Node]) -> Iterator[tuple[str, str]]:
    """Each (id, dependency) whose dependency names no task of the tag."""
    for node in graph.values():
        for one in node.dependencies:
            if one not in graph:
                yield node.id, one


def dependents(graph: Mapping[str, Node]) -> dict[str, list[str]]:
    """For every id that something depends on, the ids that depend on it, in order."""
    found: dict[str, list[str]] = {}
    for node in graph.values():
        for one in dict.fromkeys(node.dependencies):
            found.setdefault(one, []).append(node.id)
    return found


def cycles(graph: Mapping[str, Node]) -> list[tuple[str, ...]]:
    """Dependency circles, each once, starting at its first member; a self-reference counts.

    A walk in depth that cuts every circle it closes: breaking the edge from the last member back
    to the first in each answer leaves no circle.
    """
    found: list[tuple[str, ...]] = []
    state: dict[str, int] = {}
    for start in graph:
        if start not in state:
            _walk(start, graph, state, found)
    return found


def _walk(
    start: str, graph: Mapping[str, Node], state: dict[str, int], found: list[tuple[str, ...]]
) -> None:
    path = [start]
    branches = [iter(graph[start].dependencies)]
    state[start] = 1
    while path:
        step = next(branches[-1], None)
        if step is None:
            state[path.pop()] = 2
            branches.pop()
        elif state.get(step) == 1:
            circle = tuple(path[path.index(step) :])
            if circle not in found:
                found.append(circle)
        elif step in graph and step not in state:
            state[step] = 1
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


def chain_lengths(graph: Mapping[str, Node]) -> dict[str, int]:
    """For each open node that others wait for, how many open nodes the longest line behind it has.

    Nodes on a circle have no such line and are left out, as is everything in front of a circle.
    """
    needs = {
        node.id: open_needs
        for node in graph.values()
        if node.status not in COMPLETE and (open_needs := set(waiting_for(node, graph)))
    }
    waiters: dict[str, int] = {}
    for one in (one for open_needs in needs.values() for one in open_needs):
        waiters[one] = waiters.get(one, 0) + 1
    return _peeled(needs, waiters)


def _peeled(needs: Mapping[str, set[str]], waiters: dict[str, int]) -> dict[str, int]:
    """Take away, again and again, the nodes nobody waits for; *waiters* counts who is left."""
    lengths: dict[str, int] = {}
    queue = [one for one in needs if one not in waiters]
    while queue:
        here = queue.pop()
        line = lengths.get(here, 0) + 1
        for one in needs.get(here, ()):
            if line > lengths.get(one, 0):
                lengths[one] = line
            waiters[one] -= 1
            if not waiters[one]:
                queue.append(one)
    return lengths
