"""``tamp add-task``"""

from __future__ import annotations

from taskmaster import wire
from taskmaster.cli import session
from taskmaster.cli.answer import Answer, printable
from taskmaster.cli.parser import text_or_input
from taskmaster.errors import Unavailable, Usage
from taskmaster.usecases import tasks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = (
    'tamp add-task "Write the parser"',
    'tamp add-task --title="Write the parser" --description="JSON only" --priority=high',
    'tamp add-task "Ship it" --dependencies=3,5-7 --due=2026-12-31 --label=release',
    'tamp add-task "Update the libraries" --due=2026-07-01 --repeat=monthly',
)


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("words", nargs="*", metavar="TITLE", help="the title, if not --title")
    parser.add_argument("-t", "--title", metavar="TEXT", help="what is to be done, in a line")
    field_arguments(parser)
    parser.add_argument("-p", "--prompt", metavar="TEXT", help="needs a model; not in this release")
    parser.add_argument("-r", "--research", action="store_true", help="goes with --prompt")


def field_arguments(parser: ArgumentParser) -> None:
    """The options for fields that a new task or subtask may have."""
    for *names, words in (
        ("-d", "--description", "what it is about"),
        ("--details", "how to do it (-: from standard input)"),
        ("--test-strategy", "how to see that it is done"),
    ):
        parser.add_argument(*names, metavar="TEXT", type=text_or_input, help=words)
    parser.add_argument("--dependencies", metavar="IDS", help="what must be complete first: 3,5-7")
    parser.add_argument("--priority", metavar="WORD", help="low, medium, high or critical")
    parser.add_argument("--due", metavar="DATE", help="the day it is due: 2026-12-31")
    parser.add_argument(
        "--defer-until", metavar="DATE", help="offer it to nobody before: 2026-12-31, 2w, monday"
    )
    parser.add_argument(
        "--repeat", metavar="RULE", help="write it down again when done: weekly, every 2 weeks"
    )
    parser.add_argument("--estimate", metavar="TIME", help="the expected effort: 90m, 3h, 2d, 1w")
    parser.add_argument("--assignee", metavar="NAME", help="who does it")
    parser.add_argument("--label", metavar="WORD", action="append", help="a label; may be repeated")


def field_values(args: Namespace) -> dict[str, object]:
    """The document keys that those options give, checked. Raises Invalid."""
    fields: dict[str, object] = {
        "description": args.description,
        "details": args.details,
        "testStrategy": args.test_strategy,
        "dependencies": args.dependencies,
        "priority": tasks.checked_priority(args.priority) if args.priority else None,
        "dueDate": tasks.checked_date(args.due) if args.due else None,
        "deferUntil": args.defer_until,
        "repeat": args.repeat,
        "effort": tasks.checked_estimate(args.estimate) if args.estimate else None,
        "assignee": args.assignee,
        "labels": args.label,
    }
    return {key: value for key, value in fields.items() if value is not None}


def run(args: Namespace) -> Answer:
    if args.prompt:
        raise Unavailable(
            "writing a task from a prompt needs a model, which this release does not call",
            hint="give --title and --description instead",
            code="no-model",
        )
    if args.words and args.title:
        raise Usage("the title is given twice", hint="either as words or with --title")
    ws = session.workspace(args)
    fields = {"title": args.title or " ".join(args.words), **field_values(args)}
    task = tasks.add_task(ws, fields)
    data = {
        "success": True,
        "task": wire.task_to_json(task),
        "tag": ws.tag,
        "storageType": ws.store.kind,
    }
    return Answer("task.v1", data, [f"added task {task.id}: {printable(task.title)}"])
