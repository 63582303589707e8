"""Keeping copies again and again: one a round, when something has changed since the last."""

from __future__ import annotations

from collections import namedtuple

from taskmaster.domain.copies import BROKEN, Origin, form_of
from taskmaster.errors import Busy, CorruptStore, Invalid, NotFound, TampError, Unavailable
from taskmaster.usecases import backups

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import NamedTuple

    from taskmaster.domain.copies import Copy
    from taskmaster.ports import Archive
    from taskmaster.usecases.backups import Verdict
    from taskmaster.workspace import Workspace

    class Rule(NamedTuple):
        """How many seconds lie between two rounds, and which copies stay (see ``prune``)."""

        span: float
        keep: int
        days: int
        native: bool

    class Round(NamedTuple):
        """A copy that was kept and ``verdict`` on it, None for one in the server's own form; the
        copies that were let go. Or ``trouble``: why none could be kept, told once until it ends.
        """

        copy: Copy | None
        verdict: Verdict | None
        gone: Sequence[Copy]
        trouble: TampError | None

else:
    Rule = namedtuple("Rule", "span keep days native")
    Round = namedtuple("Round", "copy verdict gone trouble")

_LONGEST_PAUSE = 60.0
_NUMBERLESS = ".json"
"""A task file tells no change number, and other programs write it, which leaves no number either
before we have written it ourselves: what it says must be compared.
"""


def rounds(
    ws: Workspace, archive: Archive, rule: Rule, over: Callable[[float], bool]
) -> Iterator[Round]:
    """Keep copies until *over* says so, which waits for so many seconds at most.

    A store that is out of reach, or cannot be read, is tried again after a minute at the latest.
    """
    last, trouble = -1, ""
    while True:
        pause = rule.span
        try:
            number = _number(ws)
            if _is_due(archive, number, last):
                yield _round(ws, archive, rule)
            last, trouble = number, ""
        except (Unavailable, Busy, CorruptStore, NotFound) as error:
            if error.message != trouble:
                yield Round(None, None, (), error)
            trouble = error.message
            pause = min(pause, _LONGEST_PAUSE)
        if over(pause):
            return


def _number(ws: Workspace) -> int:
    with ws.reading() as reader:
        return reader.last_change()


def _is_due(archive: Archive, number: int, last: int) -> bool:
    """Whether there is more than in the newest copy, where it was so up to change *last*."""
    newest = next((copy for copy in archive.copies() if copy.why != BROKEN), None)
    if newest is None:
        return True
    if number == last and form_of(newest.name) != _NUMBERLESS:
        return False
    try:
        return not _is_kept(archive, newest.name, number)
    except (CorruptStore, Invalid):
        return True


def _is_kept(archive: Archive, name: str, number: int) -> bool:
    origin = next(archive.parts(name))
    known = isinstance(origin, Origin) and origin.change in (0, number)
    return known and not archive.differences(name)


def _round(ws: Workspace, archive: Archive, rule: Rule) -> Round:
    copy = backups.keep(ws, archive, native=rule.native)
    verdict = None
    if copy.name in backups.to_verify(archive):
        verdict = backups.verify(archive, copy.name)
    gone = backups.prune(ws, archive, keep=rule.keep, days=rule.days)
    return Round(copy, verdict, gone, None)
