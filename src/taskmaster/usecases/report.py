"""The statistics of a project in words and drawings, the same for every face."""

from __future__ import annotations

from datetime import date, timedelta

from taskmaster.domain.forecast import FURTHEST
from taskmaster.drawings.report import Bar, Bars, Curve, Report, Words
from taskmaster.usecases.statistics import FEWEST_MEASURED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from taskmaster.drawings.report import Part
    from taskmaster.usecases.progress import Progress
    from taskmaster.usecases.statistics import Spell, Statistics

    Json = dict[str, object]

MOST_ROWS, MOST_WEEKS = 12, 12
_TITLES = {
    "tag": "Progress by tag",
    "parent": "Progress by task",
    "label": "Progress by label",
    "assignee": "Progress by assignee",
}


def report(found: Statistics) -> Report:
    """What is worth saying, in the order in which people ask."""
    parts: list[Part] = [_progress(_TITLES[one], rows) for one, rows in found.progress.items()]
    if found.begin:
        parts += [_throughput(found), _burndown(found)]
    parts += [
        Words("How long it took", list(_spells(found))),
        Words("Forecast", list(_forecast(found))),
        Words("About these numbers", list(_notes(found))),
    ]
    return Report(f"Where {found.tag} stands on {found.today}", _summary(found), parts)


def forecast_dates(found: Statistics) -> dict[int, str]:
    """The day by which each share of the runs was done, ``""`` for one too far away to say."""
    today = date.fromisoformat(found.today)
    return {
        share: "" if days is None else (today + timedelta(days)).isoformat()
        for share, days in found.forecast.days.items()
    }


def _summary(found: Statistics) -> str:
    total = found.total
    share = f" ({100 * total.done // total.total} %)" if total.total else ""
    parts = [f"{total.done} of {total.total} pieces of work done{share}"]
    parts += [f"{total.begun} begun"] if total.begun else []
    parts += [f"{total.cancelled} cancelled"] if total.cancelled else []
    return ", ".join(parts)


def _progress(title: str, rows: Sequence[Progress]) -> Bars:
    """The parts that are not done first, as far as there is room for them."""
    ordered = sorted(rows, key=lambda one: one.done >= one.total)
    shown = ordered[:MOST_ROWS]
    bars = [
        Bar(f"{one.name} {one.title}".strip(), one.done, one.total, f"{one.done} of {one.total}")
        for one in shown
    ]
    rest = len(rows) - len(shown)
    return Bars(title, bars, f"and {rest} more" if rest else "" if rows else "none")


def _throughput(found: Statistics) -> Bars:
    weeks = found.weeks[-MOST_WEEKS:]
    most = max((week.finished for week in weeks), default=0) or 1
    bars = [
        Bar(week.monday, week.finished, most, f"{week.finished}{'' if week.whole else ' (part)'}")
        for week in weeks
    ]
    return Bars("Finished per week", bars, f"{found.finished} since {found.begin}")


def _burndown(found: Statistics) -> Curve:
    (first, opened), (_today, left) = found.burndown[0], found.burndown[-1]
    note = f"{opened} open at the end of {first}, {left} now"
    return Curve("Open at the end of each day", found.burndown, note)


def _spells(found: Statistics) -> Iterator[str]:
    yield _spell("from in progress to done", found.cycle)
    yield _spell("from created to done", found.lead)


def _spell(what: str, spell: Spell) -> str:
    if spell.median is None or spell.p85 is None:
        return (
            f"{what}: {FEWEST_MEASURED} measured pieces of work are needed,"
            f" and there {'is' if spell.measured == 1 else 'are'} {spell.measured}"
        )
    return (
        f"{what}: half within {duration(spell.median)}, 85 % within {duration(spell.p85)}"
        f" (known for {spell.measured} of {spell.possible})"
    )


def duration(hours: float) -> str:
    """A time span in the unit that fits it."""
    for unit, length in (("d", 24.0), ("h", 1.0)):
        if hours >= length:
            return f"{round(hours / length, 1):g} {unit}"
    return f"{round(hours * 60):g} min"


def _forecast(found: Statistics) -> Iterator[str]:
    left = found.total.total - found.total.done
    if not found.forecast.days:
        yield f"none: {found.forecast.reason}"
        return
    dates = [
        f"{share} % by {day}" if day else f"{share} % later than {FURTHEST // 365} years from now"
        for share, day in forecast_dates(found).items()
    ]
    yield f"{left} open pieces of work: {', '.join(dates)}"
    grown = found.grown
    if grown > 0:
        yield (
            f"The work also grew by {grown} since {found.begin}; the forecast counts only what is"
            " open now, so as long as that goes on it is too early"
        )


def _notes(found: Statistics) -> Iterator[str]:
    yield "A piece of work is a subtask, or a task without subtasks; days are UTC"
    if not found.begin:
        yield "The change log is empty: it tells more from the next change on"
        return
    yield f"The change log begins on {found.recorded[:10]}; what was before is not known"
    if found.noticed:
        yield (
            f"{found.noticed} of {found.finished} were finished by another program; they count"
            " from when that was noticed"
        )


def statistics_to_json(found: Statistics) -> Json:
    """Where a project stands, as every face shows it."""
    return {
        "tag": found.tag,
        "date": found.today,
        "since": found.begin or None,
        "recordedSince": found.recorded or None,
        "total": _progress_to_json(found.total),
        "progress": {
            name: [_progress_to_json(one) for one in rows] for name, rows in found.progress.items()
        },
        "finished": found.finished,
        "noticed": found.noticed,
        "throughput": [
            {"week": week.monday, "finished": week.finished, "whole": week.whole}
            for week in found.weeks
        ],
        "cycleTime": _spell_to_json(found.cycle),
        "leadTime": _spell_to_json(found.lead),
        "burndown": [{"date": day, "open": count} for day, count in found.burndown],
        "grown": found.grown,
        "forecast": _forecast_to_json(found),
    }


def _progress_to_json(one: Progress) -> Json:
    share = round(100 * one.done / one.total, 1) if one.total else None
    return {
        "name": one.name,
        "title": one.title,
        "done": one.done,
        "begun": one.begun,
        "open": one.total - one.done,
        "cancelled": one.cancelled,
        "total": one.total,
        "percent": share,
    }


def _spell_to_json(one: Spell) -> Json:
    return {
        "medianHours": one.median,
        "p85Hours": one.p85,
        "measured": one.measured,
        "possible": one.possible,
    }


def _forecast_to_json(found: Statistics) -> Json:
    dates = {f"p{share}": day or None for share, day in forecast_dates(found).items()}
    return {
        "remaining": found.total.total - found.total.done,
        "dates": dates or None,
        "reason": found.forecast.reason,
        "runs": found.forecast.runs,
    }
