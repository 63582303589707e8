"""Tasks by their words, and the project in numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from msgspec import Meta

from taskmaster.domain import grammar
from taskmaster.server.endpoint import Group, Tagged
from taskmaster.server.forms import BLANK, MOST, QUERY
from taskmaster.server.moment import found
from taskmaster.server.shapes import Shape
from taskmaster.usecases import report, searching, statistics

if TYPE_CHECKING:
    from taskmaster.server.call import Call

GROUP = Group("finding")
_DIMENSIONS = "tag|parent|label|assignee"
_BY = rf"^({_DIMENSIONS})(,({_DIMENSIONS}))*$"


class SearchQuery(Tagged, kw_only=True):
    """``q`` are words, all of which must be there; ``"two words"`` in quotes are a phrase."""

    q: Annotated[str, Meta(min_length=1, max_length=500, pattern=f'[^{BLANK}"]')]
    where: Annotated[str, Meta(max_length=2000, extra_json_schema=QUERY)] = ""
    all_tags: bool = False
    limit: Annotated[int, Meta(ge=1, le=MOST)] = 20


class Hit(Shape):
    """``field`` is where the words count most, ``snippet`` a piece of it."""

    id: str
    title: str
    status: str
    priority: str
    tag: str
    score: int
    field: str
    snippet: str


class Hits(Shape):
    results: list[Hit]
    query: str
    total: int
    tag: str


@GROUP.get("/search", Hits, query=SearchQuery)
def search_tasks(call: Call) -> object:
    """Find tasks and subtasks by their words, the best first."""
    query = call.query
    words = searching.words_of(query.q)
    hits, total = searching.search(
        call.ws,
        words,
        where=grammar.parse(query.where) if query.where else None,
        all_tags=query.all_tags,
        limit=query.limit,
    )
    data = {
        "results": [searching.hit_to_json(hit, words) for hit in hits],
        "query": query.q,
        "total": total,
        "tag": "all" if query.all_tags else call.ws.tag,
    }
    return found(call.ws, data)


class StatsQuery(Tagged):
    """``since`` (``30d``, ``8w``, ``3m``) is how far back the log is read, ``by`` names what
    progress is told by: tag, parent, label, assignee.
    """

    since: Annotated[str, Meta(pattern="^[0-9]{1,3}[dwmy]$")] = ""
    by: Annotated[str, Meta(max_length=100, pattern=_BY)] = "tag,parent"


class Progress(Shape):
    """In pieces of work: subtasks, and tasks without any."""

    name: str
    title: str
    done: int
    begun: int
    open: int
    cancelled: int
    total: int
    percent: float | None


class Spell(Shape):
    median_hours: float | None
    p85_hours: float | None
    measured: int
    possible: int


class Week(Shape):
    week: str
    finished: int
    whole: bool


class Day(Shape):
    date: str
    open: int


class Forecast(Shape):
    """``dates`` has, by share of the runs, the day on which they were done."""

    remaining: int
    dates: dict[str, str | None] | None
    reason: str
    runs: int


class Statistics(Shape):
    tag: str
    date: str
    since: str | None
    recorded_since: str | None
    total: Progress
    progress: dict[str, list[Progress]]
    finished: int
    noticed: int
    throughput: list[Week]
    cycle_time: Spell
    lead_time: Spell
    burndown: list[Day]
    grown: int
    forecast: Forecast


@GROUP.get("/stats", Statistics, query=StatsQuery)
def get_statistics(call: Call) -> object:
    """Tell where the project stands, how fast it moves and when it may be done."""
    by = dict.fromkeys(call.query.by.split(","))
    told = statistics.statistics(call.ws, since=call.query.since, by=by)
    return found(call.ws, report.statistics_to_json(told))
