"""``tamp restore``"""

from __future__ import annotations

import os

from taskmaster import app
from taskmaster.cli import session
from taskmaster.cli.answer import Answer
from taskmaster.cli.commands.backup import listing
from taskmaster.cli.confirm import agreed, offered
from taskmaster.usecases import backups

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping

    from taskmaster.ports import Archive
    from taskmaster.workspace import Workspace

EXAMPLES = (
    "tamp restore --list",
    "tamp restore --dry-run",
    "tamp restore",
    "tamp restore latest --yes",
)
LEAVES = ("--tag",)


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "name", nargs="?", default="", metavar="NAME",
        help="a kept copy, `latest`, or `last-good`: what the file said when it could be read",
    )  # fmt: skip
    parser.add_argument("-l", "--list", action="store_true", help="show the copies that are kept")
    parser.add_argument("--dry-run", action="store_true", help="only say what would change")
    offered(parser)


def run(args: Namespace) -> Answer:
    project = session.project(args)
    archive = app.open_archive(project)
    if args.list:
        return listing(archive)
    name = args.name or backups.usual_copy(archive)
    counts = backups.preview(archive, name)
    data: dict[str, object] = {"name": name, "changes": dict(counts), "dryRun": args.dry_run}
    if args.dry_run:
        lines = [f"restoring {name} {_described(counts)}", "nothing was changed"]
        return Answer("restored.v1", {"success": True, **data}, lines)
    if not _agreed(args, name, counts):
        return Answer("restored.v1", {"success": False, **data}, ["nothing was changed"])
    return _restored(app.workspace(project, os.environ, via="cli"), archive, data)


def _restored(ws: Workspace, archive: Archive, data: dict[str, object]) -> Answer:
    name = str(data["name"])
    before = {copy.name for copy in archive.copies()}
    committed = backups.restore(ws, archive, name)
    kept = [copy.name for copy in archive.copies() if copy.name not in before]
    data |= {"kept": kept, "transaction": committed.first if committed else None}
    counts: Mapping[str, int] = data["changes"]  # type: ignore[assignment]  # put in above
    lines = [f"restored {name}: it {_described(counts)}"]
    lines += [f"what was there before is kept: {one}" for one in kept]
    return Answer("restored.v1", {"success": True, **data}, lines)


def _agreed(args: Namespace, name: str, counts: Mapping[str, int]) -> bool:
    return agreed(
        args,
        lambda: f"Restoring {name} {_described(counts)}.\nGo on?",
        without="restore replaces the tasks",
    )


def _described(counts: Mapping[str, int]) -> str:
    verbs = {
        "added": "brings back",
        "removed": "takes away",
        "changed": "changes",
    }
    words = [f"{verb} {counts[key]}" for key, verb in verbs.items() if counts[key]]
    if counts["reordered"]:
        words.append("changes the order")
    if counts["tags"]:
        words.append(f"touches {counts['tags']} tag{'s' if counts['tags'] > 1 else ''}")
    if not words:
        return "changes no task"
    return ", ".join(words) + " (tasks and subtasks)"
