"""Tasks on their way into a project or out of it, whatever wrote them or will read them.

A *source* is what was found: a file's text, or the texts of a folder. A reader makes a *parcel* of
it: batches of tasks, each for one tag, and a list of what it could not carry. A writer makes a text
of a *shipment*.
"""

from __future__ import annotations

from collections import namedtuple

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


def everyone(tasks: Iterable[Task]) -> Iterator[Task]:
    """Each task, followed by its subtasks."""
    for task in tasks:
        yield task
        yield from task.subtasks


def losses_to_json(losses: Iterable[Loss]) -> list[dict[str, object]]:
    """What could not be carried, as every face shows it."""
    return [{"field": one.field, "count": one.times, "example": one.example} for one in losses]
