"""Files and folders as text, with errors that say where and what."""

from __future__ import annotations

import json
import os
import sys

from taskmaster.domain.parcel import Source
from taskmaster.errors import Invalid, NotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 200 * 1024 * 1024
_TEXTS = (".md", ".yml", ".yaml")
_CODE = "unreadable-import"


def source(path: str, name: str = "") -> Source:
    """What lies at *path* (``-``: standard input), called *name* where tasks speak of it.

    Of a folder, the Markdown and YAML files in it. Raises NotFound, and Invalid for what is no
    text or larger than 200 MB.
    """
    if path == "-":
        return Source(name, {"": decoded(sys.stdin.buffer.read(), "the standard input")})
    if os.path.isdir(path):
        return Source(name or os.path.basename(path), dict(_folder(path)))
    return Source(name or os.path.basename(path), {"": decoded(_content(path), path)})


def _folder(path: str) -> Iterator[tuple[str, str]]:
    for folder, below, names in os.walk(path):
        below[:] = sorted(one for one in below if one not in ("node_modules", ".git"))
        for one in sorted(names):
            if one.endswith(_TEXTS):
                full = os.path.join(folder, one)
                inside = os.path.relpath(full, path).replace(os.sep, "/")
                yield inside, decoded(_content(full), full)


def _content(path: str) -> bytes:
    try:
        if os.path.getsize(path) > LARGEST:
            raise Invalid(
                f"{path} is larger than {LARGEST // 1024 // 1024} MB",
                hint="import it in parts",
                code=_CODE,
            )
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        raise NotFound(
            f"there is no file or folder {path}",
            hint="check the path; it is relative to the current folder",
            code="file-not-found",
        ) from None
    except (OSError, ValueError) as error:
        raise Invalid(
            f"{path} cannot be read: {error}", hint="check who may read it", code=_CODE
        ) from error


def decoded(content: bytes, name: str) -> str:
    """The bytes as text: UTF-8, or UTF-16 with its mark. Raises Invalid for anything else."""
    coding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(coding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Invalid(
            f"{name}: line {line} is not {coding.removesuffix('-sig').upper()} text",
            hint="save it as UTF-8",
            code=_CODE,
        ) from None
    if "\x00" in text:
        raise Invalid(f"{name} holds binary data, not text", hint="name a text file", code=_CODE)
    return text


def only(found: Source) -> str:
    """The text of a source that is a single file. Raises Invalid for a folder."""
    if "" not in found.files:
        raise Invalid(
            f"{found.name} is a folder, and this format is a file",
            hint="name the file inside it",
            code=_CODE,
        )
    return found.files[""]


def parsed(text: str, name: str, first_line: int = 1) -> object:
    """The text as JSON. Raises Invalid with line, column and what is wrong there."""
    try:
        value: object = json.loads(text)
    except json.JSONDecodeError as error:
        line = error.lineno + first_line - 1
        raise Invalid(
            f"{name} is no JSON: line {line}, column {error.colno}: {error.msg}",
            hint="nothing was imported; mend the file or export it anew",
            code=_CODE,
        ) from None
    except RecursionError:
        raise Invalid(
            f"{name} is nested too deeply to be read", hint="no task list looks so", code=_CODE
        ) from None
    return value


def parsed_lines(text: str, name: str) -> Iterator[tuple[int, dict[str, object]]]:
    """The objects of JSON lines, each with its line number. Raises Invalid as ``parsed`` does."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            value = parsed(line, name, number)
            if not isinstance(value, dict):
                raise malformed(name, f"line {number}", "an object was expected")
            yield number, value


def objects(text: str, name: str) -> Iterator[tuple[str, dict[str, object]]]:
    """The objects of a JSON list, or of JSON lines, each with the place where it stands."""
    if text.lstrip().startswith("["):
        value = parsed(text, name)
        for number, entry in enumerate(value if isinstance(value, list) else [], 1):
            if not isinstance(entry, dict):
                raise malformed(name, f"entry {number}", "an object was expected")
            yield f"entry {number}", entry
    else:
        for number, entry in parsed_lines(text, name):
            yield f"line {number}", entry


def malformed(name: str, where: str, what: str) -> Invalid:
    """The error for a file that does not say what its format says it should."""
    return Invalid(
        f"{name}: {where}: {what}",
        hint="nothing was imported; --from names the format if it was mistaken",
        code="malformed-import",
    )
