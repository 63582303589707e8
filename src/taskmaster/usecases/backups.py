"""Keeping whole copies of the tasks and bringing one back."""

from __future__ import annotations

from taskmaster.errors import CorruptStore, NotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from taskmaster.domain.changes import Transaction
    from taskmaster.domain.copies import Copy
    from taskmaster.ports import Archive
    from taskmaster.workspace import Workspace


def keep(ws: Workspace, archive: Archive) -> Copy:
    """Keep a copy of the tasks as they are, even of a file that cannot be read. Raises NotFound."""
    return archive.keep(ws.stamp("backup"))


def usual_copy(archive: Archive) -> str:
    """The copy to bring back when none is named: what a damaged or lost file last said."""
    try:
        archive.shape()
    except (CorruptStore, NotFound):
        return "last-good"
    return "latest"


def has_good_copy(archive: Archive) -> bool:
    """Whether there is anything to bring back when the task file is damaged or gone."""
    try:
        archive.differences("last-good")
    except (CorruptStore, NotFound):
        return False
    return True


def preview(archive: Archive, name: str) -> Mapping[str, int]:
    """How many tasks, subtasks and tags the copy would add, take away and change.

    Raises NotFound, and CorruptStore for a copy that cannot be read.
    """
    counts = dict.fromkeys(("added", "removed", "changed", "reordered", "tags"), 0)
    for change in archive.differences(name):
        counts["tags" if change.kind.startswith("tag-") else change.kind] += 1
    return counts


def restore(ws: Workspace, archive: Archive, name: str) -> Transaction | None:
    """Make the tasks what the copy says; None when no task differed. Raises as ``preview``."""
    committed = archive.restore(name, ws.stamp("restore"))
    ws.announce(committed)
    return committed
