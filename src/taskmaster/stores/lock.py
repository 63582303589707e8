"""One writer per project: a kernel lock, which dies with its holder.

The lock files are never deleted: whoever waits on a deleted one would wait on nothing. The first
says who holds the lock, for the error message of those who waited in vain. The second is held by
whoever is next: without it somebody who writes again and again would take the lock back each time
before those who wait have looked.
"""

from __future__ import annotations

import json
import os
import sys
import time

from taskmaster.errors import Busy

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows
    import msvcrt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from taskmaster.domain.changes import Stamp

PAUSE = 0.002
"""Seconds between two looks. It does not grow: who has waited long must not look more seldom."""


class Lock:
    """An exclusive lock on a file, for processes and threads alike.

    Taking it gives a handle, which closing gives back.
    """

    def __init__(self, path: str) -> None:
        self._path = path

    def acquire(self, patience: float, stamp: Stamp) -> int:
        """Take the lock, waiting at most *patience* seconds. Raises Busy, naming the holder."""
        deadline = time.monotonic() + patience
        turn = self._waited(f"{self._path}.next", deadline, patience)
        try:
            handle = self._waited(self._path, deadline, patience)
        finally:
            os.close(turn)
        _sign(handle, stamp)
        return handle

    def try_acquire(self) -> int | None:
        """Take the lock if it is free at this moment."""
        return _tried(self._path)

    def _waited(self, path: str, deadline: float, patience: float) -> int:
        while (handle := _tried(path)) is None:
            if time.monotonic() > deadline:
                raise Busy(
                    f"waited {patience:g} s for {self._holder()}",
                    hint="nothing was changed; run the command again",
                )
            time.sleep(PAUSE)
        return handle

    @staticmethod
    def release(handle: int) -> None:
        os.close(handle)

    def _holder(self) -> str:
        try:
            with open(self._path, encoding="utf-8") as file:
                held = json.load(file)
            return (
                f"{held['actor']} (process {held['pid']}), who is busy with {held['operation']}"
                f" since {held['since']}"
            )
        except (OSError, ValueError, KeyError, TypeError):
            return "another writer"


def _tried(path: str) -> int | None:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)
    if _take(handle):
        return handle
    os.close(handle)
    return None


def _sign(handle: int, stamp: Stamp) -> None:
    words = {
        "pid": os.getpid(),
        "actor": stamp.actor.name,
        "operation": stamp.operation,
        "since": stamp.time,
    }
    text = json.dumps(words).encode()
    try:
        os.lseek(handle, 0, os.SEEK_SET)
        # Cut to its length afterwards: a file that was empty in between some systems write at once.
        os.ftruncate(handle, os.write(handle, text))
    except OSError:
        return  # A full disk: the lock holds, whoever waits is not told for whom.


def _take(handle: int) -> bool:
    try:
        if sys.platform != "win32":
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:  # pragma: no cover - Windows
            os.lseek(handle, 1 << 30, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    except OSError as error:
        if isinstance(error, BlockingIOError | PermissionError):
            return False
        raise
    return True
