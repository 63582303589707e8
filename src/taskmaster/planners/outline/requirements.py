"""What a document asks for: its outline read as features, stories, phases and the like."""

from __future__ import annotations

import re

from taskmaster.domain.plan import Passage
from taskmaster.planners.outline.asks import (
    Ask,
    Phase,
    absorb_item,
    absorb_paragraph,
    absorb_section,
)
from taskmaster.planners.outline.labels import Label, label_of
from taskmaster.planners.outline.reader import (
    BOLD_LEVEL,
    CAPTION_LEVEL,
    Item,
    Paragraph,
    Section,
    Table,
    is_placeholder,
)
from taskmaster.planners.outline.roles import WORK, Role, is_document_title, role_of
from taskmaster.planners.outline.signals import is_phase, phase_number
from taskmaster.planners.outline.sources import (
    GROUP,
    columns_of,
    continued_story,
    from_items,
    from_paragraph,
    from_section,
    from_table,
)
from taskmaster.planners.outline.stories import is_story
from taskmaster.planners.outline.titles import bare, identifier, phase_name, plain, split_lead

_BLANK = re.compile(r"^[ \t]*\[(?![ xX]\])[^\[\]]{8,900}\][ \t]*$", re.MULTILINE)
_CAPABILITY = re.compile(r"^\W*capability\s*[:：]", re.IGNORECASE)
_STORY_HEAD = re.compile(
    r"\bas an?\b.{2,60}\bi (want|need|can)\b(?P<open>.{0,12}$)?", re.IGNORECASE
)
_COMMAS = re.compile(r",\s+|，|、|;\s+")


def without_blanks(text: str) -> str:
    """The document without the instructions in brackets of a template; lines stay in place."""
    return _BLANK.sub(lambda found: "\n" * found[0].count("\n"), text)


def gather(root: Section) -> tuple[list[Ask], list[Section]]:
    """Everything the document asks for, and the sections that only explain it."""
    gathering = _Gathering()
    gathering.visit(root, Role.NONE)
    asks = [ask for ask in gathering.asks if _says_something(ask)]
    return asks, gathering.context


def everything(root: Section) -> list[Ask]:
    """For a document without a section of requirements: what its sections or lists hold."""
    gathering = _Gathering()
    asks = [ask for section in _plain_sections(root) for ask in gathering.features(section)]
    asks = [ask for ask in asks if _says_something(ask)]
    return asks or [_whole(root)]


def _plain_sections(root: Section) -> list[Section]:
    """The topmost sections that are not an introduction, a title or left out."""
    found: list[Section] = []
    pending = [(root, Role.NONE)]
    while pending:
        section, role = pending.pop()
        opens = section.sections and len(section.sections) <= 2 and not section.items
        if section is root or (is_document_title(section.title) and section.sections) or opens:
            pending += [
                (inner, role_of(bare(inner.title), role)) for inner in reversed(section.sections)
            ]
            if section.items:
                found.append(
                    Section(section.title, 0, section.first, section.last, items=section.items)
                )
        elif role in (Role.NONE, Role.DESIGN):
            found.append(section)
    return found


def _whole(root: Section) -> Ask:
    """The document as a single request."""
    ask = Ask(Role.FEATURE, "", Passage(root.first, max(root.first, root.last)))
    named = ""
    for section in root.walk():
        named = named or bare(section.title)
        for paragraph in section.paragraphs:
            absorb_paragraph(ask, paragraph)
        for item in section.items:
            absorb_item(ask, item)
    texts = [text for text in ask.what if not is_document_title(text)] or ask.what
    steps = [step.title for step in ask.steps]
    worded = (text for text in [*texts, named, *steps] if any(c.isalnum() for c in text))
    ask.title = next(worded, _first_words(root))
    return ask


def _first_words(root: Section) -> str:
    """What a document says that has nothing but labels and markup."""
    lines = [line for part in root.walk() for text in part.paragraphs for line in text.lines]
    lines += [item.text for part in root.walk() for item in part.items]
    lines += [section.title for section in root.walk()]
    worded = (plain(line) for line in lines if any(char.isalnum() for char in line))
    return next(filter(None, worded), "Read the document")


def _says_something(ask: Ask) -> bool:
    letters = sum(char.isalnum() for char in ask.title)
    return letters >= 2 and not is_placeholder(ask.title) and letters * 3 >= len(ask.title)


class _Gathering:
    """A walk over the outline; ``asks`` grow in the order of the document."""

    def __init__(self) -> None:
        self.asks: list[Ask] = []
        self.context: list[Section] = []
        self.phases = 0
        self.order = 0

    def visit(self, section: Section, parent: Role) -> None:
        """Read a section for what it is, given what it stands in."""
        role = role_of(bare(section.title), parent) if section.level else _tag_role(section)
        if role in WORK and not self._only_title(section):
            self.asks += self._work(section, role)
            return
        if role in (Role.NONE, Role.DESIGN) and (
            section.items or section.paragraphs or section.tables
        ):
            self.context.append(section)
        only = section.sections[0] if len(section.sections) == 1 and not section.title else None
        for inner in section.sections:
            if inner is only and _names_the_product(inner):
                self._inside(inner, Role.NONE)
            else:
                self.visit(inner, Role.NONE if role in WORK else role)

    def _inside(self, section: Section, role: Role) -> None:
        """The document's only heading is its name: what matters stands under it."""
        for inner in section.sections:
            self.visit(inner, role)

    def _only_title(self, section: Section) -> bool:
        return is_document_title(section.title) and bool(section.sections)

    def _work(self, section: Section, role: Role) -> list[Ask]:
        readers = {
            Role.FEATURE: self.features,
            Role.STORY: self._stories,
            Role.PHASE: self._roadmap,
            Role.ORDER: self._ordered,
            Role.QUALITY: self._qualities,
            Role.TESTING: self._testing,
        }
        return readers[role](section)

    def _inner(self, section: Section, role: Role) -> tuple[list[Section], list[Ask]]:
        """The sections inside that share the role, and what those of other roles ask for."""
        same: list[Section] = []
        others: list[Ask] = []
        for inner in section.sections:
            own = role_of(bare(inner.title), role)
            if own is role:
                same.append(inner)
            elif own in WORK:
                others += self._work(inner, own)
        return same, others

    def features(self, section: Section, group: str = "") -> list[Ask]:
        """What a section of features or requirements asks for."""
        inner, found = self._inner(section, Role.FEATURE)
        inner = [part for part in inner if label_of(bare(part.title)) is None]
        for part in inner:
            alone = part.level >= CAPTION_LEVEL and len(inner) == 1
            if alone or _is_group(part):
                found += self.features(part, bare(part.title))
            else:
                found.append(from_section(part, Role.FEATURE, group))
        items = [item for item in section.items if not inner or identifier(item.text)]
        found += from_items(items, Role.FEATURE, group)
        found += [ask for table in section.tables for ask in from_table(table, Role.FEATURE, group)]
        if not found and section.title and not section.sections:
            found.append(from_section(section, Role.FEATURE, group))
        return _in_order(found)

    def _stories(self, section: Section, group: str = "") -> list[Ask]:
        inner, found = self._inner(section, Role.STORY)
        for part in inner:
            head = _STORY_HEAD.search(plain(part.title))
            if head and part.items:
                found += [continued_story(part, item, group) for item in part.items]
            elif _holds_stories(part) > 1:
                found += self._stories(part, bare(part.title))
            else:
                found.append(from_section(part, Role.STORY, group))
        told = [item for item in section.items if is_story(item.text)]
        found += from_items(told or ([] if inner else section.items), Role.STORY, group)
        found += [
            from_paragraph(text, Role.STORY, group)
            for text in section.paragraphs
            if is_story(text.text)
        ]
        found += [ask for table in section.tables for ask in from_table(table, Role.STORY, group)]
        return _in_order(found)

    def _qualities(self, section: Section) -> list[Ask]:
        inner, found = self._inner(section, Role.QUALITY)
        parts = [part for part in inner if part.level < BOLD_LEVEL or len(inner) > 2]
        found += [from_section(part, Role.QUALITY, "") for part in parts]
        named = [item for item in section.items if identifier(item.text)]
        found += from_items(named, Role.QUALITY, "")
        found += [ask for table in section.tables for ask in from_table(table, Role.QUALITY, "")]
        return _in_order(found) or [from_section(section, Role.QUALITY, "")]

    def _testing(self, section: Section) -> list[Ask]:
        return [from_section(section, Role.TESTING, "")]

    def _ordered(self, section: Section) -> list[Ask]:
        """A build order: numbered items, possibly in layers."""
        inner, found = self._inner(section, Role.ORDER)
        for layer, part in enumerate(inner, 1):
            phase = (
                Phase(layer, phase_name(part.title), plain(part.title)) if len(inner) > 1 else None
            )
            found += self._in_sequence(part, phase)
        found += self._in_sequence(Section("", 0, section.first, items=section.items), None)
        numbered = [ask for ask in found if ask.number]
        return _in_order(numbered or found)

    def _in_sequence(self, section: Section, phase: Phase | None) -> list[Ask]:
        found: list[Ask] = []
        parts = [part for part in section.walk() if part.items]
        for part in parts:
            found += from_items(part.items, Role.ORDER, "")
        for ask in found:
            self.order += 1
            ask.order = self.order
            ask.phase = phase
        return found

    def _roadmap(self, section: Section) -> list[Ask]:
        inner, found = self._inner(section, Role.PHASE)
        named = [part for part in inner if is_phase(bare(part.title)) or is_phase(part.title)]
        for part in named or inner:
            nested = [deep for deep in part.sections if is_phase(deep.title)]
            if len(nested) > 1:
                found += self._roadmap(part)
            else:
                found += self._phase(part)
        if not inner or not named:
            found += self._loose_phases(section)
        found += [ask for table in section.tables for ask in self._milestones(table)]
        return _in_order(found)

    def _next_phase(self, title: str, notes: list[str], checks: list[str]) -> Phase:
        self.phases += 1
        return Phase(
            self.phases, phase_name(title), plain(title).rstrip(":："), tuple(notes), tuple(checks)
        )

    def _phase(self, section: Section) -> list[Ask]:
        about = Ask(Role.PHASE, "", Passage(section.first, max(section.first, section.last)))
        for paragraph in section.paragraphs:
            absorb_paragraph(about, paragraph)
        units: list[Ask] = []
        for part in section.sections:
            units += self._phase_part(part, about)
        units += from_items(section.items, Role.PHASE, "", about)
        units += [ask for table in section.tables for ask in from_table(table, Role.PHASE, "")]
        phase = self._next_phase(section.title, about.what, about.acceptance)
        if not units:
            units = [from_section(section, Role.PHASE, "")]
            units[0].title = phase.title
        return _within(units, phase, bare(section.title))

    def _phase_part(self, part: Section, about: Ask) -> list[Ask]:
        label = label_of(bare(part.title))
        if role_of(bare(part.title), Role.PHASE) in (Role.EXCLUDED, Role.ASIDE):
            return []
        if label in (None, Label.STEPS) and (label or part.level >= BOLD_LEVEL):
            found = from_items(part.items, Role.PHASE, "", about)
            for inner in part.sections:
                found += self._phase_part(inner, about)
            return found
        if label is not None:
            absorb_section(about, Section("", 0, part.first, part.last, sections=[part]))
            return []
        return [from_section(part, Role.PHASE, "")]

    def _loose_phases(self, section: Section) -> list[Ask]:
        """Phases that are list items, or lines of a table without its bars."""
        found: list[Ask] = []
        nested = [item for item in section.items if item.items]
        split = len(nested) * 2 >= len(section.items) and any(
            is_phase(item.text) or plain(item.text).endswith((":", "：")) for item in nested
        )
        for item in section.items:
            if split and item.items:
                phase = self._next_phase(split_lead(item.text)[0], [], [])
                found += _within(from_items(item.items, Role.PHASE, ""), phase, phase.title)
            elif asks := from_items([item], Role.PHASE, ""):
                own = self._next_phase(asks[0].title, [], []) if _numbered(item) else None
                found += _within(asks, own, "") if own else asks
        for paragraph in section.paragraphs:
            found += self._lines_of_phases(paragraph)
        return found

    def _lines_of_phases(self, paragraph: Paragraph) -> list[Ask]:
        found: list[Ask] = []
        phase: Phase | None = None
        for number, line in enumerate(paragraph.lines, paragraph.first):
            if phase_number(line) is not None and len(line) < 100:
                phase = self._next_phase(line, [], [])
                continue
            parts = _COMMAS.split(plain(line))
            if phase and len(parts) > 1:
                asks = [Ask(Role.PHASE, bare(part), Passage(number, number)) for part in parts]
                found += _within(asks, phase, phase.title)
        return found

    def _milestones(self, table: Table) -> list[Ask]:
        found = from_table(table, Role.PHASE, "")
        for ask in found:
            ask.phase = self._next_phase(ask.title, [], [])
        return found


def _names_the_product(section: Section) -> bool:
    """Whether the only heading of its level says what is planned, not what stands under it."""
    if section.level >= BOLD_LEVEL or len(section.sections) < 2:
        return False
    return role_of(bare(section.title), Role.DESIGN) not in WORK


def _tag_role(section: Section) -> Role:
    role = role_of(section.title, Role.NONE) if section.title else Role.NONE
    return Role.NONE if role is Role.ASIDE else role


def _numbered(item: Item) -> bool:
    return phase_number(item.text[:40]) is not None


def _within(asks: list[Ask], phase: Phase, group: str) -> list[Ask]:
    for ask in asks:
        ask.phase = phase
        ask.group = ask.group or group
    return asks


def _in_order(asks: list[Ask]) -> list[Ask]:
    return sorted(asks, key=lambda ask: ask.passage.first)


def _is_group(section: Section) -> bool:
    """Whether a section among requirements only gathers requirements."""
    if _CAPABILITY.match(plain(section.title)):
        return False
    inner = [part for part in section.sections if part.level < BOLD_LEVEL]
    inner = [part for part in inner if label_of(bare(part.title)) is None]
    named = [item for item in section.items if identifier(item.text)]
    tables = [table for table in section.tables if columns_of(table)]
    return bool(
        len(inner) > 1
        or any(identifier(part.title) for part in inner)
        or (len(named) > 1 and not identifier(section.title))
        or (GROUP.search(bare(section.title)) and section.items)
        or (tables and not identifier(section.title))
    )


def _holds_stories(section: Section) -> int:
    told = [text for text in section.paragraphs if is_story(text.text)]
    return len(told) + sum(1 for item in section.items if is_story(item.text))
