"""The planner that needs no model: a plan from the structure of the document alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from taskmaster.domain.plan import Document, Draft, Plan, Requirement
from taskmaster.errors import Invalid
from taskmaster.planners.documents import holds_controls, not_text
from taskmaster.planners.outline.drafts import Drafting, attach_context, requirements_of
from taskmaster.planners.outline.ordering import Ordering
from taskmaster.planners.outline.reader import Section, lines_of, placeholders, read
from taskmaster.planners.outline.requirements import everything, gather, without_blanks
from taskmaster.planners.outline.sizes import bounded, narrowed
from taskmaster.planners.outline.wording import Wording
from taskmaster.planners.outline.works import Assembly, Work

if TYPE_CHECKING:
    from taskmaster.planners.outline.asks import Ask

_UNFILLED = 5


@dataclass(frozen=True, slots=True)
class _Reading:
    """A document understood: what it asks for and what only explains it."""

    lines: list[str]
    asks: list[Ask]
    context: list[Section]
    blanks: int
    requirements: tuple[Requirement, ...]


class OutlinePlanner:
    """Plans from headings, lists, tables, ids and phases; the same document, the same plan."""

    name = "outline"

    def requirements(self, document: Document) -> tuple[Requirement, ...]:
        """What the document asks for, in its order.

        Raises Invalid: ``empty-document`` when there is nothing in it or it is a template that
        nobody filled in, ``unreadable-document`` when it is not text.
        """
        return _understood(document).requirements

    def propose(self, document: Document, *, num_tasks: int = 0) -> Plan:
        """A plan whose drafts together cover every requirement of the document.

        ``num_tasks`` 0 takes as many as the document suggests; another number merges down to
        about that many, and the notes say what went where. Raises as ``requirements`` does.
        """
        reading = _understood(document)
        assembly = Assembly(reading.asks)
        works = bounded(assembly.works_of())
        attach_context(works, reading.context, assembly.weights)
        notes = _notes(reading)
        if num_tasks > 0:
            works, merged = narrowed(works, num_tasks, assembly.weights)
            notes += merged or _fewer(works, num_tasks)
        ordering = Ordering(works, assembly.weights)
        arranged, waits = ordering.arranged()
        notes += _contradictions(ordering.dropped)
        return Plan(
            document=document,
            planner=self.name,
            drafts=_drafts(document, reading, arranged, waits),
            requirements=reading.requirements,
            notes=tuple(notes),
        )


def _drafts(
    document: Document, reading: _Reading, works: list[Work], waits: list[tuple[int, ...]]
) -> tuple[Draft, ...]:
    keys = {id(a): r.key for a, r in zip(reading.asks, reading.requirements, strict=True)}
    phases = [work.phase.index for work in works if work.phase]
    drafting = Drafting(Wording(document.text), phases, keys)
    return tuple(drafting.draft(work, after) for work, after in zip(works, waits, strict=True))


def _understood(document: Document) -> _Reading:
    if holds_controls(document.text):
        raise not_text(document.path)
    if not any(char.isalnum() for char in document.text):
        raise Invalid(
            f"{document.path} is empty",
            code="empty-document",
            hint="write down what should be built; one sentence is enough to start",
        )
    blanks = placeholders(document.text)
    root = read(without_blanks(document.text))
    asks, context = gather(root)
    if blanks >= _UNFILLED and len(asks) * 4 <= blanks:
        raise _unfilled(document)
    asks = asks or everything(root)
    lines = lines_of(document.text)
    return _Reading(lines, asks, context, blanks, requirements_of(asks, lines))


def _unfilled(document: Document) -> Invalid:
    return Invalid(
        f"{document.path} is a template that is not filled in yet",
        code="empty-document",
        hint="replace the texts in [brackets] by what your product should do",
    )


def _notes(reading: _Reading) -> list[str]:
    notes: list[str] = []
    if reading.blanks >= _UNFILLED and reading.blanks * 12 >= len(reading.lines):
        notes.append(f"The document still has {reading.blanks} texts in [brackets] to fill in.")
    done = sum(1 for ask in reading.asks if ask.done)
    if done:
        notes.append(f"{done} requirements are ticked off in the document; they are kept as tasks.")
    return notes


def _fewer(works: list[Work], wanted: int) -> list[str]:
    if len(works) >= wanted:
        return []
    return [f"The document gives {len(works)} tasks; nothing was invented to reach {wanted}."]


def _contradictions(count: int) -> list[str]:
    if not count:
        return []
    return [f"{count} dependencies in the document run in a circle and were left out."]
