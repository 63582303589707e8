"""Requirements documents on disk, as text."""

from __future__ import annotations

import codecs
from pathlib import Path

from taskmaster.domain.plan import Document
from taskmaster.errors import Invalid, NotFound

LARGEST = 20 * 1024 * 1024
_ALLOWED_CONTROLS = frozenset("\t\n\r\x0b\x0c")
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_document(path: str) -> Document:
    """The text of the file at ``path``, which is kept as the user wrote it.

    UTF-8 and UTF-16 (with its mark) are understood; anything else that is text is read as
    Windows-1252. Raises NotFound for a missing file and Invalid for a folder, for more than
    20 MB and for what is not text.
    """
    return Document(path=path, text=decoded(_content(path), path))


def decoded(content: bytes, name: str) -> str:
    """``content`` as text; raises Invalid (``unreadable-document``) when it is not text."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return _strict(content, encoding, name)
    if b"\x00" in content:
        raise not_text(name)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = _strict(content, "cp1252", name)
    return text


def holds_controls(text: str) -> bool:
    """Whether ``text`` holds characters that only binary data holds."""
    return any(char < " " and char not in _ALLOWED_CONTROLS for char in text)


def not_text(name: str) -> Invalid:
    """The error for a document that turns out to be binary."""
    return Invalid(
        f"{name} is not a text document",
        code="unreadable-document",
        hint="save the requirements as plain text or Markdown, in UTF-8",
    )


def _content(path: str) -> bytes:
    file = Path(path)
    if file.is_dir():
        raise Invalid(
            f"{path} is a folder, not a document",
            code="unreadable-document",
            hint="name the requirements file inside it",
        )
    try:
        if file.stat().st_size > LARGEST:
            raise _too_large(path)
        return file.read_bytes()
    except FileNotFoundError:
        raise NotFound(
            f"there is no document {path}",
            code="document-not-found",
            hint="check the path; it is relative to the current folder",
        ) from None
    except (OSError, ValueError) as error:
        raise Invalid(f"{path} cannot be read: {error}", code="unreadable-document") from error


def _too_large(path: str) -> Invalid:
    return Invalid(
        f"{path} is larger than {LARGEST // (1024 * 1024)} MB",
        code="unreadable-document",
        hint="split the requirements into several documents and plan each of them",
    )


def _strict(content: bytes, encoding: str, name: str) -> str:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise not_text(name) from None
    if holds_controls(text):
        raise not_text(name)
    return text
