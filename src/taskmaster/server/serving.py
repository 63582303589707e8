"""Running a server: one process or several on one port, from the first look at its projects to
the last answer.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import multiprocessing.connection
import os
import signal
import socket
import tempfile
import threading
from typing import TYPE_CHECKING

import msgspec
import uvicorn
from uvicorn.supervisors import Multiprocess

from taskmaster import app, config
from taskmaster.errors import Unavailable, Usage
from taskmaster.server.application import Application
from taskmaster.server.house import House
from taskmaster.server.limits import Limits, SharedLimits
from taskmaster.server.metrics import FOLDER, Measured, Metrics
from taskmaster.server.served import opened
from taskmaster.server.settings import Settings
from taskmaster.server.table import ENDPOINTS

if TYPE_CHECKING:
    from taskmaster.server.limits import Taker
    from taskmaster.server.served import Served

_SETTINGS = "TAMP_SERVER_SETTINGS"
"""How the processes of a server are told what they are to do."""
_BACKLOG = 2_048
STOPS = (signal.SIGTERM, signal.SIGINT)


def serve(settings: Settings, listening: socket.socket) -> None:
    """Serve on this socket until somebody asks the process to stop."""
    os.environ[_SETTINGS] = msgspec.json.encode(settings).decode()
    chosen = uvicorn.Config(
        "taskmaster.server.serving:application",
        factory=True,
        workers=settings.workers,
        http="taskmaster.server.connections:Connection",
        ws="websockets-sansio",
        ws_max_size=65_536,
        ws_per_message_deflate=False,
        loop="auto",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=True,
        timeout_graceful_shutdown=settings.grace,
        ssl_certfile=settings.tls_cert or None,
        ssl_keyfile=settings.tls_key or None,
    )
    # uvicorn stops in an orderly way and then signals once more, to whoever was there before it.
    for number in STOPS:
        signal.signal(number, lambda _number, _frame: None)
    with listening:
        if settings.workers > 1:
            with tempfile.TemporaryDirectory(prefix="tamp-metrics-") as folder:
                os.environ[FOLDER] = folder
                Multiprocess(chosen, sockets=[listening]).run()
        else:
            uvicorn.Server(chosen).run(sockets=[listening])


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises Unavailable, Usage."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    except socket.gaierror as error:
        raise Usage(
            f"there is no address {host!r}: {error.strerror}",
            hint="127.0.0.1 is this machine alone, 0.0.0.0 every address that it has",
        ) from error
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise Unavailable(
            f"cannot listen on {host} port {port}: {error.strerror}",
            hint="something else may be there; --port takes another one, 0 a free one",
            code="port-taken",
        ) from error


def application() -> Application:
    """The application as a process of a server makes it."""
    settings = msgspec.json.decode(os.environ[_SETTINGS], type=Settings)
    return Application(lambda: house(settings))


async def house(settings: Settings) -> House:
    """Everything opened, within the event loop that will serve. Raises what is in the way."""
    loop = asyncio.get_running_loop()
    metrics = Metrics()
    projects = {name: project(settings, name, loop, metrics) for name in settings.projects}
    made = House(settings, ENDPOINTS, projects, limits(), metrics)
    for served in projects.values():
        served.feed.start()
    _told_to_stop(made)
    _ends_with_parent()
    return made


def project(
    settings: Settings, name: str, loop: asyncio.AbstractEventLoop, metrics: Metrics
) -> Served:
    """One project, open. Raises NotFound, and whatever its store has to say."""
    from taskmaster.server.access.opening import gate
    from taskmaster.server.feed import Feed

    place = config.locate(os.environ, settings.projects[name])
    ws = app.workspace(place, os.environ, tag=settings.tag, via="rest", pool=settings.pool)
    ws.store.version()
    feed = Feed(ws, loop)
    ws = ws.on(ws.tag)
    ws.store = Measured(ws.store, metrics, name)
    metrics.watch("tamp_subscribers", "Those who listen to changes.", lambda: feed.subscribers,
                  project=name)  # fmt: skip
    metrics.watch("tamp_event_lag_seconds", "How late changes may be told.", feed.lag,
                  of_all="livemax", project=name)  # fmt: skip
    return opened(name, place, ws, gate(name, place, ws, alone=settings.local), feed)


def limits() -> Taker:
    """Counted in Redis where there is one, and in this process otherwise."""
    url = os.environ.get("TAMP_REDIS_URL", "")
    return SharedLimits(url) if url else Limits()


def _ends_with_parent() -> None:
    """Have a process of several stop when the one that started it is gone, whatever ended that."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        multiprocessing.connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def _told_to_stop(made: House) -> None:
    """Let streams end as soon as the server is asked to stop: it waits for them before it goes."""
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for number in STOPS:
        before = signal.getsignal(number)

        def stop(number: int, frame: object, before: object = before) -> None:
            loop.call_soon_threadsafe(made.stopping.set)
            before(number, frame)  # type: ignore[operator]  # uvicorn's own

        signal.signal(number, stop)
