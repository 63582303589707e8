"""Which tasks of a tag are wanted, and what a reader gives back: a page of them, counts."""

from __future__ import annotations

from collections import namedtuple

from taskmaster.domain import graph, schedule
from taskmaster.domain.task import WORKABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.domain.graph import Node
    from taskmaster.domain.task import Task

    class Wanted(NamedTuple):
        """Which tasks: all conditions must hold; empty ones hold for every task."""

        statuses: frozenset[str] = frozenset()
        priorities: frozenset[str] = frozenset()
        ready: bool = False
        blocking: bool = False

    class Page(NamedTuple):
        """Some of the tasks that were wanted, how many are wanted, how many the tag has in all."""

        tasks: Sequence[Task]
        matching: int
        total: int

    class Tally(NamedTuple):
        """How many tasks of a tag have each status, how many are ready, how many wait."""

        statuses: Mapping[str, int]
        ready: int
        waiting: int

else:
    Wanted = namedtuple(
        "Wanted", "statuses priorities ready blocking",
        defaults=(frozenset(), frozenset(), False, False),
    )  # fmt: skip
    Page = namedtuple("Page", "tasks matching total")
    Tally = namedtuple("Tally", "statuses ready waiting")


def matching(
    wanted: Wanted, tasks: Sequence[Task], nodes: Mapping[str, Node], today: str
) -> Sequence[Task]:
    """The *tasks*, all or some of those that *nodes* were made of, that are wanted.

    The nodes are looked at only where it matters what waits for what.
    """
    chosen = tasks
    if wanted.statuses:
        chosen = [task for task in chosen if task.status in wanted.statuses]
    if wanted.priorities:
        chosen = [task for task in chosen if task.priority in wanted.priorities]
    if wanted.ready:
        chosen = [task for task in chosen if schedule.ready(nodes[task.id], nodes, today)]
    if wanted.blocking:
        waiters = graph.dependents(nodes)
        chosen = [task for task in chosen if not task.complete and task.id in waiters]
    return chosen


def cut(tasks: Sequence[Task], offset: int, limit: int) -> Sequence[Task]:
    """At most *limit* of the tasks (0: all) after the first *offset*."""
    return tasks[offset : offset + limit] if limit else tasks[offset:]


def tally(nodes: Mapping[str, Node], today: str) -> Tally:
    """Counts over the top-level tasks among *nodes*."""
    statuses: dict[str, int] = {}
    needs = graph.open_needs(nodes)
    ready = waiting = 0
    for node in nodes.values():
        if node.parent:
            continue
        statuses[node.status] = statuses.get(node.status, 0) + 1
        if node.id in needs:
            waiting += 1
        elif node.status in WORKABLE and not schedule.put_off(node.task, today):
            ready += 1
    return Tally(statuses, ready, waiting)
