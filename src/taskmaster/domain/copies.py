"""A whole copy of a project's tasks, as a listing shows it."""

from __future__ import annotations

from collections import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    class Copy(NamedTuple):
        """``why`` is auto, first, manual, broken, displaced or before-…; ``size`` is in bytes."""

        name: str
        time: str
        why: str
        size: int

else:
    Copy = namedtuple("Copy", "name time why size")
