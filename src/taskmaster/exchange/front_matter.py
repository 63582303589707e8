"""The head of a Markdown file between ``---`` lines, in the part of YAML that such heads use.

Text (plain, in either kind of quotes, or a block after ``|`` or ``>``), lists of text (with
dashes, or in brackets) and nothing else: no anchors, no tags, no objects. What is not understood
is an error with its line, never a guess.
"""

from __future__ import annotations

import re

from taskmaster.errors import Invalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    Value = str | list[str]

_KEY = re.compile(r"([A-Za-z_][\w .-]*?)\s*:(?:\s+(.*))?")
_ENTRY = re.compile(r"\s*-(?:\s+(.*))?")
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\", "/": "/", "0": "", "r": "\r"}
_PART = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s,\[\]{}"'][^,]*?)\s*(?:,|$)""")


def split(text: str, name: str) -> tuple[dict[str, Value], str]:
    """The head as values by key, and the text after it. Raises Invalid with the line."""
    lines = text.replace("\r\n", "\n").split("\n")
    if lines[0].rstrip() != "---":
        return {}, text
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), 0)
    if not end:
        raise _wrong(name, 1, "the head is not closed by a line of three dashes")
    return parsed(lines[1:end], name, 2), "\n".join(lines[end + 1 :])


def parsed(lines: Sequence[str], name: str, first: int = 1) -> dict[str, Value]:
    """The values of such lines by key."""
    found: dict[str, Value] = {}
    place = 0
    while place < len(lines):
        line = lines[place].rstrip()
        place += 1
        if not line or line.lstrip().startswith("#"):
            continue
        match = _KEY.fullmatch(line)
        if not match:
            raise _wrong(name, first + place - 1, f"a key and a colon were expected: {line[:40]!r}")
        key, raw = match.group(1), (match.group(2) or "").strip()
        end = _block_end(lines, place)
        found[key] = _value(raw, lines[place:end], name, first + place - 1)
        place = end
    return found


def _block_end(lines: Sequence[str], place: int) -> int:
    """Where the lines end that are indented or begin with a dash."""
    while place < len(lines) and (
        not lines[place].strip() or lines[place][0] in " \t" or _ENTRY.match(lines[place])
    ):
        place += 1
    return place


def _value(raw: str, block: Sequence[str], name: str, line: int) -> Value:
    if raw[:1] in ("|", ">"):
        rows = [row.strip() for row in block]
        return ("\n" if raw[0] == "|" else " ").join(rows).strip()
    if raw.startswith("["):
        return _bracketed(" ".join([raw, *(row.strip() for row in block)]), name, line)
    if raw and not raw.startswith("#"):
        # Plain or quoted text may go on in indented lines.
        whole = " ".join([raw, *(row.strip() for row in block if row.strip())])
        return scalar(whole, name, line)
    return [
        scalar(_entry(row, name, line + number), name, line + number)
        for number, row in enumerate(block, 1)
        if row.strip() and not row.lstrip().startswith("#")
    ] or ""


def _entry(row: str, name: str, line: int) -> str:
    match = _ENTRY.fullmatch(row)
    if not match:
        raise _wrong(name, line, f"a dash was expected: {row.strip()[:40]!r}")
    return (match.group(1) or "").strip()


def _bracketed(raw: str, name: str, line: int) -> list[str]:
    inside = re.sub(r"\s+#[^\]\"']*$", "", raw).strip()
    if not inside.endswith("]"):
        raise _wrong(name, line, "the list is not closed by a bracket")
    inside = inside[1:-1].strip()
    found, place = [], 0
    while place < len(inside):
        match = _PART.match(inside, place)
        if not match:
            raise _wrong(name, line, f"not a list of words: {inside[:40]!r}")
        found.append(scalar(match.group(1), name, line))
        place = match.end()
    return found


def scalar(raw: str, name: str = "", line: int = 0) -> str:
    """One text, out of its quotes."""
    if raw[:1] in ("&", "*", "!", "{"):
        raise _wrong(name, line, f"only text and lists are understood: {raw[:40]!r}")
    if raw.startswith('"'):
        match = re.fullmatch(r'"((?:[^"\\]|\\.)*)"(?:\s+#.*)?', raw)
        if not match:
            raise _wrong(name, line, "the quotes are not closed")
        return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[0]), match.group(1))
    if raw.startswith("'"):
        match = re.fullmatch(r"'((?:[^']|'')*)'(?:\s+#.*)?", raw)
        if not match:
            raise _wrong(name, line, "the quotes are not closed")
        return match.group(1).replace("''", "'")
    text = re.sub(r"\s+#.*$", "", raw)
    return "" if text in ("null", "~") else text


def _wrong(name: str, line: int, what: str) -> Invalid:
    return Invalid(
        f"{name}: line {line}: {what}",
        hint="nothing was imported; mend this line of the head",
        code="malformed-import",
    )
