"""What the derived tables answer without reading every task."""

from __future__ import annotations

import json
from collections import namedtuple

from taskmaster.domain import graph
from taskmaster.domain.choice import Page, Tally
from taskmaster.domain.task import PRIORITIES, WORKABLE, Task, day_number
from taskmaster.stores.sql.places import FOREVER
from taskmaster.stores.sql.text import stored, told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.domain.choice import Wanted
    from taskmaster.domain.graph import Node
    from taskmaster.stores.sql.session import Session
    from taskmaster.stores.sql.tags import Tag

    class Kind(NamedTuple):
        """Tasks that are alike: how many there are, and how many of them are ready."""

        status: str
        priority: int
        waits: int
        awaited: int
        tasks: int
        ready: int

else:
    Kind = namedtuple("Kind", "status priority waits awaited tasks ready")

_KIND = ("status", "priority", "waits", "awaited")
_MOST_KINDS = 100
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
        statuses[kind.status] = statuses.get(kind.status, 0) + kind.tasks
        waiting += kind.tasks * kind.waits
        ready += kind.ready
    return Tally(statuses, ready, waiting)


def page(session: Session, tag: Tag, wanted: Wanted, today: str, offset: int, limit: int) -> Page:
    """The tasks wanted, by the index that fits, and how many there are, from the tallies."""
    kinds = _kinds(session, tag.row, today, deferred=wanted.ready)
    total = sum(kind.tasks for kind in kinds)
    chosen = [kind for kind in kinds if _is_wanted(kind, wanted)]
    matching = sum(kind.ready if wanted.ready else kind.tasks for kind in chosen)
    if not chosen or (offset and offset >= matching):
        return Page([], matching, total)
    if len(chosen) == len(kinds) and not wanted.ready:
        places = ["<all_places>" if total == tag.size else "<all_places> AND id IS NOT NULL"]
        values: dict[str, object] = {}
    else:
        places, values = _of_kinds(chosen)
    if wanted.ready:
        places = [f"{one} AND COALESCE(defer_day, 0) <= :today" for one in places]
    most = limit or matching
    values |= {"tag": tag.row, "today": _day(today), "end": offset + most}
    text = f"<docs_at> ({_merged(places, most, offset)}) ORDER BY t.position"
    docs = session.ask(text, **values)
    return Page([Task(json.loads(doc)) for (doc,) in docs], matching, total)


def _of_kinds(kinds: Sequence[Kind]) -> tuple[list[str], dict[str, object]]:
    """For each kind what finds the places of its tasks, in order by an index; and the values.

    Where those would be too many, one that goes through the list.
    """
    if len(kinds) > _MOST_KINDS:
        sets = {name: list({getattr(kind, name) for kind in kinds}) for name in _KIND}
        sets["status"] = [stored(status) for status in sets["status"]]
        narrowed = " AND ".join(f"{{{name} in {name}}}" for name in _KIND)
        return [f"<places> AND {narrowed}"], dict(sets)
    places = [
        f"<places> AND status = :status{number} AND priority = {kind.priority}"
        f" AND waits = {kind.waits} AND awaited = {kind.awaited}"
        for number, kind in enumerate(kinds)
    ]
    return places, {f"status{number}": stored(kind.status) for number, kind in enumerate(kinds)}


def _merged(places: Iterable[str], most: int, offset: int) -> str:
    """What gives *most* places in order; an engine that merges stops when it has enough."""
    parts = " UNION ALL ".join(
        f"SELECT position FROM ({one} ORDER BY position LIMIT :end) AS found{number}"  # noqa: S608  # all ours
        for number, one in enumerate(places)
    )
    cut = f"LIMIT {most} OFFSET {offset}"
    return f"SELECT position FROM ({parts}) AS found ORDER BY position {cut}"  # noqa: S608  # all ours


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
