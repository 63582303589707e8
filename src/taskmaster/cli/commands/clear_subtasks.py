"""``tamp clear-subtasks``"""

from __future__ import annotations

from taskmaster.cli import session
from taskmaster.cli.answer import Answer
from taskmaster.errors import Usage
from taskmaster.usecases import subtasks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from taskmaster.usecases.subtasks import Cleared

EXAMPLES = (
    "tamp clear-subtasks 5",
    "tamp clear-subtasks --id=5,7-9",
    "tamp clear-subtasks --all --json",
)


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("words", nargs="*", metavar="ID", help="tasks: 5 or 5,7-9")
    parser.add_argument("-i", "--id", metavar="IDS", help="the same")
    parser.add_argument("--all", action="store_true", help="every task of the tag")


def run(args: Namespace) -> Answer:
    named = ",".join([*([args.id] if args.id else []), *args.words])
    if bool(named) == args.all:
        raise Usage(
            "clear-subtasks takes either ids or --all",
            hint="for example: tamp clear-subtasks --id=5,7",
        )
    ws = session.workspace(args)
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
