"""A server behind a door, with an application that says little."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
from collections.abc import Awaitable, Callable
from typing import Any, Self

import uvicorn
from tests.processes import LIMIT, LOOPBACK, wait_until

from taskmaster.server.connections import Bounds, Door, protocol

HELLO = b"hello"
Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Says hello, or how long the body was, or more than anybody takes."""
    if scope["type"] == "websocket":
        await echo(receive, send)
        return
    length, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        length, more = length + len(message.get("body", b"")), message.get("more_body", False)
    endless = scope["path"] == "/endless"
    said = HELLO if scope["method"] == "GET" else b"%d" % length
    told = [] if endless else [(b"content-length", b"%d" % len(said))]
    await send({"type": "http.response.start", "status": 200, "headers": told})
    gone = asyncio.ensure_future(receive())
    while endless and not gone.done():
        await send({"type": "http.response.body", "body": bytes(65536), "more_body": True})
        await asyncio.sleep(0)
    gone.cancel()
    await send({"type": "http.response.body", "body": said})


async def echo(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": message["text"]})


def settings(door: Door, *, idle: float = 5) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=protocol(door),
        ws="websockets-sansio",
        loop="uvloop",
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_keep_alive=idle,  # type: ignore[arg-type]  # a test waits less than a second
    )


def listening() -> socket.socket:
    return socket.create_server((LOOPBACK, 0), backlog=2048)


class Served:
    """In a thread of this process."""

    def __init__(self, door: Door, *, idle: float = 5) -> None:
        self.door = door
        self._socket = listening()
        self.port: int = self._socket.getsockname()[1]
        self._server = uvicorn.Server(settings(door, idle=idle))
        self._thread = threading.Thread(
            target=self._server.run, args=([self._socket],), daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        wait_until(lambda: self._server.started, "the server has started")
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(LIMIT)
        assert not self._thread.is_alive()
        self._socket.close()


if __name__ == "__main__":
    # Says its port, and serves until its input ends.
    sock = listening()
    server = uvicorn.Server(settings(Door(Bounds(head=60), exempt=lambda _: True), idle=60))
    thread = threading.Thread(target=server.run, args=([sock],), daemon=True)
    thread.start()
    print(sock.getsockname()[1], flush=True)  # noqa: T201 - that is how it says it
    sys.stdin.read()
