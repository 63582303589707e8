"""One ask from one place of a document: a section, a list item, a table row, a story."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from taskmaster.domain.plan import Passage
from taskmaster.planners.outline.asks import (
    Ask,
    Step,
    absorb_item,
    absorb_section,
    field_of,
    flattened,
    named_prerequisites,
)
from taskmaster.planners.outline.labels import Label
from taskmaster.planners.outline.roles import Role
from taskmaster.planners.outline.signals import priority_in
from taskmaster.planners.outline.stories import is_story, story_title
from taskmaster.planners.outline.titles import bare, identifier, plain, split_lead

if TYPE_CHECKING:
    from taskmaster.planners.outline.reader import Item, Paragraph, Section, Table

GROUP = re.compile(
    r"\b(must|should|could|nice|won'?t)[- ](to[- ])?haves?\b"
    r"|^\W*(p\d|(high|medium|low)( priority)?)\W*$|"
    r"обязательн|желательн|必须|필수|선택|indispensable|souhaitable",
    re.IGNORECASE,
)
_ID_COLUMN = re.compile(
    r"^(id|#|no\.?|nr\.?|ref|key|code|№|编号|번호|단계|序号|step|phase|этап)$", re.IGNORECASE
)
_TITLE_COLUMN = re.compile(
    r"\b(requirements?|features?|functions?|tasks?|title|name|story|stories|milestones?|deliverables?|capability|item|"
    r"scope|epic)\b|требовани|функци|задач|название|需求|功能|任务|기능|항목|요구|작업|機能|要件|exigence|fonctionnalit|funcionalidad|requisito|anforderung",
    re.IGNORECASE,
)
_PRIORITY_COLUMN = re.compile(r"priorit|приоритет|优先|우선|優先|moscow|必要|중요도", re.IGNORECASE)
_DEPENDS_COLUMN = re.compile(r"depend|prereq|завис|依赖|의존|선행|blocked|requires", re.IGNORECASE)
_SCOPE_COLUMN = re.compile(
    r"^(scope|includes?|deliverables?|범위|范围|состав|périmètre|contents?)$", re.IGNORECASE
)
_UNLABELLED = {
    Role.STORY: Label.ACCEPTANCE,
    Role.QUALITY: Label.ACCEPTANCE,
    Role.ORDER: Label.DETAIL,
}


def _start(role: Role, raw: str, passage: Passage, group: str) -> Ask:
    ask = Ask(role, bare(raw), passage, ident=identifier(raw), group=group)
    ask.unlabelled = _UNLABELLED.get(role, Label.STEPS)
    ask.priority = _priority(raw, group)
    ask.depends += named_prerequisites(raw)
    return ask


def _priority(raw: str, group: str) -> str | None:
    marked = re.findall(r"[(\[（【]([^()\[\]]{1,30})[)\]）】]", plain(raw)[:300])
    for mark in marked:
        if found := priority_in(mark):
            return found
    return priority_in(group) if GROUP.search(group) else None


def from_section(section: Section, role: Role, group: str) -> Ask:
    last = max(section.first, section.last)
    ask = _start(role, section.title, Passage(section.first, last), group)
    ask.number = section.number
    absorb_section(ask, section)
    told = next((text for text in ask.what if is_story(text)), "")
    ask.story = told
    if is_story(ask.title):
        ask.story, ask.title = ask.title, story_title(ask.title)
    return ask


def from_paragraph(paragraph: Paragraph, role: Role, group: str) -> Ask:
    ask = _start(role, paragraph.text, Passage(paragraph.first, paragraph.last), group)
    ask.story = plain(paragraph.text)
    ask.title = story_title(paragraph.text)
    ask.what.append(ask.story)
    return ask


def continued_story(section: Section, item: Item, group: str) -> Ask:
    """``As a player, I want to…`` as a heading, with the wishes as its list."""
    opening = bare(section.title).rstrip(". …")
    told = f"{opening} {plain(item.text).lstrip('. …')}"
    ask = Ask(Role.STORY, story_title(told), Passage(item.first, item.last), group=group)
    ask.story = told
    ask.what.append(told)
    return ask


def from_items(items: list[Item], role: Role, group: str, about: Ask | None = None) -> list[Ask]:
    """Every item of a list as an ask; labelled items belong to what ``about`` describes."""
    found: list[Ask] = []
    led = sum(1 for item in items if item.text.lstrip().startswith(("**", "__")))
    for item in items:
        labelled = None if item.number else field_of(item.text)
        if labelled and about is not None:
            absorb_item(about, item)
        elif labelled and not identifier(item.text):
            continue
        elif (
            found
            and led * 5 >= len(items) * 3
            and led > 2
            and not item.text.lstrip().startswith(("**", "__"))
        ):
            found[-1].details.append(flattened(item))
        else:
            found.append(_from_item(item, role, group))
    return found


def _from_item(item: Item, role: Role, group: str) -> Ask:
    lead, rest = split_lead(item.text)
    ask = _start(role, lead, Passage(item.first, item.last), group)
    ask.number = item.number
    ask.done = bool(item.done)
    if is_story(item.text):
        ask.story = plain(item.text)
        ask.title = story_title(item.text)
        rest = ask.story
    if rest:
        _explain(ask, rest)
    for inner in item.items:
        absorb_item(ask, inner)
    return ask


def _explain(ask: Ask, rest: str) -> None:
    labelled = field_of(rest)
    if labelled and labelled[0] is Label.DEPENDS:
        ask.depends.append(labelled[2])
    ask.what.append(rest)
    ask.depends += named_prerequisites(rest)
    ask.priority = ask.priority or _priority(rest, "")


def columns_of(table: Table) -> dict[str, int]:
    """Which column of a table of requirements is which; empty for a table of data."""
    found: dict[str, int] = {}
    for index, name in enumerate(bare(cell) for cell in table.header):
        for kind, pattern in (
            ("id", _ID_COLUMN),
            ("priority", _PRIORITY_COLUMN),
            ("depends", _DEPENDS_COLUMN),
            ("title", _TITLE_COLUMN),
            ("scope", _SCOPE_COLUMN),
        ):
            if kind not in found and pattern.search(name):
                found[kind] = index
                break
    return found if "title" in found and len(table.header) > 1 else {}


def from_table(table: Table, role: Role, group: str) -> list[Ask]:
    columns = columns_of(table)
    if not columns:
        return []
    return [_from_row(table, row, line, columns, role, group) for row, line in table.rows]


def _from_row(
    table: Table, row: list[str], line: int, columns: dict[str, int], role: Role, group: str
) -> Ask:
    cells = {kind: row[at] for kind, at in columns.items() if at < len(row)}
    lead, rest = split_lead(cells.get("title", ""))
    ask = _start(role, lead, Passage(line, line), group)
    if is_story(cells.get("title", "")):
        ask.story = plain(cells["title"])
        ask.title = story_title(cells["title"])
    ask.ident = identifier(cells.get("id", "")) or ask.ident
    ask.priority = priority_in(cells.get("priority", "")) or ask.priority
    ask.depends += [cells["depends"]] if cells.get("depends", "").strip(" -–—") else []
    ask.what += [rest] if rest else []
    if "scope" in cells:
        ask.steps += [Step(bare(part)) for part in _outside_brackets(plain(cells["scope"]))]
    for at, cell in enumerate(row):
        if at not in columns.values() and cell and at < len(table.header):
            ask.details.append(f"{plain(table.header[at])}: {plain(cell)}")
    return ask


def _outside_brackets(text: str) -> list[str]:
    """The parts between commas, where a comma inside brackets does not count."""
    parts: list[list[str]] = [[]]
    depth = 0
    for char in text:
        depth += (char in "(（[") - (char in ")）]")
        if char in ",，、;" and depth <= 0:
            parts.append([])
        else:
            parts[-1].append(char)
    joined = ("".join(part).strip() for part in parts)
    return [part for part in joined if part]
