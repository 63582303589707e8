"""Tasks and what is below them, or what waits for them, as rows of an indented list."""

from __future__ import annotations

from collections import namedtuple

from taskmaster.domain import forest, graph
from taskmaster.domain.task import COMPLETE
from taskmaster.usecases import selection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.domain.forest import Row
    from taskmaster.domain.graph import Node
    from taskmaster.workspace import Workspace

    class Tree(NamedTuple):
        tag: str
        rows: Sequence[Row]
        nodes: Mapping[str, Node]

else:
    Tree = namedtuple("Tree", "tag rows nodes")


def tree(
    ws: Workspace,
    *,
    root: str = "",
    depth: int = 0,
    statuses: frozenset[str] = frozenset(),
    dependencies: bool = False,
) -> Tree:
    """Every task with its subtasks, or with *dependencies* every task with what waits for it.

    *root* shows one branch. *statuses* leaves out what has another status, unless something
    below it has one of them. Raises NotFound.
    """
    with ws.reading() as reader:
        nodes = reader.nodes(ws.tag)
        start = [selection.one(reader, ws.tag, root).id] if root else []
    below: dict[str, Sequence[str]]
    if dependencies:
        waiters = graph.dependents(nodes)
        below = {one: waiters[one] for one in nodes if one in waiters}
    else:
        below = {one: node.children for one, node in nodes.items() if node.children}
    shown = list(nodes)
    if statuses:
        wanted = {one for one, node in nodes.items() if node.status in statuses}
        below = _leading_to(wanted, below)
        shown = [one for one in nodes if one in wanted or one in below]
    start = [one for one in start if one in shown] if root else forest.roots(shown, below)
    return Tree(ws.tag, list(forest.rows(start, below, depth)), nodes)


def _leading_to(
    wanted: Iterable[str], below: Mapping[str, Sequence[str]]
) -> dict[str, Sequence[str]]:
    """*below* with only the branches that end in something *wanted*."""
    above: dict[str, list[str]] = {}
    for one, steps in below.items():
        for step in steps:
            above.setdefault(step, []).append(one)
    kept = set(wanted)
    queue = list(kept)
    while queue:
        fresh = [one for one in above.get(queue.pop(), ()) if one not in kept]
        kept.update(fresh)
        queue += fresh
    shorter = {one: [step for step in below[one] if step in kept] for one in below if one in kept}
    return {one: steps for one, steps in shorter.items() if steps}


def open_below(node: Node, nodes: Mapping[str, Node]) -> tuple[int, int]:
    """How many of the subtasks are open, and how many there are."""
    steps = [nodes[one] for one in node.children if one in nodes]
    return sum(step.status not in COMPLETE for step in steps), len(steps)


def rows_to_json(found: Tree) -> list[dict[str, object]]:
    """The rows from top to bottom, as every face shows them."""
    return [_row_to_json(row, found) for row in found.rows]


def _row_to_json(row: Row, found: Tree) -> dict[str, object]:
    node = found.nodes[row.id]
    left, total = open_below(node, found.nodes)
    return {
        "id": row.id,
        "title": node.task.title,
        "status": node.status,
        "depth": row.depth,
        "mark": row.mark,
        "openSubtasks": left,
        "subtasks": total,
    }
