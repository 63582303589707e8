"""What SQLite and the system under it say, in one sentence for a person and what to do.

Codes: https://sqlite.org/rescode.html.
"""

from __future__ import annotations

import errno
import os
import sqlite3

from taskmaster.errors import Busy, CorruptStore, NotFound, TampError, Unavailable

_OWNER = "check who owns the file and its folder, and whether they are read-only"
_ROOM = "make room on the disk and run the command again"


def explained(path: str, error: Exception) -> TampError:
    """An error of the driver, or of the system, about the database at *path* as one of ours."""
    if isinstance(error, OSError):
        return _of_system(path, error)
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL):
        return Busy(
            f"another program holds the database {path}",
            hint="nothing was changed; run the command again",
        )
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_TOOBIG):
        return _full(path)
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return corrupt(path, str(error))
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH):
        return read_only(path, str(error))
    if code == sqlite3.SQLITE_CANTOPEN:
        return _not_opened(path)
    if code == sqlite3.SQLITE_IOERR:
        return Unavailable(
            f"the system could not read or write {path} ({error}); nothing was changed",
            hint="check the disk; `tamp doctor` looks for damage",
            code="disk-error",
        )
    return _unforeseen(path, error)


def corrupt(path: str, what: str) -> CorruptStore:
    return CorruptStore(
        f"the database {path} is damaged: {what}; nothing was changed",
        hint="`tamp restore` brings the last good copy back, keeping the damaged file",
        code="corrupt-database",
    )


def read_only(path: str, why: str) -> Unavailable:
    return Unavailable(
        f"the database {path} cannot be written ({why})", hint=_OWNER, code="read-only"
    )


def missing(path: str) -> NotFound:
    return NotFound(
        f"there is no database {path}",
        hint="`tamp storage show` tells where it should be; `tamp init` makes a new one,"
        " `tamp restore FILE` one from a copy",
        code="no-database",
    )


def _of_system(path: str, error: OSError) -> TampError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return _full(path)
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return _not_opened(path)
    return read_only(path, error.strerror or str(error))


def _full(path: str) -> Unavailable:
    return Unavailable(
        f"no room left to write {path}; nothing was changed", hint=_ROOM, code="disk-full"
    )


def _not_opened(path: str) -> TampError:
    """SQLite does not say why; the file system does."""
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        return NotFound(
            f"there is no folder {folder} for the database", hint="make it first", code="no-folder"
        )
    if os.path.isdir(path):
        return CorruptStore(
            f"{path} is a folder and no database",
            hint="correct .taskmaster/storage.json; it is to name a file",
            code="corrupt-database",
        )
    return Unavailable(f"the database {path} cannot be opened", hint=_OWNER, code="read-only")


def _unforeseen(path: str, error: Exception) -> TampError:
    return TampError(
        f"the database {path} refused: {error}",
        hint="this is a bug in tamp: please report it",
        code="database-error",
    )
