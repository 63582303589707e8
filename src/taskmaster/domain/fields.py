"""The fields of a task that can be asked for, sorted by and shown: one table of readers.

What is read from a node is its text, a number, a list of words, or nothing at all (``""``,
``None``, ``()``). A name that is not in the table is a key of the task's own document.
"""

from __future__ import annotations

from collections import namedtuple

from taskmaster.domain import graph, ids
from taskmaster.domain.task import PRIORITIES, STATUSES, text_of
from taskmaster.domain.words import nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.domain.graph import Node

    Content = object
    Reader = Callable[[Node, "Scene"], Content]

    class Field(NamedTuple):
        """``kind`` says how values are compared, ``key`` names it in JSON."""

        name: str
        kind: str
        read: Reader
        key: str

else:
    Field = namedtuple("Field", "name kind read key")

DOC = "doc."
"""Before a name: a key of the task's document, whatever field has the same name."""


class Scene:
    """What a node is seen in: the graph of its tag, the tag's name and the day."""

    def __init__(self, nodes: Mapping[str, Node], *, today: str, tag: str = "") -> None:
        self.nodes = nodes
        self.today = today
        self.tag = tag
        self._needs: dict[str, list[str]] | None = None
        self._waiters: dict[str, list[str]] | None = None
        self._texts: dict[int, str] = {}

    def needs(self) -> Mapping[str, Sequence[str]]:
        """For each open node that waits, the open nodes it waits for."""
        if self._needs is None:
            self._needs = graph.open_needs(self.nodes)
        return self._needs

    def waiters(self) -> Mapping[str, Sequence[str]]:
        """For each open node that others wait for, the open nodes that do."""
        if self._waiters is None:
            found: dict[str, list[str]] = {}
            for name, left in self.needs().items():
                for one in left:
                    found.setdefault(one, []).append(name)
            self._waiters = found
        return self._waiters

    def once(self, node: Node, made: Callable[[Node], str]) -> str:
        """The text that *made* gives for this node, made the first time it is asked for."""
        key = id(node.task)
        if key not in self._texts:
            self._texts[key] = made(node)
        return self._texts[key]


def whole_text(node: Node) -> str:
    """Everything a word is looked for in: title, description, details, titles of subtasks."""
    task = node.task
    steps = [step.title for step in task.subtasks]
    return "\n".join([task.title, task.description, task.details, *steps])


def updated(node: Node) -> str:
    """When the task was last changed, as far as it says so itself."""
    doc = node.task.doc
    return text_of(doc.get("updatedAt") or doc.get("updated"))


def _progress(node: Node, scene: Scene) -> str:
    steps = [scene.nodes[one] for one in node.children if one in scene.nodes]
    return f"{sum(step.task.complete for step in steps)}/{len(steps)}" if steps else ""


_TABLE: tuple[tuple[str, str, Reader, str], ...] = (
    ("id", "ids", lambda node, _: (node.id,), "id"),
    ("status", "status", lambda node, _: node.status, "status"),
    ("priority", "priority", lambda node, _: node.task.priority, "priority"),
    ("label", "names", lambda node, _: node.task.labels, "labels"),
    ("assignee", "names", lambda node, _: node.task.assignee, "assignee"),
    ("tag", "names", lambda _, scene: scene.tag, "tag"),
    ("title", "text", lambda node, _: node.task.title, "title"),
    ("description", "text", lambda node, _: node.task.description, "description"),
    ("details", "text", lambda node, _: node.task.details, "details"),
    ("text", "whole", lambda node, _: whole_text(node), "text"),
    ("due", "ahead", lambda node, _: node.task.due, "dueDate"),
    ("created", "ago", lambda node, _: node.task.created, "createdAt"),
    ("updated", "ago", lambda node, _: updated(node), "updatedAt"),
    ("estimate", "number", lambda node, _: node.task.estimate, "effort"),
    ("parent", "ids", lambda node, _: (node.parent,) if node.parent else (), "parentId"),
    ("depends-on", "ids", lambda node, _: node.dependencies, "dependencies"),
    ("blocked-by", "ids", lambda node, scene: scene.needs().get(node.id, ()), "blockedBy"),
    ("blocks", "ids", lambda node, scene: scene.waiters().get(node.id, ()), "blocks"),
    ("subtasks", "progress", _progress, "subtasks"),
    ("is", "is", lambda _node, _scene: "", ""),
    ("has", "has", lambda _node, _scene: "", ""),
)
FIELDS: dict[str, Field] = {row[0]: Field(*row) for row in _TABLE}
NAMES = tuple(FIELDS)
ALIASES = {
    "labels": "label", "depends": "depends-on", "dependencies": "depends-on", "deps": "depends-on",
    "waits-for": "blocked-by", "effort": "estimate", "duedate": "due", "dueDate": "due",
    "createdAt": "created", "updatedAt": "updated", "subtask": "subtasks",
}  # fmt: skip
_NEAR_ENOUGH = 0.8
_ORDERS = {"status": STATUSES, "priority": PRIORITIES[::-1]}


def named(name: str) -> Field:
    """The field of this name; one that is not in the table is a key of the document."""
    plain = ALIASES.get(name) or name.lower().replace("_", "-")
    plain = ALIASES.get(plain, plain)
    return FIELDS.get(plain) or Field(name, "key", _key_reader(name), name.removeprefix(DOC))


def misspelt(name: str) -> str:
    """The field that *name* was probably meant to be, ``""`` for a field or an unlike name."""
    if named(name).kind != "key" or name.startswith(DOC):
        return ""
    return nearest(name.lower(), NAMES, _NEAR_ENOUGH)


def _key_reader(name: str) -> Reader:
    key = name.removeprefix(DOC)
    path = key.split(".")

    def read(node: Node, _scene: Scene) -> Content:
        doc: object = node.task.doc
        if key in node.task.doc:
            return node.task.doc[key]
        for part in path:
            doc = doc.get(part) if isinstance(doc, dict) else None
        return doc

    return read


def there(content: Content) -> bool:
    """Whether something is there: ``0`` and ``false`` are, an empty text or list is not."""
    return content is not None and content != "" and content not in ((), [], {})


def order_of(field: Field, content: Content) -> tuple[int, object]:
    """What to sort by; statuses and priorities have an order of their own, the urgent first."""
    order = _ORDERS.get(field.kind, ())
    if content in order:
        return (0, order.index(str(content)))
    if isinstance(content, int | float):
        return (1, content)
    if field.kind == "ids" and isinstance(content, tuple | list):
        return (2, [natural(str(one)) for one in content])
    return (3, plain(content).casefold())


def natural(task_id: str) -> list[tuple[int, int, str]]:
    """Ids in the order people count in: 9 before 10, 5.2 before 5.10."""
    return [
        (0, int(part), "") if part.isascii() and part.isdecimal() and len(part) < ids.LONGEST
        else (1, 0, part)
        for part in task_id.split(".")
    ]  # fmt: skip


def plain(content: Content) -> str:
    """What was read, as a person would write it."""
    if isinstance(content, str):
        return content
    if isinstance(content, tuple | list):
        return ", ".join(plain(one) for one in content)
    if isinstance(content, dict):
        import json

        return json.dumps(content, ensure_ascii=False)
    return _plain_scalar(content)


def _plain_scalar(content: Content) -> str:
    if content is None:
        return ""
    if isinstance(content, float) and content.is_integer():
        return str(int(content))
    return str(content).lower() if isinstance(content, bool) else str(content)
