"""What can be done side by side: now, after that, and so on, and what can never be begun."""

from __future__ import annotations

from collections import namedtuple

from taskmaster.domain import paths
from taskmaster.domain.graph import owner
from taskmaster.domain.schedule import put_off
from taskmaster.domain.task import COMPLETE
from taskmaster.domain.work import turned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.domain.graph import Node
    from taskmaster.domain.work import Work

    class Stuck(NamedTuple):
        """Work that is in no wave.

        ``kind`` is circle (waits for itself), behind-circle (waits for such), held (its status
        says that nobody works on it) or behind-held.
        """

        id: str
        kind: str
        reason: str

    class Waves(NamedTuple):
        waves: Sequence[Sequence[str]]
        stuck: Sequence[Stuck]

else:
    Stuck = namedtuple("Stuck", "id kind reason")
    Waves = namedtuple("Waves", "waves stuck")

HELD = frozenset({"blocked", "deferred"})
"""Statuses of open work that only a decision can set going again; review goes on by itself."""


def waves(work: Work, nodes: Mapping[str, Node], today: str = "") -> Waves:
    """Every id of *work* once: in the first wave after all it waits for, or among the stuck.

    *today* is ``YYYY-MM-DD``; without it nothing counts as put off.
    """
    held = {one: reason for one in work.needs if (reason := _hold(nodes[one], nodes, today))}
    level: dict[str, int] = {}
    for one in paths.in_order(work.needs, held):
        before = max((level[need] for need in work.needs[one]), default=0)
        level[one] = before + (one not in work.gathers)
    found: list[list[str]] = [[] for _ in range(max(level.values(), default=0))]
    for one in work.needs:
        if one in level and one not in work.gathers:
            found[level[one] - 1].append(one)
    return Waves(found, list(_stuck(work, level, held)))


def _hold(node: Node, nodes: Mapping[str, Node], today: str) -> str:
    """Why nobody works on this, apart from what it waits for; ``""`` when somebody may."""
    if node.status in HELD:
        return f"its status is {node.status}"
    if put_off(node.task, today):
        return f"it is put off until {node.task.defer_until}"
    parent = owner(node, nodes)
    if parent is not None and put_off(parent.task, today):
        return f"its task {parent.id} is put off until {parent.task.defer_until}"
    if parent is not None and (parent.status in COMPLETE or parent.status in HELD):
        return f"its task {parent.id} is {parent.status}"
    return ""


def _stuck(work: Work, level: Container[str], held: Mapping[str, str]) -> Iterator[Stuck]:
    left = {
        one: [need for need in found if need not in level]
        for one, found in work.needs.items()
        if one not in level
    }
    kinds: dict[str, tuple[str, str]] = {}
    for circle in paths.circles(left):
        way = " → ".join(paths.trail(left, circle))
        kinds.update(dict.fromkeys(circle, ("circle", f"each waits for the next: {way}")))
    kinds.update({one: ("held", why) for one, why in held.items() if one not in kinds})
    behind = _behind(left, kinds)
    for one in left:
        kind, reason = kinds.get(one) or behind[one]
        yield Stuck(one, kind, reason)


def _behind(
    left: Mapping[str, Sequence[str]], kinds: Mapping[str, tuple[str, str]]
) -> dict[str, tuple[str, str]]:
    """The others, by what holds them up: a circle, where one does, is what matters."""
    waiters = turned(left)
    found: dict[str, tuple[str, str]] = {}
    for cause in ("circle", "held"):
        reached = [one for one, (kind, _reason) in kinds.items() if kind == cause]
        for one in reached:  # It grows while we walk along it.
            for waiter in waiters[one]:
                if waiter not in kinds and waiter not in found:
                    found[waiter] = (f"behind-{cause}", f"it waits for {one}")
                    reached.append(waiter)
    return found
