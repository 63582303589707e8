"""A report drawn with letters, as wide as the screen allows."""

from __future__ import annotations

from taskmaster.cli.answer import cells, painted
from taskmaster.cli.glyphs import bar, columns, cut, wrapped
from taskmaster.drawings.report import Bars, Words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from taskmaster.cli.glyphs import Glyphs
    from taskmaster.drawings.report import Curve, Part, Report

_WIDEST_LABEL, _WIDEST_BAR, _HEIGHT = 48, 40, 6


def lines(report: Report, room: int, signs: Glyphs) -> Iterator[str]:
    """The report in lines of at most *room* columns."""
    for text in wrapped(report.title, room):
        yield painted(text, "bold")
    yield from wrapped(report.summary, room)
    for part in report.parts:
        yield ""
        yield painted(part.title, "bold")
        yield from _part(part, room, signs)


def _part(part: Part, room: int, signs: Glyphs) -> Iterator[str]:
    if isinstance(part, Words):
        for text in part.lines:
            first, *rest = wrapped(text, room - 2)
            yield f"  {first}"
            yield from (f"  {more}" for more in rest)
    elif isinstance(part, Bars):
        yield from _bars(part, room, signs)
    else:
        yield from _curve(part, room, signs)


def _bars(part: Bars, room: int, signs: Glyphs) -> Iterator[str]:
    """Labels get what they need, up to a third; the bars what is left."""
    widest = max((cells(one.label) for one in part.bars), default=0)
    label = min(widest, _WIDEST_LABEL, max(room // 3, 8))
    words = max((cells(one.words) for one in part.bars), default=0)
    length = max(min(room - label - words - 6, _WIDEST_BAR), 4)
    for one in part.bars:
        share = one.value / one.most if one.most else 0.0
        drawn = painted(bar(share, length, signs), "green")
        name = cut(one.label, label, signs)
        yield f"  {name}{' ' * (label - cells(name))}  {drawn}  {one.words}"
    if part.note:
        yield from (f"  {text}" for text in wrapped(part.note, room - 2))


def _curve(part: Curve, room: int, signs: Glyphs) -> Iterator[str]:
    values = [value for _label, value in part.points]
    most = str(max(values, default=0))
    side = len(most)
    rows = columns(values, room - side - 4, _HEIGHT, signs)
    for number, row in enumerate(rows):
        scale = most if not number else "0" if number == _HEIGHT - 1 else ""
        yield f"  {scale.rjust(side)} {painted(row, 'blue')}".rstrip()
    yield from (f"  {text}" for text in wrapped(part.note, room - 2))
