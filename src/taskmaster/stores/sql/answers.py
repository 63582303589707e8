"""What the derived tables answer without reading every task."""

from __future__ import annotations

import json
from collections import namedtuple

from taskmaster.domain import graph
from taskmaster.domain.choice import Page, Tally
from taskmaster.domain.schedule import day_number
from taskmaster.domain.task import PRIORITIES, WORKABLE, Task
from taskmaster.stores.sql.places import FOREVER
from taskmaster.stores.sql.text import stored, told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.domain.choice import Wanted
    from taskmaster.domain.graph import Node
    from taskmaster.stores.sql.reader import Tag
    from taskmaster.stores.sql.session import Session

    class Kind(NamedTuple):
        """Tasks that are alike: how many there are, and how many of them are ready."""

        status: str
        priority: int
        waits: int
        awaited: int
        count: int
        ready: int

else:
    Kind = namedtuple("Kind", "status priority waits awaited count ready")

_SPECIAL = "!%_"


def around(session: Session, tag: int, ids: Sequence[str]) -> Mapping[str, Node]:
    """The nodes of the tasks that hold *ids*, of what they wait for and of what waits for them."""
    owners = _column(session.rows("owners_of", tag=tag, ids=list(ids)))
    members = _column(session.rows("nodes_of", tag=tag, ids=owners))
    awaited, waiting = session.each(
        ("<needs_of>", {"tag": tag, "ids": members}),
        ("<edges_to>", {"tag": tag, "ids": [*members, *ids]}),
    )
    near = dict.fromkeys(_column([*awaited, *waiting]))
    more = _column(session.rows("owners_of", tag=tag, ids=list(near)))
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
    ready = waiting = 0
    kinds = _kinds(session, tag, today)
    for kind in kinds:
        statuses[kind.status] = statuses.get(kind.status, 0) + kind.count
        waiting += kind.count * kind.waits
        ready += kind.ready
    return Tally(statuses, ready, waiting)


def page(
    session: Session, tag: Tag, wanted: Wanted, today: str, offset: int, limit: int
) -> Page:
    """The tasks wanted, by the index that fits, and how many there are, from the tallies."""
    kinds = _kinds(session, tag.row, today, deferred=wanted.ready)
    total = sum(kind.count for kind in kinds)
    chosen = [kind for kind in kinds if _is_wanted(kind, wanted)]
    matching = sum(kind.ready if wanted.ready else kind.count for kind in chosen)
    values: dict[str, object] = {"tag": tag.row, "limit": limit, "offset": offset}
    if len(chosen) < len(kinds) or wanted.ready:
        values["today"] = _day(today)
        values |= {f"status{place}": stored(kind.status) for place, kind in enumerate(chosen)}
        places = " UNION ALL ".join(_places(chosen, ready=wanted.ready))
    else:
        places = "<all_places>" + ("" if total == tag.size else " AND id IS NOT NULL")
    if not chosen or not (limit or offset < matching):
        return Page([], matching, total)
    cut = f"LIMIT {':limit' if limit else matching}" + (" OFFSET :offset" if offset else "")
    text = f"<docs_at> (SELECT position FROM ({places}) AS found ORDER BY position {cut})"
    found = session.ask(f"{text} ORDER BY t.position", **values)
    return Page([Task(json.loads(doc)) for (doc,) in found], matching, total)


def _places(kinds: Iterable[Kind], *, ready: bool) -> Iterator[str]:
    """For each kind a statement that finds its tasks, in order by an index."""
    today = " AND COALESCE(defer_day, 0) <= :today" if ready else ""
    for place, kind in enumerate(kinds):
        conditions = f"priority = {kind.priority} AND waits = {kind.waits}"
        yield (
            f"<places> AND status = :status{place} AND {conditions}"
            f" AND awaited = {kind.awaited}{today}"
        )


def _kinds(session: Session, tag: int, today: str, *, deferred: bool = True) -> list[Kind]:
    """What kinds of tasks there are, and how many of each; without *deferred* none is ready."""
    asked: list[tuple[str, dict[str, object]]] = [("<tallies>", {"tag": tag})]
    if deferred:
        asked.append(("<count_deferred>", {"tag": tag, "today": _day(today)}))
    tallies, *found = session.each(*asked)
    put_off = {row[:3]: row[3] for rows in found for row in rows}
    return [
        Kind(
            told(status), priority, waits, awaited, count,
            count - put_off.get((status, priority, awaited), 0)
            if deferred and status in WORKABLE and not waits else 0,
        )
        for status, priority, waits, awaited, count, _standing in tallies
        if count
    ]  # fmt: skip


def _day(today: str) -> int:
    """Without a day nothing counts as put off."""
    day = day_number(today)
    return FOREVER if day is None else day


def _is_wanted(kind: Kind, wanted: Wanted) -> bool:
    from taskmaster.domain.task import COMPLETE

    return (
        (not wanted.statuses or kind.status in wanted.statuses)
        and (not wanted.priorities or PRIORITIES[kind.priority] in wanted.priorities)
        and (not wanted.ready or (kind.status in WORKABLE and not kind.waits))
        and (not wanted.blocking or bool(kind.awaited and kind.status not in COMPLETE))
    )


def containing(session: Session, tag: int, words: Sequence[str]) -> list[Task]:
    """The tasks whose searched words hold each of *words*."""
    values = {f"word{place}": f"%{_literal(stored(word))}%" for place, word in enumerate(words)}
    text = "".join(f" AND words LIKE :{name} ESCAPE '!'" for name in values)
    found = session.ask(f"<containing>{text} ORDER BY t.position", tag=tag, **values)
    return [Task(json.loads(doc)) for (doc,) in found]


def _literal(word: str) -> str:
    """The word with what a pattern would take for more than itself marked."""
    return "".join(f"!{one}" if one in _SPECIAL else one for one in word)
