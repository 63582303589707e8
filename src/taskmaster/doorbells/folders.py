"""A pause that ends early when something happens in a folder."""

from __future__ import annotations

import os
import stat
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping


class FolderPause:
    """Waits *seconds* at most; less where watchfiles is installed and a file of a folder changes.

    Only ever shortens a wait: whoever uses it looks again afterwards, whatever ended it. A folder
    that is not there yet, or is exchanged for another, is watched from when it is there.
    """

    def __init__(self, folders: Iterable[str], seconds: float) -> None:
        self._folders = sorted(set(folders))
        self._seconds = seconds
        self._watched: dict[str, tuple[int, int]] = {}
        self._events: Generator[object] | None = None
        self._watch()

    def __call__(self, seconds: float) -> None:
        self._watch()
        if self._events is None:
            time.sleep(min(seconds, self._seconds))
            return
        try:
            next(self._events)
        except (OSError, RuntimeError, StopIteration):
            self._events = None  # A folder is gone, or there are too many watches.

    def close(self) -> None:
        if self._events is not None:
            self._events.close()
            self._events = None

    def _watch(self) -> None:
        found = {path: sight for path in self._folders if (sight := _sight(path))}
        if found != self._watched:
            self.close()
            self._watched = found
            self._events = _events(found, self._seconds)


def _sight(folder: str) -> tuple[int, int] | None:
    """What tells a folder from another one at the same place; None for what is no folder."""
    try:
        found = os.stat(folder)
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISDIR(found.st_mode) else None


def _events(folders: Mapping[str, object], seconds: float) -> Generator[object] | None:
    """Something each time that anything happens, and whenever *seconds* have gone by."""
    try:
        import watchfiles
    except ImportError:
        return None
    if not folders:
        return None
    return watchfiles.watch(
        *folders,
        watch_filter=None,
        debounce=20,
        step=5,
        rust_timeout=int(seconds * 1000),
        yield_on_timeout=True,
        recursive=False,
    )
