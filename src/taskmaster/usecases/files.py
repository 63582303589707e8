"""Reading and replacing the files around the tasks: settings, reports, pages for people."""

from __future__ import annotations

import os

from taskmaster.errors import Forbidden, Unavailable


def read(path: str) -> bytes | None:
    """The content of a file, None when it is not there. Raises Forbidden, Unavailable."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise refused(error, path) from error


def replace(path: str, data: bytes) -> None:
    """Write a file by way of another one, so that nobody ever sees half of it.

    It keeps its permissions, and a link keeps pointing to it. Raises Forbidden, Unavailable.
    """
    real = os.path.realpath(path)
    fresh = f"{real}.{os.getpid()}.new"
    try:
        os.makedirs(os.path.dirname(real), exist_ok=True)
        with open(fresh, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if os.path.exists(real):
            os.chmod(fresh, os.stat(real).st_mode & 0o777)
        os.replace(fresh, real)
    except OSError as error:
        if os.path.exists(fresh):
            os.unlink(fresh)
        raise refused(error, path) from error


def refused(error: OSError, path: str) -> Forbidden | Unavailable:
    """What the system refused, in words."""
    why = error.strerror or str(error)
    if isinstance(error, PermissionError):
        return Forbidden(f"not allowed: {path} ({why})", hint="check who owns it", code="read-only")
    return Unavailable(
        f"the system refused {path}: {why}",
        hint="look at what lies there, and at the disk",
        code="disk-error",
    )
