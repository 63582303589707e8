"""What happened in the project, newest first, as lines."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from taskmaster.domain.changes import ABSENT
from taskmaster.domain.spelling import means_the_same
from taskmaster.tui.lines import Found, Line, cell, clean
from taskmaster.usecases import history

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.text import Text

    from taskmaster.domain.changes import Change, Transaction
    from taskmaster.workspace import Workspace

NEWEST = 500
_QUIET_FIELDS = ("updatedAt",)
_ROOM = 60


def past(ws: Workspace) -> Found:
    """The newest transactions of the project; a line's key is the number of its change."""
    found = history.history(ws, limit=NEWEST)
    lines = [line for entry in found for line in _lines(entry, ws.tag)]
    if not lines:
        lines = [Line("", partial(_drawn, "nothing has happened yet", ""))]
    head = f"the newest {NEWEST} operations" if len(found) == NEWEST else f"{len(found)} operations"
    return Found(head, {"": lambda _width: lines})


def _lines(entry: Transaction, tag: str) -> Iterator[Line]:
    number = str(entry.first)
    yield Line(number, partial(_drawn, title(entry), "bold"))
    for change in entry.changes:
        if words := described(change):
            task = change.task if change.tag == tag and change.kind != "removed" else ""
            yield Line(number, partial(_drawn, f"    {words}", ""), task)


def _drawn(words: str, style: str, width: int) -> Text:
    return cell(words, width, style)


def title(entry: Transaction) -> str:
    """Who did what and when, in a line."""
    stamp = entry.stamp
    undone = f" of {stamp.note}" if stamp.operation == history.UNDO else ""
    when = stamp.time[:19].replace("T", " ")
    who = f"{stamp.actor.name} ({stamp.via})"
    return clean(f"{history.name_of(entry)}  {when}  {who}  {stamp.operation}{undone}")


def described(change: Change) -> str:
    """A change in a few words, ``""`` when it changed nothing but spelling."""
    where = f"{change.tag} {change.task}".strip()
    if change.kind in ("added", "removed"):
        name = change.doc.get("title", "") if isinstance(change.doc, dict) else ""
        return clean(f"{where} {change.kind}: {name}")
    if change.kind == "reordered":
        return clean(f"{where} put in another order")
    fields = [
        f"{key or 'entry'} {_short(before)} → {_short(after)}"
        for key, (before, after) in change.fields.items()
        if key not in _QUIET_FIELDS and not means_the_same(key, before, after)
    ]
    verb = "" if change.kind == "changed" else f" {change.kind}"
    return clean(f"{where}{verb} {'; '.join(fields)}") if fields or verb else ""


def _short(value: object) -> str:
    if value is ABSENT:
        return "(none)"
    text = value if isinstance(value, str) else repr(value)
    return f"{text[:_ROOM]}…" if len(text) > _ROOM else text
