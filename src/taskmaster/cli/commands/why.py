"""``tamp why``"""

from __future__ import annotations

from taskmaster.cli import session
from taskmaster.cli.answer import Answer, painted, printable
from taskmaster.usecases.choosing import why, why_to_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = ("tamp why 5", "tamp why 5.2 --json")


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("task", metavar="ID", help="a task or subtask")


def run(args: Namespace) -> Answer:
    ws = session.workspace(args)
    found = why(ws, args.task)
    data = {**why_to_json(found), "tag": ws.tag}
    verb = {"next": "is the next task", "ready": "is ready"}.get(found.state, f"is {found.state}")
    head = printable(f"{found.task.id}  {found.task.title}")
    lines = [
        f"{painted(head, 'bold')} {printable(verb)}:",
        *(f"    {printable(reason)}" for reason in found.reasons),
    ]
    return Answer("why.v1", data, lines)
