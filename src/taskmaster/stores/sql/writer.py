"""Changing a project in a database, row by row, recording every change made to it."""

from __future__ import annotations

import json

from taskmaster.domain import changes, ids
from taskmaster.domain.changes import TagState, Transaction, last_number
from taskmaster.stores.sql import derivation
from taskmaster.stores.sql.columns import task_row
from taskmaster.stores.sql.reader import SqlReader
from taskmaster.stores.sql.tags import DERIVED, Tag
from taskmaster.stores.sql.text import dumped, stored

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from taskmaster.domain.changes import Change, Stamp
    from taskmaster.domain.task import Task
    from taskmaster.stores.sql.columns import Row
    from taskmaster.stores.sql.session import Session

GAP = 1 << 20
"""Between the positions of neighbours, so that a task in between needs no others to move."""
_FEW_LOOKS = 16
_FEW_OWNERS = 200


class SqlWriter(SqlReader):
    """One writing transaction of the database; see ``ports`` for the contract.

    Whoever opened the transaction calls ``flush`` before committing it.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.changes: list[Change] = []
        self.committed: Transaction | None = None
        self._waiting: list[Row] = []
        self._changed: set[int] = set()
        """The tag rows whose tasks have changed."""
        self._touched: dict[int, dict[str, None] | None] = {}
        """By tag row: the tasks whose derived rows are out of date, None for all of them."""
        self._ids: dict[int, set[str]] = {}
        """Every id of a tag, once it was looked for often."""
        self._looks: dict[int, int] = {}
        self._found: dict[tuple[int, str], tuple[int, Task]] = {}
        """Tasks as they are stored, and where: who changes one has looked at it before."""

    def put(self, tag: str, task: Task, *, place: int | None = None) -> Task:
        found = self._find(self._own(tag), task.id)
        if found is None:
            self._insert(self._own(tag), task, place)
            return task
        position, old = found
        steps = list(changes.of_task(tag, old, task))
        if steps:
            row = task_row(self._own(tag).row, position, task.doc)
            self.session.run("change_task", **row)
            self._touch(self._own(tag), task.id)
            self.changes += steps
        return task

    def remove(self, tag: str, task_id: str) -> Task:
        own = self._own(tag)
        found = self._find(own, ids.normal(task_id))
        if found is None:
            from taskmaster.stores.refusals import missing_task

            raise missing_task(tag, task_id)
        position, task = found
        place = self._place_of(own, position)
        self.session.run("remove_task", tag=own.row, position=position)
        self._ids.pop(own.row, None)
        self._resize(own, own.size - 1)
        self._touch(own, task.id)
        self.changes.append(changes.removed(tag, task_id, task.doc, place))
        return task

    def reorder(self, tag: str, order: Sequence[str]) -> None:
        own = self._own(tag)
        entries = list(self.entries(tag))
        before = changes.names(entries)
        wanted = changes.around_others(order, entries)
        result = changes.in_order(entries, wanted)
        if result is None:
            from taskmaster.stores.refusals import not_an_order

            raise not_an_order(tag)
        if wanted != before:
            self.session.run("remove_tasks", tag=own.row)
            rows = (task_row(own.row, place * GAP, one) for place, one in enumerate(result, 1))
            self.session.many("add_task", rows)
            self._touch_all(own)
            self.changes.append(changes.reordered(tag, before, wanted))

    def add_tag(self, tag: str, metadata: Mapping[str, object]) -> None:
        self._check_free(tag)
        self._own_default()
        self._make_tag(tag, metadata)
        self.changes.append(changes.tag_change("added", tag, changes.between({}, metadata)))

    def remove_tag(self, tag: str) -> None:
        own = self._own(tag)
        state = TagState(own.metadata, list(self.entries(tag)))
        self.changes += changes.between_states({tag: state}, {})
        derivation.forgotten(self.session, own.row)
        self.session.run("remove_tasks", tag=own.row)
        self.session.run("remove_tag", tag=own.row)
        for kept in (self._touched, self._ids, self._looks):
            kept.pop(own.row, None)
        self._found.clear()
        self._changed.discard(own.row)
        del self._tags()[tag]

    def rename_tag(self, tag: str, name: str) -> None:
        own = self._own(tag)
        self._check_free(name)
        self.session.run("rename_tag", tag=own.row, name=stored(name))
        self._known = {
            name if key == tag else key: one._replace(name=name) if key == tag else one
            for key, one in self._tags().items()
        }
        self.changes.append(changes.tag_change("renamed", tag, {"name": (tag, name)}))

    def describe_tag(self, tag: str, metadata: Mapping[str, object]) -> None:
        own = self._own(tag)
        fields = changes.between(own.metadata, metadata)
        if fields:
            self._describe(own, metadata)
            self.changes.append(changes.tag_change("changed", tag, fields))

    def flush(self, stamp: Stamp, nonce: str) -> Transaction | None:
        """Write down what is still to be written, and the record of it all: the last thing to do
        before the commit. None when nothing was changed.
        """
        if not self.changes:
            return None
        self._write_waiting()
        number, time = self._last()
        stamp = stamp._replace(time=max(stamp.time, time))
        for tag in list(self._tags().values()):
            if tag.row in self._changed:
                self._derive(tag)
                self._follow(self.tag(tag.name), stamp.time)
        return self._record(Transaction(number + 1, stamp, tuple(self.changes)), nonce)

    def _record(self, transaction: Transaction, nonce: str) -> Transaction:
        from taskmaster import wire

        last = last_number(transaction)
        record = dumped(wire.transaction_to_json(transaction))
        request = stored(transaction.stamp.request)
        self.session.run("add_change", last=last, nonce=nonce, record=record, request=request)
        self.session.run("advance", number=last, time=transaction.stamp.time)
        return transaction

    def _derive(self, tag: Tag) -> None:
        """Bring what follows from the tasks of the tag up to date."""
        self._write_waiting()
        owners = self._touched.get(tag.row, {})
        self._touched[tag.row] = {}
        derived = tag.derived
        if owners is None or derived != DERIVED or len(owners) > _FEW_OWNERS + tag.size // 8:
            fresh = False
        else:
            fresh = derivation.refreshed(self.session, tag.row, list(owners))
        if not fresh:
            derived = derivation.rebuilt(self.session, tag.row)
        self.session.run("measure_tag", tag=tag.row, size=tag.size, derived=derived)
        self._tags()[tag.name] = tag._replace(derived=derived)

    def _follow(self, tag: Tag, now: str) -> None:
        """Bring the metadata that follows from the tasks up to date."""
        fresh = changes.followed(tag.metadata, now, lambda: self.tally(tag.name, "").statuses)
        if fresh != tag.metadata:
            self._describe(tag, fresh)

    def _find(self, tag: Tag, task_id: str) -> tuple[int, Task] | None:
        if self._unknown(tag, task_id):
            return None
        known = self._found.get((tag.row, task_id))
        if known is None:
            self._write_waiting()
            known = super()._find(tag, task_id)
            if known is not None:
                self._found[tag.row, task_id] = known
        return known

    def _unknown(self, tag: Tag, task_id: str) -> bool:
        """Whether it is already clear that no task has this id."""
        looks = self._looks[tag.row] = self._looks.get(tag.row, 0) + 1
        if looks == _FEW_LOOKS and tag.row not in self._ids:
            self._write_waiting()
            self._ids[tag.row] = {row[0] for row in self.session.rows("ids_of", tag=tag.row)}
        known = self._ids.get(tag.row)
        return known is not None and stored(task_id) not in known

    def _insert(self, tag: Tag, task: Task, place: int | None) -> None:
        place = tag.size if place is None else max(0, min(place, tag.size))
        row = task_row(tag.row, self._position(tag, place), task.doc)
        self._waiting.append(row)
        if place < tag.size:
            self._write_waiting()
        if tag.row in self._ids:
            self._ids[tag.row].add(str(row["id"]))
        self._resize(tag, tag.size + 1)
        self._touch(tag, task.id)
        self.changes.append(changes.added(tag.name, task.id, task.doc, place))

    def _position(self, tag: Tag, place: int) -> int:
        """A position for a new entry at *place* of the list."""
        if place == tag.size:
            return self._last_position(tag) + GAP
        self._write_waiting()
        after = self._position_at(tag, place)
        before = self._position_at(tag, place - 1) if place else 0
        if after - before < 2:
            self.session.run("spread_tasks", tag=tag.row, gap=GAP)
            self.session.run("turn_tasks", tag=tag.row)
            self._touch_all(tag)
            return self._position(tag, place)
        return (before + after) // 2

    def _last_position(self, tag: Tag) -> int:
        if self._waiting and self._waiting[-1]["tag"] == tag.row:
            position: int = self._waiting[-1]["position"]
            return position
        self._write_waiting()
        row = self.session.row("last_position", tag=tag.row)
        return int(row[0]) if row else 0

    def _place_of(self, tag: Tag, position: int) -> int:
        """How many entries stand before the one at this position."""
        if position == self._last_position(tag):
            return (
                tag.size - 1
            )  # Many tasks are taken away from the end, and there to count is slow.
        row = self.session.row("count_before", tag=tag.row, position=position)
        return int(row[0]) if row else 0

    def _position_at(self, tag: Tag, place: int) -> int:
        row = self.session.row("position_at", tag=tag.row, place=place)
        return int(row[0]) if row else 0

    def _write_waiting(self) -> None:
        """Write the entries that were added at the end and that nobody has asked for yet."""
        waiting, self._waiting = self._waiting, []
        self.session.many("add_task", waiting)

    def _row(self, tag: str) -> int:
        self._write_waiting()
        return super()._row(tag)

    def _indexed(self, tag: str) -> int:
        found = self.tag(tag)
        if self._touched.get(found.row, {}) != {}:
            self._derive(found)
        return super()._indexed(tag)

    def _touch_all(self, tag: Tag) -> None:
        self._touched[tag.row] = None
        self._changed.add(tag.row)
        self._found.clear()

    def _touch(self, tag: Tag, task_id: str) -> None:
        self._changed.add(tag.row)
        self._found.pop((tag.row, task_id), None)
        owners = self._touched.setdefault(tag.row, {})
        if owners is not None:
            owners[stored(task_id)] = None

    def _resize(self, tag: Tag, size: int) -> None:
        self._tags()[tag.name] = self._tags()[tag.name]._replace(size=size)

    def _describe(self, tag: Tag, metadata: Mapping[str, object]) -> None:
        self.session.run("describe_tag", tag=tag.row, metadata=dumped(metadata))
        self._tags()[tag.name] = tag._replace(metadata=json.loads(json.dumps(metadata)))

    def _check_free(self, tag: str) -> None:
        if tag in self._tags():
            from taskmaster.stores.refusals import taken_tag

            raise taken_tag(tag)

    def _own(self, name: str) -> Tag:
        """The tag, which is in the database from now on, if it was only taken for granted."""
        tag = self.tag(name)
        return tag if tag.row else self._make_tag(name, tag.metadata)

    def _own_default(self) -> None:
        for name, tag in list(self._tags().items()):
            if not tag.row:
                self._own(name)

    def _make_tag(self, name: str, metadata: Mapping[str, object]) -> Tag:
        self.session.run("add_tag", name=stored(name), metadata=dumped(metadata))
        found = {row[1]: row[0] for row in self.session.rows("tags")}
        tag = Tag(found[stored(name)], name, json.loads(json.dumps(metadata)), 0, DERIVED)
        self.session.run("measure_tag", tag=tag.row, size=0, derived=DERIVED)
        self._tags()[name] = tag
        return tag
