"""``--where`` of several commands: what is done to every task that a query means, once agreed."""

from __future__ import annotations

import sys

from taskmaster import wire
from taskmaster.cli.answer import Answer, printable
from taskmaster.cli.commands.history import described
from taskmaster.cli.confirm import confirmed
from taskmaster.domain import grammar
from taskmaster.domain.changes import Transaction
from taskmaster.errors import Usage
from taskmaster.usecases import everywhere

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from taskmaster.domain.changes import Change
    from taskmaster.domain.task import Task
    from taskmaster.usecases.everywhere import Result, Work
    from taskmaster.workspace import Workspace

_SHOWN = 10


def check(args: Namespace, named: str, command: str, *, single: str = "") -> None:
    """Refuse what makes no sense together with ``--where``, or without it."""
    if not args.where:
        flag = "--dry-run" if args.dry_run else "--yes"
        raise Usage(f"{flag} goes with --where", hint=f"`tamp {command} --help` shows both")
    if named or single:
        raise Usage(
            f"{single or 'ids'} and --where exclude each other",
            hint="a query may name ids as well: --where='id:5,7-9 status:pending'",
        )


def done(ws: Workspace, args: Namespace, operation: str, work: Work[Result]) -> Result | Answer:
    """What *work* gives, or the answer when nothing was done: a dry run, or nobody agreed."""
    query = grammar.parse(args.where)
    if args.yes and not args.dry_run:
        return everywhere.on_all(ws, operation, query, work)
    found, changes = everywhere.preview(ws, operation, query, work)
    if args.dry_run:
        return _preview(ws, found, changes, dry_run=True)
    if not sys.stdin.isatty():
        raise Usage(
            f"{_counted(found)} match, and nobody is there to be asked; nothing was changed",
            hint="--yes goes ahead, --dry-run shows what would change",
            code="not-confirmed",
            details=[task.id for task in found],
        )
    if not confirmed("\n".join([*_titles(found), f"{operation} {_counted(found)}?"])):
        return _preview(ws, found, (), dry_run=False)
    return everywhere.on_all(ws, operation, query, work, agreed=[task.id for task in found])


def _preview(
    ws: Workspace, found: Sequence[Task], changes: Sequence[Change], *, dry_run: bool
) -> Answer:
    data = {
        "success": dry_run,
        "dryRun": dry_run,
        "matching": [task.id for task in found],
        "changes": [wire.change_to_json(one) for one in changes],
        "tag": ws.tag,
        "storageType": ws.store.kind,
    }
    told = described(Transaction(0, ws.stamp("dry-run"), tuple(changes)))
    end = f"{_counted(found)} match; nothing was changed"
    return Answer("preview.v1", data, [*told, end])


def _counted(found: Sequence[Task]) -> str:
    return f"{len(found)} task{'s' * (len(found) != 1)}"


def _titles(found: Sequence[Task]) -> list[str]:
    lines = [f"  {task.id}  {printable(task.title)}" for task in found[:_SHOWN]]
    return [*lines, *([f"  and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else [])]
