"""Text of any kind made fit for pictures: one line, nothing a renderer would obey."""

from __future__ import annotations

import unicodedata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BARE = frozenset(" -_.,!?/+'")


def line(text: str) -> str:
    """*text* on one line, without control characters, half characters and direction marks."""
    return " ".join("".join(map(_harmless, text)).split())


def _harmless(one: str) -> str:
    kind = unicodedata.category(one)
    if one in _TURNING or kind in ("Cs", "Cn", "Co"):
        return ""
    return " " if kind in ("Cc", "Zl", "Zp") else one


def xml(text: str) -> str:
    """*text* as XML shows it, also between quotes."""
    shown = line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return shown.replace('"', "&quot;").replace("'", "&#39;")


def mermaid(text: str) -> str:
    """*text* as a label between quotes: every sign that could mean something is spelled out."""
    return "".join(
        one if one.isalnum() or one in _BARE or _plain(one) else f"#{ord(one)};"
        for one in line(text)
    )


def _plain(one: str) -> bool:
    """Beyond ASCII nothing means anything to Mermaid."""
    return not one.isascii()


def dot(text: str) -> str:
    """*text* in quotes, as DOT takes it."""
    shown = line(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{shown}"'


def cells(text: str) -> int:
    """How many narrow letters *text* is as wide as, roughly: what is joined counts as one."""
    return sum(2 if unicodedata.east_asian_width(one[0]) in "WF" else 1 for one in _clusters(text))


def folded(text: str, room: int, lines: int) -> list[str]:
    """*text* in at most so many *lines* of *room* cells, cut with an ellipsis."""
    rest = line(text)
    found: list[str] = []
    while rest and len(found) < lines - 1:
        head = _head(rest, room)
        found.append(head.strip())
        rest = rest[len(head) :].strip()
    if rest or not found:
        whole = cells(rest) <= room
        found.append(rest if whole else f"{_fitting(rest, room - 1).rstrip()}…")
    return found


def _head(text: str, room: int) -> str:
    """The beginning of *text* that fits, up to a blank where one is near."""
    fit = _fitting(text, room)
    if len(fit) == len(text):
        return fit
    blank = fit.rfind(" ")
    return fit[: blank + 1] if blank > len(fit) // 2 else fit


def _fitting(text: str, room: int) -> str:
    """As many characters as fit, at least one."""
    fit = ""
    used = 0
    for one in _clusters(text):
        used += cells(one)
        if fit and used > room:
            break
        fit += one
    return fit


def _clusters(text: str) -> Iterator[str]:
    """Characters with the marks, joiners and variants that belong to them."""
    held = ""
    for one in text:
        joins = unicodedata.combining(one) or one in "\u200d\ufe0e\ufe0f" or held[-1:] == "\u200d"
        if held and not joins:
            yield held
            held = ""
        held += one
    if held:
        yield held
