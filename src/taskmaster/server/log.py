"""Reading the change log from a change that somebody knows."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from taskmaster.domain.changes import last_number
from taskmaster.errors import NotFound
from taskmaster.server import events

if TYPE_CHECKING:
    from collections.abc import Iterator

    from taskmaster.domain.changes import Transaction
    from taskmaster.ports import Reader
    from taskmaster.server.events import Event
    from taskmaster.workspace import Workspace

SCANNED = 10_000
"""Transactions that are looked at in one go."""

LARGEST = 2**53 - 1
"""The number of a change at most: what every reader of JSON, and every database, can hold."""

_STRETCH, _STRETCH_BYTES = 256, 256 * 1024


class Stretch(NamedTuple):
    """A piece of the log as events; ``number`` is the last change of it, told or not."""

    events: list[Event]
    number: int


def stretch(ws: Workspace, since: int, tag: str) -> Stretch:
    """What comes next after change *since*, as much as a subscriber is handed in one go."""
    told: list[Event] = []
    number, size = since, 0
    with ws.log.reading() as reader:
        for entry in islice(after(reader, since), SCANNED):
            number = last_number(entry)
            event = events.change(entry).on(tag)
            if event is not None:
                told.append(event)
                size += len(event.data)
            if len(told) >= _STRETCH or size >= _STRETCH_BYTES:
                break
    return Stretch(told, number)


def after(reader: Reader, since: int) -> Iterator[Transaction]:
    """The transactions that end after change *since*. Raises NotFound where that is not known."""
    if since > LARGEST:
        raise unknown(since)
    found = reader.changes_since(max(since - 1, 0))
    if since:
        first = next(found, None)
        if first is None:
            raise unknown(since)
        if last_number(first) > since:
            yield first
    yield from found


def unknown(number: int) -> NotFound:
    return NotFound(
        f"the change log knows no change {number}",
        hint="it may have been started anew: read the tasks again and follow from now on",
        code="no-such-change",
    )
