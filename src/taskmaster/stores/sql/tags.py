"""What a database knows of a tag beside its tasks."""

from __future__ import annotations

from collections import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NamedTuple

    class Tag(NamedTuple):
        """``row`` is its id in the database, ``size`` how many entries its list has; ``derived``
        says by which version of the rules nodes, edges and tallies were made of them.
        """

        row: int
        name: str
        metadata: Mapping[str, object]
        size: int
        derived: int

else:
    Tag = namedtuple("Tag", "row name metadata size derived")

DERIVED = 1
"""The version of the rules that ``derivation`` follows; other ones' results are not trusted."""
