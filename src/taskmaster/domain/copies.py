"""A whole copy of a project's tasks, as a listing shows it."""

from __future__ import annotations

from collections import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NamedTuple

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

else:
    Received = namedtuple("Received", "tags change")
    Copy = namedtuple("Copy", "name time why size")
