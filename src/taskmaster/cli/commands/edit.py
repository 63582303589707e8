"""``tamp edit``"""

from __future__ import annotations

import json

from taskmaster import wire
from taskmaster.cli import session
from taskmaster.cli.answer import Answer, printable
from taskmaster.cli.commands.add_task import field_arguments, field_values
from taskmaster.cli.parser import text_or_input, where_arguments
from taskmaster.errors import Invalid, Usage
from taskmaster.usecases import tasks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from taskmaster.domain.task import Task
    from taskmaster.ports import Writer
    from taskmaster.workspace import Workspace

EXAMPLES = (
    'tamp edit 5 --title="A better title" --priority=high',
    'tamp edit 5.2 --note="Agreed with Ann: JSON only"',
    'tamp edit 5 --replace details "old words" "new words"',
    "tamp edit 5,7-9 --add-label=ui --remove-label=later --due=2026-12-31",
    'tamp edit 5 --defer-until=2w --repeat="every monday"',
    "tamp edit 5 --set reviewer='\"ann\"' --unset dueDate",
    "tamp edit --where='label:ui status:pending' --priority=low --dry-run",
    "tamp edit 5 --details=- --if-revision=0f3a9c12d4e5",
)
_GUARDED = ("id", "subtasks", "title", "status", "dependencies", "priority")


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("words", nargs="*", metavar="ID", help="tasks and subtasks: 5 or 5,7.2")
    parser.add_argument("-i", "--id", metavar="IDS", help="the same")
    parser.add_argument("--title", metavar="TEXT", help="the new title")
    parser.add_argument("-s", "--status", metavar="STATUS", help="the new status")
    field_arguments(parser)
    parser.add_argument(
        "--note", metavar="TEXT", type=text_or_input, help="append to the details, with the time"
    )
    parser.add_argument(
        "--replace",
        nargs=3,
        metavar=("FIELD", "OLD", "NEW"),
        help="replace a piece of text that occurs exactly once",
    )
    parser.add_argument("--add-label", metavar="WORD", action="append", default=[])
    parser.add_argument("--remove-label", metavar="WORD", action="append", default=[])
    parser.add_argument(
        "--set", metavar="KEY=JSON", action="append", default=[], help="any other key, as JSON"
    )
    parser.add_argument(
        "--unset", metavar="KEY", action="append", default=[], help="take a key away"
    )
    parser.add_argument("--if-revision", metavar="REV", default="", help="only if it is still this")
    where_arguments(parser)


def run(args: Namespace) -> Answer:
    named = ",".join([*([args.id] if args.id else []), *args.words])
    change = tasks.Edit(_fields(args), args.note, args.replace, args.add_label, args.remove_label)
    if not (named or args.where) or not any(change):
        raise Usage(
            "edit needs ids and something to change",
            hint='for example: tamp edit 5 --title="A better title"',
        )
    ws = session.workspace(args)
    if args.where or args.dry_run or args.yes:
        return _edit_all(ws, args, named, change)
    edited = tasks.edit(ws, named, change, if_revision=args.if_revision)
    return _answer(ws, edited)


def _edit_all(ws: Workspace, args: Namespace, named: str, change: tasks.Edit) -> Answer:
    from taskmaster.cli.commands import many

    many.check(args, named, "edit", single="--if-revision" if args.if_revision else "")
    now = ws.clock()

    def work(writer: Writer, found: Sequence[Task]) -> list[Task]:
        return tasks.amend(writer, ws.tag, found, change, now)

    done = many.done(ws, args, "edit", work)
    return done if isinstance(done, Answer) else _answer(ws, done)


def _answer(ws: Workspace, edited: Sequence[Task]) -> Answer:
    entries = [wire.task_to_json(task) | {"revision": wire.revision_of(task)} for task in edited]
    data = {"success": True, "tasks": entries, "tag": ws.tag, "storageType": ws.store.kind}
    return Answer(
        "tasks.v1", data, [f"edited {task.id}: {printable(task.title)}" for task in edited]
    )


def _fields(args: Namespace) -> dict[str, object]:
    fields = field_values(args)
    fields |= {
        key: value
        for key, value in (("title", args.title), ("status", args.status))
        if value is not None
    }
    for pair in args.set:
        key, value = _pair(pair)
        fields[key] = value
    return fields | {_free(key): None for key in args.unset}


def _pair(pair: str) -> tuple[str, object]:
    key, equals, text = pair.partition("=")
    if not key or not equals:
        raise Usage(f"--set takes KEY=JSON, not {pair!r}")
    try:
        return _free(key), json.loads(text)
    except ValueError:
        return key, text


def _free(key: str) -> str:
    if key in _GUARDED:
        raise Invalid(
            f"{key} cannot be set or unset this way", hint="use its own option or command"
        )
    return key
