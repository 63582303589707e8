"""``tamp list``"""

from __future__ import annotations

from taskmaster import wire
from taskmaster.cli import session
from taskmaster.cli.answer import COLOURS, ICONS, Answer, fitted, painted, printable, width
from taskmaster.domain.graph import dependents, open_needs
from taskmaster.errors import Usage
from taskmaster.usecases import listing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator, Sequence

    from taskmaster.domain.task import Task
    from taskmaster.usecases.listing import Listing

EXAMPLES = (
    "tamp list",
    "tamp list pending --with-subtasks",
    "tamp list --ready --priority=high,critical",
    "tamp list --status=in-progress,review --json",
    "tamp list --all-tags --compact",
)
NARROWEST_TITLE = 20


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "what", nargs="?", metavar="STATUS", help="a status, or all (with subtasks)"
    )
    parser.add_argument("-s", "--status", metavar="A,B", help="only these statuses")
    parser.add_argument("--priority", metavar="A,B", help="only these priorities")
    parser.add_argument("--ready", action="store_true", help="only what can be worked on now")
    parser.add_argument("--blocking", action="store_true", help="only what others wait for")
    parser.add_argument("--with-subtasks", action="store_true", help="show subtasks too")
    parser.add_argument("--all-tags", action="store_true", help="the tasks of every tag")
    parser.add_argument("-f", "--format", choices=("text", "json", "compact"), help="the form")
    parser.add_argument("-c", "--compact", action="store_true", help="one short line a task")
    parser.add_argument("--no-header", action="store_true", help="leave the summary out")
    parser.add_argument("--silent", action="store_true", help="print nothing but errors")


def run(args: Namespace) -> Answer:
    ws = session.workspace(args)
    wanted = _wanted(args)
    everywhere = args.all_tags
    found = listing.list_all_tags(ws, wanted) if everywhere else [listing.list_tasks(ws, wanted)]
    subtasks = args.with_subtasks or args.what == "all"
    if args.json or args.format == "json":
        data = _data(found, subtasks=subtasks, everywhere=everywhere, storage=ws.store.kind)
        return Answer("tasks.v1", data, [])
    compact = args.compact or args.format == "compact"
    lines: list[str] = []
    for one in found:
        lines += _text(one, subtasks=subtasks, compact=compact, header=not args.no_header)
    return Answer("tasks.v1", {}, [] if args.silent else lines)


def _wanted(args: Namespace) -> listing.Wanted:
    if args.what and args.what != "all" and args.status:
        raise Usage("the status is given twice", hint="either as a word or with --status")
    words = args.status or ("" if args.what == "all" else args.what) or ""
    statuses = listing.statuses_of(words)
    priorities = listing.priorities_of(args.priority or "")
    return listing.Wanted(statuses, priorities, args.ready, args.blocking)


def _data(
    found: Sequence[Listing], *, subtasks: bool, everywhere: bool, storage: str
) -> dict[str, object]:
    shown = []
    for one in found:
        waiters = dependents(one.nodes)
        for task in one.tasks:
            entry = wire.task_to_json(task, subtasks=subtasks)
            entry["blocks"] = waiters.get(task.id, [])
            if everywhere:
                entry["tagName"] = one.tag
            shown.append(entry)
    metadata = {
        "total": sum(one.total for one in found),
        "filtered": len(shown),
        "tag": "all" if everywhere else found[0].tag,
        "storageType": storage,
        "allTags": everywhere,
    }
    return {"tasks": shown, "metadata": metadata}


def _text(one: Listing, *, subtasks: bool, compact: bool, header: bool) -> list[str]:
    rows = [row for task in one.tasks for row in (task, *(task.subtasks if subtasks else ()))]
    lines = [_summary(one)] if header else []
    if not rows:
        empty = "nothing matches" if one.total else "no tasks yet: `tamp parse-prd FILE` makes some"
        return [*lines, empty]
    if compact:
        return lines + [_short(task) for task in rows]
    return lines + list(_table(one, rows))


def _short(task: Task) -> str:
    return printable(f"{task.id} {ICONS.get(task.status, '?')} {task.title}")


def _summary(one: Listing) -> str:
    found = listing.summary(one)
    done = found.statuses.get("done", 0)
    share = f" ({100 * done // one.total} %)" if one.total else ""
    parts = [
        f"{done} of {one.total} done{share}",
        f"{found.ready} ready",
        f"{found.waiting} waiting",
    ]
    parts += [
        f"{count} {status}"
        for status, count in sorted(found.statuses.items())
        if status not in ("done", "pending")
    ]
    return f"{painted(printable(one.tag), 'bold')}: {printable(', '.join(parts))}"


def _table(one: Listing, rows: Sequence[Task]) -> Iterator[str]:
    """Columns id, status, priority, title and what is waited for, as wide as the screen allows."""
    ids = max(len(task.id) for task in rows)
    state = max(len(task.status) for task in rows)
    room = max(width() - ids - state - 20, NARROWEST_TITLE)
    needs = open_needs(one.nodes)
    cells_of: dict[tuple[str, str], str] = {}
    for task in rows:
        task_id, kind = task.id, (task.status, task.priority)
        if kind not in cells_of:
            cells_of[kind] = _cells(*kind, state)
        waiting = needs.get(task_id)
        waits = f"  after {', '.join(waiting)}" if waiting else ""
        title = printable(task.title)
        left = max(room - len(waits), NARROWEST_TITLE)
        if waits or len(title) > left or not title.isascii():
            title = fitted(title, left)
        yield f"{printable(task_id).rjust(ids)}  {cells_of[kind]}  {title}{waits}".rstrip()


def _cells(status: str, priority: str, room: int) -> str:
    """The columns for status and priority, which few different ones fill."""
    shown = painted(fitted(status, room), COLOURS.get(status, ""))
    return (
        f"{ICONS.get(status, '?')} {shown}  {painted(priority.ljust(8), COLOURS.get(priority, ''))}"
    )
