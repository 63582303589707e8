"""Who waits for whom while a batch is carried out.

Looking for a circle after every operation would take a walk through the whole tag each time. Here
an edge is judged by its two ends when it is made, and all of them together at the end.
"""

from __future__ import annotations

from taskmaster.domain import graph
from taskmaster.usecases import selection
from taskmaster.usecases.edges import Edges, check_edge, check_ends

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from taskmaster.domain.graph import Node
    from taskmaster.ports import Reader

    Added = tuple[int, str, str]


class Wiring(Edges):
    """The edges that a batch adds; ``index`` is the operation that is being carried out."""

    def __init__(self, reader: Reader, tag: str) -> None:
        super().__init__(reader, tag)
        self.index = 0
        self._added: list[Added] = []
        self._waiters: dict[str, list[str]] | None = None

    def check(self, task_id: str, dependency: str) -> None:
        """Refuse an edge that makes no sense by itself; circles are left to ``judge``."""
        check_ends(self._end(task_id), self._end(dependency))

    def _end(self, task_id: str) -> tuple[str, str]:
        task = selection.one(self._reader, self._tag, task_id)
        return task.id, task.parent.id if task.parent else ""

    def add(self, task_id: str, dependency: str) -> None:
        self._added.append((self.index, task_id, dependency))
        if self._waiters is not None:
            self._waiters.setdefault(dependency, []).append(task_id)

    def waiting_for(self, awaited: Iterable[str]) -> list[str]:
        """The ids that may wait for one of these: all that do, and some that did before."""
        if self._waiters is None:
            self._waiters = graph.dependents(self._reader.nodes(self._tag))
        found = [name for one in awaited for name in self._waiters.get(one, ())]
        return list(dict.fromkeys(found))

    def judge(self) -> None:
        """Raises Invalid for an added edge that closes a circle; ``index`` is who made it then."""
        self._read([one for edge in self._added for one in edge[1:]])
        self._read_behind([one for _, _, one in self._added])
        nodes = self._nodes
        if not graph.cycles(nodes):
            return
        edges = [edge for edge in self._added if edge[2] in _awaited(nodes, edge[1])]
        before = _without(nodes, edges)
        if not graph.cycles(before):
            edges = edges[_harmless(before, edges) :]
        nodes = _without(nodes, edges)
        for self.index, task, one in edges:
            check_edge(nodes, task, one)
            nodes[task] = nodes[task]._replace(dependencies=(*nodes[task].dependencies, one))


def _awaited(nodes: Mapping[str, Node], task_id: str) -> tuple[str, ...]:
    return nodes[task_id].dependencies if task_id in nodes else ()


def _without(nodes: Mapping[str, Node], edges: Iterable[Added]) -> dict[str, Node]:
    gone: dict[str, set[str]] = {}
    for _, task, one in edges:
        gone.setdefault(task, set()).add(one)
    found = dict(nodes)
    for task, ones in gone.items():
        kept = tuple([one for one in nodes[task].dependencies if one not in ones])
        found[task] = nodes[task]._replace(dependencies=kept)
    return found


def _with(nodes: Mapping[str, Node], edges: Iterable[Added]) -> dict[str, Node]:
    more: dict[str, list[str]] = {}
    for _, task, one in edges:
        more.setdefault(task, []).append(one)
    found = dict(nodes)
    for task, ones in more.items():
        found[task] = nodes[task]._replace(dependencies=(*nodes[task].dependencies, *ones))
    return found


def _harmless(before: Mapping[str, Node], edges: Sequence[Added]) -> int:
    """How many of the edges can be made before the first that closes a circle."""
    sound, closing = 0, len(edges)
    while closing - sound > 1:
        middle = (sound + closing) // 2
        if graph.cycles(_with(before, edges[:middle])):
            closing = middle
        else:
            sound = middle
    return sound
