"""Why a task file cannot be read: where, what was found there, and what to do about it."""

from __future__ import annotations

import json
import re

from taskmaster.errors import CorruptStore

_MARKER = re.compile(r"^(<{7}|={7}|>{7})( .*)?\r?$", re.MULTILINE)
_MOSTLY_BINARY = re.compile(r"[\x00-\x08\x0e-\x1f]")
_RESTORE = (
    "`tamp restore` brings back the last good copy (the unreadable file is kept);"
    " `tamp doctor` tells more"
)


def decoded(path: str, data: bytes) -> tuple[str, bytes]:
    """The text of a task file and its byte-order mark (``b""`` for none).

    Raises CorruptStore for anything that is not UTF-8.
    """
    for mark, name in ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16")):
        if data.startswith(mark):
            raise _damaged(path, f"is written in {name}", "save it as UTF-8", "wrong-encoding")
    mark = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
    try:
        return data[len(mark) :].decode(), mark
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start + len(mark)) + 1
        if b"\x00" in data[:4096]:
            raise _damaged(path, "is a binary file, not JSON", _RESTORE, "binary") from error
        found = data[error.start + len(mark)]
        raise _damaged(
            path,
            f"is not UTF-8: line {line} holds the byte 0x{found:02x}",
            f"save it as UTF-8, or: {_RESTORE}",
            "wrong-encoding",
        ) from error


def explained(path: str, text: str, error: Exception) -> CorruptStore:
    """The error to raise for a text that could not be read as JSON."""
    if not text.strip():
        return _damaged(path, "is empty", _RESTORE, "empty-file")
    if match := _MARKER.search(text):
        line = text.count("\n", 0, match.start()) + 1
        return _damaged(
            path,
            f"holds git conflict markers, the first at line {line}: {match.group(0)[:60].strip()}",
            "resolve the conflict (`git checkout --ours` or `--theirs` takes a side),"
            f" or: {_RESTORE}",
            "conflict-markers",
        )
    if isinstance(error, RecursionError):
        return too_deep(path)
    if _MOSTLY_BINARY.search(text[:4096]):
        return _damaged(path, "is a binary file, not JSON", _RESTORE, "binary")
    return _damaged(path, _first_fault(text), _RESTORE, "not-json")


def located(path: str, error: CorruptStore) -> CorruptStore:
    """The error of somebody who knew the text but not its path."""
    return _damaged(path, error.message, error.hint or _RESTORE, error.code)


def too_deep(path: str) -> CorruptStore:
    return _damaged(path, "is nested too deeply to be a task file", _RESTORE, "too-deep")


def _first_fault(text: str) -> str:
    try:
        json.loads(text)
    except json.JSONDecodeError as fault:
        found = text[fault.pos : fault.pos + 20].partition("\n")[0]
        if not text[fault.pos :].strip():
            return f"breaks off at line {fault.lineno}, column {fault.colno}: it was cut short"
        return (
            f"is not JSON at line {fault.lineno}, column {fault.colno}:"
            f" {fault.msg.lower()}, found {found!r}"
        )
    except (RecursionError, ValueError) as fault:
        return f"is not JSON that can be read: {fault}"
    return "cannot be read"


def _damaged(path: str, what: str, hint: str, code: str) -> CorruptStore:
    return CorruptStore(f"{path} {what}; nothing was changed", hint=hint, code=code)
