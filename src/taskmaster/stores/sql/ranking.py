"""What to do next, found by indexes: the same answer as ``schedule.ranked``, without all tasks.

Of the points that ``schedule`` gives, those for priority, for waiters and for what is begun change
only with the tasks, and the column *points* holds them. Age gives ``(today - made) // 3``, so that
``3 * points - made``, the column *weight*, orders nodes the same on every day; three neighbouring
weights earn the same points, and among those the place in the list decides. What is due soon or
overdue earns more than its weight says, and is looked for beside the others, as is what has no
date, and so becomes older only through what comes behind it in the list.
"""

from __future__ import annotations

import json
from bisect import bisect_left, insort
from collections import namedtuple

from taskmaster.domain import graph, schedule
from taskmaster.domain.schedule import (
    DAYS_PER_POINT,
    OVERDUE_POINTS,
    SOON_DAYS,
    SOON_POINTS,
    day_number,
)
from taskmaster.domain.task import Task
from taskmaster.stores.sql.places import FOREVER
from taskmaster.stores.sql.text import told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.domain.schedule import Choice
    from taskmaster.stores.sql.session import Session

    class Candidate(NamedTuple):
        """A task or step that may be the next: where it stands, whose it is, what it earns."""

        position: int
        step: int
        id: str
        owner: str
        points: int
        made: str
        made_day: int | None
        due_day: int | None
        weight: int | None

else:
    Candidate = namedtuple(
        "Candidate", "position step id owner points made made_day due_day weight"
    )

MOST = 50
"""Up to how many are looked for by index; for more than that all tasks are read."""
_FEW = 1_000
"""Up to how many that are due are simply looked at one by one."""
DISTRICT = 1 << 30
_ALL = (-FOREVER, FOREVER)
_WAYS = 4
"""To earn points: how many there are, see ``_Search._firsts``."""


def best(session: Session, tag: int, today: str, most: int) -> tuple[Sequence[Choice], int] | None:
    """The first *most* of ``schedule.ranked`` and how many it has; None where that takes it all."""
    day = day_number(today)
    if most > MOST or day is None:
        return None
    search = _Search(session, tag, day, most)
    found = search.candidates()
    return _choices(session, tag, today, _first(found, search)[:most]), search.count


def _first(found: Iterable[Candidate], search: _Search) -> list[tuple[Candidate, str]]:
    """The best, and since when they have been waiting.

    How old one without a date is costs a question; it is asked only where the answer may matter.
    """
    ages = _Ages(search, [one for one in found if not one.made])
    sure: list[tuple[int, Candidate, str]] = []
    by_hope = sorted((-search.score(one, ages.hoped(one)), one) for one in found)
    for hope, one in by_hope:
        if len(sure) >= search.most and sure[search.most - 1][0] < hope:
            break
        since = ages.since(one)
        insort(sure, (-search.score(one, since), one, since))
    return [(one, since) for _score, one, since in sure]


def _choices(
    session: Session, tag: int, today: str, chosen: Sequence[tuple[Candidate, str]]
) -> list[Choice]:
    names = dict.fromkeys(name for one, _since in chosen for name in (one.id, one.owner))
    owners = dict.fromkeys(one.owner for one, _since in chosen)
    standing, docs = session.each(
        ("<standing_of>", {"tag": tag, "ids": list(names)}),
        ("<docs_of>", {"tag": tag, "ids": list(owners)}),
    )
    waiters = {told(name): count for name, count, _chain in standing}
    behind = {told(name): chain for name, _count, chain in standing}
    nodes = graph.nodes(Task(json.loads(doc)) for _position, doc in docs)
    return [
        schedule.scored(nodes[told(one.id)], waiters, behind, told(since), today)
        for one, since in chosen
    ]


class _Ages:
    """Since when candidates have been waiting: as ``schedule`` says, and without reading all."""

    def __init__(self, search: _Search, undated: Sequence[Candidate]) -> None:
        self._search = search
        first = min((one.position for one in undated), default=None)
        self._oldest = [] if first is None else _from_behind(search.districts(first // DISTRICT))

    def hoped(self, one: Candidate) -> str:
        """Its own date, else the oldest one in its part of the list or behind it: or one later."""
        return one.made or self._behind(one.position // DISTRICT)

    def since(self, one: Candidate) -> str:
        """Its own date, else the oldest of those behind it, ``""`` where none of them has one."""
        if one.made:
            return one.made
        district = one.position // DISTRICT
        behind = self._behind(district + 1)
        if self._behind(district) == behind:
            return behind
        near = self._search.oldest_behind(one)
        return min(near, behind) if near and behind else near or behind

    def _behind(self, district: int) -> str:
        place = bisect_left(self._oldest, (district, ""))
        return self._oldest[place][1] if place < len(self._oldest) else ""


def _from_behind(districts: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """For each district the oldest date in it or behind it."""
    oldest, found = "", []
    for district, made in reversed(districts):
        oldest = min(oldest, made) if oldest else made
        found.append((district, oldest))
    return found[::-1]


class _Search:
    """The candidates of one tag on one day."""

    def __init__(self, session: Session, tag: int, day: int, most: int) -> None:
        self.most = max(most, 1)
        self.count = 0
        """How many candidates there are, known once some were looked for."""
        self._session = session
        self._day = day
        self._values = {"tag": tag, "today": day, "most": self.most}

    def candidates(self) -> set[Candidate]:
        """Enough that the best are among them."""
        tallies, absent, due, *found = self._session.each(
            ("<tallies>", self._values),
            ("<count_absent>", self._values),
            ("<due_by> LIMIT :few", {**self._values, "few": _FEW + 1, "day": self._day + SOON_DAYS}),
            *self._firsts(*_ALL),
        )
        self.count = sum(row[5] for row in tallies) - absent[0][0]
        windows = [_ALL]
        if len(due) > _FEW:
            more = [(-FOREVER, self._day - 1), (self._day, self._day + SOON_DAYS)]
            asked = [ask for window in more for ask in self._firsts(*window)]
            found, due, windows = [*found, *self._session.each(*asked)], [], [_ALL, *more]
        asked = [
            ask
            for window, heaviest in zip(windows, found[::_WAYS], strict=True)
            for ask in self._as_heavy(window, heaviest)
        ]
        found += self._session.each(*asked)
        return {Candidate(*row) for rows in (due, *found) for row in rows}

    def _firsts(self, first: int, last: int) -> Iterator[tuple[str, Mapping[str, object]]]:
        """What asks for the best of each way to earn points, due from *first* to *last*."""
        values = {**self._values, "first": first, "last": last}
        yield "<dated> ORDER BY weight DESC, position, step LIMIT :most", values
        yield "<dated_later> ORDER BY points DESC, position, step LIMIT :most", values
        yield "<garbled> ORDER BY points DESC, position, step LIMIT :most", values
        yield "<undated>", values

    def _as_heavy(
        self, window: tuple[int, int], heaviest: Sequence[tuple[object, ...]]
    ) -> Iterator[tuple[str, Mapping[str, object]]]:
        """What asks for the first ones that earn as many points as the last of the heaviest."""
        if not heaviest:
            return
        last = Candidate(*heaviest[-1])
        least = (last.weight + self._day) // DAYS_PER_POINT * DAYS_PER_POINT - self._day
        values = {**self._values, "first": window[0], "last": window[1]}
        for weight in range(least, least + DAYS_PER_POINT):
            text = "<dated> AND weight = :weight ORDER BY position, step LIMIT :most"
            yield text, {**values, "weight": weight}

    def score(self, one: Candidate, since: str) -> int:
        """What ``schedule.scored`` gives for it."""
        left = FOREVER if one.due_day is None else one.due_day - self._day
        made = one.made_day if one.made else day_number(since)
        days = 0 if made is None else self._day - made
        due = OVERDUE_POINTS if left < 0 else SOON_POINTS if left <= SOON_DAYS else 0
        return one.points + due + max(days, 0) // DAYS_PER_POINT

    def districts(self, first: int) -> list[tuple[int, str]]:
        """The oldest date of a candidate in each part of the list, from one part on."""
        return self._session.rows("oldest_of_districts", **self._values, district=first)

    def oldest_behind(self, one: Candidate) -> str:
        """The oldest date of a candidate behind this one in its part of the list."""
        values = {**self._values, "district": one.position // DISTRICT}
        row = self._session.row("oldest_behind", **values, position=one.position, step=one.step)
        return str(row[0]) if row else ""
