"""Markdown checklists: a box a task, what is indented below it its subtasks and text."""

from __future__ import annotations

import re
from collections import namedtuple

from taskmaster.domain.assembly import assembled, nested
from taskmaster.domain.parcel import Batch, Item, Losses, Parcel
from taskmaster.exchange.reading import malformed, only

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import NamedTuple

    from taskmaster.domain.parcel import Source

    class Box(NamedTuple):
        """A ticked or empty box: its text, the lines below it that belong to it, the headings it
        stands under, and the place among the boxes of the one it lies inside (-1: of none).
        """

        status: str
        text: str
        below: list[str]
        section: str
        parent: int

else:
    Box = namedtuple("Box", "status text below section parent")

SYSTEM = "checklist"
_BOX = re.compile(r"(\s*)(?:[-*+]|\d+[.)]) \[(.)\]\s+(.*)")
_HEADING = re.compile(r" {0,3}(#{1,6})\s+(.*?)(?:\s+#+)?\s*")
_FENCE = re.compile(r"\s*(`{3,}|~{3,})")
_STATUSES = {" ": "pending", "x": "done", "-": "cancelled", "/": "in-progress", "~": "in-progress",
             ">": "deferred"}  # fmt: skip


def read(source: Source) -> Parcel:
    """Every box of a document, with the headings it stands under."""
    losses = Losses()
    boxes, rest = parts(only(source))
    if not boxes:
        raise malformed(source.name, "the whole text", "there is no line like `- [ ] TITLE`")
    for line in rest:
        losses.add("text outside the list", line)
    items, parents = _items(boxes)
    tasks = assembled(nested(items, parents, losses), losses, system=SYSTEM, document=source.name)
    batches = [Batch("", {}, tasks)]
    return Parcel(SYSTEM, source.name, batches, losses.listed(), coarse=True)


def _items(boxes: Sequence[Box]) -> tuple[list[Item], dict[str, str]]:
    """A box is known by its headings, the box around it and its text, and where these are the
    same, by which of them it is.
    """
    keys: list[str] = []
    seen: dict[str, int] = {}
    items = []
    for box in boxes:
        above = keys[box.parent] if box.parent >= 0 else box.section
        key = f"{above} / {box.text}" if above else box.text
        seen[key] = seen.get(key, 0) + 1
        keys.append(key if seen[key] == 1 else f"{key} ({seen[key]})")
        fields = {"title": plain(box.text), "status": box.status,
                  "description": "\n".join(dedented(box.below)).strip("\n")}  # fmt: skip
        aside = {"section": box.section} if box.section and box.parent < 0 else {}
        items.append(Item(keys[-1], fields, aside=aside))
    parents = {
        key: keys[box.parent] for key, box in zip(keys, boxes, strict=True) if box.parent >= 0
    }
    return items, parents


def plain(text: str) -> str:
    """A line of Markdown without the marks around bold words and links."""
    text = re.sub(r"\[([^\]]*)\]\([^)\s]*\)", r"\1", text)
    return re.sub(r"(\*\*|__)(.+?)\1", r"\2", text).strip()


def parts(text: str) -> tuple[list[Box], list[str]]:
    """The boxes of a document, and the lines with text that belong to none of them.

    Boxes inside code are text.
    """
    boxes: list[Box] = []
    rest: list[str] = []
    open_boxes: list[tuple[int, int]] = []
    headings: list[tuple[int, str]] = []
    for line, code in visible(text):
        indent = _indent(line)
        match = None if code else _BOX.fullmatch(line)
        heading = None if code or indent else _HEADING.fullmatch(line)
        if match:
            while open_boxes and open_boxes[-1][0] >= indent:
                open_boxes.pop()
            parent = open_boxes[-1][1] if open_boxes else -1
            open_boxes.append((indent, len(boxes)))
            section = " / ".join(title for _, title in headings)
            status = _STATUSES.get(match.group(2).lower(), "pending")
            boxes.append(Box(status, match.group(3).strip(), [], section, parent))
        elif heading:
            open_boxes.clear()
            depth = len(heading.group(1))
            headings = [one for one in headings if one[0] < depth] + [(depth, heading.group(2))]
        elif not line.strip():
            _blank(boxes, open_boxes)
        else:
            _text(line, indent, boxes, open_boxes, rest)
    return boxes, rest


def _blank(boxes: Sequence[Box], open_boxes: Sequence[tuple[int, int]]) -> None:
    if open_boxes and boxes[open_boxes[-1][1]].below:
        boxes[open_boxes[-1][1]].below.append("")


def _text(
    line: str,
    indent: int,
    boxes: Sequence[Box],
    open_boxes: list[tuple[int, int]],
    rest: list[str],
) -> None:
    """Give a line to the innermost box that it is indented below."""
    while open_boxes and open_boxes[-1][0] >= indent:
        open_boxes.pop()
    if open_boxes:
        boxes[open_boxes[-1][1]].below.append(line)
    else:
        rest.append(line)


def visible(text: str) -> Iterator[tuple[str, bool]]:
    """The lines outside of comments, each with whether it belongs to a block of code."""
    fence = ""
    text = re.sub(r"<!--.*?(?:-->|\Z)", "", text, flags=re.DOTALL)
    for raw in text.replace("\r\n", "\n").split("\n"):
        line = raw.expandtabs(4)
        match = _FENCE.match(line)
        if match and (not fence or match.group(1).startswith(fence)):
            yield line, True
            fence = "" if fence else match.group(1)
        else:
            yield line, bool(fence)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def dedented(lines: Sequence[str]) -> list[str]:
    """The lines moved left by what all of them have in common."""
    common = min((_indent(line) for line in lines if line.strip()), default=0)
    return [line[common:] for line in lines]
