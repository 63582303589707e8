"""``tamp help``"""

from __future__ import annotations

from taskmaster.cli.answer import Answer, painted
from taskmaster.cli.table import ALIASES, COMMANDS, SECTIONS
from taskmaster.errors import Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

EXAMPLES = ("tamp help", "tamp help set-status", "tamp set-status --help", "tamp help --man list")


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("command", nargs="?", help="the command to explain")
    parser.add_argument("--man", action="store_true", help="as a manual page: roff, for man -l -")


def run(args: Namespace) -> Answer:
    if args.man:
        return _manual(args.command)
    if args.command:
        return _of_command(args.command)
    data = {"commands": [{"name": name, "summary": help_} for name, (_, help_) in COMMANDS.items()]}
    lines = [
        "tamp: one task graph that people, coding agents and servers change without losing a thing",
        "",
        "usage: tamp COMMAND [options]     tamp help COMMAND explains one, with examples",
        "",
        *_sections(),
        "",
        "every command takes --json, --tag NAME, --project DIR; exit codes: 0 done, 2 usage,",
        "3 not found, 4 invalid, 5 conflict or busy, 6 unreadable store, 7 unavailable,",
        "8 not permitted",
    ]
    return Answer("help.v1", data, lines)


def _sections() -> Iterator[str]:
    room = max(map(len, COMMANDS))
    for name, (_, help_) in COMMANDS.items():
        if name in SECTIONS:
            yield painted(SECTIONS[name], "dim")
        yield f"  {painted(name.ljust(room), 'bold')}  {help_}"


def _manual(name: str | None) -> Answer:
    from taskmaster.cli import manual

    text = manual.command_page(_known(name)) if name else manual.main_page()
    return Answer("manual.v1", {"manual": text}, text.rstrip("\n").split("\n"))


def _known(name: str) -> str:
    """The command that *name* means. Raises Usage."""
    name = ALIASES.get(name, (name,))[0]
    if name not in COMMANDS:
        from taskmaster.domain.words import meant

        hint = meant(name, [*COMMANDS, *ALIASES])
        raise Usage(
            f"there is no command {name}",
            hint=f"{hint}`tamp help` lists the commands",
            code="unknown-command",
        )
    return name


def _of_command(name: str) -> Answer:
    from taskmaster.cli.parser import parser_of

    name = ALIASES.get(name, (name,))[0]
    if name not in COMMANDS:
        from taskmaster.cli import elsewhere

        if name in elsewhere.ELSEWHERE:
            return elsewhere.answer(name, ["--help"])
    name = _known(name)
    module_name, summary = COMMANDS[name]
    module = __import__(f"taskmaster.cli.commands.{module_name}", fromlist=["run"])
    text = parser_of(name, module, summary).format_help()
    return Answer("help.v1", {"help": text}, text.rstrip("\n").split("\n"))
