"""Choosing the tasks that leave the project."""

from __future__ import annotations

from taskmaster.domain.parcel import Batch, Shipment
from taskmaster.errors import NotFound
from taskmaster.usecases import selection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from taskmaster.domain.task import Task
    from taskmaster.ports import Reader
    from taskmaster.workspace import Workspace


def shipment(
    ws: Workspace,
    project: str,
    *,
    task_ids: Sequence[str] = (),
    statuses: Collection[str] = (),
    all_tags: bool = False,
) -> Shipment:
    """The tasks of the current tag or of every one, of these statuses, of these ids.

    A subtask that is named takes the whole task with it. Raises NotFound for an id or a tag that
    is not there.
    """
    with ws.reading() as reader:
        tags = list(reader.tags()) if all_tags else [ws.tag]
        batches = [
            Batch(tag, reader.metadata(tag), _chosen(reader, tag, task_ids, statuses))
            for tag in tags
        ]
    if (task_ids or statuses) and not any(batch.tasks for batch in batches):
        raise NotFound(
            f"no task of tag {', '.join(tags)} has such a status",
            hint="`tamp list` shows what is there",
            code="nothing-to-export",
        )
    return Shipment(project, ws.clock(), batches)


def _chosen(
    reader: Reader, tag: str, task_ids: Sequence[str], statuses: Collection[str]
) -> list[Task]:
    tasks = reader.tasks(tag)
    if task_ids:
        named = selection.chosen(reader, tag, task_ids)
        wanted = {task.parent.id if task.parent else task.id for task in named}
        tasks = [task for task in tasks if task.id in wanted]
    return [task for task in tasks if not statuses or task.status in statuses]
