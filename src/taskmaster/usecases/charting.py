"""The graph of a tag's work, ready to be drawn."""

from __future__ import annotations

from collections import namedtuple

from taskmaster.domain import graph, paths
from taskmaster.domain import work as domain
from taskmaster.drawings import graphs
from taskmaster.drawings.graphs import Box, Graph
from taskmaster.usecases import selection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.domain.graph import Node
    from taskmaster.domain.paths import Path
    from taskmaster.domain.work import Needs
    from taskmaster.workspace import Workspace

    class Chart(NamedTuple):
        """``needs`` has every id shown with what it waits for; ``closing`` are the (what is
        waited for, who waits) that close circles: without them none is left. ``critical`` is the
        longest chain of open work among those shown.
        """

        tag: str
        needs: Needs
        closing: frozenset[tuple[str, str]]
        circles: Sequence[Sequence[str]]
        critical: Path
        nodes: Mapping[str, Node]

else:
    Chart = namedtuple("Chart", "tag needs closing circles critical nodes")


def chart(
    ws: Workspace,
    words: Iterable[str] = (),
    *,
    everything: bool = False,
    subtasks: bool = False,
) -> Chart:
    """The open work of the current tag, or *everything*; with *words*, only these tasks, what
    they wait for and what waits for them. Raises NotFound.
    """
    chosen = list(words)
    with ws.reading() as reader:
        nodes = reader.nodes(ws.tag)
        named = [task.id for task in selection.chosen(reader, ws.tag, chosen)] if chosen else []
    subtasks = subtasks or any(nodes[one].parent for one in named)
    opened = work = domain.open_work(nodes, subtasks=subtasks)
    if everything or not opened.needs.keys() >= set(named):
        work = domain.all_work(nodes, subtasks=subtasks)
    needs = work.needs if everything else _within(work.needs, opened.needs.keys() | set(named))
    if named:
        needs = _within(needs, domain.around(needs, named))
    closing = _closing(needs, nodes)
    part = opened._replace(needs=_within(opened.needs, needs))
    return Chart(ws.tag, needs, closing, paths.circles(needs), paths.critical_path(part), nodes)


def picture(found: Chart) -> Graph:
    """The chart as something that can be drawn."""
    critical = frozenset(found.critical.ids)
    boxes = {
        one: Box(one, found.nodes[one].task.title, found.nodes[one].status, one in critical)
        for one in found.needs
    }
    needs = {
        one: tuple([need for need in needs if (need, one) not in found.closing])
        for one, needs in found.needs.items()
    }
    title = f"Tasks of {found.tag}"
    return Graph(title, boxes, needs, sorted(found.closing), found.critical.ids)


def described(found: Chart) -> str:
    """The chart in a sentence."""
    count = len(found.needs)
    parts = [f"{count} {'task' if count == 1 else 'tasks'}"]
    path = found.critical
    if len(path.ids) > 1:
        length = f"{path.total:g} h, " if path.by == "estimate" else ""
        parts.append(f"critical path: {' → '.join(path.ids)} ({length}{len(path.ids)} tasks)")
    if path.guessed and len(path.ids) > 1:
        parts.append(
            f"{path.guessed} of them without an estimate count as the median of the others"
        )
    parts += [f"in a circle: {', '.join(circle)}" for circle in found.circles]
    return "; ".join(parts)


def drawn(found: Chart, form: str) -> str:
    """The chart as mermaid, dot or svg."""
    from taskmaster.drawings import graph_svg

    drawing = picture(found)
    if form == "svg":
        return graph_svg.to_svg(drawing, described(found))
    return graphs.to_mermaid(drawing) if form == "mermaid" else graphs.to_dot(drawing)


def chart_to_json(found: Chart) -> dict[str, object]:
    """The chart, as every face shows it."""
    path = found.critical
    nodes = [
        {
            "id": one,
            "title": found.nodes[one].task.title,
            "status": found.nodes[one].status,
            "critical": one in path.ids,
        }
        for one in found.needs
    ]
    edges = [{"from": need, "to": one} for one, needs in found.needs.items() for need in needs]
    return {
        "nodes": nodes,
        "edges": edges,
        "criticalPath": {
            "ids": list(path.ids),
            "total": path.total,
            "by": path.by,
            "withoutEstimate": path.guessed,
        },
        "circles": [list(circle) for circle in found.circles],
        "tag": found.tag,
    }


def _within(needs: Needs, kept: Container[str]) -> dict[str, tuple[str, ...]]:
    return {
        one: tuple([need for need in found if need in kept])
        for one, found in needs.items()
        if one in kept
    }


def _closing(needs: Needs, nodes: Mapping[str, Node]) -> frozenset[tuple[str, str]]:
    bare = {one: nodes[one]._replace(dependencies=tuple(found)) for one, found in needs.items()}
    return frozenset((awaited, waiting) for waiting, awaited in graph.closing_edges(bare))
