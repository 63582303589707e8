"""Pages of a list: by offset, or by a cursor that nobody's change makes skip or repeat a task."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Annotated, NamedTuple

import msgspec
from msgspec import Meta

from taskmaster.domain import grammar
from taskmaster.errors import Conflict, Invalid
from taskmaster.usecases import arranging, listing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from taskmaster.domain.query import Query
    from taskmaster.domain.task import Task
    from taskmaster.server.forms import ListQuery
    from taskmaster.workspace import Workspace

_SIGN, _ESCAPE = re.compile(r'["\\]'), r"\\\g<0>"
"""What has a meaning of its own between quotes, and how it is to be read as itself."""
_read: msgspec.json.Decoder[tuple[Annotated[int, Meta(ge=0)], str]] = msgspec.json.Decoder(
    tuple[Annotated[int, Meta(ge=0)], str]
)


class Page(NamedTuple):
    """Some of the tasks that match; ``cursor`` is where the next page begins."""

    tasks: Sequence[Task]
    offset: int
    matching: int
    cursor: str


def page_of(ws: Workspace, query: ListQuery) -> Page:
    """The page that the query asks for. Raises Invalid, NotFound, and Conflict for a cursor that
    stood at a task which is gone.
    """
    offset, last = _place(query.cursor) if query.cursor else (query.offset, "")
    keys = arranging.sort_keys(_sorting(query))
    wanted = listing.Wanted(
        listing.statuses_of(query.status), listing.priorities_of(query.priority),
        query.ready, query.blocking, _where(query), counted=False,
    )  # fmt: skip
    if keys or last:
        return _of_all(ws, query, wanted, keys, offset, last)
    found = listing.list_tasks(ws, wanted._replace(offset=offset, limit=query.limit))
    return _page(found.tasks, offset, found.matching)


def _of_all(
    ws: Workspace, query: ListQuery, wanted: listing.Wanted, keys: Sequence[arranging.Key],
    offset: int, last: str,
) -> Page:  # fmt: skip
    found = listing.list_tasks(ws, wanted)
    if keys:
        found = arranging.ordered(found, keys, found.today)
    if last:
        offset = _after(found.tasks, offset, last)
    return _page(found.tasks[offset : offset + query.limit], offset, len(found.tasks))


def _after(tasks: Sequence[Task], offset: int, last: str) -> int:
    """The place after the task with which the page before ended."""
    if 0 < offset <= len(tasks) and tasks[offset - 1].id == last:
        return offset
    for place, task in enumerate(tasks):
        if task.id == last:
            return place + 1
    raise Conflict(
        f"the cursor stood at task {last}, which is not in this list any more",
        hint="begin again without a cursor",
        code="stale-cursor",
    )


def _page(tasks: Sequence[Task], offset: int, matching: int) -> Page:
    cursor = cursor_after(offset + len(tasks), tasks[-1].id) if tasks else ""
    return Page(tasks, offset, matching, cursor)


def cursor_after(offset: int, last: str) -> str:
    """Where the page begins that comes after so many tasks, the last of them this one."""
    text = json.dumps([offset, last], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _place(cursor: str) -> tuple[int, str]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        return _read.decode(text)
    except ValueError:
        raise Invalid(
            "the cursor is none that was given out here",
            hint="take nextCursor of the page before as it is",
            code="bad-cursor",
        ) from None


def _sorting(query: ListQuery) -> str:
    """The keys to sort by, also from the pair of parameters that the first API has."""
    if query.sort or not query.sort_by:
        return query.sort
    name = {"createdAt": "created", "updatedAt": "updated", "dueDate": "due"}.get(
        query.sort_by, query.sort_by
    )
    return f"-{name}" if query.sort_order == "desc" else name


def _where(query: ListQuery) -> Query | None:
    texts = [query.where] if query.where else []
    for words in (query.labels, query.tags):
        texts += [f'label:"{_SIGN.sub(_ESCAPE, one.strip())}"' for one in words.split(",")
                  if one.strip()]  # fmt: skip
    parsed = [grammar.parse(text) for text in texts]
    whole = parsed[0] if parsed else None
    for one in parsed[1:]:
        whole = whole & one if whole is not None else one
    return whole
