"""Writing every task of a tag into a file of its own, for people and tools that read files."""

from __future__ import annotations

import os
from collections import namedtuple

from taskmaster.domain import pages
from taskmaster.errors import Invalid
from taskmaster.usecases import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from typing import NamedTuple

    from taskmaster.workspace import Workspace

    class Generated(NamedTuple):
        """Names of the files that were written, were right already, and were taken away."""

        written: tuple[str, ...]
        unchanged: tuple[str, ...]
        removed: tuple[str, ...]

else:
    Generated = namedtuple("Generated", "written unchanged removed")


def generate(ws: Workspace, folder: str) -> Generated:
    """Bring the pages of the current tag in *folder* up to date with its tasks.

    A page that is right is not touched. A page of this tag whose task is gone is deleted, and
    nothing else is: neither pages of other tags nor files that only look alike. Raises NotFound,
    and Invalid for two tasks that share an id and so a page.
    """
    with ws.reading() as reader:
        tasks, nodes = reader.tasks(ws.tag), reader.nodes(ws.tag)
    wanted = {pages.name_of(task.id, ws.tag): pages.page(task, nodes) for task in tasks}
    if len(wanted) != len(tasks):
        raise Invalid(
            f"tag {ws.tag} has two tasks with the same id, which would share one file",
            hint="`tamp doctor --fix` gives one of them an id of its own",
            code="repeated-id",
        )
    written, unchanged = [], []
    for name, text in wanted.items():
        path, data = os.path.join(folder, name), text.encode(errors="replace")
        if files.read(path) == data:
            unchanged.append(name)
        else:
            files.replace(path, data)
            written.append(name)
    removed = list(_orphans(folder, ws.tag, wanted))
    for name in removed:
        os.unlink(os.path.join(folder, name))
    return Generated(tuple(written), tuple(unchanged), tuple(removed))


def _orphans(folder: str, tag: str, wanted: Collection[str]) -> Iterator[str]:
    """Pages of this tag that belong to no task: both name and first line must say so."""
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    for name in names:
        path = os.path.join(folder, name)
        if name in wanted or not (name.startswith("task_") and name.endswith(".md")):
            continue
        if os.path.isfile(path) and not os.path.islink(path):
            owner = pages.owner_of(_first_line(path))
            if owner and pages.name_of(owner, tag) == name:
                yield name


def _first_line(path: str) -> str:
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.readline(1000)
