"""``tamp set-status``"""

from __future__ import annotations

from taskmaster.cli import session
from taskmaster.cli.answer import COLOURS, Answer, painted, printable
from taskmaster.cli.parser import form_arguments
from taskmaster.errors import Usage
from taskmaster.usecases.status import set_status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from taskmaster.usecases.status import Moved

EXAMPLES = (
    "tamp set-status 5 done",
    "tamp set-status --id=1,3-5,7.2 --status=in-progress",
    "tamp set-status 5 done --with-subtasks",
)


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("words", nargs="*", metavar="ID… STATUS", help="ids, then the status")
    parser.add_argument("-i", "--id", metavar="IDS", help="tasks and subtasks: 3 or 1,3-5,7.2")
    parser.add_argument("-s", "--status", metavar="STATUS", help="the new status")
    parser.add_argument(
        "--with-subtasks", action="store_true", help="carry the status on to open subtasks"
    )
    form_arguments(parser)
    parser.add_argument("--silent", action="store_true", help="print nothing but errors")


def run(args: Namespace) -> Answer:
    ids, status = _named(args)
    ws = session.workspace(args)
    moved = set_status(ws, ids, status, with_subtasks=args.with_subtasks)
    data = {
        "success": True,
        "updatedTasks": [_entry(one) for one in moved],
        "tag": ws.tag,
        "storageType": ws.store.kind,
    }
    return Answer("status.v1", data, [] if args.silent else _lines(moved), notes=_open_steps(moved))


def _named(args: Namespace) -> tuple[str, str]:
    words = list(args.words)
    status = args.status or (words.pop() if words and (len(words) > 1 or args.id) else "")
    ids = ",".join([*([args.id] if args.id else []), *words])
    if not ids or not status:
        raise Usage(
            "a status change needs ids and a status", hint="for example: tamp set-status 5 done"
        )
    return ids, status


def _entry(moved: Moved) -> dict[str, object]:
    entry: dict[str, object] = {
        "taskId": moved.task.id,
        "oldStatus": moved.before,
        "newStatus": moved.after,
    }
    if moved.follows:
        entry["because"] = moved.follows
    return entry


def _lines(moved: Sequence[Moved]) -> list[str]:
    return [
        f"{one.task.id}: "
        + (
            f"{printable(one.before)} → {painted(one.after, COLOURS.get(one.after, ''))}"
            if one.before != one.after
            else f"was {one.after} already"
        )
        + f"  {printable(one.task.title)}"
        + (f"  ({one.follows})" if one.follows else "")
        for one in moved
    ]


def _open_steps(moved: Sequence[Moved]) -> list[str]:
    settled = {one.task.id for one in moved if one.after in ("done", "cancelled")}
    notes = []
    for one in moved:
        left = [step.id for step in one.task.subtasks if not step.complete]
        left = [step for step in left if step not in settled]
        if one.after == "done" and left and not one.follows:
            notes.append(
                f"task {one.task.id} is done while its subtasks {', '.join(left)} are open;"
                " --with-subtasks carries the status on"
            )
    return notes
