"""A walk through anything that branches, as rows for an indented list, that always ends."""

from __future__ import annotations

from collections import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import NamedTuple

    class Row(NamedTuple):
        """One line: ``depth`` counts from 0, ``last`` says that no sibling follows.

        ``mark`` is ``""``, repeated (its branch stands further up), circle (it stands above
        itself) or cut (there is more below, but the depth is reached).
        """

        id: str
        depth: int
        last: bool
        mark: str

else:
    Row = namedtuple("Row", "id depth last mark")


def rows(roots: Iterable[str], below: Mapping[str, Sequence[str]], depth: int = 0) -> Iterator[Row]:
    """The roots, each followed by what is *below* it, at most *depth* levels (0: all).

    A branch is walked once; where its head turns up again it is marked. Linear, no recursion.
    """
    walked: set[str] = set()
    above: set[str] = set()
    levels = [_lasts(list(roots))]
    trail: list[str] = []
    while levels:
        step = next(levels[-1], None)
        if step is None:
            levels.pop()
            if trail:
                above.discard(trail.pop())
            continue
        here, last = step
        further = below.get(here, ())
        mark = ""
        if here in above:
            mark = "circle"
        elif here in walked and further:
            mark = "repeated"
        elif further and depth and len(levels) >= depth:
            mark = "cut"
        yield Row(here, len(trail), last, mark)
        if further and not mark:
            walked.add(here)
            above.add(here)
            trail.append(here)
            levels.append(_lasts(further))


def _lasts(ids: Sequence[str]) -> Iterator[tuple[str, bool]]:
    end = len(ids) - 1
    return ((one, place == end) for place, one in enumerate(ids))


def roots(ids: Iterable[str], below: Mapping[str, Sequence[str]]) -> list[str]:
    """Where to begin so that every id is met: what is below nothing, and the first of each circle
    that nothing else leads to.
    """
    order = list(ids)
    under = {step for steps in below.values() for step in steps}
    found = [one for one in order if one not in under]
    seen: set[str] = set()
    for one in found + order:
        if one in seen:
            continue
        if one in under:
            found.append(one)
        seen.add(one)
        queue = [one]
        while queue:
            fresh = [step for step in below.get(queue.pop(), ()) if step not in seen]
            seen.update(fresh)
            queue += fresh
    return found
