"""Documents that nobody would write, for as long as a soak lasts."""

from __future__ import annotations

import pytest
from tests.fuzz.test_reader import SECONDS, until
from tests.planners.test_outline_properties import TEXTS, assert_sane, proposed


def check(text: str) -> None:
    plan = proposed(text)
    if plan is not None:
        assert_sane(plan)


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_any_text_gives_a_sane_plan_or_is_refused_for_long() -> None:
    until(SECONDS, TEXTS, check)
