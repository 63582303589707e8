"""Reading what an earlier analysis said about how hard each task is."""

from __future__ import annotations

import json
import math
import os
from collections import namedtuple

from taskmaster.domain import ids
from taskmaster.domain.task import text_of
from taskmaster.errors import CorruptStore, NotFound
from taskmaster.usecases import surroundings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.domain.graph import Node
    from taskmaster.workspace import Workspace

    class Row(NamedTuple):
        """What the report says of one task; ``score`` is None where it says nothing."""

        task_id: str
        title: str
        score: float | None
        subtasks: int | None
        prompt: str
        reasoning: str

    class Report(NamedTuple):
        """A report: where it lies, what it says of itself, its rows, the hardest task first."""

        path: str
        meta: Mapping[str, object]
        rows: Sequence[Row]

else:
    Row = namedtuple("Row", "task_id title score subtasks prompt reasoning")
    Report = namedtuple("Report", "path meta rows")

_STEMS = ("task-complexity-report", "task-complexity", "complexity-report")
_FOLDERS = (os.path.join(".taskmaster", "reports"), "scripts", "")
_STOCK = "Automatically added"


def report(ws: Workspace, root: str, named: str = "") -> Report:
    """The report of the current tag, or the one in the file *named*.

    Raises NotFound with what to do when there is none, CorruptStore when it cannot be read.
    """
    path = named or _path(root, ws.tag)
    if not path or not os.path.isfile(path):
        raise _missing(named, ws.tag)
    why = surroundings.problem(path)
    if why and why != "it holds no JSON object":
        raise _unreadable(path, why)
    with open(path, encoding="utf-8-sig") as file:
        found = json.load(file)
    with ws.reading() as reader:
        nodes = reader.nodes(ws.tag)
    meta = found.get("meta") if isinstance(found, dict) else None
    entries = _entries(found)
    if entries is None:
        raise _unreadable(path, "it holds no list complexityAnalysis")
    rows = sorted(_rows(entries, nodes), key=lambda row: -(row.score or 0))
    return Report(path, meta if isinstance(meta, dict) else {}, rows)


def _path(root: str, tag: str) -> str:
    ending = "" if tag == "master" else f"_{tag}"
    places = [
        os.path.join(root, folder, f"{stem}{ending}.json") for folder in _FOLDERS for stem in _STEMS
    ]
    return next((path for path in places if os.path.isfile(path)), "")


def _missing(named: str, tag: str) -> NotFound:
    what = f"there is no file {named}" if named else f"there is no complexity report for tag {tag}"
    return NotFound(
        what,
        hint="making one needs a model, which this release does not use; reports that Task Master"
        " made are read from .taskmaster/reports, and --file=PATH names one elsewhere",
        code="no-report",
    )


def _unreadable(path: str, why: str) -> CorruptStore:
    return CorruptStore(
        f"{path} cannot be read: {why}; nothing was changed",
        hint="correct the file, or delete it when nothing in it matters",
        code="unreadable-report",
    )


def _entries(found: object) -> list[object] | None:
    """The rows as stored: in the usual key, as a bare list, or as an object by task id."""
    raw = found.get("complexityAnalysis") if isinstance(found, dict) else found
    if isinstance(raw, dict):
        return [{"taskId": key, **one} for key, one in raw.items() if isinstance(one, dict)]
    return raw if isinstance(raw, list) else None


def _rows(entries: Sequence[object], nodes: Mapping[str, Node]) -> Iterator[Row]:
    """One row for each task: the last, but what a model said before what stands for its silence."""
    found: dict[str, Row] = {}
    for entry in entries:
        row = _row(entry, nodes) if isinstance(entry, dict) else None
        if row and not (row.task_id in found and row.reasoning.startswith(_STOCK)):
            found[row.task_id] = row
    yield from found.values()


def _row(entry: Mapping[str, object], nodes: Mapping[str, Node]) -> Row | None:
    task_id = ids.normal(entry.get("taskId", entry.get("id")))
    if not task_id:
        return None
    known = nodes[task_id].task.title if task_id in nodes else ""
    count = _number(entry.get("recommendedSubtasks", entry.get("subtaskCount")))
    return Row(
        task_id,
        text_of(entry.get("taskTitle") or entry.get("title")) or known,
        _number(entry.get("complexityScore", entry.get("complexity"))),
        None if count is None else int(count),
        text_of(entry.get("expansionPrompt")),
        text_of(entry.get("reasoning") or entry.get("complexityReasoning")),
    )


def _number(raw: object) -> float | None:
    try:
        number = float(raw) if isinstance(raw, int | float | str) else None
    except ValueError:
        return None
    return number if number is not None and math.isfinite(number) else None
