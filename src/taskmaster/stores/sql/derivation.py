"""Keeping nodes, edges and tallies true to the documents, with every change.

A change of one task is felt by those it waits for, by those that wait for it and, along the line
in front of it, by at most eight more: nothing else is touched.
"""

from __future__ import annotations

import json
from itertools import groupby

from taskmaster.domain.task import Task
from taskmaster.stores.sql.columns import node_rows
from taskmaster.stores.sql.places import NOWHERE, places
from taskmaster.stores.sql.tags import DERIVED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from taskmaster.stores.sql.columns import NodeRow, Row
    from taskmaster.stores.sql.session import Session

    Kinds = dict[tuple[object, ...], list[int]]

TANGLED = -1
"""Instead of the version of the rules: ids are not unique, and only reading all tasks will do."""
_AT_ONCE = 1_000
_KIND = ("status", "priority", "waits", "awaited")
_COUNTED = ("needs", "waiters", "chain", "awaited")
_MEMBER = (
    *("id", "owner", "step", "status", "priority", "open", "defer_day"),
    *(*_COUNTED, *NOWHERE),
)


def refreshed(session: Session, tag: int, owners: Sequence[str]) -> bool:
    """Derive anew what follows from the tasks with these ids, which were added, changed or removed.

    False, with nothing done, where an id is now used twice, or none at all.
    """
    docs, members = session.each(
        ("<docs_of>", {"tag": tag, "ids": list(owners)}),
        ("<members_of>", {"tag": tag, "ids": list(owners)}),
    )
    fresh = _nodes(tag, docs)
    before = {row["id"]: row for row in map(_member, members)}
    names = [row["id"] for row, _needs in fresh]
    touched = sorted({*before, *names})
    strangers, edges, waiting = session.each(
        ("<strangers>", {"tag": tag, "ids": [name for name in names if name not in before]}),
        ("<edges_of>", {"tag": tag, "ids": list(before)}),
        ("<edges_to>", {"tag": tag, "ids": touched}),
    )
    if _tangled(names) or strangers:
        return False
    change = _Change(session, tag, before, fresh, set(edges))
    if change.is_felt():
        change.spread([*touched, *(row[0] for row in waiting)])
    else:
        change.keep_to_itself()
    return True


class _Change:
    """What a change of some tasks does to their nodes, of *before*, and to those around them."""

    def __init__(
        self,
        session: Session,
        tag: int,
        before: dict[str, Row],
        fresh: Sequence[NodeRow],
        edges: set[tuple[str, str]],
    ) -> None:
        self._session = session
        self._tag = tag
        self._before = before
        self._fresh = [_as_counted(row, before.get(row["id"])) for row, _needs in fresh]
        self._old_edges = edges
        self._edges = {(row["id"], one) for row, needs in fresh for one in needs}

    def is_felt(self) -> bool:
        """Whether other nodes wait, or are waited for, than before."""
        return self._edges != self._old_edges or {
            name: row["open"] for name, row in self._before.items()
        } != {row["id"]: row["open"] for row in self._fresh}

    def keep_to_itself(self) -> None:
        after = _placed(self._fresh)
        self._session.many("change_node", after)
        self._count(self._before.values(), after)

    def spread(self, touched: Iterable[str]) -> None:
        """Carry the change on to the nodes *touched* and those at the other ends of the edges."""
        session, tag = self._session, self._tag
        ends = (one for _name, one in self._edges | self._old_edges)
        affected = sorted({*touched, *ends})
        near = map(_member, session.rows("members_near", tag=tag, ids=affected))
        before = self._before | {row["id"]: row for row in near}
        self._exchange()
        session.run("count_edges", tag=tag, ids=affected)
        longer = _lengthen(session, tag, affected)
        owners = {str(row["owner"]) for row in (*before.values(), *self._fresh)}
        after, beyond = session.each(
            ("<members_of>", {"tag": tag, "ids": sorted(owners)}),
            ("<members_near>", {"tag": tag, "ids": sorted(longer - before.keys())}),
        )
        self._count(before.values(), self._place(map(_member, after)))
        self._place(map(_member, beyond))

    def _exchange(self) -> None:
        """Write the rows of the nodes and edges themselves."""
        session, tag = self._session, self._tag
        names = {row["id"] for row in self._fresh}
        gone = [name for name in self._before if name not in names]
        differing = {name for name, _one in self._edges ^ self._old_edges}
        session.run("remove_nodes", tag=tag, ids=gone)
        session.run("remove_edges", tag=tag, ids=sorted(differing))
        session.many("change_node", [row for row in self._fresh if row["id"] in self._before])
        session.many("add_node", [row for row in self._fresh if row["id"] not in self._before])
        edges = ({"tag": tag, "node": name, "needs": one} for name, one in self._edges)
        session.many("add_edge", [edge for edge in edges if edge["node"] in differing])

    def _place(self, members: Iterable[Row]) -> list[Row]:
        """Write down where these, whole families, stand now; their rows as they are then."""
        known = list(members)
        after = _placed(known)
        moved = [row for row, old in zip(after, known, strict=True) if row != old]
        self._session.many("place_node", [{"tag": self._tag, **row} for row in moved])
        return after

    def _count(self, before: Iterable[Row], after: Iterable[Row]) -> None:
        kinds: Kinds = {}
        _tally(kinds, after)
        _tally(kinds, before, -1)
        _write(self._session, self._tag, kinds)


def rebuilt(session: Session, tag: int) -> int:
    """Derive everything of the tag anew; what ``tags.derived`` is to say from now on."""
    from taskmaster.stores.sql.standings import Standings

    forgotten(session, tag)
    standings = Standings()
    for fresh in _all_nodes(session, tag):
        for row, needs in fresh:
            if not row["id"] or not standings.add(row["id"], opened=row["open"] == 1, needs=needs):
                return TANGLED
    standings.count()
    kinds: Kinds = {}
    for fresh in _all_nodes(session, tag):
        rows = _placed([row | standings.of(row["id"]) for row, _needs in fresh])
        edges = [
            {"tag": tag, "node": row["id"], "needs": one} for row, needs in fresh for one in needs
        ]
        session.many("add_node", rows)
        session.many("add_edge", edges)
        _tally(kinds, rows)
    _write(session, tag, kinds)
    return DERIVED


def _tangled(names: Collection[object]) -> bool:
    """Whether an id is there twice, or none at all: then it does not say who is meant."""
    return "" in names or len(set(names)) < len(names)


def forgotten(session: Session, tag: int) -> None:
    """Take away everything that was derived."""
    for name in ("remove_edges_all", "remove_nodes_all", "remove_tallies"):
        session.run(name, tag=tag)


def _all_nodes(session: Session, tag: int) -> Iterator[list[NodeRow]]:
    """The nodes of all tasks in order, some at a time."""
    after = -1
    while found := session.rows("next_tasks", tag=tag, after=after, most=_AT_ONCE):
        yield _nodes(tag, ((position, doc) for position, _id, doc in found))
        after = found[-1][0]


def _nodes(tag: int, found: Iterable[tuple[int, str]]) -> list[NodeRow]:
    entries = ((position, json.loads(doc)) for position, doc in found)
    return [
        row
        for position, entry in entries
        if isinstance(entry, dict)
        for row in node_rows(tag, position, Task(entry))
    ]


def _member(found: tuple[object, ...]) -> Row:
    return dict(zip(_MEMBER, found, strict=True))


def _as_counted(row: Row, old: Row | None) -> Row:
    """The row with what was counted when it was written last, if it was."""
    return row | {key: old[key] for key in (*_COUNTED, *NOWHERE)} if old else row


def _placed(rows: Iterable[Row]) -> list[Row]:
    """Rows of whole families, with where they stand."""
    return [
        member | place
        for _owner, family in groupby(rows, key=lambda row: row["owner"])
        for members in [list(family)]
        for member, place in zip(members, places(members), strict=True)
    ]


def _lengthen(session: Session, tag: int, ids: list[str]) -> set[str]:
    """Bring the lengths of lines up to date, from the nodes given towards what they wait for.

    Gives the nodes in front of which a line has changed.
    """
    found: set[str] = set()
    while ids:
        changed = [row[0] for row in session.rows("lengthen_chains", tag=tag, ids=ids)]
        ids = [row[0] for row in session.rows("needs_of", tag=tag, ids=changed)] if changed else []
        found.update(changed)
    return found


def _tally(kinds: Kinds, rows: Iterable[Row], sign: int = 1) -> None:
    """Count the rows into *kinds*: how many tasks, and how many nodes that somebody could do."""
    for row in rows:
        kind = (row["status"], row["priority"], int(row["needs"] > 0), row["awaited"])
        counts = kinds.setdefault(kind, [0, 0])
        counts[0] += sign * (row["step"] == 0)
        counts[1] += sign * row["stands"]


def _write(session: Session, tag: int, kinds: Kinds) -> None:
    rows = [
        {"tag": tag, **dict(zip(_KIND, kind, strict=True)), "count": count, "standing": standing}
        for kind, (count, standing) in kinds.items()
        if count or standing
    ]
    session.many("add_tally", rows)
