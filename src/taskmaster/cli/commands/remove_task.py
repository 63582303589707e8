"""``tamp remove-task``"""

from __future__ import annotations

import sys

from taskmaster.cli import session
from taskmaster.cli.answer import Answer, printable
from taskmaster.cli.confirm import confirmed
from taskmaster.errors import Usage
from taskmaster.usecases import selection, tasks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from taskmaster.workspace import Workspace

EXAMPLES = ("tamp remove-task 5", "tamp remove-task --id=5,6.1,8-9 --yes")


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("words", nargs="*", metavar="ID", help="tasks and subtasks: 5 or 5,6.1,8-9")
    parser.add_argument("-i", "--id", metavar="IDS", help="the same")
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")


def run(args: Namespace) -> Answer:
    named = ",".join([*([args.id] if args.id else []), *args.words])
    if not named:
        raise Usage("remove-task needs ids", hint="for example: tamp remove-task 5")
    ws = session.workspace(args)
    if not args.yes and sys.stdin.isatty() and not confirmed(_question(ws, named)):
        return Answer("removed.v1", {"success": False, "removed": []}, ["nothing was removed"])
    removed = tasks.remove(ws, named)
    data = {
        "success": True,
        "removed": [task.id for task in removed.tasks],
        "noLongerWaiting": list(removed.released),
        "tag": ws.tag,
        "storageType": ws.store.kind,
    }
    lines = [f"removed {task.id}: {printable(task.title)}" for task in removed.tasks]
    if removed.released:
        lines.append(f"no longer waiting for it: {', '.join(removed.released)}")
    return Answer("removed.v1", data, [*lines, "`tamp undo` brings it back"])


def _question(ws: Workspace, named: str) -> str:
    with ws.reading() as reader:
        found = selection.chosen(reader, ws.tag, named)
        nodes = reader.nodes(ws.tag)
    lines = []
    for task in found:
        waiting = [node.id for node in nodes.values() if task.id in node.dependencies]
        extra = f", {len(task.subtasks)} subtasks" if task.subtasks else ""
        extra += f", {', '.join(waiting)} depend on it" if waiting else ""
        lines.append(f"  {task.id}  {printable(task.title)}{extra}")
    return "\n".join(["This removes:", *lines, "Go on?"])
