"""Which of the tasks that arrive are here already, and what the others will be called."""

from __future__ import annotations

from taskmaster.domain import ids
from taskmaster.domain.parcel import everyone, origin_of
from taskmaster.domain.task import Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from taskmaster.domain.parcel import Batch, Parcel

    Origin = tuple[str, str, str, str]

PARENT_KEYS = ("parentTaskId", "parentId")


def matches(existing: Sequence[Task], batch: Batch, parcel: Parcel) -> list[Task | None]:
    """For each task of the batch the one here that it is, None for a new one; none is taken twice.

    A task from elsewhere is known by the origin that it names. One with an id of our own is the
    task with this id when the title or the time of writing is the same, else one whose origin is
    this task or the same as its own.
    """
    by_id: dict[str, Task] = {}
    by_origin: dict[Origin, list[Task]] = {}
    for task in existing:
        by_id.setdefault(task.id, task)
        if origin := origin_of(task):
            by_origin.setdefault(origin, []).append(task)
    taken: set[str] = set()
    found = []
    for task in batch.tasks:
        candidates = _candidates(task, batch, parcel, by_id, by_origin)
        match = next((one for one in candidates if one.id not in taken), None)
        if match:
            taken.add(match.id)
        found.append(match)
    return found


def _candidates(
    task: Task,
    batch: Batch,
    parcel: Parcel,
    by_id: dict[str, Task],
    by_origin: dict[Origin, list[Task]],
) -> Iterator[Task]:
    if parcel.own:
        here = by_id.get(task.id)
        if here and _same(here, task):
            yield here
        yield from by_origin.get((parcel.system, parcel.document, batch.tag, task.id), ())
    if origin := origin_of(task):
        yield from by_origin.get(origin, ())


def _same(one: Task, other: Task) -> bool:
    written = one.doc.get("createdAt")
    if written and written == other.doc.get("createdAt"):
        return True
    return " ".join(one.title.split()) == " ".join(other.title.split())


def step_matches(here: Task, there: Task) -> list[Task | None]:
    """The same for the subtasks of a task that is known: by origin, by id and title, by title."""
    free = list(here.subtasks)
    found: dict[int, Task] = {}
    for key in (_origin_key, _place_key, _title_key):
        known: dict[object, list[Task]] = {}
        for step in reversed(free):
            known.setdefault(key(step), []).append(step)
        for place, step in enumerate(there.subtasks):
            if place not in found and key(step) and known.get(key(step)):
                found[place] = known[key(step)].pop()
        taken = {id(step) for step in found.values()}
        free = [step for step in free if id(step) not in taken]
    return [found.get(place) for place in range(len(there.subtasks))]


def _origin_key(step: Task) -> object:
    return origin_of(step)


def _place_key(step: Task) -> object:
    return step.id.rpartition(".")[2], _title_key(step)


def _title_key(step: Task) -> object:
    return " ".join(step.title.split())


def new_ids(
    existing: Iterable[Task], arriving: Sequence[Task], known: Sequence[Task | None], *, own: bool
) -> list[str]:
    """The id each arriving task has here: of the task it is, its own where that is kept and free,
    else the next number.
    """
    taken = {task.id for task in existing}
    wishes = {task.id for task in arriving} if own else set()
    numbers = [int(one) for one in taken | wishes if one.isascii() and one.isdecimal()]
    free = max(numbers, default=0) + 1
    found = []
    for task, here in zip(arriving, known, strict=True):
        if here:
            found.append(here.id)
            continue
        name = task.id
        if not own or not name or name in taken:
            name, free = str(free), free + 1
        taken.add(name)
        found.append(name)
    return found


def names(arriving: Iterable[tuple[Task, str]]) -> dict[str, str]:
    """What every arriving task and subtask is called here, the first where ids repeat."""
    found: dict[str, str] = {}
    for task, name in arriving:
        for one in everyone([task]):
            found.setdefault(one.id, name + one.id[len(task.id) :])
    return found


def renamed(task: Task, name: str, like: object) -> Task:
    """The task under another id, with what its subtasks say about it."""
    old = task.id
    doc = {**task.doc, "id": ids.stored(name, like)}
    raw = doc.get("subtasks")
    if isinstance(raw, list):
        doc["subtasks"] = [
            _moved(entry, old, name) if isinstance(entry, dict) else entry for entry in raw
        ]
    return Task(doc)


def _moved(entry: dict[str, object], old: str, name: str) -> dict[str, object]:
    entry = dict(entry)
    local = ids.local(entry.get("id"), old)
    if local != ids.normal(entry.get("id")):
        entry["id"] = ids.stored(local, 0)
    for key in PARENT_KEYS:
        if old and ids.normal(entry.get(key)) == old:
            entry[key] = ids.stored(name, entry[key])
    return entry
