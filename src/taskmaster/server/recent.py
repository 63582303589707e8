"""The last events of a project, once for all who listen."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from taskmaster.server.events import Event

KEPT = 1024
"""Events that are kept."""

KEPT_BYTES = 4 * 1024 * 1024
"""Bytes of all that are kept, but for the last event, which may be any size."""


class Recent:
    """Events in the order in which they came; the place of one is the count of those before it.

    ``latest`` is the number of the last change that is told, ``start`` the one after which every
    change is kept.
    """

    def __init__(self, number: int) -> None:
        self.start = self.latest = number
        self._events: list[Event] = []
        self._numbers: list[int] = []
        """The last change that is told once the event at the same place is."""
        self._ends: list[int] = []
        """The bytes of all events that there ever were, up to the one at the same place."""
        self._gone = self._gone_bytes = 0

    @property
    def end(self) -> int:
        """The place of the event that comes next."""
        return self._gone + len(self._events)

    def add(self, event: Event) -> None:
        if event.number is not None:
            self.latest = event.number
        self._ends.append(self._total() + len(event.data))
        self._events.append(event)
        self._numbers.append(self.latest)
        self._forget()

    def place_after(self, number: int) -> int | None:
        """Where to go on after change *number*; None when what followed is not kept, or is not
        sure to be kept for a while.
        """
        if number < self.start:
            return None
        place = self._gone + bisect_right(self._numbers, number)
        count, size = self.behind(place)
        return place if count <= KEPT // 2 and size <= KEPT_BYTES // 2 else None

    def at(self, place: int, size: int) -> list[Event]:
        """The events from this place on, of about *size* bytes at most, and one at least."""
        first = place - self._gone
        until = bisect_right(self._ends, self._before(first) + size)
        return self._events[first : max(until, first + 1)]

    def behind(self, place: int) -> tuple[int, int]:
        """How many events, and bytes, have come since this place."""
        return self.end - place, self._total() - self._before(place - self._gone)

    def _total(self) -> int:
        return self._before(len(self._ends))

    def _before(self, index: int) -> int:
        return self._ends[index - 1] if index > 0 else self._gone_bytes

    def _forget(self) -> None:
        while len(self._events) > KEPT or (
            len(self._events) > 1 and self._total() - self._gone_bytes > KEPT_BYTES
        ):
            self._events.pop(0)
            self.start, self._gone_bytes = self._numbers.pop(0), self._ends.pop(0)
            self._gone += 1
