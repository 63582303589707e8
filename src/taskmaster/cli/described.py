"""The commands as data, read from the table and the parsers: for completion and manual pages."""

from __future__ import annotations

import argparse
from collections import namedtuple

from taskmaster.cli.parser import Parser, parser_of
from taskmaster.cli.table import ALIASES, COMMANDS
from taskmaster.domain.task import PRIORITIES, STATUSES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NamedTuple

    class Option(NamedTuple):
        """``names`` are empty for a command's words; ``kind`` says what may stand there:
        ids, tags, views, files, folders, commands, ``""`` for anything, ``None`` for nothing;
        ``choices`` are words that may.
        """

        names: Sequence[str]
        help: str
        metavar: str
        kind: str | None
        choices: Sequence[str]

    class Command(NamedTuple):
        name: str
        summary: str
        aliases: Sequence[str]
        words: Sequence[Option]
        options: Sequence[Option]
        examples: Sequence[str]

else:
    Option = namedtuple("Option", "names help metavar kind choices")
    Command = namedtuple("Command", "name summary aliases words options examples")

_KINDS = {
    "tag": "tags", "copy_from": "tags", "status": "statuses", "priority": "priorities",
    "view": "views", "what": "statuses", "depends_on": "ids", "dependencies": "ids",
    "parent": "ids",
}  # fmt: skip
_ACTIONS = "_ACTIONS"


def commands() -> list[Command]:
    """Every command of the table."""
    return [command(name) for name in COMMANDS]


def loaded(name: str) -> tuple[Parser, object]:
    """The parser of a command, and its module."""
    module_name, summary = COMMANDS[name]
    module = __import__(f"taskmaster.cli.commands.{module_name}", fromlist=["run"])
    return parser_of(name, module, summary), module


def command(name: str) -> Command:
    parser, module = loaded(name)
    shown = [one for one in parser._actions if one.help != argparse.SUPPRESS]  # noqa: SLF001  # no public way
    words = [_option(one) for one in shown if not one.option_strings]
    actions = tuple(getattr(module, _ACTIONS, ()))
    if actions and words:
        words[0] = words[0]._replace(choices=actions, kind=name)
    options = [_option(one) for one in shown if one.option_strings]
    aliases = [alias for alias, (first, *rest) in ALIASES.items() if first == name and not rest]
    examples: Sequence[str] = getattr(module, "EXAMPLES", ())
    return Command(name, COMMANDS[name][1], aliases, words, options, examples)


def _option(action: argparse.Action) -> Option:
    metavar = action.metavar if isinstance(action.metavar, str) else ""
    # As argparse: what takes no value says so with nargs.
    takes = action.nargs != 0
    shown = metavar or ("{" + ",".join(map(str, action.choices)) + "}" if action.choices else "")
    shown = shown or (action.dest.upper() if takes else "")
    choices = [str(one) for one in action.choices or ()]
    choices += STATUSES if "STATUS" in metavar.split() else ()
    kind = _kind(action.dest, metavar) if takes else None
    choices += {"statuses": STATUSES, "priorities": PRIORITIES}.get(kind or "", ())
    return Option(list(action.option_strings), action.help or "", shown, kind, choices)


def _kind(dest: str, metavar: str) -> str:
    """What stands there, told by its name."""
    first = metavar.partition(" ")[0].rstrip("…")
    if first in ("ID", "IDS"):
        return "ids"
    if first in ("FILE", "PATH"):
        return "files"
    if first == "DIR":
        return "folders"
    return "commands" if dest == "command" else _KINDS.get(dest, "")
