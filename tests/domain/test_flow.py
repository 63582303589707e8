"""The flow of work read from the change log, compared with what was seen at the time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.usecases.drawn import project, step, task

from taskmaster.domain import flow
from taskmaster.domain.changes import EXTERNAL, Actor
from taskmaster.domain.flow import Finished, Flow
from taskmaster.domain.task import COMPLETE, Task
from taskmaster.workspace import Workspace


class Diary:
    """A project, a day that passes, and what was open at the end of each day."""

    def __init__(self, *tasks: dict[str, object]) -> None:
        self.ws = project(*tasks)
        self.ws.clock = lambda: self.now
        self.tag = "master"
        self.day = 0
        self.seen: dict[str, int] = {}

    @property
    def now(self) -> str:
        moment = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC) + dt.timedelta(self.day)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")

    def open(self) -> int:
        with self.ws.reading() as reader:
            found = [one for task in reader.tasks(self.tag) for one in flow.pieces(task)]
        return sum(status not in COMPLETE for _, status in found)

    def does(self, act: Callable[[Diary], None], days: int = 1) -> Diary:
        act(self)
        self.seen[self.now[:10]] = self.open()
        self.day += days
        return self

    def put(self, **doc: object) -> Diary:
        return self.does(lambda diary: put(diary.ws, doc))

    def flow(self) -> Flow:
        with self.ws.reading() as reader:
            tasks = {tag: reader.tasks(tag) for tag in reader.tags()}
            return flow.read(tasks, list(reader.changes_since(0)), self.tag)

    def finished(self) -> list[tuple[str, str, str, str]]:
        """(id, and the days on which it was created, begun and finished)."""
        return [
            (one.id, one.created[:10], one.begun[:10], one.finished[:10])
            for one in self.flow().finished
        ]


def put(ws: Workspace, doc: dict[str, object]) -> None:
    with ws.writing("edit") as writer:
        writer.put(ws.tag, Task(doc))


def test_a_piece_is_created_begun_and_finished() -> None:
    diary = (
        Diary().put(**task(1)).put(**task(1, status="in-progress")).put(**task(1, status="done"))
    )

    assert diary.finished() == [("1", "2026-01-01", "2026-01-02", "2026-01-03")]
    assert diary.flow().opened == 0
    assert diary.flow().since == "2026-01-01T12:00:00.000Z"
    assert diary.flow().ends == {"2026-01-01": 1, "2026-01-02": 1, "2026-01-03": 0}


def test_an_empty_log_tells_nothing_and_fails_nothing() -> None:
    assert Diary(task(1), task(2, status="done")).flow() == Flow("", 1, [], {})


def test_what_was_there_before_the_log_has_the_date_it_carries_or_none() -> None:
    diary = Diary(task(1, createdAt="2025-12-24T10:00:00Z"), task(2))
    diary.put(**task(1, createdAt="2025-12-24T10:00:00Z", status="done"))
    diary.put(**task(2, status="done"))

    assert diary.finished() == [
        ("1", "2025-12-24", "", "2026-01-01"),
        ("2", "", "", "2026-01-02"),
    ]
    assert diary.flow().opened == 2


def test_what_was_reopened_is_finished_when_it_is_done_for_good() -> None:
    diary = Diary(task(1), task(2))
    for status in ("in-progress", "done", "pending", "in-progress", "done"):
        diary.put(**task(1, status=status))
    diary.put(**task(2, status="done")).put(**task(2, status="pending"))

    assert diary.finished() == [("1", "", "2026-01-01", "2026-01-05")]


def test_a_task_with_subtasks_counts_through_them() -> None:
    diary = Diary(task(1, subtasks=[step(1), step(2)]))
    diary.put(**task(1, subtasks=[step(1, status="done"), step(2)]))
    diary.put(**task(1, status="done", subtasks=[step(1, status="done"), step(2)]))

    assert diary.finished() == [("1.1", "", "", "2026-01-01"), ("1.2", "", "", "2026-01-02")]
    assert diary.flow().ends == {"2026-01-01": 1, "2026-01-02": 0}


def test_dividing_a_task_finishes_nothing() -> None:
    diary = Diary().put(**task(1)).put(**task(1, subtasks=[step(1), step(2)]))

    assert diary.finished() == []
    assert diary.flow().ends == {"2026-01-01": 1, "2026-01-02": 2}


def test_finished_work_that_was_removed_was_still_finished() -> None:
    def remove(diary: Diary) -> None:
        with diary.ws.writing("remove-task") as writer:
            writer.remove("master", "1")

    diary = Diary(task(1), task(2)).put(**task(1, status="done")).does(remove)
    diary.put(**task(1, title="another")).put(**task(1, title="another", status="done"))

    assert diary.finished() == [
        ("1", "", "", "2026-01-01"),
        ("1", "2026-01-03", "", "2026-01-04"),
    ]


def test_what_moves_elsewhere_keeps_its_past() -> None:
    def move(diary: Diary) -> None:
        with diary.ws.writing("move") as writer:
            docs = [writer.remove("master", one).doc for one in ("1", "2")]
            for doc, number in zip(docs, (2, 1), strict=True):
                writer.put("master", Task({**doc, "id": number}))

    diary = Diary().put(**task(1)).put(**task(2)).put(**task(1, status="in-progress")).does(move)
    diary.put(**task(2, title="Task 1", status="done"))

    assert diary.finished() == [("2", "2026-01-01", "2026-01-03", "2026-01-05")]


def test_a_renamed_tag_keeps_its_past() -> None:
    def rename(diary: Diary) -> None:
        with diary.ws.writing("rename-tag") as writer:
            writer.rename_tag("master", "main")
        diary.tag = diary.ws.tag = "main"

    diary = Diary(task(1), task(2)).put(**task(1, status="done")).does(rename)
    diary.put(**task(2, status="done"))

    assert [one[0] for one in diary.finished()] == ["1", "2"]
    assert diary.flow().ends == {"2026-01-01": 1, "2026-01-02": 1, "2026-01-03": 0}


def test_other_tags_do_not_count() -> None:
    diary = Diary(task(1))
    with diary.ws.writing("add-tag") as writer:
        writer.add_tag("other", {})
        writer.put("other", Task(task(1)))
    with diary.ws.writing("set-status") as writer:
        writer.put("other", Task(task(1, status="done")))

    assert diary.finished() == []
    assert diary.flow().ends == {"2026-01-01": 1}


def test_what_another_program_finished_says_so() -> None:
    diary = Diary(task(1))
    diary.ws.actor = EXTERNAL
    diary.put(**task(1, status="done"))
    diary.ws.actor = Actor("ann", "person", "")

    assert diary.flow().finished == [
        Finished("1", "", "", "2026-01-01T12:00:00.000Z", noticed=True)
    ]


STATUSES = ("pending", "in-progress", "done", "cancelled", "deferred")
entries = st.fixed_dictionaries(
    {
        "id": st.integers(1, 4),
        "title": st.sampled_from("ab"),
        "status": st.sampled_from(STATUSES),
        "subtasks": st.lists(
            st.fixed_dictionaries(
                {
                    "id": st.integers(1, 4),
                    "title": st.sampled_from("ab"),
                    "status": st.sampled_from(STATUSES),
                }
            ),
            max_size=3,
            unique_by=lambda one: one["id"],
        ),
    }
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(entries, st.booleans(), st.integers(0, 2)), max_size=14))
def test_the_log_tells_what_was_open_on_each_day(
    acts: list[tuple[dict[str, object], bool, int]],
) -> None:
    diary = Diary(task(1), task(2, subtasks=[step(1)]))
    before = diary.open()
    for doc, keep, days in acts:

        def act(diary: Diary, doc: dict[str, object] = doc, keep: bool = keep) -> None:
            with diary.ws.writing("edit") as writer:
                if keep or str(doc["id"]) not in writer.nodes("master"):
                    writer.put("master", Task(doc))
                else:
                    writer.remove("master", str(doc["id"]))

        diary.does(act, days)
    found = diary.flow()

    assert found.opened == before
    assert found.ends.items() <= diary.seen.items()
    assert all(not one.begun or one.begun <= one.finished for one in found.finished)
