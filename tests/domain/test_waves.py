"""Work as a graph of its own, its longest chain, its circles and its waves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskmaster.domain import graph, paths, work
from taskmaster.domain.graph import Node
from taskmaster.domain.task import COMPLETE, STATUSES, Task
from taskmaster.domain.waves import Stuck, waves

Graph = dict[str, list[str]]


def task(number: int, *needs: object, **fields: object) -> dict[str, object]:
    return {"id": number, "title": f"Task {number}", "dependencies": list(needs), **fields}


def nodes_of(*docs: dict[str, object]) -> dict[str, Node]:
    return graph.nodes([Task(doc) for doc in docs])


def found(*docs: dict[str, object], subtasks: bool = False) -> list[list[str]]:
    nodes = nodes_of(*docs)
    return [list(one) for one in waves(work.open_work(nodes, subtasks=subtasks), nodes).waves]


def stuck(*docs: dict[str, object]) -> list[Stuck]:
    nodes = nodes_of(*docs)
    return list(waves(work.open_work(nodes), nodes).stuck)


@st.composite
def projects(draw: st.DrawFn) -> dict[str, Node]:
    """Tasks and subtasks that wait for any of each other, with every status."""
    count = draw(st.integers(1, 7))
    steps = draw(st.lists(st.integers(0, 2), min_size=count, max_size=count))
    every = [str(one) for one in range(1, count + 1)]
    every += [
        f"{one}.{step}" for one in range(1, count + 1) for step in range(1, steps[one - 1] + 1)
    ]
    needs = st.lists(st.sampled_from(every), max_size=3)
    status = st.sampled_from((*STATUSES, "pending", "pending", "pending"))
    return nodes_of(
        *(
            task(
                one,
                *draw(needs),
                status=draw(status),
                subtasks=[
                    task(step, *draw(needs), status=draw(status))
                    for step in range(1, steps[one - 1] + 1)
                ],
            )
            for one in range(1, count + 1)
        )
    )


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    names = [str(one) for one in range(draw(st.integers(0, 7)))]
    pick = st.lists(st.sampled_from(names), max_size=4, unique=True) if names else st.just([])
    return {one: draw(pick) for one in names}


def chains(needs: Mapping[str, Sequence[str]], end: str) -> list[tuple[str, ...]]:
    """Every way that leads to *end*, by looking at all of them."""
    longer = [chain for need in needs[end] for chain in chains(needs, need)]
    return [(end,), *((*chain, end) for chain in longer)]


def test_each_wave_can_begin_when_the_one_before_is_complete() -> None:
    docs = [task(1), task(2, 1), task(3), task(4, 2, 3), task(5, 9, status="pending")]

    assert found(*docs) == [["1", "3", "5"], ["2"], ["4"]]


def test_what_is_complete_keeps_nobody_waiting() -> None:
    assert found(task(1, status="done"), task(2, 1), task(3, status="cancelled"), task(4, 3)) == [
        ["2", "4"]
    ]


def test_waiting_for_a_subtask_is_waiting_for_its_task() -> None:
    parent = task(1, subtasks=[task(1), task(2, 1)])

    assert found(parent, task(2, "1.1")) == [["1"], ["2"]]
    assert found(parent, task(2, "1.1"), subtasks=True) == [["1.1"], ["1.2", "2"]]


def test_subtasks_wait_for_what_their_task_waits_for() -> None:
    docs = [task(1), task(2, 1, subtasks=[task(1), task(2)]), task(3, 2)]

    assert found(*docs, subtasks=True) == [["1"], ["2.1", "2.2"], ["3"]]


def test_circles_and_what_waits_for_them_are_named_with_the_reason() -> None:
    docs = [task(1, 2), task(2, 3), task(3, 1), task(4, 3), task(5, 5), task(6)]

    assert found(*docs) == [["6"]]
    assert stuck(*docs) == [
        Stuck("1", "circle", "each waits for the next: 1 → 2 → 3 → 1"),
        Stuck("2", "circle", "each waits for the next: 1 → 2 → 3 → 1"),
        Stuck("3", "circle", "each waits for the next: 1 → 2 → 3 → 1"),
        Stuck("4", "behind-circle", "it waits for 3"),
        Stuck("5", "circle", "each waits for the next: 5 → 5"),
    ]


def test_what_a_status_holds_up_is_told_apart_from_circles() -> None:
    docs = [
        task(1, status="deferred"),
        task(2, 1),
        task(3, 2),
        task(4, status="review"),
        task(5, 4),
    ]

    assert found(*docs) == [["4"], ["5"]]
    assert stuck(*docs) == [
        Stuck("1", "held", "its status is deferred"),
        Stuck("2", "behind-held", "it waits for 1"),
        Stuck("3", "behind-held", "it waits for 2"),
    ]


def test_an_open_subtask_of_a_done_task_holds_up_who_waits_for_it() -> None:
    docs = [task(1, status="done", subtasks=[task(1)]), task(2, "1.1")]

    assert found(*docs) == []
    assert [(one.id, one.kind) for one in stuck(*docs)] == [("1.1", "held"), ("2", "behind-held")]


@given(projects(), st.booleans())
def test_everything_open_is_in_one_wave_after_all_its_needs_or_stuck(
    nodes: dict[str, Node], subtasks: bool
) -> None:
    opened = work.open_work(nodes, subtasks=subtasks)
    answer = waves(opened, nodes)
    level = {one: number for number, wave in enumerate(answer.waves) for one in wave}
    apart = {one.id for one in answer.stuck}

    assert level.keys() | apart | opened.gathers >= opened.needs.keys()
    assert not level.keys() & apart
    assert all(answer.waves)
    for one, number in level.items():
        for need in opened.needs[one]:
            assert need not in apart
            assert need in opened.gathers or level[need] < number
    assert {one for one, node in nodes.items() if not node.parent and one not in opened.needs} == {
        one for one, node in nodes.items() if not node.parent and node.status in COMPLETE
    }


@given(projects())
def test_the_first_wave_is_what_is_ready_and_what_is_in_review(nodes: dict[str, Node]) -> None:
    answer = waves(work.open_work(nodes), nodes).waves
    first = set(answer[0]) if answer else set()
    needs = graph.open_needs(nodes)

    assert first == {
        one
        for one, node in nodes.items()
        if not node.parent
        and one not in needs
        and node.status in ("pending", "in-progress", "review")
    }


@given(graphs())
def test_an_order_has_everything_that_no_circle_holds_up_after_its_needs(needs: Graph) -> None:
    order = paths.in_order(needs)
    tangled = {one for circle in paths.circles(needs) for one in circle}
    held = set(tangled)
    while more := {one for one in needs if one not in held and held & set(needs[one])}:
        held |= more

    assert set(order) == needs.keys() - held
    assert all(order.index(need) < order.index(one) for one in order for need in needs[one])


@given(graphs())
def test_circles_are_who_can_be_reached_from_itself(needs: Graph) -> None:
    reach = {one: set(needs[one]) for one in needs}
    for _ in needs:
        reach = {one: ends.union(*(reach[end] for end in ends)) for one, ends in reach.items()}
    answer = paths.circles(needs)

    assert sorted(one for circle in answer for one in circle) == [
        one for one in needs if one in reach[one]
    ]
    for circle in answer:
        assert all(reach[one] >= set(circle) for one in circle)
        way = paths.trail(needs, circle)
        assert way[0] == way[-1] == circle[0]
        assert all(step in needs[one] for one, step in pairwise(way))


@given(graphs(), st.data())
def test_the_critical_path_is_the_heaviest_of_all_chains(needs: Graph, data: st.DataObject) -> None:
    free = paths.in_order(needs)
    needs = {one: needs[one] for one in needs if one in free}
    hours = st.none() | st.sampled_from([0.0, 0.5, 1.0, 3.0])
    drawn = {one: data.draw(hours) for one in needs}
    known = {one: value for one, value in drawn.items() if value is not None}
    found = paths.critical_path(work.Work(needs, known, frozenset()))

    usual = sorted(known.values())[len(known) // 2] if known else 1.0
    weights = {one: known.get(one, usual) if known else 1.0 for one in needs}
    every = [chain for one in needs for chain in chains(needs, one)]
    assert found.total == max((sum(weights[one] for one in way) for way in every), default=0)
    assert found.total == sum(weights[one] for one in found.ids)
    assert found.ids in every or not needs
    assert found.by == ("estimate" if known else "count")
    assert found.guessed == (sum(one not in known for one in found.ids) if known else 0)


def test_a_task_without_estimate_takes_that_of_its_open_subtasks() -> None:
    steps = [task(1, effort=2), task(2, effort=3, status="done"), task(3)]
    nodes = nodes_of(task(1, subtasks=steps), task(2, effort=1), task(3, 2, effort=-4))

    assert work.open_work(nodes).hours == {"1": 2, "2": 1, "3": 0}
    assert work.open_work(nodes, subtasks=True).hours == {"1": 0, "1.1": 2, "2": 1, "3": 0}


def test_a_chain_of_twenty_thousand_is_no_trouble() -> None:
    needs = {str(one): [str(one - 1)] if one else [] for one in range(20_000)}
    closed = {**needs, "0": ["19999"]}

    assert len(paths.longest(needs, dict.fromkeys(needs, 1.0))[0]) == 20_000
    assert len(paths.circles(closed)[0]) == 20_000
    assert paths.in_order(closed) == []


@pytest.mark.parametrize(("wanted", "found"), [("2", "123"), ("4", "45"), ("14", "12345")])
def test_around_a_task_is_all_that_leads_to_it_and_away_from_it(wanted: str, found: str) -> None:
    needs: Graph = {"1": [], "2": ["1"], "3": ["2"], "4": [], "5": ["4"], "6": []}

    assert work.around(needs, wanted) == set(found)


def test_what_is_put_off_holds_up_what_waits_for_it_until_its_day() -> None:
    nodes = graph.nodes(
        [Task({"id": 1, "deferUntil": "2026-06-10"}), Task({"id": 2, "dependencies": [1]})]
    )
    early, late = (waves(work.open_work(nodes), nodes, day) for day in ("2026-06-09", "2026-06-10"))
    assert [one.id for one in early.stuck] == ["1", "2"]
    assert [list(one) for one in late.waves] == [["1"], ["2"]]
