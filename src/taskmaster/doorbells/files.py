"""Listening for changes that other processes make to files."""

from __future__ import annotations

import os
import time

from taskmaster.doorbells.folders import FolderPause

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

PAUSE = 0.2


class FileWatch:
    """Notices when one of the files is replaced, written, made or removed.

    A file is known by its number, size and time, so that an exchange by rename is noticed however
    often it happens. Every change is told a second time a moment later: the clock of a file
    system may be too slow to tell two writes apart. The package watchfiles, where it is
    installed, only shortens the wait.
    """

    trouble = ""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = [os.path.realpath(path) for path in paths]
        self._pause = FolderPause(map(os.path.dirname, self._paths), PAUSE)
        self._seen = self._look()
        self._echo = 0.0

    def wait(self, seconds: float) -> bool:
        """Whether there was a change since this was last so, or since the beginning.

        Comes back at the first one, or after *seconds* without any.
        """
        end = time.monotonic() + seconds
        while True:
            seen, moment = self._look(), time.monotonic()
            if seen != self._seen:
                self._seen, self._echo = seen, moment + PAUSE
                return True
            if 0 < self._echo <= moment:
                self._echo = 0.0
                return True
            left = end - moment
            if left <= 0:
                return False
            self._pause(left)

    def close(self) -> None:
        self._pause.close()

    def _look(self) -> list[tuple[int, int, int] | None]:
        return [_sight(path) for path in self._paths]


def _sight(path: str) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
