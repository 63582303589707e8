"""What to do next, found by indexes: the same answer as ``schedule.ranked``, without all tasks.

Of the points that ``schedule`` gives, those for priority and waiters change only with the tasks,
and a column holds them. Age gives ``(today - made) // 3``, so that ``3 * points - made``, the
column *weight*, orders tasks the same on every day; three neighbouring weights earn the same
points, and among those the place in the list decides. What remains are few tasks or few kinds of
them: those in progress, those nearly due, and those without a date.
"""

from __future__ import annotations

from collections import namedtuple

from taskmaster.domain import graph, schedule
from taskmaster.domain.schedule import DAYS_PER_POINT, SOON_DAYS
from taskmaster.domain.task import WORKABLE, day_number
from taskmaster.stores.sql import answers
from taskmaster.stores.sql.text import told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import NamedTuple

    from taskmaster.domain.schedule import Choice
    from taskmaster.stores.sql.session import Session

    class Candidate(NamedTuple):
        """A task or step that may be the next: where it stands, since when, whose it is."""

        position: int
        step: int
        id: str
        made: str
        owner: str

else:
    Candidate = namedtuple("Candidate", "position step id made owner")

MOST = 50
"""Up to how many are looked for by index; for more than that all tasks are read."""
_FEW = 200
"""Up to how many of a kind are simply looked at one by one."""


def best(session: Session, tag: int, today: str, most: int) -> tuple[Sequence[Choice], int] | None:
    """The first *most* of ``schedule.ranked`` and how many it has; None where that takes it all."""
    day = day_number(today)
    if most > MOST or day is None:
        return None
    search = _Search(session, tag, day, most)
    few = search.few()
    if few is None:
        return None
    begun = list(search.begun())
    found = {one.id: one for one in (*begun, *few, *search.dated())}
    found |= {one.id: one for one in search.undated(any(one.made for one in begun))}
    choices = _choices(session, tag, today, sorted(found.values()), _Ages(search, begun))
    ready = answers.ready_counts(session, tag, today)
    total = sum(count for (status, _priority, _awaited), count in ready if status == "pending")
    return choices[:most], total + len(begun)


def _choices(
    session: Session, tag: int, today: str, found: Sequence[Candidate], ages: _Ages
) -> list[Choice]:
    """The candidates, best first."""
    names = dict.fromkeys(name for one in found for name in (one.id, one.owner))
    standing = session.rows("standing_of", tag=tag, ids=list(names))
    waiters = {told(name): count for name, count, _chain in standing}
    behind = {told(name): chain for name, _count, chain in standing}
    tasks = answers.tasks_of(session, tag, dict.fromkeys(one.owner for one in found))
    nodes = graph.nodes(tasks)
    choices = [
        schedule.scored(nodes[told(one.id)], waiters, behind, ages.since(one), today)
        for one in found
    ]
    choices.sort(key=schedule.best_first)
    return choices


class _Ages:
    """Since when candidates have been waiting: as ``schedule`` says, and without reading all."""

    def __init__(self, search: _Search, begun: Sequence[Candidate]) -> None:
        self._search = search
        self._begun = [one for one in begun if one.made]

    def since(self, one: Candidate) -> str:
        """Its own date, else the oldest of those behind it, ``""`` where none of them has one."""
        if one.made:
            return one.made
        behind = [other.made for other in self._begun if other[:2] > one[:2]]
        oldest = self._search.oldest_after(one.position)
        return min([*behind, oldest] if oldest else behind, default="")


class _Search:
    """The candidates of one tag on one day."""

    def __init__(self, session: Session, tag: int, day: int, most: int) -> None:
        self._session = session
        self._values: dict[str, object] = {"tag": tag, "today": day}
        self._day = day
        self._most = most
        row = session.row("last_dated", **self._values)
        self._last_dated: int = row[0] if row else -1
        self._due: list[tuple[int, int]] = []

    def few(self) -> list[Candidate] | None:
        """Those whose points no column tells, all of them; None when they are many."""
        found = [*self._few("made_after"), *self._few("strangely_made")]
        due = self._few("due_by", day=self._day + SOON_DAYS)
        if len(due) > _FEW:
            self._due = [(0, self._day), (self._day, self._day + SOON_DAYS + 1)]
            due = self._few("undated_due", day=self._day + SOON_DAYS)
        found += due
        return None if len(found) > _FEW else found

    def begun(self) -> Iterator[Candidate]:
        """The tasks in progress, each represented by its ready steps where it has any."""
        by_owner: dict[str, list[tuple[Candidate, bool]]] = {}
        for row in self._session.rows("begun", **self._values):
            owner, name, position, step, status, needs, defer_day, made = row
            ready = bool(step) and status in WORKABLE and not needs and defer_day <= self._day
            one = Candidate(position, step, name, told(made), owner)
            by_owner.setdefault(owner, []).append((one, ready))
        for members in by_owner.values():
            steps = [one for one, ready in members if ready]
            yield from steps or [members[0][0]]

    def dated(self) -> Iterator[Candidate]:
        """Of the pending tasks with a date, enough that the best are among them."""
        yield from self._of_kind("heaviest", "weighing")
        for first, end in self._due:
            yield from self._of_kind("heaviest_due", "weighing_due", first=first, end=end)

    def undated(self, dated: bool) -> Iterator[Candidate]:  # noqa: FBT001
        """Of those without a date, the first of every number of points.

        They get older through a *dated* task behind them; where there is none, points decide.
        """
        dated = dated or self._last_dated >= 0
        below, count = 1 << 30, 0
        while dated or count < self._most:
            rows = self._session.rows("undated", **self._values, below=below, most=self._most)
            if not rows:
                return
            yield from map(_candidate, rows)
            below, count = rows[-1][3], count + len(rows)

    def oldest_after(self, position: int) -> str:
        """The oldest date of the pending tasks behind *position*, ``""`` when there is none."""
        if self._last_dated <= position:
            return ""
        row = self._session.row("oldest_after", **self._values, position=position)
        return told(row[0]) if row else ""

    def _of_kind(self, heaviest: str, weighing: str, **more: int) -> Iterator[Candidate]:
        """The heaviest, and of those with as many points as the last of them the first ones."""
        rows = self._session.rows(heaviest, **self._values, **more, most=self._most)
        if not rows:
            return
        yield from map(_candidate, rows)
        least = (rows[-1][3] + self._day) // DAYS_PER_POINT * DAYS_PER_POINT - self._day
        for weight in range(least, least + DAYS_PER_POINT):
            yield from map(
                _candidate,
                self._session.rows(
                    weighing, **self._values, **more, weight=weight, most=self._most
                ),
            )

    def _few(self, name: str, **more: int) -> list[Candidate]:
        rows = self._session.rows(name, **self._values, **more, most=_FEW + 1)
        return list(map(_candidate, rows))


def _candidate(row: Sequence[object]) -> Candidate:
    name, position, made, _order = row
    return Candidate(position, 0, name, told(str(made)), name)  # type: ignore[arg-type]
