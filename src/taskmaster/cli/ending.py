"""Commands that stay until the system asks them to end, and then finish what they are at."""

from __future__ import annotations

import select
import signal
import socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self


class Ending:
    """Notices SIGTERM while it is open, in the main thread. Ctrl-C works as everywhere."""

    def __enter__(self) -> Self:
        self._ours, self._theirs = socket.socketpair()
        self._before = signal.signal(signal.SIGTERM, lambda _number, _frame: self._notice())
        return self

    def __exit__(self, *_exception: object) -> None:
        signal.signal(signal.SIGTERM, self._before)
        self._ours.close()
        self._theirs.close()

    def over(self, seconds: float) -> bool:
        """Wait so many seconds, or until we are asked to end: whether that is so."""
        return bool(select.select([self._theirs], [], [], seconds)[0])

    def _notice(self) -> None:
        self._ours.send(b".")
