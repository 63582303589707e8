"""Who may wait for whom: judged edge by edge before a dependency is written down."""

from __future__ import annotations

from taskmaster.domain import graph
from taskmaster.errors import Invalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from taskmaster.ports import Reader

_MOST_LOOKS = 20
"""From then on, reading everything at once is quicker than going on step by step."""


class Edges:
    """Judges, edge by edge, who may wait for whom in one tag.

    Only what can be part of a circle is read: what is awaited, and what that waits for in turn.
    """

    def __init__(self, reader: Reader, tag: str) -> None:
        self._reader = reader
        self._tag = tag
        self._nodes: dict[str, graph.Node] = {}
        self._missing: set[str] = set()
        self._looks = 0

    def check(self, task_id: str, dependency: str) -> None:
        """Refuse, with Invalid, an edge that cannot be; see ``check_edge``."""
        self._read([task_id, dependency])
        self._read_behind([dependency])
        check_edge(self._nodes, task_id, dependency)

    def add(self, task_id: str, dependency: str) -> None:
        """Let the edges that come after this one be judged with it there."""
        node = self._nodes[task_id]
        together = (*node.dependencies, dependency)
        self._nodes[task_id] = node._replace(dependencies=together)

    def _read_behind(self, task_ids: Sequence[str]) -> None:
        """Read everything that these, which are read, wait for, directly or not."""
        seen = set(task_ids)
        front = list(task_ids)
        while front:
            nodes = [self._nodes[one] for one in front if one in self._nodes]
            behind = (one for node in nodes for one in node.dependencies if one not in seen)
            front = list(dict.fromkeys(behind))
            seen.update(front)
            self._read(front)

    def _read(self, wanted: Sequence[str]) -> None:
        unknown = [one for one in wanted if one not in self._nodes and one not in self._missing]
        if not unknown or self._looks > _MOST_LOOKS:
            return
        self._looks += 1
        few = self._looks <= _MOST_LOOKS
        read = self._reader
        found = read.around(self._tag, unknown) if few else read.nodes(self._tag)
        # What is here already may have edges that are not written down yet.
        self._nodes = {**found, **self._nodes}
        self._missing.update(one for one in unknown if one not in found)


def check_edge(nodes: Mapping[str, graph.Node], task_id: str, dependency: str) -> None:
    """Refuse, with Invalid, a dependency on itself, between a task and its own subtask, or one
    that closes a circle.
    """
    check_ends((task_id, nodes[task_id].parent), (dependency, nodes[dependency].parent))
    circle = graph.circle_closed_by(task_id, dependency, nodes)
    if circle:
        raise Invalid(
            f"that would close a circle: {' → '.join((*circle, circle[0]))}"
            " (each waits for the next)",
            hint="`tamp remove-dependency` takes one of those out first",
            code="circular-dependency",
        )


def check_ends(waiting: tuple[str, str], awaited: tuple[str, str]) -> None:
    """Refuse a dependency, of ends (id, id of its parent), that makes no sense by itself."""
    (task_id, parent), (dependency, its_parent) = waiting, awaited
    if task_id == dependency:
        raise Invalid(
            f"task {task_id} cannot depend on itself",
            hint="name another one that must be complete first",
            code="self-dependency",
        )
    if parent == dependency:
        raise Invalid(
            f"subtask {task_id} cannot wait for its own task {dependency}",
            hint="a task is complete when its subtasks are; let it wait for another subtask",
            code="parent-dependency",
        )
    if its_parent == task_id:
        raise Invalid(
            f"task {task_id} cannot wait for its own subtask {dependency}",
            hint="a task is complete when its subtasks are; nothing needs to say so",
            code="subtask-dependency",
        )
