"""Files that a command writes because it was asked to."""

from __future__ import annotations

import os

from taskmaster import config
from taskmaster.errors import Conflict, Invalid, NotFound
from taskmaster.stores.file import disk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from taskmaster.config import Project


_OWN = ("", "-wal", "-shm", ".lock", ".lock.next")


def save(path: str, text: str, project: Project, *, force: bool) -> None:
    """Write a file in one step; one that is there already only with *force*.

    Raises as ``check``, and what the disk refuses.
    """
    check(path, project, force=force)
    try:
        _place(path, text.encode(errors="replace"), force=force)
    except OSError as error:
        raise disk.explained(error) from error


def check(path: str, project: Project, *, force: bool) -> None:
    """Whether a file may be written there.

    Raises Conflict for a file that is there, Invalid for the project's own task file, NotFound for
    a missing folder.
    """
    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(folder):
        raise NotFound(
            f"there is no folder {folder}", hint="make it first", code="folder-not-found"
        )
    if os.path.isdir(path):
        raise Invalid(f"{path} is a folder", hint="name a file in it", code="not-a-file")
    kept = os.path.realpath(config.storage(project, os.environ).address)
    if os.path.realpath(path) in [kept + end for end in _OWN]:
        raise Invalid(
            f"{path} holds the project's tasks",
            hint="write to another file; `tamp backup` keeps a copy of all tasks",
            code="own-task-file",
        )
    if not force and os.path.lexists(path):
        raise _there_already(path)


def _place(path: str, data: bytes, *, force: bool) -> None:
    if force:
        disk.replace(os.path.realpath(path), data, sync=True)
        return
    fresh = f"{path}.new"
    try:
        disk.write(fresh, data)
        if not disk.place(fresh, path):
            raise _there_already(path)
    finally:
        disk.remove(fresh)


def _there_already(path: str) -> Conflict:
    return Conflict(
        f"{path} is there already; nothing was written",
        hint="--force overwrites it",
        code="file-exists",
    )
