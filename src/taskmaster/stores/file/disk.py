"""Reading and replacing whole files so that a crash at any moment leaves the old or the new one."""

from __future__ import annotations

import errno
import os
import sys

from taskmaster.errors import Forbidden, TampError, Unavailable

_EXCHANGE = 2


def read(path: str) -> bytes | None:
    """The content of a file, None when it is not there."""
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read()
    except FileNotFoundError:
        return None


def write(path: str, data: bytes, *, mode: int = 0o644, sync: bool = True) -> None:
    """Write a file anew, through to the disk when *sync*."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), mode)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(handle, view) :]
        if sync:
            os.fsync(handle)
    finally:
        os.close(handle)


def append(path: str, data: bytes) -> None:
    """Add *data* to the end of a file and see it through to the disk."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o644)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(handle, view) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def replace(path: str, data: bytes) -> None:
    """Write a small file by way of a temporary one beside it."""
    fresh = f"{path}.new"
    write(fresh, data, sync=False)
    os.replace(fresh, path)


def sync_folder(path: str) -> None:
    """Make a rename in this folder survive a power cut, where the system has a way."""
    if os.name == "nt":  # pragma: no cover - Windows has none
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


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
    if number in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
        return False
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
