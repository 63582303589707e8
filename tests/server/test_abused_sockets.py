"""WebSockets that are opened by the wrong people, or spoken over by the wrong program."""

from __future__ import annotations

import contextlib
import socket
import struct
from collections.abc import Iterator

import pytest
from tests.processes import LOOPBACK, wait_until
from tests.server.raw import HOST, PATIENCE, Wire, harmless, unharmed
from tests.server.running import Serving, project

LIVE, GRAPHQL = b"/api/v1/live", b"/graphql"
UPGRADE = (
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
SPEAKS = b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n"
TEXT, BINARY, CLOSE, PING = 1, 2, 8, 9


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    with Serving(project(tmp_path_factory.mktemp("project"), 5)) as server:
        found = Wire(server)
        with unharmed(found):
            yield found


def asked(path: bytes, *headers: bytes) -> bytes:
    host = b"" if any(b"Host:" in one for one in headers) else HOST
    return b"GET %b HTTP/1.1\r\n%b%b%b\r\n" % (path, host, UPGRADE, b"".join(headers))


def frame(
    kind: int, data: bytes = b"", *, first: int = 0x80, mask: int = 0x80, length: int = -1
) -> bytes:
    """A frame, masked with nothing; *length* is what it says of itself."""
    count = length if length >= 0 else len(data)
    told = struct.pack("!BBQ", first | kind, mask | 127, count)
    return told + (b"\x00" * 4 if mask else b"") + data


@pytest.mark.parametrize("path", [LIVE, GRAPHQL])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (b"X-API-Key: nothing\r\n", 401),
        (b"Sec-WebSocket-Protocol: tamp.v1, bearer.nothing\r\n", 401),
        (b"{mine}Sec-WebSocket-Protocol: bearer.nothing\r\n", 401),
        (b"{mine}{mine}", 400),
        (b"{mine}Origin: https://evil.example\r\n", 403),
        (b"{mine}Origin: null\r\n", 403),
        (b"{mine}Host: evil.example\r\n", 403),
        (b"{mine}Host: evil.example\r\nOrigin: http://evil.example\r\n", 403),
    ],
)
def test_who_may_not_listen_is_not_let_in(
    wire: Wire, path: bytes, headers: bytes, status: int
) -> None:
    found = harmless(wire.say(asked(path, headers.replace(b"{mine}", wire.mine))), wire)

    assert found.status == status
    refused = f'"status":{status}'
    wait_until(lambda: refused in wire.server.told[-1], "it is in the log", 5)
    assert b"x-content-type-options: nosniff" in found.whole


@pytest.mark.parametrize("query", [b"", b"?token={}", b"?access_token={}", b"?bearer={}"])
def test_a_token_in_the_address_of_a_socket_is_none(wire: Wire, query: bytes) -> None:
    path = LIVE + query.replace(b"{}", wire.token.encode())

    assert harmless(wire.say(asked(path)), wire).status == 401


@pytest.mark.parametrize(
    "said",
    [
        frame(TEXT, b"{}", mask=0), frame(TEXT, b"{}", first=0xF0), frame(11),
        frame(PING, b"x" * 200),
        frame(TEXT, b"x", length=1 << 62), frame(TEXT, b"x" * 70_000), frame(TEXT, b"\xff"),
        frame(TEXT, b"x", first=0) + frame(0, b"x" * 60_000, first=0) * 50, frame(0, b"x"),
        frame(BINARY, b"{}"), frame(CLOSE, b"\x00"), frame(CLOSE, struct.pack("!H", 999)),
        frame(TEXT, b"[" * 60_000), frame(TEXT, b'{"a":' * 9_000), frame(TEXT, b"\x00"),
        frame(TEXT, b'{"type":"ping"}') * 200, frame(TEXT, b'{"type":"connection_init"}') * 3,
        b"GET / HTTP/1.1\r\n\r\n" * 10, b"\xff" * 5_000, frame(PING, b"x") * 3_000 + frame(CLOSE),
    ],
    ids=lambda said: repr(said[:24]),
)  # fmt: skip
@pytest.mark.parametrize("path", [LIVE, GRAPHQL])
def test_who_talks_nonsense_is_shown_out(wire: Wire, path: bytes, said: bytes) -> None:
    speaks = SPEAKS if path == GRAPHQL else b""
    with socket.create_connection((LOOPBACK, wire.port), timeout=PATIENCE) as connection:
        connection.sendall(asked(path, wire.mine, speaks))
        assert connection.recv(12) == b"HTTP/1.1 101"
        found = b""
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            connection.sendall(said)
            while b"\x88" not in found and (chunk := connection.recv(65_536)):
                found += chunk

    assert wire.token.encode() not in found
    assert str(wire.server.folder).encode() not in found
