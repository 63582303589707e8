from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from taskmaster.domain import forest
from taskmaster.domain.forest import Row

Below = dict[str, list[str]]


@st.composite
def branching(draw: st.DrawFn) -> Below:
    names = [str(one) for one in range(draw(st.integers(1, 8)))]
    pick = st.lists(st.sampled_from(names), max_size=4, unique=True)
    return {one: draw(pick) for one in names}


def test_a_branch_that_turns_up_again_is_marked_and_not_walked_again() -> None:
    below = {"a": ["b", "c"], "b": ["d"], "c": ["b", "d"], "d": []}

    assert list(forest.rows(["a"], below)) == [
        Row("a", 0, True, ""),
        Row("b", 1, False, ""),
        Row("d", 2, True, ""),
        Row("c", 1, True, ""),
        Row("b", 2, False, "repeated"),
        Row("d", 2, True, ""),
    ]


def test_a_circle_is_shown_and_ends() -> None:
    below = {"a": ["b"], "b": ["a", "b"]}

    assert forest.roots(below, below) == ["a"]
    assert [(row.id, row.mark) for row in forest.rows(["a"], below)] == [
        ("a", ""), ("b", ""), ("a", "circle"), ("b", "circle"),
    ]  # fmt: skip


def test_the_depth_cuts_what_is_below() -> None:
    below = {"a": ["b"], "b": ["c"]}

    assert [(row.id, row.mark) for row in forest.rows(["a"], below, 2)] == [("a", ""), ("b", "cut")]


@given(branching())
def test_every_id_is_met_and_every_edge_is_shown_once(below: Below) -> None:
    rows = list(forest.rows(forest.roots(below, below), below))
    shown: list[tuple[str, str]] = []
    trail: list[str] = []
    for row in rows:
        trail[row.depth :] = [row.id]
        shown += [(trail[row.depth - 1], row.id)] if row.depth else []

    assert {row.id for row in rows} == below.keys()
    assert sorted(shown) == sorted((one, step) for one, steps in below.items() for step in steps)
    assert len([row for row in rows if not row.depth]) + len(shown) == len(rows)


@given(branching(), st.integers(1, 4))
def test_no_row_is_deeper_than_asked(below: Below, depth: int) -> None:
    assert all(row.depth < depth for row in forest.rows(below, below, depth))


def test_a_chain_of_twenty_thousand_is_no_trouble() -> None:
    below = {str(one): [str(one + 1)] for one in range(20_000)}

    assert [row.depth for row in forest.rows(["0"], below)] == list(range(20_001))
