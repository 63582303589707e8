"""Everything a server has at hand while it runs."""

from __future__ import annotations

import asyncio
import os
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from taskmaster import config
from taskmaster.errors import NotFound
from taskmaster.server import health, logs
from taskmaster.server.headers import Hosts, Origins, Proxies
from taskmaster.server.limits import Limits
from taskmaster.server.routes import Routes
from taskmaster.server.shedding import STREAM, Shedding, memory_limit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from taskmaster.server.answer import Reply
    from taskmaster.server.endpoint import Endpoint
    from taskmaster.server.health import Check
    from taskmaster.server.kept import Kept
    from taskmaster.server.limits import Taker
    from taskmaster.server.metrics import Metrics
    from taskmaster.server.request import Request
    from taskmaster.server.served import Served
    from taskmaster.server.settings import Settings

THREADS = 16
_PROJECTS = b"/api/v1/projects/"
_PREFIX = b"/api/v1/"
GRAPHQL = b"/graphql"
"""As on the servers of others, it does not stand among the paths of a version."""


class House:
    """``projects`` are those that are served, by name; the first is the one that paths without a
    name mean. ``stopping`` is set when it is time to go.
    """

    def __init__(
        self,
        settings: Settings,
        endpoints: Sequence[Endpoint],
        projects: Mapping[str, Served],
        limits: Taker,
        metrics: Metrics,
    ) -> None:
        self.settings = settings
        self.endpoints = endpoints
        self.projects = projects
        self.limits = limits
        self.strangers = "local" if settings.local else "address"
        """The tier of those who have shown no key that opens."""
        self.shared = not isinstance(limits, Limits)
        self.routes = Routes(endpoints)
        self.documents: dict[tuple[str, ...], Kept] = {}
        """Answers that never change, by endpoint and what its path names."""
        self.hosts = Hosts(settings.names)
        self.origins = Origins(settings.origins)
        self.proxies = Proxies(settings.proxies, header=settings.proxy_header)
        self.threads = ThreadPoolExecutor(THREADS, thread_name_prefix="reads")
        self.stopping = asyncio.Event()
        self.loop = asyncio.get_running_loop()
        self.began = time.monotonic()
        self.metrics = metrics
        self.shedding = Shedding(memory=memory_limit())
        self.health = health.Health(_checks(projects))
        self.log = logs.opened(settings.log_level)
        self._requests = logs.Requests(self.log, level=settings.log_level)
        logs.adopt(self.log, "uvicorn", "tamp", level="warning")
        self.sampling: asyncio.Task[None] | None = None
        self._first = next(iter(projects.values()))

    def project(self, path: bytes) -> Served:
        """The project that a path is about. Raises NotFound for one that is not served here."""
        name = parted(path)[0]
        if name is None:
            return self._first
        served = self.projects.get(name)
        if served is None:
            raise NotFound(f"no project {name[:100]} is served here", code="no-such-project")
        return served

    def told(self, request: Request, reply: Reply | None, seconds: float) -> None:
        """Keep account of a request that was answered; None stands for a stream that has ended."""
        status = 200 if reply is None else reply.status
        seconds = 0.0 if reply is None else seconds
        if request.taken_on not in ("", STREAM):
            self.shedding.leave(seconds)
        route = request.route.endpoint.path if request.route else "unknown"
        self.metrics.answered(request.method, route, status, seconds)
        self._requests.tell(request.method, status, seconds, partial(_about, request, reply))

    async def close(self) -> None:
        if self.sampling is not None:
            self.sampling.cancel()
        for served in self.projects.values():
            await served.close()
        self.threads.shutdown()


def parted(path: bytes) -> tuple[str | None, bytes]:
    """The name of the project that a path is about, None for the first, and the path as if it
    were that one's.
    """
    quoted, slash, rest = path.removeprefix(_PROJECTS).partition(b"/")
    if not slash or not path.startswith(_PROJECTS):
        return None, path
    name = unquote_to_bytes(quoted).decode(errors="replace")
    return name, GRAPHQL if rest == GRAPHQL[1:] else _PREFIX + rest


def _checks(projects: Mapping[str, Served]) -> list[Check]:
    """What is looked at to say how the server is."""
    found = [health.memory(), health.processor()]
    for name, served in projects.items():
        suffix = f"-{name}" if len(projects) > 1 else ""
        storage = config.storage(served.project, os.environ)
        found += health.of_project(served.ws, storage, served.project.home, suffix)
        found.append(_events(served)._replace(name=f"events{suffix}"))
    return found


def _events(served: Served) -> Check:
    feed = served.feed

    def behind() -> int:
        with served.ws.log.reading() as reader:
            return reader.last_change() - feed.latest

    return health.events(feed.lag, behind, lambda: feed.trouble)


def _about(request: Request, reply: Reply | None) -> Mapping[str, object]:
    """What the log says about a request, beside what was answered."""
    route, who = request.route, request.principal
    return {
        "request": request.id,
        "route": route.endpoint.path if route else request.path.decode("latin-1"),
        "actor_id": who.id if who else "",
        "actor": who.name if who else "",
        "bytes": len(reply.body) if reply else 0,
    }
