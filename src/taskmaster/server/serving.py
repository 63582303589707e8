"""Running a server: one process or several on one port, until somebody asks it to stop."""

from __future__ import annotations

import asyncio
import gc
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

from taskmaster.errors import Unavailable, Usage
from taskmaster.server.application import Application
from taskmaster.server.assembly import house
from taskmaster.server.metrics import FOLDER
from taskmaster.server.settings import Settings

if TYPE_CHECKING:
    from taskmaster.server.house import House

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
                _hear_interrupts_alone()
                Multiprocess(chosen, sockets=[listening]).run()
        else:
            if hasattr(signal, "SIGHUP"):  # The terminal is gone: as orderly as any other end.
                signal.signal(signal.SIGHUP, lambda _number, _frame: signal.raise_signal(STOPS[0]))
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
    # Commands live for milliseconds and do without; what is there by now stays for good.
    gc.freeze()
    gc.enable()
    settings = msgspec.json.decode(os.environ[_SETTINGS], type=Settings)

    async def opens() -> House:
        made = await house(settings)
        _told_to_stop(made)
        _ends_with_parent()
        return made

    return Application(opens)


def _hear_interrupts_alone() -> None:
    """Let Ctrl-C, which a terminal sends to all, reach only this process, which ends the others.

    They inherit what this thread blocks, from before they could say what to do about it.
    """
    if hasattr(signal, "pthread_sigmask"):
        threading.Thread(target=threading.Event().wait, name="interrupts", daemon=True).start()
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


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
