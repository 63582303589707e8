"""What is done to one task beside changing its fields: remarks, its status, when, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from taskmaster.client.asks import Ask, Ident, at, call, record
from taskmaster.client.calls.tasks import task_of
from taskmaster.client.models import Task, TaskStatus
from taskmaster.client.records import Json, Record

if TYPE_CHECKING:
    from datetime import date


class Comments(Record):
    """Comments, oldest first: who said what (``by``, ``text``) and when (``at``)."""

    id: str
    title: str
    comments: list[Json]
    tag: str


class Links(Record):
    """Links, oldest first: where to (``kind``, ``target``), by whom and when."""

    id: str
    title: str
    links: list[Json]
    tag: str


class MovedStatus(Record):
    """``because`` says why a status followed that nobody had asked to change."""

    task_id: str
    old_status: TaskStatus
    new_status: TaskStatus
    because: str


class MovedStatuses(Record):
    updated_tasks: list[MovedStatus]
    tag: str


class Moved(Record):
    """``redirected`` wait for something under its new id; ``dropped`` are waits that are gone,
    ``found`` waits for an id that nothing had before.
    """

    moves: list[Json]
    redirected: list[str]
    dropped: list[Json]
    found: list[Json]
    tag: str


class RemarkCalls:
    """Notes, comments, links; status, deferral and place of a task."""

    @call
    def add_note(self, task_id: Ident, text: str, *, tag: str = "") -> Ask[Task]:
        """Append a note to the details of a task, with the time."""
        return Ask("POST", at("tasks", task_id, "notes"), task_of, {"tag": tag}, {"text": text})

    @call
    def list_comments(self, task_id: Ident, *, tag: str = "") -> Ask[Comments]:
        """The comments on a task."""
        return Ask("GET", at("tasks", task_id, "comments"), record(Comments), {"tag": tag})

    @call
    def add_comment(self, task_id: Ident, text: str, *, tag: str = "") -> Ask[Comments]:
        """Leave a comment on a task."""
        path = at("tasks", task_id, "comments")
        return Ask("POST", path, record(Comments), {"tag": tag}, {"text": text})

    @call
    def remove_comment(self, task_id: Ident, number: int, *, tag: str = "") -> Ask[Comments]:
        """Take a comment off a task, by its number from 1."""
        path = at("tasks", task_id, "comments", number)
        return Ask("DELETE", path, record(Comments), {"tag": tag})

    @call
    def list_links(self, task_id: Ident, *, tag: str = "") -> Ask[Links]:
        """The links of a task to commits, requests, documents and addresses."""
        return Ask("GET", at("tasks", task_id, "links"), record(Links), {"tag": tag})

    @call
    def add_link(
        self,
        task_id: Ident,
        kind: Literal["commit", "pr", "doc", "url"],
        target: str,
        *,
        tag: str = "",
    ) -> Ask[Links]:
        """Link a task to a commit, a pull request, a document of the project or an address."""
        body = {"kind": kind, "target": target}
        return Ask("POST", at("tasks", task_id, "links"), record(Links), {"tag": tag}, body)

    @call
    def remove_link(self, task_id: Ident, number: int, *, tag: str = "") -> Ask[Links]:
        """Take a link off a task, by its number from 1."""
        return Ask("DELETE", at("tasks", task_id, "links", number), record(Links), {"tag": tag})

    @call
    def defer_task(self, task_id: Ident, until: date | str | None, *, tag: str = "") -> Ask[Task]:
        """Put a task off: until that day it is offered to nobody. None offers it again now."""
        return Ask("POST", at("tasks", task_id, "defer"), task_of, {"tag": tag}, {"until": until})

    @call
    def set_task_status(
        self, task_id: Ident, status: str, *, with_subtasks: bool = False, tag: str = ""
    ) -> Ask[MovedStatuses]:
        """Give a task or subtask a status, and tell what follows from it for others."""
        body = {"status": status, "withSubtasks": with_subtasks}
        path = at("tasks", task_id, "status")
        return Ask("POST", path, record(MovedStatuses), {"tag": tag}, body)

    @call
    def move_task(self, task_id: Ident, to: str | int, *, tag: str = "") -> Ask[Moved]:
        """Give a task another id, or another place; every reference to it follows.

        *to* is a free id (``7``), or a place among the subtasks of a task (``7.2``).
        """
        body = {"to": str(to)}
        return Ask("POST", at("tasks", task_id, "move"), record(Moved), {"tag": tag}, body)
