from __future__ import annotations

import functools
import time

import pytest
from tests.client.conftest import Ask, Work
from tests.client.scripted import Act, Scripted, answer, refusal, reply, reset, silence
from tests.processes import LOOPBACK, free_port

from taskmaster.client import (
    APIError,
    BadRequestError,
    ConnectionFailedError,
    RateLimitError,
    ServerError,
    ServiceUnavailableError,
    Task,
    TimedOutError,
    attempts,
)
from taskmaster.client.settings import Settings

ONE = {"id": "1", "title": "One", "status": "pending"}
READ: Work = lambda client: client.get_task("1")  # noqa: E731
WRITE: Work = lambda client: client.create_task(title="One")  # noqa: E731
CHANGE: Work = lambda client: client.update_task("1", status="done")  # noqa: E731
REMOVE: Work = lambda client: client.delete_task("1")  # noqa: E731


@pytest.mark.parametrize("fault", [reset, b"", b"HTTP/1.1 20", refusal(502), refusal(504)])
def test_what_reads_is_asked_again(ask: Ask, fault: Act) -> None:
    with Scripted(fault, fault, answer(ONE)) as server:
        assert ask(server.url, READ) == Task(**ONE)

    assert [one.method for one in server.asked] == ["GET"] * 3


def test_a_repeated_post_carries_the_same_key_and_another_post_another(ask: Ask) -> None:
    with Scripted(reset, answer(ONE, 201), answer(ONE, 201)) as server:
        ask(server.url, WRITE)
        ask(server.url, WRITE)

    first, again, other = (one.headers["idempotency-key"] for one in server.asked)
    assert first == again != other
    assert server.asked[0].json() == server.asked[1].json() == {"title": "One"}


@pytest.mark.parametrize("work", [CHANGE, REMOVE])
@pytest.mark.parametrize("fault", [reset, b"HTTP/1.1 20", refusal(503), refusal(502)])
def test_what_may_have_been_done_is_not_asked_again(ask: Ask, work: Work, fault: Act) -> None:
    with Scripted(fault) as server, pytest.raises(APIError):
        ask(server.url, work)

    assert len(server.asked) == 1


@pytest.mark.parametrize(("work", "count"), [(CHANGE, 1), (REMOVE, 1), (WRITE, 2), (READ, 2)])
def test_where_the_server_does_not_know_nobody_does(ask: Ask, work: Work, count: int) -> None:
    script = refusal(503, "outcome-unknown", retry_after="0")
    with Scripted(script) as server, pytest.raises(ServiceUnavailableError):
        ask(server.url, work, max_retries=1)

    assert len(server.asked) == count


@pytest.mark.parametrize("work", [READ, WRITE, CHANGE, REMOVE])
@pytest.mark.parametrize("status", [429, 503])
def test_what_was_refused_for_now_is_asked_again(ask: Ask, work: Work, status: int) -> None:
    with Scripted(refusal(status, retry_after="0"), answer(ONE)) as server:
        ask(server.url, work)

    assert len(server.asked) == 2


@pytest.mark.parametrize("work", [READ, WRITE, CHANGE, REMOVE])
def test_a_server_that_is_not_up_yet_is_waited_for(
    ask: Ask, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, begun = free_port(), []

    def start(_: float) -> None:
        begun.append(Scripted(answer(ONE), port=port))

    async def start_soon(seconds: float) -> None:
        start(seconds)

    monkeypatch.setattr("taskmaster.client.blocking.time.sleep", start)
    monkeypatch.setattr("taskmaster.client.awaiting.anyio.sleep", start_soon)
    ask(f"http://{LOOPBACK}:{port}", work)

    [server] = begun
    with server:
        assert len(server.asked) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 412, 413, 415, 422])
def test_a_request_that_is_wrong_is_not_asked_again(ask: Ask, status: int) -> None:
    with Scripted(refusal(status)) as server:
        for work in (READ, WRITE):
            with pytest.raises(Exception, match=f"refused with {status}"):
                ask(server.url, work)

    assert len(server.asked) == 2


def test_attempts_come_to_an_end(ask: Ask) -> None:
    with (
        Scripted(refusal(503, "busy", retry_after="0")) as server,
        pytest.raises(ServiceUnavailableError) as caught,
    ):
        ask(server.url, CHANGE, max_retries=2)

    assert len(server.asked) == 3
    assert (caught.value.code, caught.value.retry_after) == ("busy", 0)


def test_nobody_waits_longer_than_all_attempts_may_take(ask: Ask) -> None:
    with (
        Scripted(refusal(429, retry_after="60")) as server,
        pytest.raises(RateLimitError) as caught,
    ):
        ask(server.url, READ, total_timeout=30)

    assert len(server.asked) == 1
    assert caught.value.retry_after == 60


def test_a_server_that_says_nothing_is_given_up(ask: Ask) -> None:
    begun = time.monotonic()
    with (
        Scripted(silence) as server,
        pytest.raises(TimedOutError, match="did not answer within") as caught,
    ):
        ask(server.url, CHANGE, timeout=0.05)

    assert time.monotonic() - begun < 5
    assert isinstance(caught.value, TimeoutError)
    assert isinstance(caught.value, ConnectionFailedError)


def test_the_pause_is_what_the_server_asks_for_and_a_little_more() -> None:
    error = RateLimitError("slowly")
    error.retry_after = 7
    settings = Settings("http://there", retry_backoff=1)

    pauses = [attempts.backoff(settings, 0, error) for _ in range(100)]

    assert all(7 <= pause <= 7.1 for pause in pauses)
    assert len(set(pauses)) > 50


def test_the_pause_grows_but_not_for_ever() -> None:
    pause = functools.partial(attempts.backoff, Settings("http://there", retry_backoff=1))

    assert all(0.5 <= pause(0) <= 1 for _ in range(50))
    assert all(2 <= pause(2) <= 4 for _ in range(50))
    assert all(15 <= pause(99) <= 30 for _ in range(50))


@pytest.mark.parametrize("body", [b"<html>welcome</html>", b"[]", b"{}", b'"text"'])
def test_what_is_no_answer_of_ours_is_named(ask: Ask, body: bytes) -> None:
    with (
        Scripted(reply(body)) as server,
        pytest.raises(ServerError, match="no Task Master server") as caught,
    ):
        ask(server.url, READ)

    assert caught.value.code == "strange-answer"


def test_a_proxy_that_refuses_in_its_own_words_is_quoted_by_its_status(ask: Ask) -> None:
    with (
        Scripted(reply(b"<h1>no</h1>", 418)) as server,
        pytest.raises(BadRequestError, match="the server answered 418"),
    ):
        ask(server.url, READ)
