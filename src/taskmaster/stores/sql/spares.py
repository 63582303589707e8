"""Connections that are kept for the next one who needs one."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from taskmaster.stores.sql.session import Connection

_KEPT = 8


class Spares:
    """Gives connections to any number of threads; at most a few wait for the next taker."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._waiting: list[Connection] = []

    def __del__(self) -> None:
        self.close()

    @property
    def waiting(self) -> int:
        """How many are kept."""
        return len(self._waiting)

    def take(self) -> Connection:
        """A connection for the caller alone."""
        try:
            return self._waiting.pop()
        except IndexError:
            return self._connect()

    def give_back(self, connection: Connection) -> None:
        """Let somebody else have it."""
        if len(self._waiting) < _KEPT:
            self._waiting.append(connection)
        else:
            connection.close()

    def close(self) -> None:
        """Close those that nobody is using."""
        while self._waiting:
            self._waiting.pop().close()
