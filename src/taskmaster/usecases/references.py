"""Keeping every reference true while tasks and subtasks get other ids.

First all nodes are remembered, with what they wait for. Then comes the move, whatever it is. Then
``settle``: the same waits again under the ids of now, or a refusal where the file cannot say so.
"""

from __future__ import annotations

from collections import namedtuple

from taskmaster.domain import graph, ids
from taskmaster.domain.task import Task
from taskmaster.errors import Invalid
from taskmaster.usecases.subtasks import PARENT_KEYS
from taskmaster.usecases.tasks import written_dependencies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.domain.graph import Node
    from taskmaster.ports import Writer

    Edge = tuple[str, str]
    Waits = Mapping[str, Sequence[str]]

    class Settled(NamedTuple):
        """Whose references were rewritten, the edges (waiting, awaited) that were dropped because
        one is part of the other now, and those that named nothing before and do now.
        """

        redirected: tuple[str, ...]
        dropped: tuple[Edge, ...]
        found: tuple[Edge, ...]

else:
    Settled = namedtuple("Settled", "redirected dropped found")


def settle(
    writer: Writer, tag: str, before: Mapping[str, Node], renamed: Mapping[str, str]
) -> Settled:
    """Let everybody wait for what they waited for *before*, where *renamed* gives new ids.

    A wait between a task and what became its own subtask is dropped. Raises Invalid where a wait
    cannot be written down any more, or where a reference that named nothing would close a circle.
    """
    after = writer.nodes(tag)
    dropped = tuple(_senseless(before, after, renamed))
    wanted = {
        renamed.get(one, one): [
            renamed.get(name, name)
            for name in node.dependencies
            if (renamed.get(one, one), renamed.get(name, name)) not in dropped
        ]
        for one, node in before.items()
    }
    _write(writer, tag, wanted)
    redirected = [
        renamed.get(one, one)
        for one, node in before.items()
        if any(name in renamed for name in node.dependencies)
    ]
    found = found_now(before, writer, tag, renamed)
    gone = {waiting for waiting, _ in dropped}
    return Settled(tuple([one for one in redirected if one not in gone]), dropped, found)


def _senseless(
    before: Mapping[str, Node], after: Mapping[str, Node], renamed: Mapping[str, str]
) -> Iterator[Edge]:
    for one, node in before.items():
        now = renamed.get(one, one)
        for name in node.dependencies:
            awaited = renamed.get(name, name)
            if _related(now, awaited, after) and not _related(one, name, before):
                yield now, awaited


def _related(one: str, other: str, nodes: Mapping[str, Node]) -> bool:
    """Whether one of them is a subtask of the other."""
    return any(
        own in nodes and nodes[own].parent == owner for own, owner in ((one, other), (other, one))
    )


def _write(writer: Writer, tag: str, wanted: Waits) -> None:
    seen: set[str] = set()
    for task in writer.tasks(tag):
        if task.id not in seen:
            changed = rewritten(task, wanted)
            if changed is not task:
                writer.put(tag, changed)
        seen.add(task.id)


def rewritten(task: Task, wanted: Waits) -> Task:
    """*task* and its subtasks waiting for exactly what is *wanted* of those that are named.

    Raises Invalid where the file cannot say so.
    """
    changed = task
    for one in (task, *task.subtasks):
        waits = list(dict.fromkeys(wanted.get(one.id, one.dependencies)))
        if waits != list(dict.fromkeys(one.dependencies)):
            written = written_dependencies(one, waits)
            changed = changed.with_subtask(written) if one.parent else written
    return changed


def found_now(
    before: Mapping[str, Node], writer: Writer, tag: str, renamed: Mapping[str, str]
) -> tuple[Edge, ...]:
    """The edges that named nothing *before* and do now that a task came to that id.

    Raises Invalid where one of them closes a circle.
    """
    after = writer.nodes(tag)
    found = [
        (now, name)
        for one, node in before.items()
        if (now := renamed.get(one, one)) in after
        for name in node.dependencies
        if name not in before and name in after and name in after[now].dependencies
    ]
    _check_circles(after, found)
    return tuple(found)


def _check_circles(nodes: Mapping[str, Node], found: Sequence[Edge]) -> None:
    for waiting, awaited in found:
        circle = graph.circle_closed_by(waiting, awaited, nodes)
        if circle:
            raise Invalid(
                f"{waiting} names {awaited}, which was not there, and with it a circle would"
                f" close: {' → '.join((*circle, circle[0]))}; nothing was changed",
                hint=f"take that out first: tamp remove-dependency {waiting} {awaited}",
                code="circular-dependency",
            )


def under_id(task: Task, new: str) -> tuple[Task, dict[str, str]]:
    """A whole task under another id, and how it and its subtasks are called from now on.

    What its subtasks say of their parent follows; dependencies do not, they need all of the tag.
    """
    doc = {**task.doc, "id": ids.stored(new, task.doc.get("id"))}
    raw = doc.get("subtasks")
    if isinstance(raw, list):
        doc["subtasks"] = [
            _under_parent(one, task.id, new) if isinstance(one, dict) else one for one in raw
        ]
    changed = Task(doc)
    names = zip(task.subtasks, changed.subtasks, strict=True)
    return changed, {task.id: new, **{old.id: one.id for old, one in names}}


def _under_parent(entry: dict[str, object], old: str, new: str) -> dict[str, object]:
    raw = entry.get("id")
    changed = dict(entry)
    if isinstance(raw, str) and (local := ids.local(raw, old)) != ids.normal(raw):
        changed["id"] = f"{new}{raw.strip()[len(old)]}{local}"
    for key in PARENT_KEYS:
        if ids.normal(entry.get(key)) == old:
            changed[key] = ids.stored(new, entry[key])
    return changed
