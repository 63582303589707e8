"""A plan: what a planner proposes for a requirements document, before any of it is a task."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Document:
    """A requirements document: where it lies (as the user named it) and its decoded text."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Passage:
    """Lines of the source document, counted from 1, both ends included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing the document asks for.

    ``key`` is the document's own name for it (``FR-3``, ``Story 2``) or a slug of its title;
    it is unique within the document. ``digest`` identifies the text, so that a requirement can
    be recognised after the document moved around it.
    """

    key: str
    title: str
    passage: Passage
    digest: str


@dataclass(frozen=True, slots=True)
class DraftStep:
    """A subtask in the making; ``after`` holds the numbers (from 1) of earlier steps."""

    title: str
    description: str = ""
    details: str = ""
    after: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A task in the making; ``after`` holds the numbers (from 1) of drafts in the same plan."""

    title: str
    description: str = ""
    details: str = ""
    test_strategy: str = ""
    priority: str = "medium"
    acceptance: tuple[str, ...] = ()
    after: tuple[int, ...] = ()
    steps: tuple[DraftStep, ...] = ()
    passages: tuple[Passage, ...] = ()
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Drafts in the order they should be worked on, for one document.

    ``planner`` names who proposed it; ``notes`` are sentences for the person who decides
    (what was left out, what was guessed).
    """

    document: Document
    planner: str
    drafts: tuple[Draft, ...]
    requirements: tuple[Requirement, ...] = ()
    notes: tuple[str, ...] = field(default=())
