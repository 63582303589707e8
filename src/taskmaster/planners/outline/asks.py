"""What a document asks for, one Ask at a time, before anything is put together."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from taskmaster.planners.outline.labels import Label, label_of
from taskmaster.planners.outline.reader import Item, Paragraph, Section, is_placeholder
from taskmaster.planners.outline.signals import priority_in
from taskmaster.planners.outline.titles import bare, identifier, plain, split_lead

if TYPE_CHECKING:
    from taskmaster.domain.plan import Passage
    from taskmaster.planners.outline.roles import Role

_FIELD = re.compile(
    r"^\s*(?:\*\*|__|\*|_)?(?P<label>[^\W\d_][^:：*\n]{0,40}?)\s*(?:\*\*|__|\*|_)?"
    r"\s*[:：]\s*(?:\*\*|__|\*|_)?(?P<text>.*)$",
    re.DOTALL,
)
_BOLD_FIELD = re.compile(
    r"^\s*(?:\*\*|__)(?P<label>[^*:：]{1,40})[:：]?(?:\*\*|__)\s*[:：]?(?P<text>.*)$", re.DOTALL
)
_GIVEN = re.compile(r"^\W*(?:given|when|then|scenario)\b", re.IGNORECASE)
_MODAL = re.compile(r"\b(?:MUST|SHALL|SHOULD|MAY)\b")
_NOTE = re.compile(
    r"[(\[（](?:depends?(?: on)?|requires|needs|uses|after|blocked by|зависит от|依赖|의존)"
    r"\s*[:：]?\s*(?P<on>[^()]*(?:\([^()]*\)[^()]*)*)[)\]）]",
    re.IGNORECASE,
)
_INLINE = re.compile(
    r"(?:\bdepends? on|\bdepending on|\bbuilds? (?:up)?on|\brequires|\bblocked by|\bprerequisites?:"
    r"|зависит от|зависят от|依赖于?|s'appuie sur|\butilise\b|dépend de|améliore|étend\b"
    r"|\bintègre\b|\bcombine\b|\boptimise\b|depende de|baut auf)"
    r"\s+(?P<on>(?:[^.;\n]|\.(?=\d)){2,160})",
    re.IGNORECASE,
)
_AFTER_KOREAN = re.compile(r"(?P<on>[^.;\n()]{2,80}?)(?:에 의존|완료 ?후|以后|之后)")
_SPACES = re.compile(r"\s+")
_SLUG = re.compile(r"[^\w]+")


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase of the work; ``index`` orders phases, ``notes`` say what it is for."""

    index: int
    title: str
    label: str
    notes: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()


@dataclass(slots=True)
class Step:
    """A part of an ask; ``done`` when the document has ticked it off."""

    title: str
    text: str = ""
    done: bool = False
    ident: str = ""
    depends: list[str] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Ask:
    """One thing the document asks for, as the document puts it."""

    role: Role
    title: str
    passage: Passage
    ident: str = ""
    number: str = ""
    group: str = ""
    priority: str | None = None
    phase: Phase | None = None
    order: int = 0
    done: bool = False
    story: str = ""
    what: list[str] = field(default_factory=list)
    details: list[str] = field(default_factory=list)
    acceptance: list[str] = field(default_factory=list)
    tests: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    depends: list[str] = field(default_factory=list)
    required_by: list[str] = field(default_factory=list)
    context: list[tuple[str, Passage]] = field(default_factory=list)
    unlabelled: Label = Label.STEPS  # what bullets without a label of their own are

    def body(self) -> str:
        """Everything the ask says besides its title."""
        steps = [f"{step.title} {step.text}" for step in self.steps]
        return "\n".join([*self.what, *self.details, *self.acceptance, *self.tests, *steps])


def digest(text: str) -> str:
    """What identifies a text however it is wrapped: 12 hexadecimal digits."""
    normal = _SPACES.sub(" ", text).strip()
    return hashlib.sha256(normal.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def slug(title: str) -> str:
    """A key made of the words of a title, in any script."""
    words = _SLUG.sub("-", unicodedata.normalize("NFC", title.lower())).replace("_", "-")
    return words.strip("-")[:60].strip("-") or "requirement"


def field_of(text: str) -> tuple[Label, str, str] | None:
    """``Label: text`` when the label is one that requirements have; else None."""
    found = _FIELD.match(text) or _BOLD_FIELD.match(text)
    if not found:
        return None
    label = label_of(found["label"])
    return (label, plain(found["label"]), found["text"].strip()) if label else None


def named_prerequisites(text: str) -> list[str]:
    """The names that stand behind ``depends on`` and its like inside a sentence."""
    flat = plain(text)
    found = [match["on"] for match in _NOTE.finditer(flat)]
    found += [match["on"] for match in _INLINE.finditer(flat)]
    found += [match["on"] for match in _AFTER_KOREAN.finditer(flat)]
    return found


def absorb_section(ask: Ask, section: Section) -> None:
    """Take over everything that stands under a heading."""
    for paragraph in section.paragraphs:
        absorb_paragraph(ask, paragraph)
    for item in section.items:
        absorb_item(ask, item)
    for table in section.tables:
        ask.details.extend(" — ".join(cell for cell in row if cell) for row, _ in table.rows)
    for inner in section.sections:
        _absorb_inner(ask, inner)


def _absorb_inner(ask: Ask, inner: Section) -> None:
    title = bare(inner.title)
    label = label_of(title)
    if label is None and (field_ := field_of(inner.title)):
        if field_[2]:  # ``Depends on: Login`` is complete; the list under it is not part of it.
            put(ask, *field_)
            absorb_section(ask, inner)
            return
        label = field_[0]
    if label is not None and label is not Label.STEPS:
        _absorb_labelled(ask, label, title, inner)
        return
    if label is Label.STEPS or inner.level >= 20:
        _absorb_list(ask, inner, label, title)
        return
    nested = Ask(ask.role, title, ask.passage)
    absorb_section(nested, inner)
    ask.depends.extend(nested.depends)
    ask.acceptance.extend(nested.acceptance)
    ask.steps.append(Step(title, summary(nested), ident=identifier(inner.title)))


def _absorb_list(ask: Ask, inner: Section, label: Label | None, title: str) -> None:
    usual = ask.unlabelled
    if label is Label.STEPS:
        ask.unlabelled = Label.STEPS
    before = len(ask.steps)
    absorb_section(ask, inner)
    if label is None and len(ask.steps) == before:
        ask.details.append(title)
    ask.unlabelled = usual


def summary(ask: Ask) -> str:
    """Everything an ask says in one text, for when it becomes part of another."""
    lines = [*ask.what, *ask.details]
    lines += [f"- {step.title}" + (f": {step.text}" if step.text else "") for step in ask.steps]
    return "\n".join(lines)


def _absorb_labelled(ask: Ask, label: Label, title: str, section: Section) -> None:
    for paragraph in section.paragraphs:
        put(ask, label, title, paragraph.text)
    for item in section.items:
        put(ask, label, title, flattened(item))
    for inner in section.sections:
        _absorb_labelled(ask, label, bare(inner.title), inner)
    for table in section.tables:
        for row, _ in table.rows:
            put(ask, label, title, " — ".join(cell for cell in row if cell))


def absorb_paragraph(ask: Ask, paragraph: Paragraph) -> None:
    """Take over a paragraph: labelled lines by their label, the rest as description."""
    pending: list[str] = []
    for line in paragraph.lines:
        labelled = field_of(line)
        if labelled:
            _prose(ask, pending)
            pending = []
            put(ask, *labelled)
        else:
            pending.append(line)
    _prose(ask, pending)


def _prose(ask: Ask, lines: list[str]) -> None:
    text = plain(" ".join(lines))
    if text and any(char.isalnum() for char in text):
        ask.what.append(text)
        ask.depends.extend(named_prerequisites(text))


def absorb_item(ask: Ask, item: Item) -> None:
    """Take over a list item under a requirement: a labelled field, a criterion or a step."""
    labelled = field_of(item.text)
    if labelled:
        _absorb_field(ask, labelled, item)
        return
    if not any(char.isalnum() for char in item.text):
        return
    ask.depends.extend(named_prerequisites(item.text))
    if _GIVEN.match(item.text) or _MODAL.search(item.text):
        ask.acceptance.append(flattened(item))
        return
    if ask.unlabelled is not Label.STEPS:
        put(ask, ask.unlabelled, "", flattened(item))
        return
    lead, rest = split_lead(item.text)
    text = "\n".join(
        part for part in (rest, *(f"- {flattened(sub)}" for sub in item.items)) if part
    )
    ask.steps.append(Step(bare(lead), text, done=bool(item.done), ident=identifier(lead)))


def _absorb_field(ask: Ask, labelled: tuple[Label, str, str], item: Item) -> None:
    label, name, text = labelled
    if text:
        put(ask, label, name, text)
    for inner in item.items:
        if label in (Label.STEPS, Label.WHAT) and not text:
            absorb_item(ask, inner)
        else:
            put(ask, label, name, flattened(inner))


def put(ask: Ask, label: Label, name: str, text: str) -> None:
    """Add one labelled text where it belongs."""
    text = plain(text)
    if not text or is_placeholder(text):
        return
    if label is Label.WHAT:
        ask.what.append(text)
    elif label is Label.ACCEPTANCE:
        ask.acceptance.append(text)
    elif label is Label.TESTS:
        ask.tests.append(text)
    elif label is Label.DEPENDS:
        ask.depends.append(text)
    elif label is Label.REQUIRED_BY:
        ask.required_by.append(text)
    elif label is Label.PRIORITY:
        ask.priority = priority_in(text) or ask.priority
        ask.depends.extend(named_prerequisites(text))
    else:
        ask.details.append(f"{name}: {text}" if name else text)


def flattened(item: Item) -> str:
    """An item and everything nested in it as one line."""
    text = plain(item.text)
    if not item.items:
        return text
    inner = "; ".join(flattened(nested) for nested in item.items)
    return f"{text} {inner}" if text.endswith((":", "：")) else f"{text}: {inner}"
