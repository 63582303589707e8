"""What happens in a project is pushed through a WebSocket, and what a client says is checked."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.processes import wait_until
from tests.server.live import Elsewhere, Served, ended, hear, made, put, say
from websockets.sync.client import ClientConnection

from taskmaster.errors import Forbidden
from taskmaster.server import socket as spoken
from taskmaster.server.socket import bearer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return made(tmp_path / "project", "file", "other")


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """For clients that say what they must not, who change nothing for others."""
    with Served(made(tmp_path_factory.mktemp("strict") / "project")) as served:
        yield served


@pytest.fixture
def server(folder: Path) -> Iterator[Served]:
    """On a project with one change."""
    with Served(folder) as served:
        yield served


def subscribed(line: ClientConnection, **more: object) -> dict[str, Any]:
    say(line, type="subscribe", **more)
    return hear(line)


def test_who_subscribes_hears_what_comes_as_it_stands_in_the_log(server: Served) -> None:
    with server.socket() as line:
        assert subscribed(line) == {"type": "subscribed", "since": 1}
        put(server.ws, 1)
        told = hear(line)
        assert told.pop("type") == "change"
        assert server.get("/changes?since=1")[1]["changes"] == [told]


def test_who_is_cut_off_anywhere_and_subscribes_again_misses_nothing(
    server: Served, folder: Path
) -> None:
    chance, total = random.Random(7), 40  # noqa: S311 - as good as any
    heard = [1]
    with Elsewhere(folder) as elsewhere:
        elsewhere.begin(total)
        while heard[-1] <= total:
            with server.socket() as line:
                assert subscribed(line, since=heard[-1])["since"] == heard[-1]
                for _ in range(chance.randrange(8)):
                    if heard[-1] <= total:
                        heard += hear(line)["seq"][:1]
                line.close_socket()
        elsewhere.done(total)
    assert heard == list(range(1, total + 2))


def test_another_subscription_takes_the_place_of_the_first(server: Served) -> None:
    with server.socket() as line:
        assert subscribed(line, since=None, tag="other")["since"] == 1
        assert subscribed(line, since=0, tag="master")["since"] == 0
        put(server.ws, 1, "other")
        put(server.ws, 2)
        assert hear(line)["seq"] == [3, 3]


def test_who_unsubscribes_hears_nothing_more(server: Served) -> None:
    with server.socket() as line:
        subscribed(line)
        say(line, type="unsubscribe")
        assert hear(line) == {"type": "unsubscribed"}
        put(server.ws, 1)
        server.has_heard(2)
        say(line, type="ping")
        assert hear(line) == {"type": "pong"}


def test_a_change_that_the_log_does_not_know_is_refused_and_another_one_may_be_named(
    server: Served,
) -> None:
    with server.socket() as line:
        refused = subscribed(line, since=99)
        assert (refused["type"], refused["code"]) == ("error", "no-such-change")
        assert "99" in refused["message"]
        assert refused["hint"]
        assert subscribed(line, since=1) == {"type": "subscribed", "since": 1}


def test_a_subscriber_that_hears_nothing_is_told_how_far_it_is(folder: Path) -> None:
    with Served(folder, quiet=0.05) as server, server.socket() as line:
        subscribed(line, tag="other")
        put(server.ws, 1)
        while (told := hear(line)) != {"type": "ping", "since": 2}:
            assert told == {"type": "ping", "since": 1}


def test_a_server_that_goes_away_says_where_to_go_on(server: Served) -> None:
    with server.socket() as idle, server.socket() as line:
        subscribed(line)
        put(server.ws, 1)
        assert hear(line)["seq"] == [2, 2]
        server.stop()
        assert hear(line) == {"type": "closing", "resume": 2}
        assert ended(line) == 1012
        assert ended(idle) == 1012


def test_who_may_hear_no_more_is_told_so_and_cut_off(server: Served) -> None:
    with server.socket() as line:
        subscribed(line)
        server.bar(Forbidden("the key was revoked", code="revoked"))
        assert hear(line)["code"] == "revoked"
        assert ended(line) == 1008


@pytest.mark.parametrize(
    ("said", "code", "closes"),
    [
        (b'{"type":"ping"}', "not-text", 1003),
        ("", "not-json", 1003),
        ("{", "not-json", 1003),
        ('{"x":' + "[" * 50_000, "not-json", 1003),
        ('{"type":"subscribe","tag":"\\ud800"}', "not-json", 1003),
        ("NaN", "not-json", 1003),
        ("[]", "unknown-message", 1008),
        ("{}", "unknown-message", 1008),
        ('{"type":"delete"}', "unknown-message", 1008),
        ('{"type":"subscribe","since":"1"}', "unknown-message", 1008),
        ('{"type":"subscribe","since":-1}', "unknown-message", 1008),
        ('{"type":"subscribe","since":1e3}', "unknown-message", 1008),
        ('{"type":"subscribe","tag":null}', "unknown-message", 1008),
        (json.dumps({"type": "ping", "x": "x" * spoken.LARGEST}), "message-too-large", 1009),
    ],
)
def test_what_is_not_understood_is_answered_and_ends_it(
    strict: Served, said: str | bytes, code: str, closes: int
) -> None:
    with strict.socket() as line:
        line.send(said)
        answer = hear(line)
        assert (answer["type"], answer["code"]) == ("error", code)
        assert answer["message"]
        assert ended(line) == closes


def test_a_number_beyond_all_numbers_is_one_that_the_log_does_not_know(strict: Served) -> None:
    with strict.socket() as line:
        assert subscribed(line, since=10**30)["code"] == "no-such-change"


def test_who_talks_too_much_is_cut_off(strict: Served) -> None:
    with strict.socket() as line:
        for _ in range(spoken.BURST + 1):
            say(line, type="ping")
        assert [hear(line)["type"] for _ in range(spoken.BURST)] == ["pong"] * spoken.BURST
        assert hear(line)["code"] == "too-many-messages"
        assert ended(line) == 1008


def test_a_browser_brings_its_token_as_a_subprotocol_which_is_not_repeated(
    server: Served,
) -> None:
    with server.socket("tamp.v1", "bearer.abc.def-_") as line:
        assert line.subprotocol == "tamp.v1"
        assert server.application.bearers == ["abc.def-_"]
        assert subscribed(line)["type"] == "subscribed"


def test_no_token_is_none() -> None:
    assert bearer(["tamp.v1"]) == ""


def test_a_client_that_leaves_in_the_middle_is_forgotten(server: Served) -> None:
    with server.socket() as line:
        subscribed(line)
        line.close_socket()
    wait_until(lambda: not server.feed.subscribers, "nobody listens")
