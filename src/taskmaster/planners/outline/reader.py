"""A document as a tree of sections, lists, tables and paragraphs, with line numbers.

Only structure is decided here, never meaning. Code, diagrams, comments and the instructions of
templates are left out, so that nothing after this module can mistake them for requirements.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

BOLD_LEVEL = 20
CAPTION_LEVEL = 30
_TAB = 4
_DEEPEST = 12

_HEADING = re.compile(r"(#{1,6})[ \t]+(\S.*)")
_NUMBERED = re.compile(r"(\d{1,3}(?:\.\d{1,3}){0,4})[.)、．]?[ \t]+(\S.{0,99})$")
_ITEM = re.compile(r"([-*+•‣◦·▪]|\d{1,3}(?:[.)]|\.n)|[a-zA-Z]\)|\(\d{1,3}\))(?:[ \t]+(.*))?$")
_CHECKBOX = re.compile(r"\[([ xX✓✔])\][ \t]*(.*)")
_FENCE = re.compile(r"(`{3,}|~{3,})")
_TAG = re.compile(r"<(/?)([A-Za-z][\w-]{0,40})(?:\s[^<>]{0,80})?>[ \t]*$")
_RULE = re.compile(r"([-*_=])(?:[ \t]*\1){2,}[ \t]*$")
_TABLE_RULE = frozenset("|:- \t")
_BOLD_LINE = re.compile(
    r"(\*\*|__)(?P<title>[^*_][^*]{0,140})\1[:：]?(?P<rest>[ \t]*\([^()]*\)[:：]?)?$"
)
_CELL = re.compile(r"(?<!\\)\|")
_PLACEHOLDER = re.compile(r"\[[^\[\]]{0,2000}\](?![(\[:])")
_LETTER = re.compile(r"[^\W\d_]")
_TEMPLATE_TAGS = frozenset({"instruction", "example", "rpg-method", "task-master-integration"})


@dataclass(slots=True)
class Item:
    """A list item with what is nested in it; ``done`` is None where there is no check box."""

    lines: list[str]
    first: int
    last: int
    number: str = ""
    done: bool | None = None
    items: list[Item] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(line for line in self.lines if line)


@dataclass(slots=True)
class Table:
    """A table; every row is its cells and its line."""

    header: list[str]
    first: int
    last: int
    rows: list[tuple[list[str], int]] = field(default_factory=list)


@dataclass(slots=True)
class Paragraph:
    """Consecutive lines of text."""

    lines: list[str]
    first: int
    last: int

    @property
    def text(self) -> str:
        return " ".join(line.strip() for line in self.lines)


@dataclass(slots=True)
class Section:
    """A heading with what stands under it; ``level`` 0 is the document itself.

    Lines printed in bold and short lines that lead into a list are headings too, of the
    levels BOLD_LEVEL and CAPTION_LEVEL.
    """

    title: str
    level: int
    first: int
    last: int = 0
    number: str = ""
    items: list[Item] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    paragraphs: list[Paragraph] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)

    def walk(self) -> Iterator[Section]:
        """This section and everything below it, in document order."""
        pending = [self]
        while pending:
            section = pending.pop()
            yield section
            pending.extend(reversed(section.sections))


def lines_of(text: str) -> list[str]:
    """The lines as an editor numbers them."""
    lines = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    return lines


def read(text: str) -> Section:
    """The outline of ``text``; its root covers the whole document."""
    reading = _Reading(lines_of(text))
    reading.run()
    return reading.root


def placeholders(text: str) -> int:
    """How many blanks of a template (``[Name]``) the document still has."""
    return sum(
        1
        for found in _PLACEHOLDER.finditer(text)
        if (len(found[0]) > 4 and _LETTER.search(found[0]) and " " in found[0].strip("[]x "))
        or found[0] in ("[Name]", "[X]", "[Y]", "[Z]", "[TBD]")
    )


def is_placeholder(text: str) -> bool:
    """Whether nothing but blanks of a template is left in ``text``."""
    stripped = text.strip().strip("*#- ")
    if not stripped.startswith("["):
        return False
    return not _LETTER.search(_PLACEHOLDER.sub("", stripped)) and "](" not in stripped


def _numbers_are_headings(lines: list[str]) -> bool:
    """Whether the numbered lines of a document without headings are its headings."""
    seen = content = 0
    previous = False
    fenced = False
    for line in lines:
        stripped = line.strip()
        if _FENCE.match(stripped):
            fenced = not fenced
        if fenced or not stripped:
            continue
        if _HEADING.match(line):
            return False
        numbered = _NUMBERED.match(line)
        top = bool(numbered) and "." not in numbered[1] if numbered else False
        content += previous and not top
        seen += top
        previous = top
    return seen >= 2 and content * 2 >= seen


def _width(line: str) -> int:
    expanded = line.expandtabs(_TAB)
    return len(expanded) - len(expanded.lstrip())


class _Reading:
    """One pass over the lines of one document."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.root = Section("", 0, 1)
        self.open: list[Section] = [self.root]
        self.items: list[tuple[int, Item]] = []
        self.paragraph: Paragraph | None = None
        self.table: Table | None = None
        self.numbered = _numbers_are_headings(lines)
        self.fence = ""
        self.dropping = ""
        self.comment = False
        self.blank = True

    def run(self) -> None:
        start = self._front_matter()
        for number, line in enumerate(self.lines[start:], start + 1):
            self._line(number, line)
        self._close_sections(-1, len(self.lines))

    def _front_matter(self) -> int:
        if not self.lines or self.lines[0].strip() != "---":
            return 0
        for index, line in enumerate(self.lines[1:60], 1):
            if line.strip() == "---":
                return index + 1
            if line.startswith("#"):
                return 0
        return 0

    def _line(self, number: int, line: str) -> None:
        stripped = line.strip()
        while stripped.startswith(">"):
            stripped = stripped[1:].lstrip()
        if self._left_out(stripped):
            return
        if not stripped:
            self.paragraph = self.table = None
            self.blank = True
            return
        if not (self._tag(number, stripped) or self._heading(number, line, stripped)):
            self._content(number, line, stripped)
        self.blank = False

    def _left_out(self, stripped: str) -> bool:
        """Code, comments and the instructions of a template."""
        if self.comment or stripped.startswith("<!--"):
            self.comment = "-->" not in stripped
            return True
        if self.dropping:
            if stripped.lower().endswith(f"</{self.dropping}>"):
                self.dropping = ""
            return True
        fence = _FENCE.match(stripped)
        if self.fence:
            if fence and fence[1].startswith(self.fence) and stripped == fence[1]:
                self.fence = ""
            return True
        if not fence:
            return False
        if stripped.count(fence[1]) == 1:
            self.fence = fence[1]
        self.paragraph = self.table = None
        return True

    def _tag(self, number: int, stripped: str) -> bool:
        found = _TAG.match(stripped) if stripped.startswith("<") else None
        if not found:
            return False
        name = found[2].lower()
        if name in _TEMPLATE_TAGS and not found[1]:
            self.dropping = name
        elif name not in _TEMPLATE_TAGS:
            self._close_sections(0, number - 1)
            if not found[1]:
                self._start(Section(name.replace("-", " "), 0, number))
        return True

    def _heading(self, number: int, line: str, stripped: str) -> bool:
        found = _HEADING.match(stripped) if stripped.startswith("#") else None
        if found:
            self._section(number, len(found[1]), found[2].rstrip("# \t"))
            return True
        if _RULE.match(stripped):
            self._underlined(stripped)
            return True
        if self.numbered and self._numbered_heading(number, line, stripped):
            return True
        bold = _BOLD_LINE.match(stripped) if not line[0].isspace() else None
        if bold and not self._follows_text():
            rest = bold["rest"] or ""
            self._section(number, BOLD_LEVEL, bold["title"] + rest)
            return True
        return False

    def _follows_text(self) -> bool:
        return self.paragraph is not None

    def _numbered_heading(self, number: int, line: str, stripped: str) -> bool:
        found = _NUMBERED.match(stripped)
        if not found or line[0] == " ":
            return False
        depth = found[1].count(".") + 1
        if line[0] == "\t" and found[1] != str(self._top_number() + 1):
            return False
        self._section(number, depth, stripped)
        return True

    def _top_number(self) -> int:
        top = [section.number for section in self.root.sections if section.number.isdigit()]
        return int(top[-1]) if top else 0

    def _underlined(self, stripped: str) -> None:
        """A line of text underlined with = or - is a heading, else the rule ends a list."""
        text = self.paragraph
        here = self.open[-1].paragraphs
        if text and not self.items and here and here[-1] is text and stripped[0] in "=-":
            here.pop()
            self._section(text.first, 1 if stripped[0] == "=" else 2, text.text)
        self.items.clear()
        self.paragraph = self.table = None

    def _section(self, number: int, level: int, raw: str) -> None:
        self._close_sections(level, number - 1)
        title = raw.strip()
        found = _NUMBERED.match(title.strip("*_ "))
        self._start(Section(title, level, number, number=found[1] if found else ""))

    def _start(self, section: Section) -> None:
        self.open[-1].sections.append(section)
        self.open.append(section)
        self.items.clear()
        self.paragraph = self.table = None

    def _close_sections(self, level: int, last: int) -> None:
        while self.open and self.open[-1].level >= level:
            if self.open[-1] is self.root and level >= 0:
                break
            closed = self.open.pop()
            closed.last = max(last, closed.first)
        self.items.clear()
        self.paragraph = self.table = None

    def _content(self, number: int, line: str, stripped: str) -> None:
        if stripped.startswith("|") and stripped.count("|") > 1:
            self._row(number, stripped)
            return
        self.table = None
        found = _ITEM.match(stripped)
        if found and not stripped.startswith("**"):
            self._item(number, _width(line), found[1], (found[2] or "").strip())
        else:
            self._text(number, _width(line), stripped)

    def _row(self, number: int, stripped: str) -> None:
        cells = [cell.strip() for cell in _CELL.split(stripped.strip("|"))]
        self.paragraph = None
        self.items.clear()
        if self.table is None:
            self.table = Table(cells, number, number)
            self.open[-1].tables.append(self.table)
        elif not _TABLE_RULE.issuperset(stripped):
            self.table.rows.append((cells, number))
        self.table.last = number

    def _item(self, number: int, width: int, marker: str, text: str) -> None:
        while self.items and (self.items[-1][0] >= width or len(self.items) > _DEEPEST):
            self.items.pop()
        if not self.items:
            self._caption()
        box = _CHECKBOX.match(text)
        done = box[1] != " " if box else None
        mark = marker.strip(".()")
        item = Item([box[2] if box else text], number, number, done=done)
        item.number = mark if mark[:1].isdigit() else ""
        siblings = self.items[-1][1].items if self.items else self.open[-1].items
        siblings.append(item)
        self.items.append((width, item))
        self._reach(number)
        self.paragraph = None

    def _caption(self) -> None:
        """A short line that leads into this list becomes the list's heading."""
        here = self.open[-1]
        text = here.paragraphs[-1] if here.paragraphs else None
        if text is None or here.items or text is not self._last_block():
            return
        title = text.lines[-1].strip()
        colon = title.rstrip("*_ ").endswith((":", "："))
        near = self.paragraph is text and not title.endswith((".", "。", "!", "?"))
        if len(title) > 90 or not (colon or (near and len(title) <= 60)):
            return
        text.lines.pop()
        if not text.lines:
            here.paragraphs.pop()
        first = text.last
        text.last = max(text.first, text.last - 1)
        self._start(Section(title, CAPTION_LEVEL, first))

    def _last_block(self) -> Paragraph | None:
        """The paragraph nothing has come after, if that is what came last."""
        here = self.open[-1]
        latest = here.paragraphs[-1]
        later = [table.last for table in here.tables[-1:]]
        later += [section.first for section in here.sections[-1:]]
        return None if any(last > latest.last for last in later) else latest

    def _text(self, number: int, width: int, stripped: str) -> None:
        inside = self.items and (not self.blank or width > self.items[-1][0])
        while self.items and self.blank and width <= self.items[-1][0]:
            self.items.pop()
            inside = bool(self.items) and width > 0
        if inside and self.items:
            item = self.items[-1][1]
            item.lines.append(stripped)
            self._reach(number)
            return
        self._paragraph(number, stripped)

    def _paragraph(self, number: int, stripped: str) -> None:
        if self.open[-1].level == CAPTION_LEVEL and self.open[-1].items:
            self._close_sections(CAPTION_LEVEL, number - 1)
        if self.paragraph is None:
            self.paragraph = Paragraph([], number, number)
            self.open[-1].paragraphs.append(self.paragraph)
        self.paragraph.lines.append(stripped)
        self.paragraph.last = number

    def _reach(self, number: int) -> None:
        for _, item in self.items:
            item.last = number
