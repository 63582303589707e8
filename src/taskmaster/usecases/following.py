"""Following the change log while others write it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from taskmaster.workspace import Workspace


def newest(ws: Workspace) -> int:
    """The number of the last change there is, 0 when there is none."""
    with ws.log.reading() as reader:
        return reader.last_change()
