"""Taskwarrior: what ``task export`` prints, as a list or as an object a line."""

from __future__ import annotations

import re

from taskmaster.domain.assembly import assembled
from taskmaster.domain.parcel import Batch, Item, Losses, Parcel
from taskmaster.exchange.reading import malformed, objects, only

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from taskmaster.domain.parcel import Source

    Json = dict[str, object]

SYSTEM = "taskwarrior"
_PRIORITIES = {"H": "high", "M": "medium", "L": "low"}
_STATUSES = {"pending": "pending", "completed": "done", "waiting": "deferred"}
_READ = frozenset(
    ("uuid", "description", "status", "priority", "tags", "due", "entry", "modified", "depends",
     "annotations", "start", "id", "urgency", "mask", "imask", "parent", "rtype", "last")
)  # fmt: skip
_TIMES = ("wait", "scheduled", "until", "end")
_STAMP = re.compile(r"\d{8}T\d{6}Z")


def read(source: Source) -> Parcel:
    """The tasks; deleted ones and the patterns of recurring ones are noted and left out."""
    losses = Losses()
    items = [_item(entry, losses) for entry in _entries(source, losses)]
    tasks = assembled(items, losses, system=SYSTEM)
    return Parcel(SYSTEM, source.name, [Batch("", {}, tasks)], losses.listed(), coarse=True)


def _entries(source: Source, losses: Losses) -> Iterator[Json]:
    for where, entry in objects(only(source), source.name):
        if not isinstance(entry.get("uuid"), str) or "description" not in entry:
            raise malformed(source.name, where, "a task has a uuid and a description")
        if entry.get("status") == "deleted":
            losses.add("deleted tasks", entry["description"])
        elif entry.get("status") == "recurring":
            losses.add("patterns of recurring tasks", entry["description"])
        else:
            yield entry


def _item(entry: Json, losses: Losses) -> Item:
    tags = entry.get("tags")
    status = _STATUSES.get(str(entry.get("status")), "pending")
    begun = status == "pending" and entry.get("start")
    fields = {
        "title": entry["description"],
        "details": "\n".join(_annotations(entry.get("annotations"))),
        "status": "in-progress" if begun else status,
        "priority": _PRIORITIES.get(str(entry.get("priority")), ""),
        "labels": [str(one) for one in tags] if isinstance(tags, list) else [],
        "dueDate": local_date(entry.get("due")),
        "createdAt": iso(entry.get("entry")),
    }
    return Item(str(entry["uuid"]), fields, _depends(entry), aside=_aside(entry, losses))


def _depends(entry: Json) -> list[str]:
    """The uuids waited for: a list today, words with commas in older releases."""
    raw = entry.get("depends")
    if isinstance(raw, str):
        return [one.strip() for one in raw.split(",") if one.strip()]
    return [str(one) for one in raw] if isinstance(raw, list) else []


def _aside(entry: Json, losses: Losses) -> Json:
    """What else is told in one word: the project, times, and fields of the user's own."""
    found: Json = {}
    for name, value in entry.items():
        if name in _READ or value in (None, ""):
            continue
        if name in _TIMES:
            found[name] = iso(value) or value
        elif isinstance(value, str | int | float):
            found[name] = value
        else:
            losses.add(name, entry["description"])
    if entry.get("due"):
        found["due"] = iso(entry["due"]) or entry["due"]
    return found


def _annotations(value: object) -> Iterator[str]:
    for one in value if isinstance(value, list) else []:
        if isinstance(one, dict):
            yield f"{iso(one.get('entry'))[:10]}: {one.get('description', '')}"


def iso(raw: object) -> str:
    """A time of theirs (``20260131T081500Z``) as ISO text, ``""`` for anything else."""
    if not isinstance(raw, str) or not _STAMP.fullmatch(raw):
        return ""
    return f"{raw[:4]}-{raw[4:6]}-{raw[6:8]}T{raw[9:11]}:{raw[11:13]}:{raw[13:15]}Z"


def local_date(raw: object) -> str:
    """The day that a time means here: what is due at midnight is written as that time in UTC."""
    import datetime as dt

    try:
        return dt.datetime.fromisoformat(iso(raw)).astimezone().date().isoformat()
    except (ValueError, OverflowError):
        return ""
