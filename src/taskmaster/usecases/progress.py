"""How much of the work is done, as a whole and part by part."""

from __future__ import annotations

from collections import namedtuple

from taskmaster.domain import flow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.domain.task import Task

    class Progress(NamedTuple):
        """How far a part of the work is, in pieces (see ``domain.flow``).

        Cancelled pieces are not in ``total``; ``begun`` are those in progress or in review.
        """

        name: str
        title: str
        done: int
        begun: int
        cancelled: int
        total: int

else:
    Progress = namedtuple("Progress", "name title done begun cancelled total")

DIMENSIONS = ("tag", "parent", "label", "assignee")
NOBODY = "(none)"


def counted(name: str, title: str, tasks: Iterable[Task]) -> Progress:
    """The progress of all pieces of these tasks."""
    return _of(name, title, [status for task in tasks for _, status in flow.pieces(task)])


def by(dimension: str, tags: Mapping[str, Sequence[Task]], tag: str) -> list[Progress]:
    """Each tag's progress, or within *tag* that of each task with subtasks, each label or each
    assignee. A piece with several labels counts under each; one without takes its task's.
    """
    if dimension == "tag":
        return [counted(name, "", tasks) for name, tasks in tags.items()]
    if dimension == "parent":
        return [counted(one.id, one.title, [one]) for one in tags[tag] if one.subtasks]
    groups: dict[str, list[str]] = {}
    for name, status in _named(dimension, tags[tag]):
        groups.setdefault(name, []).append(status)
    found = [_of(name, "", statuses) for name, statuses in groups.items()]
    return sorted(found, key=lambda one: (one.name == NOBODY, -one.total, one.name))


def _named(dimension: str, tasks: Iterable[Task]) -> Iterator[tuple[str, str]]:
    """Each piece's labels or assignee, with its status."""
    for task in tasks:
        for piece, status in flow.pieces(task):
            for name in _names(dimension, piece) or _names(dimension, task) or (NOBODY,):
                yield name, status


def _names(dimension: str, task: Task) -> Sequence[str]:
    if dimension == "label":
        return tuple(dict.fromkeys(task.labels))
    return (task.assignee,) if task.assignee else ()


def _of(name: str, title: str, statuses: Sequence[str]) -> Progress:
    cancelled = statuses.count("cancelled")
    begun = statuses.count("in-progress") + statuses.count("review")
    total = len(statuses) - cancelled
    return Progress(name, title, statuses.count("done"), begun, cancelled, total)
