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
    meaning = _MEANINGS.get(code, _unforeseen)
    return meaning(path, str(error))


def _busy(path: str, _words: str) -> Busy:
    return Busy(
        f"another program holds the database {path}",
        hint="nothing was changed; run the command again",
    )


def _not_written(path: str, words: str) -> Unavailable:
    return Unavailable(
        f"the system could not read or write {path} ({words}); nothing was changed",
        hint="look at the disk: its room, what you may use of it, its health",
        code="disk-error",
    )


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
    words = error.strerror or str(error)
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return _full(path, words)
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return _not_opened(path, words)
    return read_only(path, words)


def _full(path: str, _words: str) -> Unavailable:
    return Unavailable(
        f"no room left to write {path}; nothing was changed", hint=_ROOM, code="disk-full"
    )


def _not_opened(path: str, _words: str) -> TampError:
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


def _unforeseen(path: str, words: str) -> TampError:
    return TampError(
        f"the database {path} refused: {words}",
        hint="this is a bug in tamp: please report it",
        code="database-error",
    )


_MEANINGS = {
    sqlite3.SQLITE_BUSY: _busy,
    sqlite3.SQLITE_LOCKED: _busy,
    sqlite3.SQLITE_PROTOCOL: _busy,
    sqlite3.SQLITE_FULL: _full,
    sqlite3.SQLITE_TOOBIG: _full,
    sqlite3.SQLITE_CORRUPT: corrupt,
    sqlite3.SQLITE_NOTADB: corrupt,
    sqlite3.SQLITE_READONLY: read_only,
    sqlite3.SQLITE_PERM: read_only,
    sqlite3.SQLITE_AUTH: read_only,
    sqlite3.SQLITE_CANTOPEN: _not_opened,
    sqlite3.SQLITE_IOERR: _not_written,
}
