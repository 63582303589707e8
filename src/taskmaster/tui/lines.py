"""Lines that pages are made of, and text of any kind made fit for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from rich.console import Console
from rich.text import Text

from taskmaster.domain.task import COMPLETE

Draw = Callable[[int], Text]

ICONS = {
    "done": "✓", "in-progress": "►", "pending": "○", "blocked": "⊘", "deferred": "⏸",
    "cancelled": "✗", "review": "◎",
}  # fmt: skip
COLOURS = {
    "done": "green", "in-progress": "cyan", "blocked": "red", "cancelled": "dim",
    "deferred": "dim", "review": "blue", "critical": "red", "high": "yellow", "low": "dim",
}  # fmt: skip
LONGEST = 2000
TAB = "    "
_RULER = Console(width=80, force_terminal=False, color_system=None)


class Line(NamedTuple):
    """``key`` is how the line is known when the page is drawn anew, ``draw`` makes its text for so
    many columns, ``task`` is the task it is about, ``""`` for none.
    """

    key: str
    draw: Draw
    task: str = ""


Make = Callable[[int], Sequence[Line]]


class Found(NamedTuple):
    """What a page shows: ``head`` in words, ``columns`` above the lines, the lines by part."""

    head: str
    parts: dict[str, Make]
    columns: Draw | None = None


def clean(text: str) -> str:
    """*text* on one line, without control characters that a terminal would obey."""
    text = text.replace("\t", TAB)
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else " " for one in text)


def cell(text: str, room: int, style: str = "") -> Text:
    """*text* in exactly *room* columns, cut with an ellipsis or filled with blanks."""
    made = Text(clean(text[:LONGEST]), style, no_wrap=True, end="")
    made.truncate(max(room, 0), overflow="ellipsis", pad=True)
    return made


def wrapped(text: str, room: int, style: str = "", indent: str = "") -> Iterator[Text]:
    """The lines of *text* in at most *room* columns each, control characters taken out."""
    for line in text.split("\n"):
        made = Text(clean(line), style, end="")
        for piece in made.wrap(_RULER, max(room - len(indent), 8)) or [made]:
            yield Text(indent, end="") + piece


def fixed(key: str, text: Text, task: str = "") -> Line:
    """A line that is the same in any width."""
    return Line(key, lambda _width: text, task)


def icon(status: str) -> str:
    return ICONS.get(status, "?")


def style_of(status: str) -> str:
    return "dim" if status in COMPLETE else ""
