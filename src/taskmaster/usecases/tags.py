"""Tags, each a task list of its own: listing, adding, using, renaming, copying, removing."""

from __future__ import annotations

import re
from collections import namedtuple

from taskmaster import config
from taskmaster.domain.task import COMPLETE
from taskmaster.errors import Conflict, Invalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.config import Project
    from taskmaster.domain.task import Task
    from taskmaster.ports import Reader, Writer
    from taskmaster.workspace import Workspace

    class Listed(NamedTuple):
        """A tag in a listing: how many tasks by status, how many of them are ready now."""

        name: str
        current: bool
        statuses: Mapping[str, int]
        complete: int
        ready: int
        metadata: Mapping[str, object]

    class Moved(NamedTuple):
        """What became of a tag: how many tasks it holds (or held) and whether it was current."""

        tasks: int
        current: bool

else:
    Listed = namedtuple("Listed", "name current statuses complete ready metadata")
    Moved = namedtuple("Moved", "tasks current")

LONGEST_NAME = 50
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_RESERVED = frozenset({"main", "default"})
# A task file has these words at its top level with a meaning of their own.
_KEYS = frozenset({"tasks", "metadata", "meta", "tag", "tags"})
_TRUNKS = frozenset({"main", "master", "develop", "dev", "head"})


def listed(ws: Workspace, *, ready: bool = False) -> list[Listed]:
    """Every tag in stored order; with *ready*, those that hold a task somebody can begin."""
    with ws.reading() as reader:
        today = ws.clock()[:10]
        found = [_listed(reader, tag, ws.tag, today) for tag in reader.tags()]
    return [one for one in found if one.ready or not ready]


def _listed(reader: Reader, tag: str, current: str, today: str) -> Listed:
    found = reader.tally(tag, today)
    complete = sum(count for status, count in found.statuses.items() if status in COMPLETE)
    metadata = reader.metadata(tag)
    return Listed(tag, tag == current, found.statuses, complete, found.ready, metadata)


def add(ws: Workspace, name: str, *, description: str = "", copy_from: str = "") -> int:
    """Create a tag, empty or with a copy of another one's tasks; give how many were copied.

    Raises Invalid for a name that cannot be one, Conflict when the tag exists, NotFound when
    *copy_from* does not.
    """
    _check_name(name)
    with ws.writing("add-tag", name) as writer:
        return _create(writer, name, description, copy_from, ws.clock())


def copy(ws: Workspace, source: str, target: str, *, description: str = "") -> int:
    """Create the tag *target* with a copy of the tasks of *source*; see ``add``."""
    _check_name(target)
    with ws.writing("copy-tag", f"{source} to {target}") as writer:
        return _create(writer, target, description, source, ws.clock())


def _create(writer: Writer, name: str, description: str, source: str, now: str) -> int:
    _check_free(writer, name)
    tasks = _copied(writer, source) if source else []
    day = now[:10]
    made = f'Copy of "{source}" created on {day}' if source else f"Tag created on {day}"
    metadata: dict[str, object] = {
        "created": now,
        "updated": now,
        "description": description or made,
    }
    if source:
        metadata["copiedFrom"] = {"tag": source, "date": now}
    writer.add_tag(name, metadata)
    for task in tasks:
        writer.put(name, task)
    return len(tasks)


def _copied(reader: Reader, source: str) -> list[Task]:
    tasks = reader.tasks(source)
    if len({task.id for task in tasks}) != len(tasks):
        raise Invalid(
            f"tag {source} has two tasks with the same id, so a copy would lose one",
            hint="`tamp doctor --fix` gives one of them an id of its own",
            code="repeated-id",
        )
    return tasks


def _check_free(reader: Reader, name: str) -> None:
    if name in reader.tags():
        raise Conflict(
            f"the tag {name} exists already",
            hint=f"choose another name, or work on it with: tamp tags use {name}",
            code="tag-exists",
        )


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise Invalid(
            f"{name!r} cannot be the name of a tag",
            hint=f"a name has letters, digits, - and _, and at most {LONGEST_NAME} of them",
            code="bad-tag-name",
        )
    word = name.lower()
    if word in _RESERVED or (word == config.DEFAULT_TAG and name != word):
        raise Invalid(
            f"the name {name} is reserved",
            hint="choose another one; the first tag of a project is called master",
            code="reserved-tag",
        )
    if word in _KEYS:
        raise Invalid(
            f"the name {name} has a meaning of its own in task files",
            hint=f"choose another one, for example {name}-1",
            code="reserved-tag",
        )


def branch_name(branch: str) -> str:
    """The name for the tag of a git branch. Raises Invalid for a trunk or no branch at all."""
    if not branch:
        raise Invalid(
            "there is no git branch to name the tag after",
            hint="give a name: tamp tags add NAME",
            code="no-branch",
        )
    if branch.lower() in _TRUNKS:
        raise Invalid(
            f"the branch {branch} gets no tag of its own",
            hint="check out a feature branch, or give a name: tamp tags add NAME",
            code="trunk-branch",
        )
    dashed = re.sub(r"-+", "-", re.sub(r"[^A-Za-z0-9_-]", "-", branch)).strip("-").lower()
    if not dashed:
        raise Invalid(f"no name can be made from the branch {branch}", hint="give one")
    return dashed[:LONGEST_NAME].strip("-")


def use(ws: Workspace, project: Project, name: str) -> int:
    """Make a tag the current one; give how many tasks it holds. Raises NotFound."""
    with ws.reading() as reader:
        count = _size(reader, name)
    config.use_tag(project, name, ws.clock())
    return count


def _size(reader: Reader, name: str) -> int:
    from taskmaster.domain.choice import Wanted

    return reader.page(name, Wanted(), "", 0, 1).total


def rename(
    ws: Workspace, project: Project, old: str, name: str, *, description: str | None = None
) -> Moved:
    """Give a tag another name, and description; where it was current, it stays so under the new
    one.

    Raises Invalid for master and for a bad name, NotFound, Conflict.
    """
    _check_not_master(old, "renamed")
    _check_name(name)
    now = ws.clock()
    with ws.writing("rename-tag", f"{old} to {name}") as writer:
        metadata = writer.metadata(old)
        count = _size(writer, old)
        _check_free(writer, name)
        writer.rename_tag(old, name)
        described = {} if description is None else {"description": description}
        writer.describe_tag(name, {**metadata, **described, "renamed": {"from": old, "date": now}})
    return Moved(count, config.replace_tag(project, old, name, now))


def describe(ws: Workspace, name: str, description: str) -> None:
    """Say of a tag what it is for. Raises NotFound."""
    now = ws.clock()
    with ws.writing("describe-tag", name) as writer:
        metadata = writer.metadata(name)
        if metadata.get("description") != description:
            writer.describe_tag(name, {**metadata, "updated": now, "description": description})


def remove(
    ws: Workspace, project: Project, name: str, *, agreed: Collection[str] | None = ()
) -> Moved:
    """Take a tag and its tasks away; where it was current, master is from now on.

    *agreed* are the ids of the tasks that may go with it, None for all there are. Raises NotFound,
    and Invalid for master and for a tag that holds other tasks than those.
    """
    _check_not_master(name, "removed")
    with ws.writing("remove-tag", name) as writer:
        tasks = writer.tasks(name)
        _check_agreed(name, tasks, agreed)
        if list(writer.tags()) == [name]:
            _create(writer, config.DEFAULT_TAG, "", "", ws.clock())
        writer.remove_tag(name)
    was_current = config.replace_tag(project, name, config.DEFAULT_TAG, ws.clock())
    return Moved(len(tasks), was_current)


def _check_agreed(name: str, tasks: Sequence[Task], agreed: Collection[str] | None) -> None:
    if agreed is not None and any(task.id not in agreed for task in tasks):
        count = f"{len(tasks)} task{'s' * (len(tasks) != 1)}"
        raise Invalid(
            f"the tag {name} holds {count}; nothing was removed",
            hint="--yes removes the tag and its tasks; `tamp undo` brings them back",
            code="tag-not-empty",
        )


def _check_not_master(name: str, done: str) -> None:
    if name == config.DEFAULT_TAG:
        raise Invalid(
            f"the tag master cannot be {done}",
            hint="`tamp tags copy master NAME` makes a copy under another name",
            code="protected-tag",
        )


def going_with(ws: Workspace, name: str) -> list[Task]:
    """The tasks that removing a tag would take away. Raises NotFound, and Invalid for master."""
    _check_not_master(name, "removed")
    with ws.reading() as reader:
        return reader.tasks(name)


def listed_to_json(one: Listed, *, metadata: bool) -> dict[str, object]:
    """A tag in a listing, as every face shows it."""
    entry: dict[str, object] = {
        "name": one.name,
        "isCurrent": one.current,
        "taskCount": sum(one.statuses.values()),
        "completedTasks": one.complete,
        "readyTasks": one.ready,
        "statusBreakdown": dict(one.statuses),
    }
    if metadata:
        entry["created"] = one.metadata.get("created")
        entry["description"] = one.metadata.get("description")
        entry["metadata"] = dict(one.metadata)
    return entry
