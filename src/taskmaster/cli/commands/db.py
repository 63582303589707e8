"""``tamp db``"""

from __future__ import annotations

import os

from taskmaster import app, config
from taskmaster.cli import session
from taskmaster.cli.answer import Answer, painted, printable
from taskmaster.cli.confirm import agreed, offered
from taskmaster.errors import NotFound, Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Sequence

    from taskmaster.config import Project
    from taskmaster.errors import TampError
    from taskmaster.stores.sql.migrations import Migration
    from taskmaster.stores.sql.schema import Schema, Standing

EXAMPLES = (
    "tamp db status",
    "tamp db upgrade --dry-run",
    "tamp db upgrade --expand --url=postgresql://tamp@db.example/tasks",
    "tamp db downgrade --to=1 --yes",
    "tamp db sql --from=1 --to=2 --url=postgresql://",
)
LEAVES = ("--tag", "--file")
# What each action takes beside --url.
_ACTIONS = {
    "status": (),
    "upgrade": ("to", "dry_run", "expand"),
    "downgrade": ("to", "dry_run", "yes"),
    "sql": ("from", "to"),
}
_COLOURS = {"pending": "yellow", "altered": "red", "unknown": "yellow"}


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "action",
        nargs="?",
        default="status",
        choices=tuple(_ACTIONS),
        metavar="ACTION",
        help="status (default), upgrade, downgrade, sql (print what the two would do)",
    )
    parser.add_argument(
        "--url",
        metavar="URL",
        default="",
        help="sqlite:PATH or postgresql://…; default: the project's own",
    )
    parser.add_argument(
        "--to", metavar="N", type=int, help="the migration to end at; 0 is the empty database"
    )
    parser.add_argument(
        "--from", metavar="N", type=int, help="sql: the migration to begin after (default: 0)"
    )
    parser.add_argument(
        "--expand",
        action="store_true",
        help="upgrade: stop before what servers of the version before could not stand",
    )
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    offered(parser, "downgrade: do not ask")


def run(args: Namespace) -> Answer:
    takes = _ACTIONS[args.action]
    for option in ("to", "from", "expand", "dry_run", "yes"):
        if option not in takes and getattr(args, option) not in (None, False):
            flag = f"--{option.replace('_', '-')}"
            raise Usage(f"{flag} means nothing to tamp db {args.action}", hint="leave it out")
    with _schema(args) as schema:
        return _RUN[args.action](args, schema)


def _schema(args: Namespace) -> Schema:
    """The tables of the database that is named, else of the project's."""
    if not args.url:
        return app.database(config.storage(session.project(args), os.environ))
    return app.database(config.storage_at(_around(args), args.url))


def _around(args: Namespace) -> Project:
    """The project whose folder paths count from; this folder, where there is none."""
    try:
        return session.project(args)
    except NotFound:
        here = os.getcwd()
        return config.Project(here, "", here, "", legacy=False)


def _status(_args: Namespace, schema: Schema) -> Answer:
    applied = schema.applied()
    found, problem = schema.status(applied), schema.problem(applied)
    data = {
        "database": schema.database.name,
        "engine": schema.database.kind,
        "current": applied[-1].number if applied else 0,
        "latest": schema.migrations.last,
        "problem": problem.as_json() if problem else None,
        "migrations": [_entry(one) | {"state": one.state, **_time(one)} for one in found],
    }
    lines = [printable(f"{schema.database.kind} database {schema.database.name}")]
    return Answer("db-status.v1", data, [*lines, *_rows(found), *_verdict(found, problem)])


def _entry(one: Migration | Standing) -> dict[str, object]:
    return {"number": one.number, "name": one.name, "phase": one.phase}


def _time(one: Standing) -> dict[str, object]:
    return {"appliedAt": one.applied_at} if one.applied_at else {}


def _rows(found: Sequence[Standing]) -> list[str]:
    room = max(len(one.name) for one in found)
    return [
        printable(f"{one.number:04d}  {one.name:<{room}}  {one.phase:<8}  ")
        + painted(f"{one.state:<7}", _COLOURS.get(one.state, "green"))
        + printable(f"  {one.applied_at}").rstrip()
        for one in found
    ]


def _verdict(found: Sequence[Standing], problem: TampError | None) -> list[str]:
    if problem is not None:
        return [problem.message, f"hint: {problem.hint}"]
    waiting = sum(one.state == "pending" for one in found)
    if waiting:
        return [f"{waiting} pending, which may wait: tamp db upgrade when no older version runs"]
    return ["up to date"]


def _upgrade(args: Namespace, schema: Schema) -> Answer:
    ahead = schema.rising(args.to, expand=args.expand)
    if not args.dry_run:
        ahead = schema.upgrade(args.to, expand=args.expand)
    return _migrated(args, schema, ahead, "would be applied" if args.dry_run else "applied")


def _downgrade(args: Namespace, schema: Schema) -> Answer:
    if args.to is None:
        raise Usage("how far back?", hint="--to=N names the last migration that stays; 0: none")
    ahead = schema.falling(args.to)
    if args.dry_run or not ahead:
        return _migrated(args, schema, ahead, "would be taken back")
    if not agreed(
        args,
        lambda: "\n".join([*_named(ahead, "would be taken back"), "Go on?"]),
        without="taking migrations back destroys what only the later tables can hold",
    ):
        return _migrated(args, schema, (), "", success=False)
    return _migrated(args, schema, schema.downgrade(args.to), "taken back")


def _migrated(
    args: Namespace,
    schema: Schema,
    steps: Sequence[Migration],
    verb: str,
    *,
    success: bool = True,
) -> Answer:
    data = {
        "success": success,
        "dryRun": args.dry_run,
        "action": args.action,
        "database": schema.database.name,
        "current": len(schema.applied()),
        "migrations": [_entry(one) for one in steps],
    }
    lines = _named(steps, verb)
    if not success:
        lines = ["nothing was changed"]
    elif args.dry_run and steps:
        lines.append("nothing was changed")
    return Answer("db-migrated.v1", data, lines or ["there is nothing to do"])


def _named(steps: Sequence[Migration], verb: str) -> list[str]:
    return [f"{one.number:04d}  {one.name} ({one.phase}) {verb}" for one in steps]


def _sql(args: Namespace, schema: Schema) -> Answer:
    start = getattr(args, "from") or 0
    end = schema.migrations.last if args.to is None else args.to
    text = schema.migrations.sql(start, end, schema.database.now)
    data = {"engine": schema.database.kind, "from": start, "to": end, "sql": text}
    return Answer("db-sql.v1", data, text.rstrip("\n").split("\n"))


_RUN: dict[str, Callable[[Namespace, Schema], Answer]] = {
    "status": _status,
    "upgrade": _upgrade,
    "downgrade": _downgrade,
    "sql": _sql,
}
