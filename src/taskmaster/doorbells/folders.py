"""A pause that ends early when something happens in a folder."""

from __future__ import annotations

import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterable


class FolderPause:
    """Waits *seconds* at most; less where watchfiles is installed and a file of a folder changes.

    Only ever shortens a wait: whoever uses it looks again afterwards, whatever ended it.
    """

    def __init__(self, folders: Iterable[str], seconds: float) -> None:
        self._seconds = seconds
        self._events = _events(set(folders), seconds)

    def __call__(self, seconds: float) -> None:
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


def _events(folders: set[str], seconds: float) -> Generator[object] | None:
    """Something each time that anything happens, and whenever *seconds* have gone by."""
    try:
        import watchfiles
    except ImportError:
        return None
    if not all(map(os.path.isdir, folders)):
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
