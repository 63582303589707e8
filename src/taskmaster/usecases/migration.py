"""Bringing a project from the layout and the file shape of older releases into today's.

Files are copied; the originals stay unless they are to be cleaned up. A file that is there
already is never overwritten without force, and then kept aside. The task file is one transaction.
"""

from __future__ import annotations

import os
import re
from collections import namedtuple

from taskmaster import config
from taskmaster.errors import Conflict, CorruptStore
from taskmaster.usecases.backups import has_good_copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import NamedTuple

    from taskmaster.config import Project
    from taskmaster.ports import Archive
    from taskmaster.workspace import Workspace

    class Step(NamedTuple):
        """A file, relative to the root, and what becomes of it.

        ``kind`` is copy, replace (what is there is kept aside), there (the same already) or kept
        (another one is there and stays); for the task file also adopt, reshape or blank.
        """

        kind: str
        source: str
        target: str

else:
    Step = namedtuple("Step", "kind source target")

ASIDE = ".taskmaster-migration-backup"
COPIED = ("copy", "replace", "there")
TASK_KINDS = ("adopt", "reshape", "blank", "brought")
_TASK_FILE = re.compile(r"tasks.*\.json.+|task_\d+.*\.(txt|md)")
_TEMPLATE = re.compile(r"example|template|boilerplate|sample", re.IGNORECASE)
_REPORT = re.compile(r".*complexity.*report.*\.json|.*report.*complexity.*\.json", re.IGNORECASE)
_TEXT = re.compile(r".+\.(md|txt)", re.IGNORECASE)
_OLD_CONFIG = ".taskmasterconfig"
_TRIES = 3


def plan(ws: Workspace, archive: Archive, project: Project, *, force: bool = False) -> list[Step]:
    """What there is to do, the task file first; *ws* and *archive* are of today's place.

    Raises Conflict when the old and the new place hold different tasks, unless *force*;
    CorruptStore when a task file cannot be read.
    """
    # Tasks in a database have no older shape, and none is brought there from a file unasked.
    in_file = ws.store.kind == "file"
    steps = list(_task_steps(ws, archive, project, force=force)) if in_file else []
    if project.tasks != os.path.join(project.root, config.TASKS):
        return steps
    for source, target in _others(project.root):
        steps.append(Step(_kind(project.root, source, target, force=force), source, target))
    return steps


def pending(steps: Sequence[Step]) -> list[Step]:
    """The steps that would change something."""
    return [step for step in steps if step.kind not in ("there", "kept", "brought")]


def _task_steps(
    ws: Workspace, archive: Archive, project: Project, *, force: bool
) -> Iterator[Step]:
    target = os.path.relpath(project.tasks, project.root)
    old = _read(os.path.join(project.root, config.LEGACY_TASKS))
    new = _read(project.tasks)
    if old is not None and old.strip() and target == config.TASKS:
        yield Step(_task_kind(ws, archive, old, new, force=force), config.LEGACY_TASKS, target)
    elif new is not None and not new.strip():
        if not has_good_copy(archive):
            yield Step("blank", target, target)
    elif new is not None and archive.shape():
        yield Step("reshape", target, target)


def _task_kind(
    ws: Workspace, archive: Archive, old: bytes, new: bytes | None, *, force: bool
) -> str:
    if new is None or not new.strip():
        return "adopt"
    if archive.holds(old) or old == new:
        return "reshape" if archive.shape() else "brought"
    if force or _holds_no_tasks(ws):
        return "adopt"
    raise Conflict(
        f"{config.LEGACY_TASKS} and {config.TASKS} both hold tasks, and not the same ones",
        hint="--force takes the old ones (a copy of the new ones is kept); or delete the old file",
        code="both-hold-tasks",
    )


def _holds_no_tasks(ws: Workspace) -> bool:
    try:
        with ws.reading() as reader:
            return not any(reader.tasks(tag) for tag in reader.tags())
    except CorruptStore:
        return False


def _others(root: str) -> Iterator[tuple[str, str]]:
    """Every other file of an older layout with its place in today's."""
    home = config.FOLDER
    if os.path.isfile(os.path.join(root, _OLD_CONFIG)):
        yield _OLD_CONFIG, os.path.join(home, "config.json")
    for name in _names(os.path.join(root, "tasks")):
        if _TASK_FILE.fullmatch(name):
            yield os.path.join("tasks", name), os.path.join(home, "tasks", name)
    for name in _names(os.path.join(root, "scripts")):
        folder = _folder_of(name)
        if folder:
            yield os.path.join("scripts", name), os.path.join(home, folder, name)


def _folder_of(name: str) -> str:
    """The folder that a file of the old ``scripts`` belongs to now, ``""`` for a stranger's."""
    if _REPORT.fullmatch(name):
        return "reports"
    if not _TEXT.fullmatch(name):
        return ""
    return "templates" if _TEMPLATE.search(name) else "docs"


def _kind(root: str, source: str, target: str, *, force: bool) -> str:
    there = _read(os.path.join(root, target))
    if there is None or not there.strip():
        return "copy"
    if there == _read(os.path.join(root, source)):
        return "there"
    return "replace" if force else "kept"


def superseded(steps: Sequence[Step]) -> list[str]:
    """The originals that are no longer needed once the steps are done."""
    kinds = (*COPIED, *TASK_KINDS)
    return [one.source for one in steps if one.source != one.target and one.kind in kinds]


def carry_out(
    ws: Workspace, archive: Archive, project: Project, steps: Sequence[Step], *, aside: bool
) -> None:
    """Do the *steps*; *aside* keeps a copy of every original in a folder of its own."""
    for step in steps:
        if aside and step.source != step.target:
            _copy(project.root, step.source, os.path.join(ASIDE, step.source))
    for step in steps:
        if step.kind in TASK_KINDS:
            _take_over(ws, archive, project, step)
        elif step.kind in ("copy", "replace"):
            if step.kind == "replace":
                _copy(project.root, step.target, os.path.join(ASIDE, step.target))
            _copy(project.root, step.source, step.target)
    _remember_tag(ws, project)


def _take_over(ws: Workspace, archive: Archive, project: Project, step: Step) -> None:
    if step.kind in ("reshape", "blank"):
        ws.announce(archive.adopt(None, ws.stamp("migrate")))
    elif step.kind == "adopt":
        # Somebody may still be writing to the old place; what they wrote must come along.
        path, data = os.path.join(project.root, step.source), None
        for _ in range(_TRIES):
            again = _read(path)
            if again is None or again == data:
                return
            data = again
            ws.announce(archive.adopt(data, ws.stamp("migrate", f"from {step.source}")))


def _remember_tag(ws: Workspace, project: Project) -> None:
    path = os.path.join(project.root, config.FOLDER, "state.json")
    if project.tasks == os.path.join(project.root, config.TASKS) and not os.path.exists(path):
        with ws.reading() as reader:
            tags = reader.tags()
        tag = ws.tag if ws.tag in tags else tags[0]
        config.write_json(path, {"currentTag": tag, "lastSwitched": ws.clock()})


def clean_up(project: Project, steps: Sequence[Step]) -> list[str]:
    """Take the originals away that are in today's place now; give their names."""
    gone = superseded(steps)
    for name in gone:
        os.unlink(os.path.join(project.root, name))
    for folder in {os.path.dirname(name) for name in gone} - {""}:
        if not os.listdir(os.path.join(project.root, folder)):
            os.rmdir(os.path.join(project.root, folder))
    return gone


def _copy(root: str, source: str, target: str) -> None:
    data = _read(os.path.join(root, source))
    if data is None:
        return
    path = os.path.join(root, target)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    fresh = f"{path}.new"
    with open(fresh, "wb") as file:
        file.write(data)
    os.replace(fresh, path)


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _names(folder: str) -> list[str]:
    try:
        return sorted(
            name for name in os.listdir(folder) if os.path.isfile(os.path.join(folder, name))
        )
    except (FileNotFoundError, NotADirectoryError):
        return []
