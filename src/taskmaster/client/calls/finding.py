"""Tasks by their words, and the project in numbers."""

from __future__ import annotations

from taskmaster.client.asks import Ask, Words, call, record, words
from taskmaster.client.models import TaskPriority, TaskStatus
from taskmaster.client.records import Record


class Hit(Record):
    """``field`` is where the words count most, ``snippet`` a piece of it."""

    id: str
    title: str
    status: TaskStatus
    priority: TaskPriority
    tag: str
    score: int
    field: str
    snippet: str


class Hits(Record):
    results: list[Hit]
    query: str
    total: int
    tag: str


class Progress(Record):
    """In pieces of work: subtasks, and tasks without any."""

    name: str
    title: str
    done: int
    begun: int
    open: int
    cancelled: int
    total: int
    percent: float | None


class Spell(Record):
    median_hours: float | None
    p85_hours: float | None
    measured: int
    possible: int


class Week(Record):
    week: str
    finished: int
    whole: bool


class Day(Record):
    date: str
    open: int


class Forecast(Record):
    """``dates`` has, by share of the runs, the day on which they were done."""

    remaining: int
    dates: dict[str, str | None] | None
    reason: str
    runs: int


class Statistics(Record):
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


class FindingCalls:
    """Search and statistics."""

    @call
    def search_tasks(
        self,
        q: str,
        *,
        where: str = "",
        all_tags: bool = False,
        limit: int = 20,
        tag: str = "",
    ) -> Ask[Hits]:
        """Tasks and subtasks by their words, the best first.

        All words of *q* must be there; ``"two words"`` in quotes are a phrase.
        """
        query = {"q": q, "where": where, "allTags": all_tags, "limit": limit, "tag": tag}
        return Ask("GET", "/search", record(Hits), query)

    @call
    def get_statistics(self, *, since: str = "", by: Words = "", tag: str = "") -> Ask[Statistics]:
        """Where the project stands, how fast it moves and when it may be done.

        *since* (``30d``, ``8w``, ``3m``) is how far back the log is read, *by* names what progress
        is told by: tag, parent, label, assignee.
        """
        query = {"since": since, "by": words(by), "tag": tag}
        return Ask("GET", "/stats", record(Statistics), query)
