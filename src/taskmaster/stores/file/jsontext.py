"""Editing JSON text in place: what is not changed keeps its bytes.

A file in a repository is read by people and merged by git, so a changed value is written over
the old one's characters and everything else (key order, indentation, escapes, repeated keys,
numbers such as 1.50) stays as it was.
"""

from __future__ import annotations

import json
import re
from collections import namedtuple
from json.decoder import (  # type: ignore[attr-defined]  # not in the stubs, there since Python 3.1
    WHITESPACE,
    JSONDecoder,
    scanstring,
)

from taskmaster.domain.changes import same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import NamedTuple

    class Member(NamedTuple):
        """A key with its value in an object: where the key starts, the value starts and ends."""

        key: str
        at: int
        start: int
        end: int
        value: object

    class Element(NamedTuple):
        """A value in an array, with its place in the text."""

        start: int
        end: int
        value: object

    class Style(NamedTuple):
        """How a text is laid out: ``unit`` of indentation (None: one line), line end, escapes."""

        unit: str | None
        newline: str
        ascii: bool

    Value = Callable[[str, int], tuple[object, int]]
    Scanned = dict[int, list[Member] | list[Element]]

else:
    Member = namedtuple("Member", "key at start end value")
    Element = namedtuple("Element", "start end value")
    Style = namedtuple("Style", "unit newline ascii")

_STEPS = (1 << 16, 1 << 12, 1 << 8, 1 << 4, 1)
"""How many characters are compared at once, first and last."""
_INDENTED = re.compile(r"[\[{]\r?\n([ \t]+)\S")
_scan = JSONDecoder().scan_once  # type: ignore[attr-defined]  # set by JSONDecoder.__init__


class NotJson(Exception):
    """The text breaks off or does not continue as JSON at this place."""


def skip(text: str, place: int) -> int:
    """The place of the next character that is no white space; the end of the text is an error."""
    place = WHITESPACE.match(text, place).end()
    if place == len(text):
        raise NotJson(place)
    return place


def plain(text: str, place: int) -> tuple[object, int]:
    """The value at *place* and where it ends."""
    try:
        value, end = _scan(text, place)
    except StopIteration as stop:
        raise NotJson(place) from stop
    return value, end


def members(text: str, place: int, value: Callable[[str, int], tuple[object, int]]) -> list[Member]:
    """The members of the object at *place*; *value* is told each key and reads what follows."""
    found: list[Member] = []
    here = skip(text, place + 1)
    if text[here] == "}":
        return found
    while True:
        if text[here] != '"':
            raise NotJson(here)
        key, end = scanstring(text, here + 1)
        colon = skip(text, end)
        if text[colon] != ":":
            raise NotJson(colon)
        start = skip(text, colon + 1)
        parsed, end = value(key, start)
        found.append(Member(key, here, start, end, parsed))
        here = skip(text, end)
        if text[here] == "}":
            return found
        here = _after_comma(text, here)


def elements(text: str, place: int, value: Callable[[int], tuple[object, int]]) -> list[Element]:
    """The elements of the array at *place*."""
    found: list[Element] = []
    here = skip(text, place + 1)
    if text[here] == "]":
        return found
    while True:
        parsed, end = value(here)
        found.append(Element(here, end, parsed))
        here = skip(text, end)
        if text[here] == "]":
            return found
        here = _after_comma(text, here)


def run(text: str, place: int, known: Known | None = None) -> list[Element]:
    """The elements of the array at *place*, read as fast as can be: the way to a task list.

    What stood between the first two elements is tried first between all others, and what is
    *known* is not read at all.
    """
    found = known.beginning(text, place) if known else []
    end = found[-1].end if found else place + 1
    gap = ""
    while True:
        here = end + len(gap)
        if not (gap and text.startswith(gap, end)) or text[here] in " \t\r\n":
            here = skip(text, end)
            if text[here] == "]":
                return found
            if found:
                here = _after_comma(text, here)
                gap = text[end:here]
        value, end = plain(text, here)
        found.append(Element(here, end, value))
        if known and (more := known.following(text, end, value)):
            found += more
            end = found[-1].end


class Known:
    """The array at *place* of a text that was read before, to read a text that is mostly the same.

    Its elements are found by the ids of those before them, and compared character by character.
    """

    def __init__(self, text: str, place: int, found: Sequence[Element]) -> None:
        self._text = text
        self._place = place
        self._found = found
        self._next = 0
        """How many were given: the one after them is what a changed one was before, mostly."""
        self._by_id: dict[object, int] | None = None

    def beginning(self, text: str, place: int) -> list[Element]:
        """The first elements of the array at *place* of the new *text*, as far as they are old."""
        return self._alike(text, place, self._place, 0)

    def following(self, text: str, end: int, value: object) -> list[Element]:
        """The same of those that follow on one with this *value*, which ends at *end*."""
        number = self._number(_id_of(value))
        if number is None:
            return []
        return self._alike(text, end, self._found[number].end, number + 1)

    def _number(self, wanted: object) -> int | None:
        """Which of the elements has this id."""
        if self._next < len(self._found) and _id_of(self._found[self._next].value) == wanted:
            return self._next
        if self._by_id is None:
            self._by_id = {_id_of(one.value): place for place, one in enumerate(self._found)}
        return self._by_id.get(wanted)

    def _alike(self, text: str, here: int, there: int, first: int) -> list[Element]:
        """Those from *first* on that both texts have, one from *here* and one from *there* on."""
        # The next character has to be the same too: after another digit, the number is another.
        until = there + _in_common(text, here, self._text, there)
        found = [one for one in self._found[first:] if one.end < until]
        self._next = first + len(found)
        shift = here - there
        if not shift:
            return found
        return [Element(one.start + shift, one.end + shift, one.value) for one in found]


def _id_of(value: object) -> object:
    """What tells an element from others; None for those that have nothing of the kind."""
    found = value.get("id") if isinstance(value, dict) else None
    return found if isinstance(found, str | int) else None


def _in_common(one: str, here: int, other: str, there: int) -> int:
    """How many characters from one place on are the same as those from the other place on."""
    begin, most = here, min(len(one), here + len(other) - there)
    for step in _STEPS:
        while here + step <= most and one.startswith(other[there : there + step], here):
            here += step
            there += step
    return here - begin


def _after_comma(text: str, place: int) -> int:
    if text[place] != ",":
        raise NotJson(place)
    return skip(text, place + 1)


def style_of(text: str) -> Style:
    """The layout of *text*, as its first lines show it."""
    indented = _INDENTED.search(text[:4096])
    newline = "\r\n" if "\r\n" in text[:4096] else "\n"
    unit = indented.group(1) if indented else "  " if not text.strip() else None
    return Style(unit, newline, text.isascii() and _has_escapes(text))


def _has_escapes(text: str) -> bool:
    r"""Whether a character is written as ``\u0041``; a doubled backslash before a u is none."""
    place = text.find("\\u")
    while place >= 0:
        before = text[max(place - 64, 0) : place]
        if (len(before) - len(before.rstrip("\\"))) % 2 == 0:
            return True
        place = text.find("\\u", place + 2)
    return False


def dumped(value: object, style: Style, prefix: str = "") -> str:
    """*value* as JSON in this style, for a place on a line that starts with *prefix*."""
    text = json.dumps(value, indent=style.unit, ensure_ascii=style.ascii)
    try:
        text.encode()
    except UnicodeEncodeError:
        # Half of a surrogate pair can be read from an escape but not written as UTF-8.
        text = json.dumps(value, indent=style.unit, ensure_ascii=True)
    return text.replace("\n", style.newline + prefix)


class Editor:
    """Writes new values over a text that was read before.

    ``scanned`` may hold the members and elements of objects and arrays that are known already,
    by the place where they start; the others are scanned when they are needed.
    """

    def __init__(self, text: str, scanned: Scanned, style: Style) -> None:
        self._text = text
        self._scanned = scanned
        self._style = style

    def patched(self, start: int, end: int, old: object, new: object) -> str:
        """The text from *start* to *end*, which says *old*, changed to say *new*."""
        return "".join(self._patched(start, end, old, new))

    def _patched(self, start: int, end: int, old: object, new: object) -> list[str]:
        """The same in pieces: a large text is put together once, whatever the depth of a change."""
        # A container that was scanned holds the whole file: comparing it costs more than editing.
        if old is new or (start not in self._scanned and same(old, new)):
            return [self._text[start:end]]
        if isinstance(old, dict) and isinstance(new, dict) and old and new:
            return self._object(start, end, old, new)
        if isinstance(old, list) and isinstance(new, list) and old and new:
            return self._array(start, end, new)
        return [dumped(new, self._style, self._prefix(start))]

    def _prefix(self, place: int) -> str:
        """The white space that starts the line of *place*."""
        if self._style.unit is None:
            return ""
        line = self._text.rfind("\n", 0, place) + 1
        rest = self._text[line : line + 200]
        return rest[: len(rest) - len(rest.lstrip(" \t"))]

    def _members(self, start: int) -> list[Member]:
        found = self._scanned.get(start)
        if found is None:
            found = members(self._text, start, lambda _key, place: plain(self._text, place))
        return found  # type: ignore[return-value]

    def _elements(self, start: int) -> list[Element]:
        found = self._scanned.get(start)
        if found is None:
            found = elements(self._text, start, lambda place: plain(self._text, place))
        return found  # type: ignore[return-value]

    def _separator(self, opening: str, between: str | None) -> str:
        """What stands between two entries: as found, else after the way the first one is set."""
        if between is not None:
            return between
        return "," + opening if opening else ", "

    def _object(
        self, start: int, end: int, old: Mapping[str, object], new: Mapping[str, object]
    ) -> list[str]:
        text, found = self._text, self._members(start)
        renamed = _renamed(old, new)
        opening = text[start + 1 : found[0].at]
        between = text[found[0].end : found[1].at] if len(found) > 1 else None
        separator = self._separator(opening, between)
        pieces = [text[start : found[0].at]]
        for place, member in self._kept(found, new, renamed):
            before = text[found[place - 1].end : member.at] if place else separator
            pieces += [before] if len(pieces) > 1 else []
            pieces += self._member(member, found, old, new, renamed)
        prefix = self._prefix(found[0].at) if opening else self._prefix(start)
        for key in new:
            if key not in old and key not in renamed.values():
                pieces += [separator] if len(pieces) > 1 else []
                name = dumped(key, self._style)
                pieces.append(f"{name}: {dumped(new[key], self._style, prefix)}")
        return [*pieces, text[found[-1].end : end]]

    @staticmethod
    def _kept(
        found: Sequence[Member], new: Mapping[str, object], renamed: Mapping[str, str]
    ) -> list[tuple[int, Member]]:
        """The members that stay, with their places."""
        return [
            (place, member)
            for place, member in enumerate(found)
            if renamed.get(member.key, member.key) in new
        ]

    def _member(
        self,
        member: Member,
        found: Sequence[Member],
        old: Mapping[str, object],
        new: Mapping[str, object],
        renamed: Mapping[str, str],
    ) -> list[str]:
        """A member that stays; of a key that is repeated, only the last one has the value."""
        text = self._text
        key = renamed.get(member.key, member.key)
        name = text[member.at : member.start]
        if key != member.key:
            name = dumped(key, self._style) + name[name.rindex(":") :]
        last = next(one for one in reversed(found) if one.key == member.key)
        if member is not last:
            return [name, text[member.start : member.end]]
        return [name, *self._patched(member.start, member.end, old[member.key], new[key])]

    def _array(self, start: int, end: int, new: Sequence[object]) -> list[str]:
        text, found = self._text, self._elements(start)
        head = _common(found, new, 1)
        tail = min(_common(found, new, -1), len(found) - head, len(new) - head)
        opening = text[start + 1 : found[0].start]
        between = text[found[0].end : found[1].start] if len(found) > 1 else None
        separator = self._separator(opening, between)
        pieces = [text[start : found[head - 1].end if head else found[0].start]]
        middle = self._middle(found[head : len(found) - tail], new[head : len(new) - tail], found)
        for place, piece in enumerate(middle):
            pieces += [separator, *piece] if head or place else piece
        if tail and (head or middle):
            pieces.append(separator)
        rest = found[len(found) - tail].start if tail else found[-1].end
        return [*pieces, text[rest:end]]

    def _middle(
        self, found: Sequence[Element], new: Sequence[object], every: Sequence[Element]
    ) -> list[list[str]]:
        """The pieces of each of *new*, written over the element it replaces where there is one."""
        unused: dict[object, list[Element]] = {}
        for element in found:
            unused.setdefault(_identity(element.value), []).append(element)
        prefix = self._prefix(every[0].start)
        pieces = []
        for value in new:
            matching = unused.get(_identity(value))
            if matching:
                old = matching.pop(0)
                pieces.append(self._patched(old.start, old.end, old.value, value))
            else:
                pieces.append([dumped(value, self._style, prefix)])
        return pieces


def _common(found: Sequence[Element], new: Sequence[object], step: int) -> int:
    """How many elements at the beginning (or, with step -1, at the end) are not touched."""
    count = 0
    for element, value in zip(found[::step], new[::step], strict=False):
        if element.value is not value and not same(element.value, value):
            break
        count += 1
    return count


def _identity(value: object) -> object:
    if isinstance(value, dict) and "id" in value:
        return "id", str(value["id"])
    if isinstance(value, list):
        return "list"
    return "value", json.dumps(value, sort_keys=True)


def _renamed(old: Mapping[str, object], new: Mapping[str, object]) -> dict[str, str]:
    """Keys whose value reappears, the very same one, under a key that was not there."""
    fresh = {id(value): key for key, value in new.items() if key not in old}
    return {
        key: fresh[id(value)]
        for key, value in old.items()
        if key not in new and id(value) in fresh and isinstance(value, dict | list)
    }
