"""``tamp list``"""

from __future__ import annotations

from taskmaster import wire
from taskmaster.cli import session
from taskmaster.cli.answer import (
    COLOURS,
    ICONS,
    Answer,
    fitted,
    isolated,
    painted,
    printable,
    terminal,
    width,
)
from taskmaster.domain.graph import dependents, open_needs
from taskmaster.domain.schedule import put_off
from taskmaster.domain.task import WORKABLE
from taskmaster.errors import Usage
from taskmaster.usecases import listing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from taskmaster.cli.arrangement import Arrangement
    from taskmaster.domain.task import Task
    from taskmaster.usecases.listing import Listing
    from taskmaster.workspace import Workspace

EXAMPLES = (
    "tamp list",
    "tamp list pending --with-subtasks",
    "tamp list --ready --priority=high,critical",
    'tamp list --where "status:pending -label:ui due<2w" --sort=due,-priority',
    "tamp list --group=assignee --columns=id,status,title,due --limit=20",
    "tamp list --view urgent --json",
    "tamp list --all-tags --compact",
    "tamp list --watch",
)
NARROWEST_TITLE = 12
# From how many columns on there is room for the word of the status, and of the priority.
_STATUS_FROM, _PRIORITY_FROM = 72, 50
_LONGEST_ID, _LONGEST_STATUS, _PRIORITY_ROOM = 16, 12, 8
_READY, _BAR = "»", 20


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "what", nargs="?", metavar="STATUS", help="a status, or all (with subtasks)"
    )
    parser.add_argument("-s", "--status", metavar="A,B", help="only these statuses")
    parser.add_argument("--priority", metavar="A,B", help="only these priorities")
    parser.add_argument("--ready", action="store_true", help="only what can be worked on now")
    parser.add_argument("--blocking", action="store_true", help="only what others wait for")
    parser.add_argument("--where", metavar="EXPR", help="only what this query means")
    parser.add_argument("--view", metavar="NAME", help="as `tamp views save NAME` has kept it")
    _shape_arguments(parser)
    parser.add_argument("--all-tags", action="store_true", help="the tasks of every tag")
    parser.add_argument("-w", "--watch", action="store_true", help="draw anew at every change")
    parser.add_argument("-f", "--format", choices=("text", "json", "compact"), help="the form")
    parser.add_argument("-c", "--compact", action="store_true", help="one short line a task")
    parser.add_argument("--no-header", action="store_true", help="leave the summary out")
    parser.add_argument("--silent", action="store_true", help="print nothing but errors")


def _shape_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--sort", metavar="KEYS", help="priority,-due,id: by these in turn")
    parser.add_argument(
        "--group", metavar="FIELD", help="status, priority, label, assignee, parent or a key"
    )
    parser.add_argument("--columns", metavar="NAMES", help="id,status,title,due: only these")
    parser.add_argument("--limit", type=int, default=0, metavar="N", help="at most N (0: all)")
    parser.add_argument("--offset", type=int, default=0, metavar="N", help="leave out the first N")
    parser.add_argument(
        "--with-subtasks", action="store_true", help="show subtasks too; a query asks each"
    )


def run(args: Namespace) -> Answer:
    ws = session.workspace(args)
    plan = _plan(ws, args)
    if args.watch:
        return _watched(ws, args, plan)
    return _answer(ws, args, plan)


def _plan(ws: Workspace, args: Namespace) -> Arrangement | None:
    """What is asked beyond a plain list, whose options are not even looked up."""
    options = (args.where, args.view, args.sort, args.group, args.columns, args.offset, args.limit)
    if not any(option not in (None, 0) for option in options):
        return None
    from taskmaster.cli import arrangement

    return arrangement.arrangement(args, session.project(args), ws.clock()[:10])


def _watched(ws: Workspace, args: Namespace, plan: Arrangement | None) -> Answer:
    """Stays until the person has seen enough; what is wrong from the start ends it at once."""
    if args.json or args.format == "json" or args.silent:
        raise Usage(
            "--watch draws for people; --json and --silent mean nothing to it",
            hint="`tamp log --follow --json` gives a JSON document for every change",
        )
    from taskmaster.cli import watching

    listener = ws.listener()
    first = _answer(ws, args, plan)
    notes = watching.Notes(quiet=args.quiet)
    watching.redrawn(lambda: _answer(ws, args, plan).lines, listener, notes)
    return first


def _answer(ws: Workspace, args: Namespace, plan: Arrangement | None) -> Answer:
    wanted = _wanted(args, plan)
    found = listing.list_all_tags(ws, wanted) if args.all_tags else [listing.list_tasks(ws, wanted)]
    matching = sum(one.matching for one in found)
    notes: Sequence[str] = ()
    if plan:
        from taskmaster.cli import arrangement

        notes = arrangement.notes(plan, found)
        found = arrangement.applied(plan, found)
    subtasks = _with_subtasks(args) and wanted.where is None
    if args.json or args.format == "json":
        data = _data(found, plan, args, subtasks=subtasks)
        data["metadata"] = {**_metadata(ws, found, args, matching), **data["metadata"]}
        return Answer("tasks.v1", data, [], notes=notes)
    lines = [line for one in found for line in _text(one, plan, args, subtasks=subtasks)]
    return Answer("tasks.v1", {}, [] if args.silent else lines, notes=notes)


def _with_subtasks(args: Namespace) -> bool:
    return bool(args.with_subtasks or args.what == "all")


def _with_header(args: Namespace) -> bool:
    return not (args.no_header or args.silent or args.json or args.format == "json")


def _wanted(args: Namespace, plan: Arrangement | None) -> listing.Wanted:
    if args.what and args.what != "all" and args.status:
        raise Usage("the status is given twice", hint="either as a word or with --status")
    words = args.status or ("" if args.what == "all" else args.what) or ""
    statuses = listing.statuses_of(words)
    priorities = listing.priorities_of(args.priority or "")
    wanted = listing.Wanted(statuses, priorities, args.ready, args.blocking)
    wanted = wanted._replace(subtasks=_with_subtasks(args), counted=_with_header(args))
    if plan:
        from taskmaster.cli import arrangement

        wanted = arrangement.asked(plan, wanted)
    return wanted


def _data(
    found: Sequence[Listing], plan: Arrangement | None, args: Namespace, *, subtasks: bool
) -> dict[str, Any]:
    if plan is None:
        return {"tasks": _entries(found, args, subtasks=subtasks), "metadata": {}}
    from taskmaster.cli import arrangement

    top, metadata = arrangement.more_data(plan, found)
    if not plan.columns:
        entries = _entries(found, args, subtasks=subtasks)
    else:
        entries = [arrangement.entry(plan, one, task) for one in found for task in one.tasks]
    return {"tasks": entries, **top, "metadata": metadata}


def _entries(
    found: Sequence[Listing], args: Namespace, *, subtasks: bool
) -> list[dict[str, object]]:
    shown = []
    for one in found:
        waiters = dependents(one.nodes)
        for task in one.tasks:
            entry = wire.task_to_json(task, subtasks=subtasks)
            entry["blocks"] = waiters.get(task.id, [])
            if args.all_tags:
                entry["tagName"] = one.tag
            shown.append(entry)
    return shown


def _metadata(
    ws: Workspace, found: Sequence[Listing], args: Namespace, matching: int
) -> dict[str, object]:
    return {
        "total": sum(one.total for one in found),
        "filtered": matching,
        "tag": "all" if args.all_tags else found[0].tag,
        "storageType": ws.store.kind,
        "allTags": args.all_tags,
    }


def _text(
    one: Listing, plan: Arrangement | None, args: Namespace, *, subtasks: bool
) -> Iterator[str]:
    if _with_header(args):
        yield from _summary(one)
    if not one.tasks:
        yield "nothing matches" if one.total else "no tasks yet: `tamp parse-prd FILE` makes some"
    elif plan is None:
        yield from _rows(one, one.tasks, None, args, subtasks=subtasks)
    else:
        from taskmaster.cli import arrangement

        for heading, tasks in arrangement.sections(plan, one):
            if heading:
                yield heading
            yield from _rows(one, tasks, plan, args, subtasks=subtasks)


def _rows(
    one: Listing,
    tasks: Sequence[Task],
    plan: Arrangement | None,
    args: Namespace,
    *,
    subtasks: bool,
) -> Iterator[str]:
    rows = [row for task in tasks for row in (task, *(task.subtasks if subtasks else ()))]
    if args.compact or args.format == "compact":
        yield from map(_short, rows)
    elif plan and plan.columns:
        from taskmaster.cli import arrangement

        yield from arrangement.table(plan, one, rows)
    else:
        yield from _table(one, rows)


def _short(task: Task) -> str:
    return printable(f"{task.id} {ICONS.get(task.status, '?')} {task.title}")


def _summary(one: Listing) -> Iterator[str]:
    """How far the tag is, in numbers and, for people, as a bar."""
    found = one.counts
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
    tag = printable(one.tag)
    while len(parts) > 1 and len(f"{tag}: {', '.join(parts)}") > width():
        parts.pop()
    yield f"{painted(tag, 'bold')}: {printable(', '.join(parts))}"
    if terminal() and one.total:
        yield _bar(found.statuses, one.total)


def _bar(statuses: Mapping[str, int], total: int) -> str:
    """Done, in progress and the rest, as long as their shares."""
    room = min(_BAR, width())
    done = room * statuses.get("done", 0) // total
    begun = min(-(-room * statuses.get("in-progress", 0) // total), room - done)
    rest = "░" * (room - done - begun)
    return painted("█" * done, "green") + painted("▒" * begun, "cyan") + painted(rest, "dim")


def _table(one: Listing, rows: Sequence[Task]) -> Iterator[str]:
    """Id, status, priority, title and what is waited for; for people a mark at what is ready.

    As wide as the screen allows; on a narrow one the words for status and priority go first.
    """
    marked = terminal()
    ids = min(max(len(task.id) for task in rows), _LONGEST_ID)
    state = min(max(len(task.status) for task in rows), _LONGEST_STATUS)
    room = width()
    state = state if room >= _STATUS_FROM else 0
    priority = _PRIORITY_ROOM if room >= _PRIORITY_FROM else 0
    left = room - ids - 5 - 2 * marked - (state and state + 1) - (priority and priority + 2)
    left = max(left, NARROWEST_TITLE)
    needs = open_needs(one.nodes)
    cells_of: dict[tuple[str, str], str] = {}
    for task in rows:
        task_id, kind = task.id, (task.status, task.priority)
        if kind not in cells_of:
            cells_of[kind] = _cells(*kind, state, priority)
        shown = task_id.rjust(ids) if task_id.isascii() else task_id
        if len(shown) > ids or not shown.isprintable():
            shown = fitted(shown, ids)
        waiting = needs.get(task_id)
        if marked:
            ready = not waiting and _workable(task, needs, one.today)
            shown = painted(f"{_READY} {shown}", "bold") if ready else f"  {shown}"
        title = _title(task.title, waiting, left)
        if put_off(task, one.today):
            title = _put_off(task, waiting, left)
        yield f"{shown}  {cells_of[kind]}  {title}".rstrip()


def _workable(task: Task, needs: Mapping[str, Sequence[str]], today: str) -> bool:
    """Whether a task or subtask that waits for nothing itself can be worked on now."""
    if task.status not in WORKABLE or put_off(task, today):
        return False
    parent = task.parent
    return parent is None or (parent.id not in needs and _workable(parent, needs, today))


def _title(title: str, waiting: Sequence[str] | None, room: int) -> str:
    """The title, cut where it must be, and what the task waits for at the end of the line."""
    if not waiting:
        if title.isascii() and title.isprintable() and len(title) <= room:
            return title
        return isolated(fitted(title, room))
    waits = _waits(waiting, room - NARROWEST_TITLE)
    return isolated(fitted(title, max(room - len(waits), 1))) + painted(waits, "dim")


def _put_off(task: Task, waiting: Sequence[str] | None, room: int) -> str:
    """As ``_title``, with the day before which nobody is offered the task, where it has room."""
    until = f"  until {task.defer_until}"
    if room - len(until) < NARROWEST_TITLE:
        return _title(task.title, waiting, room)
    title = _title(task.title, waiting, room - len(until))
    return f"{title.rstrip()}{painted(until, 'dim')}"


def _waits(waiting: Sequence[str], room: int) -> str:
    """``  after 3, 4``, or as many of them as there is room for and how many more."""
    text = f"  after {', '.join(waiting)}"
    kept = len(waiting)
    while len(text) > room and kept > 1:
        kept = kept // 2
        text = f"  after {', '.join(waiting[:kept])} +{len(waiting) - kept}"
    return printable(text) if len(text) <= room else ""


def _cells(status: str, priority: str, state_room: int, priority_room: int) -> str:
    """The columns for status and priority, which few different ones fill."""
    word = f" {fitted(status, state_room)}" if state_room else ""
    shown = painted(f"{ICONS.get(status, '?')}{word}", COLOURS.get(status, ""))
    if not priority_room:
        return shown
    return f"{shown}  {painted(priority.ljust(priority_room), COLOURS.get(priority, ''))}"
