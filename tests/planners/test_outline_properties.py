"""What holds for every document, however strange."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskmaster.domain.plan import Document, Plan
from taskmaster.errors import Invalid
from taskmaster.planners.documents import read_document
from taskmaster.planners.outline.planner import OutlinePlanner

PARTS = st.sampled_from(
    [
        *"# |## |### |- |  - |* |1. |2.1 |\n|\n\n|**|**A:**|_|`|```|<prd>|</prd>|<!--|-->".split(
            "|"
        ),
        *"<example>|</example>|[ ]|[x]|[Name]|(|)|FR-1|FR-2|depends on |Depends on: ".split("|"),
        *"Phase 1|Phase 2|Features|Requirements|Roadmap|User stories|As a guest, ".split("|"),
        *"I want |to sit|Must have|P0|Testing|,|:|：|、|→|\t|\r\n|\u2028|\u00a0|é|茶|чай|차".split(
            "|"
        ),
        *"e\u0301|😀|alpha|beta gamma|---|***|===|\\|>".split("|"),
        "| a | b |",
        "|---|---|",
    ]
)
TEXTS = st.lists(PARTS, max_size=120).map("".join)


def corpus() -> list[Path]:
    beside = Path(__file__).parents[2].parent / "shared" / "corpus"
    folder = Path(os.environ.get("TAMP_CORPUS", str(beside))) / "prd"
    return sorted(folder.iterdir()) if folder.is_dir() else []


def assert_sane(plan: Plan) -> None:
    lines = plan.document.text.count("\n") + plan.document.text.count("\r") + 1
    covered = {key for draft in plan.drafts for key in draft.covers}
    assert covered == {requirement.key for requirement in plan.requirements}
    assert len({requirement.key for requirement in plan.requirements}) == len(plan.requirements)
    assert 1 <= len(plan.drafts) <= 60
    for number, draft in enumerate(plan.drafts, 1):
        assert draft.title.strip()
        assert len(draft.title) <= 100
        assert len(draft.after) <= 4
        assert all(0 < one < number for one in draft.after)
        assert all(1 <= p.first <= p.last <= lines for p in draft.passages)
        assert draft.passages
        assert draft.priority in ("high", "medium", "low")
        assert all(step.title.strip() and len(step.title) <= 100 for step in draft.steps)


def proposed(text: str, number: int = 0) -> Plan | None:
    """The plan for a text, or None for one that is refused, as it may be."""
    try:
        return OutlinePlanner().propose(Document("prd.md", text), num_tasks=number)
    except Invalid as refusal:
        if refusal.code not in ("empty-document", "unreadable-document"):
            raise
        return None


@given(TEXTS)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_gives_a_sane_plan_or_is_refused(text: str) -> None:
    plan = proposed(text)
    if plan is not None:
        assert_sane(plan)


@given(TEXTS, st.integers(1, 12))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_merging_never_loses_a_requirement(text: str, number: int) -> None:
    plan = proposed(text, number)
    if plan is not None:
        assert_sane(plan)
        assert len(plan.drafts) <= number


@given(st.text(max_size=400))
@settings(deadline=None)
def test_any_characters_give_a_plan_or_are_refused(text: str) -> None:
    plan = proposed(text)
    if plan is not None:
        assert_sane(plan)


@pytest.mark.parametrize(
    "part",
    [
        "- ",
        "  - a\n",
        "[",
        "(",
        "*",
        "`",
        "| a ",
        "#",
        "a, ",
        "1. a\n",
        "<",
        "- [ ] b c\n",
        "As a x, I want ",
    ],
)
def test_repetition_costs_no_more_than_its_length(part: str) -> None:
    once, twice = (calls(f"# Features\n{part * count}") for count in (2_000, 4_000))
    assert twice < 2.6 * once + 10_000


def calls(text: str) -> int:
    """How many calls planning a text takes, which no other work on the machine changes."""
    count = 0

    def counted(*_: object) -> None:
        nonlocal count
        count += 1

    sys.setprofile(counted)
    try:
        proposed(text)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("file", corpus() or [None], ids=lambda file: file.name if file else "none")
def test_documents_from_the_wild_give_plans_that_hold_together(file: Path | None) -> None:
    if file is None:
        pytest.skip("there is no corpus beside the repository")
    text = read_document(str(file)).text
    plan = proposed(text)
    if plan is None:
        assert text.count("[") > 5
        return
    assert_sane(plan)
    titles = [draft.title for draft in plan.drafts]
    assert len(set(titles)) == len(titles)
    assert not any(mark in title for title in titles for mark in ("```", "{\n", "|--", "**"))
