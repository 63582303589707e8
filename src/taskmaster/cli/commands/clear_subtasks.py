"""``tamp clear-subtasks``"""

from __future__ import annotations

from taskmaster.cli import session
from taskmaster.cli.answer import Answer, printable
from taskmaster.cli.confirm import agreed, offered, shown
from taskmaster.errors import Usage
from taskmaster.usecases import selection, subtasks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from taskmaster.usecases.subtasks import Cleared
    from taskmaster.workspace import Workspace

EXAMPLES = (
    "tamp clear-subtasks 5",
    "tamp clear-subtasks --id=5,7-9",
    "tamp clear-subtasks --all --json",
)


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("words", nargs="*", metavar="ID", help="tasks: 5 or 5,7-9")
    parser.add_argument("-i", "--id", metavar="IDS", help="the same")
    parser.add_argument("--all", action="store_true", help="every task of the tag")
    offered(parser)


def run(args: Namespace) -> Answer:
    named = ",".join([*([args.id] if args.id else []), *args.words])
    if bool(named) == args.all:
        raise Usage(
            "clear-subtasks takes either ids or --all",
            hint="for example: tamp clear-subtasks --id=5,7",
        )
    ws = session.workspace(args)
    if not agreed(args, lambda: _question(ws, named)):
        none = {"success": False, "tasksCleared": 0, "subtasksRemoved": 0}
        return Answer("cleared.v1", none, ["nothing was removed"])
    cleared = subtasks.clear_subtasks(ws, named)
    counts = {task: count for task, count in cleared.counts.items() if count or named}
    data = {
        "success": True,
        "tasksCleared": sum(bool(count) for count in counts.values()),
        "subtasksRemoved": sum(counts.values()),
        "tasks": [{"taskId": task, "removed": count} for task, count in counts.items()],
        "noLongerWaiting": list(cleared.released),
        "tag": ws.tag,
        "storageType": ws.store.kind,
    }
    return Answer("cleared.v1", data, _lines(cleared, counts))


def _question(ws: Workspace, named: str) -> str:
    with ws.reading() as reader:
        found = selection.chosen(reader, ws.tag, named) if named else list(reader.tasks(ws.tag))
    lines = [
        f"  {task.id}  {printable(task.title)}: {len(task.subtasks)}"
        for task in found
        if task.subtasks
    ]
    return "\n".join(["This removes the subtasks of:", *shown(lines or ["  none"]), "Go on?"])


def _lines(cleared: Cleared, counts: dict[str, int]) -> list[str]:
    lines = [
        f"{task}: {count} subtask{'s' * (count != 1)} removed" if count else f"{task}: had none"
        for task, count in counts.items()
    ]
    if cleared.released:
        lines.append(f"no longer waiting for them: {', '.join(cleared.released)}")
    if any(counts.values()):
        return [*lines, "`tamp undo` brings them back"]
    return lines or ["no task has subtasks"]
