"""Writing a task that repeats down again when it is done."""

from __future__ import annotations

import datetime as dt

from taskmaster.domain import days, ids, recurrence
from taskmaster.domain.task import Task
from taskmaster.usecases import selection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from taskmaster.domain.recurrence import Rule
    from taskmaster.ports import Writer

LINK = "repeats"
"""The key in a task's metadata: ``previous`` and ``next`` name the occurrences before and after
it, ``first`` the day the series is counted from.
"""
_OWN = ("updatedAt", "comments", "links", "dependsOn", "deferUntil")
"""What belongs to one occurrence and not to the next."""


def follow_on(writer: Writer, tag: str, task_id: str, now: str) -> Task | None:
    """Write the next occurrence of a completed task down and let both name each other.

    None, and nothing written, when it does not repeat, has had its next one already, or the
    series has no further day.
    """
    task = writer.get(tag, task_id)
    rule = recurrence.rule_of(str(task.doc.get("repeat")))
    known = selection.find(writer, tag, str(_link(task).get("next", "")))
    if rule is None or known is not None:
        return None
    today = dt.date.fromisoformat(now[:10])
    first, due = _days(task, rule, today)
    following = recurrence.next_day(rule, first, max(due, today))
    if following is None:
        return None
    highest, _ = writer.numbering(tag)
    number = ids.stored(str(highest + 1), task.doc.get("id"))
    fields = _when(task, due, following) | {"id": number, "createdAt": now}
    made = Task(_again(task) | fields)
    made = _linked(made, {"previous": task.id, "first": first.isoformat()})
    writer.put(tag, _linked(task, {**_link(task), "next": made.id}))
    return writer.put(tag, made)


def _days(task: Task, rule: Rule, today: dt.date) -> tuple[dt.date, dt.date]:
    """The first day of the series, and the day this one was due; today where nothing says so."""
    due = days.exact(task.due) or today
    first = days.exact(str(_link(task).get("first"))) or due
    # A due date that somebody has moved begins a series of its own.
    return (first if recurrence.belongs(rule, first, due) else due), due


def _when(task: Task, due: dt.date, following: dt.date) -> dict[str, object]:
    """The days of the next occurrence; it stays put off as long before it is due as this was."""
    fields: dict[str, object] = {"dueDate": following.isoformat()}
    until = days.exact(task.defer_until)
    if until and days.exact(task.due) and until < due:
        fields["deferUntil"] = (following - (due - until)).isoformat()
    return fields


def _again(task: Task) -> dict[str, object]:
    doc = _fresh(task.doc) | {"dependencies": []}
    if "subtasks" in doc:
        doc["subtasks"] = [_fresh(step.doc) for step in task.subtasks]
    return doc


def _fresh(doc: Mapping[str, object]) -> dict[str, object]:
    kept = {key: value for key, value in doc.items() if key not in _OWN}
    return kept | {"status": "pending"}


def _link(task: Task) -> Mapping[str, object]:
    metadata = task.doc.get("metadata")
    found = metadata.get(LINK) if isinstance(metadata, dict) else None
    return found if isinstance(found, dict) else {}


def _linked(task: Task, link: Mapping[str, object]) -> Task:
    metadata = task.doc.get("metadata")
    kept = metadata if isinstance(metadata, dict) else {}
    return task.with_fields({"metadata": {**kept, LINK: dict(link)}})
