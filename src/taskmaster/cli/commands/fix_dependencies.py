"""``tamp fix-dependencies``"""

from __future__ import annotations

from taskmaster.cli import session
from taskmaster.cli.answer import Answer
from taskmaster.cli.commands.validate_dependencies import described
from taskmaster.errors import Invalid
from taskmaster.usecases import dependencies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from taskmaster.usecases.dependencies import Mended

EXAMPLES = (
    "tamp fix-dependencies --dry-run",
    "tamp fix-dependencies",
    "tamp fix-dependencies --all-tags --json",
)


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="show what would go, change nothing")
    parser.add_argument("--all-tags", action="store_true", help="mend every tag")


def run(args: Namespace) -> Answer:
    ws = session.workspace(args)
    mended = dependencies.fix(ws, all_tags=args.all_tags, dry_run=args.dry_run)
    data = {
        "success": not mended.remaining,
        "dryRun": args.dry_run,
        **dependencies.mended_to_json(mended),
        "tag": "all" if args.all_tags else ws.tag,
        "storageType": ws.store.kind,
    }
    code = Invalid.exit_code if mended.remaining else 0
    return Answer("fixes.v1", data, _lines(mended, args), code)


def _lines(mended: Mended, args: Namespace) -> list[str]:
    lines = described(mended.fixed, all_tags=args.all_tags)
    count = len(mended.fixed)
    entries = f"{count} {'entry' if count == 1 else 'entries'}"
    if args.dry_run and count:
        lines.append(f"{entries} would be taken out; nothing was changed")
    elif count:
        lines.append(f"{entries} taken out; `tamp undo` brings them back")
    if mended.remaining:
        lines += described(mended.remaining, all_tags=args.all_tags)
        lines.append("the last ones need a person: tamp edit ID --dependencies=IDS")
    return lines or ["nothing is wrong"]
