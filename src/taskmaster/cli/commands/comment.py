"""``tamp comment``"""

from __future__ import annotations

import sys

from taskmaster.cli import session
from taskmaster.cli.answer import Answer, printable
from taskmaster.cli.remarks import in_a_line, shown
from taskmaster.errors import Usage
from taskmaster.usecases import remarks, selection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from taskmaster.domain.task import Task
    from taskmaster.workspace import Workspace

EXAMPLES = (
    'tamp comment 5 "Agreed with Ann: JSON only"',
    "tamp comment 5,7.2 - < review.txt",
    "tamp comment 5 --list",
    "tamp comment 5 --remove=2",
)


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("words", nargs="*", metavar="ID TEXT", help="ids, then the text (-: input)")
    parser.add_argument("-i", "--id", metavar="IDS", help="tasks and subtasks: 5 or 5,7.2")
    remark_arguments(parser, "comment")


def remark_arguments(parser: ArgumentParser, noun: str) -> None:
    """The options for looking at what is there and for taking one of it off."""
    parser.add_argument("-l", "--list", action="store_true", help=f"show the {noun}s of a task")
    parser.add_argument(
        "--remove", type=int, default=0, metavar="N", help=f"take {noun} N of a task off"
    )


def run(args: Namespace) -> Answer:
    words = list(args.words)
    named = args.id or (words.pop(0) if words else "")
    looking = bool(args.list) + bool(args.remove)
    if not named or looking > 1 or (bool(words) == bool(looking)):
        raise Usage(
            "comment needs an id, and a text or one of --list and --remove",
            hint=f"for example: {EXAMPLES[0]}",
        )
    ws = session.workspace(args)
    if looking:
        return looked_at(ws, args, named, remarks.COMMENTS)
    text = sys.stdin.read() if words == ["-"] else " ".join(words)
    found = remarks.comment(ws, named, text)
    return answer(ws, remarks.COMMENTS, found, [f"commented on {_titled(one)}" for one in found])


def looked_at(ws: Workspace, args: Namespace, named: str, key: str) -> Answer:
    """The answer to ``--list`` and ``--remove``."""
    if args.remove:
        task, gone = remarks.take_off(ws, named, key, args.remove)
        line = f"took {key.removesuffix('s')} {args.remove} off {task.id}: {in_a_line(gone)}"
        return answer(ws, key, [task], [line])
    with ws.reading() as reader:
        found = selection.chosen(reader, ws.tag, named)
    lines = []
    for task in found:
        rows = [f"    {row}" for row in shown(task, key)]
        lines += [_titled(task), *(rows or [f"    no {key}"])]
    return answer(ws, key, found, lines)


def answer(ws: Workspace, key: str, found: Sequence[Task], lines: Sequence[str]) -> Answer:
    """The tasks, as programs get them, each with its comments or links."""
    data = {
        "success": True,
        "tasks": [remarks.remarks_to_json(task, key) for task in found],
        "tag": ws.tag,
        "storageType": ws.store.kind,
    }
    return Answer(f"{key}.v1", data, lines)


def _titled(task: Task) -> str:
    return f"{task.id}: {printable(task.title)}"
