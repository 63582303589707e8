"""Statements for Postgres, sent together wherever nobody has to wait for what one of them says."""

from __future__ import annotations

import json
import logging
from contextlib import nullcontext

import psycopg

from taskmaster.stores.sql.session import Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from typing import Any

    from psycopg.abc import Query

    from taskmaster.stores.sql.session import Dialect

    Connection = psycopg.Connection[tuple[object, ...]]

# A pipeline that breaks raises, and psycopg logs it besides: without a handler of somebody who
# wants to know, that would end up on the terminal.
logging.getLogger("psycopg").addHandler(logging.NullHandler())

_MOST_TOGETHER = 4_000_000
_TOGETHER = psycopg.Pipeline.is_supported()


class PipelinedSession(Session):
    """Keeps what is to be run until something is asked, and sends it along with the question.

    It goes on from the statements *begun* with, which have no values.
    """

    def __init__(
        self, connection: Connection, dialect: Dialect, begun: Iterable[Query] = ()
    ) -> None:
        super().__init__(connection, dialect)
        self._waiting: list[tuple[Query, Mapping[str, object] | None]] = [
            (text, None) for text in begun
        ]

    def each(self, *asked: tuple[str, Mapping[str, object]]) -> list[list[tuple[Any, ...]]]:
        questions = [
            (self._dialect.filled(text).encode(), self._given(values)) for text, values in asked
        ]
        waiting, self._waiting = self._waiting, []
        return [one.fetchall() for one in self._sent([*waiting, *questions])[len(waiting) :]]

    def run(self, name: str, /, **values: object) -> None:
        self._waiting.append((self._dialect.named(name).encode(), self._given(values)))

    def many(self, name: str, given: Iterable[Mapping[str, object]]) -> None:
        """Statements that take ``:rows`` get many at once, as a JSON list."""
        text = self._dialect.named(name).encode()
        rows = ({"project": self.project, **values} for values in given)
        if self._dialect.takes_rows(name):
            for some in _in_pieces(rows):
                self._waiting.append((text, {"rows": some}))
                if len(some) > _MOST_TOGETHER:
                    self.settle()
        else:
            self._waiting += ((text, row) for row in rows)

    def settle(self) -> None:
        waiting, self._waiting = self._waiting, []
        self._sent(waiting)

    def _sent(
        self, statements: Sequence[tuple[Query, Mapping[str, object] | None]]
    ) -> list[psycopg.Cursor[tuple[Any, ...]]]:
        connection = self._connected()
        together: AbstractContextManager[object] = nullcontext()
        if _TOGETHER and len(statements) > 1:
            together = connection.pipeline()
        with together:
            return [connection.execute(text, values) for text, values in statements]


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
