"""When what is told became true: the same for all who ask, for as long as nothing changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from taskmaster.server.answer import Answer

if TYPE_CHECKING:
    from taskmaster.ports import Reader
    from taskmaster.workspace import Workspace

EPOCH = "1970-01-01T00:00:00.000Z"
"""When nothing was ever changed."""


def found(ws: Workspace, data: object) -> Answer:
    """What was asked for, as of the last change of the project."""
    return Answer(data, moment=moment(ws))


def moment(ws: Workspace) -> str:
    """When the project was last changed."""
    with ws.reading() as reader:
        return moment_of(reader)


def moment_of(reader: Reader) -> str:
    last = reader.last_change()
    newest = next(iter(reader.changes_since(last - 1)), None) if last else None
    return newest.stamp.time if newest else EPOCH
