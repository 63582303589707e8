from __future__ import annotations

import itertools
import random

from hypothesis import given
from hypothesis import strategies as st

from taskmaster.domain import graph
from taskmaster.domain.graph import Node
from taskmaster.domain.task import Task

LONG = 10_000


def nodes(edges: dict[int, list[int]], **statuses: str) -> dict[str, Node]:
    """Tasks that wait for others; ``t3="done"`` gives task 3 a status."""
    return graph.nodes(
        Task({"id": one, "dependencies": needs, "status": statuses.get(f"t{one}", "pending")})
        for one, needs in edges.items()
    )


def lengths(found: dict[str, Node], limit: int = LONG) -> dict[str, int]:
    needs = graph.open_needs(found)
    return graph.chain_lengths(needs, graph.waiter_counts(needs), limit)


def cut(found: dict[str, Node], circles: list[tuple[str, ...]]) -> dict[str, Node]:
    """Without the edge from the last member of each circle back to its first."""
    gone = {(circle[-1], circle[0]) for circle in circles}
    return {
        name: node._replace(
            dependencies=tuple(one for one in node.dependencies if (name, one) not in gone)
        )
        for name, node in found.items()
    }


def reachable(found: dict[str, Node], start: str) -> set[str]:
    """What *start* waits for, directly or not."""
    seen: set[str] = set()
    queue = list(found[start].dependencies)
    while queue:
        here = queue.pop()
        if here in found and here not in seen:
            seen.add(here)
            queue += found[here].dependencies
    return seen


GRAPHS = st.dictionaries(
    st.integers(1, 8), st.lists(st.integers(1, 9), max_size=4), max_size=8
).map(nodes)
STATUSES = st.lists(
    st.sampled_from(["pending", "done", "in-progress", "cancelled"]), min_size=8, max_size=8
)


@given(GRAPHS)
def test_a_circle_is_found_exactly_if_there_is_one(found: dict[str, Node]) -> None:
    on_a_circle = {name for name in found if name in reachable(found, name)}
    circles = graph.cycles(found)

    assert bool(circles) == bool(on_a_circle)
    assert {name for circle in circles for name in circle} <= on_a_circle


@given(GRAPHS)
def test_every_circle_told_is_a_circle_and_is_told_once(found: dict[str, Node]) -> None:
    circles = graph.cycles(found)

    assert len(circles) == len(set(circles))
    for circle in circles:
        assert len(circle) == len(set(circle))
        for one, other in zip(circle, (*circle[1:], circle[0]), strict=True):
            assert other in found[one].dependencies


@given(GRAPHS)
def test_cutting_the_closing_edge_of_each_circle_leaves_none(found: dict[str, Node]) -> None:
    assert graph.cycles(cut(found, graph.cycles(found))) == []


@given(GRAPHS, st.integers(1, 8), st.integers(1, 8))
def test_an_edge_closes_a_circle_exactly_if_one_is_there_with_it(
    found: dict[str, Node], one: int, other: int
) -> None:
    start, end = str(one), str(other)
    if start not in found or end not in found:
        return
    circle = graph.circle_closed_by(start, end, found)
    node = found[start]
    joined = {**found, start: node._replace(dependencies=(*node.dependencies, end))}

    assert (circle is not None) == (start == end or start in reachable(found, end))
    if circle is not None:
        assert circle[0] == start
        assert circle[1:2] in ((end,), ())
        assert all(
            after in joined[before].dependencies
            for before, after in zip(circle, (*circle[1:], circle[0]), strict=True)
        )
    elif not graph.cycles(found):
        assert not graph.cycles(joined)


def longest_line_behind(found: dict[str, Node], start: str) -> int:
    """By trying every order of every set of nodes: only for small graphs."""
    others = [name for name in found if name != start]
    best = 0
    for size in range(1, len(others) + 1):
        for line in itertools.permutations(others, size):
            chain = (start, *line)
            if all(
                before in graph.waiting_for(found[after], found)
                and found[after].status not in ("done", "cancelled")
                for before, after in itertools.pairwise(chain)
            ):
                best = size
    return best


@given(
    st.dictionaries(st.integers(1, 5), st.lists(st.integers(1, 6), max_size=3), max_size=5),
    STATUSES,
)
def test_the_longest_line_behind_a_task_is_as_long_as_any_that_can_be_made(
    edges: dict[int, list[int]], words: list[str]
) -> None:
    upwards = {one: [other for other in needs if other < one] for one, needs in edges.items()}
    found = nodes(upwards, **{f"t{number}": word for number, word in enumerate(words)})
    expected = {
        name: behind
        for name, node in found.items()
        if node.status not in ("done", "cancelled") and (behind := longest_line_behind(found, name))
    }

    assert lengths(found) == expected


def test_the_line_behind_a_circle_and_what_it_needs_is_endless() -> None:
    found = nodes({1: [3], 2: [1], 3: [2, 6], 4: [], 5: [4, 1], 6: [], 7: [7]})

    assert lengths(found, 8) == {"1": 8, "2": 8, "3": 8, "4": 1, "6": 8, "7": 8}


def step_by_step(found: dict[str, Node], limit: int) -> dict[str, int]:
    """The same by another definition: look one node further behind, as often as *limit* says."""
    waiters = {
        one: [
            name
            for name, node in found.items()
            if node.status not in ("done", "cancelled") and one in graph.waiting_for(node, found)
        ]
        for one in found
    }
    behind = dict.fromkeys(found, 0)
    for _ in range(limit):
        behind = {one: max((1 + behind[n] for n in ns), default=0) for one, ns in waiters.items()}
    return {one: line for one, line in behind.items() if line}


@given(GRAPHS, STATUSES, st.integers(1, 9))
def test_a_line_is_as_long_as_looking_back_step_by_step_says(
    found: dict[str, Node], words: list[str], limit: int
) -> None:
    given_statuses = dict(zip(map(str, range(1, 9)), words, strict=True))
    found = {name: node._replace(status=given_statuses[name]) for name, node in found.items()}

    assert lengths(found, limit) == step_by_step(found, limit)


def test_a_chain_of_ten_thousand_is_no_trouble() -> None:
    found = nodes({number: [number - 1] for number in range(1, LONG + 1)})

    assert lengths(found)["1"] == LONG - 1
    assert graph.cycles(found) == []
    circle = graph.circle_closed_by("1", str(LONG), found)
    assert circle is not None
    assert len(circle) == LONG


def test_a_circle_of_ten_thousand_is_no_trouble() -> None:
    found = nodes({number: [number % LONG + 1] for number in range(1, LONG + 1)})

    assert [len(circle) for circle in graph.cycles(found)] == [LONG]


def test_a_task_with_thousands_of_subtasks_is_no_trouble() -> None:
    steps = [{"id": number, "dependencies": [number - 1]} for number in range(1, 3001)]

    found = graph.nodes([Task({"id": 1, "subtasks": steps})])

    assert found["1.3000"].dependencies == ("1.2999",)


def test_waiting_for_itself_is_a_circle_of_one() -> None:
    assert graph.cycles(nodes({1: [1]})) == [("1",)]
    assert graph.circle_closed_by("1", "1", nodes({1: []})) == ("1",)


def test_naming_the_same_circle_twice_is_one_circle() -> None:
    assert graph.cycles(nodes({1: [2, 2], 2: [1, 1]})) == [("1", "2")]


def test_only_open_tasks_that_exist_are_waited_for() -> None:
    found = nodes({1: [], 2: [], 3: [], 4: [1, 2, 3, 99]}, t1="done", t2="cancelled")

    assert graph.waiting_for(found["4"], found) == ["3"]


def test_who_waits_is_told_once_even_when_the_file_says_it_twice() -> None:
    assert graph.dependents(nodes({1: [], 2: [1, 1], 3: [1]})) == {"1": ["2", "3"]}


def test_the_first_of_two_tasks_with_one_id_counts() -> None:
    found = graph.nodes([Task({"id": 1, "title": "first"}), Task({"id": "1", "title": "second"})])

    assert found["1"].task.title == "first"


def test_subtasks_follow_their_task() -> None:
    task = Task({"id": 1, "subtasks": [{"id": 1}, {"id": 2, "dependencies": [1]}]})
    found = graph.nodes([task, Task({"id": 2})])

    assert list(found) == ["1", "1.1", "1.2", "2"]
    assert found["1"].children == ("1.1", "1.2")
    assert (found["1.2"].parent, found["1.2"].dependencies) == ("1", ("1.1",))


def test_a_tangle_of_thousands_is_untied_in_one_look() -> None:
    chance = random.Random(1)  # noqa: S311  # the same tangle every time, no secret
    entangled = [
        Task({"id": number, "dependencies": [chance.randint(1, 3000) for _ in range(3)]})
        for number in range(1, 3001)
    ]
    nodes = graph.nodes(entangled)
    for task, one in graph.closing_edges(nodes):
        kept = tuple(name for name in nodes[task].dependencies if name != one)
        nodes[task] = nodes[task]._replace(dependencies=kept)
    assert graph.cycles(nodes) == []
    assert len(graph.cycles(graph.nodes(entangled))) == graph.MOST_CIRCLES
