"""A server on this machine that answers each request with the next line of its script."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Self

from tests.processes import LOOPBACK, free_port

Value = Any
Act = bytes | Callable[[socket.socket], None]
WAIT = 30.0


class Asked(NamedTuple):
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Value:
        return json.loads(self.body)


def answer(data: object, status: int = 200, **headers: str) -> bytes:
    """A success in its envelope."""
    return reply(json.dumps({"success": True, "data": data}).encode(), status, **headers)


def refusal(status: int, code: str = "", **headers: str) -> bytes:
    told = {"code": code, "message": f"refused with {status}", "hint": "do otherwise",
            "field": "title", "requestId": "req-7", "details": {"a": 1}}  # fmt: skip
    return reply(json.dumps({"success": False, "error": told}).encode(), status, **headers)


def reply(body: bytes, status: int = 200, **headers: str) -> bytes:
    given = {"content-length": str(len(body)), "connection": "close"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"HTTP/1.1 {status} So\r\n{lines}\r\n".encode() + body


def stream(*events: str) -> bytes:
    """A stream that ends after these events, or in the midst of the last one."""
    head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
    return (head + "".join(events)).encode()


def event(number: int, *, at: str = "2026-01-02T03:04:05.678Z") -> str:
    """One change as the stream tells it."""
    told = {"seq": [number, number], "at": at, "actor": {"name": "ada", "kind": "person"},
            "via": "cli", "op": "edit", "changes": [
                {"kind": "changed", "tag": "master", "task": "1",
                 "fields": {"title": {"before": "a", "after": "b"}}}]}  # fmt: skip
    return f"id: {number}\nevent: change\ndata: {json.dumps(told)}\n\n"


def reset(connection: socket.socket) -> None:
    """Break the connection as a crash would."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def silence(connection: socket.socket) -> None:
    """Say nothing until the other side goes away."""
    connection.settimeout(WAIT)
    connection.recv(1)


def then_silence(begin: bytes) -> Act:
    def act(connection: socket.socket) -> None:
        connection.sendall(begin)
        silence(connection)

    return act


class Scripted:
    """One connection for each request; ``asked`` is what came. The last act is repeated."""

    def __init__(self, *script: Act, port: int = 0) -> None:
        self.asked: list[Asked] = []
        self._script = list(script)
        self._listening = socket.create_server((LOOPBACK, port or free_port()), backlog=50)
        self.port: int = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(WAIT)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with connection:
                self._play(connection)

    def _play(self, connection: socket.socket) -> None:
        request = _read(connection)
        if request is None:
            return
        self.asked.append(request)
        act = self._script[min(len(self.asked), len(self._script)) - 1]
        if isinstance(act, bytes):
            connection.sendall(act)
        else:
            act(connection)


def _read(connection: socket.socket) -> Asked | None:
    connection.settimeout(WAIT)
    read = connection.makefile("rb")
    first = read.readline().decode().split()
    if not first:
        return None
    headers = {}
    while line := read.readline().strip():
        name, _, value = line.decode().partition(":")
        headers[name.lower()] = value.strip()
    return Asked(first[0], first[1], headers, read.read(int(headers.get("content-length", 0))))
