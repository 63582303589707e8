"""Choosing which tasks of a tag to show, with what people want to know at a glance."""

from __future__ import annotations

from collections import namedtuple

from taskmaster.domain import graph, schedule
from taskmaster.domain.task import PRIORITIES, WORKABLE, priority_of
from taskmaster.errors import Invalid
from taskmaster.usecases.status import known_status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.domain.fields import Scene
    from taskmaster.domain.graph import Node
    from taskmaster.domain.query import Query
    from taskmaster.domain.task import Task
    from taskmaster.ports import Reader
    from taskmaster.workspace import Workspace

    class Wanted(NamedTuple):
        """Which tasks: all conditions must hold; empty ones hold for every task.

        With *subtasks* a query is asked of each subtask too, as it always is when it can only
        mean subtasks.
        """

        statuses: frozenset[str] = frozenset()
        priorities: frozenset[str] = frozenset()
        ready: bool = False
        blocking: bool = False
        where: Query | None = None
        subtasks: bool = False

    class Listing(NamedTuple):
        """The tasks chosen of one tag, the graph they are part of, and the day it is."""

        tag: str
        tasks: Sequence[Task]
        total: int
        nodes: Mapping[str, Node]
        today: str = ""

    class Summary(NamedTuple):
        """How many tasks of a tag have each status, how many are ready, how many wait."""

        statuses: Mapping[str, int]
        ready: int
        waiting: int

else:
    Wanted = namedtuple(
        "Wanted",
        "statuses priorities ready blocking where subtasks",
        defaults=(frozenset(), frozenset(), False, False, None, False),
    )
    Listing = namedtuple("Listing", "tag tasks total nodes today", defaults=("",))
    Summary = namedtuple("Summary", "statuses ready waiting")


def statuses_of(words: str) -> frozenset[str]:
    """The statuses in a comma list. Raises Invalid for a word that means none."""
    return frozenset(known_status(word) for word in words.split(",") if word.strip())


def priorities_of(words: str) -> frozenset[str]:
    """The priorities in a comma list. Raises Invalid for a word that means none."""
    found = {word: priority_of(word, default="") for word in words.split(",") if word.strip()}
    for word, priority in found.items():
        if not priority:
            from taskmaster.domain.words import meant

            raise Invalid(
                f"{word!r} is not a priority",
                hint=f"{meant(word, PRIORITIES)}the priorities are: {', '.join(PRIORITIES)}",
                code="unknown-priority",
            )
    return frozenset(found.values())


def list_tasks(ws: Workspace, wanted: Wanted) -> Listing:
    """The tasks of the current tag that are wanted. Raises NotFound for a missing tag."""
    with ws.reading() as reader:
        return _of_tag(reader, ws.tag, wanted, ws.clock()[:10])


def list_all_tags(ws: Workspace, wanted: Wanted) -> list[Listing]:
    """The same for every tag."""
    today = ws.clock()[:10]
    with ws.reading() as reader:
        return [_of_tag(reader, tag, wanted, today) for tag in reader.tags()]


def _of_tag(reader: Reader, tag: str, wanted: Wanted, today: str) -> Listing:
    tasks = reader.tasks(tag)
    nodes = graph.nodes(tasks)
    chosen = tasks
    if wanted.where is not None:
        from taskmaster.domain import fields

        scene = fields.Scene(nodes, today=today, tag=tag)
        chosen = meant(wanted.where, tasks, scene, subtasks=wanted.subtasks)
    if wanted.statuses:
        chosen = [task for task in chosen if task.status in wanted.statuses]
    if wanted.priorities:
        chosen = [task for task in chosen if task.priority in wanted.priorities]
    if wanted.ready:
        chosen = [task for task in chosen if schedule.ready(nodes[task.id], nodes, today)]
    if wanted.blocking:
        waiters = graph.dependents(nodes)
        chosen = [task for task in chosen if not task.complete and task.id in waiters]
    return Listing(tag, chosen, len(tasks), nodes, today)


def meant(query: Query, tasks: list[Task], scene: Scene, *, subtasks: bool = False) -> list[Task]:
    """The tasks that the query means; the subtasks too where they, or only they, are asked for."""
    test = query.within(scene)
    if subtasks or query.about_subtasks():
        return [node.task for node in scene.nodes.values() if test(node)]
    return [task for task in tasks if test(graph.node_of(task, scene.nodes))]


def summary(listing: Listing) -> Summary:
    """Counts over all top-level tasks of the tag, whatever was chosen."""
    statuses: dict[str, int] = {}
    needs = graph.open_needs(listing.nodes)
    ready = waiting = 0
    for node in listing.nodes.values():
        if node.parent:
            continue
        statuses[node.status] = statuses.get(node.status, 0) + 1
        if node.id in needs:
            waiting += 1
        elif node.status in WORKABLE and not schedule.put_off(node.task, listing.today):
            ready += 1
    return Summary(statuses, ready, waiting)
