"""Reading and replacing whole files so that a crash at any moment leaves the old or the new one."""

from __future__ import annotations

import errno
import os
import sys
import time
from _thread import allocate_lock  # What threading has it from, without the rest of that.

from taskmaster.errors import Forbidden, TampError, Unavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable

    Stamp = tuple[int, ...] | None
    """Which file it is, its size and its times in nanoseconds; None when it is not there."""

_EXCHANGE = 2
_TICK, _LONG_TICK = 100_000_000, 2_500_000_000
"""Nanoseconds within which a file system may give two changes the same time; the second where it
tells times in whole seconds.
"""


class Content:
    """What the file at *path* says, read only while its stamp leaves a doubt; for many threads.

    A change of the same size within one tick of the file system's clock leaves the stamp as it is.
    Therefore a file that has just been changed is read with every look, and once more afterwards.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._looking = allocate_lock()
        self._known: Stamp | str = "nothing yet"
        """The stamp that no other content than ``_data`` can have."""
        self._data: bytes | None = None
        self._edition = 0

    def read(self) -> bytes | None:
        """The content at this moment, None when the file is not there."""
        with self._looking:
            self._look()
            return self._data

    def edition(self) -> Hashable:
        """What is different after every change of the content."""
        with self._looking:
            return self._look(), self._edition

    def _look(self) -> Stamp:
        found = stamp(self._path)
        if found != self._known:
            final = settled(found)
            data = read(self._path)
            if data != self._data:
                self._data = data
                self._edition += 1
            self._known = found if final else "in doubt"
        return found


def stamp(path: str) -> Stamp:
    """What every change of a file alters, but for two within the same tick of the clock."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def settled(found: Stamp) -> bool:
    """Whether every change from now on will give the file another stamp than this one."""
    if found is None:
        return True
    # Programs may choose the one time; what Windows calls by the name of the other is a third.
    changed = found[3] if os.name == "nt" else found[4]
    tick = _TICK if changed % 1_000_000_000 else _LONG_TICK
    return time.time_ns() - changed > tick


def read(path: str) -> bytes | None:
    """The content of a file, None when it is not there."""
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read()
    except FileNotFoundError:
        return None


def changed_at(path: str) -> int | None:
    """When a file was last changed, None when it is not there.

    Asked before the file is read, it is never later than what was read.
    """
    try:
        return os.stat(path).st_mtime_ns
    except FileNotFoundError:
        return None


def write(path: str, data: bytes, *, mode: int = 0o666, sync: bool = True) -> None:
    """Write a file anew, through to the disk when *sync*; a new one gets *mode* less the umask."""
    _put(path, data, os.O_TRUNC, mode, sync=sync)


def append(path: str, data: bytes, *, sync: bool = True) -> None:
    """Add *data* to the end of a file, through to the disk when *sync*."""
    _put(path, data, os.O_APPEND, 0o666, sync=sync)


def _put(path: str, data: bytes, how: int, mode: int, *, sync: bool) -> None:
    flags = os.O_WRONLY | os.O_CREAT | how | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags, mode)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(handle, view) :]
        if sync:
            os.fsync(handle)
    finally:
        os.close(handle)


def replace(path: str, data: bytes, *, sync: bool = False) -> None:
    """Write a file by way of a temporary one beside it, so that it is never seen half written."""
    fresh = f"{path}.new"
    try:
        write(fresh, data, sync=sync)
        os.replace(fresh, path)
    except OSError:
        remove(fresh)
        raise


def sync_folder(path: str) -> None:
    """Make a rename in this folder survive a power cut, where the system has a way."""
    if os.name == "nt":  # pragma: no cover - Windows has none
        return
    try:
        handle = os.open(path, os.O_RDONLY)
    except PermissionError:
        return  # A folder that may be written but not read.
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)


def like(path: str, pattern: os.stat_result) -> None:
    """Give a file the permissions and, where that is allowed, the owner of another."""
    if os.name == "nt":  # pragma: no cover - Windows inherits them from the folder
        return
    own = os.stat(path)
    if (own.st_uid, own.st_gid) != (pattern.st_uid, pattern.st_gid):
        _give(path, pattern.st_uid, pattern.st_gid)
    os.chmod(path, pattern.st_mode & 0o777)


def _give(path: str, user: int, group: int) -> None:
    try:
        os.chown(path, user, group)
    except PermissionError:
        return  # Only root gives files away; the permissions still say who may write.


def place(fresh: str, path: str) -> bool:
    """Move a file to a name that nothing has; False when something has it by now."""
    try:
        os.link(fresh, path)
    except FileExistsError:
        return False
    except OSError:  # A file system without hard links.
        if os.path.exists(path):
            return False
        os.rename(fresh, path)
        return True
    os.unlink(fresh)
    return True


def remove(path: str) -> None:
    """Delete a file that may not be there."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return


def exchange(one: str, other: str) -> bool:
    """Swap two files in one step; False where the system cannot.

    A rename would destroy whatever another program put in place a moment before; after an
    exchange it is still there to be looked at.
    """
    if not sys.platform.startswith("linux"):
        return False
    import ctypes

    library = ctypes.CDLL(None, use_errno=True)
    if not hasattr(library, "renameat2"):
        return False
    here = -100  # AT_FDCWD
    if library.renameat2(here, os.fsencode(one), here, os.fsencode(other), _EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EPERM):
        return False  # EPERM is what a container says that filters system calls.
    raise OSError(number, os.strerror(number), one)


def explained(error: OSError) -> TampError:
    """What the system refused, in words, with what to do."""
    where = error.filename or "the project folder"
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return Unavailable(
            f"no room left to write {where} ({error.strerror}); nothing was changed",
            hint="make room on the disk and run the command again",
            code="disk-full",
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return Forbidden(
            f"not allowed to write {where} ({error.strerror}); nothing was changed",
            hint="check who owns the folder and whether it is read-only",
            code="read-only",
        )
    return Unavailable(f"the system refused {where}: {error.strerror or error}", code="disk-error")
