"""What to do next and why, what can be done side by side, and how it all hangs together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import UNSET, Meta, UnsetType, field

from taskmaster.server.answer import Answer
from taskmaster.server.endpoint import Group, Tagged
from taskmaster.server.forms import MOST, Status
from taskmaster.server.ids import single
from taskmaster.server.moment import found
from taskmaster.server.shapes import Shape, Subtask
from taskmaster.usecases import charting, choosing, listing, waves
from taskmaster.usecases import tree as trees

if TYPE_CHECKING:
    from taskmaster.server.call import Call

GROUP = Group("work")
FARTHEST = 10_000_000
_KINDS = {
    "mermaid": "text/vnd.mermaid",
    "dot": "text/vnd.graphviz",
    "svg": "image/svg+xml",
}


class Next(Shape):
    """The task to do next, null when nothing is ready; ``others`` counts what else is."""

    task: Subtask | None
    found: bool
    reasons: list[str]
    score: float
    has_any_tasks: bool
    others: int
    tag: str


@GROUP.get("/next", Next)
def get_next(call: Call) -> object:
    """Find the best task to work on now, and the reasons for it."""
    best = choosing.next_task(call.ws)
    data = choosing.next_to_json(best)
    return found(call.ws, {**data, "others": best.others, "tag": call.ws.tag})


class PageQuery(Tagged):
    limit: Annotated[int, Meta(ge=1, le=MOST)] = 20
    offset: Annotated[int, Meta(ge=0, le=FARTHEST)] = 0


class Choice(Shape):
    """A task that is ready; places are counted from 1."""

    place: int
    score: float
    reasons: list[str]
    task: Subtask


class Ready(Shape):
    ready: list[Choice]
    total: int
    limit: int
    offset: int
    has_more: bool
    tag: str


@GROUP.get("/ready", Ready, query=PageQuery)
def list_ready(call: Call) -> object:
    """List what can be worked on now, best first, each with the reasons for its place."""
    limit, offset = call.query.limit, call.query.offset
    part = choosing.ready(call.ws, limit=limit, offset=offset)
    more = offset + len(part.choices) < part.total
    data = {
        "ready": choosing.ready_to_json(part), "total": part.total, "limit": limit,
        "offset": offset, "hasMore": more, "tag": call.ws.tag,
    }  # fmt: skip
    return found(call.ws, data)


class Why(Shape):
    """``state`` is next, ready, blocked, deferred, complete, or the status; ``place`` is that
    among what is ready, 0 for what is not.
    """

    task_id: str
    state: str
    reasons: list[str]
    place: int
    tag: str


@GROUP.get("/tasks/{id}/why", Why)
def explain_task(call: Call) -> object:
    """Say why a task is ready, blocked or chosen."""
    why = choosing.why(call.ws, single(call.path["id"], call.ws.tag))
    return found(call.ws, {**choosing.why_to_json(why), "tag": call.ws.tag})


class WavesQuery(Tagged):
    """``limit`` is how many waves to show, 0 for all."""

    limit: Annotated[int, Meta(ge=0, le=FARTHEST)] = 0
    with_subtasks: bool = False


class Brief(Shape):
    id: str
    title: str
    status: str


class Wave(Shape):
    """``estimate`` is in hours; ``withoutEstimate`` counts the tasks that have none."""

    wave: int
    ids: list[str]
    count: int
    estimate: float
    without_estimate: int
    tasks: list[Brief]


class Stuck(Shape):
    id: str
    kind: str
    reason: str


class Waves(Shape):
    waves: list[Wave]
    stuck: list[Stuck]
    total_waves: int
    total_open: int
    tag: str


@GROUP.get("/waves", Waves, query=WavesQuery)
def list_waves(call: Call) -> object:
    """Put the open work into waves.

    What is in one wave can be done side by side, once the waves before it are complete.
    """
    put = waves.waves(call.ws, subtasks=call.query.with_subtasks)
    data = waves.waves_to_json(put, call.query.limit or len(put.waves))
    return found(call.ws, {**data, "tag": put.tag})


class GraphQuery(Tagged):
    """``task`` shows only what that one is joined to, ``complete`` shows complete tasks too."""

    task: Annotated[str, Meta(max_length=200)] = ""
    complete: bool = False
    with_subtasks: bool = False
    format: Literal["json", "mermaid", "dot", "svg"] = "json"


class Joint(Brief):
    critical: bool


class Edge(Shape):
    """``to`` waits for ``from``."""

    needed: str = field(name="from")
    to: str


class CriticalPath(Shape):
    """The longest chain of open work; ``total`` is in hours or in tasks, as ``by`` says."""

    ids: list[str]
    total: float
    by: str
    without_estimate: int


class Graph(Shape):
    nodes: list[Joint]
    edges: list[Edge]
    critical_path: CriticalPath
    circles: list[list[str]]
    tag: str


@GROUP.get("/graph", Graph, query=GraphQuery, kinds=("application/json", *_KINDS.values()))
def get_graph(call: Call) -> object:
    """Show who waits for whom, as data or as a drawing."""
    query = call.query
    around = [single(query.task, call.ws.tag)] if query.task else []
    chart = charting.chart(call.ws, around, everything=query.complete, subtasks=query.with_subtasks)
    if query.format == "json":
        return found(call.ws, charting.chart_to_json(chart))
    drawing = charting.drawn(chart, query.format).encode("utf-8", "replace")
    return Answer(body=drawing, kind=f"{_KINDS[query.format]}; charset=utf-8".encode())


class TreeQuery(Tagged):
    """``task`` shows one branch, ``depth`` so many levels (0: all), ``status`` only what leads to
    that one; with ``dependencies`` what waits for a task is below it in place of its subtasks.
    """

    task: Annotated[str, Meta(max_length=200)] = ""
    depth: Annotated[int, Meta(ge=0, le=FARTHEST)] = 0
    status: Status | UnsetType = UNSET
    dependencies: bool = False


class Row(Brief):
    """``mark`` is repeated, circle or cut where the row does not show what is below it."""

    depth: int
    mark: str
    open_subtasks: int
    subtasks: int


class Tree(Shape):
    rows: list[Row]
    kind: Literal["subtasks", "dependencies"]
    tag: str


@GROUP.get("/tree", Tree, query=TreeQuery)
def get_tree(call: Call) -> object:
    """Show tasks with what is below them, as the rows of an indented list."""
    query = call.query
    grown = trees.tree(
        call.ws,
        root=single(query.task, call.ws.tag) if query.task else "",
        depth=query.depth,
        statuses=listing.statuses_of(query.status or ""),
        dependencies=query.dependencies,
    )
    kind = "dependencies" if query.dependencies else "subtasks"
    return found(call.ws, {"rows": trees.rows_to_json(grown), "kind": kind, "tag": grown.tag})
