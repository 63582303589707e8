"""Who waits for whom in a whole tag, counted in memory: a few dozen bytes a task."""

from __future__ import annotations

from array import array

from taskmaster.domain.schedule import LONGEST_CHAIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_NOT_THERE, _CLOSED, _OPEN = 0, 1, 2


class Standings:
    """Takes every node of a tag, and then tells what their columns are to say."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._states = bytearray()
        self._edges = array("q"), array("q")
        """Who waits, and for whom."""

    def add(self, name: str, *, opened: bool, needs: Iterable[str]) -> bool:
        """Take one more node; False where there was one of that name."""
        place = self._place(name)
        if self._states[place] != _NOT_THERE:
            return False
        self._states[place] = _OPEN if opened else _CLOSED
        for one in needs:
            self._edges[0].append(place)
            self._edges[1].append(self._place(one))
        return True

    def count(self) -> None:
        """To be called when all nodes were added, and before anything is asked."""
        size = len(self._states)
        self._needs, self._waiters = array("q", bytes(8 * size)), array("q", bytes(8 * size))
        self._chains, self._awaited = bytearray(size), bytearray(size)
        for needed in self._edges[1]:
            self._awaited[needed] = 1
        for node, needed in self._open_edges():
            self._needs[node] += 1
            self._waiters[needed] += 1
        while self._lengthen():
            pass

    def of(self, name: str) -> dict[str, int]:
        """What the columns of the node of this name say."""
        place = self._places[name]
        return {
            "needs": self._needs[place],
            "waiters": self._waiters[place],
            "chain": self._chains[place],
            "awaited": self._awaited[place],
        }

    def _place(self, name: str) -> int:
        place = self._places.setdefault(name, len(self._states))
        if place == len(self._states):
            self._states.append(_NOT_THERE)
        return place

    def _open_edges(self) -> Iterator[tuple[int, int]]:
        states = self._states
        for node, needed in zip(*self._edges, strict=True):
            if states[node] == states[needed] == _OPEN:
                yield node, needed

    def _lengthen(self) -> bool:
        """Let lines grow that are too short; whether there were any. Circles grow to the most."""
        chains, grown = self._chains, False
        for node, needed in self._open_edges():
            longer = min(chains[node] + 1, LONGEST_CHAIN)
            if longer > chains[needed]:
                chains[needed], grown = longer, True
        return grown
