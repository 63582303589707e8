"""Named statements on one connection, for one project: ``queries.sql`` in an engine's dialect.

Statements are written once, with ``:name`` for a value and ``{column in names}`` for a list of
them; an engine says how its driver wants these.
"""

from __future__ import annotations

import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    Connection = Any
    """One of either driver: what they have in common, no type of theirs says."""

LIVE, INCOMING = 0, 1
"""Stages of a project's row: what everybody sees, and what is being moved here."""
_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)
_COMMENT = re.compile(r"^--.*$", re.MULTILINE)
_NARROWED = re.compile(r" AND \{[\w.]+ in \w+\}")
_LIST = re.compile(r"\{([\w.]+) in (\w+)\}")
_OF_TAG = re.compile(r"((?:\w+\.)?)\btag = :tag\b")
_PIECE = re.compile(r"<(\w+)>")
_VALUE = re.compile(r"(?<!:):(\w+)")


class Dialect:
    """How a driver wants statements: ``in_list`` with two ``{}``, ``value`` with one.

    ``listed`` turns a list of values into what the driver takes for one. With ``told_twice``
    statements name the project as well as the tag.
    """

    def __init__(
        self,
        folder: str,
        in_list: str,
        value: str,
        listed: Callable[[Sequence[object]], object],
        *,
        told_twice: bool = False,
    ) -> None:
        self.listed = listed
        self._told_twice = told_twice
        self._in_list = in_list
        self._value = value
        self._texts: dict[str, str] = {}
        for place in (os.path.dirname(__file__), folder):
            self._load(os.path.join(place, "queries.sql"))

    def named(self, name: str) -> str:
        """The statement of this name.

        One that is narrowed by ``AND {column in names}`` is there twice: ``name_all`` is without.
        """
        text = self._texts.get(name)
        if text is None:
            whole = _NARROWED.sub("", self._texts[name.removesuffix("_all")])
            text = self._texts[name] = whole
        return self.spoken(text)

    def takes_rows(self, name: str) -> bool:
        """Whether the statement of this name is for many rows at once."""
        return ":rows" in self._texts[name]

    def filled(self, text: str) -> str:
        """A statement with the named ones that it consists of in their places."""
        return _PIECE.sub(lambda found: self.named(found[1]), self.spoken(text))

    def spoken(self, text: str) -> str:
        """A statement in the driver's words."""
        text = _LIST.sub(lambda found: self._in_list.format(found[1], found[2]), text)
        if self._told_twice:
            text = _OF_TAG.sub(r"\g<0> AND \1project = :project", text)
        return text if self._value == ":{}" else _VALUE.sub(self._in_words, text)

    def _in_words(self, found: re.Match[str]) -> str:
        return self._value.format(found[1])

    def _load(self, path: str) -> None:
        with open(path, encoding="utf-8") as file:
            pieces = _NAME.split(file.read())
        texts = (_COMMENT.sub("", text).strip() for text in pieces[2::2])
        self._texts.update(zip(pieces[1::2], texts, strict=True))


class Session:
    """The statements of a dialect on a connection; ``project`` is the row id of the project."""

    def __init__(self, connection: Connection, dialect: Dialect) -> None:
        self.connection = connection
        self.project = 0
        self.successor = ""
        self.last: tuple[int, str] | None = None
        """Number and time of the project's last change, where they are known."""
        self.tags: list[tuple[Any, ...]] | None = None
        """What ``rows("tags")`` would find now, where that is known."""
        self._dialect = dialect

    def enter(self, name: str, stage: int) -> None:
        """Work on the project of this name and stage; none is 0."""
        values = {"name": name, "stage": stage}
        found, tags = self.each(("<find_project>", values), ("<tags_of_name>", values))
        if found:
            self.project, self.successor = found[0][:2]
            self.last, self.tags = found[0][2:4], tags

    def close(self) -> None:
        """Let nobody use the connection through this session any more: others may have it."""
        self.connection = None

    def rows(self, name: str, /, **values: object) -> list[tuple[Any, ...]]:
        """Run the named statement and give what it finds."""
        return self.ask(f"<{name}>", **values)

    def row(self, name: str, /, **values: object) -> tuple[Any, ...] | None:
        """The first row that the named statement finds."""
        found = self.rows(name, **values)
        return found[0] if found else None

    def ask(self, text: str, /, **values: object) -> list[tuple[Any, ...]]:
        """Run a statement that is put together of named ones, as ``<name>``, and words between."""
        return self.each((text, values))[0]

    def each(self, *asked: tuple[str, Mapping[str, object]]) -> list[list[tuple[Any, ...]]]:
        """What each of the statements finds, put together as for ``ask``; all asked at once."""
        return [
            self._connected().execute(self._dialect.filled(text), self._given(values)).fetchall()
            for text, values in asked
        ]

    def run(self, name: str, /, **values: object) -> None:
        """Run the named statement; what is wrong with it may be said only later."""
        self._connected().execute(self._dialect.named(name), self._given(values))

    def many(self, name: str, given: Iterable[Mapping[str, object]]) -> None:
        """Run the named statement once for each of the sets of values."""
        rows = [{"project": self.project, **values} for values in given]
        if rows:
            self._connected().executemany(self._dialect.named(name), rows)

    def settle(self) -> None:
        """Have everything done that was to be run."""

    def _connected(self) -> Connection:
        if self.connection is None:
            raise RuntimeError("this view of the project is over: use it within its block")
        return self.connection

    def _given(self, values: Mapping[str, object]) -> dict[str, object]:
        given: dict[str, object] = {"project": self.project}
        for key, value in values.items():
            given[key] = self._dialect.listed(value) if isinstance(value, list) else value
        return given
