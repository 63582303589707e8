"""``tamp complete``: what completion scripts ask while a person types; in no list."""

from __future__ import annotations

from taskmaster.cli import session
from taskmaster.cli.answer import Answer, printable
from taskmaster.errors import TampError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = ("tamp complete ids", "tamp complete tags", "tamp complete views")
_KINDS = ("ids", "tags", "views")


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("kind", choices=_KINDS, help="what to name")
    parser.add_argument("--titles", action="store_true", help="a tab and the title after each id")


def run(args: Namespace) -> Answer:
    """Never an error: somebody is in the middle of a line."""
    try:
        words = _words(args)
    except (TampError, OSError):
        words = []
    lines = [word for word in words if word.strip()]
    return Answer("words.v1", {"words": [line.partition("\t")[0] for line in lines]}, lines)


def _words(args: Namespace) -> list[str]:
    if args.kind == "views":
        from taskmaster.usecases import views

        return [printable(name) for name in views.saved(session.project(args))]
    ws = session.workspace(args)
    with ws.reading() as reader:
        if args.kind == "tags":
            return [printable(tag) for tag in reader.tags()]
        nodes = reader.nodes(ws.tag)
        # What is still open is what people name.
        found = sorted(nodes.values(), key=lambda node: node.status in ("done", "cancelled"))
        return [
            f"{printable(node.id)}\t{printable(node.task.title)}" if args.titles else node.id
            for node in found
        ]
