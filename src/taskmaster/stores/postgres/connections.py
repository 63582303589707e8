"""Connections to one Postgres, or to the one of several that takes writes."""

from __future__ import annotations

import time

import psycopg
from psycopg import conninfo

from taskmaster.stores.sql.spares import Spares

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from psycopg_pool import ConnectionPool

    Connection = psycopg.Connection[tuple[object, ...]]
    Begun = TypeVar("Begun")

SETTINGS = "SET statement_timeout = '60s'; SET idle_in_transaction_session_timeout = '60s'"
"""How long a server lets one statement take, and a client pause within a transaction."""
_PARAMETERS: dict[str, object] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "application_name": "tamp",
}
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0


class Connections:
    """Makes, keeps and renews the connections of one store; *pool* of them at most, if given.

    Each new one is *check*ed.
    """

    def __init__(
        self, dsn: str, patience: float, pool: int, check: Callable[[Connection], None]
    ) -> None:
        self._dsn = dsn
        self._check = check
        self._patience = patience
        self._spares = Spares()
        self._met = False
        self._most = pool
        self._pool: ConnectionPool[Connection] | None = None
        if pool:
            self._pool = self._pooled(pool)

    def __del__(self) -> None:
        self.close()

    def begun(self, begin: Callable[[Connection], Begun]) -> Begun:
        """What *begin* has made of a connection.

        One that turns out to be dead is replaced: nothing has happened on it yet. A server that
        was there before is waited for: it may be about to come back, or another in its place.
        """
        begun = self.patiently(lambda: self._begun(begin)) if self._met else self._begun(begin)
        self._met = True
        return begun

    def patiently(self, work: Callable[[], Begun]) -> Begun:
        """Do *work* again while no server can be reached, as long as patience lasts."""
        end = time.monotonic() + self._patience
        pause = _FIRST_PAUSE
        while True:
            try:
                return work()
            except psycopg.OperationalError as error:
                if not unreachable(error) or time.monotonic() + pause > end:
                    raise
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def give_back(self, connection: Connection) -> None:
        """Take a connection that has no transaction any more."""
        if self._pool is not None:
            self._pool.putconn(connection)
        elif not connection.closed:
            self._spares.give_back(connection)

    def close(self) -> None:
        """Close the connections that nobody is using, and let nobody have a pooled one."""
        self._spares.close()
        if self._pool is not None:
            self._pool.close()

    def counts(self) -> dict[str, int]:
        """How many connections the pool has, how many of them nobody uses, and how many wait for
        one; nothing where there is no pool.
        """
        if self._pool is None:
            return {}
        told = self._pool.get_stats()
        names = {"all": "pool_size", "idle": "pool_available", "waiting": "requests_waiting"}
        return {name: told.get(key, 0) for name, key in names.items()}

    def _begun(self, begin: Callable[[Connection], Begun]) -> Begun:
        dead = 0
        while True:
            kept: Connection | None = self._spares.take()
            connection = kept or (self._pool.getconn() if self._pool else self._connect())
            try:
                return begin(connection)
            except psycopg.Error:
                lost = _is_lost(connection)
                self.give_back(connection)
                dead += lost
                # All of a pool may have died while nobody used them; asking each before is slow.
                if lost and (kept or dead <= self._most):
                    continue
                raise

    def _connect(self) -> Connection:
        connection = psycopg.connect(self._dsn, autocommit=True, **self._parameters())  # type: ignore[arg-type]  # as libpq takes them
        try:
            _settle(connection)
            self._check(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _parameters(self) -> dict[str, object]:
        """What the connection string leaves open."""
        given = conninfo.conninfo_to_dict(self._dsn)
        return {key: value for key, value in _PARAMETERS.items() if key not in given}

    def _pooled(self, most: int) -> ConnectionPool[Connection]:
        from psycopg_pool import ConnectionPool

        self._connect().close()  # What keeps us from connecting is told at once, and as it is.
        return ConnectionPool(
            self._dsn,
            kwargs={"autocommit": True, **self._parameters()},
            min_size=1,
            max_size=most,
            timeout=self._patience,
            configure=_settle,
            open=True,
        )


def _is_lost(connection: Connection) -> bool:
    """Whether nothing can be done on the connection any more; else it is out of its transaction."""
    try:
        if not connection.closed:
            connection.execute("ROLLBACK")
    except psycopg.Error:
        connection.close()
    return connection.closed


def _settle(connection: Connection) -> None:
    connection.execute(SETTINGS)


def unreachable(error: psycopg.OperationalError) -> bool:
    """Whether no server has answered, or one that is starting or going down."""
    return error.sqlstate is None or error.sqlstate.startswith(("08", "57P"))
