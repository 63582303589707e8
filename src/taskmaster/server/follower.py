"""The thread that follows the change log for everybody in this process."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import closing
from copy import copy
from typing import TYPE_CHECKING

from taskmaster.domain.changes import last_number
from taskmaster.errors import TampError
from taskmaster.server import events
from taskmaster.server.events import Event
from taskmaster.server.log import unknown
from taskmaster.usecases import following

if TYPE_CHECKING:
    from collections.abc import Callable

    from taskmaster.ports import Listener
    from taskmaster.workspace import Workspace

AT_ONCE = 64
"""Events that are handed over in one go, so that nobody who keeps up falls behind by more."""

_AT_ONCE_BYTES = 256 * 1024
_SHORTEST, _LONGEST = 0.1, 10.0
_TURN = 0.1

_log = logging.getLogger("tamp.server")


class Follower:
    """Hands over what happens, in order and each once, until ``end``.

    First, and whenever the log was started anew, comes an event of the kind ``begin`` with the
    number of the last change there was. What goes wrong is told as trouble, and following goes on
    after the last change that was handed over. *hand_over* may wait; it is called in the thread.
    """

    def __init__(self, ws: Workspace, hand_over: Callable[[list[Event]], None]) -> None:
        self._ws = copy(ws)
        self._ws.listener = self._listening
        self._make_listener = ws.listener
        self._listener: Listener | None = None
        self._hand_over = hand_over
        self._number: int | None = None
        self._found: list[Event] = []
        self._size = 0
        self._trouble = ""
        self._pause = _SHORTEST
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tamp-follower", daemon=True)
        self.certain = time.monotonic()
        """When it was last sure that it knew everything."""

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        """Have the thread end, which is when it next has nothing to tell."""
        self._ending.set()

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    def _run(self) -> None:
        while not self._ending.is_set():
            try:
                self._follow()
            except Exception as error:  # noqa: BLE001 - nobody would ever hear of changes again
                self._recover(error)
                self._ending.wait(self._pause)
                self._pause = min(2 * self._pause, _LONGEST)

    def _follow(self) -> None:
        if self._number is None:
            self._number = following.newest(self._ws)
            self._found.append(Event("begin", self._number, b"{}"))
        with closing(self._ws.follow(self._number, self._idle)) as told:
            for entry in told:
                self._take(events.change(entry))
                self._number = last_number(entry)

    def _take(self, event: Event) -> None:
        self._found.append(event)
        self._size += len(event.data)
        if len(self._found) >= AT_ONCE or self._size >= _AT_ONCE_BYTES:
            self._flush()

    def _flush(self) -> None:
        found, self._found, self._size = self._found, [], 0
        if found and not self._ending.is_set():
            self._hand_over(found)

    def _idle(self, trouble: str) -> bool:
        self._tell(trouble)
        if not trouble or (self._listener and trouble == self._listener.trouble):
            self.certain, self._pause = time.monotonic(), _SHORTEST
        return not self._ending.is_set()

    def _tell(self, trouble: str) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            self._found.append(events.trouble(trouble))
        self._flush()

    def _recover(self, error: Exception) -> None:
        """Say what happened, and make ready to go on."""
        if self._ending.is_set():
            return
        if not isinstance(error, TampError):
            _log.error("following the change log failed and begins again", exc_info=error)
            self._tell(f"following the change log failed ({type(error).__name__})")
            return
        if error.code == "no-such-change" and self._number is not None:
            _log.warning("%s; following what comes from now on", error.message)
            self._found.append(events.failure(unknown(self._number)))
            self._number = None
        self._tell(error.message)

    def _listening(self) -> Listener:
        self._listener = Brief(self._make_listener())
        return self._listener


class Brief:
    """A listener that comes back often, so that nobody waits long for its thread to end."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self.close = listener.close

    @property
    def trouble(self) -> str:
        return self._listener.trouble

    def wait(self, seconds: float) -> bool:
        return self._listener.wait(min(seconds, _TURN))
