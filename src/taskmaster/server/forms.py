"""What requests about tasks may carry: field names as in the task documents, and synonyms."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, get_args

from msgspec import UNSET, Meta, UnsetType

from taskmaster.server.endpoint import Body, Tagged

Status = Literal["pending", "in-progress", "done", "review", "deferred", "cancelled", "blocked"]
Priority = Literal["low", "medium", "high", "critical"]


def _listed(*words: str) -> str:
    """The pattern of some of these words with commas between them."""
    one = f"({'|'.join(words)})"
    return f"^{one}(,{one})*$"


Statuses = Annotated[str, Meta(max_length=200, pattern=_listed(*get_args(Status)))]
Priorities = Annotated[str, Meta(max_length=200, pattern=_listed(*get_args(Priority)))]
Named = Annotated[str, Meta(max_length=2_000)]
"""Names with commas between them."""
QUERY = {"format": "tamp-query"}
"""Says of a text that it is in the language of ``tamp list --where``."""
BLANK = r"\s\x00-\x20\x7f-\xa0\ufeff"
"""In a set of characters: those that show nothing, the same in every dialect of patterns."""
SEEN = f"[^{BLANK}]"
LINE = rf"^{SEEN}([^\x00-\x1f\x7f\u2028\u2029]*{SEEN})?$"
"""Some text on one line, without blanks around it."""
ID = f"#?[^{BLANK},#][^{BLANK},]*"
Id = Annotated[str, Meta(min_length=1, max_length=200, pattern=f"^{ID}$")]
Ids = list[Id | Annotated[int, Meta(ge=0)]]
Title = Annotated[str, Meta(min_length=1, max_length=500, pattern=SEEN)]
Text = Annotated[str, Meta(max_length=100_000)]
Word = Annotated[str, Meta(min_length=1, max_length=200, pattern=SEEN)]
_WEEKDAYS = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_SPANS = "((other|[1-9][0-9]{0,2}) )?(day|week|month|year)s?"
Repeat = Annotated[
    str, Meta(pattern=f"^(daily|weekly|monthly|yearly|every ({_WEEKDAYS}|{_SPANS}))$")
]
"""How often a task comes again."""
MOST = 100
"""Tasks that a request may list, create, change or delete at once."""


class Fields(Body):
    """The fields of a task; ``tags`` are its labels, ``assignedTo`` its assignee."""

    description: Text | UnsetType = UNSET
    details: Text | UnsetType = UNSET
    test_strategy: Text | UnsetType = UNSET
    status: Status | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    dependencies: Ids | UnsetType = UNSET
    labels: list[Word] | UnsetType = UNSET
    tags: list[Word] | UnsetType = UNSET
    assignee: Text | UnsetType | None = UNSET
    assigned_to: Text | UnsetType | None = UNSET
    due_date: date | UnsetType | None = UNSET
    defer_until: date | UnsetType | None = UNSET
    repeat: Repeat | UnsetType | None = UNSET
    effort: Annotated[float, Meta(ge=0)] | UnsetType | None = UNSET
    acceptance_criteria: list[Text] | UnsetType = UNSET
    metadata: dict[str, Any] | UnsetType = UNSET


class Create(Fields, kw_only=True):
    title: Title
    parent_task_id: Id | UnsetType | None = UNSET


class Step(Fields, kw_only=True):
    title: Title


class Update(Fields, kw_only=True):
    """``note`` is appended to the details with the time."""

    title: Title | UnsetType = UNSET
    note: Word | UnsetType = UNSET


class CreateMany(Body):
    tasks: Annotated[list[Create], Meta(min_length=1, max_length=MOST)]


class UpdateOne(Body):
    id: Id
    changes: Update


class UpdateMany(Body):
    updates: Annotated[list[UpdateOne], Meta(min_length=1, max_length=MOST)]


class DeleteMany(Body):
    """Either name is understood."""

    ids: Annotated[Ids, Meta(min_length=1, max_length=MOST)] | UnsetType = UNSET
    task_ids: Annotated[Ids, Meta(min_length=1, max_length=MOST)] | UnsetType = UNSET


SOME = Annotated[DeleteMany, Meta(extra_json_schema={"minProperties": 1})]


class ListQuery(Tagged):
    """``where`` is a query in the language of ``tamp list --where``; ``fields`` are the keys to
    show of each task; ``sort`` names fields, backwards with a minus.
    """

    status: Statuses = ""
    priority: Priorities = ""
    labels: Named = ""
    tags: Named = ""
    ready: bool = False
    blocking: bool = False
    where: Annotated[str, Meta(max_length=2000, extra_json_schema=QUERY)] = ""
    fields: Named = ""
    sort: Named = ""
    sort_by: Literal["", "createdAt", "updatedAt", "dueDate", "priority"] = ""
    sort_order: Literal["asc", "desc"] = "desc"
    limit: Annotated[int, Meta(ge=1, le=MOST)] = 20
    offset: Annotated[int, Meta(ge=0, le=10_000_000)] = 0
    cursor: Annotated[str, Meta(extra_json_schema={"format": "cursor"})] = ""
    subtasks: bool = True


class ShowQuery(Tagged):
    fields: Named = ""
