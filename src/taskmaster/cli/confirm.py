"""Asking a person on the terminal before work that takes something away.

One rule for every command: ``--yes`` asks nothing; on a terminal the person sees what goes and is
asked once; without a terminal, what was named and what ``undo`` brings back goes ahead, and what
reaches further needs ``--yes``.
"""

from __future__ import annotations

import sys

from taskmaster.errors import Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable

_SHOWN = 10


def offered(parser: ArgumentParser, help_text: str = "do not ask") -> None:
    """The option that answers the question beforehand."""
    parser.add_argument("-y", "--yes", action="store_true", help=help_text)


_HINT = "look with --dry-run, then run it with --yes"


def agreed(
    args: Namespace, question: Callable[[], str], *, without: str = "", hint: str = _HINT
) -> bool:
    """Whether to go on. *without* says why nobody but a person or ``--yes`` may decide that.

    Raises Usage where it is given and there is no terminal to ask on.
    """
    if without:
        check_answerable(args, without, hint)
    if args.yes or not sys.stdin.isatty():
        return True
    return confirmed(question())


def check_answerable(args: Namespace, without: str, hint: str = _HINT) -> None:
    """Raise Usage where *without* asks for a decision that nobody is there to take."""
    if not args.yes and not sys.stdin.isatty():
        raise Usage(f"{without}, and there is no terminal to ask on", hint=hint, code="needs-yes")


def confirmed(question: str) -> bool:
    """Whether the person at the terminal says yes; anything else means no."""
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def shown(lines: list[str]) -> list[str]:
    """The first of *lines*, and how many more there are: a question must fit the screen."""
    more = len(lines) - _SHOWN
    return lines if more <= 0 else [*lines[:_SHOWN], f"  and {more} more"]
