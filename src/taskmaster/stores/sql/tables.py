"""Whether a database has the tables that this code was written for."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from taskmaster.stores.sql.schema import Schema
    from taskmaster.stores.sql.session import Connection


class Tables:
    """Asks once, for a whole store.

    The usual answer, that exactly the *known* number of migrations was applied, takes one query;
    any other is left to ``schema``. *error* is what the driver raises.
    """

    def __init__(
        self, known: int, error: type[Exception], schema: Callable[[Connection], Schema]
    ) -> None:
        self._known = known
        self._error = error
        self._schema = schema
        self._checked = False

    def check(self, connection: Connection) -> None:
        """Raises as ``Schema.check`` for tables that this code cannot work with."""
        if not self._checked and self._applied(connection) != list(range(1, self._known + 1)):
            self._schema(connection).check()
        self._checked = True

    def _applied(self, connection: Connection) -> list[int]:
        """The numbers of the migrations that were applied, none where that cannot be told."""
        try:
            found = connection.execute("SELECT number FROM schema_migrations ORDER BY number")
        except self._error:
            return []
        return [row[0] for row in found.fetchall()]
