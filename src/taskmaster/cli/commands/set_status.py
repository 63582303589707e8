"""``tamp set-status``"""

from __future__ import annotations

from taskmaster.cli import session
from taskmaster.cli.answer import COLOURS, Answer, painted, printable
from taskmaster.cli.parser import form_arguments, where_arguments
from taskmaster.errors import Usage
from taskmaster.usecases.status import give, known_status, moved_to_json, set_status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from taskmaster.domain.task import Task
    from taskmaster.ports import Writer
    from taskmaster.usecases.status import Moved
    from taskmaster.workspace import Workspace

EXAMPLES = (
    "tamp set-status 5 done",
    "tamp set-status --id=1,3-5,7.2 --status=in-progress",
    "tamp set-status 5 done --with-subtasks",
    "tamp set-status deferred --where='label:later status:pending' --yes",
)


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("words", nargs="*", metavar="ID… STATUS", help="ids, then the status")
    parser.add_argument("-i", "--id", metavar="IDS", help="tasks and subtasks: 3 or 1,3-5,7.2")
    parser.add_argument("-s", "--status", metavar="STATUS", help="the new status")
    parser.add_argument(
        "--with-subtasks", action="store_true", help="carry the status on to open subtasks"
    )
    where_arguments(parser)
    form_arguments(parser)
    parser.add_argument("--silent", action="store_true", help="print nothing but errors")


def run(args: Namespace) -> Answer:
    ids, status = _named(args)
    ws = session.workspace(args)
    if args.where or args.dry_run or args.yes:
        return _set_all(ws, args, ids, status)
    return _answer(ws, args, set_status(ws, ids, status, with_subtasks=args.with_subtasks))


def _set_all(ws: Workspace, args: Namespace, ids: str, word: str) -> Answer:
    from taskmaster.cli.commands import many

    many.check(args, ids, "set-status")
    status, now = known_status(word), ws.clock()

    def work(writer: Writer, found: Sequence[Task]) -> list[Moved]:
        return give(writer, ws.tag, found, status, now, with_subtasks=args.with_subtasks)

    done = many.done(ws, args, "set-status", work)
    return done if isinstance(done, Answer) else _answer(ws, args, done)


def _answer(ws: Workspace, args: Namespace, moved: Sequence[Moved]) -> Answer:
    data = {
        "success": True,
        "updatedTasks": [moved_to_json(one) for one in moved],
        "tag": ws.tag,
        "storageType": ws.store.kind,
    }
    return Answer("status.v1", data, [] if args.silent else _lines(moved), notes=_open_steps(moved))


def _named(args: Namespace) -> tuple[str, str]:
    words = list(args.words)
    status = args.status or (
        words.pop() if words and (len(words) > 1 or args.id or args.where) else ""
    )
    ids = ",".join([*([args.id] if args.id else []), *words])
    if not (ids or args.where) or not status:
        raise Usage(
            "a status change needs ids and a status", hint="for example: tamp set-status 5 done"
        )
    return ids, status


def _lines(moved: Sequence[Moved]) -> list[str]:
    return [
        f"{one.task.id}: "
        + (
            f"{printable(one.before or 'new')} → {painted(one.after, COLOURS.get(one.after, ''))}"
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
