"""``tamp defer``"""

from __future__ import annotations

from taskmaster import wire
from taskmaster.cli import session
from taskmaster.cli.answer import Answer, printable
from taskmaster.errors import Usage
from taskmaster.usecases import deferral

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from taskmaster.domain.task import Task

EXAMPLES = (
    "tamp defer 5 --until=2026-12-31",
    "tamp defer 5,7-9 --until=2w",
    "tamp defer 5 --until=monday --json",
    "tamp defer 5 --clear",
)


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("words", nargs="*", metavar="ID", help="tasks and subtasks: 5 or 5,7.2")
    parser.add_argument("-i", "--id", metavar="IDS", help="the same")
    parser.add_argument(
        "-u", "--until", metavar="DAY",
        help="the day from which they are offered again: 2026-12-31, tomorrow, monday, 3d, 2w, 1m",
    )  # fmt: skip
    parser.add_argument("--clear", action="store_true", help="offer them again now")


def run(args: Namespace) -> Answer:
    named = ",".join([*([args.id] if args.id else []), *args.words])
    if not named or bool(args.until) == args.clear:
        raise Usage(
            "defer needs ids, and either --until or --clear",
            hint="for example: tamp defer 5 --until=2w",
        )
    ws = session.workspace(args)
    found = deferral.defer(ws, named, args.until or "")
    data = {
        "success": True,
        "tasks": [wire.task_to_json(task) for task in found],
        "tag": ws.tag,
        "storageType": ws.store.kind,
    }
    return Answer("tasks.v1", data, [_line(task) for task in found])


def _line(task: Task) -> str:
    state = f"put off until {task.defer_until}" if task.defer_until else "put off no longer"
    return f"{task.id} is {state}: {printable(task.title)}"
