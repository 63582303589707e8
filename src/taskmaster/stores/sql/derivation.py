"""Keeping nodes, edges and tallies true to the documents, with every change.

A change of one task is felt by those it waits for, by those that wait for it and, along the line
in front of it, by at most eight more: nothing else is touched.
"""

from __future__ import annotations

import json

from taskmaster.domain.task import Task
from taskmaster.stores.sql.columns import node_rows
from taskmaster.stores.sql.reader import DERIVED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from taskmaster.stores.sql.columns import NodeRow
    from taskmaster.stores.sql.session import Session

    Kinds = dict[tuple[object, ...], int]

TANGLED = -1
"""Instead of the version of the rules: ids are not unique, and only reading all tasks will do."""
_AT_ONCE = 1_000
_KIND = ("status", "priority", "waits", "awaited")


def refreshed(session: Session, tag: int, owners: Sequence[str]) -> bool:
    """Derive anew what follows from the tasks with these ids, which were added, changed or removed.

    False, with nothing done, where an id is now used twice.
    """
    docs = session.rows("docs_of", tag=tag, ids=list(owners))
    fresh = _nodes(tag, [(position, doc) for position, doc in docs])
    before: dict[str, int] = dict(session.rows("nodes_of", tag=tag, ids=list(owners)))
    names: list[str] = [row["id"] for row, _needs in fresh]  # type: ignore[misc]  # as made
    strange = [name for name in names if name not in before]
    if _tangled(names) or session.rows("strangers", tag=tag, ids=strange):
        return False
    old_edges = {(one, other) for one, other in session.rows("edges_of", tag=tag, ids=list(before))}
    new_edges = {(row["id"], one) for row, needs in fresh for one in needs}
    touched = sorted({*before, *names})
    if old_edges == new_edges and before == {row["id"]: row["open"] for row, _needs in fresh}:
        rows = [row for row, _needs in fresh]
        _tallying(session, tag, touched, lambda: session.many("change_node", rows))
        return True
    waiting = [row[0] for row in session.rows("edges_to", tag=tag, ids=touched)]
    affected = sorted({*touched, *waiting, *(one for _name, one in old_edges | new_edges)})

    def replace() -> None:
        session.run("remove_nodes", tag=tag, ids=list(owners))
        session.run("remove_edges", tag=tag, ids=list(before))
        _add(session, fresh)
        session.run("count_needs", tag=tag, ids=affected)
        session.run("count_waiters", tag=tag, ids=affected)
        _lengthen(session, tag, affected)

    _tallying(session, tag, affected, replace)
    return True


def rebuilt(session: Session, tag: int) -> int:
    """Derive everything of the tag anew; what ``tags.derived`` is to say from now on."""
    from taskmaster.stores.sql.standings import Standings

    forgotten(session, tag)
    standings = Standings()
    for fresh in _all_nodes(session, tag):
        for row, needs in fresh:
            if not row["id"] or not standings.add(row["id"], opened=bool(row["open"]), needs=needs):  # type: ignore[arg-type]  # as made
                return TANGLED
    standings.count()
    for fresh in _all_nodes(session, tag):
        _add(session, [(row | standings.of(row["id"]), needs) for row, needs in fresh])  # type: ignore[arg-type]  # as made
    _count(session, tag, _kinds(session.rows("tally_of_all", tag=tag)))
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
        yield _nodes(tag, [(position, doc) for position, _id, doc in found])
        after = found[-1][0]


def _nodes(tag: int, found: Iterable[tuple[int, str]]) -> list[NodeRow]:
    entries = ((position, json.loads(doc)) for position, doc in found)
    return [
        row
        for position, entry in entries
        if isinstance(entry, dict)
        for row in node_rows(tag, position, Task(entry))
    ]


def _add(session: Session, fresh: Sequence[NodeRow]) -> None:
    session.many("add_node", [row for row, _needs in fresh])
    edges = [
        {"tag": row["tag"], "node": row["id"], "needs": one}
        for row, needs in fresh
        for one in needs
    ]
    session.many("add_edge", edges)


def _lengthen(session: Session, tag: int, ids: list[str]) -> None:
    """Bring the lengths of lines up to date, from the nodes given towards what they wait for."""
    while ids:
        changed = [row[0] for row in session.rows("lengthen_chains", tag=tag, ids=ids)]
        ids = [row[0] for row in session.rows("needs_of", tag=tag, ids=changed)] if changed else []


def _tallying(session: Session, tag: int, ids: list[str], work: Callable[[], None]) -> None:
    """Do the *work*, and count how many nodes of each kind there are more or less among *ids*."""
    before = _kinds(session.rows("tally_of", tag=tag, ids=ids))
    work()
    after = _kinds(session.rows("tally_of", tag=tag, ids=ids))
    kinds = before.keys() | after.keys()
    _count(session, tag, {kind: after.get(kind, 0) - before.get(kind, 0) for kind in kinds})


def _kinds(rows: Iterable[tuple[object, ...]]) -> Kinds:
    return {row[:4]: row[4] for row in rows}  # type: ignore[misc]  # a count


def _count(session: Session, tag: int, found: Kinds) -> None:
    rows = [
        {"tag": tag, **dict(zip(_KIND, kind, strict=True)), "count": count}
        for kind, count in found.items()
        if count
    ]
    session.many("add_tally", rows)
