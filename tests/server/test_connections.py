from __future__ import annotations

import contextlib
import json
import os
import resource
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import pytest
from tests.processes import LIMIT, LOOPBACK, wait_until
from tests.server import guarded
from tests.server.guarded import HELLO, Served
from websockets.sync.client import connect

from taskmaster.server import connections
from taskmaster.server.connections import Bounds, Door, is_local, raise_files

ROOT = Path(__file__).parents[2]
GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
QUICK = Bounds(head=0.2, body=0.2, answer=0.2, slowest=1 << 30)


@pytest.fixture
def serve() -> Iterator[Callable[..., Served]]:
    with contextlib.ExitStack() as stack:

        def begin(bounds: Bounds, *, idle: float = 5, local: bool = False) -> Served:
            door = Door(bounds, exempt=is_local if local else lambda _: False)
            return stack.enter_context(Served(door, idle=idle))

        yield begin


@pytest.fixture(scope="module")
def patient() -> Iterator[Served]:
    with Served(Door(exempt=lambda _: False)) as server:
        yield server


@pytest.fixture(scope="module")
def quick() -> Iterator[Served]:
    with Served(Door(QUICK, exempt=lambda _: False)) as server:
        yield server


class Client:
    """A connection that sends what it likes, when it likes."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection((LOOPBACK, port), timeout=LIMIT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> Client:
        self.socket.sendall(data)
        return self

    def rest(self) -> bytes:
        """Everything until the server closes."""
        found = b""
        with contextlib.suppress(ConnectionResetError):
            while chunk := self.socket.recv(65536):
                found += chunk
        return found

    def answer(self) -> bytes:
        """The body of the next answer."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.socket.recv(1)
        (length,) = [
            int(line.partition(b":")[2])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        ]
        return self.socket.recv(length, socket.MSG_WAITALL)


def refusal(answer: bytes) -> tuple[int, str]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"\r\nconnection: close\r\n" in head + b"\r\n"
    said = json.loads(body)
    assert said["success"] is False
    assert said["error"]["hint"]
    return int(head.split()[1]), said["error"]["code"]


def test_one_connection_carries_many_requests(quick: Served) -> None:
    with Client(quick.port) as client:
        for _ in range(20):
            assert client.send(GET).answer() == HELLO


def test_a_request_may_come_in_pieces(patient: Served) -> None:
    post = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nabcde"
    with Client(patient.port) as client:
        client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for place in range(len(post)):
            client.send(post[place : place + 1])
        assert client.answer() == b"5"


def test_requests_may_be_sent_before_the_answers(patient: Served) -> None:
    with Client(patient.port) as client:
        client.send(GET * 50)
        assert [client.answer() for _ in range(50)] == [HELLO] * 50


SLOW = [b"GET / HT", b"GET / HTTP/1.1\r\nHost: localhost\r\nX", b"\r\n\r\n"]


@pytest.mark.parametrize("beginning", SLOW)
def test_a_head_that_does_not_end_is_given_up(quick: Served, beginning: bytes) -> None:
    before = quick.door.refused["too-slow"]
    with Client(quick.port) as client:
        answer = client.send(beginning).rest()

    assert refusal(answer) == (408, "too-slow")
    assert quick.door.refused["too-slow"] == before + 1


@pytest.mark.parametrize("beginning", SLOW)
def test_so_is_the_head_of_a_second_request(quick: Served, beginning: bytes) -> None:
    with Client(quick.port) as client:
        assert client.send(GET).answer() == HELLO
        assert refusal(client.send(beginning).rest()) == (408, "too-slow")


def test_dripping_does_not_help(quick: Served) -> None:
    with Client(quick.port) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        begun, drops = time.monotonic(), 0
        with contextlib.suppress(ConnectionError):
            while not ready(client.socket, 0.02):
                client.send(b"X-%d: 1\r\n" % drops)
                drops += 1
        assert drops > 1
        assert refusal(client.rest()) == (408, "too-slow")
        assert time.monotonic() - begun < 10


def ready(one: socket.socket, seconds: float) -> bool:
    one.settimeout(seconds)
    try:
        return one.recv(1, socket.MSG_PEEK) is not None
    except TimeoutError:
        return False
    finally:
        one.settimeout(LIMIT)


def test_who_never_says_anything_is_let_go_without_a_word(quick: Served) -> None:
    with Client(quick.port) as client:
        assert client.rest() == b""


def test_who_says_nothing_more_is_let_go_without_a_word(serve: Callable[..., Served]) -> None:
    with Client(serve(Bounds(), idle=0.1).port) as client:
        assert client.send(GET).answer() == HELLO
        assert client.rest() == b""


def test_a_body_that_does_not_end_is_given_up(quick: Served) -> None:
    with Client(quick.port) as client:
        client.send(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc")
        assert refusal(client.rest()) == (408, "too-slow")


def test_a_large_body_has_the_time_that_its_size_needs(serve: Callable[..., Served]) -> None:
    server = serve(QUICK._replace(slowest=10))
    with Client(server.port) as client:
        client.send(
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 101\r\n\r\n" + b"a" * 100
        )
        (one,) = waited(server.door)
        assert one._due - one.loop.time() > 5
        assert client.send(b"a").answer() == b"101"


def waited(door: Door) -> set[connections.Connection]:
    wait_until(lambda: any(one._stage == connections._BODY for one in door.watched), "a body comes")
    return door.watched


def test_an_answer_that_nobody_takes_is_given_up(quick: Served) -> None:
    with Client(quick.port) as client:
        client.send(b"GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n")
        wait_until(lambda: len(quick.door) == 1, "it is connected")
        wait_until(lambda: len(quick.door) == 0, "it is cut off")


def test_an_answer_that_is_taken_may_take_longer(serve: Callable[..., Served]) -> None:
    server = serve(Bounds())
    with Client(server.port) as client:
        client.send(b"GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n")
        due: set[float] = set()
        end = time.monotonic() + LIMIT
        while len(due - {float("inf")}) < 3 and time.monotonic() < end:
            assert client.socket.recv(65536)
            due |= {one._taken_by for one in list(server.door.watched)}

    assert len(due) >= 3


@pytest.mark.parametrize(
    "lines",
    [
        b"X: " + b"a" * 33_000 + b"\r\n",
        b"".join(b"X-%d: a\r\n" % number for number in range(101)),
        b"".join(b"X-%d: %s\r\n" % (number, b"a" * 700) for number in range(50)),
    ],
    ids=["long", "many", "both"],
)
def test_a_head_that_is_too_large_is_refused(patient: Served, lines: bytes) -> None:
    with Client(patient.port) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n" + lines + b"\r\n")
        assert refusal(client.rest()) == (431, "head-too-large")


def test_a_head_without_an_end_is_refused_when_it_is_too_large(
    patient: Served,
) -> None:
    with Client(patient.port) as client:
        client.send(b"GET / HTTP/1.1\r\nX: " + b"a" * 40_000)
        assert refusal(client.rest()) == (431, "head-too-large")


def test_an_address_that_is_too_long_is_refused(patient: Served) -> None:
    with Client(patient.port) as client:
        client.send(b"GET /%s HTTP/1.1\r\nHost: localhost\r\n\r\n" % (b"a" * 40_000))
        assert refusal(client.rest()) == (431, "head-too-large")


def test_a_large_body_right_behind_its_head_is_no_large_head(patient: Served) -> None:
    with Client(patient.port) as client:
        client.send(b"POST / HTTP/1.1\r\nContent-Length: 60000\r\n\r\n" + b"a" * 60_000)
        assert client.answer() == b"60000"
        assert client.send(GET).answer() == HELLO


@pytest.mark.parametrize(
    "nonsense",
    [
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n",
    ],
)
def test_what_is_no_request_is_told_so(patient: Served, nonsense: bytes) -> None:
    with Client(patient.port) as client:
        assert refusal(client.send(nonsense).rest()) == (400, "bad-request")


def test_one_address_holds_no_more_than_its_share(serve: Callable[..., Served]) -> None:
    server = serve(Bounds(each=2))
    with Client(server.port) as one, Client(server.port) as other:
        assert one.send(GET).answer() == other.send(GET).answer() == HELLO
        with Client(server.port) as third:
            assert refusal(third.rest()) == (503, "too-many-connections")
        other.socket.close()
        wait_until(lambda: len(server.door) == 1, "the place is free")
        with Client(server.port) as fourth:
            assert fourth.send(GET).answer() == HELLO


def test_programs_on_this_machine_are_not_counted_by_address(serve: Callable[..., Served]) -> None:
    server = serve(Bounds(each=2), local=True)
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(Client(server.port)) for _ in range(5)]
        assert [one.send(GET).answer() for one in clients] == [HELLO] * 5


def test_all_together_hold_no_more_than_there_is_room_for(serve: Callable[..., Served]) -> None:
    server = serve(Bounds(most=2), local=True)
    with Client(server.port) as one, Client(server.port) as other:
        assert one.send(GET).answer() == other.send(GET).answer() == HELLO
        with Client(server.port) as third:
            assert refusal(third.rest()) == (503, "too-many-connections")


def test_a_websocket_passes_holds_its_place_and_gives_it_back(
    serve: Callable[..., Served],
) -> None:
    server = serve(QUICK._replace(each=1))
    with connect(f"ws://{LOOPBACK}:{server.port}/", proxy=None) as live:
        live.send("hello")
        assert live.recv() == "hello"
        with Client(server.port) as refused:
            assert refusal(refused.rest()) == (503, "too-many-connections")
        # Several times as long as a request may take.
        assert not ready(live.socket, 1)
        live.send("still here")
        assert live.recv() == "still here"
    wait_until(lambda: len(server.door) == 0, "the place is free")
    with Client(server.port) as client:
        assert client.send(GET).answer() == HELLO


def test_nobody_who_is_refused_is_held_for_long(
    serve: Callable[..., Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "LINGER", 0.1)
    server = serve(QUICK)
    with Client(server.port) as client:
        client.send(b"GET / HT")
        wait_until(lambda: server.door.refused, "it is refused")
        wait_until(lambda: len(server.door) == 0, "it is cut off")


def test_a_door_remembers_nobody_who_left(patient: Served) -> None:
    for _ in range(20):
        with Client(patient.port) as client:
            assert client.send(GET).answer() == HELLO
    wait_until(lambda: len(patient.door) == 0, "all have left")

    assert not patient.door.watched
    assert not patient.door._each


@pytest.mark.parametrize(
    ("address", "local"),
    [("127.0.0.1", True), ("::1", True), ("", True), ("192.0.2.1", False), ("x", False)],
)
def test_local_is_who_calls_from_this_machine(address: str, local: bool) -> None:
    assert is_local(address) is local


@pytest.fixture
def process() -> Iterator[int]:
    """The port of a server in a process of its own, whose files are not ours."""
    env = os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))}
    with subprocess.Popen(
        [sys.executable, guarded.__file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=env,
        encoding="utf-8",
    ) as running:
        assert running.stdout is not None
        yield int(running.stdout.readline())


def test_ten_thousand_idle_connections_keep_nobody_from_being_answered(
    process: int, capsys: pytest.CaptureFixture[str]
) -> None:
    room = raise_files()
    wanted = min(10_000, room)
    if wanted < 10_000:
        with capsys.disabled():
            sys.stderr.write(f"only {wanted} connections, since {room} is all that we may have\n")
    assert wanted >= 500, f"{resource.getrlimit(resource.RLIMIT_NOFILE)} leaves too little room"
    idle = []
    try:
        for number in range(wanted):
            one = Client(process)
            idle.append(one)
            if number % 2:
                one.send(b"GET / HT")
        with Client(process) as client:
            begun = time.monotonic()
            assert [client.send(GET).answer() for _ in range(20)] == [HELLO] * 20
            took = time.monotonic() - begun
        held = sum(not ready(one.socket, 0.001) for one in idle[:: wanted // 100])
    finally:
        for one in idle:
            # Cut instead of closed, they leave no ports behind that wait to be forgotten.
            one.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            one.socket.close()

    assert held >= 100
    assert took < 2
