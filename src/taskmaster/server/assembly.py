"""What a process of a server is made of: its projects, open, and what counts and watches them."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from taskmaster import app, config
from taskmaster.server.access.opening import gate
from taskmaster.server.connections import Connection, Door, is_local
from taskmaster.server.feed import Feed
from taskmaster.server.house import House
from taskmaster.server.limits import Limits, SharedLimits
from taskmaster.server.metrics import Measured, Metrics
from taskmaster.server.served import opened
from taskmaster.server.table import ENDPOINTS
from taskmaster.server.versions import Versions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from taskmaster.server.limits import Taker
    from taskmaster.server.served import Served
    from taskmaster.server.settings import Settings

_SAMPLED = 5.0
"""Seconds between two looks at what is counted, where there are several processes."""


async def house(settings: Settings) -> House:
    """Everything opened, within the event loop that will serve. Raises what is in the way."""
    loop = asyncio.get_running_loop()
    metrics = Metrics()
    projects = {name: project(settings, name, loop, metrics) for name in settings.projects}
    made = House(settings, ENDPOINTS, projects, limits(projects), metrics)
    watched(made)
    for served in projects.values():
        served.feed.start()
    return made


def watched(made: House) -> None:
    """Have everything counted that is not counted where it happens."""
    proxies, shedding, metrics = made.proxies, made.shedding, made.metrics
    door = Connection.door = Door(exempt=lambda one: is_local(one) or proxies.trusts(one))
    metrics.watch("tamp_connections", "Connections that are open.", lambda: len(door))
    metrics.watch("tamp_connections_refused", "Connections that were refused or ended.",
                  lambda: dict(door.refused), each="reason")  # fmt: skip
    metrics.watch("tamp_overload", "How much there is to do, from 0 to 3.",
                  lambda: shedding.level, of_all="livemax")  # fmt: skip
    metrics.watch("tamp_shed", "What was refused because of that.",
                  lambda: dict(shedding.refused), each="kind")  # fmt: skip
    if made.settings.workers > 1:
        made.sampling = asyncio.create_task(_sampled(metrics))


async def _sampled(metrics: Metrics) -> None:
    """Write down what is counted, for whichever process is asked."""
    while True:
        metrics.sample()
        await asyncio.sleep(_SAMPLED)


def project(
    settings: Settings, name: str, loop: asyncio.AbstractEventLoop, metrics: Metrics
) -> Served:
    """One project, open. Raises NotFound, and whatever its store has to say."""
    place = config.locate(os.environ, settings.projects[name])
    ws = app.workspace(place, os.environ, tag=settings.tag, via="rest", pool=settings.pool)
    ws.store.version()
    feed = Feed(ws, loop)
    counts = getattr(ws.store, "connections", None)
    if counts is not None:
        metrics.watch("tamp_database_connections", "Connections of the pool.", counts,
                      each="state", project=name)  # fmt: skip
    keys = None if ws.log is ws.store else ws.log
    ws = ws.on(ws.tag)
    ws.store = Measured(ws.store, metrics, name)
    metrics.watch("tamp_subscribers", "Those who listen to changes.", lambda: feed.subscribers,
                  project=name)  # fmt: skip
    metrics.watch("tamp_event_lag_seconds", "How late changes may be told.", feed.lag,
                  of_all="livemax", project=name)  # fmt: skip
    let_in = gate(name, place, ws, alone=settings.local)
    return opened(name, place, ws, let_in, feed, Versions(ws.store, keys))


def limits(projects: Mapping[str, Served]) -> Taker:
    """Counted in Redis where a project has one, and in this process otherwise."""
    known = (config.storage(one.project, os.environ).redis for one in projects.values())
    url = next(filter(None, known), "")
    return SharedLimits(url) if url else Limits()
