"""What happened, and taking it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from taskmaster import wire
from taskmaster.domain import ids
from taskmaster.errors import Forbidden
from taskmaster.server.endpoint import MANAGE, Body, Group, Query, Tagged
from taskmaster.server.forms import MOST
from taskmaster.server.ids import single
from taskmaster.server.moment import found
from taskmaster.server.shapes import Object, Shape
from taskmaster.usecases import history

if TYPE_CHECKING:
    from taskmaster.domain.changes import Transaction
    from taskmaster.server.answer import Answer
    from taskmaster.server.call import Call

GROUP = Group("history")
LARGEST = 2**53 - 1
"""The largest number that every reader of JSON takes as it is."""
Number = Annotated[int, Meta(ge=0, le=LARGEST)]


class Who(Shape):
    name: str
    kind: str
    session: str | UnsetType = UNSET


class LogChange(Shape):
    """``kind`` is added, removed, changed, reordered, or one of those of a tag; ``fields`` have
    what was before and what is after, ``doc`` is what was added or removed.
    """

    kind: str
    tag: str
    task: str | UnsetType = UNSET
    fields: dict[str, Object] | UnsetType = UNSET
    doc: Any = None
    place: int | UnsetType = UNSET


class LogEntry(Shape):
    """What was done together; ``seq`` is the number of its first and of its last change."""

    seq: list[int]
    at: str
    actor: Who
    via: str
    op: str
    changes: list[LogChange]
    note: str | UnsetType = UNSET
    request: str | UnsetType = UNSET


class History(Shape):
    transactions: list[LogEntry]
    tag: str


class SinceQuery(Tagged):
    """``since`` is the number of a change: only what came after it is told."""

    since: Number = 0
    limit: Annotated[int, Meta(ge=1, le=MOST)] = 20


class HistoryQuery(SinceQuery):
    """With a ``tag`` only what was done to it, with a ``task`` only what was done to that."""

    task: Annotated[str, Meta(max_length=200)] = ""


@GROUP.get("/history", History, query=HistoryQuery)
def list_history(call: Call) -> object:
    """List what happened, newest first."""
    return _history(call, call.query.task, of_tag=bool(call.query.tag))


@GROUP.get("/tasks/{id}/history", History, query=SinceQuery)
def list_task_history(call: Call) -> object:
    """List what happened to a task and its subtasks, newest first; also to one that is gone."""
    return _history(call, call.path["id"], of_tag=True)


def _history(call: Call, task: str, *, of_tag: bool) -> Answer:
    task_id = single(task, call.ws.tag).removeprefix("#") if task else ""
    entries = history.history(
        call.ws,
        task_id=ids.normal(task_id),
        of_tag=of_tag,
        since=call.query.since,
        limit=call.query.limit,
    )
    if not entries and (task_id or of_tag):
        history.check_known(call.ws, ids.normal(task_id))
    shown = [wire.transaction_to_json(entry) for entry in entries]
    return found(call.ws, {"transactions": shown, "tag": call.ws.tag})


class Undo(Body):
    """``number`` is that of a change, which is taken back with all that was done together with it;
    without one it is the last that stands. ``force`` takes it back where it was changed since.
    """

    number: Annotated[int, Meta(ge=1, le=LARGEST)] | UnsetType = UNSET
    force: bool = False
    dry_run: bool = False


class Undone(Shape):
    """``undone`` is what was taken back, ``transaction`` what did it."""

    dry_run: bool
    undone: LogEntry
    transaction: LogEntry | UnsetType = UNSET


@GROUP.post("/undo", Undone, body=Undo, query=Query, status=200)
def undo(call: Call) -> object:
    """Take the last change back, or the one with a number.

    What others have done, only those can take back who may manage the project.
    """
    with call.ws.reading() as reader:
        target = history.to_undo(reader, call.body.number or 0)
    _check_own(call, target)
    if call.body.dry_run:
        return {"dryRun": True, "undone": wire.transaction_to_json(target)}
    target, done = history.undo(call.ws, target.first, force=call.body.force)
    return {
        "dryRun": False,
        "undone": wire.transaction_to_json(target),
        "transaction": wire.transaction_to_json(done),
    }


def _check_own(call: Call, target: Transaction) -> None:
    made, mine = target.stamp.actor, call.principal.actor
    if MANAGE in call.principal.permissions or (made.name, made.kind) == (mine.name, mine.kind):
        return
    raise Forbidden(
        f"change {history.name_of(target)} was made by {made.name}, and your key takes back only"
        " what you have done yourself",
        hint="an editor or an admin can take it back",
    )
