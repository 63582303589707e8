"""``tamp lang``"""

from __future__ import annotations

import os

from taskmaster.cli import session
from taskmaster.cli.answer import Answer, printable
from taskmaster.errors import Usage
from taskmaster.usecases import settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = ("tamp lang", "tamp lang --response=Deutsch")
LEAVES = ("--tag",)
_PATH = "global.responseLanguage"


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--response", metavar="NAME", help="the language models should answer in")
    parser.add_argument("--setup", action="store_true", help="say how to choose the language")


def run(args: Namespace) -> Answer:
    if args.setup:
        lines = ["choose the language that models answer in: tamp lang --response=NAME"]
        return Answer("language-setup.v1", {"help": lines[0]}, lines)
    project = session.project(args)
    changed = False
    if args.response is not None:
        name = " ".join(args.response.split())
        if not name:
            raise Usage("the language has no name", hint="for example: --response=English")
        changed = bool(settings.set_values(project, {_PATH: name}))
    found = settings.one(project, os.environ, _PATH)
    data = {"success": True, "responseLanguage": found.value, "origin": found.origin,
            "changed": changed}  # fmt: skip
    state = "is now" if changed else "is"
    lines = [f"the language of answers {state} {printable(str(found.value))} ({found.origin})"]
    return Answer("language.v1", data, lines)
