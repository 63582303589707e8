"""Every pair of doorbell and listener against the one contract, over real servers."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from tests.servers import PostgresServer, RedisServer

from taskmaster.doorbells import postgres, redis
from taskmaster.doorbells.files import FileWatch
from taskmaster.doorbells.redis import RedisDoorbell
from taskmaster.doorbells.sqlite import SqliteWatch
from taskmaster.ports import Doorbell, Listener
from taskmaster.stores.postgres.store import channel
from taskmaster.testing.doorbells import DoorbellContract, ListenerContract, ServedListenerContract


class TestFiles(ListenerContract):
    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path) -> None:
        self._folder = tmp_path

    def make_listener(self, project: str) -> Listener:
        return FileWatch([str(self._folder / project)])

    def ring(self, number: int, project: str = "one") -> None:
        (self._folder / project).write_text(str(number), encoding="utf-8")


class TestSqlite(ListenerContract):
    """Each project in a database of its own, as projects on one machine have them."""

    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path) -> None:
        self._folder = tmp_path
        for project in ("one", "two"):
            with closing(self._connected(project)) as connection:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("CREATE TABLE changes (number INTEGER)")

    def make_listener(self, project: str) -> Listener:
        return SqliteWatch(str(self._folder / f"{project}.db"))

    def ring(self, number: int, project: str = "one") -> None:
        with closing(self._connected(project)) as connection:
            connection.execute("INSERT INTO changes VALUES (?)", (number,))

    def _connected(self, project: str) -> sqlite3.Connection:
        return sqlite3.connect(self._folder / f"{project}.db", isolation_level=None)


@pytest.fixture(scope="module")
def mortal(postgres_wheel: None) -> Iterator[PostgresServer]:
    """A server of our own, since these tests kill it."""
    del postgres_wheel
    with PostgresServer() as server:
        server.create_database("tasks")
        yield server


class TestPostgres(ServedListenerContract):
    @pytest.fixture(autouse=True)
    def running(self, mortal: PostgresServer) -> None:
        self._server = mortal
        mortal.restart()

    def server(self) -> PostgresServer:
        return self._server

    def make_listener(self, project: str) -> Listener:
        return postgres.listener(self._server.url("tasks"), channel(project))

    def ring(self, number: int, project: str = "one") -> None:
        with psycopg.connect(self._server.url("tasks")) as connection:
            connection.execute("SELECT pg_notify(%s, %s)", (channel(project), str(number)))


class TestRedis(DoorbellContract):
    @pytest.fixture(autouse=True)
    def running(self, redis_url: str, redis_server: RedisServer) -> None:
        self._url, self._server = redis_url, redis_server

    def server(self) -> RedisServer:
        return self._server

    def make_listener(self, project: str) -> Listener:
        return redis.listener(self._url, f"tamp:test:{project}")

    def make_doorbell(self, project: str) -> Doorbell:
        return RedisDoorbell(self._url, f"tamp:test:{project}", rest=0.1)
