"""``tamp ui``"""

from __future__ import annotations

import gc
import os
import sys

from taskmaster.cli import session
from taskmaster.cli.answer import Answer
from taskmaster.errors import Unavailable, Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = (
    "tamp ui",
    "tamp ui --tag=feature-login",
    "tamp ui --where='status:pending priority>=high'",
    "tamp ui --keys",
)


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "-w", "--where", default="", metavar="QUERY", help="begin with only these tasks"
    )
    parser.add_argument("--keys", action="store_true", help="only list the keys")


def run(args: Namespace) -> Answer:
    if args.keys:
        return _keys()
    if args.json:
        raise Usage(
            "ui draws for people and answers nothing as JSON",
            hint="`tamp list --json` reads the tasks, `tamp log --follow --json` their changes",
        )
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM") == "dumb":
        raise Usage(
            "ui needs a terminal to draw on, and there is none here",
            hint="`tamp list`, `tamp show ID` and `tamp set-status ID STATUS` need none",
            code="no-terminal",
        )
    return Answer("ui.v1", {}, [], _shown(args))


def _keys() -> Answer:
    from taskmaster.tui.keys import KEYS, MOVES

    keys = [{"key": key.shown, "meaning": key.meaning} for key in (*KEYS, *MOVES)]
    lines = [f"{key.shown:<10} {key.meaning}" for key in (*KEYS, *MOVES)]
    return Answer("keys.v1", {"keys": keys}, lines)


def _shown(args: Namespace) -> int:
    """Draw until the person leaves; the exit code. What is wrong already is raised before."""
    from taskmaster.domain import grammar

    ws = session.workspace(args)
    if args.where:
        grammar.parse(args.where)
    with ws.reading() as reader:
        reader.metadata(ws.tag)
    try:
        from taskmaster.tui.application import Interface
    except ImportError as error:
        raise _missing(error) from error
    gc.enable()  # Other commands live for milliseconds, this one for a day.
    interface = Interface(
        session.project(args), ws.tag, where=args.where.strip(), environ=os.environ
    )
    interface.run()
    interface.let_go()
    return interface.return_code or 0


def _missing(error: ImportError) -> Exception:
    """The extra that is not installed; any other error as it is."""
    if (error.name or "").partition(".")[0] not in ("textual", "rich"):
        return error
    return Unavailable(
        "the terminal interface needs the package textual, which is not installed",
        hint="pip install 'task-master-pro[tui]'",
        code="missing-extra",
    )
