"""The issuer's keys over real HTTP: fetched when they are needed, and no more often."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.server.access.issuer import (
    ISSUER,
    NOW,
    Publisher,
    claims,
    ec_key,
    published,
    rsa_key,
    signed,
)

from taskmaster.errors import Unauthenticated, Unavailable, Usage
from taskmaster.server.access import jwks, jwt
from taskmaster.server.access.jwks import KeySet

BOTH = ("RS256", "ES256")
FIRST = signed(claims(), rsa_key(), "RS256", kid="first")
SECOND = signed(claims(sub="second"), ec_key(), "ES256", kid="second")


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    made = Publisher()
    made.publish(published(rsa_key(), "first"))
    yield made
    made.close()


@pytest.fixture
def tokens(publisher: Publisher) -> jwt.Tokens:
    return tokens_of(publisher.url)


def tokens_of(source: str) -> jwt.Tokens:
    settings = jwt.settings(
        {"TAMP_JWT_ISSUER": ISSUER, "TAMP_JWT_JWKS": source, "TAMP_JWT_DEFAULT_ROLE": "viewer"}
    )
    assert settings
    return jwt.Tokens(settings)


def refused(tokens: jwt.Tokens, token: str, now: float) -> bool:
    try:
        tokens.verify(token, now)
    except Unauthenticated:
        return True
    return False


def test_keys_are_fetched_once_for_many_tokens(publisher: Publisher, tokens: jwt.Tokens) -> None:
    assert publisher.asked == 0
    for number in range(50):
        tokens.verify(FIRST, NOW + number)

    assert publisher.asked == 1


def test_a_new_key_counts_once_its_first_token_comes_and_an_old_one_no_more(
    publisher: Publisher, tokens: jwt.Tokens
) -> None:
    tokens.verify(FIRST, NOW)
    publisher.publish(published(ec_key(), "second"))

    assert refused(tokens, SECOND, NOW + jwks.PAUSE - 1), "it was looked for less than a minute ago"
    assert tokens.verify(SECOND, NOW + jwks.PAUSE).id == "sub:second"
    assert refused(tokens, FIRST, NOW + jwks.PAUSE + 1)
    assert publisher.asked == 2


def test_made_up_ids_make_nobody_ask_more_than_once_a_minute(
    publisher: Publisher, tokens: jwt.Tokens
) -> None:
    for number in range(300):
        assert refused(tokens, signed(claims(), ec_key(), "ES256", kid=f"k{number}"), NOW + number)

    assert publisher.asked == 5


def test_a_key_that_is_withdrawn_is_noticed_in_time(
    publisher: Publisher, tokens: jwt.Tokens
) -> None:
    tokens.verify(FIRST, NOW)
    publisher.publish(published(ec_key(), "second"))

    assert refused(tokens, FIRST, NOW + jwks.FRESH)


def test_known_keys_stay_good_while_nobody_answers(
    publisher: Publisher, tokens: jwt.Tokens
) -> None:
    tokens.verify(FIRST, NOW)
    publisher.status = 500

    assert tokens.verify(FIRST, NOW + jwks.FRESH).id == "sub:5f1c"
    assert "500" in tokens.trouble


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"keys": 1}', b"<html>", b"[" * 50_000])
def test_what_is_no_set_of_keys_is_said_to_be_none(
    publisher: Publisher, tokens: jwt.Tokens, body: bytes
) -> None:
    publisher.body = body

    with pytest.raises(Unavailable) as caught:
        tokens.verify(FIRST, NOW)

    assert caught.value.code == "no-signing-keys"
    assert publisher.url in tokens.trouble
    assert publisher.url not in str(caught.value.as_json()), "callers are not told from where"


def test_an_issuer_that_was_down_is_asked_again_soon(
    publisher: Publisher, tokens: jwt.Tokens
) -> None:
    publisher.status = 503
    with pytest.raises(Unavailable):
        tokens.verify(FIRST, NOW)
    publisher.status = 200
    with pytest.raises(Unavailable):
        tokens.verify(FIRST, NOW + 1)

    assert tokens.verify(FIRST, NOW + jwks.SHORT_PAUSE).id == "sub:5f1c"
    assert (publisher.asked, tokens.trouble) == (2, "")


def test_nobody_is_sent_elsewhere_for_keys(publisher: Publisher, tokens: jwt.Tokens) -> None:
    publisher.status = 302
    publisher.location = publisher.url.replace("/keys", "/other")

    with pytest.raises(Unavailable):
        tokens.verify(FIRST, NOW)

    assert publisher.asked == 1


def test_too_long_an_answer_is_not_read(publisher: Publisher, tokens: jwt.Tokens) -> None:
    publisher.body = b" " * (3 << 20) + publisher.body

    with pytest.raises(Unavailable):
        tokens.verify(FIRST, NOW)

    assert "too long" in tokens.trouble


def test_an_issuer_that_says_nothing_is_waited_for_no_longer_than_agreed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jwks, "PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        tokens = tokens_of(f"http://127.0.0.1:{silent.getsockname()[1]}/keys")
        begin = time.monotonic()
        with pytest.raises(Unavailable):
            tokens.verify(FIRST, NOW)

    assert time.monotonic() - begin < 5
    assert "timed out" in tokens.trouble


def test_an_issuer_that_dribbles_is_not_waited_for_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jwks, "PATIENCE", 0.2)
    ended = threading.Event()

    def dribble(listening: socket.socket) -> None:
        caller, _ = listening.accept()
        with caller:
            caller.recv(4_096)
            caller.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while not ended.wait(0.05):
                try:
                    caller.sendall(b" ")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listening, ThreadPoolExecutor(1) as threads:
        threads.submit(dribble, listening)
        tokens = tokens_of(f"http://127.0.0.1:{listening.getsockname()[1]}/keys")
        with pytest.raises(Unavailable):
            tokens.verify(FIRST, NOW)
        ended.set()

    assert "takes too long" in tokens.trouble


def test_something_that_speaks_no_http_is_no_issuer() -> None:
    def babble(listening: socket.socket) -> None:
        caller, _ = listening.accept()
        with caller:
            caller.recv(4_096)
            caller.sendall(b"220 mail.example ESMTP\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listening, ThreadPoolExecutor(1) as threads:
        threads.submit(babble, listening)
        tokens = tokens_of(f"http://127.0.0.1:{listening.getsockname()[1]}/keys")
        with pytest.raises(Unavailable):
            tokens.verify(FIRST, NOW)


def test_many_threads_ask_once(publisher: Publisher, tokens: jwt.Tokens) -> None:
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: tokens.verify(FIRST, NOW).id, range(32)))

    assert set(found) == {"sub:5f1c"}
    assert publisher.asked == 1


def test_a_file_of_keys_is_read_again_too(tmp_path: Path, publisher: Publisher) -> None:
    path = tmp_path / "jwks.json"
    path.write_bytes(publisher.body)
    tokens = tokens_of(str(path))
    tokens.verify(FIRST, NOW)
    publisher.publish(published(ec_key(), "second"))
    path.write_bytes(publisher.body)

    assert tokens.verify(SECOND, NOW + jwks.PAUSE).id == "sub:second"


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    tokens = tokens_of(str(tmp_path / "nowhere.json"))

    with pytest.raises(Unavailable):
        tokens.verify(FIRST, NOW)

    assert "nowhere.json" in tokens.trouble


@pytest.mark.parametrize("source", ["http://example.org/keys", "http://127.0.0.1.example.org/keys"])
def test_keys_do_not_come_over_an_open_line(source: str) -> None:
    with pytest.raises(Usage, match="plain http") as caught:
        tokens_of(source)
    assert caught.value.code == "insecure-address"


def test_a_set_that_gives_a_private_key_away_is_not_used_for_it(publisher: Publisher) -> None:
    publisher.publish(published(rsa_key(), "first", d="AQAB"))

    with pytest.raises(Unavailable):
        KeySet(publisher.url, BOTH).find("first", NOW)
