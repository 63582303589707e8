"""Tasks as a client sees them: the documents of the server, by attribute in either spelling."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Generic, NamedTuple, Self, TypeVar, overload

from taskmaster.client.exceptions import ValidationError

T = TypeVar("T")
Value = Any
"""Whatever JSON can hold."""
Json = dict[str, Value]
LONGEST_TITLE = 255
_HUMPS = re.compile(r"(?<!^)(?=[A-Z])")
_SENDABLE = frozenset(
    "title description details testStrategy status priority dependencies labels assignee"
    " dueDate deferUntil repeat effort acceptanceCriteria metadata".split()
)


def camel(name: str) -> str:
    """``created_at`` as documents spell it: ``createdAt``."""
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


def snake(name: str) -> str:
    return _HUMPS.sub("_", name).lower()


def plain(value: object) -> Value:
    """A value as JSON has it: enumerations as words, days and moments as text."""
    if isinstance(value, Entry):
        return plain(value.raw)
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Sequence | set | frozenset):
        return [plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


class _Word(StrEnum):
    """A word that a newer server may have invented is a member, too, as long as it is used."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_, member._value_ = value.upper().replace("-", "_"), value
        return member


class TaskStatus(_Word):
    PENDING = "pending"
    IN_PROGRESS = "in-progress"
    REVIEW = "review"
    DONE = "done"
    DEFERRED = "deferred"
    CANCELLED = "cancelled"
    BLOCKED = "blocked"


class TaskPriority(_Word):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


_ACTIVE = (TaskStatus.PENDING, TaskStatus.IN_PROGRESS, TaskStatus.REVIEW)


class Field(Generic[T]):
    """A key of the document as an attribute; *empty* is what stands for one that is not there."""

    def __init__(self, read: Callable[[Value], Value], empty: T) -> None:
        self._read = read
        self._empty = empty

    def __set_name__(self, owner: type, name: str) -> None:
        self._key = camel(name)

    @overload
    def __get__(self, entry: None, owner: type) -> Self: ...
    @overload
    def __get__(self, entry: Entry, owner: type) -> T: ...
    def __get__(self, entry: Entry | None, owner: type) -> Self | T:
        if entry is None:
            return self
        value = entry.raw.get(self._key)
        if value is None:
            return copy.copy(self._empty)
        found: T = self._read(value)
        return found

    def __set__(self, entry: Entry, value: T | str | None) -> None:
        entry.raw[self._key] = plain(value)


def _moment(value: object) -> datetime | None:
    """A moment; None for what is none."""
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        return None


def _day(value: object) -> date | None:
    moment = _moment(value)
    return None if moment is None else moment.date()


def _same(value: Value) -> Value:
    return value


class Entry:
    """What tasks and subtasks have in common.

    ``raw`` is the document itself, with every key that the server sent. Its keys are attributes
    (``created_at`` and ``createdAt``) and items (``["createdAt"]``). ``etag`` is what the server
    said of this state of it, ``""`` where it said nothing.
    """

    raw: Json
    etag: str

    id = Field[str](str, "")
    title = Field[str](str, "")
    description = Field[str](str, "")
    details = Field[str](str, "")
    test_strategy = Field[str](str, "")
    status = Field[TaskStatus](TaskStatus, TaskStatus.PENDING)
    priority = Field[TaskPriority](TaskPriority, TaskPriority.MEDIUM)
    dependencies = Field[list[str]](_same, [])
    labels = Field[list[str]](_same, [])
    assignee = Field[str](str, "")
    due_date = Field[date | None](_day, None)
    created_at = Field[datetime | None](_moment, None)
    updated_at = Field[datetime | None](_moment, None)
    metadata = Field[Json | None](_same, None)

    def __init__(self, **fields: object) -> None:
        """From fields in either spelling. Raises ValidationError without a title or with one of
        more than 255 characters.
        """
        self.__dict__.update(raw={camel(key): plain(one) for key, one in fields.items()}, etag="")
        if not self.raw.get("title"):
            raise ValidationError(f"a {type(self).__name__} has a title", field="title")
        if len(self.title) > LONGEST_TITLE:
            raise ValidationError(
                f"the title has {len(self.title)} characters, {LONGEST_TITLE} are possible",
                field="title",
            )

    @classmethod
    def from_api_response(cls, data: Json, etag: str = "") -> Self:
        """The entry that this document of a server is; changing the one changes the other."""
        made = cls.__new__(cls)
        made.__dict__.update(raw=data, etag=etag)
        return made

    def __getattr__(self, name: str) -> Value:
        """The keys that have no attribute of their own, and the other spelling of those that do."""
        own = snake(name)
        if own != name and hasattr(type(self), own):
            return getattr(self, own)
        for key in (name, camel(name)):
            if key in self.__dict__.get("raw", ()):
                return self.raw[key]
        message = f"{type(self).__name__} {self.__dict__.get('raw', {}).get('id')} has no {name}"
        raise AttributeError(message, name=name, obj=self)

    def __setattr__(self, name: str, value: object) -> None:
        own = snake(name)
        if name in ("raw", "etag") or hasattr(type(self), own):
            object.__setattr__(self, own, value)
        else:
            self.raw[camel(name)] = plain(value)

    def __getitem__(self, key: str) -> Value:
        return self.raw[key] if key in self.raw else self.raw[camel(key)]

    def __contains__(self, key: str) -> bool:
        return key in self.raw or camel(key) in self.raw

    def get(self, key: str, default: Value = None) -> Value:
        return self.raw.get(key, self.raw.get(camel(key), default))

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.raw == self.raw

    __hash__ = None  # type: ignore[assignment]  # its fields can be changed

    def __repr__(self) -> str:
        shown = ", ".join(f"{key}={self.raw.get(key)!r}" for key in ("id", "title", "status"))
        return f"{type(self).__name__}({shown})"

    def is_completed(self) -> bool:
        return self.status == TaskStatus.DONE

    def is_active(self) -> bool:
        """Whether somebody is at it or can begin: neither ended nor put off nor blocked."""
        return self.status in _ACTIVE

    def is_blocked(self) -> bool:
        return self.status == TaskStatus.BLOCKED

    def to_dict(self) -> Json:
        """A copy of the document."""
        return copy.deepcopy(self.raw)

    def to_api_request(self) -> Json:
        """Those of its fields that a request may carry."""
        return {key: value for key, value in self.to_dict().items() if key in _SENDABLE}


class SubTask(Entry):
    """A step of a task; its id is the full one (``"5.2"``)."""


class Task(Entry):
    """A task with its steps."""

    project_id = Field[str | None](str, None)
    account_id = Field[str | None](str, None)

    @property
    def subtasks(self) -> list[SubTask]:
        """The steps; changing one of them changes the document, adding to the list does not."""
        return [SubTask.from_api_response(one) for one in self.raw.get("subtasks") or ()]

    @subtasks.setter
    def subtasks(self, steps: Sequence[SubTask]) -> None:
        self.raw["subtasks"] = [step.raw for step in steps]

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

    def __init__(self, tasks: Sequence[Task], told: Mapping[str, Any]) -> None:
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
    details: Any = None


class ApiResponse(NamedTuple):
    """An answer as the first SDK knew it."""

    status: str
    message: str = ""
    data: Any = None
    error: ApiError | None = None
    metadata: Mapping[str, Any] | None = None

    def is_success(self) -> bool:
        return self.error is None and self.status != "error"

    def is_error(self) -> bool:
        return not self.is_success()
