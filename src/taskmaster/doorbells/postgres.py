"""Listening to Postgres, whose store rings inside the transaction that a ring is about.

The connection is driven step by step, through libpq itself: nothing here waits longer than it may,
also while a server is called that does not answer.
"""

from __future__ import annotations

import selectors
import time
from contextlib import contextmanager

from taskmaster.doorbells.line import Cut, Heard, LineListener

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg.pq.abc import PGconn

_NAME = "Postgres"
_RANDOM_SINCE = 160_000


def listener(dsn: str, channel: str) -> LineListener:
    """What hears the notifications on *channel* of the database at *dsn*."""
    return LineListener(PostgresLine(dsn, channel))


class PostgresLine:
    """A connection of its own that listens on *channel*.

    It asks by notifying itself, so that an answer proves that notifications come through: there
    are poolers that take a LISTEN and then deliver nothing.
    """

    name = _NAME

    def __init__(self, dsn: str, channel: str) -> None:
        self._dsn = dsn
        self._channel = channel
        self._made: PGconn | None = None
        self._writing = True
        """Whether the making of the connection goes on once something can be written."""

    def connect(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        with _cuts():
            if self._made is None:
                self._made, self._writing = _called(self._dsn), True
            while _ready(self._made, end - time.monotonic(), writing=self._writing):
                if self._goes_on(self._made):
                    return True
        return False

    def ask(self) -> None:
        with _cuts():
            connection = self._connection()
            channel, probe = self._channel.replace('"', '""'), _probe(connection)
            # Listening again changes nothing.
            words = f'LISTEN "{channel}"; LISTEN "{probe}"; NOTIFY "{probe}"'
            connection.send_query(words.encode())
            connection.flush()

    def hear(self, seconds: float) -> Heard:
        with _cuts():
            connection = self._connection()
            heard = _heard(connection)
            if not any(heard) and _ready(connection, seconds):
                heard = _heard(connection)
        return heard

    def hang_up(self) -> None:
        if self._made is not None:
            self._made.finish()
            self._made = None

    def _goes_on(self, connection: PGconn) -> bool:
        """Do the next step of connecting; whether it was the last."""
        from psycopg.pq import PollingStatus

        state = connection.connect_poll()
        if state == PollingStatus.FAILED:
            raise Cut(_silent(connection.get_error_message()))
        self._writing = state == PollingStatus.WRITING
        if state == PollingStatus.OK:
            connection.nonblocking = 1
        return state == PollingStatus.OK

    def _connection(self) -> PGconn:
        if self._made is None:
            raise Cut(f"{_NAME} is not connected")
        return self._made


def _called(dsn: str) -> PGconn:
    """A connection that has begun to be made."""
    from psycopg import ProgrammingError, conninfo, pq

    try:
        told = conninfo.conninfo_to_dict(dsn, application_name="tamp listener")
        several = "," in f"{told.get('host')}{told.get('hostaddr')}"
        if several and pq.version() >= _RANDOM_SINCE:
            # So that one of several servers that does not even refuse keeps nobody for ever.
            told.setdefault("load_balance_hosts", "random")
        words = conninfo.make_conninfo("", **told)
    except ProgrammingError:
        # What libpq says repeats the address, and with it a password.
        raise Cut(f"the address of {_NAME} cannot be understood") from None
    connection = pq.PGconn.connect_start(words.encode())
    if connection.status == pq.ConnStatus.BAD:
        raise Cut(_silent(connection.get_error_message()))
    return connection


def _probe(connection: PGconn) -> str:
    """The channel on which a connection, and no other, asks itself."""
    return f"tamp_probe_{connection.backend_pid}"


def _heard(connection: PGconn) -> Heard:
    """What has come. Raises Cut when our question was refused."""
    from psycopg.pq import ExecStatus

    connection.consume_input()
    while not connection.is_busy() and (result := connection.get_result()):
        if result.status == ExecStatus.FATAL_ERROR:
            raise Cut(f"{_NAME} refuses: {_first_line(result.get_error_message())}")
    own = _probe(connection).encode()
    ring = answer = False
    while told := connection.notifies():
        answer, ring = answer or told.relname == own, ring or told.relname != own
    return Heard(ring, answer)


def _ready(connection: PGconn, seconds: float, *, writing: bool = False) -> bool:
    """Whether something can be read, or written, after waiting at most so long for it."""
    with selectors.DefaultSelector() as selector:
        event = selectors.EVENT_WRITE if writing else selectors.EVENT_READ
        selector.register(connection.socket, event)
        return bool(selector.select(max(seconds, 0)))


@contextmanager
def _cuts() -> Iterator[None]:
    """Turns whatever ends the connection into Cut."""
    try:
        import psycopg
    except ImportError:
        words = "the package psycopg is missing (pip install 'task-master-pro[postgres]')"
        raise Cut(words) from None
    try:
        yield
    except (psycopg.Error, OSError, ValueError) as error:
        raise Cut(_silent(str(error))) from error


def _silent(why: str) -> str:
    words = _first_line(why.removeprefix("consuming input failed: "))
    return f"{_NAME} does not answer ({words})"


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0].rstrip(".: ")
