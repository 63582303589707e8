from __future__ import annotations

import pytest
from tests.usecases.conftest import Project, step, task

from taskmaster.domain.grammar import parse
from taskmaster.errors import Invalid, NotFound
from taskmaster.usecases import arranging, listing
from taskmaster.usecases.listing import Wanted


@pytest.fixture
def drawn(project: Project) -> Project:
    project.write(
        master=[
            task(1, status="done"),
            task(2, status="cancelled", priority="low"),
            task(3, dependencies=[1, 2], priority="high", subtasks=[step(1)]),
            task(4, dependencies=[3]),
            task(5, status="review", dependencies=[4]),
            task(6, status="in-progress", dependencies=[99]),
        ],
        other=[task(1, priority="high"), task(2, status="todo")],
    )
    return project


def ids(project: Project, wanted: Wanted) -> list[str]:
    return [one.id for one in listing.list_tasks(project.workspace(), wanted).tasks]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(), ["1", "2", "3", "4", "5", "6"]),
        (Wanted(statuses=frozenset({"done", "review"})), ["1", "5"]),
        (Wanted(priorities=frozenset({"high"})), ["3"]),
        (Wanted(ready=True), ["3", "6"]),
        (Wanted(blocking=True), ["3", "4"]),
        (Wanted(ready=True, blocking=True), ["3"]),
        (Wanted(statuses=frozenset({"done"}), priorities=frozenset({"high"})), []),
    ],
)
def test_tasks_are_chosen_that_meet_every_condition(
    drawn: Project, wanted: Wanted, expected: list[str]
) -> None:
    assert ids(drawn, wanted) == expected


def test_every_tag_is_listed_on_its_own(drawn: Project) -> None:
    wanted = Wanted(priorities=frozenset({"high"}))

    found = listing.list_all_tags(drawn.workspace(), wanted)

    assert [(one.tag, one.total, [task.id for task in one.tasks]) for one in found] == [
        ("master", 6, ["3"]),
        ("other", 2, ["1"]),
    ]


@pytest.mark.parametrize("offset", range(9))
@pytest.mark.parametrize("limit", range(9))
def test_a_page_through_all_tags_is_cut_from_what_would_be_listed(
    drawn: Project, offset: int, limit: int
) -> None:
    for wanted in (
        Wanted(),
        Wanted(priorities=frozenset({"high"})),
        Wanted(where=parse("is:open")),
    ):
        every = listing.list_all_tags(drawn.workspace(), wanted)
        cut = wanted._replace(offset=offset, limit=limit)
        paged = listing.list_all_tags(drawn.workspace(), cut)

        assert [list(one.tasks) for one in paged] == [
            list(one.tasks) for one in arranging.page(every, offset, limit)
        ]
        assert [(one.total, one.matching, one.counts) for one in paged] == [
            (one.total, len(one.tasks), one.counts) for one in every
        ]


def test_the_summary_counts_whole_tasks_whatever_was_chosen(drawn: Project) -> None:
    found = listing.list_tasks(drawn.workspace(), Wanted(statuses=frozenset({"done"})))

    assert found.counts == (
        {"done": 1, "cancelled": 1, "pending": 2, "review": 1, "in-progress": 1}, 2, 2,
    )  # fmt: skip


def test_what_is_counted_as_ready_is_what_is_listed_as_ready(drawn: Project) -> None:
    ready = listing.list_tasks(drawn.workspace(), Wanted(ready=True))

    assert ready.counts.ready == len(ready.tasks)


def test_words_for_statuses_and_priorities_are_those_people_use() -> None:
    assert listing.statuses_of("todo, completed") == {"pending", "done"}
    assert listing.priorities_of("P0, haute,low") == {"critical", "high", "low"}
    assert listing.statuses_of("") == listing.priorities_of("") == frozenset()


def test_a_word_that_means_none_is_refused() -> None:
    with pytest.raises(Invalid, match="'bogus' is not a status"):
        listing.statuses_of("done,bogus")
    with pytest.raises(Invalid, match="'huge' is not a priority"):
        listing.priorities_of("low,huge")


def test_a_missing_tag_is_not_found(drawn: Project) -> None:
    with pytest.raises(NotFound, match="no tag typo") as caught:
        listing.list_tasks(drawn.workspace("typo"), Wanted())

    assert "master, other" in caught.value.hint
