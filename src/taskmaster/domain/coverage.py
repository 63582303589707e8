"""Which requirements of a document the tasks cover, which they do not, and the reverse."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from taskmaster.domain.plan import Requirement

_EXPLICIT = re.compile(r"^[A-Z][A-Za-z]*(?: [A-Z][a-z]+)?[-_ ]?\d{1,4}(?:\.\d{1,3})*$")
_ID = re.compile(r"(?<![\w-])[A-Z][A-Za-z]*(?: [A-Z][a-z]+)?[-_ ]?\d{1,4}(?:\.\d{1,3})*(?![\w-])")


@dataclass(frozen=True, slots=True)
class Claim:
    """What a task says of itself: its text, and the requirements it was planned for.

    ``keys`` and ``digests`` are those of requirements; ``first`` and ``last`` are the lines of
    the document it came from, counted from 1, or 0 when that is unknown.
    """

    task_id: str
    text: str
    keys: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    first: int = 0
    last: int = 0


@dataclass(frozen=True, slots=True)
class Coverage:
    """Requirements with the tasks that cover them, requirements without, tasks without."""

    covered: tuple[tuple[Requirement, tuple[str, ...]], ...]
    uncovered: tuple[Requirement, ...]
    orphans: tuple[str, ...]


def coverage(requirements: Sequence[Requirement], claims: Sequence[Claim]) -> Coverage:
    """Compare a document with the tasks made from it.

    A task covers a requirement when it holds the digest of its text or names its key; an id
    of the document's own, such as ``FR-3``, also counts when it stands in the task's text.
    Orphans are the tasks that cover none of ``requirements``.
    """
    takers = _takers(claims)
    place = {claim.task_id: at for at, claim in enumerate(claims)}
    found = [
        (requirement, tuple(sorted(_covering(requirement, takers), key=place.__getitem__)))
        for requirement in requirements
    ]
    used = {task for _, tasks in found for task in tasks}
    return Coverage(
        covered=tuple((requirement, tasks) for requirement, tasks in found if tasks),
        uncovered=tuple(requirement for requirement, tasks in found if not tasks),
        orphans=tuple(c.task_id for c in claims if c.task_id not in used),
    )


def is_explicit(key: str) -> bool:
    """Whether ``key`` is an id that the document itself gives, and no slug of a title."""
    return bool(_EXPLICIT.match(key))


def _takers(claims: Iterable[Claim]) -> dict[tuple[str, str], list[str]]:
    """The tasks behind every digest, key and id in a text, in the order of the claims."""
    takers: dict[tuple[str, str], list[str]] = {}
    for claim in claims:
        signs = [("digest", digest) for digest in claim.digests]
        signs += [("key", key) for key in claim.keys]
        signs += [("id", _folded(found[0])) for found in _ID.finditer(claim.text)]
        for sign in dict.fromkeys(signs):
            takers.setdefault(sign, []).append(claim.task_id)
    return takers


def _covering(requirement: Requirement, takers: dict[tuple[str, str], list[str]]) -> set[str]:
    tasks = takers.get(("digest", requirement.digest), []) + takers.get(
        ("key", requirement.key), []
    )
    if is_explicit(requirement.key):
        tasks = tasks + takers.get(("id", _folded(requirement.key)), [])
    return set(tasks)


def _folded(identifier: str) -> str:
    return identifier.casefold()
