"""``tamp generate``"""

from __future__ import annotations

import os

from taskmaster.cli import session
from taskmaster.cli.answer import Answer
from taskmaster.cli.parser import form_arguments
from taskmaster.usecases import generation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = ("tamp generate", "tamp generate --output=docs/tasks", "tamp generate --tag=v2 --json")


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "-o", "--output", metavar="DIR", help="where to (default: beside the task file)"
    )
    form_arguments(parser)


def run(args: Namespace) -> Answer:
    ws = session.workspace(args)
    folder = os.path.abspath(args.output or os.path.dirname(session.project(args).tasks))
    made = generation.generate(ws, folder)
    count = len(made.written) + len(made.unchanged)
    data = {
        "success": True,
        "count": count,
        "directory": folder,
        "written": list(made.written),
        "unchanged": len(made.unchanged),
        "orphanedFilesRemoved": len(made.removed),
        "removed": list(made.removed),
        "tag": ws.tag,
        "storageType": ws.store.kind,
    }
    shown = os.path.relpath(folder)
    done = f"{len(made.written)} written, {len(made.unchanged)} as they were"
    lines = [f"{_files(count)} in {shown}: {done}"]
    lines += [f"removed, as the task is gone: {name}" for name in made.removed]
    return Answer("generated.v1", data, lines)


def _files(count: int) -> str:
    return f"{count} file{'s' * (count != 1)}"
