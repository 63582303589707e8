"""Where the boxes of a graph go: columns from left to right, few crossings, straight lines.

A layered drawing after Sugiyama: columns by the longest way from the start, a long line threaded
through the columns it passes, each column ordered by the barycentre of its neighbours, and places
within a column as near to the neighbours as the order allows. The same graph always gives the
same drawing.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import namedtuple
from itertools import pairwise

from taskmaster.domain.paths import in_order
from taskmaster.domain.work import turned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.domain.work import Needs

    class Drawing(NamedTuple):
        """``spots`` has (column, height) of each id; heights grow downwards, one is a box apart.

        ``lines`` has for each (from, to) the spots it passes, both ends included.
        """

        spots: Mapping[str, tuple[int, float]]
        lines: Mapping[tuple[str, str], Sequence[tuple[int, float]]]

    class _Grid(NamedTuple):
        columns: list[list[str]]
        left: dict[str, list[str]]
        right: dict[str, list[str]]
        chains: dict[tuple[str, str], list[str]]

else:
    Drawing = namedtuple("Drawing", "spots lines")
    _Grid = namedtuple("_Grid", "columns left right chains")

SWEEPS = 12
BEND_ROOM = 0.45
MOST_BENDS = 20_000
"""With more than this, long lines go straight through what is in between."""


def arranged(needs: Needs) -> Drawing:
    """A place for every id. *needs* must be free of circles; what is needed stands to the left."""
    grid = _grid(needs, _levels(needs))
    _untangle(grid)
    heights = _heights(grid)
    column_of = {one: number for number, column in enumerate(grid.columns) for one in column}
    spots = {one: (column_of[one], heights[one]) for one in needs}
    lines = {
        edge: [(column_of[one], heights[one]) for one in chain]
        for edge, chain in grid.chains.items()
    }
    return Drawing(spots, lines)


def _levels(needs: Needs) -> dict[str, int]:
    """Each id's column: as far left as possible, then starts moved next to what needs them."""
    level: dict[str, int] = {}
    order = in_order(needs)
    for one in order:
        level[one] = max((level[need] + 1 for need in needs[one]), default=0)
    waiters = turned(needs)
    for one in order:
        if not needs[one] and waiters[one]:
            level[one] = min(level[waiter] for waiter in waiters[one]) - 1
    return level


def _grid(needs: Needs, level: Mapping[str, int]) -> _Grid:
    columns: list[list[str]] = [[] for _ in range(max(level.values(), default=-1) + 1)]
    for one in needs:
        columns[level[one]].append(one)
    grid = _Grid(columns, {one: [] for one in needs}, {one: [] for one in needs}, {})
    edges = [(need, one) for one, found in needs.items() for need in found]
    bends = sum(level[end] - level[start] - 1 for start, end in edges)
    for start, end in edges:
        passed = range(level[start] + 1, level[end]) if bends <= MOST_BENDS else ()
        _thread(grid, start, end, passed)
    return grid


def _thread(grid: _Grid, start: str, end: str, passed: Sequence[int]) -> None:
    chain = [start]
    for column in passed:
        bend = f"{start}\0{end}\0{column}"
        grid.columns[column].append(bend)
        grid.left[bend], grid.right[bend] = [], []
        chain.append(bend)
    chain.append(end)
    for one, other in pairwise(chain):
        grid.right[one].append(other)
        grid.left[other].append(one)
    grid.chains[start, end] = chain


def _untangle(grid: _Grid) -> None:
    """Order the columns, keeping the best order that any sweep finds."""
    best = [list(column) for column in grid.columns]
    fewest = _crossings(grid)
    for sweep in range(SWEEPS):
        if not fewest:
            break
        forth = sweep % 2 == 0
        order = range(1, len(best)) if forth else range(len(best) - 2, -1, -1)
        for number in order:
            beside = grid.columns[number - 1 if forth else number + 1]
            _sort(grid.columns[number], beside, grid.left if forth else grid.right)
        crossings = _crossings(grid)
        if crossings < fewest:
            fewest, best = crossings, [list(column) for column in grid.columns]
    grid.columns[:] = best


def _sort(column: list[str], beside: Sequence[str], neighbours: Needs) -> None:
    place = {one: float(number) for number, one in enumerate(beside)}
    wish = {
        one: _middle([place[other] for other in neighbours[one] if other in place], number)
        for number, one in enumerate(column)
    }
    column.sort(key=wish.__getitem__)


def _middle(places: Sequence[float], otherwise: float) -> float:
    return sum(places) / len(places) if places else otherwise


def _crossings(grid: _Grid) -> int:
    return sum(_crossed(first, second, grid.right) for first, second in pairwise(grid.columns))


def _crossed(first: Sequence[str], second: Sequence[str], right: Needs) -> int:
    """Pairs of lines between two columns that cross: inversions, counted by insertion."""
    place = {one: number for number, one in enumerate(second)}
    seen: list[int] = []
    count = 0
    for one in first:
        ends = sorted(place[other] for other in right[one] if other in place)
        count += sum(len(seen) - bisect_left(seen, end + 1) for end in ends)
        for end in ends:
            insort(seen, end)
    return count


def _heights(grid: _Grid) -> dict[str, float]:
    """Heights that keep the order and the distances, and pull lines straight."""
    heights: dict[str, float] = {}
    for column in grid.columns:
        heights.update(zip(column, _offsets(column), strict=True))
    for sweep in range(SWEEPS):
        sides: Callable[[str], list[str]]
        sides = (grid.left if sweep % 2 == 0 else grid.right).__getitem__
        columns = grid.columns if sweep % 2 == 0 else grid.columns[::-1]
        for column in columns:
            wishes = [
                _middle([heights[other] for other in sides(one)], heights[one]) for one in column
            ]
            heights.update(zip(column, _spread(wishes, _offsets(column)), strict=True))
    top = min(heights.values(), default=0.0)
    return {one: height - top for one, height in heights.items()}


def _offsets(column: Sequence[str]) -> list[float]:
    """The heights of a column whose members stand as close as they may."""
    found: list[float] = []
    before = 0.0
    for one in column:
        room = BEND_ROOM if "\0" in one else 1.0
        found.append(found[-1] + (before + room) / 2 if found else 0.0)
        before = room
    return found


def _spread(wishes: Sequence[float], offsets: Sequence[float]) -> list[float]:
    """The heights nearest to the *wishes* (least squares) that keep order and distances.

    Neighbours that would come too close are pooled and share the mean of their wishes.
    """
    pools: list[tuple[float, int]] = []
    for wish, offset in zip(wishes, offsets, strict=True):
        total, count = wish - offset, 1
        while pools and pools[-1][0] / pools[-1][1] >= total / count:
            more, others = pools.pop()
            total, count = total + more, count + others
        pools.append((total, count))
    shifts = [total / count for total, count in pools for _ in range(count)]
    return [shift + offset for shift, offset in zip(shifts, offsets, strict=True)]
