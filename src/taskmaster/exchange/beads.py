"""beads: issues as JSON Lines, as ``.beads/issues.jsonl`` and its export hold them."""

from __future__ import annotations

import re

from taskmaster.domain.assembly import assembled, nested
from taskmaster.domain.parcel import Batch, Item, Losses, Parcel
from taskmaster.exchange import fields
from taskmaster.exchange.reading import malformed, only, parsed_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from taskmaster.domain.parcel import Source

    Json = dict[str, object]

SYSTEM = "beads"
_PRIORITIES = ("critical", "high", "medium", "low", "low")
_STATUSES = {"open": "pending", "in_progress": "in-progress", "closed": "done",
             "pinned": "pending", "hooked": "in-progress"}  # fmt: skip
_BLOCKING = ("blocks", "conditional-blocks", "waits-for")
_GONE = ("tombstone", "deleted")
_ASIDE = {
    "issue_type": "type", "external_ref": "reference", "owner": "owner", "created_by": "author",
    "defer_until": "deferUntil", "close_reason": "closeReason", "closed_at": "closedAt",
    "spec_id": "spec", "source_repo": "repository", "metadata": "metadata",
}  # fmt: skip
_READ = frozenset(
    ("_type", "id", "title", "description", "design", "acceptance_criteria", "notes", "status",
     "priority", "assignee", "estimated_minutes", "due_at", "labels", "dependencies", "comments",
     "created_at", "updated_at", *_ASIDE)
)  # fmt: skip
# What follows from other fields, or only means something inside that program.
_DERIVED = frozenset(
    ("content_hash", "compaction_level", "compacted_at", "original_size", "dependency_count",
     "dependent_count", "comment_count", "deleted_at", "deleted_by", "delete_reason", "started_at",
     "schema_version", "is_blocked", "sender", "ephemeral")
)  # fmt: skip


def read(source: Source) -> Parcel:
    """The issues, children as subtasks, blocking edges as dependencies."""
    losses = Losses()
    issues = [entry for entry in _issues(source, losses) if _stays(entry, losses)]
    parents = {
        str(entry["id"]): one for entry in issues for one in _targets(entry, ("parent-child",))
    }
    items = nested([_item(entry, losses) for entry in issues], parents, losses)
    tasks = assembled(items, losses, system=SYSTEM)
    return Parcel(SYSTEM, source.name, [Batch("", {}, tasks)], losses.listed())


def _issues(source: Source, losses: Losses) -> Iterator[Json]:
    for number, entry in parsed_lines(only(source), source.name):
        if entry.get("_type", "issue") != "issue":
            losses.add(f"{entry['_type']} records", f"line {number}")
        elif not isinstance(entry.get("id"), str) or not isinstance(entry.get("title"), str):
            raise malformed(source.name, f"line {number}", "an issue has an id and a title")
        else:
            yield entry


def _stays(entry: Json, losses: Losses) -> bool:
    gone = entry.get("status") in _GONE
    if gone:
        losses.add("deleted issues", entry["id"])
    return not gone


def _edges(entry: Json) -> Iterator[tuple[str, str]]:
    """Each edge of an issue as (its kind, the other end)."""
    listed = entry.get("dependencies")
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, dict) and one.get("issue_id", entry["id"]) == entry["id"]:
            yield str(one.get("type") or "blocks"), str(one.get("depends_on_id") or "")


def _targets(entry: Json, kinds: tuple[str, ...]) -> list[str]:
    return [other for kind, other in _edges(entry) if kind in kinds and other]


def _item(entry: Json, losses: Losses) -> Item:
    key = str(entry["id"])
    for kind, other in _edges(entry):
        if kind not in (*_BLOCKING, "parent-child"):
            losses.add(f"edges of the kind {kind}", f"{key} to {other}")
    unknown = [name for name in entry if name not in _READ and name not in _DERIVED and entry[name]]
    losses.add_fields(unknown, key)
    aside = {new: entry[old] for old, new in _ASIDE.items() if entry.get(old) not in (None, "", {})}
    return Item(key, _fields(entry, key, losses), _targets(entry, _BLOCKING), aside=aside)


def _fields(entry: Json, key: str, losses: Losses) -> Json:
    minutes = entry.get("estimated_minutes")
    labels = entry.get("labels")
    return {
        "title": entry["title"],
        "description": entry.get("description"),
        "details": _details(entry),
        "acceptanceCriteria": criteria(str(entry.get("acceptance_criteria") or "")),
        "status": _status(entry, key, losses),
        "priority": _priority(entry.get("priority"), key, losses),
        "assignee": entry.get("assignee"),
        "effort": round(minutes / 60, 2) if isinstance(minutes, int) and minutes else None,
        "dueDate": str(entry.get("due_at") or "")[:10],
        "labels": [str(one) for one in labels] if isinstance(labels, list) else [],
        "createdAt": entry.get("created_at"),
    }


def _status(entry: Json, key: str, losses: Losses) -> str:
    word = str(entry.get("status") or "open")
    if word in ("pinned", "hooked"):
        losses.add(f"status {word}", f"{key} became {_STATUSES[word]}")
    return _STATUSES.get(word) or fields.status(word, key, losses)


def _priority(raw: object, key: str, losses: Losses) -> str:
    if type(raw) is int and 0 <= raw < len(_PRIORITIES):
        if raw == len(_PRIORITIES) - 1:
            losses.add("priority 4", f"{key} became low")
        return _PRIORITIES[raw]
    return fields.priority(str(raw or ""), key, losses)


def _details(entry: Json) -> str:
    parts = [
        f"{name.capitalize()}\n\n{entry[name]}" for name in ("design", "notes") if entry.get(name)
    ]
    listed = entry.get("comments")
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, dict) and (text := one.get("text") or one.get("body")):
            when = str(one.get("created_at") or "")[:10]
            parts.append(f"Comment by {one.get('author') or 'somebody'}, {when}:\n{text}")
    return "\n\n".join(parts)


def criteria(text: str) -> list[str]:
    """The lines of a list of criteria, without bullets, boxes and numbers."""
    bare = (re.sub(r"^\s*(?:[-*+]|\d+[.)])?\s*(?:\[.\])?\s*(?:#\d+\s+)?", "", line)
            for line in text.split("\n"))  # fmt: skip
    return [line.strip() for line in bare if line.strip()]
