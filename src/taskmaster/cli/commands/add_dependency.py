"""``tamp add-dependency``"""

from __future__ import annotations

from taskmaster.cli import session
from taskmaster.cli.answer import Answer
from taskmaster.errors import Usage
from taskmaster.usecases import dependencies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = (
    "tamp add-dependency 5 3",
    "tamp add-dependency --id=5 --depends-on=3,4.2",
    "tamp add-dependency --id=5-7 --depends-on=3",
)


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "words", nargs="*", metavar="ID… DEPENDS-ON", help="the same as both options"
    )
    parser.add_argument("-i", "--id", metavar="IDS", help="the tasks and subtasks that wait")
    parser.add_argument("-d", "--depends-on", metavar="IDS", help="what they wait for")


def named(args: Namespace, command: str) -> tuple[str, str]:
    """The ids that wait and those they wait for. Raises Usage unless both are given."""
    words = list(args.words)
    depends_on = args.depends_on or (words.pop() if words and (len(words) > 1 or args.id) else "")
    waiting = ",".join([*([args.id] if args.id else []), *words])
    if not waiting or not depends_on:
        raise Usage(
            f"{command} needs the task that waits and what it waits for",
            hint=f"for example: tamp {command} --id=5 --depends-on=3",
        )
    return waiting, depends_on


def run(args: Namespace) -> Answer:
    waiting, depends_on = named(args, "add-dependency")
    ws = session.workspace(args)
    added = dependencies.add_dependencies(ws, waiting, depends_on)
    data = {
        "success": True,
        "added": dependencies.edges_to_json(added.edges),
        "existing": dependencies.edges_to_json(added.known),
        "tag": ws.tag,
        "storageType": ws.store.kind,
    }
    lines = [f"{task} waits for {one}" for task, one in added.edges]
    notes = [f"{task} waits for {one} already" for task, one in added.known]
    return Answer("dependencies.v1", data, lines or ["nothing to change"], notes=notes)
