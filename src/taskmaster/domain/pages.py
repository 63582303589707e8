"""A task as a page of Markdown that people read, and the name of the file it lies in."""

from __future__ import annotations

import re
import zlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from taskmaster.domain.graph import Node
    from taskmaster.domain.task import Task

MARKS = {
    "done": "✓", "in-progress": "►", "pending": "○", "blocked": "⊘", "deferred": "⏸",
    "cancelled": "✗", "review": "◎",
}  # fmt: skip
_HEAD = "# Task ID: "
_BLANKS = re.compile(r"\n{3,}")
_SAFE = re.compile(r"[A-Za-z0-9_-]{1,100}")


def name_of(task_id: str, tag: str) -> str:
    """The name of the page: ``task_007.md``, and ``task_007_v2.md`` for any tag but master."""
    own = task_id.zfill(3) if task_id.isascii() and task_id.isdecimal() else _safe(task_id)
    return f"task_{own}.md" if tag == "master" else f"task_{own}_{_safe(tag)}.md"


def _safe(word: str) -> str:
    """A word that may be part of a file name; one that may not gets a check sum to tell it by."""
    if _SAFE.fullmatch(word):
        return word
    dashed = re.sub(r"[^A-Za-z0-9_-]+", "-", word).strip("-")[:50]
    return f"{dashed}-{zlib.crc32(word.encode(errors='replace')):08x}"


def owner_of(first_line: str) -> str:
    """The id of the task whose page begins with this line, ``""`` when it is no such page."""
    return first_line.removeprefix(_HEAD).strip() if first_line.startswith(_HEAD) else ""


def page(task: Task, nodes: Mapping[str, Node]) -> str:
    """The whole page of one task; the same task gives the same text."""
    text = "\n".join(_lines(task, nodes)).replace("\r\n", "\n").replace("\r", "\n")
    return _BLANKS.sub("\n\n", text).strip("\n") + "\n"


def _lines(task: Task, nodes: Mapping[str, Node]) -> Iterator[str]:
    yield f"{_HEAD}{_line(task.id)}"
    yield from (
        "",
        f"**Title:** {_line(task.title)}",
        "",
        f"**Status:** {_line(task.status)}",
        "",
        f"**Dependencies:** {_waits(task, nodes)}",
        "",
        f"**Priority:** {task.priority}",
        "",
        f"**Description:** {task.description or 'None.'}",
        "",
        "**Details:**",
        "",
        task.details or "None.",
        "",
        "**Test Strategy:**",
        "",
        task.test_strategy or "None.",
    )
    if task.subtasks:
        yield from ("", "## Subtasks")
    for step in task.subtasks:
        yield from _step(step, nodes)


def _step(step: Task, nodes: Mapping[str, Node]) -> Iterator[str]:
    yield from (
        "",
        f"### {_line(step.id)}. {_line(step.title)}",
        "",
        f"**Status:** {_line(step.status)}",
        "",
        f"**Dependencies:** {_waits(step, nodes)}",
    )
    if step.description:
        yield from ("", f"**Description:** {step.description}")
    if step.details:
        yield from ("", "**Details:**", "", step.details)
    if step.test_strategy:
        yield from ("", "**Test Strategy:**", "", step.test_strategy)


def _waits(task: Task, nodes: Mapping[str, Node]) -> str:
    shown = [
        f"{one} ({MARKS.get(nodes[one].status, nodes[one].status)})"
        if one in nodes
        else f"{one} (not there)"
        for one in task.dependencies
    ]
    return _line(", ".join(shown)) or "None"


def _line(text: str) -> str:
    """*text* on one line."""
    return " ".join(text.split())
