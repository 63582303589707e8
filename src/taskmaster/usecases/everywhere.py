"""Doing something to every task that a query means, as one transaction."""

from __future__ import annotations

from taskmaster.domain import graph
from taskmaster.domain.fields import Scene
from taskmaster.errors import Conflict, NotFound
from taskmaster.usecases.listing import meant
from taskmaster.usecases.rehearsal import rehearsed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    from taskmaster.domain.changes import Change
    from taskmaster.domain.query import Query
    from taskmaster.domain.task import Task
    from taskmaster.ports import Reader, Writer
    from taskmaster.workspace import Workspace

    Result = TypeVar("Result")
    Work = Callable[[Writer, Sequence[Task]], Result]


def chosen(reader: Reader, tag: str, query: Query, today: str) -> list[Task]:
    """The tasks that the query means now. Raises NotFound when there is none."""
    tasks = reader.tasks(tag)
    scene = Scene(graph.nodes(tasks), today=today, tag=tag)
    found = meant(query, tasks, scene)
    if not found:
        raise NotFound(
            f"no task of tag {tag} matches {query}; nothing was changed",
            hint=f"`tamp list --tag={tag}` shows what is there",
            code="nothing-matches",
        )
    return found


def preview(
    ws: Workspace, operation: str, query: Query, work: Work[object]
) -> tuple[list[Task], tuple[Change, ...]]:
    """The tasks that the query means, and what *work* would change; nothing is changed."""
    today = ws.clock()[:10]

    def tried(writer: Writer) -> list[Task]:
        found = chosen(writer, ws.tag, query, today)
        work(writer, found)
        return found

    return rehearsed(ws, operation, tried)


def on_all(
    ws: Workspace,
    operation: str,
    query: Query,
    work: Work[Result],
    *,
    agreed: Sequence[str] | None = None,
) -> Result:
    """Do it to every task that the query means now.

    *agreed* are the ids that somebody has looked at: raises Conflict, changing nothing, when the
    query means others by now. Raises NotFound when it means none, and what *work* raises.
    """
    with ws.writing(operation, f"where {query}") as writer:
        found = chosen(writer, ws.tag, query, ws.clock()[:10])
        if agreed is not None and [task.id for task in found] != list(agreed):
            raise Conflict(
                "other tasks match than when you were asked; nothing was changed",
                hint="look again: somebody else has changed the tasks meanwhile",
                code="changed-since",
            )
        return work(writer, found)
