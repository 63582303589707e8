"""``tamp remove-dependency``"""

from __future__ import annotations

from taskmaster.cli import session
from taskmaster.cli.answer import Answer
from taskmaster.cli.commands.add_dependency import named
from taskmaster.usecases import dependencies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = (
    "tamp remove-dependency 5 3",
    "tamp remove-dependency --id=5 --depends-on=3,4.2",
)


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "words", nargs="*", metavar="ID… DEPENDS-ON", help="the same as both options"
    )
    parser.add_argument("-i", "--id", metavar="IDS", help="the tasks and subtasks that wait")
    parser.add_argument("-d", "--depends-on", metavar="IDS", help="what they should not wait for")


def run(args: Namespace) -> Answer:
    waiting, depends_on = named(args, "remove-dependency")
    ws = session.workspace(args)
    removed = dependencies.remove_dependencies(ws, waiting, depends_on)
    data = {
        "success": True,
        "removed": dependencies.edges_to_json(removed),
        "tag": ws.tag,
        "storageType": ws.store.kind,
    }
    lines = [f"{task} no longer waits for {one}" for task, one in removed]
    return Answer("dependencies.v1", data, lines)
