"""``tamp version``"""

from __future__ import annotations

import taskmaster
from taskmaster.cli.answer import Answer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = ("tamp version", "tamp --version", "tamp version --json")


def arguments(parser: ArgumentParser) -> None:
    """No arguments of its own."""


def run(args: Namespace) -> Answer:
    del args
    version = taskmaster.__version__
    return Answer("version.v1", {"version": version}, [f"tamp {version}"])
