"""``tamp sync-readme``"""

from __future__ import annotations

import os

from taskmaster.cli import session
from taskmaster.cli.answer import Answer
from taskmaster.usecases import listing, readme

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = (
    "tamp sync-readme",
    "tamp sync-readme --with-subtasks",
    "tamp sync-readme --status=pending,in-progress --tag=v2",
)


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--with-subtasks", action="store_true", help="show subtasks too")
    parser.add_argument(
        "-s", "--status", default="", metavar="A,B", help="only tasks with these statuses"
    )


def run(args: Namespace) -> Answer:
    statuses = listing.statuses_of(args.status)
    ws = session.workspace(args)
    root = session.project(args).root
    done = readme.sync(ws, root, statuses=statuses, subtasks=args.with_subtasks)
    data = {
        "success": True,
        "file": done.path,
        "rows": done.rows,
        "created": done.created,
        "changed": done.changed,
        "tag": ws.tag,
        "storageType": ws.store.kind,
    }
    name = os.path.relpath(done.path)
    if not done.changed:
        return Answer("readme.v1", data, [f"{name} shows the tasks already"])
    made = "made" if done.created else "changed"
    rows = f"{done.rows} row{'s' * (done.rows != 1)}"
    return Answer("readme.v1", data, [f"{made} {name}: a table of {rows}"])
