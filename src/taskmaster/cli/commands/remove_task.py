"""``tamp remove-task``"""

from __future__ import annotations

from taskmaster.cli import session
from taskmaster.cli.answer import Answer, printable
from taskmaster.cli.confirm import agreed, shown
from taskmaster.cli.parser import where_arguments
from taskmaster.errors import Usage
from taskmaster.usecases import selection, tasks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from taskmaster.domain.task import Task
    from taskmaster.ports import Writer
    from taskmaster.workspace import Workspace

EXAMPLES = (
    "tamp remove-task 5",
    "tamp remove-task --id=5,6.1,8-9 --yes",
    "tamp remove-task --where='status:cancelled' --dry-run",
)


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("words", nargs="*", metavar="ID", help="tasks and subtasks: 5 or 5,6.1,8-9")
    parser.add_argument("-i", "--id", metavar="IDS", help="the same")
    where_arguments(parser)


def run(args: Namespace) -> Answer:
    named = ",".join([*([args.id] if args.id else []), *args.words])
    if not named and not args.where:
        raise Usage("remove-task needs ids", hint="for example: tamp remove-task 5")
    ws = session.workspace(args)
    if args.where or args.dry_run:
        return _remove_all(ws, args, named)
    if not agreed(args, lambda: _question(ws, named)):
        return Answer("removed.v1", {"success": False, "removed": []}, ["nothing was removed"])
    return _answer(ws, tasks.remove(ws, named))


def _remove_all(ws: Workspace, args: Namespace, named: str) -> Answer:
    from taskmaster.cli.commands import many

    many.check(args, named, "remove-task")

    def work(writer: Writer, found: Sequence[Task]) -> tasks.Removed:
        return tasks.drop(writer, ws.tag, found)

    done = many.done(ws, args, "remove-task", work)
    return done if isinstance(done, Answer) else _answer(ws, done)


def _answer(ws: Workspace, removed: tasks.Removed) -> Answer:
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
        nodes = reader.around(ws.tag, [task.id for task in found])
    lines = []
    for task in found:
        waiting = [node.id for node in nodes.values() if task.id in node.dependencies]
        extra = f", {len(task.subtasks)} subtasks" if task.subtasks else ""
        extra += f", {', '.join(waiting)} depend on it" if waiting else ""
        lines.append(f"  {task.id}  {printable(task.title)}{extra}")
    return "\n".join(["This removes:", *shown(lines), "Go on?"])
