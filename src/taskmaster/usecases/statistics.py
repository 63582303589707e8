"""Where a project stands, how fast it moves and when it may be done."""

from __future__ import annotations

from collections import Counter, namedtuple
from datetime import UTC, date, datetime, timedelta

from taskmaster.domain import flow, forecast
from taskmaster.errors import Usage
from taskmaster.usecases import progress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.domain.flow import Finished, Flow
    from taskmaster.domain.forecast import Forecast
    from taskmaster.usecases.progress import Progress
    from taskmaster.workspace import Workspace

    class Week(NamedTuple):
        """What was finished in the week that begins on ``monday``; ``whole`` says that it is
        over and that the log covers all of it.
        """

        monday: str
        finished: int
        whole: bool

    class Spell(NamedTuple):
        """How long something took, in hours. ``median`` and ``p85`` are None when it could be
        measured fewer than FEWEST_MEASURED times, out of ``possible`` times.
        """

        measured: int
        possible: int
        median: float | None
        p85: float | None

    class Statistics(NamedTuple):
        """``recorded`` is the time of the log's first record and ``begin`` the first day looked
        at, both ``""`` when there is none. ``burndown`` has each day with what was open at its
        end. ``noticed`` of the ``finished`` were finished by other programs; ``grown`` is by how
        much the work has become more since the end of the first day.
        """

        tag: str
        today: str
        recorded: str
        begin: str
        total: Progress
        progress: Mapping[str, Sequence[Progress]]
        weeks: Sequence[Week]
        finished: int
        noticed: int
        cycle: Spell
        lead: Spell
        burndown: Sequence[tuple[str, int]]
        forecast: Forecast
        grown: int

else:
    Week = namedtuple("Week", "monday finished whole")
    Spell = namedtuple("Spell", "measured possible median p85")
    Statistics = namedtuple(
        "Statistics",
        "tag today recorded begin total progress weeks finished noticed cycle lead burndown"
        " forecast grown",
    )

FEWEST_MEASURED = 5
_UNITS = {"d": 1, "w": 7, "m": 30, "y": 365}
_HOUR = timedelta(hours=1)


def statistics(ws: Workspace, *, since: str = "", by: Iterable[str] = ()) -> Statistics:
    """Everything about the current tag, with its progress *by* some of the DIMENSIONS.

    *since* (``30d``, ``8w``, a date; all that is recorded by default) is the first day that is
    read from the change log. Raises Usage for one that means no day, NotFound for a missing tag.
    """
    today = ws.clock()[:10]
    earliest = first_day(since, today) if since else ""
    with ws.reading() as reader:
        own = reader.tasks(ws.tag)
        tasks = {tag: own if tag == ws.tag else reader.tasks(tag) for tag in reader.tags()}
        past = flow.read(tasks, list(reader.changes_since(0)), ws.tag)
    recorded = past.since[:10]
    begin = min(max(recorded, earliest), today) if recorded else ""
    done = [one for one in past.finished if begin and one.finished[:10] >= begin]
    burndown = list(_burndown(past, begin, today)) if begin else []
    first = _later(begin, 1) if begin and begin == recorded else begin
    total = progress.counted(ws.tag, "", own)
    return Statistics(
        ws.tag, today, past.since, begin, total,
        {one: progress.by(one, tasks, ws.tag) for one in by},
        list(_weeks(done, begin, first, today)) if begin else [],
        len(done), sum(one.noticed for one in done),
        _spell([(one.begun, one.finished) for one in done]),
        _spell([(one.created, one.finished) for one in done]),
        burndown,
        forecast.forecast(_daily(done, first, today), total.total - total.done),
        _growth(burndown, done),
    )  # fmt: skip


def first_day(text: str, today: str) -> str:
    """The day that ``30d``, ``8w``, ``3m``, ``1y`` (before today) or a date means."""
    count, unit = text[:-1], text[-1:]
    if count.isdecimal() and unit in _UNITS and len(count) <= 4:
        return _later(today, -int(count) * _UNITS[unit])
    try:
        day = date.fromisoformat(text).isoformat()
    except ValueError:
        day = ""
    if not day or day > today:
        raise Usage(
            f"--since takes a time span or a past date, and {text!r} is neither",
            hint="for example: --since=30d, --since=8w or --since=2026-01-31",
        )
    return day


def _later(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days)).isoformat()


def _days(start: str, end: str) -> Iterator[str]:
    """The days from *start* to before *end*."""
    day, last = date.fromisoformat(start), date.fromisoformat(end)
    while day < last:
        yield day.isoformat()
        day += timedelta(1)


def _daily(done: Iterable[Finished], first: str, today: str) -> list[int]:
    """How much was finished on each whole day: neither on the log's first day nor on this."""
    counts = Counter(one.finished[:10] for one in done)
    return [counts[day] for day in _days(first, today)] if first else []


def _weeks(done: Iterable[Finished], begin: str, first: str, today: str) -> Iterator[Week]:
    counts = Counter(_monday(one.finished[:10]) for one in done)
    for monday in list(_days(_monday(begin), _later(today, 1)))[::7]:
        whole = first <= monday and _later(monday, 6) < today
        yield Week(monday, counts[monday], whole)


def _monday(day: str) -> str:
    found = date.fromisoformat(day)
    return (found - timedelta(found.weekday())).isoformat()


def _burndown(past: Flow, begin: str, today: str) -> Iterator[tuple[str, int]]:
    count = past.opened
    for day, found in past.ends.items():
        if day < begin:
            count = found
    for day in _days(begin, _later(today, 1)):
        count = past.ends.get(day, count)
        yield day, count


def _growth(burndown: Sequence[tuple[str, int]], done: Iterable[Finished]) -> int:
    if not burndown:
        return 0
    begin, opened = burndown[0]
    later = sum(one.finished[:10] > begin for one in done)
    return burndown[-1][1] - opened + later


def _spell(spans: Sequence[tuple[str, str]]) -> Spell:
    hours = [
        max((end - start) / _HOUR, 0.0)
        for one, other in spans
        if (start := _moment(one)) and (end := _moment(other))
    ]
    if len(hours) < FEWEST_MEASURED:
        return Spell(len(hours), len(spans), None, None)
    median, p85 = (round(forecast.percentile(hours, share), 2) for share in (50, 85))
    return Spell(len(hours), len(spans), median, p85)


def _moment(text: str) -> datetime | None:
    """The time that an ISO text means, UTC where it says nothing else; None for other text."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
