"""``tamp next``"""

from __future__ import annotations

from taskmaster.cli import session
from taskmaster.cli.answer import Answer, painted, printable
from taskmaster.cli.parser import form_arguments
from taskmaster.usecases.choosing import next_task, next_to_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from taskmaster.usecases.choosing import Next

EXAMPLES = ("tamp next", "tamp next --json", "tamp next --compat")


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--compat", action="store_true", help="choose in the order of the original tool"
    )
    form_arguments(parser)
    parser.add_argument("--silent", action="store_true", help="print nothing but errors")


def run(args: Namespace) -> Answer:
    ws = session.workspace(args)
    found = next_task(ws, compatible=args.compat)
    data = {
        **next_to_json(found),
        "tag": ws.tag,
        "storageType": ws.store.kind,
    }
    return Answer("next.v1", data, [] if args.silent else _lines(found))


def _lines(found: Next) -> list[str]:
    task = found.task
    if task is None:
        if found.has_tasks:
            return [
                "Nothing is ready. `tamp list` shows what is open, `tamp why ID` what holds it."
            ]
        return ["There are no tasks yet. `tamp parse-prd FILE` or `tamp add-task` makes some."]
    lines = [f"{painted(task.id, 'bold')}  {painted(printable(task.title), 'bold')}"]
    lines += [f"    {printable(reason)}" for reason in found.reasons]
    if task.description and task.description != task.title:
        lines.append(f"    {printable(task.description)}")
    lines.append(f"begin: tamp set-status {task.id} in-progress    all of it: tamp show {task.id}")
    if found.others:
        lines.append(f"{found.others} more ready")
    return lines
