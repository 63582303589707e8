"""Named statements on one connection, for one project: ``queries.sql`` in an engine's dialect.

Statements are written once, with ``:name`` for a value and ``{column in names}`` for a list of
them; an engine says how its driver wants these.
"""

from __future__ import annotations

import json
import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    Connection = Any
    """One of either driver: what they have in common, no type of theirs says."""

LIVE, INCOMING = 0, 1
"""Stages of a project's row: what everybody sees, and what is being moved here."""
_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)
_COMMENT = re.compile(r"^--.*$", re.MULTILINE)
_NARROWED = re.compile(r" AND \{[\w.]+ in \w+\}")
_LIST = re.compile(r"\{([\w.]+) in (\w+)\}")
_PIECE = re.compile(r"<(\w+)>")
_VALUE = re.compile(r"(?<!:):(\w+)")
_MOST_TOGETHER = 4_000_000


class Dialect:
    """How a driver wants statements: ``in_list`` with two ``{}``, ``value`` with one.

    ``listed`` turns a list of values into what the driver takes for one.
    """

    def __init__(
        self, folder: str, in_list: str, value: str, listed: Callable[[Sequence[object]], object]
    ) -> None:
        self.listed = listed
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

    def __init__(self, connection: Connection, dialect: Dialect, project: int = 0) -> None:
        self.connection = connection
        self.project = project
        self._dialect = dialect

    def close(self) -> None:
        """Let nobody use the connection through this session any more: others may have it."""
        self.connection = None

    def rows(self, name: str, /, **values: object) -> list[tuple[Any, ...]]:
        """Run the named statement and give what it finds."""
        found: list[tuple[Any, ...]] = self._run(self._dialect.named(name), values).fetchall()
        return found

    def row(self, name: str, /, **values: object) -> tuple[Any, ...] | None:
        """The first row that the named statement finds."""
        found: tuple[Any, ...] | None = self._run(self._dialect.named(name), values).fetchone()
        return found

    def run(self, name: str, /, **values: object) -> int:
        """Run the named statement; how many rows it touched."""
        touched: int = self._run(self._dialect.named(name), values).rowcount
        return touched

    def many(self, name: str, given: Iterable[Mapping[str, object]]) -> None:
        """Run the named statement once for each of the sets of values.

        One that takes ``:rows`` gets many of them at once, as a JSON list.
        """
        text = self._dialect.named(name)
        rows = [{"project": self.project, **values} for values in given]
        if self._dialect.takes_rows(name):
            for some in _in_pieces(rows):
                self.connection.execute(text, {"rows": some})
        elif rows:
            self.connection.cursor().executemany(text, rows)

    def ask(self, text: str, /, **values: object) -> list[tuple[Any, ...]]:
        """Run a statement that is put together of named ones, as ``<name>``, and words between."""
        found: list[tuple[Any, ...]] = self._run(self._dialect.filled(text), values).fetchall()
        return found

    def each(self, *asked: tuple[str, Mapping[str, object]]) -> list[list[tuple[Any, ...]]]:
        """What each of the statements finds, put together as for ``ask``; all asked at once."""
        running = [self._run(self._dialect.filled(text), values) for text, values in asked]
        return [one.fetchall() for one in running]

    def _run(self, text: str, values: Mapping[str, object]) -> Any:  # noqa: ANN401
        given: dict[str, object] = {"project": self.project}
        for key, value in values.items():
            given[key] = self._dialect.listed(value) if isinstance(value, list) else value
        if self.connection is None:
            raise RuntimeError("this view of the project is over: use it within its block")
        return self.connection.execute(text, given)


def _in_pieces(rows: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """The rows as JSON lists, none much longer than a server likes to take at once."""
    piece: list[str] = []
    length = 0
    for row in rows:
        piece.append(json.dumps(row, ensure_ascii=False))
        length += len(piece[-1])
        if length > _MOST_TOGETHER:
            yield f"[{','.join(piece)}]"
            piece, length = [], 0
    if piece:
        yield f"[{','.join(piece)}]"
