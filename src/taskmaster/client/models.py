"""Tasks as a client sees them."""

from __future__ import annotations

from datetime import date, datetime  # the annotations are looked at
from typing import TYPE_CHECKING, NamedTuple, Self

from taskmaster.client.exceptions import ValidationError
from taskmaster.client.records import Json, Record, Value, Word, camel, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LONGEST_TITLE = 255
_SENDABLE = frozenset(
    "title description details testStrategy status priority dependencies labels assignee"
    " dueDate deferUntil repeat effort acceptanceCriteria metadata".split()
)


class TaskStatus(Word):
    PENDING = "pending"
    IN_PROGRESS = "in-progress"
    REVIEW = "review"
    DONE = "done"
    DEFERRED = "deferred"
    CANCELLED = "cancelled"
    BLOCKED = "blocked"


class TaskPriority(Word):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @classmethod
    def usual(cls) -> Self:
        return cls("medium")


_ACTIVE = (TaskStatus.PENDING, TaskStatus.IN_PROGRESS, TaskStatus.REVIEW)


class Entry(Record):
    """What tasks and subtasks have in common.

    ``etag`` is what the server said of this state of it, ``""`` where it said nothing.
    """

    etag: str = ""

    id: str
    title: str
    status: TaskStatus
    description: str
    details: str
    test_strategy: str
    priority: TaskPriority
    dependencies: list[str]
    labels: list[str]
    assignee: str
    acceptance_criteria: list[str]
    effort: float | None
    due_date: date | None
    defer_until: date | None
    repeat: str
    created_at: datetime | None
    updated_at: datetime | None
    metadata: Json | None

    def __init__(self, **fields: object) -> None:
        """From fields in either spelling. Raises ValidationError without a title or with one of
        more than 255 characters.
        """
        self.__dict__["raw"] = {camel(key): plain(one) for key, one in fields.items()}
        if not self.raw.get("title"):
            raise ValidationError(f"a {type(self).__name__} has a title", field="title")
        if len(self.title) > LONGEST_TITLE:
            raise ValidationError(
                f"the title has {len(self.title)} characters, {LONGEST_TITLE} are possible",
                field="title",
            )

    @classmethod
    def from_api_response(cls, data: Json, etag: str = "") -> Self:
        """The entry that a document of a server is."""
        made = cls.of(data)
        made.__dict__["etag"] = etag
        return made

    def is_completed(self) -> bool:
        return self.status == TaskStatus.DONE

    def is_active(self) -> bool:
        """Whether somebody is at it or can begin: neither ended nor put off nor blocked."""
        return self.status in _ACTIVE

    def is_blocked(self) -> bool:
        return self.status == TaskStatus.BLOCKED

    def to_api_request(self) -> Json:
        """Those of its fields that a request may carry."""
        return {key: value for key, value in self.to_dict().items() if key in _SENDABLE}


class SubTask(Entry):
    """A step of a task; its id is the full one (``"5.2"``)."""


class Task(Entry):
    """A task with its steps. Changing a step changes the task, adding one to the list does not."""

    subtasks: list[SubTask]
    project_id: str | None
    account_id: str | None

    def get_subtask_count(self) -> int:
        return len(self.subtasks)

    def get_completed_subtask_count(self) -> int:
        return sum(step.is_completed() for step in self.subtasks)

    def get_completion_percentage(self) -> float:
        """Of the steps; without any, whether the task itself is done."""
        count = self.get_subtask_count()
        if not count:
            return 100.0 if self.is_completed() else 0.0
        return 100.0 * self.get_completed_subtask_count() / count


class Page(list[Task]):
    """Some tasks of a list, and where they stand in it.

    ``total`` counts all that match; ``next_cursor`` is where the next page begins, ``""`` at the
    end.
    """

    def __init__(self, tasks: Sequence[Task], told: Mapping[str, Value]) -> None:
        super().__init__(tasks)
        self.total: int = told.get("total", len(tasks))
        self.limit: int = told.get("limit", len(tasks))
        self.offset: int = told.get("offset", 0)
        self.has_more: bool = told.get("hasMore", False)
        self.next_cursor: str = told.get("nextCursor") or ""
        self.tag: str = told.get("tag", "")


class ApiError(NamedTuple):
    """The error in an answer."""

    code: str
    message: str
    details: Value = None


class ApiResponse(NamedTuple):
    """An answer as the first SDK knew it."""

    status: str
    message: str = ""
    data: Value = None
    error: ApiError | None = None
    metadata: Mapping[str, Value] | None = None

    def is_success(self) -> bool:
        return self.error is None and self.status != "error"

    def is_error(self) -> bool:
        return not self.is_success()
