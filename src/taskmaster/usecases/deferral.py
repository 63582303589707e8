"""Putting tasks off until a day."""

from __future__ import annotations

from taskmaster.errors import Invalid
from taskmaster.usecases import selection, timing
from taskmaster.usecases.tasks import Edit, amend

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from taskmaster.domain.task import Task
    from taskmaster.ports import Writer
    from taskmaster.workspace import Workspace


def defer(ws: Workspace, task_ids: str, until: str) -> list[Task]:
    """Offer these tasks to nobody before the day *until* (a date, or a span such as ``2w``).

    ``""`` takes that back. On the day they are ready again by themselves, so a task whose status
    is deferred becomes pending. Raises NotFound, and Invalid for what is no later day and for a
    task that is complete; all of them or none.
    """
    with ws.writing("defer") as writer:
        return put_off(writer, ws.tag, task_ids, until, ws.clock())


def put_off(
    writer: Writer, tag: str, task_ids: str | Iterable[str], until: str, now: str
) -> list[Task]:
    """``defer`` within a transaction that is open already."""
    tasks = selection.chosen(writer, tag, task_ids)
    day = _later(until, now) if until else None
    _check_open(tasks)
    for task in selection.in_saving_order(tasks):
        fields: dict[str, object] = {"deferUntil": day}
        if day and task.status == "deferred":
            fields["status"] = "pending"
        current = selection.one(writer, tag, task.id)
        amend(writer, tag, [current], Edit(fields, None, None, (), ()), now)
    return selection.chosen(writer, tag, [task.id for task in tasks])


def _later(until: str, now: str) -> str:
    day = timing.day(until, now)
    if day <= now[:10]:
        raise Invalid(
            f"{day} is not a day to come: today is {now[:10]}",
            hint="--clear makes a task that was put off ready again",
            code="past-date",
        )
    return day


def _check_open(tasks: Sequence[Task]) -> None:
    complete = [task for task in tasks if task.complete]
    if complete:
        names = ", ".join(task.id for task in complete)
        raise Invalid(
            f"{names}: what is complete cannot be put off; nothing was changed",
            hint=f"open it again first: tamp set-status {names.replace(' ', '')} pending",
            code="complete",
            details={task.id: task.status for task in complete},
        )
