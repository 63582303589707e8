"""Answers that are kept go out in one piece; nobody can tell, but by the time it takes."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.server.running import Serving, project

from taskmaster.server.headers import lines

OWN = ("date", "x-request-id", "ratelimit-remaining", "ratelimit-reset")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with Serving(project(tmp_path_factory.mktemp("whole"), 100)) as running:
        yield running


def connected(server: Serving) -> socket.socket:
    where = urlsplit(server.url)
    return socket.create_connection((where.hostname, where.port or 0), 30)


def asked(server: Serving, path: str, name: str, *more: str) -> bytes:
    token = (Path(server.folder) / ".taskmaster" / "token").read_text(encoding="utf-8").strip()
    told = ["Host: localhost", f"Authorization: Bearer {token}", f"X-Request-ID: {name}", *more]
    return "\r\n".join([f"GET {path} HTTP/1.1", *told, "", ""]).encode()


def read(connection: socket.socket) -> bytes:
    """Everything until the server closes."""
    pieces = []
    while piece := connection.recv(65_536):
        pieces.append(piece)
    return b"".join(pieces)


def test_a_kept_answer_has_the_headers_that_are_sent_step_by_step(server: Serving) -> None:
    first, second = (server.http.get("/api/v1/tasks/5") for _ in range(2))
    stepwise = server.http.head("/api/v1/tasks/5")
    for answer in (first, second):
        assert answer.status_code == 200
        found, other = (
            [(name, value) for name, value in one.headers.multi_items() if name not in OWN]
            for one in (answer, stepwise)
        )
        assert sorted(found) == sorted(other)
        assert set(OWN) <= set(answer.headers)


def test_a_packed_answer_is_the_same_answer(server: Serving) -> None:
    path = "/api/v1/tasks?limit=100"
    plain = server.http.get(path, headers={"Accept-Encoding": "identity"})
    packed = server.http.get(path, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.json() == plain.json()


def test_requests_that_are_sent_together_are_answered_in_their_order(server: Serving) -> None:
    names = [f"request-{number}" for number in range(30)]
    wanted = [asked(server, f"/api/v1/tasks/{number % 3 + 1}", name)
              for number, name in enumerate(names)]  # fmt: skip
    last = asked(server, "/api/v1/tasks/1", "last", "Connection: close")
    with connected(server) as connection:
        connection.sendall(b"".join([*wanted, last]))
        found = read(connection)
    heads = [part for part in found.split(b"\r\n") if part.startswith(b"x-request-id: ")]
    assert heads == [f"x-request-id: {name}".encode() for name in [*names, "last"]]


def test_a_client_that_reads_late_gets_everything(server: Serving) -> None:
    count = 200
    many = asked(server, "/api/v1/tasks?limit=100", "many")
    last = asked(server, "/api/v1/tasks/1", "last", "Connection: close")
    with connected(server) as connection:
        connection.sendall(many * count + last)
        found = read(connection)
    assert found.count(b"x-request-id: many\r\n") == count
    assert found.count(b'"Task 100"') == count
    assert b"connection: close" in found.rpartition(b"HTTP/1.1 200")[2]


@pytest.mark.parametrize("value", [b"a\r\nset-cookie: b", b"a\nb", b"a\0b", b"a\x7f"])
def test_no_value_becomes_another_header(value: bytes) -> None:
    with pytest.raises(ValueError, match="no header"):
        lines([(b"etag", value)])
