from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskmaster.domain import ids
from taskmaster.errors import Invalid, NotFound, Usage

KNOWN = ("1", "2", "2.1", "2.2", "2.3", "2.5", "3", "4", "10", "T-001", "11-1")


def select(text: str | Sequence[str], known: Sequence[str] = KNOWN) -> list[str]:
    return ids.select(text, lambda: known)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3", ["3"]),
        ("3,1", ["3", "1"]),
        (" 3 , 1,, 2 ", ["3", "1", "2"]),
        ("3 1", ["3", "1"]),
        ("#3", ["3"]),
        ("007", ["7"]),
        ("2.2", ["2.2"]),
        ("1,1,1", ["1"]),
    ],
)
def test_a_list_names_each_id_once_in_the_order_named(text: str, expected: list[str]) -> None:
    assert select(text) == expected


def test_several_words_are_one_list() -> None:
    assert select(["3,1", "2"]) == ["3", "1", "2"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3-5", ["3", "4"]),
        ("3-3", ["3"]),
        ("1-10", ["1", "2", "3", "4", "10"]),
        ("2.1-2.4", ["2.1", "2.2", "2.3"]),
        ("2.1-4", ["2.1", "2.2", "2.3"]),
        ("4,1-3", ["4", "1", "2", "3"]),
        ("1-3,2-4", ["1", "2", "3", "4"]),
    ],
)
def test_a_range_stands_for_the_ids_that_exist_in_it(text: str, expected: list[str]) -> None:
    assert select(text) == expected


def test_a_range_gives_ids_in_their_own_order() -> None:
    assert select("1-3", ["3", "1", "2"]) == ["3", "1", "2"]


def test_a_name_with_a_dash_is_a_name_where_it_exists() -> None:
    assert select("T-001,11-1") == ["T-001", "11-1"]


def test_a_name_with_a_dash_that_does_not_exist_is_a_range_when_it_looks_like_one() -> None:
    with pytest.raises(Usage, match="backwards"):
        select("11-1", ["1", "2"])
    assert select("T-002") == ["T-002"]


def test_a_single_id_needs_no_look_at_what_exists() -> None:
    def known() -> Sequence[str]:
        raise AssertionError("asked")

    assert ids.select("7,8.1", known) == ["7", "8.1"]


def test_a_range_that_runs_backwards_is_refused() -> None:
    with pytest.raises(Usage, match="5-3 runs backwards"):
        select("5-3")


def test_a_range_from_one_task_into_another_is_refused() -> None:
    with pytest.raises(Usage, match="spans two tasks"):
        select("2.1-3.4")


def test_an_empty_range_is_not_found() -> None:
    with pytest.raises(NotFound, match="5-9"):
        select("5-9")


def test_a_huge_range_costs_no_more_than_what_exists() -> None:
    assert select(f"1-{10**100}") == ["1", "2", "3", "4", "10"]


@pytest.mark.parametrize("text", ["", " ", ",", " , ,"])
def test_naming_nothing_is_refused(text: str) -> None:
    with pytest.raises(Usage, match="no task id"):
        select(text)


def test_an_endless_word_is_refused_without_repeating_it() -> None:
    with pytest.raises(Invalid) as caught:
        select("1" * 100_000)
    assert len(caught.value.message) < 200


def test_what_exists_is_asked_for_once_however_many_ranges_there_are() -> None:
    asked = 0

    def known() -> Sequence[str]:
        nonlocal asked
        asked += 1
        return KNOWN

    ids.select(",".join(f"{number}-{number + 1}" for number in range(1, 4)), known)

    assert asked == 1


WORDS = st.one_of(
    st.integers(0, 30).map(str),
    st.tuples(st.integers(0, 30), st.integers(0, 30)).map(lambda pair: f"{pair[0]}-{pair[1]}"),
    st.tuples(st.integers(0, 5), st.integers(0, 9), st.integers(0, 9)).map(
        lambda parts: f"{parts[0]}.{parts[1]}-{parts[0]}.{parts[2]}"
    ),
    st.text("0123456789.-#T ,\u0663", max_size=8),
)


@given(st.lists(WORDS, max_size=6), st.permutations([*KNOWN, "0", "5", "6", "7"]))
def test_nothing_is_ever_selected_twice_and_junk_is_told_as_such(
    words: list[str], known: list[str]
) -> None:
    try:
        found = ids.select(words, lambda: known)
    except (Usage, NotFound, Invalid):
        return
    assert found
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (3, "3"),
        (3.0, "3"),
        (92.1, "92.1"),
        (" 3 ", "3"),
        ("003", "3"),
        ("0", "0"),
        ("T-001", "T-001"),
        ("\u0663", "\u0663"),
        (True, ""),
        (None, ""),
        ([], ""),
        ({}, ""),
        (float("inf"), "inf"),
        (10**30, str(10**30)),
    ],
)
def test_a_stored_id_of_any_kind_is_text(raw: object, expected: str) -> None:
    assert ids.normal(raw) == expected


@given(st.integers() | st.floats() | st.text(max_size=6) | st.none() | st.booleans())
def test_reading_an_id_twice_changes_nothing(raw: object) -> None:
    once = ids.normal(raw)

    assert ids.normal(once) == once


@pytest.mark.parametrize(
    ("raw", "expected"),
    [(2, "2"), ("2", "2"), ("5.2", "2"), ("5-2", "2"), (5.2, "2"), ("7.2", "7.2"), ("5.", "5.")],
)
def test_the_number_of_a_subtask_is_what_follows_its_task(raw: object, expected: str) -> None:
    assert ids.local(raw, "5") == expected


@pytest.mark.parametrize(
    ("task_id", "like", "expected"),
    [("3", 1, 3), ("3", "1", "3"), ("T-1", 1, "T-1"), ("5.2", 1, "5.2"), ("\u0663", 1, "\u0663")],
)
def test_an_id_is_written_the_way_the_file_writes_ids(
    task_id: str, like: object, expected: object
) -> None:
    assert ids.stored(task_id, like) == expected
