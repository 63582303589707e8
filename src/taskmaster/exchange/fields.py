"""The fields of a task as lines of text, as the formats that people read and edit have them."""

from __future__ import annotations

from taskmaster.domain.parcel import Item, Losses
from taskmaster.domain.task import PRIORITIES, STATUSES, priority_of, status_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from taskmaster.domain.parcel import Batch, Loss
    from taskmaster.domain.task import Task

HELD = frozenset(
    (
        *("id", "title", "status", "priority", "dependencies", "labels", "tags", "assignee"),
        *("dueDate", "effort", "description", "details", "testStrategy", "acceptanceCriteria"),
        *("createdAt", "updatedAt", "subtasks", "parentId", "parentTaskId"),
    )
)
"""The keys that these formats have a place for."""


def shown(task: Task) -> dict[str, str]:
    """Every field as text, ``""`` where there is none."""
    estimate = task.estimate
    return {
        "id": task.id,
        "title": " ".join(task.title.split()),
        "status": task.status,
        "priority": task.priority if task.parent is None or task.doc.get("priority") else "",
        "dependencies": "; ".join(task.dependencies),
        "labels": "; ".join(task.labels),
        "assignee": task.assignee,
        "due": task.due,
        "estimate": "" if estimate is None else f"{estimate}",
        "description": task.description,
        "details": task.details,
        "test_strategy": task.test_strategy,
        "acceptance_criteria": "\n".join(task.acceptance),
        "created": str(task.doc.get("createdAt") or ""),
        "updated": str(task.doc.get("updatedAt") or ""),
    }


def item(row: Mapping[str, str], losses: Losses, steps: Sequence[Item] = ()) -> Item:
    """What such fields say, with the id as key and number."""
    where = f"{row.get('id', '')} {row.get('title', '')}".strip()
    fields: dict[str, object] = {
        "title": row.get("title", ""),
        "status": status(row.get("status", ""), where, losses),
        "priority": priority(row.get("priority", ""), where, losses),
        "labels": listed(row.get("labels", "")),
        "assignee": row.get("assignee", ""),
        "dueDate": row.get("due", ""),
        "effort": number(row.get("estimate", ""), where, losses),
        "description": row.get("description", ""),
        "details": row.get("details", ""),
        "testStrategy": row.get("test_strategy", ""),
        "acceptanceCriteria": [
            line for line in row.get("acceptance_criteria", "").split("\n") if line.strip()
        ],
        "createdAt": row.get("created", ""),
        "updatedAt": row.get("updated", ""),
    }
    name = row.get("id", "")
    after = tuple(one.removeprefix("#") for one in listed(row.get("dependencies", "")))
    own = name.rpartition(".")[2] if row.get("parent") else name
    return Item(name or where, fields, after, tuple(steps), own)


def listed(text: str) -> list[str]:
    """The words of a list with ``;`` between them, or with commas where there is none."""
    return [one.strip() for one in text.split(";" if ";" in text else ",") if one.strip()]


def status(raw: object, where: str, losses: Losses) -> str:
    """The status a word means; pending, and noted, for a word that nobody knows."""
    found = status_of(raw)
    if found in STATUSES:
        return found
    losses.add("status", f"{raw} ({where}) became pending")
    return "pending"


def priority(raw: str, where: str, losses: Losses) -> str:
    """The priority a word means, ``""`` for none; noted when nobody knows the word."""
    found = priority_of(raw, default="")
    if raw.strip() and found not in PRIORITIES:
        losses.add("priority", f"{raw} ({where})")
    return found


def number(raw: str, where: str, losses: Losses) -> float | None:
    """A number of hours, None for what is none."""
    try:
        found = float(raw) if raw.strip() else None
    except ValueError:
        losses.add("estimate", f"{raw} ({where})")
        return None
    return int(found) if found is not None and found.is_integer() and "." not in raw else found


def left_out(batches: Sequence[Batch], held: frozenset[str] = HELD) -> tuple[Loss, ...]:
    """The keys of tasks that a format has no place for."""
    losses = Losses()
    for batch in batches:
        for task in batch.tasks:
            for one in (task, *task.subtasks):
                gone = [key for key, value in one.doc.items() if key not in held and value]
                losses.add_fields(gone, f"task {one.id}")
    return losses.listed()
