"""Tasks on their way into a project or out of it, whatever wrote them or will read them.

A *source* is what was found: a file's text, or the texts of a folder. A reader makes a *parcel* of
it: batches of tasks, each for one tag, and a list of what it could not carry. A writer makes a text
of a *shipment*.
"""

from __future__ import annotations

from collections import namedtuple

from taskmaster.domain import ids
from taskmaster.domain.task import Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import NamedTuple

    class Source(NamedTuple):
        """What is to be read: ``name`` says where it is from, and goes into the tasks; ``files``
        are texts by path, a single file under ``""``.
        """

        name: str
        files: Mapping[str, str]

    class Loss(NamedTuple):
        """Something that could not be carried, how often it occurred, and one instance."""

        field: str
        times: int
        example: str

    class Batch(NamedTuple):
        """Tasks for one tag; ``""`` is the tag that is current where they arrive."""

        tag: str
        metadata: Mapping[str, object]
        tasks: Sequence[Task]

    class Parcel(NamedTuple):
        """What a reader found.

        ``own``: the ids are those of a project like this one and are kept where they are free;
        otherwise each task names its origin in ``metadata.source``. ``coarse``: the origin only
        tells open work from closed work.
        """

        system: str
        document: str
        batches: Sequence[Batch]
        losses: Sequence[Loss]
        own: bool = False
        coarse: bool = False

    class Shipment(NamedTuple):
        """What a writer gets: the tasks of tags, the project's name, the time of writing."""

        project: str
        time: str
        batches: Sequence[Batch]

    class Rendering(NamedTuple):
        """A shipment as text, and what the format has no place for."""

        text: str
        losses: Sequence[Loss]

    class Item(NamedTuple):
        """A task or subtask as its origin has it.

        ``key`` is its name there, by which ``after`` refers to it; ``fields`` are document keys;
        ``number`` is the id it should have, if any; ``aside`` is kept with the origin's name.
        """

        key: str
        fields: Mapping[str, object]
        after: Sequence[str] = ()
        steps: Sequence[Item] = ()
        number: str = ""
        aside: Mapping[str, object] = {}

else:
    Source = namedtuple("Source", "name files")
    Loss = namedtuple("Loss", "field times example")
    Batch = namedtuple("Batch", "tag metadata tasks")
    Parcel = namedtuple(
        "Parcel", "system document batches losses own coarse", defaults=(False, False)
    )
    Shipment = namedtuple("Shipment", "project time batches")
    Rendering = namedtuple("Rendering", "text losses")
    Item = namedtuple("Item", "key fields after steps number aside", defaults=((), (), "", {}))

LONGEST_TITLE = 500
_SHORT = 80


class Losses:
    """Collects what could not be carried, each kind once, with a count and the first instance."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[int, str]] = {}

    def add(self, field: str, example: object = "", count: int = 1) -> None:
        before, first = self._found.get(field, (0, _shortened(str(example))))
        self._found[field] = (before + count, first)

    def add_fields(self, names: Iterable[str], where: str) -> None:
        """Note fields of one entry that nobody knows what to do with."""
        for name in names:
            self.add(name, where)

    def listed(self) -> tuple[Loss, ...]:
        return tuple(Loss(field, *found) for field, found in self._found.items())


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHORT else line[: _SHORT - 1] + "…"


def nested(items: Sequence[Item], parents: Mapping[str, str], losses: Losses) -> list[Item]:
    """The items as a list of tasks with subtasks, given the parent's key of those that have one.

    There is one level of subtasks: what lies deeper becomes a subtask of the topmost task, after
    the subtask it belonged to. A parent that is not there is noted.
    """
    known = {item.key: item for item in items}
    children: dict[str, list[str]] = {}
    roots = []
    for item in items:
        parent = parents.get(item.key, "")
        if parent in known and not _circular(item.key, parents):
            children.setdefault(parent, []).append(item.key)
        else:
            roots.append(item)
            if parent:
                losses.add("parent", f"{item.key} belongs to {parent}")
    return [_with_steps(root, known, children, losses) for root in roots]


def _circular(key: str, parents: Mapping[str, str]) -> bool:
    seen = {key}
    while key := parents.get(key, ""):
        if key in seen:
            return True
        seen.add(key)
    return False


def _with_steps(
    root: Item, known: Mapping[str, Item], children: Mapping[str, list[str]], losses: Losses
) -> Item:
    steps = list(root.steps)
    waiting = [(key, 1) for key in reversed(children.get(root.key, ()))]
    while waiting:
        key, depth = waiting.pop()
        steps += [known[key]._replace(steps=()), *known[key].steps]
        if depth > 1 or known[key].steps:
            losses.add("nesting", f"{key} lies deeper than a subtask")
        waiting += [(one, depth + 1) for one in reversed(children.get(key, ()))]
    return root._replace(steps=tuple(steps))


def assembled(
    items: Sequence[Item], losses: Losses, *, system: str = "", document: str = ""
) -> list[Task]:
    """Tasks made of items, numbered from 1 or as the items wish, waiting for one another.

    With a *system* every task names its origin. A key that nobody has is noted and left out.
    """
    numbers = _numbers([item.number for item in items])
    names: dict[str, str] = {}
    waits: dict[str, list[str]] = {}
    tasks = []
    for item, number in zip(items, numbers, strict=True):
        steps = _numbers([step.number for step in item.steps])
        origin = (system, document)
        doc = _task_document(item, number, origin, losses)
        doc["subtasks"] = [
            _step_document(step, local, origin, losses)
            for step, local in zip(item.steps, steps, strict=True)
        ]
        names.setdefault(item.key, number)
        waits[number] = list(item.after)
        for step, local in zip(item.steps, steps, strict=True):
            names.setdefault(step.key, f"{number}.{local}")
            waits[f"{number}.{local}"] = list(step.after)
        tasks.append(Task(doc))
    known = {one: _known(one, after, names, losses) for one, after in waits.items()}
    for task in tasks:
        lift(task, known, losses)
    return [rewired(task, known) for task in tasks]


def _numbers(wishes: Sequence[str]) -> list[str]:
    """The ids wished for, where nobody had them before; else numbers above all of them."""
    free = max((int(one) for one in wishes if one.isascii() and one.isdecimal()), default=0) + 1
    taken: set[str] = set()
    found = []
    for wish in wishes:
        number = wish
        if not wish or wish in taken:
            number, free = str(free), free + 1
        taken.add(number)
        found.append(number)
    return found


def _known(
    waiting: str, after: Sequence[str], names: Mapping[str, str], losses: Losses
) -> list[str]:
    for one in after:
        if one not in names:
            losses.add("dependencies", f"{waiting} waits for {one}, which is not there")
    return list(dict.fromkeys(names[one] for one in after if one in names))


_Origin = tuple[str, str]


def _task_document(item: Item, number: str, origin: _Origin, losses: Losses) -> dict[str, object]:
    title, rest = _title(item, losses)
    fields = {key: value for key, value in item.fields.items() if value not in (None, "", [])}
    description = "\n\n".join(filter(None, (rest, str(fields.get("description", ""))))) or title
    doc: dict[str, object] = {
        "id": ids.stored(number, 0),
        "title": title,
        "description": description,
        "details": "",
        "testStrategy": "",
        "status": "pending",
        "dependencies": [],
        "priority": "medium",
        "subtasks": [],
    }
    doc |= {key: value for key, value in fields.items() if key not in ("title", "description")}
    return _with_origin(doc, item, origin)


def _step_document(item: Item, number: str, origin: _Origin, losses: Losses) -> dict[str, object]:
    title, rest = _title(item, losses)
    fields = {key: value for key, value in item.fields.items() if value not in (None, "", [])}
    doc: dict[str, object] = {
        "id": ids.stored(number, 0),
        "title": title,
        "description": "\n\n".join(filter(None, (rest, str(fields.get("description", ""))))),
        "dependencies": [],
        "details": "",
        "status": "pending",
        "testStrategy": "",
    }
    doc |= {key: value for key, value in fields.items() if key not in ("title", "description")}
    return _with_origin(doc, item, origin)


def _title(item: Item, losses: Losses) -> tuple[str, str]:
    """A title fit to be stored, and what did not fit into it."""
    title = " ".join(str(item.fields.get("title", "")).split())
    if not title:
        losses.add("title", f"{item.key} has none")
        return f"Untitled {item.key}".strip()[:LONGEST_TITLE], ""
    if len(title) > LONGEST_TITLE:
        losses.add("title", f"{item.key} has {len(title)} characters; the rest is in the text")
        return title[: LONGEST_TITLE - 1] + "…", title
    return title, ""


def _with_origin(doc: dict[str, object], item: Item, origin: _Origin) -> dict[str, object]:
    system, document = origin
    if system:
        source: dict[str, object] = {"system": system, "id": item.key}
        if document:
            source["document"] = document
        doc["metadata"] = {"source": source | dict(item.aside)}
    return doc


def origin_of(task: Task) -> tuple[str, str, str, str] | None:
    """System, document, tag and id that a task or subtask names as its origin, if it does."""
    metadata = task.doc.get("metadata")
    source = metadata.get("source") if isinstance(metadata, dict) else None
    if not isinstance(source, dict) or not source.get("system") or "id" not in source:
        return None
    system, document, tag, name = (
        str(source.get(key, "")) for key in ("system", "document", "tag", "id")
    )
    return system, document, tag, name


def with_origin(task: Task, origin: tuple[str, str, str, str]) -> Task:
    """The task naming its origin, unless it names one already."""
    if origin_of(task):
        return task
    source = dict(zip(("system", "document", "tag", "id"), origin, strict=True))
    metadata = task.doc.get("metadata")
    kept = metadata if isinstance(metadata, dict) else {}
    kept = kept if metadata is None or isinstance(metadata, dict) else {"value": metadata}
    source = {key: value for key, value in source.items() if value}
    return Task({**task.doc, "metadata": {**kept, "source": source}}, task.parent)


def lift(task: Task, waits: dict[str, list[str]], losses: Losses) -> None:
    """Let the task wait in place of a subtask that cannot say what it waits for, and note it.

    A subtask cannot name a whole task whose number one of its siblings has. *waits* is altered.
    """
    names = task.sibling_names() if task.subtasks else {}
    for step in task.subtasks:
        unclear = [one for one in waits.get(step.id, ()) if names.get(one, one) != one]
        for one in unclear:
            waits[step.id].remove(one)
            if one not in waits.setdefault(task.id, []):
                waits[task.id].append(one)
            losses.add("subtask dependencies", f"{step.id} waits for {one}: now all of it does")


def rewired(task: Task, waits: Mapping[str, Sequence[str]]) -> Task:
    """The task and its subtasks waiting for exactly what *waits* says (full ids), written anew
    only where that differs.
    """
    entries = [_rewired_entry(entry, task, waits) for entry in _entries(task)]
    if any(new is not old for new, old in zip(entries, _entries(task), strict=True)):
        task = Task({**task.doc, "subtasks": entries})
    wanted = list(waits.get(task.id, ()))
    return task if list(task.dependencies) == wanted else task.with_dependencies(wanted)


def _rewired_entry(entry: object, task: Task, waits: Mapping[str, Sequence[str]]) -> object:
    if not isinstance(entry, dict):
        return entry
    step = Task(entry, task)
    wanted = list(waits.get(step.id, ()))
    return entry if list(step.dependencies) == wanted else step.with_dependencies(wanted).doc


def _entries(task: Task) -> list[object]:
    raw = task.doc.get("subtasks")
    return raw if isinstance(raw, list) else []


def everyone(tasks: Iterable[Task]) -> Iterator[Task]:
    """Each task, followed by its subtasks."""
    for task in tasks:
        yield task
        yield from task.subtasks
