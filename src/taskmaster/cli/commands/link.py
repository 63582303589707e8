"""``tamp link``"""

from __future__ import annotations

from taskmaster.cli import session
from taskmaster.cli.answer import Answer, printable
from taskmaster.cli.commands.comment import answer, looked_at, remark_arguments
from taskmaster.errors import Usage
from taskmaster.usecases import remarks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = (
    "tamp link 5 --commit=0f3a9c12",
    "tamp link 5,7.2 --pr=https://example.com/pull/12",
    "tamp link 5 --doc=docs/login.md --url=https://example.com/login",
    "tamp link 5 --list",
    "tamp link 5 --remove=1",
)


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("words", nargs="*", metavar="ID", help="tasks and subtasks: 5 or 5,7.2")
    parser.add_argument("-i", "--id", metavar="IDS", help="the same")
    parser.add_argument("--commit", metavar="SHA", help="the commit that belongs to it")
    parser.add_argument("--pr", metavar="URL", help="a pull request")
    parser.add_argument("--doc", metavar="PATH", help="a document of the project")
    parser.add_argument("--url", metavar="URL", help="any other address")
    remark_arguments(parser, "link")


def run(args: Namespace) -> Answer:
    named = ",".join([*([args.id] if args.id else []), *args.words])
    given = [
        (kind, target) for kind in remarks.KINDS if (target := getattr(args, kind)) is not None
    ]
    if not named or len([*given[:1], *filter(None, (args.list, args.remove))]) != 1:
        raise Usage(
            "link needs an id, and what to link to or one of --list and --remove",
            hint=f"for example: {EXAMPLES[0]}",
        )
    ws = session.workspace(args)
    if not given:
        return looked_at(ws, args, named, remarks.LINKS)
    found = remarks.link(ws, named, given)
    words = ", ".join(f"{kind} {target}" for kind, target in given)
    lines = [f"{task.id} is linked to {printable(words)}" for task in found]
    return answer(ws, remarks.LINKS, found, lines)
