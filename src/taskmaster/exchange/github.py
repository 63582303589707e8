"""GitHub issues as ``gh issue list --json …`` prints them.

A checklist in the text becomes subtasks; "blocked by #12" and "depends on #12" in it, and what
GitHub itself keeps as blockers and parents, become dependencies and subtasks.
"""

from __future__ import annotations

import re

from taskmaster.domain.assembly import assembled, nested
from taskmaster.domain.parcel import Batch, Item, Losses, Parcel
from taskmaster.domain.task import priority_of, status_of
from taskmaster.exchange.checklist import parts, plain
from taskmaster.exchange.reading import malformed, objects, only

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from taskmaster.domain.parcel import Source
    from taskmaster.exchange.checklist import Box

    Json = dict[str, object]

SYSTEM = "github"
_WAITS = re.compile(
    r"\b(?:blocked (?:by|on)|depends on|waits? for|requires)\s*:?\s*"
    r"((?:(?:[\w.-]+/[\w.-]+)?#\d+(?:\s*(?:,|and|&)\s*)?)+)",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"([\w.-]+/[\w.-]+)?#(\d+)")
_URL = re.compile(r"https?://[^/]+/([^/]+/[^/]+)/issues/(\d+)")
_KNOWN = frozenset(
    ("number", "title", "body", "state", "stateReason", "labels", "assignees", "milestone",
     "createdAt", "updatedAt", "closedAt", "url", "comments", "id", "author", "parent", "subIssues",
     "subIssuesSummary", "blockedBy", "blocking", "closed", "isPinned", "issueType")
)  # fmt: skip
_STANDINGS = ("in-progress", "blocked", "review", "deferred")


def read(source: Source) -> Parcel:
    """The issues of the file, numbered anew; ``metadata.source`` keeps their numbers."""
    losses = Losses()
    issues = list(_issues(source))
    repository = next((one for entry in issues if (one := _repository(entry))), "")
    parents = dict(_parents(issues))
    items = nested([_item(entry, repository, losses) for entry in issues], parents, losses)
    tasks = assembled(items, losses, system=SYSTEM, document=repository)
    name = repository or source.name
    return Parcel(SYSTEM, name, [Batch("", {}, tasks)], losses.listed(), coarse=True)


def _issues(source: Source) -> Iterator[Json]:
    for where, entry in objects(only(source), source.name):
        if type(entry.get("number")) is not int or not isinstance(entry.get("title"), str):
            raise malformed(source.name, where, "an issue has a number and a title")
        yield entry


def _repository(entry: Json) -> str:
    match = _URL.match(str(entry.get("url") or ""))
    return match.group(1) if match else ""


def _named(value: object, key: str) -> list[str]:
    """The names in a list of objects, which may lie in ``nodes``."""
    entries = value.get("nodes") if isinstance(value, dict) else value
    listed = entries if isinstance(entries, list) else []
    return [str(one[key]) for one in listed if isinstance(one, dict) and key in one]


def _parents(issues: Sequence[Json]) -> Iterator[tuple[str, str]]:
    for entry in issues:
        parent = entry.get("parent")
        if isinstance(parent, dict) and "number" in parent:
            yield str(entry["number"]), str(parent["number"])
        for one in _named(entry.get("subIssues"), "number"):
            yield one, str(entry["number"])


def _item(entry: Json, repository: str, losses: Losses) -> Item:
    key = str(entry["number"])
    boxes, _rest = parts(str(entry.get("body") or ""))
    steps = [box for box in boxes if not _REFERENCE.fullmatch(box.text)]
    listed = [box.text for box in boxes if _REFERENCE.fullmatch(box.text)]
    told = [one for found in _WAITS.findall(_prose(entry)) for one in _split(found)]
    after = [*_blockers(entry), *_local([*told, *listed], repository, key, losses)]
    losses.add_fields((name for name in entry if name not in _KNOWN and entry[name]), f"#{key}")
    return Item(
        key,
        _fields(entry, losses) | {"description": _description(entry)},
        tuple(one for one in dict.fromkeys(after) if one != key),
        tuple(_steps(steps, key)),
        aside=_aside(entry),
    )


def _prose(entry: Json) -> str:
    """The text without code, in which nothing refers to anything."""
    return re.sub(r"```.*?(?:```|\Z)|`[^`\n]*`", "", str(entry.get("body") or ""), flags=re.DOTALL)


def _description(entry: Json) -> str:
    """The text without the boxes that became subtasks."""
    text = str(entry.get("body") or "").replace("\r\n", "\n")
    boxes, _rest = parts(text)
    for box in boxes:
        pattern = rf"^[ \t]*(?:[-*+]|\d+[.)]) \[.\][ \t]+{re.escape(box.text)}[ \t]*\n?"
        text = re.sub(pattern, "", text, count=1, flags=re.MULTILINE)
    return text.strip("\n")


def _split(found: str) -> list[str]:
    return [match.group(0) for match in _REFERENCE.finditer(found)]


def _local(found: Sequence[str], repository: str, key: str, losses: Losses) -> Iterator[str]:
    """The numbers of references to this repository; others are noted."""
    for one in found:
        elsewhere, _, number = one.partition("#")
        if elsewhere and elsewhere != repository:
            losses.add("references to other repositories", f"#{key} waits for {one}")
        else:
            yield number


def _blockers(entry: Json) -> list[str]:
    return _named(entry.get("blockedBy"), "number")


def _steps(boxes: Sequence[Box], key: str) -> Iterator[Item]:
    seen: dict[str, int] = {}
    for box in boxes:
        seen[box.text] = seen.get(box.text, 0) + 1
        again = f" ({seen[box.text]})" if seen[box.text] > 1 else ""
        fields = {"title": plain(box.text), "status": box.status}
        yield Item(f"{key} / {box.text}{again}", fields)


def _fields(entry: Json, losses: Losses) -> Json:
    labels = _named(entry.get("labels"), "name")
    people = _named(entry.get("assignees"), "login")
    milestone = entry.get("milestone")
    due = str(milestone.get("dueOn") or "")[:10] if isinstance(milestone, dict) else ""
    for one in people[1:]:
        losses.add("assignees after the first", f"#{entry['number']}: {one}")
    return {
        "title": entry["title"],
        "status": _status(entry, labels),
        "priority": next(filter(None, map(_priority, labels)), ""),
        "labels": labels,
        "assignee": people[0] if people else "",
        "dueDate": due,
        "details": "\n\n".join(_comments(entry.get("comments"))),
        "createdAt": entry.get("createdAt") or "",
    }


def _status(entry: Json, labels: Sequence[str]) -> str:
    if str(entry.get("state") or "").lower() == "closed" or entry.get("closed") is True:
        reason = str(entry.get("stateReason") or "").lower()
        return "cancelled" if reason in ("not_planned", "duplicate") else "done"
    words = (status_of(re.sub(r"^(status|state)\s*[:/]\s*", "", one.lower())) for one in labels)
    return next((one for one in words if one in _STANDINGS), "pending")


def _priority(label: str) -> str:
    word = re.sub(r"^(priority|prio)\s*[:/-]\s*|\s+priority$", "", label.strip().lower())
    return priority_of(word, default="")


def _comments(value: object) -> Iterator[str]:
    for one in value if isinstance(value, list) else []:
        if isinstance(one, dict) and one.get("body"):
            author = one.get("author")
            login = author.get("login", "") if isinstance(author, dict) else ""
            head = f"Comment by {login or 'somebody'}, {str(one.get('createdAt') or '')[:10]}:"
            yield f"{head}\n{one['body']}"


def _aside(entry: Json) -> Mapping[str, object]:
    milestone = entry.get("milestone")
    author = entry.get("author")
    kind = entry.get("issueType")
    told = {
        "url": entry.get("url"),
        "milestone": milestone.get("title") if isinstance(milestone, dict) else None,
        "author": author.get("login") if isinstance(author, dict) else None,
        "type": kind.get("name") if isinstance(kind, dict) else None,
        "closedAt": entry.get("closedAt"),
    }
    return {key: value for key, value in told.items() if value}
