"""Showing the tasks in the project's README, between two marks."""

from __future__ import annotations

import os
from collections import namedtuple

from taskmaster.domain import markdown
from taskmaster.errors import Invalid
from taskmaster.usecases import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from taskmaster.workspace import Workspace

    class Synced(NamedTuple):
        """The file, how many rows its table has, whether it is new, and whether it changed."""

        path: str
        rows: int
        created: bool
        changed: bool

else:
    Synced = namedtuple("Synced", "path rows created changed")


def sync(
    ws: Workspace, root: str, *, statuses: frozenset[str] = frozenset(), subtasks: bool = False
) -> Synced:
    """Put the tasks of the current tag (of these *statuses*, if any) into the README.

    What is outside the marks stays byte for byte, whatever its encoding. Raises NotFound, and
    Invalid where the marks are not there as one pair.
    """
    with ws.reading() as reader:
        tasks = reader.tasks(ws.tag)
    chosen = [task for task in tasks if not statuses or task.status in statuses]
    rows = [row for task in chosen for row in (task, *(task.subtasks if subtasks else ()))]
    path = _readme(root)
    old = files.read(path)
    # Bytes that are no UTF-8 go through as they are.
    text = (old or b"").decode(errors="surrogateescape")
    heading = "Tasks" if ws.tag == "master" else f"Tasks of {ws.tag}"
    try:
        new = markdown.with_part(text, markdown.overview(heading, tasks, rows))
    except markdown.Unpaired as error:
        raise Invalid(
            f"{path}: {error}; nothing was changed",
            hint="take the extra marks out, or all of them: the tasks then go to the end",
            code="unpaired-marks",
        ) from error
    data = new.encode(errors="surrogateescape")
    if data != old:
        files.replace(path, data)
    return Synced(path, len(rows), old is None, data != old)


def _readme(root: str) -> str:
    """The README that is there, however its name is spelled, or where one would be."""
    names = sorted(name for name in os.listdir(root) if name.lower() == "readme.md")
    return os.path.join(root, names[0] if names else "README.md")
