"""``tamp add-subtask``"""

from __future__ import annotations

from taskmaster import wire
from taskmaster.cli import session
from taskmaster.cli.answer import Answer, printable
from taskmaster.cli.commands.add_task import field_arguments, field_values
from taskmaster.cli.parser import accepted
from taskmaster.errors import Usage
from taskmaster.usecases import conversion, subtasks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from taskmaster.domain.task import Task
    from taskmaster.workspace import Workspace

EXAMPLES = (
    'tamp add-subtask --parent=5 --title="Write the tests"',
    'tamp add-subtask -p 5 "Write the tests" --dependencies=1,3 --status=in-progress',
    "tamp add-subtask --parent=5 --task-id=8",
)


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("words", nargs="*", metavar="TITLE", help="the title, if not --title")
    parser.add_argument("-p", "--parent", metavar="ID", help="the task it belongs to")
    parser.add_argument("-i", "--task-id", metavar="ID", help="turn this task into the subtask")
    parser.add_argument("-t", "--title", metavar="TEXT", help="what is to be done, in a line")
    parser.add_argument("-s", "--status", metavar="STATUS", help="its status (default: pending)")
    field_arguments(parser)
    accepted(parser, "--generate", "--skip-generate", why="there are no task files to keep in step")


def run(args: Namespace) -> Answer:
    if not args.parent:
        raise Usage(
            "add-subtask needs the task it belongs to",
            hint='for example: tamp add-subtask --parent=5 --title="Write the tests"',
        )
    title = args.title or " ".join(args.words)
    if args.title and args.words:
        raise Usage("the title is given twice", hint="either as words or with --title")
    fields = field_values(args)
    if title:
        fields["title"] = title
    if args.status:
        fields["status"] = args.status
    ws = session.workspace(args)
    if args.task_id:
        return _moved(ws, args, fields)
    step = subtasks.add_subtask(ws, args.parent, fields)
    lines = [f"added subtask {step.id}: {printable(step.title)}"]
    return Answer("subtask.v1", _data(ws, step), lines, notes=_open_again(step))


def _moved(ws: Workspace, args: Namespace, fields: dict[str, object]) -> Answer:
    if fields:
        raise Usage(
            "a task that becomes a subtask keeps its own title and fields",
            hint=f"leave {', '.join(fields)} out; `tamp edit` changes them afterwards",
        )
    became = conversion.make_subtask(ws, args.parent, args.task_id)
    step = became.task
    data = _data(ws, step) | {
        "convertedFrom": became.before,
        "redirected": list(became.redirected),
        "dropped": [{"taskId": task, "dependency": one} for task, one in became.dropped],
    }
    lines = [f"task {became.before} is subtask {step.id} now: {printable(step.title)}"]
    if became.redirected:
        lines.append(f"waiting for it under its new id: {', '.join(became.redirected)}")
    notes = [
        f"{task} no longer waits for {one}: {became.before} is a part of task {args.parent} now"
        for task, one in became.dropped
    ]
    return Answer("subtask.v1", data, lines, notes=[*notes, *_open_again(step)])


def _data(ws: Workspace, step: Task) -> dict[str, object]:
    return {
        "success": True,
        "subtask": wire.task_to_json(step),
        "parentId": step.parent.id if step.parent else "",
        "tag": ws.tag,
        "storageType": ws.store.kind,
    }


def _open_again(step: Task) -> list[str]:
    parent = step.parent
    if parent is None or not parent.complete or step.complete:
        return []
    state = f"task {parent.id} is {parent.status} while its new subtask {step.id} is {step.status}"
    return [f"{state}; `tamp set-status {parent.id} in-progress` opens it again"]
