"""Clients that are slow, idle or many, and a whole server that goes on answering the others."""

from __future__ import annotations

import json
import resource
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.processes import LOOPBACK, wait_until
from tests.server.raw import JSON, PATIENCE, Wire, head
from tests.server.running import Serving, project
from tests.server.test_coherence import stored
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from taskmaster.server.listeners import EACH
from taskmaster.server.shedding import SLOW

TASKS = b"/api/v1/tasks"
STREAM = b"/api/v1/changes/stream"
SOON = 2.0
"""Seconds in which somebody else is answered, on a machine that does other things as well."""


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    with Serving(project(tmp_path, 5)) as server:
        yield Wire(server)


def opened(wire: Wire, *said: bytes) -> socket.socket:
    connection = socket.create_connection((LOOPBACK, wire.port), timeout=PATIENCE)
    connection.sendall(b"".join(said))
    return connection


def slowest(server: Serving, count: int = 20) -> float:
    """The longest that one of so many questions and changes took, in seconds."""
    taken = []
    for number in range(count):
        began = time.monotonic()
        server.get(f"/tasks/{1 + number % 3}")
        server.post("/tasks/1/notes", {"text": "still here"}).raise_for_status()
        taken.append(time.monotonic() - began)
    return max(taken)


def test_slow_clients_of_every_kind_keep_nobody_waiting(wire: Wire) -> None:
    started = head(b"POST", TASKS, wire.mine, JSON, b"Content-Length: 1000000\r\n")
    with ExitStack() as stack:
        for number in range(60):
            for said in (
                b"",
                b"GET ",
                head(b"GET", TASKS, wire.mine)[: -2 - number % 20],
                started + b'{"title":"' + b"x" * 1_000,
                started,
                head(b"GET", STREAM, wire.mine),
                head(b"GET", b"/api/v1/changes?wait=30&since=0", wire.mine),
            ):
                stack.enter_context(opened(wire, said))

        assert slowest(wire.server) < SOON
        assert wire.server.http.get("/health/ready").json()["ready"] is True


def test_who_waits_for_changes_is_no_sign_of_too_much_to_do(wire: Wire) -> None:
    asked = head(b"GET", b"/api/v1/changes?since=0&wait=1.05", wire.mine)

    def wait_twice(_number: int) -> list[int]:
        return [wire.say(asked).status for _ in range(2)]

    with ThreadPoolExecutor(40) as threads:
        assert {one for found in threads.map(wait_twice, range(40)) for one in found} == {200}
    with opened(wire, head(b"GET", STREAM, wire.mine)) as connection:
        assert connection.recv(12) == b"HTTP/1.1 200"
    assert {wire.get(TASKS).status for _ in range(20)} == {200}


def test_neither_is_who_sends_slowly(wire: Wire) -> None:
    body = b'{"title":"slow"}'
    started = head(b"POST", TASKS, wire.mine, JSON, b"Content-Length: %d\r\n" % len(body))
    with ExitStack() as stack:
        slow = [stack.enter_context(opened(wire, started)) for _ in range(60)]
        wait_until(passed(SLOW + 0.1), "they are slow because we are")
        for one in slow:
            one.sendall(body)
        assert {one.recv(12) for one in slow} == {b"HTTP/1.1 201"}
        wait_until(passed(1), "the server looks back")
        asked = head(b"GET", STREAM, wire.mine)
        streams = [stack.enter_context(opened(wire, asked)) for _ in range(20)]
        assert {one.recv(12) for one in streams} == {b"HTTP/1.1 200"}


def passed(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def test_to_open_a_socket_counts_as_a_question(wire: Wire) -> None:
    made = wire.server.post("/keys", {"name": "few", "role": "viewer", "tier": "free"}).json()
    headers = {"X-API-Key": made["data"]["token"]}
    with wire.server.client("", **headers) as client:
        while client.get("/api/v1/tasks/1").status_code != 429:
            pass
    for path in ("/api/v1/live", "/graphql"):
        with pytest.raises(InvalidStatus) as caught:
            connect(wire.server.url.replace("http", "ws", 1) + path, additional_headers=headers)
        assert caught.value.response.status_code == 429


def bulky(folder: Path) -> Path:
    """A project that takes some megabytes."""
    file = project(folder, 3_000) / ".taskmaster" / "tasks" / "tasks.json"
    state = json.loads(file.read_text("utf-8"))
    for task in state["master"]["tasks"]:
        task["details"] = "x" * 3_000
    file.write_text(json.dumps(state), "utf-8")
    return folder


@pytest.mark.parametrize("engine", ["file", "postgres"])
def test_who_takes_an_export_slowly_holds_nothing_that_others_need(
    tmp_path: Path, engine: str, request: pytest.FixtureRequest
) -> None:
    url = "file" if engine == "file" else request.getfixturevalue("database")
    asked = b"/api/v1/export?format=dump"
    with Serving(stored(bulky(tmp_path), url), "--pool=2") as server, ExitStack() as stack:
        wire = Wire(server)
        slow = []
        for _ in range(6):
            connection = stack.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            connection.settimeout(PATIENCE)
            connection.connect((LOOPBACK, wire.port))
            connection.sendall(head(b"GET", asked, wire.mine))
            slow.append(connection)
        heads = [connection.recv(12) for connection in slow]

        assert heads == [b"HTTP/1.1 200"] * 6
        assert slowest(server, 3) < SOON


def test_a_caller_has_so_many_streams_and_no_more(wire: Wire) -> None:
    token = wire.server.post("/keys", {"name": "many", "role": "viewer", "tier": "premium"})
    shown = b"X-API-Key: %b\r\n" % token.json()["data"]["token"].encode()
    asked = head(b"GET", STREAM, shown)
    headers = {"X-API-Key": token.json()["data"]["token"]}
    address = wire.server.url.replace("http", "ws", 1)
    with ExitStack() as stack:
        held = [stack.enter_context(opened(wire, asked)) for _ in range(EACH)]
        assert {one.recv(12) for one in held} == {b"HTTP/1.1 200"}
        refused = wire.say(asked)
        with pytest.raises(InvalidStatus) as caught:
            connect(f"{address}/api/v1/live", additional_headers=headers)
        spoken = [Subprotocol("graphql-transport-ws")]
        with connect(f"{address}/graphql", additional_headers=headers, subprotocols=spoken) as talk:
            talk.send('{"type":"connection_init"}')
            with pytest.raises(ConnectionClosed):
                talk.recv(PATIENCE)
        own = stack.enter_context(opened(wire, head(b"GET", STREAM, wire.mine)))

        assert (refused.status, refused.codes) == (429, ["too-many-streams"])
        assert b"retry-after: 5" in refused.whole
        assert caught.value.response.status_code == 429
        assert talk.close_code == 1013
        assert own.recv(12) == b"HTTP/1.1 200"
        assert wire.anonymous(TASKS, shown).status == 200
        for one in held[:10]:
            one.close()
        wait_until(lambda: _is_let_in(wire, asked), "a place was free again")


def _is_let_in(wire: Wire, asked: bytes) -> bool:
    with opened(wire, asked) as connection:
        return connection.recv(12) == b"HTTP/1.1 200"


def test_a_websocket_is_taken_only_where_there_is_one(wire: Wire) -> None:
    for path in ("tasks", "tasks/1", "changes/stream", "nothing", "projects/x/live"):
        with pytest.raises(InvalidStatus) as caught:
            connect(
                f"{wire.server.url.replace('http', 'ws', 1)}/api/v1/{path}",
                additional_headers={"X-API-Key": wire.token},
            )
        assert caught.value.response.status_code == 404


@pytest.mark.soak
def test_ten_thousand_idle_sockets_keep_nobody_waiting(wire: Wire) -> None:
    """As many as this process may open, which has to be a good part of them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = min(hard if hard != resource.RLIM_INFINITY else 1 << 20, 20_000)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
    count = min(10_000, most - 500)
    print(f"{count} idle sockets")  # noqa: T201 - shown when it fails, and with -s
    with ExitStack() as stack:
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        for number in range(count):
            stack.enter_context(opened(wire, b"GET " if number % 2 else b""))
            if number % 1_000 == 0:
                assert slowest(wire.server, 2) < SOON

        assert slowest(wire.server) < SOON
