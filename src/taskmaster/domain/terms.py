"""One term of a query: a field, an operator and values; what is allowed, and what it means."""

from __future__ import annotations

from collections import namedtuple

from taskmaster.domain import fields, ids, spans
from taskmaster.domain.task import PRIORITIES, STATUSES, priority_of, status_of
from taskmaster.domain.words import nearest
from taskmaster.errors import Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NamedTuple

    from taskmaster.domain.fields import Field

    class Value(NamedTuple):
        """A value as written; words like ``none`` have no meaning of their own in quotes."""

        text: str
        quoted: bool

    class Term(NamedTuple):
        """``priority>=high`` is the field ``priority``, the operator ``>=``, one value."""

        field: str
        op: str
        values: tuple[Value, ...]

else:
    Value = namedtuple("Value", "text quoted")
    Term = namedtuple("Term", "field op values")

EQUALS = (":", "=", "!=")
_ORDERED = frozenset({"priority", "ahead", "ago", "number", "key"})
STATES = (
    "ready", "blocked", "blocking", "overdue", "open", "complete", "task", "subtask",
)  # fmt: skip
EMPTY = {"none": False, "any": True}
_UNSET = frozenset({"is", "has", "whole"})
"""Kinds for which ``none`` and ``any`` are words like any other."""


class Misfit(ValueError):
    """A term that means nothing: ``expected`` says what would, ``near`` the likely intention,
    ``value`` which of its values is to blame, counted from 0; -1 when it is none of them.
    """

    def __init__(self, problem: str, expected: str, near: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.expected = expected
        self.near = near
        self.value = -1


def check(term: Term) -> None:
    """Raises Misfit for a term that means nothing."""
    field = fields.named(term.field)
    near = fields.misspelt(term.field)
    if near:
        raise Misfit(f"there is no field {term.field}", "the name of a field", near)
    if term.op not in EQUALS:
        _check_order(field, term)
    for place, value in enumerate(term.values):
        try:
            if not empties(field, value):
                _CHECKS.get(field.kind, _anything)(value.text)
        except Misfit as error:
            error.value = place
            raise


def _check_order(field: Field, term: Term) -> None:
    if field.kind not in _ORDERED:
        raise Misfit(f"{field.name} has no order, so {term.op} means nothing", ": or !=")
    if len(term.values) > 1:
        raise Misfit(f"{term.op} compares with one value, not with a list", "a single value")
    if empties(field, term.values[0]):
        raise Misfit(f"{term.values[0].text} has no order", ": or !=")


def empties(field: Field, value: Value) -> bool:
    """Whether the value is ``none`` or ``any``, and means that."""
    return not value.quoted and value.text.lower() in EMPTY and field.kind not in _UNSET


def _anything(_text: str) -> None:
    return


def _check_status(text: str) -> None:
    if status_of(text) not in STATUSES:
        near = nearest(status_of(text), STATUSES)
        raise Misfit(f"{text!r} is not a status", f"one of {', '.join(STATUSES)}", near)


def _check_priority(text: str) -> None:
    if not priority_of(text, ""):
        near = nearest(text.lower(), PRIORITIES)
        raise Misfit(f"{text!r} is not a priority", f"one of {', '.join(PRIORITIES)}", near)


def _check_ids(text: str) -> None:
    if len(text) > ids.LONGEST:
        raise Misfit("this is too long for an id", "an id such as 5 or 5.2, or a range 3-7")
    try:
        ids.interval(text)
    except Usage as error:
        raise Misfit(error.message, "a range such as 3-7") from error


def _check_day(text: str) -> None:
    if not spans.known(text.lower()):
        raise Misfit(f"{text!r} is not a day", spans.EXPECTED)


def _check_due(text: str) -> None:
    if text.lower() != "overdue":
        _check_day(text)


def _check_number(text: str) -> None:
    if number_of(text) is None:
        raise Misfit(f"{text!r} is not a number", "a number of hours")


def number_of(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if found == found else None  # noqa: PLR0124  # not a number is no number


def _check_is(text: str) -> None:
    if text.lower() not in STATES:
        near = nearest(text.lower(), STATES)
        raise Misfit(f"nothing is {text!r}", f"one of {', '.join(STATES)}", near)


def _check_has(text: str) -> None:
    near = fields.misspelt(text)
    if near or fields.named(text).kind in _UNSET:
        raise Misfit(f"there is no field {text}", "the name of a field or key", near)


def _check_progress(text: str) -> None:
    raise Misfit(f"{text!r} says nothing about subtasks", "none or any")


_CHECKS: dict[str, Callable[[str], None]] = {
    "status": _check_status, "priority": _check_priority, "ids": _check_ids, "ago": _check_day,
    "ahead": _check_due, "number": _check_number, "is": _check_is, "has": _check_has,
    "progress": _check_progress,
}  # fmt: skip
