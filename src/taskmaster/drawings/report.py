"""A report as parts that a terminal, a picture or a page can draw, and its picture."""

from __future__ import annotations

from collections import namedtuple

from taskmaster.drawings.graph_svg import opening
from taskmaster.drawings.text import folded, xml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import NamedTuple

    class Bar(NamedTuple):
        """``value`` of at most ``most``, and what it says in words."""

        label: str
        value: float
        most: float
        words: str

    class Bars(NamedTuple):
        title: str
        bars: Sequence[Bar]
        note: str

    class Curve(NamedTuple):
        """What changed over time: (label, value) in order."""

        title: str
        points: Sequence[tuple[str, int]]
        note: str

    class Words(NamedTuple):
        title: str
        lines: Sequence[str]

    class Report(NamedTuple):
        title: str
        summary: str
        parts: Sequence[Part]

    Part = Bars | Curve | Words

else:
    Bar = namedtuple("Bar", "label value most words")
    Bars = namedtuple("Bars", "title bars note")
    Curve = namedtuple("Curve", "title points note")
    Words = namedtuple("Words", "title lines")
    Report = namedtuple("Report", "title summary parts")

WIDTH = 760
_MARGIN, _ROW, _LABEL, _BAR, _CURVE = 24, 22, 220, 300, 150
_LETTERS = 96

STYLE = """
.tamp-report text { font: 13px system-ui, sans-serif; fill: #212121; unicode-bidi: plaintext; }
.tamp-report .head { font-size: 18px; font-weight: 600; }
.tamp-report .part { font-size: 14px; font-weight: 600; }
.tamp-report .small { font-size: 12px; fill: #555; }
.tamp-report .paper { fill: #fff; }
.tamp-report .room { fill: #e0e0e0; }
.tamp-report .full { fill: #2e7d32; }
.tamp-report .area { fill: #1565c0; fill-opacity: .15; }
.tamp-report .curve { fill: none; stroke: #1565c0; stroke-width: 2; }
.tamp-report .axis { stroke: #9e9e9e; }
@media (prefers-color-scheme: dark) {
.tamp-report .paper { fill: #121212; }
.tamp-report text, .tamp-report .small { fill: #e0e0e0; }
.tamp-report .room { fill: #424242; }
}
"""


def to_svg(report: Report) -> str:
    """The whole report as one picture without scripts."""
    y = 62.0
    body: list[str] = []
    for part in report.parts:
        drawn = list(_part(part, y + 24))
        body += [shape for shape, _height in drawn]
        y += 24 + sum(height for _shape, height in drawn) + 8
    lines = [
        *opening("tamp-report", WIDTH, y + _MARGIN, report.title, report.summary),
        f"<style>{STYLE}</style>",
        '<rect class="paper" width="100%" height="100%"/>',
        f'<text class="head" x="{_MARGIN}" y="34">{xml(report.title)}</text>',
        f'<text x="{_MARGIN}" y="56">{xml(report.summary)}</text>',
        *body,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def chart_svg(part: Bars | Curve, number: int) -> str:
    """One part as a picture of its own, to stand in a page; *number* sets it apart there."""
    drawn = list(_bars(part, 16) if isinstance(part, Bars) else _curve(part, 16))
    height = 16 + sum(room for _shape, room in drawn)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="tamp-report" role="img"'
        f' aria-labelledby="part-{number}" width="{WIDTH}" height="{height:g}"'
        f' viewBox="0 0 {WIDTH} {height:g}">'
    )
    words = [head, f'<title id="part-{number}">{xml(part.title)}</title>']
    return "\n".join([*words, *(shape for shape, _height in drawn), "</svg>"])


def _part(part: Part, y: float) -> Iterator[tuple[str, float]]:
    """The shapes of a part from height *y* on, each with the room it takes downwards."""
    yield f'<text class="part" x="{_MARGIN}" y="{y:g}">{xml(part.title)}</text>', _ROW
    y += _ROW
    if isinstance(part, Words):
        for text in part.lines:
            for row in folded(text, _LETTERS, 4):
                yield f'<text x="{_MARGIN}" y="{y:g}">{xml(row)}</text>', _ROW - 2
                y += _ROW - 2
        return
    yield from _bars(part, y) if isinstance(part, Bars) else _curve(part, y)


def _bars(part: Bars, y: float) -> Iterator[tuple[str, float]]:
    for bar in part.bars:
        filled = _BAR * bar.value / bar.most if bar.most else 0.0
        left = _MARGIN + _LABEL
        yield f'<text x="{_MARGIN}" y="{y:g}">{xml(folded(bar.label, 30, 1)[0])}</text>', 0
        for kind, length in (("room", float(_BAR)), ("full", filled)):
            yield (
                (
                    f'<rect class="{kind}" x="{left}" y="{y - 11:g}" width="{length:.1f}"'
                    ' height="13" rx="3"/>'
                ),
                0,
            )
        words = f'<text class="small" x="{left + _BAR + 10}" y="{y:g}">{xml(bar.words)}</text>'
        yield words, _ROW
        y += _ROW
    if part.note:
        yield f'<text class="small" x="{_MARGIN}" y="{y:g}">{xml(part.note)}</text>', _ROW


def _curve(part: Curve, y: float) -> Iterator[tuple[str, float]]:
    """A stepless line over the days, with its first and last day and its highest value."""
    values = [value for _label, value in part.points]
    most = max(values, default=0) or 1
    left, room = _MARGIN + 40, WIDTH - 2 * _MARGIN - 40
    step = room / max(len(values) - 1, 1)
    bottom = y + _CURVE
    spots = [
        f"{left + number * step:.1f} {bottom - _CURVE * value / most:.1f}"
        for number, value in enumerate(values)
    ]
    line = "L".join(spots)
    yield f'<path class="area" d="M{left} {bottom:g}L{line}L{left + room} {bottom:g}z"/>', 0
    yield f'<path class="curve" d="M{line}"/>', 0
    yield f'<path class="axis" d="M{left} {bottom:g}h{room}"/>', 0
    yield f'<text class="small" x="{_MARGIN}" y="{y + 5:g}">{most}</text>', 0
    yield f'<text class="small" x="{_MARGIN}" y="{bottom:g}">0</text>', 0
    for x, anchor, (label, _value) in (
        (left, "start", part.points[0]),
        (left + room, "end", part.points[-1]),
    ):
        yield (
            (
                f'<text class="small" x="{x}" y="{bottom + 18:g}" text-anchor="{anchor}">'
                f"{xml(label)}</text>"
            ),
            0,
        )
    yield (
        f'<text class="small" x="{_MARGIN}" y="{bottom + 38:g}">{xml(part.note)}</text>',
        (_CURVE + 48),
    )
