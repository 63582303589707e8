"""Putting chosen tasks into an order, into groups and into pages."""

from __future__ import annotations

from collections import namedtuple

from taskmaster.domain import fields, graph
from taskmaster.domain.fields import Scene
from taskmaster.domain.words import nearest
from taskmaster.errors import Invalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NamedTuple

    from taskmaster.domain.fields import Field
    from taskmaster.domain.graph import Node
    from taskmaster.domain.task import Task
    from taskmaster.usecases.listing import Listing

    class Key(NamedTuple):
        """A field to sort by, and whether from the other end."""

        field: Field
        backwards: bool

    class Group(NamedTuple):
        """Tasks that have a value in common; ``""`` is the name of those without one."""

        name: str
        tasks: Sequence[Task]

else:
    Key = namedtuple("Key", "field backwards")
    Group = namedtuple("Group", "name tasks")

GROUPS = ("status", "priority", "label", "assignee", "parent")
_NEVER = ("is", "has", "text")


def named_fields(words: str) -> list[Field]:
    """The fields in a comma list. Raises Invalid for a name that is misspelt, or means none."""
    return [_field(word) for word in words.split(",") if word.strip()]


def sort_keys(words: str) -> list[Key]:
    """The keys in a list such as ``priority,-due,id``. Raises Invalid as ``named_fields``."""
    given = [word.strip() for word in words.split(",") if word.strip()]
    return [Key(_field(word.removeprefix("-")), word.startswith("-")) for word in given]


def group_field(word: str) -> Field:
    """The field to group by. Raises Invalid for one that groups nothing."""
    field = _field(word)
    if field.kind != "key" and field.name not in GROUPS:
        raise Invalid(
            f"tasks cannot be grouped by {field.name}",
            hint=f"group by one of {', '.join(GROUPS)} or a key of your own",
            code="unknown-field",
        )
    return field


def _field(word: str) -> Field:
    field, near = fields.named(word.strip()), fields.misspelt(word.strip())
    if near or field.name in _NEVER:
        near = near or nearest(field.name, fields.NAMES)
        known = ", ".join(name for name in fields.NAMES if name not in _NEVER)
        meant = "" if near in _NEVER else f"did you mean {near}? "
        raise Invalid(
            f"there is no field {word.strip()} to show or to sort by",
            hint=f"{meant}the fields are: {known}, and the keys of the tasks themselves",
            code="unknown-field",
        )
    return field


def ordered(listing: Listing, keys: Sequence[Key], today: str) -> Listing:
    """The tasks sorted by the first key, equal ones by the next; what has no value comes last."""
    scene = Scene(listing.nodes, today=today, tag=listing.tag)
    rows = [graph.node_of(task, listing.nodes) for task in listing.tasks]
    for key in reversed(keys):
        rows = _sorted(rows, key, scene)
    return listing._replace(tasks=[node.task for node in rows])


def _sorted(rows: Sequence[Node], key: Key, scene: Scene) -> list[Node]:
    field = key.field
    read = [(field.read(node, scene), node) for node in rows]
    there = [
        (fields.order_of(field, content), node) for content, node in read if fields.there(content)
    ]
    missing = [node for content, node in read if not fields.there(content)]
    there.sort(key=_first, reverse=key.backwards)
    return [node for _order, node in there] + missing


def _first(pair: tuple[tuple[int, object], Node]) -> tuple[int, object]:
    return pair[0]


def grouped(listing: Listing, field: Field, today: str) -> list[Group]:
    """The tasks in groups of the same value; one with several labels is in several groups.

    Groups follow the order of their field, those without a value come last; inside, the order of
    the tasks stays.
    """
    scene = Scene(listing.nodes, today=today, tag=listing.tag)
    found: dict[str, list[Task]] = {}
    orders: dict[str, tuple[int, object]] = {}
    for task in listing.tasks:
        content = field.read(graph.node_of(task, listing.nodes), scene)
        for one in content if isinstance(content, tuple | list) and content else (content,):
            name = fields.plain(one) if fields.there(one) else ""
            found.setdefault(name, []).append(task)
            orders.setdefault(name, _group_order(field, one))
    names = sorted(filter(None, found), key=orders.__getitem__) + [""] * ("" in found)
    return [Group(name, found[name]) for name in names]


def _group_order(field: Field, content: object) -> tuple[int, object]:
    return fields.order_of(field, (content,) if field.kind == "ids" else content)


def page(listings: Sequence[Listing], offset: int, limit: int) -> list[Listing]:
    """At most *limit* tasks (0: all) after the first *offset*, counted through all listings."""
    shown = []
    left = limit
    for one in listings:
        tasks = one.tasks[offset:]
        offset = max(offset - len(one.tasks), 0)
        if limit:
            tasks = tasks[:left]
            left -= len(tasks)
        shown.append(one._replace(tasks=tasks))
    return shown
