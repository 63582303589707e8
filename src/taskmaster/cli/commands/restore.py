"""``tamp restore``"""

from __future__ import annotations

import os

from taskmaster import app, config
from taskmaster.cli import session
from taskmaster.cli.answer import Answer
from taskmaster.cli.commands.backup import listing
from taskmaster.cli.confirm import agreed, offered
from taskmaster.cli.progress import Progress
from taskmaster.domain.changes import last_number
from taskmaster.usecases import backups

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Mapping

    from taskmaster.ports import Archive
    from taskmaster.workspace import Workspace

EXAMPLES = (
    "tamp restore --list",
    "tamp restore --dry-run",
    "tamp restore",
    "tamp restore latest --yes",
    "tamp restore /backup/shop.jsonl.gz --yes",
)
LEAVES = ("--tag",)


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "name", nargs="?", default="", metavar="NAME",
        help="a kept copy, the path of one (.jsonl.gz, .jsonl, .db or a task file), `latest`, or"
        " `last-good`: what the file said when it could be read",
    )  # fmt: skip
    parser.add_argument("-l", "--list", action="store_true", help="show the copies that are kept")
    parser.add_argument("--dry-run", action="store_true", help="only say what would change")
    offered(parser)


def run(args: Namespace) -> Answer:
    project = session.project(args)
    archive = app.open_archive(project)
    if args.list:
        return listing(archive)
    ws = app.workspace(project, os.environ, via="cli")
    name = args.name or backups.usual_copy(archive)
    with Progress("reading"):
        counts = backups.preview(archive, name)
        history = backups.brings_history(ws, archive, name)
    data: dict[str, object] = {"name": name, "changes": dict(counts), "dryRun": args.dry_run}
    data |= {"history": history} if history else {}
    if args.dry_run:
        lines = [f"restoring {name} {_described(data)}", "nothing was changed"]
        return Answer("restored.v1", {"success": True, **data}, lines)
    if not _agreed(args, data):
        return Answer("restored.v1", {"success": False, **data}, ["nothing was changed"])
    storage = config.storage(project, os.environ)
    return _restored(ws, archive, data, lambda: app.prepare(storage))


def _restored(
    ws: Workspace, archive: Archive, data: dict[str, object], make_room: Callable[[], None]
) -> Answer:
    name = str(data["name"])
    before = {copy.name for copy in archive.copies()}
    with Progress("restoring"):
        restored = backups.restore(ws, archive, name, make_room)
    kept = [copy.name for copy in archive.copies() if copy.name not in before]
    committed = restored.committed
    first = None if committed is None or restored.history else committed.first
    data |= {"kept": kept, "transaction": first}
    data |= {"history": restored.history} if restored.history else {}
    lines = [f"restored {name}: it {_described(data)}"]
    lines += [f"what was there before is kept: {one}" for one in kept]
    if committed and restored.history:
        lines.append(f"the next change will be number {last_number(committed) + 1}")
    return Answer("restored.v1", {"success": True, **data}, lines)


def _agreed(args: Namespace, data: Mapping[str, object]) -> bool:
    return agreed(
        args,
        lambda: f"Restoring {data['name']} {_described(data)}.\nGo on?",
        without="restore replaces the tasks",
    )


def _described(data: Mapping[str, object]) -> str:
    counts: Mapping[str, int] = data["changes"]  # type: ignore[assignment]  # put in by ``run``
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
    told = ", ".join(words) + " (tasks and subtasks)" if words else "changes no task"
    return f"{told}, with the history of {data['history']:,} changes" if "history" in data else told
