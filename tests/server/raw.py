"""Requests as bytes, so that they may be wrong in every way."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.processes import LOOPBACK
from tests.server.running import Serving

PATIENCE = 10.0
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) ")
_CODE = re.compile(rb'"code":"([^"]*)"')


class Said(NamedTuple):
    """Everything that came back on one connection."""

    whole: bytes

    @property
    def statuses(self) -> list[int]:
        return [int(one) for one in _STATUS.findall(self.whole)]

    @property
    def status(self) -> int:
        """That of the only answer; 0 where the server has hung up without one."""
        assert len(self.statuses) <= 1, self.whole
        return self.statuses[0] if self.statuses else 0

    @property
    def codes(self) -> list[str]:
        return [one.decode() for one in _CODE.findall(self.whole)]

    @property
    def body(self) -> bytes:
        return self.whole.partition(b"\r\n\r\n")[2]

    @property
    def data(self) -> Any:  # tests look into it
        return json.loads(self.body)["data"]


class Wire:
    """Talks to a server, as the developer whose it is where ``mine`` is among what is said."""

    def __init__(self, server: Serving) -> None:
        self.server = server
        self.port = int(server.url.rpartition(":")[2])
        self.token = (server.folder / ".taskmaster" / "token").read_text("utf-8").strip()
        self.mine = b"Authorization: Bearer %b\r\n" % self.token.encode()

    def say(self, *pieces: bytes) -> Said:
        """Send all of it, and read until the server hangs up, which it has to."""
        with socket.create_connection((LOOPBACK, self.port), timeout=PATIENCE) as connection:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                for piece in pieces:
                    connection.sendall(piece)
            found = b""
            with contextlib.suppress(ConnectionResetError):
                while chunk := connection.recv(65_536):
                    found += chunk
        return Said(found)

    def get(self, path: bytes, *more: bytes, method: bytes = b"GET") -> Said:
        """Ask, with the headers *more*; the connection is closed behind it."""
        return self.say(head(method, path, self.mine, *more))

    def anonymous(self, path: bytes, *more: bytes, method: bytes = b"GET") -> Said:
        return self.say(head(method, path, *more))

    def send(
        self, body: bytes, *more: bytes, path: bytes = b"/api/v1/tasks", method: bytes = b"POST"
    ) -> Said:
        """Have the body taken for JSON, unless *more* has another type."""
        length = b"Content-Length: %d\r\n" % len(body)
        kind = b"" if any(b"ontent-Type" in one for one in more) else JSON
        return self.say(head(method, path, self.mine, kind, length, *more), body)


JSON = b"Content-Type: application/json\r\n"
CLOSE = b"Connection: close\r\n"
HOST = b"Host: localhost\r\n"


def head(method: bytes, path: bytes, *headers: bytes) -> bytes:
    """A request without its body; Host is ours unless another one is given."""
    host = b"" if any(one.lower().startswith(b"host:") for one in headers) else HOST
    return b"%b %b HTTP/1.1\r\n%b%b%b\r\n" % (method, path, host, CLOSE, b"".join(headers))


@contextlib.contextmanager
def unharmed(wire: Wire) -> Iterator[None]:
    """Whatever happens within, the server goes on, says nothing it must not, and has no bug."""
    server = wire.server
    count = len(server.told)
    yield
    began = time.monotonic()
    assert wire.get(b"/api/v1/tasks?limit=1").status == 200
    assert time.monotonic() - began < 2
    log = "".join(server.told[count:])
    assert wire.token not in log
    assert "Traceback" not in log, log
    assert '"level":"error"' not in log, log


def harmless(said: Said, wire: Wire) -> Said:
    """The same, once it is clear that it is no failure, and tells nothing of the inside."""
    assert all(one < 500 for one in said.statuses), said.whole
    assert b"Traceback" not in said.whole
    assert b'File "' not in said.whole
    assert wire.token.encode() not in said.whole
    assert str(wire.server.folder).encode() not in said.whole
    return said
