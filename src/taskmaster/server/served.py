"""A project as a server holds it open: its store, who may use it, what is kept of its answers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from taskmaster.server.kept import KeptAnswers
from taskmaster.server.listeners import Listeners
from taskmaster.server.repeats import Repeats

if TYPE_CHECKING:
    from taskmaster.config import Project
    from taskmaster.server.access.gate import Gate
    from taskmaster.server.feed import Feed
    from taskmaster.server.versions import Versions
    from taskmaster.workspace import Workspace


class Served(NamedTuple):
    """One project. Its writers take turns on a thread of their own, so that a lock in the store
    is only ever waited for because of other processes.
    """

    name: str
    project: Project
    ws: Workspace
    gate: Gate
    feed: Feed
    writes: ThreadPoolExecutor
    kept: KeptAnswers
    repeats: Repeats
    listeners: Listeners
    versions: Versions

    async def close(self) -> None:
        self.writes.shutdown()
        await self.feed.close()
        self.ws.close()


def opened(
    name: str, project: Project, ws: Workspace, gate: Gate, feed: Feed, versions: Versions
) -> Served:
    writes = ThreadPoolExecutor(1, thread_name_prefix=f"writes-{name}")
    return Served(name, project, ws, gate, feed, writes, KeptAnswers(), Repeats(), Listeners(),
                  versions)  # fmt: skip
