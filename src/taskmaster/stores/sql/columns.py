"""What is kept beside a document so that queries can find it: one row a task, one row a node."""

from __future__ import annotations

from taskmaster.domain import graph
from taskmaster.domain.task import COMPLETE, PRIORITIES, Task, day_number
from taskmaster.domain.words import folded, texts_of
from taskmaster.stores.sql.places import NOWHERE
from taskmaster.stores.sql.reader import HUGE
from taskmaster.stores.sql.text import dumped, stored

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from taskmaster.domain.graph import Node

    Row = dict[str, Any]
    NodeRow = tuple[Row, list[str]]


def task_row(tag: int, position: int, entry: object) -> Row:
    """The row of one entry of a tag's list; one that is no object has neither id nor words."""
    row: Row = {"tag": tag, "position": position, "id": None, "number": None, "words": ""}
    if isinstance(entry, dict):
        task = Task(entry)
        row |= {"id": stored(task.id), "number": _number(task.id), "words": words_of(task)}
    return {**row, "doc": dumped(entry)}


def _number(task_id: str) -> int | None:
    return min(int(task_id), HUGE) if task_id.isascii() and task_id.isdecimal() else None


def words_of(task: Task) -> str:
    """Everything that a search looks through in a task and its subtasks, folded."""
    texts = [text for one in (task, *task.subtasks) for text in texts_of(one).values()]
    return stored(folded("\n".join(texts)))


def node_rows(tag: int, position: int, task: Task) -> Iterator[NodeRow]:
    """The rows of a task and of its subtasks, each with the ids that it depends on.

    An id that two of them share has two rows, for which there is no room in the table.
    """
    owner = stored(task.id)
    nodes = graph.nodes([task])
    for step, one in enumerate((task, *task.subtasks)):
        node = nodes[one.id]
        row: Row = {"tag": tag, "owner": owner, "position": position, "step": step}
        yield row | _own(node), [stored(one) for one in dict.fromkeys(node.dependencies)]


def _own(node: Node) -> Row:
    task = node.task
    owner = task.parent
    made = task.created or (owner.created if owner else "")
    return {
        "id": stored(node.id),
        "status": stored(node.status),
        "priority": PRIORITIES.index(task.priority),
        "open": int(node.status not in COMPLETE),
        "defer_day": day_number(task.defer_until),
        "made": stored(made),
        "made_day": day_number(made),
        "due_day": day_number(task.due or (owner.due if owner else "")),
        # What these are to be is counted when all are there.
        "needs": 0,
        "waiters": 0,
        "chain": 0,
        "awaited": 0,
        **NOWHERE,
    }
