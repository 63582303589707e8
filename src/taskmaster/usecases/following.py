"""Following the change log while others write it."""

from __future__ import annotations

from taskmaster.domain.changes import last_number
from taskmaster.errors import CorruptStore, NotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from taskmaster.domain.changes import Transaction
    from taskmaster.workspace import Workspace


def newest(ws: Workspace) -> int:
    """The number of the last change there is, 0 when there is none."""
    with ws.reading() as reader:
        return reader.last_change()


def follow(ws: Workspace, listen: Callable[[], bool], since: int) -> Iterator[Transaction]:
    """Every transaction that ends after change *since*, in order and each once, for ever.

    When all that is known is told, *listen* is called: it comes back once there may be more, and
    says False to end. Tasks that cannot be read for a while, because somebody is editing them, are
    waited for. Raises NotFound when the log does not know change *since*, as after it was deleted,
    and CorruptStore when it is the log that cannot be read.
    """
    number = since
    found: Sequence[Transaction] = _after(ws, number)
    while True:
        for entry in found:
            yield entry
            number = last_number(entry)
        if not listen():
            return
        try:
            found = _after(ws, number)
        except CorruptStore as error:
            if error.code == "corrupt-log":
                raise
            found = ()


def _after(ws: Workspace, number: int) -> list[Transaction]:
    with ws.reading() as reader:
        found = list(reader.changes_since(number))
        if number and not found and next(iter(reader.changes_since(number - 1)), None) is None:
            raise NotFound(
                f"the change log knows no change {number}",
                hint="it may have been started anew: follow it with --since=0",
                code="no-such-change",
            )
    return found
