"""Texts as databases take them: Postgres stores neither NUL nor half of a surrogate pair."""

from __future__ import annotations

import json
import re

_ODD = re.compile("[\\\\\x00\ud800-\udfff]")
_ESCAPED = re.compile(r"\\([0-9a-f]{4})")


def stored(text: str) -> str:
    """*text* with what a database may refuse, and the mark itself, as a mark and four digits."""
    return _ODD.sub(_escaped, text)


def told(text: str) -> str:
    """The text that ``stored`` gave this for."""
    return _ESCAPED.sub(_meant, text) if "\\" in text else text


def dumped(value: object) -> str:
    """*value* as JSON text, readable where that is possible."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"))
    return text


def _escaped(found: re.Match[str]) -> str:
    return f"\\{ord(found[0]):04x}"


def _meant(found: re.Match[str]) -> str:
    return chr(int(found[1], 16))
