"""What each page shows, read through the use cases. Runs beside the event loop."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from rich.text import Text

from taskmaster.domain import grammar, graph, schedule
from taskmaster.domain.paths import in_order
from taskmaster.domain.task import STATUSES
from taskmaster.domain.work import turned
from taskmaster.tui.board import OTHER
from taskmaster.tui.detail import detail
from taskmaster.tui.lines import COLOURS, Found, Line, cell, fixed, icon, style_of, wrapped
from taskmaster.tui.past import past
from taskmaster.usecases import arranging, charting, listing
from taskmaster.usecases.tree import open_below, tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from taskmaster.domain.forest import Row
    from taskmaster.domain.graph import Node
    from taskmaster.domain.task import Task
    from taskmaster.usecases.charting import Chart
    from taskmaster.usecases.listing import Listing
    from taskmaster.usecases.tree import Tree
    from taskmaster.workspace import Workspace

_WIDE, _MIDDLE = 70, 44
_STATUS, _PRIORITY, _WAITS = 14, 9, 16
_MARKS = {"repeated": "shown above", "circle": "a circle", "cut": "more below"}


class Wish(NamedTuple):
    """What a page is asked for: its name, the query and the order, the task in full."""

    page: str
    where: str = ""
    sort: str = ""
    task: str = ""


def read(ws: Workspace, wish: Wish) -> Found:
    """The page that is wished for. Raises what the use cases raise."""
    if wish.page == "detail":
        return detail(ws, wish.task)
    return _PAGES[wish.page](ws, wish)


def _listing(ws: Workspace, wish: Wish) -> tuple[str, Listing]:
    where = grammar.parse(wish.where) if wish.where else None
    found = listing.list_tasks(ws, listing.Wanted(where=where))
    if wish.sort:
        keys = arranging.sort_keys(wish.sort)
        found = arranging.ordered(found, keys, ws.clock()[:10])
    return _head(found, wish), found


def _head(found: Listing, wish: Wish) -> str:
    known = found.counts
    complete = known.statuses.get("done", 0) + known.statuses.get("cancelled", 0)
    parts = [
        f"{complete} of {found.total} complete, {known.ready} ready, {known.waiting} waiting",
        f"{len(found.tasks)} shown for {wish.where}" if wish.where else "",
        f"by {wish.sort.lstrip('-')}" if wish.sort else "",
    ]
    return "; ".join(filter(None, parts))


def _list(ws: Workspace, wish: Wish) -> Found:
    head, found = _listing(ws, wish)
    side = max((len(task.id) for task in found.tasks), default=2)
    lines = [
        Line(task.id, partial(_row, task, found, side),
             task.id)
        for task in found.tasks
    ]  # fmt: skip
    if not lines:
        lines = [fixed("", Text("no tasks: a writes one down" if not wish.where else "none"))]
    return Found(head, {"": lambda _width: lines}, partial(_columns, side))


def _waits(task: Task, found: Listing) -> str:
    """What the task waits for: other tasks, or a day."""
    if task.complete:
        return ""
    waits = graph.waiting_for(graph.node_of(task, found.nodes), found.nodes)
    put_off = schedule.put_off(task, found.today)
    return ", ".join([*waits, *([task.defer_until] if put_off else [])])


def _row(task: Task, found: Listing, side: int, width: int) -> Text:
    status = task.status
    cells = [cell(task.id.rjust(side), side + 1), cell(icon(status), 2, COLOURS.get(status, ""))]
    right = _WAITS if width >= _WIDE else 0
    if width >= _MIDDLE:
        cells.append(cell(status, _STATUS, COLOURS.get(status, "")))
    if width >= _WIDE:
        cells.append(cell(task.priority, _PRIORITY, COLOURS.get(task.priority, "")))
    used = sum(one.cell_len for one in cells)
    cells.append(cell(task.title, width - used - right - 1, style_of(status)))
    if right:
        cells += [Text(" "), cell(_waits(task, found), right, "yellow")]
    return Text("", end="", no_wrap=True).join(cells)


def _columns(side: int, width: int) -> Text:
    names = [("id".rjust(side), side + 3)]
    if width >= _MIDDLE:
        names.append(("status", _STATUS))
    if width >= _WIDE:
        names.append(("priority", _PRIORITY))
    used = sum(room for _name, room in names)
    right = _WAITS + 1 if width >= _WIDE else 0
    names.append(("title", width - used - right - 1))
    if right:
        names.append(("waits for", right))
    return Text("", end="").join(cell(name, room, "dim") for name, room in names)


def _board(ws: Workspace, wish: Wish) -> Found:
    head, found = _listing(ws, wish)
    cards: dict[str, list[Line]] = {}
    for task in found.tasks:
        status = task.status if task.status in STATUSES else OTHER
        cards.setdefault(status, []).append(Line(task.id, partial(_card, task), task.id))
    return Found(head, {one: partial(_same, lines) for one, lines in cards.items()})


def _same(lines: Sequence[Line], _width: int) -> Sequence[Line]:
    return lines


def _card(task: Task, width: int) -> Text:
    name = Text(f"{task.id} ", COLOURS.get(task.priority, ""), end="")
    return name + cell(task.title, width - len(task.id) - 1, style_of(task.status))


def _tree(ws: Workspace, _wish: Wish) -> Found:
    found = tree(ws)
    lines = list(_branches(found))
    return Found(f"{len(found.rows)} tasks and subtasks", {"": lambda _width: lines})


def _branches(found: Tree) -> Iterator[Line]:
    trail: list[bool] = []
    for row in found.rows:
        trail[row.depth :] = [row.last]
        before = "".join("   " if last else "│  " for last in trail[:-1])
        branch = before + ("└─ " if row.last else "├─ ")
        yield Line(row.id, partial(_branch, row, branch, found.nodes), row.id)


def _branch(row: Row, branch: str, nodes: Mapping[str, Node], width: int) -> Text:
    node = nodes[row.id]
    left, total = open_below(node, nodes)
    notes = [f"{left} of {total} open"] if total else []
    notes += [_MARKS[row.mark]] if row.mark else []
    tail = f"  ({', '.join(notes)})" if notes else ""
    head = Text(branch, end="") + Text(icon(node.status), COLOURS.get(node.status, ""))
    words = f" {row.id}  {node.task.title}"
    room = width - head.cell_len - len(tail)
    return head + cell(words, room, style_of(node.status)) + Text(tail, "dim")


def _graph(ws: Workspace, _wish: Wish) -> Found:
    found = charting.chart(ws)
    return Found("open tasks; * is on the critical path", {"": partial(_chart, found)})


def _chart(found: Chart, width: int) -> list[Line]:
    if not found.needs:
        return [fixed("", Text("nothing is open"))]
    lines = [fixed("", text) for text in wrapped(charting.described(found), width, "dim")]
    picture = charting.picture(found)
    waiters = turned(found.needs)
    side = max(len(one) for one in found.needs)
    for one in in_order(picture.needs):
        lines.append(Line(one, partial(_box, found, one, side), one))
        if waiters[one]:
            text = f"→ {', '.join(waiters[one])}"
            indent = " " * (side + 5)
            lines += [fixed(one, text, one) for text in wrapped(text, width, "dim", indent)]
    return lines


def _box(found: Chart, one: str, side: int, width: int) -> Text:
    node = found.nodes[one]
    critical = one in found.critical.ids
    head = Text(f"{'*' if critical else ' '} {one.rjust(side)} ", end="")
    head += Text(f"{icon(node.status)} ", COLOURS.get(node.status, ""))
    return head + cell(node.task.title, width - head.cell_len, "bold" if critical else "")


def _history(ws: Workspace, _wish: Wish) -> Found:
    return past(ws)


_PAGES = {"list": _list, "board": _board, "tree": _tree, "graph": _graph, "history": _history}
