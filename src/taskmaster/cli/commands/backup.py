"""``tamp backup``"""

from __future__ import annotations

import os

from taskmaster import app
from taskmaster.cli import session
from taskmaster.cli.answer import Answer, printable
from taskmaster.cli.progress import Progress
from taskmaster.domain import spans
from taskmaster.domain.copies import BROKEN
from taskmaster.errors import CorruptStore, NotFound, Usage
from taskmaster.usecases import backups

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from taskmaster.config import Project
    from taskmaster.domain.copies import Copy
    from taskmaster.ports import Archive
    from taskmaster.usecases.backups import Verdict
    from taskmaster.usecases.rounds import Round

EXAMPLES = (
    "tamp backup",
    "tamp backup --list",
    "tamp backup --verify",
    "tamp backup --output=/backup/shop.jsonl.gz --force",
    "tamp backup --keep=48 --keep-days=30",
    "tamp backup --every=1h --keep-days=7",
)
LEAVES = ("--tag",)
LATEST, ALL = "latest", "all"
_SHORTEST = 0.1


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("-l", "--list", action="store_true", help="show the copies that are kept")
    parser.add_argument(
        "-o", "--output", default="", metavar="FILE",
        help="write the copy there: .jsonl or .jsonl.gz with the whole history, or the engine's"
        " own form (.json, .db, .dump)",
    )  # fmt: skip
    parser.add_argument("--force", action="store_true", help="with --output: over a file there")
    parser.add_argument(
        "--verify", nargs="?", const=LATEST, default="", metavar="NAME",
        help="read a copy to its end and say whether it can be restored: the newest, the one of"
        " this name or path, or `all`",
    )  # fmt: skip
    parser.add_argument(
        "--keep", type=int, default=0, metavar="N", help="let go of all but the N newest copies"
    )
    parser.add_argument(
        "--keep-days", type=int, default=0, metavar="D",
        help="let go of copies older than D days; with --keep, of those that neither keeps",
    )  # fmt: skip
    parser.add_argument(
        "--every", default="", metavar="SPAN",
        help="stay, and keep a copy each 15m, 1h, 1d when something has changed",
    )  # fmt: skip
    parser.add_argument(
        "--native", action="store_true", help="with Postgres: a copy of the database by pg_dump"
    )


def run(args: Namespace) -> Answer:
    _check(args)
    project = session.project(args)
    archive = app.open_archive(project)
    if args.list:
        return listing(archive)
    if args.verify:
        return _verified(archive, args.verify)
    if args.output:
        return _saved(args, project, archive)
    if args.every:
        return _rounds(args, project, archive)
    ws = app.workspace(project, os.environ, via="cli")
    with Progress("copying"):
        copy = backups.keep(ws, archive, native=args.native)
    gone = backups.prune(ws, archive, keep=args.keep, days=args.keep_days)
    data: dict[str, object] = {"success": True, "backup": backups.copy_to_json(archive, copy)}
    data |= {"removed": [one.name for one in gone]} if args.keep or args.keep_days else {}
    notes = ["the task file cannot be read; it was kept as it is"] if copy.why == BROKEN else []
    lines = [archive.path(copy.name), *([_let_go(gone)] if gone else [])]
    return Answer("backup.v1", data, lines, notes=notes)


def _check(args: Namespace) -> None:
    ways = ("list", "verify", "output", "every")
    asked = [f"--{name}" for name in ways if getattr(args, name)]
    if len(asked) > 1:
        raise Usage(f"{asked[0]} and {asked[1]} are two different things to do")
    for name in ("keep", "keep_days", "native"):
        if getattr(args, name) and asked not in ([], ["--every"]):
            raise Usage(f"--{name.replace('_', '-')} means nothing to {asked[0]}")
    if args.force and not args.output:
        raise Usage("--force means nothing without --output")
    if args.keep < 0 or args.keep_days < 0:
        raise Usage("--keep and --keep-days take numbers from 1")
    if args.every and spans.seconds(args.every) < _SHORTEST:
        raise Usage(f"--every={args.every} is no span", hint="such as 30s, 15m, 1h, 1d, 1w")


def _verified(archive: Archive, name: str) -> Answer:
    kept = backups.to_verify(archive)
    if name in (LATEST, ALL) and not kept:
        raise NotFound("no copies are kept yet", hint="`tamp backup` makes one", code="no-copy")
    names = kept if name == ALL else kept[:1] if name == LATEST else [name]
    told: list[dict[str, object]] = []
    lines = []
    with Progress("reading") as progress:
        for number, one in enumerate(names):
            progress.at(number, len(names))
            facts, line = _judged(archive, one)
            told.append({"name": one, **facts})
            lines.append(printable(f"{one} {line}"))
    sound = all(one["success"] for one in told)
    code = 0 if sound else CorruptStore.exit_code
    return Answer("verified.v1", {"success": sound, "backups": told}, lines, code)


def _judged(archive: Archive, name: str) -> tuple[dict[str, object], str]:
    try:
        verdict = backups.verify(archive, name)
    except CorruptStore as error:
        return {"success": False, "error": error.as_json()}, f"CANNOT be restored: {error.message}"
    return {"success": True, **verdict._asdict()}, f"can be restored: {_held(verdict)}"


def _held(verdict: Verdict) -> str:
    words = f"{verdict.tasks:,} task{'s' * (verdict.tasks != 1)}"
    if verdict.changes:
        words += f", {verdict.changes:,} change{'s' * (verdict.changes != 1)}"
    return f"{words} that lead to them" if verdict.history == "whole" else words


def _saved(args: Namespace, project: Project, archive: Archive) -> Answer:
    from taskmaster.cli import outputs

    outputs.check(args.output, project, force=args.force)
    path = os.path.abspath(args.output)
    with Progress("copying"):
        backups.save(app.workspace(project, os.environ, via="cli"), archive, path)
    size = os.path.getsize(path)
    data: dict[str, object] = {"success": True, "backup": {"path": path, "size": size}}
    if path.endswith(".dump"):
        return Answer("backup.v1", data, [f"{path} is written: {size:,} bytes"])
    with Progress("reading it again"):
        verdict = backups.verify(archive, path)
    data["holds"] = verdict._asdict()
    return Answer("backup.v1", data, [f"{path} can be restored: {_held(verdict)}"])


def _rounds(args: Namespace, project: Project, archive: Archive) -> Answer:
    """Keep copies until the system or the person has enough."""
    from taskmaster.cli import watching
    from taskmaster.cli.ending import Ending
    from taskmaster.usecases.rounds import Rule, rounds

    ws = app.workspace(project, os.environ, via="cli")
    rule = Rule(spans.seconds(args.every), args.keep, args.keep_days, args.native)
    count = 0
    with Ending() as ending:
        for one in rounds(ws, archive, rule, ending.over):
            count += one.copy is not None
            watching.told(
                [_round_json(archive, one) if args.json else _round_line(ws.clock(), one)]
            )
    words = f"asked to end; {count} cop{'y was' if count == 1 else 'ies were'} kept"
    return Answer("backup-rounds.v1", {"success": True, "copies": count}, [words])


def _round_line(now: str, one: Round) -> str:
    when = now[:19].replace("T", " ")
    if one.trouble:
        return printable(f"{when}  no copy: {one.trouble.message}; trying on")
    parts = [f"{when}  kept {one.copy.name if one.copy else ''}"]
    if one.verdict:
        parts.append(f"can be restored: {_held(one.verdict)}")
    return "; ".join([*parts, *([_let_go(one.gone)] if one.gone else [])])


def _round_json(archive: Archive, one: Round) -> str:
    import json

    shown: dict[str, object] = {"schema": "tamp/backup.v1", "success": one.copy is not None}
    if one.copy:
        shown |= {
            "backup": backups.copy_to_json(archive, one.copy),
            "removed": [gone.name for gone in one.gone],
        }
    if one.verdict:
        shown["holds"] = one.verdict._asdict()
    if one.trouble:
        shown["error"] = one.trouble.as_json()
    return json.dumps(shown, ensure_ascii=False)


def _let_go(gone: Sequence[Copy]) -> str:
    return f"let go of {len(gone)} older cop{'y' if len(gone) == 1 else 'ies'}"


def listing(archive: Archive) -> Answer:
    """The copies that are kept, newest first."""
    copies = archive.copies()
    lines = [f"{_time(one)}  {one.size:>11,} bytes  {one.why:<15}  {one.name}" for one in copies]
    data = {"backups": [backups.copy_to_json(archive, one) for one in copies]}
    return Answer("backups.v1", data, lines or ["no copies are kept yet; `tamp backup` makes one"])


def _time(copy: Copy) -> str:
    day, clock = copy.time[:8], copy.time[9:15]
    return f"{day[:4]}-{day[4:6]}-{day[6:]} {clock[:2]}:{clock[2:4]}:{clock[4:]}"
