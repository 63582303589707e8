"""Tasks, with all that hangs together with them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import strawberry

from taskmaster import wire
from taskmaster.domain import graph, schedule
from taskmaster.domain import task as domain
from taskmaster.server import cursors
from taskmaster.server.graphql.terms import JSON, field
from taskmaster.server.graphql.view import View  # noqa: TC001  # annotations are read
from taskmaster.usecases import remarks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from taskmaster.domain.graph import Node


@strawberry.type(description="What somebody said about a task.")
class Comment:
    at: str | None
    by: str | None
    text: str


@strawberry.type(description="A commit, pull request, document or address that belongs to a task.")
class Link:
    at: str | None
    by: str | None
    kind: str
    target: str


@strawberry.type(description="A task, or a subtask, which has a `parent`.")
class Task:
    view: strawberry.Private[View]
    own: strawberry.Private[domain.Task]
    id: strawberry.ID
    tag: str
    title: str
    description: str
    details: str
    test_strategy: str
    status: str = strawberry.field(
        description="pending, in-progress, done, review, deferred, cancelled or blocked."
    )
    priority: str = strawberry.field(description="low, medium, high or critical.")
    dependencies: list[strawberry.ID] = strawberry.field(description="What must be done first.")
    labels: list[str]
    assignee: str | None
    due_date: str | None
    defer_until: str | None
    repeat: str | None
    effort: float | None = strawberry.field(description="Hours.")
    acceptance_criteria: list[str]
    created_at: str | None
    updated_at: str | None

    @field(description="The task as REST shows it, with every key that is stored.")
    def raw(self) -> JSON:
        return JSON(wire.task_to_json(self.own))

    @field(description="Another text whenever anything in the task changes.")
    def revision(self) -> str:
        return wire.revision_of(self.own)

    @field(description="Whether somebody can begin, or go on, with it now.")
    def ready(self) -> bool:
        today = self.view.on(self.tag).clock()[:10]
        return schedule.ready(self._node(), self.view.nodes(self.tag), today)

    @field()
    def parent(self) -> Task | None:
        return shown(self.view, self.tag, self.own.parent) if self.own.parent else None

    @field()
    def subtasks(self) -> list[Task]:
        return [shown(self.view, self.tag, one) for one in self.own.subtasks]

    @field(description="The `dependencies` that there are, as tasks.")
    def depends_on(self) -> list[Task]:
        return self._those(self.own.dependencies)

    @field(description="The tasks that have this one among their dependencies.")
    def dependents(self) -> list[Task]:
        return self._those(self.view.waiters(self.tag).get(self.own.id, ()))

    @field(description="The dependencies that are not complete yet.")
    def blocked_by(self) -> list[Task]:
        return self._those(graph.waiting_for(self._node(), self.view.nodes(self.tag)))

    @field()
    def comments(self) -> list[Comment]:
        found = self._entries(remarks.COMMENTS)
        return [
            Comment(at=_text(one.get("at")), by=_text(one.get("by")), text=str(one.get("text", "")))
            for one in found
        ]

    @field()
    def links(self) -> list[Link]:
        found = self._entries(remarks.LINKS)
        return [
            Link(at=_text(one.get("at")), by=_text(one.get("by")), kind=str(one.get("kind", "")),
                 target=str(one.get("target", one.get("text", ""))))
            for one in found
        ]  # fmt: skip

    def _entries(self, key: str) -> Iterator[remarks.Entry]:
        for one in remarks.entries(self.own, key):
            self.view.spend()
            yield one

    def _node(self) -> Node:
        return graph.node_of(self.own, self.view.nodes(self.tag))

    def _those(self, ids: Iterable[str]) -> list[Task]:
        nodes = self.view.nodes(self.tag)
        return [shown(self.view, self.tag, nodes[one].task) for one in ids if one in nodes]


def shown(view: View, tag: str, task: domain.Task) -> Task:
    """A task of this tag as it is asked about."""
    view.spend()
    doc = task.doc
    estimate = task.estimate
    return Task(
        view=view, own=task, tag=tag,
        id=strawberry.ID(task.id),
        title=task.title,
        description=task.description,
        details=task.details,
        test_strategy=task.test_strategy,
        status=task.status,
        priority=task.priority,
        dependencies=[strawberry.ID(one) for one in task.dependencies],
        labels=list(task.labels),
        assignee=task.assignee or None,
        due_date=task.due or None,
        defer_until=task.defer_until or None,
        repeat=_text(doc.get("repeat")),
        effort=estimate if estimate is not None and math.isfinite(estimate) else None,
        acceptance_criteria=list(task.acceptance),
        created_at=task.created or None,
        updated_at=domain.text_of(doc.get("updatedAt") or doc.get("updated")) or None,
    )  # fmt: skip


def _text(raw: object) -> str | None:
    return domain.text_of(raw) or None


@strawberry.type(description="Where a page of tasks lies in all that match.")
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type(description="A task in its place; `cursor` is where what comes after it begins.")
class TaskEdge:
    cursor: str
    node: Task


@strawberry.type(description="A page of tasks.")
class TaskConnection:
    page_info: PageInfo
    total_count: int = strawberry.field(description="How many match, on all pages.")
    edges: list[TaskEdge]

    @field(description="The tasks of the `edges`.")
    def nodes(self) -> list[Task]:
        return [edge.node for edge in self.edges]


def connected(view: View, tag: str, page: cursors.Page) -> TaskConnection:
    """The page with a cursor after each of its tasks."""
    edges = [
        TaskEdge(cursor=cursors.cursor_after(place, task.id), node=shown(view, tag, task))
        for place, task in enumerate(page.tasks, page.offset + 1)
    ]
    more = page.offset + len(edges) < page.matching
    info = PageInfo(
        has_next_page=more,
        has_previous_page=page.offset > 0,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return TaskConnection(page_info=info, total_count=page.matching, edges=edges)
