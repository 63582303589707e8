"""What is not seen through an engine: records between whole states, and records that do not fit."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskmaster.domain import changes
from taskmaster.domain.changes import ABSENT, Change, TagState

ENTRIES = st.lists(
    st.fixed_dictionaries(
        {"id": st.sampled_from([1, 2, 3, "3", "a-1"])},
        optional={
            "title": st.text(max_size=2),
            "subtasks": st.lists(
                st.fixed_dictionaries({"id": st.integers(1, 3)}, optional={"x": st.booleans()}),
                max_size=3,
            ),
            "x": st.sampled_from([1, 1.0, True, None, "", [], {}]),
        },
    ),
    max_size=5,
)
STATES = st.dictionaries(
    st.sampled_from(["master", "a", "b"]),
    st.builds(TagState, st.dictionaries(st.sampled_from("xy"), st.integers(0, 2)), ENTRIES),
    min_size=1,
)


def replayed(states: dict[str, TagState], found: list[Change]) -> dict[str, TagState]:
    for change in found:
        states = changes.replayed(states, change)
    return states


def plain(states: dict[str, TagState]) -> dict[str, Any]:
    return {tag: [dict(one.metadata), list(one.entries)] for tag, one in states.items()}


@given(STATES, STATES)
def test_the_records_between_two_states_lead_from_one_to_the_other_and_back(
    old: dict[str, TagState], new: dict[str, TagState]
) -> None:
    before = copy.deepcopy(old)
    found = list(changes.between_states(old, new))

    after = replayed(old, found)
    assert changes.same(plain(after), plain(new))
    back = replayed(after, [changes.inverse(change) for change in reversed(found)])
    assert changes.same(plain(back), plain(before))
    assert changes.same(plain(old), plain(before))


@given(STATES)
def test_nothing_lies_between_equal_states(states: dict[str, TagState]) -> None:
    assert list(changes.between_states(states, copy.deepcopy(states))) == []


def test_taking_back_twice_is_the_record_itself() -> None:
    fields = {"x": (ABSENT, 1), "y": (2, ABSENT), "name": ("a", "b")}
    for kind in ("added", "removed", "changed", "tag-added", "tag-removed", "tag-changed"):
        change = Change(kind, "a", "1", fields, {"id": 1}, 0)
        assert changes.inverse(changes.inverse(change)) == change


@pytest.mark.parametrize(
    "change",
    [
        changes.removed("a", "1", {"id": 1, "title": "other"}, 0),
        changes.removed("a", "1", {"id": 1}, 5),
        Change("changed", "a", "1", {"x": (2, 3)}, None, 0),
        Change("changed", "a", "9", {"x": (1, 3)}, None, 0),
        changes.reordered("a", ["2", "1"], ["1", "2"]),
        changes.tag_change("removed", "b", {}),
        changes.tag_change("changed", "a", {"z": (1, 2)}),
    ],
)
def test_a_record_that_does_not_fit_is_refused(change: Change) -> None:
    states = {"a": TagState({}, [{"id": 1, "x": 1}, {"id": 2}])}

    with pytest.raises(ValueError, match="does not fit"):
        changes.replayed(states, change)


@pytest.mark.parametrize(("one", "other"), [(1, 1.0), (1, True), (0, False), ([], {}), ("", None)])
def test_values_that_json_tells_apart_are_not_the_same(one: object, other: object) -> None:
    assert not changes.same({"x": [one]}, {"x": [other]})


def test_values_of_any_depth_can_be_compared() -> None:
    def deep(value: object) -> object:
        for _ in range(100_000):
            value = [value]
        return value

    assert changes.same(deep(1), deep(1))
    assert not changes.same(deep(1), deep(2))
