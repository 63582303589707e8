"""Reading a project from a database: from indexes where they are kept, else from all tasks."""

from __future__ import annotations

import json

from taskmaster.domain import ids
from taskmaster.domain.task import Task
from taskmaster.stores.sql.tags import DERIVED, Tag
from taskmaster.stores.sql.text import stored, told
from taskmaster.stores.working import PlainAnswers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from taskmaster.domain.changes import Transaction
    from taskmaster.domain.choice import Page, Tally, Wanted
    from taskmaster.domain.graph import Node
    from taskmaster.domain.schedule import Choice
    from taskmaster.stores.sql.session import Session

DEFAULT_TAG = "master"
HUGE = 10**15
"""Stands for every id that is a larger number: no column could hold them all."""
_AT_ONCE = 2_000


class SqlReader(PlainAnswers):
    """One transaction of the database as a Reader; see ``ports`` for the contract."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._known: dict[str, Tag] | None = None

    def tags(self) -> Sequence[str]:
        return tuple(self._tags())

    def metadata(self, tag: str) -> Mapping[str, object]:
        return self.tag(tag).metadata

    def tasks(self, tag: str) -> list[Task]:
        return [Task(entry) for entry in self.entries(tag) if isinstance(entry, dict)]

    def entries(self, tag: str) -> Iterator[object]:
        return (json.loads(doc) for doc in self._docs(self._row(tag)))

    def get(self, tag: str, task_id: str) -> Task:
        found = self._find(self.tag(tag), ids.normal(task_id))
        if found is None:
            from taskmaster.stores.refusals import missing_task

            raise missing_task(tag, task_id)
        return found[1]

    def changes_since(self, number: int) -> Iterator[Transaction]:
        from taskmaster import wire

        found = [(number, "")]
        while found:
            found = self.session.rows("changes_after", number=found[-1][0], most=_AT_ONCE)
            for _last, record in found:
                yield wire.transaction_from_json(json.loads(record))

    def carried_out(self, request: str) -> Transaction | None:
        found = self.session.row("find_request", request=stored(request))
        if found is None:
            return None
        from taskmaster import wire

        return wire.transaction_from_json(json.loads(found[0]))

    def last_change(self) -> int:
        return self._last()[0]

    def numbering(self, tag: str) -> tuple[int, object]:
        row = self._row(tag)
        (highest,) = self.session.row("highest_number", tag=row) or (0,)
        if highest >= HUGE:
            highest = max(int(one) for (one,) in self.session.rows("huge_ids", tag=row, huge=HUGE))
        first = self.session.row("first_task", tag=row)
        return int(highest), json.loads(first[0]).get("id", 0) if first else 0

    def around(self, tag: str, ids: Iterable[str]) -> Mapping[str, Node]:
        row = self._indexed(tag)
        if not row:
            return super().around(tag, ids)
        from taskmaster.stores.sql import answers

        return answers.around(self.session, row, [stored(one) for one in ids])

    def best(self, tag: str, today: str, most: int) -> tuple[Sequence[Choice], int]:
        row = self._indexed(tag)
        if row:
            from taskmaster.stores.sql import ranking

            found = ranking.best(self.session, row, today, most)
            if found is not None:
                return found
        return super().best(tag, today, most)

    def page(self, tag: str, wanted: Wanted, today: str, offset: int, limit: int) -> Page:
        row = self._indexed(tag)
        if not row:
            return super().page(tag, wanted, today, offset, limit)
        from taskmaster.stores.sql import answers

        return answers.page(self.session, self.tag(tag), wanted, today, offset, limit)

    def tally(self, tag: str, today: str) -> Tally:
        row = self._indexed(tag)
        if not row:
            return super().tally(tag, today)
        from taskmaster.stores.sql import answers

        return answers.tally(self.session, row, today)

    def containing(self, tag: str, words: Sequence[str]) -> Sequence[Task]:
        from taskmaster.stores.sql import answers

        return answers.containing(self.session, self._row(tag), words)

    def _row(self, tag: str) -> int:
        """The tag's row in the database, in which all its tasks are."""
        return self.tag(tag).row

    def _indexed(self, tag: str) -> int:
        """The same where also what follows from the tasks is there and true, else 0."""
        found = self.tag(tag)
        return found.row if found.derived == DERIVED else 0

    def _find(self, tag: Tag, task_id: str) -> tuple[int, Task] | None:
        """The first task with this id, and its position."""
        found = self.session.row("get_task", tag=tag.row, id=stored(task_id))
        return (found[0], Task(json.loads(found[1]))) if found else None

    def _docs(self, tag: int) -> Iterator[str]:
        """Every entry of a list, in order."""
        after = -1
        while True:
            found = self.session.rows("next_tasks", tag=tag, after=after, most=_AT_ONCE)
            for position, _id, doc in found:
                after = position
                yield doc
            if len(found) < _AT_ONCE:
                return

    def _last(self) -> tuple[int, str]:
        """Number and time of the last change."""
        if self.session.last is None:
            self.session.last = (self.session.row("position") or (0, ""))[:2]
        return self.session.last

    def stored_tags(self) -> list[Tag]:
        """The tags that are in the database; there may be none."""
        found, self.session.tags = self.session.tags, None
        return [
            Tag(row, told(name), json.loads(metadata), size, derived)
            for row, name, metadata, size, derived in found or self.session.rows("tags")
        ]

    def _tags(self) -> dict[str, Tag]:
        if self._known is None:
            self._known = {tag.name: tag for tag in self.stored_tags()} or {
                DEFAULT_TAG: Tag(0, DEFAULT_TAG, {}, 0, 0)
            }
        return self._known

    def tag(self, name: str) -> Tag:
        """The tag with this name. Raises NotFound."""
        known = self._tags()
        if name not in known:
            from taskmaster.stores.refusals import missing_tag

            raise missing_tag(name, known)
        return known[name]
