"""The work of one tag as a graph of its own: what has to be finished before what.

Made from nodes, but simpler: a dependency on a subtask counts as one on its task where subtasks
are left out; where they are looked at, a task waits for its open subtasks, and they wait for what
their task waits for, because nobody can begin them earlier.
"""

from __future__ import annotations

from collections import namedtuple

from taskmaster.domain.task import COMPLETE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.domain.graph import Node

    Needs = Mapping[str, Sequence[str]]

    class Work(NamedTuple):
        """``needs`` has every id, in stored order, with what it waits for, each once.

        ``hours`` is the effort of those where it is known; ``gathers`` are the tasks that only
        wait for their own subtasks and hold no work themselves.
        """

        needs: Needs
        hours: Mapping[str, float]
        gathers: frozenset[str]

else:
    Work = namedtuple("Work", "needs hours gathers")


def open_work(nodes: Mapping[str, Node], *, subtasks: bool = False) -> Work:
    """What is not complete. An open subtask of a complete task is left out, unless somebody
    waits for it.
    """
    opened = {one for one, node in nodes.items() if node.status not in COMPLETE}
    chosen = [
        one for one in opened if not nodes[one].parent or (subtasks and nodes[one].parent in opened)
    ]
    return _work(nodes, chosen, opened, subtasks=subtasks)


def all_work(nodes: Mapping[str, Node], *, subtasks: bool = False) -> Work:
    """Everything, complete or not."""
    chosen = [one for one, node in nodes.items() if subtasks or not node.parent]
    return _work(nodes, chosen, set(nodes), subtasks=subtasks)


def _work(
    nodes: Mapping[str, Node], chosen: Sequence[str], counted: set[str], *, subtasks: bool
) -> Work:
    needs = {one: _needs(nodes[one], nodes, counted, subtasks=subtasks) for one in chosen}
    for one in [one for found in list(needs.values()) for one in found if one not in needs]:
        needs[one] = ()
    ordered = {one: needs[one] for one in nodes if one in needs}
    gathers = frozenset(
        one for one in ordered if subtasks and any(step in ordered for step in nodes[one].children)
    )
    hours = {one: _hours(nodes[one], nodes, counted) for one in ordered if one not in gathers}
    known = {one: found for one, found in hours.items() if found is not None}
    return Work(ordered, {**known, **dict.fromkeys(gathers, 0.0)}, gathers)


def _needs(
    node: Node, nodes: Mapping[str, Node], counted: set[str], *, subtasks: bool
) -> tuple[str, ...]:
    wanted: Iterator[str] = (one for one in node.dependencies if one in counted)
    found = [one if subtasks else _owner(one, nodes, counted) for one in wanted]
    if subtasks and node.parent:
        found += [one for one in nodes[node.parent].dependencies if one in counted]
    if subtasks:
        found += [one for one in node.children if one in counted]
    return tuple(dict.fromkeys(found))


def _owner(one: str, nodes: Mapping[str, Node], counted: set[str]) -> str:
    parent = nodes[one].parent
    return parent if parent and parent in counted else one


def _hours(node: Node, nodes: Mapping[str, Node], counted: set[str]) -> float | None:
    """The own estimate, else that of the subtasks that count, as far as they have any."""
    if node.task.estimate is not None:
        return max(node.task.estimate, 0.0)
    steps = [nodes[one].task.estimate for one in node.children if one in counted]
    known = [max(hours, 0.0) for hours in steps if hours is not None]
    return sum(known) if known else None


def around(needs: Needs, wanted: Iterable[str]) -> set[str]:
    """The wanted ids, all they wait for, and all that waits for them, however far."""
    chosen = list(wanted)
    return _reached(needs, chosen) | _reached(turned(needs), chosen)


def turned(needs: Needs) -> dict[str, list[str]]:
    """For each id, what waits for it."""
    waiters: dict[str, list[str]] = {one: [] for one in needs}
    for one, found in needs.items():
        for need in found:
            waiters[need].append(one)
    return waiters


def _reached(edges: Needs, start: Iterable[str]) -> set[str]:
    queue = list(start)
    seen = set(queue)
    while queue:
        for one in edges.get(queue.pop(), ()):
            if one not in seen:
                seen.add(one)
                queue.append(one)
    return seen
