"""``tamp backup``"""

from __future__ import annotations

import os

from taskmaster import app
from taskmaster.cli import session
from taskmaster.cli.answer import Answer
from taskmaster.usecases import backups

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from taskmaster.domain.copies import Copy
    from taskmaster.ports import Archive

EXAMPLES = ("tamp backup", "tamp backup --list", "tamp backup --json")
LEAVES = ("--tag",)


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("-l", "--list", action="store_true", help="show the copies that are kept")


def run(args: Namespace) -> Answer:
    project = session.project(args)
    archive = app.open_archive(project)
    if args.list:
        return listing(archive)
    copy = backups.keep(app.workspace(project, os.environ, via="cli"), archive)
    data = {"success": True, "backup": entry(archive, copy)}
    notes = ["the task file cannot be read; it was kept as it is"] if copy.why == "broken" else []
    return Answer("backup.v1", data, [archive.path(copy.name)], notes=notes)


def listing(archive: Archive) -> Answer:
    """The copies that are kept, newest first."""
    copies = archive.copies()
    lines = [f"{_time(one)}  {one.size:>11,} bytes  {one.why:<15}  {one.name}" for one in copies]
    data = {"backups": [entry(archive, one) for one in copies]}
    return Answer("backups.v1", data, lines or ["no copies are kept yet; `tamp backup` makes one"])


def entry(archive: Archive, copy: Copy) -> dict[str, object]:
    """A copy as programs get it."""
    return {
        "name": copy.name,
        "path": archive.path(copy.name),
        "time": copy.time,
        "why": copy.why,
        "size": copy.size,
    }


def _time(copy: Copy) -> str:
    day, clock = copy.time[:8], copy.time[9:15]
    return f"{day[:4]}-{day[4:6]}-{day[6:]} {clock[:2]}:{clock[2:4]}:{clock[4:]}"
