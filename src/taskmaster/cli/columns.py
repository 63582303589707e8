"""Tasks in the columns that a person or program asks for."""

from __future__ import annotations

from taskmaster.cli.answer import COLOURS, ICONS, cells, fitted, isolated, painted, printable, width
from taskmaster.domain import fields, graph
from taskmaster.domain.fields import Scene

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from taskmaster.domain.fields import Field
    from taskmaster.domain.task import Task
    from taskmaster.usecases.listing import Listing

    Json = dict[str, object]

_GAP = "  "
_NARROWEST = 4
_SINGLE = ("id", "parent")


def table(
    one: Listing, rows: Sequence[Task], columns: Sequence[Field], today: str
) -> Iterator[str]:
    """A line of names and a line for each task, no longer than the screen is wide.

    The widest columns give way first; what does not fit is cut with an ellipsis.
    """
    scene = Scene(one.nodes, today=today, tag=one.tag)
    texts = [[_text(field, task, scene) for field in columns] for task in rows]
    names = [field.name for field in columns]
    rooms = _rooms([max(map(cells, column)) for column in zip(names, *texts, strict=True)])
    yield painted(_line(names, rooms), "dim")
    for row in texts:
        yield _line(row, rooms, columns)


def _rooms(wanted: Sequence[int]) -> list[int]:
    """How wide each column may be: the widest ones share what the others leave."""
    left = width() - len(_GAP) * (len(wanted) - 1)
    rooms = [0] * len(wanted)
    narrow_first = sorted(range(len(wanted)), key=wanted.__getitem__)
    for count, place in enumerate(narrow_first):
        fair = max(left // (len(wanted) - count), _NARROWEST)
        rooms[place] = min(wanted[place], fair)
        left -= rooms[place]
    return rooms


def _line(texts: Sequence[str], rooms: Sequence[int], columns: Sequence[Field] = ()) -> str:
    shown = [isolated(fitted(text, room)) for text, room in zip(texts, rooms, strict=True)]
    for place, field in enumerate(columns):
        if field.name in ("status", "priority"):
            word = texts[place].rpartition(" ")[2]
            shown[place] = painted(shown[place], COLOURS.get(word, ""))
    return _GAP.join(shown).rstrip()


def _text(field: Field, task: Task, scene: Scene) -> str:
    text = fields.plain(field.read(graph.node_of(task, scene.nodes), scene))
    if field.kind in ("ahead", "ago"):
        text = text[:16].replace("T", " ")
    return printable(f"{ICONS.get(text, '?')} {text}" if field.name == "status" else text)


def entry(one: Listing, task: Task, columns: Sequence[Field], today: str) -> Json:
    """The task with these columns alone, under the keys that a whole task has."""
    scene = Scene(one.nodes, today=today, tag=one.tag)
    node = graph.node_of(task, one.nodes)
    return {field.key: _in_json(field, field.read(node, scene)) for field in columns}


def _in_json(field: Field, content: object) -> object:
    found = list(content) if isinstance(content, tuple) else content
    if field.name in _SINGLE and isinstance(found, list):
        return found[0] if found else None
    return None if found == "" else found
