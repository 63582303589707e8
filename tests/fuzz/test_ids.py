"""Whatever somebody types as ids: ids, or an error that says what is wrong with it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fuzz.test_reader import SECONDS, until

from taskmaster.domain import ids
from taskmaster.errors import Invalid, NotFound, TampError, Usage

KNOWN = [str(n) for n in range(1, 60)] + [f"{n}.{k}" for n in (1, 2, 3) for k in range(1, 9)] + [
    "T-001", "x", "", "5-7", "9" * 6000, "\u0663", "1.2.3",
]  # fmt: skip
PIECES = st.sampled_from([
    "1", "2", "59", "007", "1.2", "2.1-2.4", "3-5", "5-3", "5-7", "1.2-2.3", "T-001", "#4", "#",
    "-",
    ",", " ", ".", "..", "1-", "-1",
    "\u0661-\u0669", "\u00b2", "\u2028", "\x00", "\ud83d", "9" * 300,
    "1-" + "9" * 150, "1" * 99 + "-" + "9" * 99, "1 - 3", "1.1.1-3", "0", "0-0", "\uff11",
    "e5", "1e5",
])  # fmt: skip
WORDS = (
    st.text(max_size=12)
    | st.lists(PIECES, max_size=8).map("".join)
    | st.lists(PIECES, max_size=8).map(",".join)
)


def check(text: str | list[str]) -> None:
    refused: TampError | None = None
    found: list[str] = []
    try:
        found = ids.select(text, lambda: KNOWN)
    except (Usage, Invalid, NotFound) as error:
        refused = error
    assert refused is None or refused.message
    assert bool(found) == (refused is None)
    assert len(found) == len(set(found))
    assert all(one and one == ids.normal(one) for one in found), found


@given(WORDS | st.lists(WORDS, max_size=4))
@settings(max_examples=800, deadline=None)
def test_any_text_names_ids_or_is_refused(text: str | list[str]) -> None:
    check(text)


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_any_text_names_ids_or_is_refused_for_long() -> None:
    until(SECONDS, WORDS | st.lists(WORDS, max_size=4), check)


@given(st.integers() | st.floats() | st.text(max_size=6) | st.booleans() | st.none())
@settings(max_examples=300, deadline=None)
def test_a_normal_id_is_its_own_normal_form(raw: object) -> None:
    assert ids.normal(ids.normal(raw)) == ids.normal(raw)


def test_many_words_and_ranges_cost_in_proportion() -> None:
    known = [str(number) for number in range(1, 5001)]
    asked = 0

    def listed() -> list[str]:
        nonlocal asked
        asked += 1
        return known

    text = ",".join(f"{number}-{number}" for number in range(1, 2401))
    assert len(ids.select(text, listed)) == 2400
    assert asked == 1, "the list of all ids is the costly part"
