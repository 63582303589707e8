"""What to do next and why, what can be done side by side, and how it all hangs together."""

from __future__ import annotations

from typing import Literal

from taskmaster.client.asks import Ask, Ident, at, call, fields, ident, record, text
from taskmaster.client.models import Task, TaskStatus
from taskmaster.client.records import Record


class Next(Record):
    """The task to do next, None when nothing is ready; ``others`` counts what else is."""

    task: Task | None
    found: bool
    reasons: list[str]
    score: float
    has_any_tasks: bool
    others: int
    tag: str


class Choice(Record):
    """A task that is ready; places are counted from 1."""

    place: int
    score: float
    reasons: list[str]
    task: Task


class Ready(Record):
    ready: list[Choice]
    total: int
    limit: int
    offset: int
    has_more: bool
    tag: str


class Why(Record):
    """``state`` is next, ready, blocked, deferred, complete, or the status; ``place`` is that
    among what is ready, 0 for what is not.
    """

    task_id: str
    state: str
    reasons: list[str]
    place: int
    tag: str


class Brief(Record):
    id: str
    title: str
    status: TaskStatus


class Wave(Record):
    """``estimate`` is in hours; ``without_estimate`` counts the tasks that have none."""

    wave: int
    ids: list[str]
    count: int
    estimate: float
    without_estimate: int
    tasks: list[Brief]


class Stuck(Record):
    id: str
    kind: str
    reason: str


class Waves(Record):
    waves: list[Wave]
    stuck: list[Stuck]
    total_waves: int
    total_open: int
    tag: str


class Joint(Brief):
    critical: bool


class Edge(Record):
    """``to`` waits for ``["from"]``."""

    to: str

    @property
    def needed(self) -> str:
        return str(self.raw["from"])


class CriticalPath(Record):
    """The longest chain of open work; ``total`` is in hours or in tasks, as ``by`` says."""

    ids: list[str]
    total: float
    by: str
    without_estimate: int


class Graph(Record):
    nodes: list[Joint]
    edges: list[Edge]
    critical_path: CriticalPath
    circles: list[list[str]]
    tag: str


class Row(Brief):
    """``mark`` is repeated, circle or cut where the row does not show what is below it."""

    depth: int
    mark: str
    open_subtasks: int
    subtasks: int


class Tree(Record):
    rows: list[Row]
    kind: str
    tag: str


class WorkCalls:
    """What is next, ready, blocked; waves, graph and tree."""

    @call
    def get_next(self, *, tag: str = "") -> Ask[Next]:
        """The best task to work on now, and the reasons for it."""
        return Ask("GET", "/next", record(Next), {"tag": tag})

    @call
    def list_ready(self, limit: int = 20, offset: int = 0, *, tag: str = "") -> Ask[Ready]:
        """What can be worked on now, best first, each with the reasons for its place."""
        query = {"limit": limit, "offset": offset, "tag": tag}
        return Ask("GET", "/ready", record(Ready), query)

    @call
    def explain_task(self, task_id: Ident, *, tag: str = "") -> Ask[Why]:
        """Why a task is ready, blocked or chosen."""
        return Ask("GET", at("tasks", task_id, "why"), record(Why), {"tag": tag})

    @call
    def list_waves(
        self, limit: int = 0, *, with_subtasks: bool = False, tag: str = ""
    ) -> Ask[Waves]:
        """The open work in waves, *limit* of them (0: all).

        What is in one wave can be done side by side, once the waves before it are complete.
        """
        query = {"limit": limit, "withSubtasks": with_subtasks, "tag": tag}
        return Ask("GET", "/waves", record(Waves), query)

    @call
    def get_graph(
        self,
        task: Ident = "",
        *,
        complete: bool = False,
        with_subtasks: bool = False,
        tag: str = "",
    ) -> Ask[Graph]:
        """Who waits for whom: all open tasks, or what *task* is joined to."""
        given = {"task": ident(task), "complete": complete, "with_subtasks": with_subtasks}
        return Ask("GET", "/graph", record(Graph), fields(given, {"tag": tag}))

    @call
    def draw_graph(
        self,
        format: Literal["mermaid", "dot", "svg"] = "mermaid",  # noqa: A002  # as the server says
        task: Ident = "",
        *,
        complete: bool = False,
        with_subtasks: bool = False,
        tag: str = "",
    ) -> Ask[str]:
        """The same as a drawing."""
        given = {"task": ident(task), "complete": complete, "with_subtasks": with_subtasks}
        query = fields(given, {"tag": tag, "format": format})
        return Ask("GET", "/graph", text, query, headers={"accept": "*/*"})

    @call
    def get_tree(
        self,
        task: Ident = "",
        *,
        depth: int = 0,
        status: str = "",
        dependencies: bool = False,
        tag: str = "",
    ) -> Ask[Tree]:
        """Tasks with what is below them, as the rows of an indented list."""
        query = {"task": ident(task), "depth": depth, "status": status, "tag": tag}
        return Ask("GET", "/tree", record(Tree), {**query, "dependencies": dependencies})
