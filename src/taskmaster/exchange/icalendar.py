"""iCalendar: each task and subtask as a to-do (RFC 5545, with the relations of RFC 9253).

What the format has no word for stands in properties of our own (``X-TAMP-…``), which calendar
programs keep and do not show.
"""

from __future__ import annotations

import re

from taskmaster.domain.assembly import assembled, nested
from taskmaster.domain.parcel import Batch, Item, Losses, Parcel, Rendering, origin_of
from taskmaster.exchange import fields
from taskmaster.exchange.reading import malformed, only

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from taskmaster.domain.parcel import Shipment, Source
    from taskmaster.domain.task import Task

    Property = tuple[str, Mapping[str, str], str]
    ToDo = list[Property]

SYSTEM = "icalendar"
_LINE = 75
_PROPERTY = re.compile(
    r"""([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:,]*)(?:,[^;:]*)?)*):(.*)""", re.DOTALL
)
_ESCAPES = {"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"}
_STATUSES = {"done": "COMPLETED", "cancelled": "CANCELLED", "in-progress": "IN-PROCESS"}
_MEANINGS = {
    "NEEDS-ACTION": "pending", "COMPLETED": "done", "IN-PROCESS": "in-progress",
    "CANCELLED": "cancelled",
}  # fmt: skip
_PRIORITIES = {"critical": "1", "high": "3", "medium": "5", "low": "9"}
_OWN = {
    "X-TAMP-ID": "id", "X-TAMP-STATUS": "status", "X-TAMP-PRIORITY": "priority",
    "X-TAMP-ASSIGNEE": "assignee", "X-TAMP-ESTIMATE": "estimate", "X-TAMP-DETAILS": "details",
    "X-TAMP-TEST-STRATEGY": "test_strategy", "X-TAMP-ACCEPTANCE": "acceptance_criteria",
}  # fmt: skip
_READ = {"SUMMARY": "title", "DESCRIPTION": "description"}
_TIMES = {"CREATED": "created", "LAST-MODIFIED": "updated"}
_SILENT = frozenset(
    ("UID", "DTSTAMP", "RELATED-TO", "CATEGORIES", "STATUS", "PRIORITY", "DUE", "COMPLETED",
     "PERCENT-COMPLETE", "SEQUENCE", "X-TAMP-TAG", *_READ, *_TIMES, *_OWN)
)  # fmt: skip
_FRAMES = ("VCALENDAR", "STANDARD", "DAYLIGHT", "VTIMEZONE")
_WAITS = ("DEPENDS-ON", "FINISHTOSTART")


def write(shipment: Shipment) -> Rendering:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Task Master Pro//tamp//EN"]
    for batch in shipment.batches:
        tasks = [one for task in batch.tasks for one in (task, *task.subtasks)]
        names = {task.id: _uid(task, batch.tag, shipment.project) for task in tasks}
        for task in tasks:
            lines += _todo(task, batch.tag, names, shipment.time)
    lines.append("END:VCALENDAR")
    text = "".join(f"{part}\r\n" for line in lines for part in folded(line))
    return Rendering(text, fields.left_out(shipment.batches))


def _uid(task: Task, tag: str, project: str) -> str:
    """A name that stays when anything but the id changes; that of its calendar, if it has one."""
    origin = origin_of(task)
    if origin and origin[0] == SYSTEM:
        return origin[3]
    return f"{tag}.{task.id}@{project}.tamp"


def _todo(task: Task, tag: str, names: Mapping[str, str], now: str) -> Iterator[str]:
    row = fields.shown(task)
    yield "BEGIN:VTODO"
    yield f"UID:{escaped(names[task.id])}"
    yield f"DTSTAMP:{moment(row['updated']) or moment(row['created']) or moment(now)}"
    yield f"SUMMARY:{escaped(row['title'])}"
    if row["description"]:
        yield f"DESCRIPTION:{escaped(row['description'])}"
    yield from _standing(row)
    if task.labels:
        yield f"CATEGORIES:{','.join(escaped(one) for one in task.labels)}"
    if task.parent:
        yield f"RELATED-TO;RELTYPE=PARENT:{escaped(names[task.parent.id])}"
    for one in task.dependencies:
        if one in names:
            yield f"RELATED-TO;RELTYPE=DEPENDS-ON:{escaped(names[one])}"
    for name, key in _OWN.items():
        if row[key]:
            yield f"{name}:{escaped(row[key])}"
    yield f"X-TAMP-TAG:{escaped(tag)}"
    yield "END:VTODO"


def _standing(row: Mapping[str, str]) -> Iterator[str]:
    """Status, priority and times."""
    yield f"STATUS:{_STATUSES.get(row['status'], 'NEEDS-ACTION')}"
    if row["priority"]:
        yield f"PRIORITY:{_PRIORITIES[row['priority']]}"
    if row["status"] == "done" and moment(row["updated"]):
        yield f"COMPLETED:{moment(row['updated'])}"
    if re.fullmatch(r"\d{4}-\d\d-\d\d", row["due"]):
        yield f"DUE;VALUE=DATE:{row['due'].replace('-', '')}"
    for name, key in _TIMES.items():
        if moment(row[key]):
            yield f"{name}:{moment(row[key])}"


def escaped(text: str) -> str:
    """A text value: no line ends, no separators, no control characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        _ESCAPES.get(one, one) for one in text if one in "\n\t" or not ("\0" <= one < " ")
    ).replace("\x7f", "")


def meant(text: str) -> str:
    """The text that ``escaped`` made this of."""
    return re.sub(
        r"\\(.)", lambda match: "\n" if match[1] in "nN" else match[1], text, flags=re.DOTALL
    )


def folded(line: str) -> Iterator[str]:
    """A content line in pieces of at most 75 octets, the later ones indented by a blank."""
    room, piece, size = _LINE, "", 0
    for one in line:
        width = len(one.encode(errors="replace"))
        if size + width > room:
            yield piece
            piece, size, room = " ", 1, _LINE
        piece += one
        size += width
    yield piece


def moment(text: str) -> str:
    """An ISO time as the format writes it, in UTC; ``""`` for what is none."""
    import datetime as dt

    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return ""
    if found.tzinfo:
        found = found.astimezone(dt.UTC)
    return f"{found:%Y%m%dT%H%M%SZ}" if found.year >= 1000 else ""


def _iso(text: str) -> str:
    match = re.fullmatch(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?", text)
    if not match:
        return ""
    year, month, day, hour, minute, second, zone = match.groups()
    date = f"{year}-{month}-{day}"
    return f"{date}T{hour}:{minute}:{second}{zone}" if hour else date


def read(source: Source) -> Parcel:
    """The to-dos of a calendar; events and what else is in it are noted."""
    losses = Losses()
    todos = list(_todos(only(source), source.name, losses))
    own = any(_first(todo, "X-TAMP-ID") for todo in todos)
    batches = []
    for tag in dict.fromkeys(_first(todo, "X-TAMP-TAG") for todo in todos):
        mine = [todo for todo in todos if _first(todo, "X-TAMP-TAG") == tag]
        items = nested([_item(todo, losses) for todo in mine], _parents(mine), losses)
        origin = {} if own else {"system": SYSTEM}
        batches.append(Batch(tag, {}, assembled(items, losses, **origin)))
    return Parcel(SYSTEM, source.name, batches, losses.listed(), own=own)


def _todos(text: str, name: str, losses: Losses) -> Iterator[ToDo]:
    """The properties of each to-do."""
    inside: list[str] = []
    todo: ToDo = []
    for word, how, value in _properties(text, name):
        if word == "BEGIN":
            inside.append(value.upper())
            todo = [] if inside[-1] == "VTODO" else todo
        elif word == "END":
            ended = _closed(inside, value, name)
            if ended == "VTODO":
                yield todo
            elif ended not in _FRAMES:
                losses.add(ended.lower())
        elif inside[-1:] == ["VTODO"]:
            todo.append((word, how, value))
    if inside:
        raise malformed(name, "the end", f"{inside[-1]} is not closed")


def _closed(inside: list[str], value: str, name: str) -> str:
    """The component that an END closes: the one that was opened last, or the file is wrong."""
    ended = inside.pop() if inside else "nothing"
    if ended != value.upper():
        raise malformed(name, f"END:{value}", f"{ended} is open there")
    return ended


def _properties(text: str, name: str) -> Iterator[Property]:
    """The content lines, put together where they were folded."""
    for line in re.sub(r"\r?\n[ \t]", "", text).replace("\r\n", "\n").split("\n"):
        if not line.strip():
            continue
        match = _PROPERTY.fullmatch(line)
        if not match:
            raise malformed(name, "a line of the calendar", f"no property: {line[:40]!r}")
        yield match.group(1).upper(), _parameters(match.group(2)), match.group(3)


def _parameters(text: str) -> Mapping[str, str]:
    pairs = (part.partition("=") for part in text.split(";") if part)
    return {key.upper(): value.strip('"').upper() for key, _, value in pairs}


def _first(todo: ToDo, name: str) -> str:
    return next((meant(value) for word, _, value in todo if word == name), "")


def _related(todo: ToDo, kinds: Sequence[str]) -> list[str]:
    return [
        meant(value)
        for word, how, value in todo
        if word == "RELATED-TO" and how.get("RELTYPE", "PARENT") in kinds
    ]


def _parents(todos: Sequence[ToDo]) -> dict[str, str]:
    found = {}
    for todo in todos:
        for one in _related(todo, ("PARENT",))[:1]:
            found[_first(todo, "UID")] = one
        for one in _related(todo, ("CHILD",)):
            found.setdefault(one, _first(todo, "UID"))
    return found


def _item(todo: ToDo, losses: Losses) -> Item:
    row = {key: _first(todo, name) for name, key in {**_READ, **_OWN}.items()}
    row |= {key: _iso(_first(todo, name)) for name, key in _TIMES.items()}
    row["due"] = _iso(_first(todo, "DUE"))[:10]
    row["status"] = _status(todo, row["status"])
    row["priority"] = row["priority"] or _priority(_first(todo, "PRIORITY"))
    categories = [value for word, _, value in todo if word == "CATEGORIES"]
    labels = [meant(one) for text in categories for one in re.split(r"(?<!\\),", text)]
    uid = _first(todo, "UID")
    losses.add_fields((word.lower() for word, _, _ in todo if word not in _SILENT), row["title"])
    item = fields.item(row, losses)
    own = row["id"].rpartition(".")[2] if _related(todo, ("PARENT",)) else row["id"]
    return Item(
        uid or item.key, {**item.fields, "labels": labels}, _related(todo, _WAITS), number=own
    )


def _status(todo: ToDo, own: str) -> str:
    """The status in our word, unless a calendar program changed its own since."""
    told = _first(todo, "STATUS").upper()
    if own and _STATUSES.get(own, "NEEDS-ACTION") == (told or "NEEDS-ACTION"):
        return own
    if not told and _first(todo, "COMPLETED"):
        return "done"
    begun = _first(todo, "PERCENT-COMPLETE") not in ("", "0")
    return _MEANINGS.get(told, "in-progress" if begun else "pending")


def _priority(text: str) -> str:
    number = int(text) if text.isascii() and text.isdecimal() else 0
    if not number:
        return ""
    return (
        "critical" if number == 1 else "high" if number < 5 else "low" if number > 5 else "medium"
    )
