"""Drawings and reports written to files that the user names, and shown in a browser."""

from __future__ import annotations

import os

from taskmaster.errors import Invalid, Unavailable


def write(path: str, text: str) -> str:
    """Write *text* to the file at *path* and return where it is. Raises Invalid, Unavailable."""
    full = os.path.abspath(os.path.expanduser(path))
    try:
        with open(full, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.write(text)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise Invalid(
            f"{path} cannot be written: {error.strerror}",
            hint="name a file in a folder that exists",
            code="no-such-folder",
        ) from error
    except OSError as error:
        raise Unavailable(
            f"{path} cannot be written: {error.strerror}",
            hint="name another file, or see who may write there",
            code="cannot-write",
        ) from error
    return full


def passing(name: str) -> str:
    """A path for a file that nobody asked to keep."""
    import tempfile

    return os.path.join(tempfile.mkdtemp(prefix="tamp-"), name)


def show(path: str) -> None:
    """Open the file in the browser. Raises Unavailable where there is none."""
    import webbrowser
    from urllib.request import pathname2url

    if not webbrowser.open(f"file://{pathname2url(path)}"):
        raise Unavailable(
            f"no browser could be started; the picture is in {path}",
            hint="open it by hand, or set BROWSER",
            code="no-browser",
        )
