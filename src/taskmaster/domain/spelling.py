"""Values that differ in spelling only.

The original tool writes ids as text where we write numbers, and a ``parentId`` without meaning;
neither is a change that anybody made.
"""

from __future__ import annotations

from taskmaster.domain import ids
from taskmaster.domain.changes import ABSENT, same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_PARENT_KEYS = ("parentId", "parentTaskId")


def means_the_same(key: str, one: object, other: object) -> bool:
    """Whether two values of a document key say the same."""
    if same(one, other):
        return True
    if key == "id":
        return ids.normal(one) == ids.normal(other)
    if key in _PARENT_KEYS:
        return _parent(one) == _parent(other)
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = zip(one, other, strict=True)
        if key == "dependencies":
            return all(ids.normal(a) == ids.normal(b) for a, b in pairs)
        return key == "subtasks" and all(_entries_mean_the_same(a, b) for a, b in pairs)
    return False


def documents_mean_the_same(one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    """Whether two documents say the same, key by key."""
    return all(
        means_the_same(key, one.get(key, ABSENT), other.get(key, ABSENT)) for key in {*one, *other}
    )


def _entries_mean_the_same(one: object, other: object) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return documents_mean_the_same(one, other)
    return same(one, other)


def _parent(raw: object) -> str:
    return "" if raw in (ABSENT, "undefined") else ids.normal(raw)
