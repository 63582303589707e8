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
from bisect import bisect_right, insort
from collections import namedtuple

from taskmaster.domain import graph, schedule
from taskmaster.domain.schedule import DAYS_PER_POINT, OVERDUE_POINTS, SOON_DAYS, SOON_POINTS
from taskmaster.domain.task import Task, day_number
from taskmaster.stores.sql.places import FOREVER
from taskmaster.stores.sql.text import told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any, NamedTuple

    from taskmaster.domain.schedule import Choice
    from taskmaster.stores.sql.session import Session

    Ask = tuple[str, Mapping[str, object]]
    Rows = list[tuple[Any, ...]]

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
_DISTRICT = 1 << 32
"""How the column of that name divides positions."""
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

    How old one without a date is may cost a question; it is asked only where the answer matters.
    """
    ages = search.ages
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

    def __init__(self, search: _Search, districts: Iterable[tuple[int, str]]) -> None:
        self._search = search
        self._districts: list[int] = []
        self._oldest: list[str] = []
        """For each district, from the last one on, the oldest date in it or behind it."""
        for district, made in sorted(districts, reverse=True):
            older = min(self._oldest[-1], made) if self._oldest else made
            self._oldest.append(older)
            self._districts.append(-district)

    def hoped(self, one: Candidate) -> str:
        """Its own date, else the oldest one in its part of the list or behind it: or one later."""
        return one.made or self._behind(one.position // _DISTRICT)

    def since(self, one: Candidate) -> str:
        """Its own date, else the oldest of those behind it, ``""`` where none of them has one."""
        district = one.position // _DISTRICT
        behind = self._behind(district + 1)
        if one.made or self._behind(district) == behind:
            return one.made or behind
        near = self._search.oldest_behind(one)
        return min(near, behind) if near and behind else near or behind

    def _behind(self, district: int) -> str:
        place = bisect_right(self._districts, -district)
        return self._oldest[place - 1] if place else ""


class _Search:
    """The candidates of one tag on one day."""

    def __init__(self, session: Session, tag: int, day: int, most: int) -> None:
        self.most = max(most, 1)
        self.count = 0
        """How many candidates there are; known, as their ages, once they were looked for."""
        self._session = session
        self._day = day
        self._values = {"tag": tag, "today": day, "most": self.most}

    def candidates(self) -> set[Candidate]:
        """Enough that the best are among them."""
        windows = [(-FOREVER, self._day - 1), (self._day, self._day + SOON_DAYS)]
        tallies, absent, overdue, soon, *firsts = self._session.each(
            ("<tallies>", self._values),
            ("<count_absent>", self._values),
            *(("<due>", self._due(window)) for window in windows),
            *self._firsts(_ALL),
        )
        self.count = sum(row[5] for row in tallies) - absent[0][0]
        due = dict(zip(windows, (overdue, soon), strict=True))
        many = [window for window in windows if len(due[window]) > _FEW]
        if many:
            asked = [ask for window in many for ask in self._firsts(window)]
            firsts += self._session.each(*asked)
        others = self._others([_ALL, *many], firsts)
        few = [due[window] for window in windows if window not in many]
        return {Candidate(*row) for rows in (*few, *firsts, *others) for row in rows}

    def _firsts(self, window: tuple[int, int]) -> Iterator[Ask]:
        """What asks for the best of each way to earn points, of those due within the *window*."""
        values = self._due(window)
        yield "<dated> ORDER BY weight DESC, position, step LIMIT :most", values
        yield "<dated_later> ORDER BY points DESC, position, step LIMIT :most", values
        yield "<garbled> ORDER BY points DESC, position, step LIMIT :most", values
        yield "<undated>", values

    def _others(self, windows: Sequence[tuple[int, int]], firsts: Sequence[Rows]) -> list[Rows]:
        """Those that earn as many points as the last of the heaviest; also finds out the ages."""
        asked = [
            ask
            for window, heaviest in zip(windows, firsts[::_WAYS], strict=True)
            for ask in self._as_heavy(window, heaviest)
        ]
        undated = [row[0] for rows in firsts[_WAYS - 1 :: _WAYS] for row in rows]
        if undated:
            district = min(undated) // _DISTRICT
            asked.append(("<oldest_of_districts>", {**self._values, "district": district}))
        found = self._session.each(*asked)
        self.ages = _Ages(self, found.pop() if undated else ())
        return found

    def _as_heavy(self, window: tuple[int, int], heaviest: Rows) -> Iterator[Ask]:
        """What asks for the first ones that earn as many points as the last of the heaviest."""
        if not heaviest:
            return
        weight = heaviest[-1][-1]
        least = (weight + self._day) // DAYS_PER_POINT * DAYS_PER_POINT - self._day
        for same in range(least, least + DAYS_PER_POINT):
            text = "<dated> AND weight = :weight ORDER BY position, step LIMIT :most"
            yield text, self._due(window) | {"weight": same}

    def _due(self, window: tuple[int, int]) -> dict[str, int]:
        return {**self._values, "first": window[0], "last": window[1], "few": _FEW + 1}

    def score(self, one: Candidate, since: str) -> int:
        """What ``schedule.scored`` gives for it."""
        left = FOREVER if one.due_day is None else one.due_day - self._day
        made = one.made_day if one.made else day_number(since)
        days = 0 if made is None else self._day - made
        due = OVERDUE_POINTS if left < 0 else SOON_POINTS if left <= SOON_DAYS else 0
        return one.points + due + max(days, 0) // DAYS_PER_POINT

    def oldest_behind(self, one: Candidate) -> str:
        """The oldest date of a candidate behind this one in its part of the list."""
        values = {**self._values, "district": one.position // _DISTRICT}
        row = self._session.row("oldest_behind", **values, position=one.position, step=one.step)
        return str(row[0]) if row else ""
