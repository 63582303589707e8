"""spec-kit's tasks.md: a phase a task, its lines ``T001 [P] [US1] …`` the subtasks.

A line without ``[P]`` waits for the lines before it in its phase, one with it for the last line
without. The first phases (setup, foundation) come one after the other, the user stories wait for
them, and a phase after the stories waits for all of these.
"""

from __future__ import annotations

import re

from taskmaster.domain.assembly import assembled
from taskmaster.domain.parcel import Batch, Item, Losses, Parcel
from taskmaster.domain.task import priority_of
from taskmaster.exchange.checklist import parts, plain
from taskmaster.exchange.reading import malformed, only

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from taskmaster.domain.parcel import Source
    from taskmaster.exchange.checklist import Box

SYSTEM = "spec-kit"
LINE = re.compile(r"(T\d+[a-z]?)[:.]?((?:\s*\[[^\]]+\])*)\s+(.*)")
_WAITS = re.compile(r"\(?(?:depends on|after|blocked by)\s+((?:T\d+[a-z]?(?:,| and|\s)*)+)\)?",
                    re.IGNORECASE)  # fmt: skip
_PRIORITY = re.compile(r"priority:?\s*(P\d)", re.IGNORECASE)
_STORY = re.compile(r"user stor|\bUS\d", re.IGNORECASE)
_PATH = re.compile(r"(?<![\w/.])(?:[\w.-]+/)+[\w.-]*\w")


def read(source: Source) -> Parcel:
    """The task lines of such a document."""
    losses = Losses()
    boxes, _text = parts(only(source))
    lines = [box for box in boxes if LINE.fullmatch(box.text)]
    if not lines:
        raise malformed(source.name, "the whole text", "there is no line like `- [ ] T001 TITLE`")
    for box in boxes:
        if not LINE.fullmatch(box.text):
            losses.add("checklist lines without a task number", box.text)
    items = list(_phases(_by_phase(lines), losses))
    tasks = assembled(items, losses, system=SYSTEM, document=source.name)
    return Parcel(SYSTEM, source.name, [Batch("", {}, tasks)], losses.listed(), coarse=True)


def _by_phase(lines: Sequence[Box]) -> dict[str, list[Box]]:
    """The lines by the phase they stand under: the first heading below the document's title."""
    found: dict[str, list[Box]] = {}
    for box in lines:
        headings = box.section.split(" / ")
        phase = headings[1] if len(headings) > 1 else headings[0]
        found.setdefault(phase, []).append(box)
    return found


def _phases(phases: dict[str, list[Box]], losses: Losses) -> Iterator[Item]:
    """The phases as tasks, each waiting for those that have to come first."""
    before: list[str] = []
    ground: list[str] = []
    story_seen = False
    for name, boxes in phases.items():
        story = bool(_STORY.search(name))
        key = _key(name)
        after = before if story_seen and not story else ground[-1:]
        yield _phase(key, name, boxes, after, losses)
        before = [*before, key]
        story_seen = story_seen or story
        if not story:
            ground.append(key)


def _key(name: str) -> str:
    """What names a phase even when its title is worded anew."""
    match = re.match(r"phase \w+", name, re.IGNORECASE)
    return match.group(0).capitalize() if match else plain(name) or "Tasks"


def _phase(key: str, name: str, boxes: Sequence[Box], after: Sequence[str], losses: Losses) -> Item:
    statuses = [box.status for box in boxes]
    status = "done" if all(one == "done" for one in statuses) else "pending"
    if status == "pending" and "done" in statuses:
        status = "in-progress"
    match = _PRIORITY.search(name)
    title = re.sub(r"^phase \w+:\s*|\s*\(priority:? P\d\)", "", plain(name), flags=re.IGNORECASE)
    fields = {
        "title": title or key,
        "status": status,
        "priority": priority_of(match.group(1), default="") if match else "",
    }
    return Item(key, fields, after, list(_steps(boxes, losses)), aside={"phase": plain(name)})


def _steps(boxes: Sequence[Box], losses: Losses) -> Iterator[Item]:
    barrier: list[str] = []
    since: list[str] = []
    for box in boxes:
        match = LINE.fullmatch(box.text)
        if not match:
            continue
        key, marks, text = match.groups()
        words = re.findall(r"\[([^\]]+)\]", marks)
        parallel = "P" in words
        waits = barrier if parallel else [*since] or barrier
        told = [one for found in _WAITS.findall(text) for one in re.findall(r"T\d+[a-z]?", found)]
        yield _step(key, text, box, words, list(dict.fromkeys([*waits, *told])))
        if parallel:
            since.append(key)
        else:
            barrier, since = [key], [key]
        if len(box.below) and box.parent >= 0:
            losses.add("nesting", box.text)


def _step(key: str, text: str, box: Box, words: Sequence[str], after: Sequence[str]) -> Item:
    fields: dict[str, object] = {
        "title": plain(text),
        "status": box.status,
        "description": "\n".join(line.strip() for line in box.below).strip("\n"),
        "labels": [word for word in words if word != "P"],
        "relevantFiles": [
            {"path": path, "description": "", "action": "modify"}
            for path in dict.fromkeys(_PATH.findall(text.replace("`", " ")))
        ],
    }
    return Item(key, fields, after, aside={"parallel": True} if "P" in words else {})
