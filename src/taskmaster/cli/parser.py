"""Command lines: argparse, with errors of our own kind and the options every command has."""

from __future__ import annotations

import argparse
import os
import sys

from taskmaster.errors import Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType


_FORMS = ("text", "json")
_SWITCHES = (
    ("", "--json", "answer with one JSON document"),
    ("-q", "--quiet", "no notes, only the answer"),
    ("-v", "--verbose", "say first which project, tag, file and engine"),
    ("", "--debug", "say how long each step took; show where a bug is"),
    ("", "--plain", "no colours, no pager, ASCII signs only"),
    ("", "--no-pager", "print long answers as they are"),
    ("-h", "--help", "show this help"),
)


class Parser(argparse.ArgumentParser):
    """Raises Usage in place of printing and leaving."""

    def error(self, message: str) -> None:  # type: ignore[override]  # it does not return there
        hint = f"`{self.prog} --help` shows what it takes, with examples"
        raise Usage(message, hint=_meant(message) + hint)


def _meant(message: str) -> str:
    """The nearest of the choices that argparse's *message* names, as the start of a hint."""
    import re

    given, *choices = re.findall(r"'([^']*)'", message.partition("invalid choice: ")[2]) or [""]
    from taskmaster.domain.words import meant

    return meant(given, choices)


class _Help(argparse.RawDescriptionHelpFormatter):
    """Names an option's value once, ``-t, --tag NAME``, as only newer Pythons do by themselves."""

    def _format_action_invocation(self, action: argparse.Action) -> str:
        if not action.option_strings or action.nargs == 0:
            return super()._format_action_invocation(action)
        value = self._format_args(action, self._get_default_metavar_for_optional(action))
        return f"{', '.join(action.option_strings)} {value}"


def _formatter(prog: str) -> argparse.HelpFormatter:
    # An explicit width keeps argparse from importing shutil and every compressor with it.
    return _Help(prog, width=96, max_help_position=30)


def parser_of(name: str, module: ModuleType, summary: str) -> Parser:
    """The parser of a command module, which has ``EXAMPLES`` and ``arguments(parser)``."""
    examples = "\n".join(f"  {line}" for line in module.EXAMPLES)
    parser = Parser(
        prog=f"tamp {name}",
        description=f"{summary}.",
        epilog=f"examples:\n{examples}",
        formatter_class=_formatter,
        allow_abbrev=False,
        add_help=False,
    )
    module.arguments(parser)
    _add_common(parser, getattr(module, "LEAVES", ()))
    return parser


def _add_common(parser: Parser, leaves: Sequence[str]) -> None:
    """The options of every command; a command keeps those it defines or *leaves* out itself."""
    group = parser.add_argument_group("options of every command")
    for short, name, metavar, help_text in (
        ("-t", "--tag", "NAME", "work on this tag (default: TAMP_TAG, else the current one)"),
        ("-p", "--project", "DIR", "the project's folder (default: the one we are in)"),
        ("-f", "--file", "PATH", "the task file itself"),
    ):
        if name not in leaves:
            _add(group, parser, short, name, metavar=metavar, default="", help=help_text)
    for short, name, help_text in _SWITCHES:
        _add(group, parser, short, name, action="store_true", help=help_text)
    accepted(parser, "--no-banner", why="there is no banner")


def _add(
    group: argparse._ArgumentGroup, parser: Parser, short: str, name: str, **how: object
) -> None:
    taken = parser._option_string_actions  # noqa: SLF001  # argparse has no public way to ask
    if name not in taken:
        names = [name] if not short or short in taken else [short, name]
        group.add_argument(*names, **how)  # type: ignore[arg-type]


def parsed(parser: Parser, words: Sequence[str]) -> argparse.Namespace:
    """The arguments. Raises Usage, with the nearest flag for one that is unknown."""
    if "--help" in words or "-h" in words:
        return asked(words, help=True)
    # Options may stand between a command's words; after "--" everything is a word anyway.
    mixed = "--" not in words
    args, unknown = (parser.parse_known_intermixed_args if mixed else parser.parse_known_args)(
        words
    )
    if unknown:
        raise _unknown(parser, unknown)
    return args


def asked(words: Sequence[str], **known: bool) -> argparse.Namespace:
    """The switches of every command, as far as *words* name them in full."""
    flags = {name.strip("-").replace("-", "_"): name in words for _, name, _ in _SWITCHES}
    return argparse.Namespace(**{**flags, **known})


def _unknown(parser: Parser, unknown: Sequence[str]) -> Usage:
    flags = [word.partition("=")[0] for word in unknown if word.startswith("-")]
    if not flags:
        return Usage(
            f"too many words: {' '.join(unknown)}",
            hint="put a text of several words in quotes",
        )
    import difflib
    import re

    kebab = re.sub(r"(?<=[a-z])([A-Z])", r"-\1", flags[0]).replace("_", "-").lower()
    known = list(parser._option_string_actions)  # noqa: SLF001  # argparse has no public way
    near = [kebab] if kebab in known else difflib.get_close_matches(kebab, known, 1)
    hint = f"did you mean {near[0]}?" if near else f"`{parser.prog} --help` shows them all"
    return Usage(f"{parser.prog} has no option {flags[0]}", hint=hint, code="unknown-option")


def text_or_input(given: str) -> str:
    """The type of an option whose text may come from standard input, where it is ``-``."""
    return sys.stdin.read().rstrip("\n") if given == "-" else given


def where_arguments(parser: argparse.ArgumentParser) -> None:
    """The options for doing something to every task that a query means."""
    parser.add_argument(
        "--where", metavar="EXPR", default="", help="in place of ids: every task the query means"
    )
    parser.add_argument("--dry-run", action="store_true", help="--where: only show what would be")
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")


def form_arguments(parser: argparse.ArgumentParser) -> None:
    """``--format`` and ``-f``, which people also use for ``--file`` because most commands do."""
    parser.add_argument("--format", choices=_FORMS, help="the same as --json")
    parser.add_argument(
        "-f", action=_FormOrFile, metavar="FORM", help="the same as --format, or as --file"
    )


class _FormOrFile(argparse.Action):
    def __call__(
        self, _parser: object, namespace: object, value: object, _option: str | None = None
    ) -> None:
        setattr(namespace, "format" if value in _FORMS else "file", value)


def accepted(parser: argparse.ArgumentParser, *names: str, why: str, values: int = 0) -> None:
    """Take a flag of the original tool that has no effect here, and say so when it is used."""
    parser.add_argument(*names, action=_Accepted, nargs=values, why=why, help=argparse.SUPPRESS)


class _Accepted(argparse.Action):
    def __init__(self, *args: object, why: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._why = why

    def __call__(
        self, _parser: object, _namespace: object, _values: object, option: str | None = None
    ) -> None:
        sys.stderr.write(f"note: {option} has no effect: {self._why}{os.linesep}")
