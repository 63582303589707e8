"""Subscriptions: as Server-Sent Events and over a WebSocket, from a real server."""

from __future__ import annotations

import collections
import itertools
import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.server.asking import payloads
from tests.server.running import Serving, project
from tests.surfaces.cli.conftest import process
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from taskmaster import app
from taskmaster.server.graphql.socket import MOST
from taskmaster.usecases import keys

WAIT = 20
FOLLOW = "subscription ($since: Int) { changes(since: $since) { last changes { task kind } } }"
EVENTS = {"accept": "text/event-stream"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Serving]:
    with Serving(project(tmp_path)) as running:
        yield running


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """For tests that do not mind what others change."""
    with Serving(project(tmp_path_factory.mktemp("project"))) as running:
        yield running


@contextmanager
def following(server: Serving, query: str = FOLLOW, **variables: object) -> Iterator[Iterator[Any]]:
    body = {"query": query, "variables": variables}
    with server.http.stream("POST", "/graphql", json=body, headers=EVENTS) as stream:
        assert stream.status_code == 200, stream.read()
        yield payloads(stream)


class Talk:
    """What is said over a socket."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def say(self, **message: object) -> None:
        self.socket.send(json.dumps(message))

    def ask(self, name: str, query: str, **variables: object) -> None:
        self.say(id=name, type="subscribe", payload={"query": query, "variables": variables})

    def hear(self) -> Any:
        return json.loads(self.socket.recv(timeout=WAIT))

    def code(self) -> int:
        """The code that the server closes the socket with, whatever it still says."""
        with pytest.raises(ConnectionClosedError) as closed:
            list(self.socket)
        assert closed.value.rcvd is not None
        return closed.value.rcvd.code


@contextmanager
def silent(server: Serving, **more: Any) -> Iterator[Talk]:
    """A socket over which nothing was said yet."""
    url = server.url.replace("http", "ws", 1) + "/graphql"
    options = {"subprotocols": ["graphql-transport-ws"], "proxy": None, **more}
    with connect(url, **options) as socket:
        yield Talk(socket)


@contextmanager
def talking(server: Serving, token: str = "") -> Iterator[Talk]:
    """A socket of a client who has said who it is."""
    with silent(server) as talk:
        words = {"Authorization": f"Bearer {token or token_of(server)}"}
        talk.say(type="connection_init", payload=words)
        assert talk.hear() == {"type": "connection_ack"}
        yield talk


def token_of(server: Serving) -> str:
    return (server.folder / ".taskmaster" / "token").read_text(encoding="utf-8").strip()


def test_a_change_by_another_process_is_told_and_what_came_meanwhile_too(server: Serving) -> None:
    with following(server, since=0) as told:
        assert process(server.folder, "set-status", "1", "done").code == 0
        first = next(told)["data"]["changes"]
        assert first == {"last": 1, "changes": [{"task": "1", "kind": "changed"}]}

    assert process(server.folder, "set-status", "2", "done").code == 0
    assert process(server.folder, "set-status", "3", "done").code == 0
    with following(server, since=first["last"]) as told:
        assert [next(told)["data"]["changes"]["last"] for _ in range(2)] == [2, 3]


def test_only_what_is_done_to_the_tag_is_told(server: Serving) -> None:
    for query in (
        'mutation { createTag(name: "later") { name } }',
        'mutation { note(id: 1, text: "no") { id } }',
        'mutation { createTask(task: {title: "Yes"}, tag: "later") { id } }',
    ):
        assert "errors" not in server.http.post("/graphql", json={"query": query}).json()

    query = 'subscription { changes(since: 1, tag: "later") { last operation } }'
    with following(server, query) as told:
        assert next(told)["data"]["changes"] == {"last": 3, "operation": "add-task"}


def test_a_question_may_come_as_a_stream_of_one(shared: Serving) -> None:
    with following(shared, "{ task(id: 1) { id } }") as told:
        assert [one["data"] for one in told] == [{"task": {"id": "1"}}]


def test_what_goes_wrong_in_a_stream_is_told_in_it(shared: Serving) -> None:
    query = 'mutation { note(id: 1, text: "%s") { id } }'
    heard = []
    for text in ("one", "two"):
        body, headers = {"query": query % text}, EVENTS | {"idempotency-key": "same"}
        with shared.http.stream("POST", "/graphql", json=body, headers=headers) as stream:
            heard += list(payloads(stream))

    assert heard[0]["data"] == {"note": {"id": "1"}}
    assert heard[1]["errors"][0]["extensions"]["code"] == "key-reused"


@pytest.mark.parametrize(("since", "code"), [(999, "no-such-change"), (-1, "bad-since")])
def test_a_stream_that_cannot_begin_there_says_so_and_is_over(
    shared: Serving, since: int, code: str
) -> None:
    with following(shared, since=since) as told:
        [said] = list(told)

    assert said["errors"][0]["extensions"]["code"] == code


def test_a_server_that_goes_away_ends_its_streams_for_clients_to_come_again(
    server: Serving,
) -> None:
    with following(server, since=0) as told, talking(server) as talk:
        talk.ask("1", FOLLOW, since=0)
        assert process(server.folder, "set-status", "1", "done").code == 0
        next(told)
        assert talk.hear()["id"] == "1"
        server.process.send_signal(signal.SIGTERM)

        assert list(told) == []
        assert talk.code() == 1012
    assert server.process.wait(WAIT) == 0


def test_a_socket_carries_questions_changes_and_subscriptions(server: Serving) -> None:
    with talking(server) as talk:
        talk.say(type="ping")
        assert talk.hear() == {"type": "pong"}
        talk.ask("ask", "{ task(id: 1) { id } }")
        said = talk.hear()
        assert (said["id"], said["type"]) == ("ask", "next")
        assert said["payload"]["data"] == {"task": {"id": "1"}}
        assert talk.hear() == {"id": "ask", "type": "complete"}

        talk.ask("follow", FOLLOW, since=0)
        assert process(server.folder, "set-status", "1", "done").code == 0
        said = talk.hear()
        assert said["payload"]["data"]["changes"]["last"] == 1
        talk.say(id="follow", type="complete")

        talk.ask("change", 'mutation { note(id: 2, text: "x") { id } }')
        assert [talk.hear()["id"] for _ in range(2)] == ["change", "change"]


def test_what_is_asked_over_a_socket_is_bounded_as_elsewhere(shared: Serving) -> None:
    with talking(shared) as talk:
        talk.ask("1", "{ tasks(first: 100) { nodes { dependents { dependents { id } } } } }")
        said = talk.hear()
        assert (said["id"], said["type"]) == ("1", "error")
        assert said["payload"][0]["extensions"]["code"] == "too-costly"


def test_a_key_in_the_head_of_the_request_is_enough(shared: Serving) -> None:
    own = {"additional_headers": {"Authorization": f"Bearer {token_of(shared)}"}}
    with silent(shared, **own) as talk:
        talk.say(type="connection_init")
        assert talk.hear() == {"type": "connection_ack"}


def test_a_wrong_key_in_the_head_of_the_request_opens_no_socket(shared: Serving) -> None:
    wrong = {"additional_headers": {"Authorization": "Bearer nobody"}}
    with pytest.raises(InvalidStatus, match="401"), silent(shared, **wrong):
        pass


WRONG: dict[str, tuple[list[dict[str, Any] | str], int]] = {
    "no key": ([{"type": "connection_init"}], 4403),
    "a wrong key": ([{"type": "connection_init", "payload": {"authorization": "Bearer x"}}], 4403),
    "a question before the key": (
        [{"id": "1", "type": "subscribe", "payload": {"query": "{ me { id } }"}}], 4401
    ),
    "no JSON": (["nonsense"], 4400),
    "nothing that is known": ([{"type": "start"}], 4400),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_client_that_does_not_say_who_it_is_is_let_go(shared: Serving, name: str) -> None:
    messages, code = WRONG[name]
    with silent(shared) as talk:
        for one in messages:
            talk.socket.send(one if isinstance(one, str) else json.dumps(one))
        assert talk.code() == code


def test_another_protocol_is_not_spoken(shared: Serving) -> None:
    with silent(shared, subprotocols=None) as talk:
        assert talk.code() == 4406


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"type": "connection_init"}, 4429),
        ({"id": "1", "type": "subscribe", "payload": {"query": FOLLOW}}, 4409),
        ({"id": "2", "type": "subscribe", "payload": {"queries": FOLLOW}}, 4400),
        ({"type": "nonsense"}, 4400),
    ],
)
def test_a_client_that_breaks_the_protocol_is_let_go(
    shared: Serving, message: dict[str, object], code: int
) -> None:
    with talking(shared) as talk:
        talk.ask("1", FOLLOW)
        talk.say(**message)
        assert talk.code() == code


def test_a_socket_carries_only_so_many_operations_at_once(shared: Serving) -> None:
    with talking(shared) as talk:
        for number in range(MOST + 1):
            talk.ask(str(number), FOLLOW)
        said = talk.hear()

        assert (said["id"], said["type"]) == (str(MOST), "error")
        assert said["payload"][0]["extensions"]["code"] == "too-many-operations"
        talk.say(id="0", type="complete")
        talk.ask("again", "{ me { id } }")
        assert talk.hear()["type"] == "next"


def test_a_client_that_talks_without_end_is_let_go(shared: Serving) -> None:
    with talking(shared) as talk:
        words = itertools.repeat('{"type":"pong"}')
        with pytest.raises(ConnectionClosedError) as closed:
            collections.deque(map(talk.socket.send, words), maxlen=0)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4400


def test_a_key_that_is_revoked_hears_no_more(server: Serving) -> None:
    ws = app.open_project(str(server.folder))
    key, text = keys.create(ws, "phone", "viewer")
    body = {"query": FOLLOW, "variables": {"since": 0}}
    headers = EVENTS | {"Authorization": f"Bearer {text}"}
    with (
        server.http.stream("POST", "/graphql", json=body, headers=headers) as stream,
        talking(server, text) as talk,
    ):
        talk.ask("1", FOLLOW)
        keys.revoke(ws, key.id)
        *_, last = payloads(stream)
        assert last["errors"][0]["extensions"]["code"] == "revoked-key"
        assert talk.code() == 4403
    ws.close()
