"""``tamp apply``"""

from __future__ import annotations

import sys

from taskmaster import wire
from taskmaster.cli import session
from taskmaster.cli.answer import Answer
from taskmaster.cli.commands.history import described
from taskmaster.domain.changes import Transaction
from taskmaster.errors import Invalid, NotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from taskmaster.domain.changes import Change
    from taskmaster.usecases.batch import Applied
    from taskmaster.workspace import Workspace

EXAMPLES = (
    "tamp apply changes.json --dry-run",
    "tamp apply changes.jsonl --json",
    'tamp apply - <<< \'{"op": "note", "id": "5", "text": "Agreed: JSON only"}\'',
)


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "batch", metavar="FILE",
        help="a JSON list of operations, or one operation a line (-: standard input)",
    )  # fmt: skip
    parser.add_argument("--dry-run", action="store_true", help="only show what would change")


def run(args: Namespace) -> Answer:
    from taskmaster.usecases import batch, operations

    ws = session.workspace(args)
    raw = operations.of_text(_text(args.batch))
    note = "" if args.batch == "-" else args.batch
    applied = batch.apply(ws, raw, dry_run=args.dry_run, note=note)
    data = {
        "success": True,
        "dryRun": args.dry_run,
        "results": [batch.result_to_json(one) for one in applied.results],
        "names": dict(applied.names),
        "changes": [wire.change_to_json(one) for one in applied.changes],
        "tag": ws.tag,
        "storageType": ws.store.kind,
    }
    return Answer("batch.v1", data, _lines(ws, applied, dry_run=args.dry_run))


def _text(path: str) -> str:
    try:
        if path == "-":
            return sys.stdin.read().removeprefix("\ufeff")
        with open(path, encoding="utf-8-sig") as file:
            return file.read()
    except UnicodeDecodeError as error:
        raise Invalid(f"the batch is not UTF-8: {error}", code="not-utf-8") from None
    except OSError as error:
        raise NotFound(
            f"{path} cannot be read: {error.strerror}",
            hint="name a file, or - for standard input",
            code="file-not-found",
        ) from None


def _lines(ws: Workspace, applied: Applied, *, dry_run: bool) -> list[str]:
    lines = changed(ws, applied.changes) if dry_run else []
    for result in () if dry_run else applied.results:
        lines.append(f"{result.place}  {result.op}: {', '.join(result.ids)}")
    lines += [f"{name} is {task_id}" for name, task_id in applied.names.items()]
    return [*lines, counted(len(applied.results), len(applied.changes), dry_run=dry_run)]


def changed(ws: Workspace, found: Sequence[Change]) -> list[str]:
    """The changes that would be made, a line each."""
    return list(described(Transaction(0, ws.stamp("dry-run"), tuple(found))))


def counted(operations: int, changes: int, *, dry_run: bool) -> str:
    noun = f"{operations} operation{'s' * (operations != 1)}"
    change = f"{changes} change{'s' * (changes != 1)}"
    if dry_run:
        return f"{noun} would make {change}; nothing was changed"
    return f"{noun} made {change}; `tamp undo` takes them back together"
