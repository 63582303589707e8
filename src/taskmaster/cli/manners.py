"""What only some calls ask for: plain signs, a pager, words and timings on the other stream.

Loaded only then, so that the usual call does not pay for it.
"""

from __future__ import annotations

import os
import sys

from taskmaster import app
from taskmaster.cli.answer import cells, terminal, width
from taskmaster.errors import TampError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from taskmaster.cli.answer import Answer

PAGED = frozenset("list show history graph tree stats waves search coverage help".split())
_SIGNS = str.maketrans("✓►○⊘⏸✗◎█▒░…→·─│├└▁▂▃▄▅▆▇", "x>.!=-o#:-~>.-||`...::##", "\u2068\u2069")
_READY = "» "
# Answers whose lines are a program's.
VERBATIM = frozenset(
    ("completion.v1", "words.v1", "manual.v1", "export.v1", "setting.v1", "db-sql.v1")
)


def shown(name: str, answer: Answer, args: Namespace) -> bool:
    """Whether the pager has shown the answer: long, for a person, of a command that is read."""
    if args.plain or args.no_pager or not (name in PAGED or args.help):
        return False
    lines = formed(answer, args)
    if not pages(lines):
        return False
    # By name, as commands are loaded: processes are not for the usual way.
    turned = app.load("taskmaster.cli.pager:turned")
    return bool(turned("\n".join(lines) + "\n"))  # type: ignore[operator]


def formed(answer: Answer, args: Namespace) -> list[str]:
    """The lines as this screen can show them; what another program will read stays as it is."""
    if answer.schema in VERBATIM or "drawing" in answer.data:
        return list(answer.lines)
    lines = folded(answer.lines) if terminal() else list(answer.lines)
    return plain(lines) if args.plain else lines


def plain(lines: Sequence[str]) -> list[str]:
    """*lines* with an ASCII sign, as wide, in place of each that we draw with."""
    return [
        (f"> {line[2:]}" if line.startswith(_READY) else line).translate(_SIGNS) for line in lines
    ]


def pages(lines: Sequence[str]) -> bool:
    """Whether a person looks at a terminal that cannot show all of *lines* at once."""
    from taskmaster import config

    if not (sys.stdout.isatty() and sys.stdin.isatty()) or os.environ.get("TERM") == "dumb":
        return False
    try:
        screen = os.get_terminal_size(1)
    except OSError:
        return False
    # An agent on a terminal of its own would wait for ever: nobody there turns pages.
    if not screen.lines or config.actor(os.environ).kind != "person":
        return False
    rows = sum(max(-(-_shown(line) // max(screen.columns, 1)), 1) for line in lines)
    return rows >= screen.lines


def _shown(line: str) -> int:
    """The columns of a line that may hold colours."""
    import re

    return cells(re.sub(r"\x1b\[[0-9;]*m", "", line))


def where(args: Namespace) -> list[str]:
    """Which project, tag, file and engine a command works on."""
    from taskmaster import config
    from taskmaster.cli import session

    try:
        project, ws = session.project(args), session.workspace(args)
        storage = config.storage(project, os.environ)
    except TampError as error:
        return [f"project: none ({error.message})"]
    return [
        f"project: {project.root}",
        f"tag:     {ws.tag}",
        f"file:    {storage.address}"
        if storage.engine == "file"
        else f"tasks:   {config.place(project, storage)}",
        f"engine:  {ws.store.kind}",
        f"actor:   {ws.actor.name} ({ws.actor.kind})",
    ]


def folded(lines: Sequence[str]) -> list[str]:
    """*lines* no wider than the screen: broken at blanks, the rest indented below."""
    room = width()
    found: list[str] = []
    for line in lines:
        if len(line) * 2 <= room or _shown(line) <= room:
            found.append(line)
        else:
            found += _broken(line, room)
    return found


def _broken(line: str, room: int) -> list[str]:
    import re

    words = re.findall(r"\s*(?:\x1b\[[0-9;]*m)*\S+", line)
    indent = " " * min(len(line) - len(line.lstrip(" ")) + 2, room // 3)
    lines = [""]
    for word in words:
        if not lines[-1].strip() or _shown(lines[-1] + word) <= room:
            lines[-1] += word
        else:
            lines.append(indent + word.lstrip(" "))
        lines[-1:] = _cut(lines[-1], room, indent)
    return lines


def _cut(line: str, room: int, indent: str) -> list[str]:
    """A line whose single word is too long, in pieces; what may be a path or an address stays
    whole, to be copied: the terminal breaks it.
    """
    if line.isascii() or _shown(line) <= room or "\x1b" in line:
        return [line]
    lines = [""]
    for one in line:
        if cells(lines[-1] + one) > room:
            lines.append(indent)
        lines[-1] += one
    return lines
