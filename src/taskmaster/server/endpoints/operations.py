"""How the server is, for those who keep it running."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from msgspec import Struct

from taskmaster.server import shapes
from taskmaster.server.answer import VERSION, Answer, encoded
from taskmaster.server.endpoint import PUBLIC, Group, Query
from taskmaster.server.metrics import KIND
from taskmaster.workspace import utc_now

if TYPE_CHECKING:
    from taskmaster.server.call import Call
    from taskmaster.server.health import Report

GROUP = Group("operations", prefix="")
_BARE = {"need": PUBLIC, "query": Query, "kept": False, "enveloped": False}


class Health(Struct):
    status: str
    timestamp: str
    version: str
    uptime: float


class Ready(Struct):
    ready: bool
    status: str
    timestamp: str


class Live(Struct):
    alive: bool
    timestamp: str


@GROUP.get("/health", Health, **_BARE)
def show_health(call: Call) -> object:
    """Whether all is well: ``ok``, ``degraded`` or ``failed``.

    What was looked at is under ``/api/v1/status``.
    """
    report = _report(call)
    uptime = round(time.monotonic() - call.house.began, 1)
    told = {"status": report.status, "timestamp": utc_now(), "version": VERSION, "uptime": uptime}
    return Answer(body=encoded(told))


@GROUP.get("/health/ready", Ready, errors=(503,), **_BARE)
def show_readiness(call: Call) -> object:
    """Whether requests can be served: 200, or 503 where something essential has failed."""
    report = _report(call)
    told = {"ready": report.ready, "status": report.status, "timestamp": utc_now()}
    return Answer(body=encoded(told), status=report.code)


@GROUP.get("/health/live", Live, **_BARE)
def show_life(call: Call) -> object:
    """Whether the process answers at all."""
    del call
    return Answer(body=encoded({"alive": True, "timestamp": utc_now()}))


@GROUP.get("/api/v1/status", shapes.Anything, query=Query, kept=False)
def show_status(call: Call) -> object:
    """Everything that was looked at, and how it is: stores, migrations, Redis, disk, memory."""
    return _report(call).full()


@GROUP.get(
    "/metrics", None, query=Query, kept=False, kinds=(KIND.partition(";")[0],)
)  # fmt: skip
def show_metrics(call: Call) -> object:
    """What the server has counted, for Prometheus."""
    return Answer(body=call.house.metrics.page(), kind=KIND.encode())


def _report(call: Call) -> Report:
    house = call.house
    return asyncio.run_coroutine_threadsafe(house.health.report(), house.loop).result()
