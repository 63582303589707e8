"""``tamp remove-subtask``"""

from __future__ import annotations

from taskmaster import wire
from taskmaster.cli import session
from taskmaster.cli.answer import Answer, printable
from taskmaster.cli.confirm import agreed, offered, shown
from taskmaster.cli.parser import accepted
from taskmaster.errors import Usage
from taskmaster.usecases import conversion, selection, subtasks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from taskmaster.workspace import Workspace

EXAMPLES = (
    "tamp remove-subtask 5.2",
    "tamp remove-subtask --id=5.2,7.1-7.3",
    "tamp remove-subtask --id=5.2 --convert",
)


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("words", nargs="*", metavar="ID", help="subtasks: 5.2 or 5.2,7.1-7.3")
    parser.add_argument("-i", "--id", metavar="IDS", help="the same")
    parser.add_argument(
        "-c", "--convert", action="store_true", help="make them tasks that wait for their old one"
    )
    offered(parser)
    accepted(parser, "--generate", "--skip-generate", why="there are no task files to keep in step")


def run(args: Namespace) -> Answer:
    named = ",".join([*([args.id] if args.id else []), *args.words])
    if not named:
        raise Usage("remove-subtask needs ids", hint="for example: tamp remove-subtask 5.2")
    ws = session.workspace(args)
    if args.convert:
        return _converted(ws, named)
    if not agreed(args, lambda: _question(ws, named)):
        return Answer("removed.v1", {"success": False, "removed": []}, ["nothing was removed"])
    return _removed(ws, named)


def _question(ws: Workspace, named: str) -> str:
    with ws.reading() as reader:
        found = selection.chosen(reader, ws.tag, named)
    lines = [f"  {step.id}  {printable(step.title)}" for step in found]
    return "\n".join(["This removes:", *shown(lines), "Go on?"])


def _removed(ws: Workspace, named: str) -> Answer:
    taken = subtasks.remove_subtasks(ws, named)
    data = {
        "success": True,
        "removed": [step.id for step in taken.steps],
        "noLongerWaiting": list(taken.released),
        "tag": ws.tag,
        "storageType": ws.store.kind,
    }
    lines = [f"removed {step.id}: {printable(step.title)}" for step in taken.steps]
    if taken.released:
        lines.append(f"no longer waiting for it: {', '.join(taken.released)}")
    return Answer("removed.v1", data, [*lines, "`tamp undo` brings it back"])


def _converted(ws: Workspace, named: str) -> Answer:
    made = conversion.make_tasks(ws, named)
    redirected = list(made[0].redirected)
    data = {
        "success": True,
        "converted": [
            {"subtaskId": one.before, "taskId": one.task.id, "task": wire.task_to_json(one.task)}
            for one in made
        ],
        "redirected": redirected,
        "tag": ws.tag,
        "storageType": ws.store.kind,
    }
    lines = [
        f"subtask {one.before} is task {one.task.id} now: {printable(one.task.title)}"
        for one in made
    ]
    if redirected:
        lines.append(f"waiting under the new id: {', '.join(redirected)}")
    notes = [
        f"task {task} does not wait for {one}, which waits for it"
        for became in made
        for task, one in became.dropped
    ]
    return Answer("converted.v1", data, lines, notes=notes)
