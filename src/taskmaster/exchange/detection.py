"""Which format a source has, judged by what it says and not by its name."""

from __future__ import annotations

import json
import os
import re

from taskmaster.errors import Invalid, NotFound
from taskmaster.exchange import checklist, csv_rows, json_lines, markdown, spec_kit
from taskmaster.exchange.reading import parsed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from taskmaster.domain.parcel import Source

_FOLDERS = (
    ("taskmaster", os.path.join(".taskmaster", "tasks", "tasks.json")),
    ("beads", os.path.join(".beads", "issues.jsonl")),
    ("backlog", "backlog"),
    ("backlog", ".backlog"),
    ("taskmaster", os.path.join("tasks", "tasks.json")),
    ("beads", "issues.jsonl"),
    ("beads", "beads.jsonl"),
    ("taskmaster", "tasks.json"),
    ("spec-kit", "tasks.md"),
)
_KINDS: Mapping[str, Callable[[dict[str, object]], bool]] = {
    "jsonl": lambda entry: entry.get("kind") in ("tag", "task") and "tag" in entry,
    "taskwarrior": lambda entry: "uuid" in entry and "description" in entry,
    "github": lambda entry: type(entry.get("number")) is int and "title" in entry,
    "beads": lambda entry: (
        isinstance(entry.get("id"), str)
        and "title" in entry
        and bool({"issue_type", "_type", "created_at", "dependency_count"} & entry.keys())
    ),
}


def inside(path: str, wanted: str = "auto") -> str:
    """The file or folder to read when *path* is a folder: a project of a known kind, or its data.

    Raises Invalid when there is none, or several kinds and *wanted* does not choose.
    """
    if not os.path.isdir(path):
        return path
    found: dict[str, str] = {}
    for name, place in _FOLDERS:
        there = os.path.join(path, place)
        if os.path.exists(there) and (name != "spec-kit" or os.path.isfile(there)):
            found.setdefault(name, there)
    if os.path.isdir(os.path.join(path, "tasks")) and "taskmaster" not in found:
        found.setdefault("backlog", path)
    if wanted != "auto":
        return found.get(wanted, path)
    if len(found) > 1:
        raise _ambiguous(path, list(found))
    if not found:
        raise NotFound(
            f"no tasks of a known kind were found in the folder {path}",
            hint="name the file itself, or the kind with --from",
            code="nothing-to-import",
        )
    return next(iter(found.values()))


def format_of(source: Source) -> str:
    """The name of the format. Raises Invalid when it could be several, or none that is known."""
    if "" not in source.files:
        return "backlog"
    text = source.files[""]
    found = _of_json(text, source.name) or _of_text(text)
    if len(found) > 1:
        raise _ambiguous(source.name, found)
    if not found:
        raise Invalid(
            f"{source.name} has no format that is known",
            hint="--from names it: json, jsonl, csv, markdown, ical, backlog, beads, github,"
            " taskwarrior, checklist, spec-kit, taskmaster",
            code="unknown-format",
        )
    return found[0]


def _ambiguous(name: str, found: list[str]) -> Invalid:
    return Invalid(
        f"{name} can be read in several ways: {', '.join(found)}",
        hint=f"say which with --from={found[0]}",
        code="ambiguous-format",
        details=found,
    )


def _of_json(text: str, name: str) -> list[str]:
    head = text.lstrip()[:1]
    if head not in ("{", "["):
        return []
    first = _first_line(text)
    if head == "{" and first is not None:
        kinds = [kind for kind, fits in _KINDS.items() if fits(first)]
        if kinds:
            return kinds
    value = parsed(text, name)
    if isinstance(value, list) and value and isinstance(value[0], dict):
        entry = value[0]
        kinds = [kind for kind in ("taskwarrior", "github") if _KINDS[kind](entry)]
        return kinds or (["taskmaster"] if json_lines.lists(value) else [])
    if isinstance(value, dict) and value.get("schema") == json_lines.SCHEMA:
        return ["json"]
    return ["taskmaster"] if json_lines.lists(value) else []


def _first_line(text: str) -> dict[str, object] | None:
    """The object on the first line, if that line is one."""
    line = next((line for line in text.split("\n", 20) if line.strip()), "")
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _of_text(text: str) -> list[str]:
    if re.match(r"\s*BEGIN:VCALENDAR", text, re.IGNORECASE):
        return ["ical"]
    if re.match(r"---\r?\n(?:(?!---).*\r?\n)*?id:\s", text):
        return ["backlog"]
    lines = text.split("\n")
    if any(markdown.TASK.fullmatch(line.rstrip()) for line in lines) and any(
        re.match(r"- \[.\] status: ", line) for line in lines
    ):
        return ["markdown"]
    boxes, _rest = checklist.parts(text)
    numbered = [box for box in boxes if spec_kit.LINE.fullmatch(box.text)]
    found = ["spec-kit"] if numbered else []
    if len(numbered) * 2 < len(boxes):
        found.append("checklist")
    return found or (["csv"] if csv_rows.titled(text) else [])
