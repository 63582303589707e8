"""Choosing which tasks of a tag to show, with what people want to know at a glance."""

from __future__ import annotations

from collections import namedtuple

from taskmaster.domain import choice, graph
from taskmaster.domain.choice import Page, Tally
from taskmaster.domain.task import PRIORITIES, priority_of
from taskmaster.errors import Invalid

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
        """Which tasks, as ``choice.Wanted`` says, and which of them, in stored order.

        With *subtasks* a query is asked of each subtask too, as it always is when it can only
        mean subtasks. ``limit`` (0: all) and ``offset`` count through all tags that are listed.
        Nothing but the tasks is counted where it is not asked for.
        """

        statuses: frozenset[str] = frozenset()
        priorities: frozenset[str] = frozenset()
        ready: bool = False
        blocking: bool = False
        where: Query | None = None
        subtasks: bool = False
        offset: int = 0
        limit: int = 0
        counted: bool = True

    class Listing(NamedTuple):
        """The tasks chosen of one tag, how many it has in all, the part of its graph that has to do
        with them, the day it is, how many match, and the counts over the whole tag.
        """

        tag: str
        tasks: Sequence[Task]
        total: int
        nodes: Mapping[str, Node]
        today: str = ""
        matching: int = 0
        counts: Tally = Tally({}, 0, 0)

else:
    Wanted = namedtuple(
        "Wanted",
        (*choice.Wanted._fields, "where", "subtasks", "offset", "limit", "counted"),
        defaults=(*choice.Wanted(), None, False, 0, 0, True),
    )
    Listing = namedtuple(
        "Listing", "tag tasks total nodes today matching counts",
        defaults=("", 0, Tally({}, 0, 0)),
    )  # fmt: skip


def statuses_of(words: str) -> frozenset[str]:
    """The statuses in a comma list. Raises Invalid for a word that means none."""
    if not words.strip():
        return frozenset()
    from taskmaster.usecases.status import known_status

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
    found: list[Listing] = []
    full = False
    with ws.reading() as reader:
        for tag in reader.tags():
            one = _of_tag(reader, tag, wanted, today)
            found.append(one._replace(tasks=()) if full else one)
            full = full or 0 < wanted.limit == len(one.tasks)
            # Of a tag after the last one that is shown, the counts are wanted all the same.
            limit = 1 if full else max(wanted.limit - len(one.tasks), 0)
            wanted = wanted._replace(offset=max(wanted.offset - one.matching, 0), limit=limit)
    return found


def _of_tag(reader: Reader, tag: str, wanted: Wanted, today: str) -> Listing:
    if wanted.where is not None:
        page, nodes = _queried(reader, tag, wanted.where, wanted, today)
        whole = True
    else:
        page = reader.page(tag, _conditions(wanted), today, wanted.offset, wanted.limit)
        # Where all there is was wanted, it need not be read once more.
        whole = len(page.tasks) == page.total
        nodes = graph.nodes(page.tasks) if whole else _around(reader, tag, wanted, page.tasks)
    counts = Tally({}, 0, 0)
    if wanted.counted:
        counts = choice.tally(nodes, today) if whole else reader.tally(tag, today)
    return Listing(tag, page.tasks, page.total, nodes, today, page.matching, counts)


def _around(reader: Reader, tag: str, wanted: Wanted, tasks: Sequence[Task]) -> Mapping[str, Node]:
    """The nodes around what will be seen: the tasks, and their subtasks too where wanted."""
    shown = (one for task in tasks for one in (task, *(task.subtasks if wanted.subtasks else ())))
    return reader.around(tag, [one.id for one in shown])


def _conditions(wanted: Wanted) -> choice.Wanted:
    return choice.Wanted(wanted.statuses, wanted.priorities, wanted.ready, wanted.blocking)


def _queried(
    reader: Reader, tag: str, where: Query, wanted: Wanted, today: str
) -> tuple[Page, Mapping[str, Node]]:
    """What a query leaves of the tag, and the nodes of all of it."""
    from taskmaster.domain import fields

    tasks = reader.tasks(tag)
    nodes = graph.nodes(tasks)
    scene = fields.Scene(nodes, today=today, tag=tag)
    chosen = meant(where, tasks, scene, subtasks=wanted.subtasks)
    found = choice.matching(_conditions(wanted), chosen, nodes, today)
    return Page(choice.cut(found, wanted.offset, wanted.limit), len(found), len(tasks)), nodes


def meant(query: Query, tasks: list[Task], scene: Scene, *, subtasks: bool = False) -> list[Task]:
    """The tasks that the query means; the subtasks too where they, or only they, are asked for."""
    test = query.within(scene)
    if subtasks or query.about_subtasks():
        return [node.task for node in scene.nodes.values() if test(node)]
    return [task for task in tasks if test(graph.node_of(task, scene.nodes))]
