"""One task in full, as lines: everything that ``tamp show`` tells."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rich.text import Text

from taskmaster import wire
from taskmaster.domain.task import text_of
from taskmaster.tui.lines import COLOURS, Found, Line, cell, fixed, icon, wrapped
from taskmaster.usecases import selection
from taskmaster.usecases.remarks import COMMENTS, LINKS, entries

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from taskmaster.domain.graph import Node
    from taskmaster.domain.task import Task
    from taskmaster.workspace import Workspace

_SHOWN_ELSEWHERE = frozenset(
    ("id", "title", "description", "status", "priority", "dependencies", "details", "testStrategy",
     "subtasks", "acceptanceCriteria", "dueDate", "effort", "assignee", "labels", "updatedAt",
     "createdAt", "parentId", "parentTaskId", "deferUntil", "repeat", "comments", "links")
)  # fmt: skip
_LABEL = 11


def detail(ws: Workspace, task_id: str) -> Found:
    """The task with this id in full. Raises NotFound."""
    with ws.reading() as reader:
        task = selection.one(reader, ws.tag, task_id)
        nodes = reader.around(ws.tag, [task.id])
    head = f"task {task.id}" if task.parent is None else f"subtask {task.id}"
    return Found(head, {"": lambda width: list(_lines(task, nodes, width))})


def _lines(task: Task, nodes: Mapping[str, Node], width: int) -> Iterator[Line]:
    for text in wrapped(f"{task.id}  {task.title}", width, "bold"):
        yield fixed(task.id, text, task.id)
    yield _pair(task, "status", f"{icon(task.status)} {task.status}", COLOURS.get(task.status, ""))
    yield _pair(task, "priority", task.priority, COLOURS.get(task.priority, ""))
    if task.parent:
        yield _reference("part of", task.parent.id, nodes)
    for one in task.dependencies:
        yield _reference("after", one, nodes)
    for node in nodes.values():
        if task.id in node.dependencies:
            yield _reference("before", node.id, nodes)
    yield from _facts(task)
    yield from _prose(task, width)
    yield from _steps(task)
    yield fixed("", Text())
    yield _pair(task, "revision", wire.revision_of(task), "dim")


def _facts(task: Task) -> Iterator[Line]:
    for name, value in (
        ("due", task.due),
        ("not until", task.defer_until),
        ("repeats", text_of(task.doc.get("repeat"))),
        ("estimate", f"{task.estimate:g} h" if task.estimate else ""),
        ("assignee", task.assignee),
        ("labels", ", ".join(task.labels)),
        ("created", task.created),
    ):
        if value:
            yield _pair(task, name, value)


def _pair(task: Task, name: str, value: str, style: str = "") -> Line:
    def draw(width: int) -> Text:
        return cell(name, _LABEL, "dim") + cell(value, width - _LABEL, style)

    return Line(task.id, draw, task.id)


def _reference(name: str, one: str, nodes: Mapping[str, Node]) -> Line:
    """A line about another task, which it opens."""
    node = nodes.get(one)
    words = f"{one} {icon(node.status)} {node.task.title}" if node else f"{one} (missing)"

    def draw(width: int) -> Text:
        return cell(name, _LABEL, "dim") + cell(words, width - _LABEL)

    return Line(f"{name} {one}", draw, one if node else "")


def _prose(task: Task, width: int) -> Iterator[Line]:
    for name, text in (
        ("description", task.description),
        ("details", task.details),
        ("done when", "\n".join(f"- {line}" for line in task.acceptance)),
        ("test", task.test_strategy),
        ("links", "\n".join(map(_remark, entries(task, LINKS)))),
        ("comments", "\n".join(map(_remark, entries(task, COMMENTS)))),
        *((key, _plain(value)) for key, value in task.doc.items() if key not in _SHOWN_ELSEWHERE),
    ):
        if text:
            yield fixed(task.id, Text(), task.id)
            yield Line(task.id, lambda room, name=name: cell(name, room, "dim"), task.id)  # type: ignore[misc]
            for line in wrapped(text, width, indent="  "):
                yield fixed(task.id, line, task.id)


def _remark(entry: Mapping[str, object]) -> str:
    """A comment or link, and who made it."""
    target = f"{entry.get('kind', 'link')} {entry['target']}" if "target" in entry else ""
    when = str(entry.get("at") or "")[:16].replace("T", " ")
    origin = ", ".join(filter(None, (str(entry.get("by") or ""), when)))
    return f"{target or entry.get('text', '')}{f'  ({origin})' if origin else ''}"


def _plain(value: object) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False) if value not in (None, [], {}) else ""


def _steps(task: Task) -> Iterator[Line]:
    if task.subtasks:
        yield fixed(task.id, Text(), task.id)
        yield fixed(task.id, Text("subtasks", "dim"), task.id)
    for step in task.subtasks:
        after = f"  after {', '.join(step.dependencies)}" if step.dependencies else ""
        words = f"  {step.id}  {icon(step.status)} {step.status}  {step.title}{after}"
        style = "dim" if step.complete else ""
        yield Line(step.id, lambda room, w=words, s=style: cell(w, room, s), step.id)  # type: ignore[misc]
