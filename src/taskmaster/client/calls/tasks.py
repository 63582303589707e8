"""What can be asked about tasks and subtasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack

from taskmaster.client.asks import Answer, Ask, Ident, Words, at, call, fields, ident, words
from taskmaster.client.exceptions import ValidationError
from taskmaster.client.models import Entry, Page, SubTask, Task

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from taskmaster.client.records import Json


class Fields(TypedDict, total=False):
    """The fields of a task; ``tags`` are its labels, too, and ``assigned_to`` its assignee."""

    title: str
    description: str
    details: str
    test_strategy: str
    status: str
    priority: str
    dependencies: Sequence[str | int]
    labels: Sequence[str]
    tags: Sequence[str]
    assignee: str | None
    assigned_to: str | None
    due_date: date | str | None
    defer_until: date | str | None
    repeat: str | None
    effort: float | None
    acceptance_criteria: Sequence[str]
    metadata: Mapping[str, Any]


class NewTask(Fields, total=False):
    parent_task_id: str | int | None


class Changes(Fields, total=False):
    """``note`` is appended to the details with the time."""

    note: str


class Filters(TypedDict, total=False):
    """Which tasks, in which order, and how much of them.

    ``where`` is a query in the language of ``tamp list --where``; ``fields`` are the keys to show
    of each task; ``sort`` names fields, backwards with a minus.
    """

    labels: Words
    tags: Words
    ready: bool
    blocking: bool
    where: str
    fields: Words
    sort: str
    sort_by: Literal["createdAt", "updatedAt", "dueDate", "priority"]
    sort_order: Literal["asc", "desc"]
    subtasks: bool
    tag: str


class TaskCalls:
    """Tasks: listed, written down, shown, changed, taken away."""

    @call
    def list_tasks(
        self,
        status: Words = "",
        priority: Words = "",
        limit: int = 50,
        offset: int = 0,
        cursor: str = "",
        **filters: Unpack[Filters],
    ) -> Ask[Page]:
        """A page of tasks: a list that also knows its total and where the next page begins.

        ``tasks`` goes through all pages.
        """
        return listing(dict(filters), status, priority, limit, offset, cursor)

    @call
    def create_task(
        self, task_data: Mapping[str, Any] | None = None, *, tag: str = "", **given: Unpack[NewTask]
    ) -> Ask[Task]:
        """Write a task down, or a subtask where ``parent_task_id`` is given."""
        return Ask("POST", "/tasks", task_of, {"tag": tag}, fields(task_data, given))

    @call
    def get_task(self, task_id: Ident, *, fields: Words = "", tag: str = "") -> Ask[Task]:
        """A task or subtask, with its ETag."""
        read = _selected if fields else task_of
        return Ask("GET", at("tasks", task_id), read, {"fields": words(fields), "tag": tag})

    @call
    def update_task(
        self,
        task_id: Ident,
        task_data: Mapping[str, Any] | None = None,
        *,
        if_match: bool | str = False,
        tag: str = "",
        **changes: Unpack[Changes],
    ) -> Ask[Task]:
        """Change fields of a task or subtask; what is not named stays.

        With ``if_match`` only if it is still what that ETag says, or, where it is True, the ETag
        of the task itself; raises StaleError where it is not.
        """
        headers = expected(task_id, if_match)
        body = fields(task_data, changes)
        return Ask("PATCH", at("tasks", task_id), task_of, {"tag": tag}, body, headers)

    @call
    def delete_task(
        self, task_id: Ident, *, if_match: bool | str = False, tag: str = ""
    ) -> Ask[bool]:
        """Take a task or subtask away, with every reference to it."""
        headers = expected(task_id, if_match)
        return Ask("DELETE", at("tasks", task_id), _deleted, {"tag": tag}, headers=headers)

    @call
    def create_tasks(self, tasks: Sequence[Mapping[str, Any]], *, tag: str = "") -> Ask[list[Task]]:
        """Write many tasks down, all or none."""
        body = {"tasks": [fields(one, {}) for one in tasks]}
        return Ask("POST", "/tasks/batch/create", _tasks, {"tag": tag}, body)

    @call
    def update_tasks(
        self, updates: Mapping[str, Mapping[str, Any]], *, tag: str = ""
    ) -> Ask[list[Task]]:
        """Change many tasks, all or none; *updates* has the changes of each by its id."""
        found = [{"id": one, "changes": fields(given, {})} for one, given in updates.items()]
        return Ask("PATCH", "/tasks/batch/update", _tasks, {"tag": tag}, {"updates": found})

    @call
    def delete_tasks(self, task_ids: Sequence[Ident], *, tag: str = "") -> Ask[list[str]]:
        """Take many tasks away, all or none; returns the ids of those that are gone."""
        body = {"ids": [ident(one) for one in task_ids]}
        return Ask("DELETE", "/tasks/batch/delete", _ids, {"tag": tag}, body)


class SubtaskCalls:
    """Subtasks, by their number or their full id."""

    @call
    def list_subtasks(self, task_id: Ident, *, tag: str = "") -> Ask[list[SubTask]]:
        """The subtasks of a task."""
        return Ask("GET", at("tasks", task_id, "subtasks"), _steps, {"tag": tag})

    @call
    def create_subtask(
        self,
        task_id: Ident,
        subtask_data: Mapping[str, Any] | None = None,
        *,
        tag: str = "",
        **given: Unpack[Fields],
    ) -> Ask[SubTask]:
        """Write a subtask down after the other subtasks of its task."""
        body = fields(subtask_data, given)
        return Ask("POST", at("tasks", task_id, "subtasks"), _step, {"tag": tag}, body)

    @call
    def get_subtask(
        self, task_id: Ident, subtask_id: Ident, *, fields: Words = "", tag: str = ""
    ) -> Ask[SubTask]:
        """One subtask, with its ETag."""
        path = at("tasks", task_id, "subtasks", subtask_id)
        return Ask("GET", path, _step, {"fields": words(fields), "tag": tag})

    @call
    def update_subtask(
        self,
        task_id: Ident,
        subtask_id: Ident,
        subtask_data: Mapping[str, Any] | None = None,
        *,
        if_match: bool | str = False,
        tag: str = "",
        **changes: Unpack[Changes],
    ) -> Ask[SubTask]:
        """Change fields of a subtask; ``if_match`` as in ``update_task``."""
        path = at("tasks", task_id, "subtasks", subtask_id)
        headers = expected(subtask_id, if_match)
        return Ask("PATCH", path, _step, {"tag": tag}, fields(subtask_data, changes), headers)

    @call
    def delete_subtask(
        self,
        task_id: Ident,
        subtask_id: Ident,
        *,
        if_match: bool | str = False,
        tag: str = "",
    ) -> Ask[bool]:
        """Take a subtask away."""
        path = at("tasks", task_id, "subtasks", subtask_id)
        headers = expected(subtask_id, if_match)
        return Ask("DELETE", path, _deleted, {"tag": tag}, headers=headers)


def listing(
    filters: Json, status: Words, priority: Words, limit: int, offset: int, cursor: str
) -> Ask[Page]:
    query = {"status": status, "priority": priority, "limit": limit, "offset": offset}
    given = {"tag": "", **query, **filters, "cursor": cursor}
    shown = {
        key: words(one) if isinstance(one, list | tuple) else one for key, one in given.items()
    }
    return Ask("GET", "/tasks", _page, fields(shown, {}))


def expected(task: Ident, if_match: bool | str) -> dict[str, str]:  # noqa: FBT001  # as the method
    """The header that asks for this very state. Raises ValidationError where nobody knows it."""
    if if_match is False:
        return {}
    etag = task.etag if if_match is True and isinstance(task, Entry) else if_match
    if not isinstance(etag, str) or not etag:
        raise ValidationError(
            f"the ETag of {ident(task)} is not known",
            hint="read the task with get_task, and give that task or its etag",
            field="if_match",
        )
    return {"if-match": f'"{etag.strip(chr(34))}"'}


def task_of(answer: Answer) -> Task:
    return Task.from_api_response(answer.data(), answer.etag)


def _selected(answer: Answer) -> Task:
    """A part of a task; the ETag is that of the part, and no state of the task to insist on."""
    return Task.from_api_response(answer.data())


def _step(answer: Answer) -> SubTask:
    return SubTask.from_api_response(answer.data(), answer.etag)


def _steps(answer: Answer) -> list[SubTask]:
    return [SubTask.from_api_response(one) for one in answer.data()["subtasks"]]


def _tasks(answer: Answer) -> list[Task]:
    return [Task.from_api_response(one) for one in answer.data()["tasks"]]


def _page(answer: Answer) -> Page:
    told = answer.data()
    return Page([Task.from_api_response(one) for one in told["tasks"]], told)


def _deleted(answer: Answer) -> bool:
    return answer.data().get("deleted") is True


def _ids(answer: Answer) -> list[str]:
    return [one["id"] for one in answer.data()["tasks"]]
