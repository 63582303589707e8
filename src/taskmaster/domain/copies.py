"""A whole copy of a project's tasks: as a listing shows it, and what it is made of."""

from __future__ import annotations

from collections import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.domain.changes import Transaction

    class Copy(NamedTuple):
        """``why`` is auto, first, manual, broken, displaced or before-…; ``size`` is in bytes."""

        name: str
        time: str
        why: str
        size: int

    class Received(NamedTuple):
        """How far one store has been filled from another: entries by tag, the last change."""

        tags: Mapping[str, int]
        change: int

    class Origin(NamedTuple):
        """What a copy was made of: the project's name, the engine, when, the last change."""

        project: str
        kind: str
        time: str
        change: int

    class TagPart(NamedTuple):
        """The beginning of a tag; its entries follow."""

        name: str
        metadata: Mapping[str, object]

    class EntryPart(NamedTuple):
        """An entry of the tag, as it is stored."""

        value: object

    class Totals(NamedTuple):
        """How much a copy holds; ``digest`` is different for every other content."""

        tags: int
        tasks: int
        changes: int
        digest: str

    Part = Origin | TagPart | EntryPart | Transaction | Totals
    """A copy is an Origin, each TagPart with its EntryParts, Transactions, and Totals."""

else:
    Received = namedtuple("Received", "tags change")
    Copy = namedtuple("Copy", "name time why size")
    Origin = namedtuple("Origin", "project kind time change")
    TagPart = namedtuple("TagPart", "name metadata")
    EntryPart = namedtuple("EntryPart", "value")
    Totals = namedtuple("Totals", "tags tasks changes digest")

DUMPS = (".jsonl.gz", ".jsonl")
NATIVE = ".dump"
FORMS = (*DUMPS, ".json", ".db", NATIVE)
"""What the names of copies end with: our dumps, a task file, SQLite, the server's own tools."""

BROKEN = "broken"
MANUAL = "manual"
_ROUTINE = ("auto", "first", MANUAL)
"""Reasons that say nothing against letting go of a copy that is old."""


def form_of(path: str) -> str:
    """Which of the FORMS the name of a file has, ``""`` for none."""
    return next((form for form in FORMS if path.endswith(form)), "")


def superfluous(copies: Sequence[Copy], *, keep: int = 0, since: str = "") -> list[Copy]:
    """The copies, of those given newest first, that may go: neither among the *keep* newest nor
    from the time *since* or after it.

    The newest always stays, and so does what was kept before something was replaced, or because
    it was damaged.
    """
    routine = [copy for copy in copies if copy.why in _ROUTINE]
    return [copy for copy in routine[max(keep, 1) :] if not since or copy.time < since]
