"""Markdown: a section for each task, its fields as a list, its subtasks as a checklist.

::

    # Tag: master

    ## 5. Write the parser

    - [ ] status: in-progress
    - priority: high
    - depends on: 1; 3

    What it is about.

    ### Subtasks

    - [x] 5.1 Read the grammar
    - [ ] 5.2 Write the tests

Only these headings mean something; a line of a task's own text that looks like one of them is
written with a backslash before it, which Markdown does not show.
"""

from __future__ import annotations

import re

from taskmaster.domain.assembly import assembled
from taskmaster.domain.parcel import Batch, Losses, Parcel, Rendering
from taskmaster.exchange import fields
from taskmaster.exchange.reading import malformed, only

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from taskmaster.domain.parcel import Item, Shipment, Source
    from taskmaster.domain.task import Task

TAG = re.compile(r"# Tag: (.*)")
TASK = re.compile(r"## (\S+)\. (.*)")
_SECTIONS = {
    "Details": "details",
    "Test strategy": "test_strategy",
    "Acceptance criteria": "acceptance_criteria",
    "Subtasks": "subtasks",
}
_SECTION = re.compile(rf"### ({'|'.join(_SECTIONS)})\s*")
_STRUCTURE = re.compile(rf"(\\*)(?:{TAG.pattern}|{TASK.pattern}|{_SECTION.pattern})")
_STEP = re.compile(r"[-*+] \[(.)\] (.*)")
_FIELD = re.compile(r"[-*+] (?:\[(.)\] )?([A-Za-z ]+):\s*(.*)")
_LABELS = {
    "priority": "priority", "depends on": "dependencies", "labels": "labels",
    "assignee": "assignee", "due": "due", "estimate": "estimate", "created": "created",
    "updated": "updated",
}  # fmt: skip
MARKS = {"done": "x", "cancelled": "-", "in-progress": "/"}
STATUSES = {" ": "pending", "x": "done", "-": "cancelled", "/": "in-progress", "~": "in-progress"}
_COMPLETE = ("done", "cancelled")


def write(shipment: Shipment) -> Rendering:
    lines: list[str] = []
    for batch in shipment.batches:
        lines += [f"# Tag: {batch.tag}", ""]
        for task in batch.tasks:
            lines += _task(task)
    return Rendering("\n".join(lines), fields.left_out(shipment.batches))


def _task(task: Task) -> Iterator[str]:
    row = fields.shown(task)
    yield f"## {row['id']}. {row['title']}"
    yield ""
    yield from _block(row)
    if task.subtasks:
        yield from ("### Subtasks", "")
        for step in task.subtasks:
            yield from _step(step)
        yield ""


def _step(step: Task) -> Iterator[str]:
    row = fields.shown(step)
    yield f"- [{MARKS.get(step.status, ' ')}] {row['id']} {row['title']}"
    plain = step.status in STATUSES.values()
    told = any(row[key] for key in (*_LABELS.values(), "description", *_SECTIONS.values())
               if key in row)  # fmt: skip
    if not plain or told:
        lines = list(_block(row))
        while lines[-1] == "":
            lines.pop()
        yield from (f"  {line}" if line else "" for line in lines)


def _block(row: Mapping[str, str]) -> Iterator[str]:
    """The fields, then the texts, each followed by an empty line."""
    yield f"- [{MARKS.get(row['status'], ' ')}] status: {row['status']}"
    for label, key in _LABELS.items():
        if row[key]:
            yield f"- {label}: {' '.join(row[key].split())}"
    yield ""
    if row["description"].strip("\n"):
        yield from (*_text(row["description"]), "")
    for heading, key in _SECTIONS.items():
        if row.get(key, "").strip("\n"):
            listed = key == "acceptance_criteria"
            text = [f"- {line}" for line in row[key].split("\n")] if listed else _text(row[key])
            yield from (f"### {heading}", "", *text, "")


def _text(text: str) -> list[str]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n").split("\n")
    return [f"\\{line}" if _STRUCTURE.fullmatch(line) else line for line in lines]


def read(source: Source) -> Parcel:
    """The sections of such a document; text outside them is noted."""
    losses = Losses()
    batches = []
    for tag, sections in _tags(only(source), losses).items():
        items = [_item(*section, losses) for section in sections]
        batches.append(Batch(tag, {}, assembled(items, losses)))
    if not batches:
        raise malformed(source.name, "no heading", "a task begins with ## 1. TITLE")
    return Parcel("markdown", source.name, batches, losses.listed(), own=True)


_Section = tuple[str, str, list[str]]


def _tags(text: str, losses: Losses) -> dict[str, list[_Section]]:
    """By tag, each task's id, title and lines."""
    found: dict[str, list[_Section]] = {}
    tag = ""
    lines: list[str] | None = None
    for line in text.replace("\r\n", "\n").split("\n"):
        if match := TAG.fullmatch(line):
            tag, lines = match.group(1).strip(), None
            found.setdefault(tag, [])
        elif match := TASK.fullmatch(line):
            lines = []
            found.setdefault(tag, []).append((match.group(1), match.group(2), lines))
        elif lines is not None:
            lines.append(line)
        elif line.strip():
            losses.add("text outside tasks", line)
    return found


def _item(task_id: str, title: str, lines: Sequence[str], losses: Losses) -> Item:
    row, steps = _row(lines, losses)
    row |= {"id": task_id, "title": title}
    return fields.item(row, losses, [_step_item(task_id, *step, losses) for step in _steps(steps)])


def _row(lines: Sequence[str], losses: Losses) -> tuple[dict[str, str], list[str]]:
    """The fields and texts of a block, and the lines of its subtasks."""
    start = next((n for n, line in enumerate(lines) if line), len(lines))
    end = start
    row: dict[str, str] = {}
    while end < len(lines) and (match := _FIELD.fullmatch(lines[end])):
        _take(match, row, losses)
        end += 1
    parts: dict[str, list[str]] = {"description": []}
    part = parts["description"]
    for line in lines[end:]:
        if match := _SECTION.fullmatch(line):
            part = parts.setdefault(_SECTIONS[match.group(1)], [])
        else:
            part.append(line)
    steps = parts.pop("subtasks", [])
    for key, found in parts.items():
        row[key] = "\n".join(_meant(line) for line in found).strip("\n")
    criteria = row.get("acceptance_criteria", "").split("\n")
    row["acceptance_criteria"] = "\n".join(line.removeprefix("- ") for line in criteria)
    return row, steps


def _take(match: re.Match[str], row: dict[str, str], losses: Losses) -> None:
    mark, label, value = match.groups()
    word = label.strip().lower()
    if word == "status":
        row["status"] = _status(mark, value)
    elif word in _LABELS:
        row[_LABELS[word]] = value
    else:
        losses.add(f"field {word}", value)


def _status(mark: str | None, word: str) -> str:
    """The status written, unless the box beside it was ticked or emptied since."""
    boxed = STATUSES.get((mark or "").lower(), "")
    if boxed in _COMPLETE and word not in _COMPLETE:
        return boxed
    return "pending" if boxed == "pending" and word in _COMPLETE else word


def _meant(line: str) -> str:
    return line[1:] if line.startswith("\\") and _STRUCTURE.fullmatch(line) else line


def _steps(lines: Sequence[str]) -> Iterator[tuple[str, str, list[str]]]:
    """Each subtask's mark, text and indented lines."""
    block: list[str] = []
    head: re.Match[str] | None = None
    for line in lines:
        match = _STEP.fullmatch(line)
        if match:
            if head:
                yield head.group(1), head.group(2), block
            head, block = match, []
        else:
            block.append(line.removeprefix("  "))
    if head:
        yield head.group(1), head.group(2), block


def _step_item(parent: str, mark: str, text: str, block: Sequence[str], losses: Losses) -> Item:
    row, _none = _row(block, losses)
    name, _, title = text.partition(" ")
    if not name.startswith(f"{parent}."):
        name, title = "", text
    row["status"] = _status(mark, row.get("status") or STATUSES.get(mark.lower(), "pending"))
    return fields.item(row | {"id": name, "title": title, "parent": parent}, losses)
