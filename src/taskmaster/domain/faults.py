"""What is wrong with the dependencies of one tag, entry by entry, in an order that never varies."""

from __future__ import annotations

from collections import namedtuple

from taskmaster.domain import graph, ids

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.domain.graph import Node
    from taskmaster.domain.task import Task

    class Problem(NamedTuple):
        """A dependency entry that should not be there.

        ``kind`` is missing, self, circular, duplicate or unreadable; ``dependency`` is the id it
        means, or its text when it means none; ``places`` says where in the list it stands, and is
        empty where the whole list cannot be read.
        """

        kind: str
        tag: str
        task: str
        dependency: str
        places: tuple[int, ...]
        message: str

else:
    Problem = namedtuple("Problem", "kind tag task dependency places message")


LONGEST_TRAIL = 12


def problems_of(tag: str, nodes: Mapping[str, Node]) -> list[Problem]:
    """What is wrong in one tag: entry by entry, then the circles that are left without those.

    Taking every problem's entry out leaves dependencies with nothing wrong in them.
    """
    found = [one for node in nodes.values() for one in _of_node(tag, node, nodes)]
    harmless = ("duplicate", "unreadable")
    wrong = {(one.task, one.dependency) for one in found if one.kind not in harmless}
    sound = {
        node.id: node._replace(
            dependencies=tuple([one for one in node.dependencies if (node.id, one) not in wrong])
        )
        for node in nodes.values()
    }
    return found + _circles(tag, sound)


def _of_node(tag: str, node: Node, nodes: Mapping[str, Node]) -> Iterator[Problem]:
    raw = _list(node.task)
    if not isinstance(raw, list):
        if raw is not None:
            message = f"{node.id} has {raw!r} where a list of ids should be"
            yield Problem("unreadable", tag, node.id, str(raw), (), message)
        return
    seen: set[str] = set()
    for place, one in entries(node.task):
        if not one:
            message = f"{node.id} has a dependency that is no id: {raw[place]!r}"
            yield Problem("unreadable", tag, node.id, repr(raw[place]), (place,), message)
        elif one in seen:
            message = f"{node.id} names {one} more than once"
            yield Problem("duplicate", tag, node.id, one, (place,), message)
        elif wrong := _wrong(node, one, nodes):
            yield Problem(wrong[0], tag, node.id, one, (place,), wrong[1])
        seen.add(one)


def _wrong(node: Node, one: str, nodes: Mapping[str, Node]) -> tuple[str, str] | None:
    if one == node.id:
        return "self", f"{node.id} waits for itself"
    if one not in nodes:
        return "missing", f"{node.id} waits for {one}, which does not exist"
    if one == node.parent:
        return "circular", f"subtask {node.id} waits for its own task {one}"
    if nodes[one].parent == node.id:
        return "circular", f"task {node.id} waits for its own subtask {one}"
    return None


def _list(task: Task) -> object:
    """The stored list of dependencies, under its newer or its older name."""
    raw = task.doc.get("dependencies")
    return task.doc.get("dependsOn") if raw is None else raw


def entries(task: Task) -> list[tuple[int, str]]:
    """Each stored entry's place, with the full id it means or ``""``."""
    raw = _list(task)
    meanings = iter(task.dependencies)
    if not isinstance(raw, list):
        return []
    return [(place, next(meanings) if ids.normal(one) else "") for place, one in enumerate(raw)]


def _circles(tag: str, nodes: dict[str, Node]) -> list[Problem]:
    """One problem for each edge that has to go until no circle is left."""
    order = {name: place for place, name in enumerate(nodes)}
    found: list[Problem] = []
    while circles := graph.cycles(nodes):
        if len(circles) == graph.MOST_CIRCLES:
            return found + _untangled(tag, nodes)
        for circle in circles:
            edges = list(zip(circle, (*circle[1:], circle[0]), strict=True))
            if any(one not in nodes[task].dependencies for task, one in edges):
                continue  # An edge of it went with a circle before; the next look will tell.
            task, one = min(edges, key=lambda edge: _worth(edge, nodes, order))
            _cut(nodes, task, one)
            found.append(_circle_problem(tag, nodes[task], one, circle))
    return found


def _untangled(tag: str, nodes: dict[str, Node]) -> list[Problem]:
    """The same for a tangle: the edges that close the circles go, whatever they are worth."""
    found: list[Problem] = []
    for task, one in dict.fromkeys(graph.closing_edges(nodes)):
        _cut(nodes, task, one)
        found.append(_circle_problem(tag, nodes[task], one, (one, "…", task)))
    return found


def _cut(nodes: dict[str, Node], task: str, one: str) -> None:
    kept = tuple([name for name in nodes[task].dependencies if name != one])
    nodes[task] = nodes[task]._replace(dependencies=kept)


def _worth(
    edge: tuple[str, str], nodes: Mapping[str, Node], order: Mapping[str, int]
) -> tuple[int, int]:
    """How much is lost with an edge: nothing where work is complete, little where an earlier task
    waits for a later one (the further ahead, the less), most where a later waits for an earlier.
    """
    task, one = edge
    if nodes[task].task.complete or nodes[one].task.complete:
        return 0, order[task]
    ahead = order[one] - order[task]
    return (1, -ahead) if ahead > 0 else (2, -ahead)


def _circle_problem(tag: str, node: Node, one: str, circle: Sequence[str]) -> Problem:
    places = tuple([place for place, name in entries(node.task) if name == one])
    shown = circle if len(circle) <= LONGEST_TRAIL else (*circle[: LONGEST_TRAIL - 1], "…")
    trail = " → ".join((*shown, circle[0]))
    message = f"{node.id} waits for {one} in a circle: {trail} (each waits for the next)"
    return Problem("circular", tag, node.id, one, places, message)


def without(task: Task, places: Iterable[int]) -> Task:
    """The task without the entries at these places of its list; the others stay as written."""
    raw = _list(task)
    gone = set(places)
    if not gone or not isinstance(raw, list):
        return task
    key = "dependsOn" if task.doc.get("dependencies") is None else "dependencies"
    return task.with_fields({key: [one for place, one in enumerate(raw) if place not in gone]})
