"""``tamp uninit``"""

from __future__ import annotations

import os
import sys

from taskmaster import app, config
from taskmaster.cli import session
from taskmaster.cli.answer import Answer, printable
from taskmaster.usecases import departure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from taskmaster.usecases.departure import Departure

EXAMPLES = ("tamp uninit --dry-run", "tamp uninit", "tamp uninit --yes --json")
LEAVES = ("--tag", "--file")
_SHOWN = 10


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    parser.add_argument("-y", "--yes", action="store_true", help="also where there are tasks")


def run(args: Namespace) -> Answer:
    place = session.project(args)
    ws = session.workspace(args)
    storage = config.storage(place, os.environ)
    leaving = departure.departure(ws, place, storage)
    if args.dry_run:
        return Answer("uninit.v1", _data(leaving, place.root, done=False), _lines(leaving, "would"))
    agreed = args.yes or _agrees(leaving)
    done = departure.uninit(ws, app.open_archive(place), place, storage, agreed=agreed)
    return Answer("uninit.v1", _data(done, place.root, done=True), _lines(done, ""))


def _agrees(leaving: Departure) -> bool:
    if not (leaving.aside and sys.stdin.isatty()):
        return False
    from taskmaster.cli.confirm import confirmed

    return confirmed("\n".join([*_lines(leaving, "would"), "Go on?"]))


def _data(leaving: Departure, root: str, *, done: bool) -> dict[str, object]:
    return {
        "success": True,
        "dryRun": not done,
        "root": root,
        "tasks": leaving.tasks,
        "ownFiles": list(leaving.own),
        "movedTo": leaving.aside or None,
        "backup": leaving.backup or None,
        "tasksStayIn": leaving.stay or None,
    }


def _lines(leaving: Departure, would: str) -> list[str]:
    if not leaving.aside:
        return [f"the project {f'{would} be' if would else 'is'} gone: nobody had changed anything"]
    verb = f"{would} be" if would else "was"
    shown = [printable(path) for path in leaving.own[:_SHOWN]]
    if len(leaving.own) > _SHOWN:
        shown.append(f"and {len(leaving.own) - _SHOWN} more")
    name = os.path.basename(leaving.aside)
    lines = [f"the project folder {verb} moved to {name}; delete it when you miss nothing"]
    lines += [f"  with {path}" for path in shown]
    count = f"{leaving.tasks} task{'s' * (leaving.tasks != 1)}"
    if leaving.stay:
        lines.append(printable(f"the {count} stay in {leaving.stay}"))
    if leaving.backup:
        lines.append(f"a copy of the {count} {verb} kept in {os.path.basename(leaving.backup)}")
    return lines
