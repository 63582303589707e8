"""What a command answers: data for programs and lines for people, of which one is printed."""

from __future__ import annotations

import os
import sys
from collections import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NamedTuple

    class Answer(NamedTuple):
        """``schema`` names the form of ``data`` (``tasks.v1``); ``code`` is the exit code.

        ``notes`` go to the diagnostics stream in both forms.
        """

        schema: str
        data: Mapping[str, object]
        lines: Sequence[str]
        code: int = 0
        notes: Sequence[str] = ()

else:
    Answer = namedtuple("Answer", "schema data lines code notes", defaults=(0, ()))

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34",
          "cyan": "36"}  # fmt: skip
_WEIGHTLESS = ("Mn", "Me", "Cf")
ICONS = {
    "done": "✓", "in-progress": "►", "pending": "○", "blocked": "⊘", "deferred": "⏸",
    "cancelled": "✗", "review": "◎",
}  # fmt: skip
COLOURS = {
    "done": "green", "in-progress": "cyan", "blocked": "red", "cancelled": "dim",
    "deferred": "dim", "review": "blue", "critical": "red", "high": "yellow", "low": "dim",
}  # fmt: skip


_ASKED = {"plain": False}


def choose(*, plain: bool) -> None:
    """Whether this call has asked for neither colours nor signs beyond ASCII."""
    _ASKED["plain"] = plain


def colourful() -> bool:
    """Whether to colour: what is asked for, where the surroundings ask, on a terminal that can.

    ``--plain`` goes first, then NO_COLOR, then FORCE_COLOR and CLICOLOR_FORCE, then CLICOLOR=0.
    """
    given = os.environ.get
    if _ASKED["plain"] or given("NO_COLOR"):
        return False
    if forced := given("FORCE_COLOR") or given("CLICOLOR_FORCE"):
        return forced not in ("0", "false")
    return terminal() and given("CLICOLOR") != "0" and given("TERM") != "dumb"


def terminal() -> bool:
    """Whether people look at the output as it is printed."""
    return sys.stdout.isatty()


def painted(text: str, *styles: str) -> str:
    """*text* in colour on a terminal, as it is elsewhere."""
    codes = ";".join(_CODES[style] for style in styles if style in _CODES)
    return f"\x1b[{codes}m{text}\x1b[0m" if codes and text and colourful() else text


def width() -> int:
    """Columns to fill: the terminal's, 80 for one that does not say, else 100."""
    try:
        return int(os.environ.get("COLUMNS") or os.get_terminal_size(1).columns) or 80
    except (OSError, ValueError):
        return 100


def cells(text: str) -> int:
    """How many columns *text* takes on a terminal: wide characters take two, marks none."""
    if text.isascii():
        return len(text)
    import unicodedata

    marks = sum(unicodedata.category(one) in _WEIGHTLESS for one in text)
    wide = sum(unicodedata.east_asian_width(one) in "WF" for one in text)
    return len(text) - marks + wide


def fitted(text: str, room: int) -> str:
    """*text* in exactly *room* columns: cut with an ellipsis or filled with blanks."""
    text = printable(text)
    taken = cells(text)
    if taken <= room:
        return text + " " * (room - taken)
    kept, left = 0, room - 1
    while kept < len(text) and (taken := cells(text[kept])) <= left:
        kept, left = kept + 1, left - taken
    return text[:kept] + "…" + " " * left


def isolated(text: str) -> str:
    """*text* so that words from right to left leave in place what stands around it on a terminal.

    Blanks at its end stay outside: they fill the column.
    """
    if text.isascii() or not terminal():
        return text
    import unicodedata

    if not any(unicodedata.bidirectional(one) in ("R", "AL") for one in text):
        return text
    words = text.rstrip()
    return f"\u2068{words}\u2069{text[len(words) :]}"


def printable(text: str) -> str:
    """*text* on one line, without control characters that a terminal would obey."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else " " for one in text)


def safe(text: str) -> str:
    """Text of several lines without control characters that a terminal would obey."""
    return "\n".join(printable(line) for line in text.split("\n"))
