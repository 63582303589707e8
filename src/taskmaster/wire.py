"""The JSON forms: tasks as every face shows them, and records as the change log keeps them."""

from __future__ import annotations

from taskmaster.domain.changes import ABSENT, Actor, Change, Stamp, Transaction, last_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from taskmaster.domain.task import Task

    Json = dict[str, object]


def task_to_json(task: Task, *, subtasks: bool = True) -> Json:
    """A task for readers: every stored key, with ids and references as text, statuses and
    priorities in today's words, and the fields everybody expects always there.

    A subtask's ``id`` is the full one (``"5.2"``), the form that every command accepts.
    """
    shown: Json = {
        "id": task.id,
        "title": task.title,
        "description": task.description,
        "status": task.status,
        "priority": task.priority,
        "dependencies": list(task.dependencies),
        "details": task.details,
        "testStrategy": task.test_strategy,
    }
    shown.update({key: value for key, value in task.doc.items() if key not in shown})
    if task.parent is None:
        shown["subtasks"] = [task_to_json(step) for step in task.subtasks] if subtasks else []
    return shown


def revision_of(task: Task) -> str:
    """A short text that changes whenever anything in the task's document does."""
    import hashlib
    import json

    text = json.dumps(task.doc, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def change_to_json(change: Change, number: int | None = None) -> Json:
    """A change as a log line and the history show it; a key that is absent has no entry."""
    shown: Json = {} if number is None else {"seq": number}
    shown |= {"kind": change.kind, "tag": change.tag}
    if change.task:
        shown["task"] = change.task
    if change.fields:
        shown["fields"] = {key: _pair_to_json(pair) for key, pair in change.fields.items()}
    if change.kind in ("added", "removed"):
        shown |= {"doc": change.doc, "place": change.place}
    return shown


def _pair_to_json(pair: tuple[object, object]) -> Json:
    names = ("before", "after")
    return {name: value for name, value in zip(names, pair, strict=True) if value is not ABSENT}


def change_from_json(shown: Mapping[str, object]) -> Change:
    """The change that ``change_to_json`` showed. Raises KeyError or TypeError for other things."""
    fields = shown.get("fields") or {}
    pairs = {
        key: (pair.get("before", ABSENT), pair.get("after", ABSENT))
        for key, pair in fields.items()  # type: ignore[attr-defined]
    }
    place = shown.get("place", 0)
    return Change(
        str(shown["kind"]), str(shown["tag"]), str(shown.get("task", "")), pairs,
        shown.get("doc"), place if isinstance(place, int) else 0,
    )  # fmt: skip


def transaction_to_json(transaction: Transaction) -> Json:
    """A transaction as a line of the change log; ``seq`` is the first and last change number."""
    stamp = transaction.stamp
    actor = {"name": stamp.actor.name, "kind": stamp.actor.kind}
    if stamp.actor.session:
        actor["session"] = stamp.actor.session
    shown: Json = {
        "seq": [transaction.first, last_number(transaction)],
        "at": stamp.time,
        "actor": actor,
        "via": stamp.via,
        "op": stamp.operation,
    }
    if stamp.note:
        shown["note"] = stamp.note
    if stamp.request:
        shown["request"] = stamp.request
    shown["changes"] = [change_to_json(change) for change in transaction.changes]
    return shown


def transaction_from_json(shown: Mapping[str, object]) -> Transaction:
    """The transaction of a log line. Raises KeyError, TypeError or ValueError for other things."""
    actor: Mapping[str, str] = shown["actor"]  # type: ignore[assignment]
    stamp = Stamp(
        Actor(actor["name"], actor["kind"], actor.get("session", "")),
        str(shown["via"]), str(shown["op"]), str(shown.get("note", "")), str(shown["at"]),
        str(shown.get("request", "")),
    )  # fmt: skip
    first: int = shown["seq"][0]  # type: ignore[index]
    changes = tuple(change_from_json(one) for one in shown["changes"])  # type: ignore[attr-defined]
    return Transaction(first, stamp, changes)
