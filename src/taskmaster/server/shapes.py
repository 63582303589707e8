"""The shapes of answers, for the OpenAPI document and its readers.

Answers themselves are the documents as they are stored: keys that are not named here are kept.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from taskmaster.server.forms import Priority, Status


class Shape(Struct, rename="camel", kw_only=True):
    """An object of which at least these keys are there."""


class Subtask(Shape):
    id: str
    title: str
    description: str
    status: Status
    priority: Priority
    dependencies: list[str]
    details: str
    test_strategy: str


class Task(Subtask):
    subtasks: list[Subtask]


class Selected(Shape):
    """A task, or those of its keys that were asked for."""


class Tasks(Shape):
    tasks: list[Selected]
    total: int
    limit: int
    offset: int
    has_more: bool
    tag: str
    next_cursor: str | None


class Deleted(Shape):
    id: str
    deleted: bool


class Subtasks(Shape):
    parent_task_id: str
    subtasks: list[Subtask]


class Created(Shape):
    created: int
    tasks: list[Task]


class Updated(Shape):
    updated: int
    tasks: list[Subtask]


class DeletedMany(Shape):
    deleted: int
    tasks: list[Deleted]


class Anything(Shape):
    """An object."""


Object = dict[str, Any]
