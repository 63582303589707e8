"""``tamp undo``"""

from __future__ import annotations

from taskmaster import wire
from taskmaster.cli import session
from taskmaster.cli.answer import Answer, printable
from taskmaster.cli.commands.history import described
from taskmaster.usecases import history

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = ("tamp undo", "tamp undo --dry-run", "tamp undo 12", "tamp undo 12 --force")
# The last change is the last one of the project: a tag named here would be overlooked.
LEAVES = ("--tag",)


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "number", nargs="?", type=int, default=0, metavar="N",
        help="the change to take back, with all that was done together with it (default: the last)",
    )  # fmt: skip
    parser.add_argument("--dry-run", action="store_true", help="only say what would be taken back")
    parser.add_argument(
        "--force", action="store_true", help="even where it was changed again since"
    )


def run(args: Namespace) -> Answer:
    ws = session.workspace(args)
    if args.dry_run:
        with ws.reading() as reader:
            target = history.to_undo(reader, args.number)
        data = {"success": True, "dryRun": True, "undone": wire.transaction_to_json(target)}
        verb = "would take back"
    else:
        target, done = history.undo(ws, args.number, force=args.force)
        data = {
            "success": True,
            "dryRun": False,
            "undone": wire.transaction_to_json(target),
            "transaction": wire.transaction_to_json(done),
        }
        verb = "took back"
    head = (
        f"{verb} {history.name_of(target)}: {target.stamp.operation} by {target.stamp.actor.name}"
    )
    return Answer("undo.v1", data, [printable(head), *described(target)])
