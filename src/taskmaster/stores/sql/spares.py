"""Connections that are kept for the next one who needs one."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from taskmaster.stores.sql.session import Connection

_KEPT = 8


class Spares:
    """Connections that nobody is using, for any number of threads; at most a few."""

    def __init__(self) -> None:
        self._waiting: list[Connection] = []

    def __del__(self) -> None:
        self.close()

    def take(self) -> Connection | None:
        """One of them for the caller alone, None when there is none."""
        try:
            return self._waiting.pop()
        except IndexError:
            return None

    def give_back(self, connection: Connection) -> None:
        """Let somebody else have it."""
        if len(self._waiting) < _KEPT:
            self._waiting.append(connection)
        else:
            connection.close()

    def close(self) -> None:
        """Close them all."""
        while self._waiting:
            self._waiting.pop().close()
