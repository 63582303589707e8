"""The fields that say when: ``deferUntil``, not before which day, and ``repeat``, how often."""

from __future__ import annotations

from taskmaster.domain import days, recurrence
from taskmaster.errors import Invalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

NOTHING = ("none", "never", "")


def settled(fields: Mapping[str, object], now: str, *, whole: bool = True) -> dict[str, object]:
    """The fields with both written in full: spans as days, rules in their usual words.

    ``none`` takes the key away, as None does. Raises Invalid for what is no day and no rule, and
    for a subtask (no *whole* task) that would repeat.
    """
    found = dict(fields)
    if "deferUntil" in found:
        found["deferUntil"] = _given(found["deferUntil"]) and day(str(found["deferUntil"]), now)
    if "repeat" in found:
        found["repeat"] = _given(found["repeat"]) and _rule(str(found["repeat"]), whole=whole)
    return found


def _given(raw: object) -> object:
    """None for what means nothing."""
    return None if raw is None or str(raw).strip().lower() in NOTHING else raw


def day(text: str, now: str) -> str:
    """The day that *text* names, seen from *now*. Raises Invalid."""
    found = days.day_of(text, now[:10])
    if not found:
        raise Invalid(f"{text!r} is not a day", hint=f"write {days.EXPECTED}", code="bad-date")
    return found


def _rule(text: str, *, whole: bool) -> str:
    rule = recurrence.rule_of(text)
    if rule is None:
        raise Invalid(
            f"{text!r} does not say how often",
            hint=f"write it as one of: {recurrence.EXPECTED}; none stops it",
            code="bad-repeat",
        )
    if not whole:
        raise Invalid(
            "a subtask cannot repeat",
            hint="let its whole task repeat: its subtasks come again with it",
            code="not-a-task",
        )
    return recurrence.words_of(rule)
