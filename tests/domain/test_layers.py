from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskmaster.domain import layers

Needs = dict[str, list[str]]


@st.composite
def acyclic(draw: st.DrawFn) -> Needs:
    names = [str(one) for one in range(draw(st.integers(0, 12)))]
    return {
        one: draw(st.lists(st.sampled_from(names[:place]), max_size=3, unique=True))
        if place
        else []
        for place, one in enumerate(names)
    }


@given(acyclic())
def test_boxes_stand_right_of_what_they_need_and_never_on_each_other(needs: Needs) -> None:
    drawing = layers.arranged(needs)

    assert drawing.spots.keys() == needs.keys()
    for one, found in needs.items():
        assert all(drawing.spots[need][0] < drawing.spots[one][0] for need in found)
    columns: dict[int, list[float]] = {}
    for column, height in drawing.spots.values():
        columns.setdefault(column, []).append(height)
    for heights in columns.values():
        assert all(b - a >= 1 - 1e-6 for a, b in pairwise(sorted(heights)))
        assert min(heights) >= -1e-6


@given(acyclic())
def test_a_line_goes_from_box_to_box_and_through_every_column(needs: Needs) -> None:
    drawing = layers.arranged(needs)

    assert set(drawing.lines) == {(need, one) for one, found in needs.items() for need in found}
    for (start, end), spots in drawing.lines.items():
        assert (spots[0], spots[-1]) == (drawing.spots[start], drawing.spots[end])
        assert all(b[0] == a[0] + 1 for a, b in pairwise(spots))


@given(acyclic())
def test_the_same_graph_gives_the_same_drawing(needs: Needs) -> None:
    assert layers.arranged(needs) == layers.arranged(dict(needs))


def test_lines_that_need_not_cross_do_not() -> None:
    needs: Needs = {"a": [], "b": [], "c": ["b"], "d": ["a"]}
    spots = layers.arranged(needs).spots

    assert (spots["a"][1] < spots["b"][1]) == (spots["d"][1] < spots["c"][1])
    assert spots["a"][1] == pytest.approx(spots["d"][1])


def test_very_many_long_lines_are_drawn_without_bends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "MOST_BENDS", 0)

    assert [len(line) for line in layers.arranged({"a": [], "b": ["a"], "c": ["a", "b"]}).lines
            .values()] == [2, 2, 2]  # fmt: skip
