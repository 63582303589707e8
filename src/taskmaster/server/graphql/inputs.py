"""What mutations are given; the forms of REST say what the values may be."""

from __future__ import annotations

from typing import TypeVar

import strawberry

from taskmaster.server.answer import JSON as KIND
from taskmaster.server.answer import encoded
from taskmaster.server.endpoint import Body
from taskmaster.server.graphql.terms import JSON  # noqa: TC001  # annotations are read
from taskmaster.server.request import carried

B = TypeVar("B", bound=Body)
_ABSENT = strawberry.UNSET


@strawberry.input(description="The fields of a task; what is left out is as if it was not there.")
class TaskFields:
    description: str | None = _ABSENT
    details: str | None = _ABSENT
    test_strategy: str | None = _ABSENT
    status: str | None = _ABSENT
    priority: str | None = _ABSENT
    dependencies: list[strawberry.ID] | None = _ABSENT
    labels: list[str] | None = _ABSENT
    assignee: str | None = _ABSENT
    due_date: str | None = _ABSENT
    defer_until: str | None = _ABSENT
    repeat: str | None = _ABSENT
    effort: float | None = _ABSENT
    acceptance_criteria: list[str] | None = _ABSENT
    metadata: JSON | None = _ABSENT


@strawberry.input(description="A task to write down, or a subtask of `parentTaskId`.")
class NewTask(TaskFields):
    title: str
    parent_task_id: strawberry.ID | None = _ABSENT


@strawberry.input(description="What to change; null takes a field away, what is left out stays.")
class TaskChanges(TaskFields):
    title: str | None = _ABSENT
    note: str | None = strawberry.field(
        default=_ABSENT, description="Appended to the details, with the time."
    )


def given(values: TaskFields, form: type[B]) -> B:
    """What was given, checked as REST checks it. Raises Faulty."""
    names = zip(form.__struct_fields__, form.__struct_encode_fields__, strict=True)
    found = {name: getattr(values, key, _ABSENT) for key, name in names}
    there = {name: value for name, value in found.items() if value is not _ABSENT}
    return carried(encoded(there), KIND, form)
