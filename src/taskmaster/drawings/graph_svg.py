"""A graph of tasks as one SVG picture: no scripts, nothing from elsewhere, readable in the dark."""

from __future__ import annotations

from collections import namedtuple

from taskmaster.domain import layers
from taskmaster.drawings.graphs import edges
from taskmaster.drawings.text import folded, xml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.drawings.graphs import Box, Graph

    Point = tuple[float, float]

    class _Plan(NamedTuple):
        """The upper left corner of each box, the points of each line, and the picture's size."""

        corners: Mapping[str, Point]
        lines: Mapping[tuple[str, str], Sequence[Point]]
        width: float
        height: float

else:
    _Plan = namedtuple("_Plan", "corners lines width height")

BOX_WIDTH, BOX_HEIGHT = 196, 52
_STEP_X, _STEP_Y = 260, 68
_MARGIN, _HEAD = 24, 64
_LETTERS, _FEWEST_COLUMNS = 25, 4
_LETTER_WIDTH = 7

_STYLE = """
.tamp text { font: 13px system-ui, sans-serif; fill: #212121; unicode-bidi: plaintext; }
.tamp .head { font-size: 17px; font-weight: 600; }
.tamp .small { font-size: 12px; fill: #555; }
.tamp .id { font-size: 12px; font-weight: 600; }
.tamp .paper { fill: #fff; }
.tamp rect.box { fill: #fff; stroke: #78909c; }
.tamp .done rect.box { fill: #e6f4ea; stroke: #2e7d32; }
.tamp .cancelled rect.box { fill: #eee; stroke: #9e9e9e; }
.tamp .in-progress rect.box { fill: #e3f2fd; stroke: #1565c0; }
.tamp .review rect.box { fill: #ede7f6; stroke: #5e35b1; }
.tamp .blocked rect.box { fill: #fdecea; stroke: #b3261e; }
.tamp .deferred rect.box { fill: #f5f5f5; stroke: #757575; stroke-dasharray: 4 3; }
.tamp .critical rect.box { stroke: #d84315; stroke-width: 3; }
.tamp path.line { fill: none; stroke: #90a4ae; stroke-width: 1.5; }
.tamp path.critical { stroke: #d84315; stroke-width: 3; }
.tamp path.circle { stroke: #ad1457; stroke-width: 2; stroke-dasharray: 6 4; }
.tamp .tip { fill: #90a4ae; }
.tamp .tip.critical { fill: #d84315; }
.tamp .tip.circle { fill: #ad1457; }
@media (prefers-color-scheme: dark) {
.tamp .paper { fill: #121212; }
.tamp .head, .tamp .small { fill: #e0e0e0; }
}
"""


def to_svg(graph: Graph, description: str) -> str:
    """The picture; *description* says in words what it shows, for those who cannot see it."""
    plan = _plan(graph)
    lines = [
        *opening("tamp", plan.width, plan.height, graph.title, description),
        f"<style>{_STYLE}</style>",
        '<rect class="paper" width="100%" height="100%"/>',
        f'<text class="head" x="{_MARGIN}" y="30">{xml(graph.title)}</text>',
        f'<text class="small" x="{_MARGIN}" y="49">{xml(_cut(description, plan.width))}</text>',
    ]
    for need, one, kind in sorted(edges(graph), key=lambda edge: edge[2]):
        points = plan.lines.get((need, one)) or _back(plan.corners[need], plan.corners[one])
        lines += _line(points, kind)
    for one, box in graph.boxes.items():
        lines += _box(box, plan.corners[one])
    return "\n".join([*lines, "</svg>"]) + "\n"


def _cut(text: str, width: float) -> str:
    return folded(text, int((width - 2 * _MARGIN) / _LETTER_WIDTH), 1)[0]


def opening(kind: str, width: float, height: float, title: str, description: str) -> Iterator[str]:
    """The first tags of a picture, with what it shows in words. *kind* is its class."""
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{kind}" role="img"'
        f' aria-labelledby="{kind}-title {kind}-desc" width="{width:g}" height="{height:g}"'
        f' viewBox="0 0 {width:g} {height:g}">'
    )
    yield f'<title id="{kind}-title">{xml(title)}</title>'
    yield f'<desc id="{kind}-desc">{xml(description)}</desc>'


def _plan(graph: Graph) -> _Plan:
    """Connected boxes in layers, and those without any line in rows below."""
    joined = {one for one, found in graph.needs.items() if found}
    joined |= {need for found in graph.needs.values() for need in found}
    joined |= {one for pair in graph.closing for one in pair}
    drawing = layers.arranged({one: graph.needs[one] for one in graph.needs if one in joined})
    corners = {one: _corner(*spot) for one, spot in drawing.spots.items()}
    columns = 1 + max((column for column, _height in drawing.spots.values()), default=0)
    rows = max((height + 1 for _column, height in drawing.spots.values()), default=0.0)
    loose = [one for one in graph.boxes if one not in joined]
    wide = max(columns, min(_FEWEST_COLUMNS, len(loose)))
    for number, one in enumerate(loose):
        corners[one] = _corner(number % wide, rows + number // wide + 0.25 * bool(joined))
    lines = {edge: _points(spots) for edge, spots in drawing.lines.items()}
    bottom = max((y for _x, y in corners.values()), default=0.0) + BOX_HEIGHT
    width = wide * _STEP_X - (_STEP_X - BOX_WIDTH) + 2 * _MARGIN
    return _Plan(corners, lines, max(width, 480), round(bottom + _MARGIN, 1))


def _corner(column: int, height: float) -> Point:
    return _MARGIN + column * _STEP_X, round(_HEAD + height * _STEP_Y, 1)


def _points(spots: Sequence[tuple[int, float]]) -> list[Point]:
    """Where a line leaves its first box, passes columns, and meets its last box."""
    found: list[Point] = []
    for number, spot in enumerate(spots):
        x, y = _corner(*spot)
        middle = y + BOX_HEIGHT / 2
        if number:
            found.append((x, middle))
        if number < len(spots) - 1:
            found.append((x + BOX_WIDTH, middle))
    return found


def _back(start: Point, end: Point) -> list[Point]:
    """The way of a line that closes a circle."""
    return [(start[0] + BOX_WIDTH, start[1] + 12), (end[0], end[1] + BOX_HEIGHT - 12)]


def _line(points: Sequence[Point], kind: str) -> Iterator[str]:
    (x, y), rest = points[0], points[1:]
    way = [f"M{x:g} {y:g}"]
    for number, (next_x, next_y) in enumerate(rest):
        if number % 2:
            way.append(f"L{next_x:g} {next_y:g}")
        else:
            reach = max((next_x - x) / 2, 60) if kind == "circle" else (next_x - x) / 2
            way.append(f"C{x + reach:g} {y:g} {next_x - reach:g} {next_y:g} {next_x:g} {next_y:g}")
        x, y = next_x, next_y
    yield f'<path class="line {kind}" d="{" ".join(way)}"/>'
    yield f'<path class="tip {kind}" d="M{x:g} {y:g}l-9 -4.5v9z"/>'


def _box(box: Box, corner: Point) -> Iterator[str]:
    x, y = corner
    names = f"{box.status} critical" if box.critical else box.status
    note = ", on the critical path" if box.critical else ""
    yield f'<g class="{xml(names)}">'
    yield f"<title>{xml(f'{box.id} {box.title} ({box.status}{note})')}</title>"
    yield (
        f'<rect class="box" x="{x:g}" y="{y:g}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="7"/>'
    )
    words = folded(f"{box.id}  {box.title}", _LETTERS, 2)
    first = y + (31 if len(words) == 1 else 22)
    for number, part in enumerate(words):
        yield (
            f'<text x="{x + BOX_WIDTH / 2:g}" y="{first + 18 * number:g}"'
            f' text-anchor="middle">{xml(part)}</text>'
        )
    yield "</g>"
