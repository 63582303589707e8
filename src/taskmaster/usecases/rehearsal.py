"""Doing something for a look at what it would change, and leaving everything as it was."""

from __future__ import annotations

from taskmaster.domain import changes
from taskmaster.domain.changes import TagState

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from taskmaster.domain.changes import Change
    from taskmaster.ports import Writer
    from taskmaster.workspace import Workspace

    Result = TypeVar("Result")


class _Over(Exception):
    """Ends a rehearsal, so that nothing of it stays."""


def rehearsed(
    ws: Workspace, operation: str, work: Callable[[Writer], Result]
) -> tuple[Result, tuple[Change, ...]]:
    """What *work* gives, and what it would change in the current tag; nothing is changed.

    Raises what *work* raises. For the moment it takes, this is the one writer: *work* sees what
    it would see in earnest.
    """
    done: list[tuple[Result, tuple[Change, ...]]] = []
    try:
        with ws.writing(operation) as writer:
            before = [task.doc for task in writer.tasks(ws.tag)]
            result = work(writer)
            after = [task.doc for task in writer.tasks(ws.tag)]
            states = ({ws.tag: TagState({}, before)}, {ws.tag: TagState({}, after)})
            done.append((result, tuple(changes.between_states(*states))))
            _end()
    except _Over:
        pass
    return done[0]


def _end() -> None:
    raise _Over
