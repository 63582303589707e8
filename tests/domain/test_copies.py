"""Which copies may go: never the newest, never what was kept for a reason."""

from __future__ import annotations

import pytest

from taskmaster.domain import spans
from taskmaster.domain.copies import Copy, form_of, superfluous

WHYS = ("auto", "first", "manual")


def copy(day: int, why: str = "manual") -> Copy:
    time = f"202606{day:02d}T120000000Z"
    return Copy(f"tasks-{time}-{why}.json", time, why, 1)


def days(found: list[Copy]) -> list[int]:
    return [int(one.time[6:8]) for one in found]


MONTH = [copy(day, WHYS[day % 3]) for day in range(30, 0, -1)]


@pytest.mark.parametrize(
    ("keep", "since", "gone"),
    [
        (5, "", range(25, 0, -1)),
        (1, "", range(29, 0, -1)),
        (30, "", ()),
        (0, "20260628T120000", (27, *range(26, 0, -1))),
        (5, "20260628T120000", range(25, 0, -1)),
        (2, "20260620T120000", range(19, 0, -1)),
        (0, "20270101T000000", range(29, 0, -1)),
    ],
)
def test_a_copy_stays_when_either_rule_keeps_it(keep: int, since: str, gone: range) -> None:
    assert days(superfluous(MONTH, keep=keep, since=since)) == list(gone)


@pytest.mark.parametrize("why", ["broken", "displaced", "before-restore", "before-fix"])
def test_what_was_kept_for_a_reason_stays_and_counts_for_nothing(why: str) -> None:
    copies = [copy(9, why), copy(8), copy(7, why), copy(6), copy(5, why), copy(4)]

    assert days(superfluous(copies, keep=2)) == [4]
    assert days(superfluous(copies, since="20270101T000000")) == [6, 4]


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/b/tasks-20260601T000000Z-manual.jsonl.gz", ".jsonl.gz"),
        ("a.jsonl", ".jsonl"),
        ("tasks.json", ".json"),
        ("tasks.db", ".db"),
        ("all.dump", ".dump"),
        ("tasks.json.old", ""),
        ("jsonl", ""),
    ],
)
def test_the_end_of_a_name_says_the_form(path: str, form: str) -> None:
    assert form_of(path) == form


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30s", 30), ("0.5s", 0.5), ("15m", 900), ("1h", 3600), ("1d", 86_400), ("2w", 1_209_600),
        ("1", 0), ("h", 0), ("-1h", 0), ("1y", 0), ("", 0), ("1 h", 0),
    ],
)  # fmt: skip
def test_a_span_of_time_is_a_number_and_a_letter(text: str, seconds: float) -> None:
    assert spans.seconds(text) == seconds
