"""Everything a server has at hand while it runs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from taskmaster.server.routes import Routes
from taskmaster.server.table import ENDPOINTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from taskmaster.server.served import Served
    from taskmaster.server.settings import Settings

THREADS = 16


class House:
    """``projects`` are those that are served, by name; the first is the one that paths without a
    name mean.
    """

    def __init__(self, settings: Settings, projects: Mapping[str, Served]) -> None:
        self.settings = settings
        self.projects = projects
        self.routes = Routes(ENDPOINTS)
        self.threads = ThreadPoolExecutor(THREADS, thread_name_prefix="reads")
        self._first = next(iter(projects.values()))

    def project(self, path: bytes) -> tuple[Served, bytes]:
        """The project that a path is about, and the path without its name. Raises NotFound."""
