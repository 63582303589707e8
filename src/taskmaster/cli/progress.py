"""How far long work is, for a person who waits: on a terminal, and only after a second."""

from __future__ import annotations

import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from threading import Thread
    from types import TracebackType
    from typing import Self, TextIO

PATIENCE, PAUSE = 1.0, 0.2
_BAR = 24
_CLEAR = "\r\x1b[K"


class Progress:
    """Says on the diagnostics stream what is going on, once it takes longer than *patience*.

    Nothing is written in a pipe or on a dumb terminal; at the end the line is taken away. Work that
    can count calls ``at`` or loops ``over`` its items; for other work the seconds are shown.
    """

    def __init__(
        self, what: str, *, patience: float = PATIENCE, stream: TextIO | None = None
    ) -> None:
        self._what, self._patience = what, patience
        self._stream = stream or sys.stderr
        self._done = self._total = 0
        self._thread: Thread | None = None

    def at(self, done: int, total: int = 0) -> None:
        """So much is *done*, of *total* where that is known."""
        self._done, self._total = done, total

    def __enter__(self) -> Self:
        if self._stream.isatty() and os.environ.get("TERM") != "dumb":
            from threading import Event, Thread

            self._over = Event()
            self._thread = Thread(target=self._draw, daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._thread:
            self._over.set()
            self._thread.join()

    def _draw(self) -> None:
        begin = time.monotonic()
        if self._over.wait(self._patience):
            return
        while True:
            self._stream.write(f"{_CLEAR}{self._line(time.monotonic() - begin)}")
            self._stream.flush()
            if self._over.wait(PAUSE):
                break
        self._stream.write(_CLEAR)
        self._stream.flush()

    def _line(self, seconds: float) -> str:
        if not self._total:
            return f"{self._what} … {self._done or ''} ({seconds:.0f} s)".replace("  ", " ")
        done = min(self._done, self._total)
        filled = _BAR * done // self._total
        bar = "#" * filled + "-" * (_BAR - filled)
        return f"{self._what} [{bar}] {100 * done // self._total} %"
