"""Ways through work that waits for work: an order, the longest chain, circles.

Linear in ids plus edges and free of recursion. *needs* maps every id to what it waits for.
"""

from __future__ import annotations

from collections import namedtuple

from taskmaster.domain.work import turned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping
    from typing import NamedTuple

    from taskmaster.domain.work import Needs, Work

    class Path(NamedTuple):
        """The longest chain, first thing to do first.

        ``total`` is in hours when ``by`` is ``"estimate"``, else (``"count"``) in tasks;
        ``guessed`` is how many of its ids have no estimate and were given the usual one.
        """

        ids: tuple[str, ...]
        total: float
        by: str
        guessed: int

else:
    Path = namedtuple("Path", "ids total by guessed")


def in_order(needs: Needs, held: Container[str] = ()) -> list[str]:
    """The ids, each after what it waits for, else in the order given.

    Those on a circle or behind one are left out, as are those *held* and what waits for them.
    """
    waiters = turned(needs)
    left = {one: len(found) for one, found in needs.items()}
    order = [one for one, count in left.items() if not count and one not in held]
    for one in order:  # It grows while we walk along it.
        for waiter in waiters[one]:
            left[waiter] -= 1
            if not left[waiter] and waiter not in held:
                order.append(waiter)
    return order


def critical_path(work: Work) -> Path:
    """The chain that decides how long everything takes, whoever helps.

    Measured in hours as soon as anything has an estimate: what has none counts as the median of
    the others. Without any estimate every task counts one. What circles hold up has no length.
    """
    known = sorted(hours for one, hours in work.hours.items() if one not in work.gathers)
    usual = known[len(known) // 2] if known else 1.0
    weights = {
        one: 0.0 if one in work.gathers else work.hours.get(one, usual) if known else 1.0
        for one in work.needs
    }
    ids, total = longest(work.needs, weights)
    ids = tuple([one for one in ids if one not in work.gathers])
    guessed = sum(one not in work.hours for one in ids) if known else 0
    return Path(ids, total, "estimate" if known else "count", guessed)


def longest(needs: Needs, weights: Mapping[str, float]) -> tuple[tuple[str, ...], float]:
    """The heaviest chain and its weight; of equals the one with more ids, then the first."""
    best: dict[str, tuple[float, int]] = {}
    before: dict[str, str] = {}
    for one in in_order(needs):
        heaviest = max(needs[one], key=best.__getitem__, default="")
        weight, count = best[heaviest] if heaviest else (0.0, 0)
        best[one] = (weight + weights[one], count + 1)
        before[one] = heaviest
    if not best:
        return (), 0.0
    end = max(best, key=best.__getitem__)
    chain = [end]
    while before[chain[-1]]:
        chain.append(before[chain[-1]])
    return tuple(reversed(chain)), best[end][0]


def circles(needs: Needs) -> list[tuple[str, ...]]:
    """Groups of ids of which each waits for every other, so that none can ever begin.

    Each group in the order of *needs*, the groups by their first member.
    """
    place = {one: number for number, one in enumerate(needs)}
    groups = [
        tuple(sorted(group, key=place.__getitem__))
        for group in _knots(needs)
        if len(group) > 1 or group[0] in needs[group[0]]
    ]
    return sorted(groups, key=lambda group: place[group[0]])


def _knots(needs: Needs) -> Iterator[list[str]]:
    """Strongly connected groups, after Kosaraju: who is reached both ways belongs together."""
    waiters = turned(needs)
    taken: set[str] = set()
    for start in reversed(_finished(needs)):
        if start in taken:
            continue
        group = [start]
        taken.add(start)
        for here in group:  # It grows while we walk along it.
            fresh = [one for one in waiters[here] if one not in taken]
            group += fresh
            taken.update(fresh)
        yield group


def _finished(needs: Needs) -> list[str]:
    """The ids in the order in which a walk in depth leaves them for the last time."""
    order: list[str] = []
    seen: set[str] = set()
    for start in needs:
        walk = [] if start in seen else [(start, iter(needs[start]))]
        seen.add(start)
        while walk:
            here, rest = walk[-1]
            step = next((one for one in rest if one not in seen), None)
            if step is None:
                order.append(here)
                walk.pop()
            else:
                seen.add(step)
                walk.append((step, iter(needs[step])))
    return order


def trail(needs: Needs, circle: tuple[str, ...]) -> tuple[str, ...]:
    """A shortest way from the first of *circle* back to it: ``a, b, a`` when a waits for b and
    b for a.
    """
    start, inside = circle[0], frozenset(circle)
    came_from: dict[str, str] = {}
    queue = [start]
    for here in queue:
        for one in needs[here]:
            if one == start:
                way = [here]
                while way[-1] != start:
                    way.append(came_from[way[-1]])
                return (*reversed(way), start)
            if one in inside and one not in came_from:
                came_from[one] = here
                queue.append(one)
    return ()
