"""Taking tasks in from elsewhere, and giving them out.

What arrives is planned first, against what is here, and the plan is what a dry run shows and what
is written, all of it in one transaction or none.
"""

from __future__ import annotations

from collections import namedtuple

from taskmaster.domain import graph, matching
from taskmaster.domain.assembly import lift, rewired
from taskmaster.domain.changes import FOLLOWING
from taskmaster.domain.parcel import Batch, Loss, Losses, everyone, losses_to_json, with_origin
from taskmaster.errors import Invalid, NotFound
from taskmaster.usecases import revision

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.domain.parcel import Parcel
    from taskmaster.domain.task import Task
    from taskmaster.ports import Reader, Writer
    from taskmaster.usecases.revision import Revision
    from taskmaster.workspace import Workspace

    class Wish(NamedTuple):
        """How to take a parcel in: into which tag (``""``: as the parcel says), from which of its
        tags alone, and whether tasks that are here already follow what they say there.
        """

        tag: str = ""
        from_tag: str = ""
        update: bool = False

    class Arrival(NamedTuple):
        """What becomes of one batch: its tag (``fresh``: made for it) with the metadata it gets,
        the tasks that are added, each with its id in the parcel, the revisions of tasks that are
        here, and those that stay as they are, again with their ids in the parcel.
        """

        tag: str
        fresh: bool
        metadata: Mapping[str, object]
        added: Sequence[tuple[str, Task]]
        revised: Sequence[Revision]
        known: Sequence[tuple[str, Task]]

    class Outcome(NamedTuple):
        """Everything that taking a parcel in does, and what could not be carried."""

        arrivals: Sequence[Arrival]
        losses: Sequence[Loss]

else:
    Wish = namedtuple("Wish", "tag from_tag update", defaults=("", "", False))
    Arrival = namedtuple("Arrival", "tag fresh metadata added revised known")
    Outcome = namedtuple("Outcome", "arrivals losses")


def check(ws: Workspace, tag: str = "") -> None:
    """Raise what keeps anything from being taken in, before the work of reading it."""
    with ws.reading() as reader:
        reader.metadata(tag or ws.tag)


def preview(ws: Workspace, parcel: Parcel, wish: Wish) -> Outcome:
    """What ``take_in`` would do now. Raises as it does."""
    with ws.reading() as reader:
        return _planned(reader, ws.tag, parcel, wish, ws.clock())


def take_in(ws: Workspace, parcel: Parcel, wish: Wish) -> Outcome:
    """Make the tasks of a parcel tasks of the project.

    Doing it again adds nothing. Nothing is ever taken away. An id that is in use becomes a new
    number, in every reference too; dependencies on what is not there, within a task, and those
    that close a circle are left out and told among the losses. Raises NotFound for a tag that is
    missing, Invalid.
    """
    with ws.writing("import", note=parcel.document) as writer:
        outcome = _planned(writer, ws.tag, parcel, wish, ws.clock())
        for arrival in outcome.arrivals:
            _write(writer, arrival)
    return outcome


def _write(writer: Writer, arrival: Arrival) -> None:
    if arrival.fresh:
        writer.add_tag(arrival.tag, arrival.metadata)
    elif arrival.metadata != writer.metadata(arrival.tag):
        writer.describe_tag(arrival.tag, arrival.metadata)
    for _name, task in arrival.added:
        writer.put(arrival.tag, task)
    for one in arrival.revised:
        writer.put(arrival.tag, one.after)


def _planned(reader: Reader, current: str, parcel: Parcel, wish: Wish, now: str) -> Outcome:
    losses = Losses()
    for field, times, example in parcel.losses:
        losses.add(field, example, times)
    arrivals = [
        _arrival(reader, tag, batch, parcel, wish, now, losses)
        for tag, batch in _addressed(reader, current, parcel, wish)
    ]
    return Outcome(arrivals, losses.listed())


def _addressed(reader: Reader, current: str, parcel: Parcel, wish: Wish) -> list[tuple[str, Batch]]:
    """The batches wanted, each with the tag it goes to."""
    batches = [one for one in parcel.batches if wish.from_tag in ("", one.tag)]
    if wish.from_tag and not batches:
        known = ", ".join(one.tag or "(none)" for one in parcel.batches)
        raise NotFound(
            f"{parcel.document} holds no tasks of a tag {wish.from_tag}",
            hint=f"its tags are: {known}" if known else "there is nothing to import",
            code="tag-not-found",
        )
    if wish.tag:
        batches = [one for one in batches if one.tasks] or batches[:1]
    if wish.tag and len(batches) > 1:
        raise Invalid(
            f"{parcel.document} holds {len(batches)} tags"
            f" ({', '.join(one.tag for one in batches)}), which do not fit into one",
            hint="leave --tag out, or choose one of them with --from-tag",
            code="several-tags",
        )
    if wish.tag or any(not one.tag for one in batches):
        reader.metadata(wish.tag or current)
    return [(wish.tag or one.tag or current, one) for one in batches]


def _arrival(
    reader: Reader,
    tag: str,
    batch: Batch,
    parcel: Parcel,
    wish: Wish,
    now: str,
    losses: Losses,
) -> Arrival:
    fresh = tag not in reader.tags()
    existing = [] if fresh else reader.tasks(tag)
    nodes = {} if fresh else reader.nodes(tag)
    known = matching.matches(existing, batch, parcel)
    new_ids = matching.new_ids(existing, batch.tasks, known, own=parcel.own)
    pairs = list(zip(batch.tasks, new_ids, strict=True))
    names = matching.names(pair for pair, here in zip(pairs, known, strict=True) if not here)
    drafts, revisions, same = [], [], []
    for (task, name), here in zip(pairs, known, strict=True):
        if here is None:
            like = existing[0].doc.get("id") if existing else 0
            drafts.append((task, _draft(task, name, like, batch, parcel, now)))
            continue
        names.setdefault(task.id, here.id)
        found = revision.of(here, task, coarse=parcel.coarse, names=names)
        if found.changes and wish.update:
            revisions.append((task, found))
        else:
            _leave_new_steps(found, names, losses)
            same.append((task.id, here))
    added, revised = _wired(drafts, revisions, names, nodes, losses, now)
    metadata = batch.metadata if fresh else _metadata(reader, tag, batch, empty=not existing)
    return Arrival(tag, fresh, metadata, added, revised, same)


def _leave_new_steps(found: Revision, names: dict[str, str], losses: Losses) -> None:
    for step in found.steps:
        del names[step.id]
        losses.add("new subtasks (--update brings them)", step.title)


def _metadata(reader: Reader, tag: str, batch: Batch, *, empty: bool) -> Mapping[str, object]:
    """The tag's own metadata with what it lacks; of a tag without tasks, what it had before."""
    here = reader.metadata(tag)
    there = {key: value for key, value in batch.metadata.items() if key not in FOLLOWING}
    missing = there if empty else {key: there[key] for key in there if key not in here}
    return {**here, **missing}


def _draft(task: Task, name: str, like: object, batch: Batch, parcel: Parcel, now: str) -> Task:
    """The task as it will be here, but for what it waits for."""
    if parcel.own:
        if name == task.id:
            return task
        origin = (parcel.system, parcel.document, batch.tag, task.id)
        return with_origin(matching.renamed(task, name, like), origin)
    draft = matching.renamed(task, name, like)
    return draft if draft.doc.get("createdAt") else draft.with_fields({"createdAt": now})


def _wired(
    drafts: Sequence[tuple[Task, Task]],
    revisions: Sequence[tuple[Task, Revision]],
    names: Mapping[str, str],
    nodes: dict[str, graph.Node],
    losses: Losses,
    now: str,
) -> tuple[list[tuple[str, Task]], list[Revision]]:
    """The new tasks, and the new subtasks of known ones, waiting for what they should."""
    waits: dict[str, list[str]] = {}
    for task, draft in drafts:
        pairs = zip(everyone([task]), everyone([draft]), strict=True)
        waits |= {new.id: _translated(old, names, losses) for old, new in pairs}
    for _task, found in revisions:
        waits |= {names[step.id]: _translated(step, names, losses) for step in found.steps}
    grown = [(found, revision.grown(found, names)) for _task, found in revisions]
    for one in (*(draft for _task, draft in drafts), *(task for _found, task in grown)):
        lift(one, waits, losses)
    _drop_circles(
        waits, nodes, [draft for _task, draft in drafts] + [task for _found, task in grown], losses
    )
    added = [(task.id, rewired(draft, waits)) for task, draft in drafts]
    return added, [revision.finished(found, task, waits, now) for found, task in grown]


def _translated(task: Task, names: Mapping[str, str], losses: Losses) -> list[str]:
    """What the task waits for, by the ids of here."""
    found = []
    for one in task.dependencies:
        if one not in names:
            losses.add("dependencies", f"{task.id} waits for {one}, which is not there")
        elif one != task.id and one in (task.id.rpartition(".")[0], *_steps(task)):
            losses.add("dependencies within a task", f"{task.id} waits for {one}")
        else:
            found.append(names[one])
    return found


def _steps(task: Task) -> list[str]:
    return [step.id for step in task.subtasks]


def _drop_circles(
    waits: dict[str, list[str]],
    nodes: dict[str, graph.Node],
    tasks: Sequence[Task],
    losses: Losses,
) -> None:
    """Take out of *waits* what closes circles, the last step of each."""
    merged = dict(nodes)
    merged |= graph.nodes(tasks)
    while True:
        for one, wanted in waits.items():
            merged[one] = merged[one]._replace(dependencies=tuple(wanted))
        cut = [_cut(circle, waits, losses) for circle in graph.cycles(merged)]
        if not any(cut):
            return


def _cut(circle: Sequence[str], waits: dict[str, list[str]], losses: Losses) -> bool:
    """Take one edge of a circle out; False when none of them is new."""
    edges = list(zip(circle, [*circle[1:], circle[0]], strict=True))
    for waiting, awaited in reversed(edges):
        if awaited in waits.get(waiting, ()):
            waits[waiting] = [one for one in waits[waiting] if one != awaited]
            losses.add("circular dependencies", " → ".join((*circle, circle[0])))
            return True
    return False


def outcome_to_json(outcome: Outcome) -> dict[str, object]:
    """What taking a parcel in does, as every face shows it."""
    arrivals = outcome.arrivals
    return {
        "added": sum(len(one.added) for one in arrivals),
        "updated": sum(len(one.revised) for one in arrivals),
        "known": sum(len(one.known) for one in arrivals),
        "tags": [_arrival_to_json(one) for one in arrivals],
        "losses": losses_to_json(outcome.losses),
    }


def _arrival_to_json(arrival: Arrival) -> dict[str, object]:
    return {
        "tag": arrival.tag,
        "created": arrival.fresh,
        "added": [
            {
                "id": task.id,
                "sourceId": origin_id(task, name),
                "title": task.title,
                "status": task.status,
                "priority": task.priority,
                "dependencies": list(task.dependencies),
                "subtasks": [step.title for step in task.subtasks],
            }
            for name, task in arrival.added
        ],
        "updated": [_revision_to_json(one) for one in arrival.revised],
        "known": [
            {"id": task.id, "sourceId": origin_id(task, name), "title": task.title}
            for name, task in arrival.known
        ],
    }


def origin_id(task: Task, name: str) -> str:
    """The id where the task comes from."""
    metadata = task.doc.get("metadata")
    source = metadata.get("source") if isinstance(metadata, dict) else None
    return str(source.get("id", name)) if isinstance(source, dict) else name


def _revision_to_json(found: Revision) -> dict[str, object]:
    return {
        "id": found.before.id,
        "title": found.after.title,
        "changes": [
            {"id": one.task, "field": one.key, "before": one.before, "after": one.after}
            for one in found.fields
        ],
        "newSubtasks": [step.title for step in found.steps],
    }
