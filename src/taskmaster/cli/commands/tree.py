"""``tamp tree``"""

from __future__ import annotations

from taskmaster.cli import glyphs, session
from taskmaster.cli.answer import COLOURS, Answer, painted, width
from taskmaster.domain.task import COMPLETE
from taskmaster.errors import Usage
from taskmaster.usecases import listing
from taskmaster.usecases.tree import open_below, rows_to_json, tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

    from taskmaster.cli.glyphs import Glyphs
    from taskmaster.domain.forest import Row
    from taskmaster.usecases.tree import Tree

EXAMPLES = (
    "tamp tree",
    "tamp tree 5 --status=pending,in-progress",
    "tamp tree --dependencies --depth=3",
    "tamp tree --dependencies 5 --json",
)
_NARROWEST = 16
_MARKS = {"repeated": "(shown above)", "circle": "(a circle)", "cut": "(more below)"}


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("task", nargs="?", default="", metavar="ID", help="only this branch")
    parser.add_argument(
        "--dependencies", action="store_true", help="below each task, what waits for it"
    )
    parser.add_argument("--depth", type=int, default=0, metavar="N", help="only N levels")
    parser.add_argument(
        "-s", "--status", default="", metavar="A,B", help="only what leads to these statuses"
    )


def run(args: Namespace) -> Answer:
    if args.depth < 0:
        raise Usage("--depth takes a number from 1", hint="leave it out to see all levels")
    ws = session.workspace(args)
    found = tree(
        ws,
        root=args.task,
        depth=args.depth,
        statuses=listing.statuses_of(args.status),
        dependencies=args.dependencies,
    )
    data = {
        "rows": rows_to_json(found),
        "kind": "dependencies" if args.dependencies else "subtasks",
        "tag": ws.tag,
        "storageType": ws.store.kind,
    }
    return Answer("tree.v1", data, [] if args.json else list(_lines(found, glyphs.glyphs(args))))


def _lines(found: Tree, signs: Glyphs) -> Iterator[str]:
    tops = [node for node in found.nodes.values() if not node.parent]
    left = sum(node.status not in COMPLETE for node in tops)
    yield f"{painted(found.tag, 'bold')}: {left} of {len(tops)} tasks open"
    if not found.rows:
        yield "nothing matches" if tops else "no tasks yet: `tamp parse-prd FILE` makes some"
    room = width()
    deepest = max((room - _NARROWEST - 24) // 3, 2)
    trail: list[bool] = []
    for row in found.rows:
        trail[row.depth :] = [row.last]
        yield _line(row, found, _branch(row, trail, deepest, signs), room, signs)


def _branch(row: Row, trail: list[bool], deepest: int, signs: Glyphs) -> str:
    """What stands before a row; very deep ones say their level in place of drawing it."""
    if row.depth > deepest:
        return f"{signs.past * (deepest - 1)}{signs.more} level {row.depth + 1}: "
    before = "".join("   " if last else signs.past for last in trail[:-1])
    return before + (signs.end if row.last else signs.fork)


def _line(row: Row, found: Tree, branch: str, room: int, signs: Glyphs) -> str:
    node = found.nodes[row.id]
    left, total = open_below(node, found.nodes)
    notes = [f"{left} of {total} open"] if total else []
    notes += [_MARKS[row.mark].strip("()")] if row.mark else []
    tail = f"  ({', '.join(notes)})" if notes else ""
    icon = painted(signs.icons.get(node.status, "?"), COLOURS.get(node.status, ""))
    used = len(branch) + len(row.id) + len(tail) + 4
    title = glyphs.cut(node.task.title, max(room - used, min(_NARROWEST, room // 5)), signs)
    return f"{branch}{icon} {row.id}  {title}{tail}"
