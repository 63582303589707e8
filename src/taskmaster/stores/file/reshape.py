"""Older shapes of a task file, brought into today's with as much of the text as can be kept."""

from __future__ import annotations

import re

from taskmaster.domain.changes import TagState, same
from taskmaster.errors import TampError
from taskmaster.stores.file.jsontext import Style, dumped, elements, members, plain, skip
from taskmaster.stores.file.layout import Layout, document

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from taskmaster.stores.file.jsontext import Member

    Part = tuple[str, str]
    """A key and the text of its value, the latter as if it stood at the beginning of a line."""

_PLAIN = Style("  ", "\n", ascii=False)


def outdated(layout: Layout) -> str:
    """What is not as it is written today, ``""`` for nothing."""
    if layout.shape != "tagged":
        return layout.shape
    paths = [layout.path_of(tag) for tag in layout.states]
    if any(path[-1:] == (0,) for path in paths):
        return "list inside a list"
    return "" if all(path[-1:] == ("tasks",) for path in paths) else "tag without an object"


def fresh(now: str) -> str:
    """A task file without tasks."""
    return dumped(document({"master": TagState(_metadata(now), [])}), _PLAIN) + "\n"


def reshaped(layout: Layout, now: str) -> str:
    """The text in today's shape, saying the same tasks; *now* dates the metadata it may need."""
    if not outdated(layout):
        return layout.text
    text = layout.text
    start = skip(text, 0)
    _root, end = plain(text, start)
    made = text[:start] + _object(_Reshaping(layout, now).parts(start), layout.style) + text[end:]
    _check(layout, made)
    return made


def _check(layout: Layout, made: str) -> None:
    again = Layout(made).states
    if list(again) != list(layout.states) or not all(
        same(list(again[tag].entries), list(state.entries)) for tag, state in layout.states.items()
    ):
        raise TampError("the reshaped task file would not say the same; nothing was changed")


def _metadata(now: str) -> dict[str, object]:
    return {"created": now, "updated": now, "description": "Tasks of this project"}


class _Reshaping:
    """One text on its way into today's shape."""

    def __init__(self, layout: Layout, now: str) -> None:
        self._layout = layout
        self._text = layout.text
        self._metadata = ("metadata", dumped(_metadata(now), layout.style))

    def parts(self, start: int) -> list[Part]:
        """The members of the new root."""
        shape = self._layout.shape
        tag = next(iter(self._layout.states))
        if shape == "bare list":
            return [(tag, self._around_list(start))]
        found = self._members(start)
        if shape == "single list":
            return [(tag, self._tag_object(found))]
        if shape == "saved answer":
            data = next(one for one in found if one.key == "data")
            others = [self._part(one) for one in found if one.key not in ("data", "tag")]
            return [(tag, self._tag_object(self._members(data.start))), *others]
        lifted = [
            inner
            for one in found
            for inner in (
                self._members(one.start) if shape == "nested tags" and one.key == "tags" else [one]
            )
        ]
        return [(one.key, self._tag(one)) for one in lifted]

    def _members(self, start: int) -> list[Member]:
        return members(self._text, start, lambda _key, place: plain(self._text, place))

    def _part(self, one: Member) -> Part:
        return one.key, _outdented(self._text, one.start, one.end)

    def _tag(self, one: Member) -> str:
        """The value of a top-level key; one that is no tag stays as it is."""
        if one.key in self._layout.states:
            if isinstance(one.value, list):
                return self._around_list(one.start)
            path = self._layout.path_of(one.key)
            if path[-1:] == (0,):
                return self._tag_object(self._members(one.start))
        return self._part(one)[1]

    def _tag_object(self, found: Sequence[Member]) -> str:
        keys = {one.key for one in found}
        parts: list[Part] = []
        for one in found:
            key = "metadata" if one.key == "meta" and "metadata" not in keys else one.key
            parts.append((key, self._list(one.start) if key == "tasks" else self._part(one)[1]))
        if not keys & {"meta", "metadata"}:
            parts.append(self._metadata)
        return _object(parts, self._layout.style)

    def _around_list(self, start: int) -> str:
        return _object([("tasks", self._list(start)), self._metadata], self._layout.style)

    def _list(self, start: int) -> str:
        """The text of a task list, taken out of a list that holds nothing else."""
        value, end = plain(self._text, start)
        if isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
            inner = elements(self._text, start, lambda place: plain(self._text, place))[0]
            return _outdented(self._text, inner.start, inner.end)
        return _outdented(self._text, start, end)


def _outdented(text: str, start: int, end: int) -> str:
    """A piece of the text, moved as far left as the line on which it begins."""
    line = text.rfind("\n", 0, start) + 1
    rest = text[line:start]
    prefix = rest[: len(rest) - len(rest.lstrip(" \t"))]
    return text[start:end].replace("\n" + prefix, "\n") if prefix else text[start:end]


def _object(parts: Sequence[Part], style: Style) -> str:
    """An object with these members, as if it stood at the beginning of a line."""
    named = [f"{dumped(key, style)}: {value}" for key, value in parts]
    if style.unit is None:
        return "{" + ", ".join(named) + "}"
    line = style.newline + style.unit
    # White space alone on a line would be a change that nobody sees and git complains about.
    moved = [re.sub(r"\n(?!\r?\n)", "\n" + style.unit, one) for one in named]
    return "{" + line + ("," + line).join(moved) + style.newline + "}"
