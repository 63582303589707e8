"""The signs that trees and bars are drawn with: Unicode, or ASCII where that is asked for."""

from __future__ import annotations

import os
import sys
from collections import namedtuple

from taskmaster.cli.answer import ICONS, cells, fitted, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping, Sequence
    from typing import NamedTuple

    class Glyphs(NamedTuple):
        """``levels`` are the heights of a bar from nothing to full; ``more`` marks what is cut."""

        icons: Mapping[str, str]
        fork: str
        end: str
        past: str
        levels: str
        empty: str
        arrow: str
        more: str

else:
    Glyphs = namedtuple("Glyphs", "icons fork end past levels empty arrow more")

UNICODE = Glyphs(ICONS, "├─ ", "└─ ", "│  ", " ▁▂▃▄▅▆▇█", "░", "→", "…")
ASCII = Glyphs(
    {
        "done": "x", "in-progress": ">", "pending": ".", "blocked": "!", "deferred": "=",
        "cancelled": "-", "review": "o",
    },
    "|- ", "`- ", "|  ", "  ...::##", "-", "->", "~",
)  # fmt: skip


def glyphs(args: Namespace) -> Glyphs:
    """ASCII when asked for, on a dumb terminal, or where the output cannot show more."""
    encoding = (getattr(sys.stdout, "encoding", "") or "utf-8").lower()
    plain = args.plain or os.environ.get("TERM") == "dumb" or not encoding.startswith("utf")
    return ASCII if plain else UNICODE


def cut(text: str, room: int, signs: Glyphs) -> str:
    """*text* in at most *room* columns."""
    shown = fitted(text, room).rstrip()
    return shown if signs is UNICODE else shown.replace("…", signs.more)


def bar(share: float, room: int, signs: Glyphs) -> str:
    """A bar of *room* columns, filled to *share*; anything done shows, anything left too."""
    filled = round(share * room)
    if 0 < share < 1:
        filled = min(max(filled, 1), room - 1)
    return signs.levels[-1] * filled + signs.empty * (room - filled)


def columns(values: Sequence[float], room: int, height: int, signs: Glyphs) -> list[str]:
    """A diagram of *height* rows and at most *room* columns; days share one where they must."""
    count = min(len(values), room)
    shown = [values[(number + 1) * len(values) // count - 1] for number in range(count)]
    steps = len(signs.levels) - 1
    most = max(shown, default=0) or 1
    filled = [_steps(value, most, height * steps) for value in shown]
    return [
        "".join(signs.levels[min(max(one - row * steps, 0), steps)] for one in filled)
        for row in range(height - 1, -1, -1)
    ]


def _steps(value: float, most: float, steps: int) -> int:
    return max(round(value / most * steps), 1) if value else 0


def wrapped(text: str, room: int, indent: str = "") -> list[str]:
    """*text* in lines of at most *room* columns, broken at blanks; a long word stands alone."""
    lines: list[str] = []
    for word in printable(text).split():
        if lines and cells(f"{lines[-1]} {word}") <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(f"{indent}{word}")
    return lines
