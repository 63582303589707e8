"""A chart of work as Mermaid, as DOT and as SVG."""

from __future__ import annotations

from collections import namedtuple
from itertools import pairwise

from taskmaster.drawings.text import dot, folded, mermaid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.domain.work import Needs

    class Box(NamedTuple):
        id: str
        title: str
        status: str
        critical: bool

    class Graph(NamedTuple):
        """``needs`` maps each id to what it waits for, free of circles; ``closing`` has the
        (what is waited for, who waits) that would close some; ``critical`` is the longest chain.
        """

        title: str
        boxes: Mapping[str, Box]
        needs: Needs
        closing: Sequence[tuple[str, str]]
        critical: Sequence[str]

else:
    Box = namedtuple("Box", "id title status critical")
    Graph = namedtuple("Graph", "title boxes needs closing critical")

_COLOURS = {
    "done": ("#e6f4ea", "#2e7d32"),
    "cancelled": ("#eeeeee", "#757575"),
    "in-progress": ("#e3f2fd", "#1565c0"),
    "review": ("#ede7f6", "#5e35b1"),
    "blocked": ("#fdecea", "#b3261e"),
    "deferred": ("#f5f5f5", "#616161"),
}
_OTHER = ("#ffffff", "#455a64")
_CRITICAL, _CIRCLE = "#d84315", "#ad1457"


def edges(graph: Graph) -> Iterator[tuple[str, str, str]]:
    """(what is waited for, who waits, kind): the kind is critical, circle or ``""``."""
    chain = set(pairwise(graph.critical))
    for one, found in graph.needs.items():
        for need in found:
            yield need, one, "critical" if (need, one) in chain else ""
    for need, one in graph.closing:
        yield need, one, "circle"


def to_mermaid(graph: Graph) -> str:
    """The graph as a Mermaid flowchart."""
    names = {one: f"n{number}" for number, one in enumerate(graph.boxes)}
    lines = ["flowchart LR"]
    lines += [
        f'  {names[one]}["{mermaid(f"{one} {box.title}")}"]' for one, box in graph.boxes.items()
    ]
    numbers: dict[str, list[str]] = {"critical": [], "circle": []}
    for number, (need, one, kind) in enumerate(edges(graph)):
        lines.append(f"  {names[need]} {'-.->' if kind == 'circle' else '-->'} {names[one]}")
        numbers.setdefault(kind, []).append(str(number))
    lines += _classes(graph, names)
    for kind, colour in (("critical", _CRITICAL), ("circle", _CIRCLE)):
        if numbers[kind]:
            lines.append(f"  linkStyle {','.join(numbers[kind])} stroke:{colour},stroke-width:3px")
    return "\n".join(lines) + "\n"


def _classes(graph: Graph, names: Mapping[str, str]) -> Iterator[str]:
    """The colours of the boxes, as Mermaid classes."""
    members: dict[str, list[str]] = {}
    for one, box in graph.boxes.items():
        status = box.status if box.status in _COLOURS else "open"
        members.setdefault(status, []).append(names[one])
    for status, found in members.items():
        fill, stroke = _COLOURS.get(status, _OTHER)
        name = status.replace("-", "")
        yield f"  classDef {name} fill:{fill},stroke:{stroke},color:#212121"
        yield f"  class {','.join(found)} {name}"
    critical = [names[one] for one, box in graph.boxes.items() if box.critical]
    if critical:
        yield f"  classDef critical stroke:{_CRITICAL},stroke-width:3px"
        yield f"  class {','.join(critical)} critical"


def to_dot(graph: Graph) -> str:
    """The graph in the language of Graphviz."""
    lines = [
        "digraph tasks {",
        f"  graph [rankdir=LR, label={dot(graph.title)}, labelloc=t]",
        '  node [shape=box, style="rounded,filled", fontname="sans-serif", fontcolor="#212121"]',
    ]
    for one, box in graph.boxes.items():
        fill, stroke = _COLOURS.get(box.status, _OTHER)
        stroke, width = (_CRITICAL, 3) if box.critical else (stroke, 1)
        label = "\\n".join(dot(part)[1:-1] for part in folded(f"{one} {box.title}", 28, 3))
        lines.append(
            f'  {dot(one)} [label="{label}", tooltip={dot(box.title)}, fillcolor="{fill}",'
            f' color="{stroke}", penwidth={width}]'
        )
    looks = {
        "": "",
        "critical": f' [color="{_CRITICAL}", penwidth=3]',
        "circle": f' [color="{_CIRCLE}", style=dashed]',
    }
    lines += [f"  {dot(need)} -> {dot(one)}{looks[kind]}" for need, one, kind in edges(graph)]
    return "\n".join([*lines, "}"]) + "\n"
