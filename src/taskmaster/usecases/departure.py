"""Taking a project apart again: what ``init`` made goes, and nothing that anybody wrote is lost."""

from __future__ import annotations

import os
import re
from collections import namedtuple

from taskmaster import config
from taskmaster.domain.copies import DUMPS
from taskmaster.errors import Conflict, Invalid
from taskmaster.usecases import files, project
from taskmaster.usecases.project import Wishes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from typing import NamedTuple

    from taskmaster.config import Project, Storage
    from taskmaster.ports import Archive
    from taskmaster.workspace import Workspace

    class Departure(NamedTuple):
        """What goes: how many tasks, what else a person made or changed, where the folder is
        moved and where the copy of the tasks lies; ``""`` where nothing needs to be kept.
        ``stay`` says where the tasks remain that are in no file of the folder.
        """

        tasks: int
        own: tuple[str, ...]
        aside: str
        backup: str
        stay: str

else:
    Departure = namedtuple("Departure", "tasks own aside backup stay")

# What the program writes by itself while it works; a person misses none of it without tasks.
_MACHINERY = (".gitignore", "storage.json", os.path.join("tasks", "tasks.json"))
_BESIDE_DATABASE = ("", "-wal", "-shm", ".lock", ".lock.next")
_MACHINE_FOLDERS = ("log", "backups")


def departure(ws: Workspace, place: Project, storage: Storage) -> Departure:
    """What ``uninit`` would do; nothing is changed. Raises Invalid, CorruptStore."""
    _check_place(place)
    home = os.path.join(place.root, config.FOLDER)
    with ws.reading() as reader:
        count = sum(len(reader.tasks(tag)) for tag in reader.tags())
        worked = any(entry.stamp.operation != "init" for entry in reader.changes_since(0))
    own = tuple(_made_by_people(ws, place.root, home, _machinery(home, storage)))
    going = _goes_along(place, home, storage)
    stamp = re.sub(r"[-:]|\.\d+", "", ws.clock())
    aside = os.path.join(place.root, f"{config.FOLDER}-removed-{stamp}")
    form = ".json" if storage.engine == "file" else DUMPS[0]
    backup = os.path.join(place.root, f"taskmaster-backup-{stamp}{form}")
    return Departure(
        count,
        own,
        aside if count or own or worked else "",
        backup if count and going else "",
        "" if going else config.place(place, storage),
    )


def _goes_along(place: Project, home: str, storage: Storage) -> bool:
    """Whether the tasks are in the project's folder."""
    if storage.engine == "file":
        return storage.address == place.tasks
    folder = os.path.join(os.path.realpath(home), "")
    return storage.engine == "sqlite" and os.path.realpath(storage.address).startswith(folder)


def _machinery(home: str, storage: Storage) -> set[str]:
    database = os.path.relpath(storage.address, home)
    return {*_MACHINERY, *(database + end for end in _BESIDE_DATABASE)}


def _check_place(place: Project) -> None:
    home = os.path.join(place.root, config.FOLDER)
    if place.worktree:
        raise Invalid(
            f"the project belongs to the main checkout {place.root}, not to this worktree",
            hint=f"run it there: tamp uninit --project={place.root}",
            code="in-worktree",
        )
    if place.legacy or place.tasks != os.path.join(place.root, config.TASKS):
        raise Invalid(
            f"the tasks lie in {place.tasks}, where `tamp init` puts none; nothing was changed",
            hint="`tamp migrate` brings an older project into today's layout",
            code="older-layout",
        )
    if os.path.islink(home):
        raise Invalid(f"{home} is a link; nothing was changed", hint="take the link away yourself")


def _made_by_people(
    ws: Workspace, root: str, home: str, machinery: Container[str]
) -> Iterator[str]:
    """The files in the project's folder that neither ``init`` nor the program made as they are."""
    fresh = _as_made(ws, root)
    for folder, _folders, names in os.walk(home):
        inside = os.path.relpath(folder, home)
        if inside.split(os.sep)[0] in _MACHINE_FOLDERS:
            continue
        for name in sorted(names):
            path = os.path.normpath(os.path.join(inside, name))
            if path not in machinery and not _is_as_made(os.path.join(folder, name), path, fresh):
                yield os.path.join(config.FOLDER, path)


def _as_made(ws: Workspace, root: str) -> dict[str, bytes]:
    """What ``init`` without any wishes would write, by path within the folder."""
    pieces = project.pieces(root, Wishes(), ws.clock())
    return {
        os.path.relpath(piece.path, config.FOLDER): piece.content.encode()
        for piece in pieces
        if piece.content
    }


def _is_as_made(path: str, name: str, fresh: dict[str, bytes]) -> bool:
    if name == "state.json":
        return True  # Which tag was current is all it says.
    return name in fresh and files.read(path) == fresh[name]


def uninit(
    ws: Workspace, archive: Archive, place: Project, storage: Storage, *, agreed: bool
) -> Departure:
    """Take the project away. Where it holds anything, that needs to be *agreed*, and the whole
    folder is set aside in one step, with a copy of the tasks beside it. Tasks in a database
    elsewhere stay there: others may work on them.

    Raises Invalid, Conflict, CorruptStore.
    """
    leaving = departure(ws, place, storage)
    home = os.path.join(place.root, config.FOLDER)
    if leaving.aside and not agreed:
        raise Invalid(
            f"the project holds {_held(leaving)}; nothing was changed",
            hint="--yes sets the folder aside and keeps a copy of the tasks; --dry-run tells more",
            code="not-empty",
        )
    for path in (leaving.aside, leaving.backup):
        if path and os.path.lexists(path):
            raise Conflict(f"{path} is there already; nothing was changed", hint="wait a second")
    if leaving.backup and storage.engine != "file":
        archive.save(leaving.backup, ws.stamp("uninit"))
    try:
        if leaving.aside:
            os.rename(home, leaving.aside)
        else:
            _delete(home)
    except OSError as error:
        raise files.refused(error, home) from error
    if leaving.backup and storage.engine == "file":
        # Copied from where nobody writes any more, so that it misses no change.
        data = files.read(os.path.join(leaving.aside, "tasks", "tasks.json"))
        files.replace(leaving.backup, data or b"")
    return leaving


def _held(leaving: Departure) -> str:
    tasks = f"{leaving.tasks} task{'s' * (leaving.tasks != 1)}"
    parts = [tasks] if leaving.tasks else []
    parts += [", ".join(leaving.own)] if leaving.own else []
    return " and ".join(parts) or "a history"


def _delete(home: str) -> None:
    for folder, folders, names in os.walk(home, topdown=False):
        for name in names:
            os.unlink(os.path.join(folder, name))
        for name in folders:
            os.rmdir(os.path.join(folder, name))
    os.rmdir(home)
