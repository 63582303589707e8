"""What the derived tables answer without reading every task."""

from __future__ import annotations

import json

from taskmaster.domain import graph
from taskmaster.domain.choice import Page, Tally
from taskmaster.domain.schedule import day_number
from taskmaster.domain.task import PRIORITIES, WORKABLE, Task
from taskmaster.stores.sql.text import stored, told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from taskmaster.domain.choice import Wanted
    from taskmaster.domain.graph import Node
    from taskmaster.stores.sql.session import Session

    Kind = tuple[str, int, int]

_SPECIAL = "!%_"


def around(session: Session, tag: int, ids: Sequence[str]) -> Mapping[str, Node]:
    """The nodes of the tasks that hold *ids*, of what they wait for and of what waits for them."""
    owners = _column(session.rows("owners_of", tag=tag, ids=list(ids)))
    members = _column(session.rows("nodes_of", tag=tag, ids=owners))
    near = _column(session.rows("needs_of", tag=tag, ids=members))
    near += _column(session.rows("edges_to", tag=tag, ids=[*members, *ids]))
    more = _column(session.rows("owners_of", tag=tag, ids=list(dict.fromkeys(near))))
    return graph.nodes(tasks_of(session, tag, dict.fromkeys(owners + more)))


def tasks_of(session: Session, tag: int, owners: Iterable[str]) -> list[Task]:
    """The tasks with these ids, in order."""
    found = session.rows("docs_of", tag=tag, ids=list(owners))
    return [Task(json.loads(doc)) for _position, doc in found]


def _column(rows: Iterable[tuple[object, ...]]) -> list[str]:
    return [str(row[0]) for row in rows]


def tally(session: Session, tag: int, today: str) -> Tally:
    """Counts from the tallies that are kept with every change."""
    statuses: dict[str, int] = {}
    waiting = 0
    for status, _priority, waits, _awaited, count in session.rows("tallies", tag=tag):
        statuses[told(status)] = statuses.get(told(status), 0) + count
        waiting += count * waits
    ready = sum(count for _kind, count in ready_counts(session, tag, today))
    return Tally(statuses, ready, waiting)


def ready_counts(session: Session, tag: int, today: str) -> Iterator[tuple[Kind, int]]:
    """How many tasks are ready, by (status, priority, whether anything depends on them)."""
    day = day_number(today) or 0
    deferred = session.rows("count_deferred", tag=tag, today=day)
    put_off = {row[:3]: row[3] for row in deferred}
    for status, priority, waits, awaited, count in session.rows("tallies", tag=tag):
        if status in WORKABLE and not waits:
            kind = (status, priority, awaited)
            yield kind, count - put_off.get(kind, 0)


def page(session: Session, tag: int, wanted: Wanted, today: str, offset: int, limit: int) -> Page:
    """The tasks wanted, by the index that fits, and how many there are, from the tallies."""
    values: dict[str, object] = {"tag": tag, "today": day_number(today) or 0, "offset": offset}
    text = ""
    for condition, given in _conditions(wanted):
        text += f" AND {condition}"
        values |= given
    text += " ORDER BY n.position"
    if limit:
        text, values = f"{text} LIMIT :limit", values | {"limit": limit}
    elif offset:
        text, values = f"{text} LIMIT :limit", values | {"limit": 1 << 60}
    if offset:
        text += " OFFSET :offset"
    tasks = [Task(json.loads(doc)) for (doc,) in session.ask("page", text, **values)]
    total = sum(row[4] for row in session.rows("tallies", tag=tag))
    return Page(tasks, _matching(session, tag, wanted, today), total)


def _conditions(wanted: Wanted) -> Iterator[tuple[str, dict[str, object]]]:
    if wanted.statuses:
        yield "{n.status in statuses}", {"statuses": [stored(one) for one in wanted.statuses]}
    if wanted.priorities:
        numbers = [PRIORITIES.index(one) for one in wanted.priorities]
        yield "{n.priority in priorities}", {"priorities": numbers}
    if wanted.ready:
        yield "n.status IN ('pending', 'in-progress') AND n.needs = 0", {}
        yield "COALESCE(n.defer_day, 0) <= :today", {}
    if wanted.blocking:
        yield "n.open = 1 AND n.awaited = 1", {}


def _matching(session: Session, tag: int, wanted: Wanted, today: str) -> int:
    from taskmaster.domain.task import COMPLETE

    if wanted.ready:
        counts: Iterable[tuple[Kind, int]] = ready_counts(session, tag, today)
    else:
        rows = session.rows("tallies", tag=tag)
        counts = [((told(row[0]), row[1], row[3]), row[4]) for row in rows]
    return sum(
        count
        for (status, priority, awaited), count in counts
        if (not wanted.statuses or status in wanted.statuses)
        and (not wanted.priorities or PRIORITIES[priority] in wanted.priorities)
        and (not wanted.blocking or (awaited and status not in COMPLETE))
    )


def containing(session: Session, tag: int, words: Sequence[str]) -> list[Task]:
    """The tasks whose searched words hold each of *words*."""
    values = {f"word{place}": f"%{_literal(stored(word))}%" for place, word in enumerate(words)}
    text = "".join(f" AND words LIKE :{name} ESCAPE '!'" for name in values)
    found = session.ask("containing", f"{text} ORDER BY t.position", tag=tag, **values)
    return [Task(json.loads(doc)) for (doc,) in found]


def _literal(word: str) -> str:
    """The word with what a pattern would take for more than itself marked."""
    return "".join(f"!{one}" if one in _SPECIAL else one for one in word)
