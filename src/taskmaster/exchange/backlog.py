"""Backlog.md: a folder with one Markdown file a task, its fields in the head of the file."""

from __future__ import annotations

import re

from taskmaster.domain.assembly import assembled, nested
from taskmaster.domain.parcel import Batch, Item, Losses, Parcel
from taskmaster.exchange import fields, front_matter
from taskmaster.exchange.beads import criteria
from taskmaster.exchange.reading import malformed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from taskmaster.domain.parcel import Source
    from taskmaster.exchange.front_matter import Value

    Head = Mapping[str, Value]

SYSTEM = "backlog"
_TASK_FOLDERS = ("", "tasks", "completed")
_SECTION = re.compile(r"^## +(.+?)\s*$", re.MULTILINE)
_MARK = re.compile(r"<!--.*?-->\n?", re.DOTALL)
_ASIDE = {"milestone": "milestone", "type": "type", "reporter": "reporter", "ordinal": "ordinal"}
_READ = frozenset(
    ("id", "title", "status", "assignee", "created_date", "updated_date", "labels", "dependencies",
     "parent_task_id", "parent", "priority", "due_date", "dueDate", "references", "documentation",
     "modified_files", "subtasks", *_ASIDE)
)  # fmt: skip
_DETAILS = ("Implementation Plan", "Implementation Notes", "Final Summary", "Notes", "Comments")


def read(source: Source) -> Parcel:
    """The tasks of the folder: open and completed ones; drafts and the archive are noted."""
    losses = Losses()
    files = list(_task_files(source, losses))
    if not files:
        raise malformed(source.name, "the folder", "there is no task file (tasks/*.md) in it")
    parsed = [(path, *_parsed(path, text)) for path, text in files]
    parsed.sort(key=lambda one: _order(one[1]))
    parents = {
        _name(head["id"]): _name(parent)
        for _path, head, _body in parsed
        if (parent := head.get("parent_task_id") or head.get("parent"))
    }
    items = [_item(head, body, losses) for _path, head, body in parsed]
    document = _project(source)
    tasks = assembled(nested(items, parents, losses), losses, system=SYSTEM, document=document)
    return Parcel(SYSTEM, source.name, [Batch("", {}, tasks)], losses.listed())


def _task_files(source: Source, losses: Losses) -> Iterator[tuple[str, str]]:
    for path, text in source.files.items():
        folders = path.split("/")[:-1]
        inner = [one for one in folders if one not in ("backlog", ".backlog")]
        if path and (not path.endswith(".md") or not text.startswith("---")):
            continue
        if "/".join(inner) in _TASK_FOLDERS:
            yield path or source.name, text
        elif inner and inner[0] in ("drafts", "archive"):
            losses.add(f"files in {inner[0]}", path)


def _parsed(path: str, text: str) -> tuple[Head, str]:
    head, body = front_matter.split(text, path)
    if not isinstance(head.get("id"), str) or not head["id"] or "title" not in head:
        raise malformed(path, "the head", "a task has an id and a title")
    return head, body


def _name(value: object) -> str:
    """An id as a name for it: the program itself does not tell TASK-1 from task-1."""
    return str(value).strip().lower()


def _order(head: Head) -> tuple[float, list[int], str]:
    ordinal = str(head.get("ordinal") or "")
    place = float(ordinal) if re.fullmatch(r"\d+(\.\d+)?", ordinal) else float("inf")
    return place, [int(one) for one in re.findall(r"\d+", str(head["id"]))], str(head["id"])


def _project(source: Source) -> str:
    for path, text in source.files.items():
        match = re.search(r"^project_name:\s*(.+?)\s*$", text, re.MULTILINE)
        if match and path.rpartition("/")[2] in ("config.yml", "backlog.config.yml"):
            return front_matter.scalar(match.group(1), path)
    return ""


def _item(head: Head, body: str, losses: Losses) -> Item:
    key = _name(head["id"])
    sections = _sections(body)
    losses.add_fields((name for name in head if name not in _READ and head[name]), key)
    people = _words(head.get("assignee"))
    for one in people[1:]:
        losses.add("assignees after the first", f"{key}: {one}")
    done = sections.pop("Definition of Done", "")
    found: dict[str, object] = {
        "title": head["title"],
        "status": fields.status(head.get("status"), key, losses),
        "priority": fields.priority(str(head.get("priority") or ""), key, losses),
        "labels": _words(head.get("labels")),
        "assignee": people[0].removeprefix("@") if people else "",
        "dueDate": str(head.get("due_date") or head.get("dueDate") or "")[:10],
        "createdAt": _time(head.get("created_date")),
        "acceptanceCriteria": criteria(sections.pop("Acceptance Criteria", "")),
        "testStrategy": "\n".join(f"- {line}" for line in criteria(done)),
        "description": sections.pop("Description", ""),
        "relevantFiles": [
            {"path": one, "description": "", "action": action}
            for name, action in _FILES.items()
            for one in _words(head.get(name))
        ],
    }
    found["details"] = _details(sections)
    after = [_name(one) for one in _words(head.get("dependencies"))]
    aside = {new: head[old] for old, new in _ASIDE.items() if head.get(old)}
    return Item(key, found, after, aside=aside | {"name": str(head["id"])})


_FILES = {"references": "reference", "documentation": "reference", "modified_files": "modify"}


def _words(value: Value | None) -> Sequence[str]:
    if isinstance(value, str):
        return [value] if value else []
    return value or []


def _time(value: object) -> str:
    text = str(value or "").strip()
    return text.replace(" ", "T") if re.match(r"\d{4}-\d\d-\d\d", text) else ""


def _sections(body: str) -> dict[str, str]:
    """The texts under the headings of a task; what stands before them is description."""
    marked = re.sub(r"<!-- (?:SECTION|AC|DOD).*?-->\n?", "", body)
    pieces = _SECTION.split(marked)
    found = {"Description": pieces[0].strip("\n")} if pieces[0].strip() else {}
    for heading, text in zip(pieces[1::2], pieces[2::2], strict=True):
        before = f"{found[heading]}\n\n" if heading in found else ""
        found[heading] = before + _MARK.sub("", text).strip("\n")
    return found


def _details(sections: Mapping[str, str]) -> str:
    """Every other section under its heading, the plan before the notes."""
    order = [*(one for one in _DETAILS if one in sections),
             *(one for one in sections if one not in _DETAILS)]  # fmt: skip
    return "\n\n".join(f"{name}\n\n{sections[name]}" for name in order if sections[name])
