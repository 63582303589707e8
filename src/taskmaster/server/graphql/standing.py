"""Where a project stands, tag by tag, and who asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from taskmaster.server.graphql.terms import JSON
from taskmaster.usecases.report import forecast_dates

if TYPE_CHECKING:
    from taskmaster.domain.keys import Principal
    from taskmaster.usecases import progress, statistics, tags


@strawberry.type(description="The caller.")
class Me:
    id: str
    name: str
    kind: str = strawberry.field(description="person, agent or system.")
    role: str
    permissions: list[str]
    tier: str


def me(principal: Principal) -> Me:
    return Me(
        id=principal.id, name=principal.name, kind=principal.kind, role=principal.role,
        permissions=sorted(principal.permissions), tier=principal.tier,
    )  # fmt: skip


@strawberry.type(description="A task list of its own.")
class Tag:
    name: str
    current: bool
    description: str | None
    task_count: int
    completed_tasks: int
    ready_tasks: int
    statuses: JSON = strawberry.field(description="How many tasks there are of each status.")
    metadata: JSON


def tag(one: tags.Listed) -> Tag:
    description = one.metadata.get("description")
    return Tag(
        name=one.name, current=one.current,
        description=description if isinstance(description, str) else None,
        task_count=sum(one.statuses.values()), completed_tasks=one.complete,
        ready_tasks=one.ready, statuses=JSON(dict(one.statuses)),
        metadata=JSON(dict(one.metadata)),
    )  # fmt: skip


@strawberry.type(description="How much of something is done.")
class Progress:
    name: str
    title: str
    total: int
    done: int
    begun: int
    cancelled: int


@strawberry.type(description="What was finished in the week that begins on `monday`.")
class Week:
    monday: str
    finished: int
    whole: bool = strawberry.field(description="Whether the week is over and the log covers it.")


@strawberry.type(description="How long something took.")
class Spell:
    median_hours: float | None
    p85_hours: float | None
    measured: int
    possible: int


@strawberry.type(description="How much was open at the end of a day.")
class Day:
    date: str
    open: int


@strawberry.type(description="When the rest may be done.")
class Forecast:
    remaining: int
    dates: JSON | None = strawberry.field(description="By how likely it is, such as `p85`.")
    reason: str
    runs: int


@strawberry.type(description="The figures of a tag.")
class Stats:
    tag: str
    date: str
    since: str | None
    recorded_since: str | None
    total: Progress
    finished: int
    noticed: int = strawberry.field(description="Of the finished, those by other programs.")
    throughput: list[Week]
    cycle_time: Spell
    lead_time: Spell
    burndown: list[Day]
    grown: int
    forecast: Forecast


def stats(found: statistics.Statistics) -> Stats:
    return Stats(
        tag=found.tag, date=found.today, since=found.begin or None,
        recorded_since=found.recorded or None, total=_progress(found.total),
        finished=found.finished, noticed=found.noticed,
        throughput=[Week(monday=one.monday, finished=one.finished, whole=one.whole)
                    for one in found.weeks],
        cycle_time=_spell(found.cycle), lead_time=_spell(found.lead),
        burndown=[Day(date=day, open=count) for day, count in found.burndown],
        grown=found.grown, forecast=_forecast(found),
    )  # fmt: skip


def _progress(one: progress.Progress) -> Progress:
    return Progress(
        name=one.name, title=one.title, total=one.total, done=one.done, begun=one.begun,
        cancelled=one.cancelled,
    )  # fmt: skip


def _spell(one: statistics.Spell) -> Spell:
    return Spell(
        median_hours=one.median, p85_hours=one.p85, measured=one.measured, possible=one.possible
    )


def _forecast(found: statistics.Statistics) -> Forecast:
    dates = {f"p{share}": day or None for share, day in forecast_dates(found).items()}
    return Forecast(
        remaining=found.total.total - found.total.done, dates=JSON(dates) if dates else None,
        reason=found.forecast.reason, runs=found.forecast.runs,
    )  # fmt: skip
