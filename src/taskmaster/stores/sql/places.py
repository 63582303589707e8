"""Which nodes somebody could work on, and from when until when: ``workable`` in columns."""

from __future__ import annotations

from taskmaster.domain.task import WORKABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    Row = Mapping[str, Any]

FOREVER = 10**9
"""A day that never comes."""
NOWHERE = {
    "stands": 0,
    "from_day": 0,
    "until_day": FOREVER,
    "begun": 0,
    "more_waiters": 0,
    "more_chain": 0,
}
"""The place of a node of which nothing is known yet, or that nobody can work on."""


def places(members: Sequence[Row]) -> Iterator[dict[str, int]]:
    """The places of a task and its steps, given with what they wait for and what waits for them.

    A task in progress stands only while none of its steps is ready: until the first day that one
    of them is not put off.
    """
    task, *steps = members
    able, begun = _is_able(task), task["status"] == "in-progress"
    put_off = _put_off(task)
    ready = [able and begun and _is_able(step) for step in steps]
    until = min(
        (_put_off(step) for step, one in zip(steps, ready, strict=True) if one), default=FOREVER
    )
    yield NOWHERE | {
        "stands": int(able and put_off < until),
        "from_day": put_off,
        "until_day": until,
        "begun": int(begun),
    }
    for step, one in zip(steps, ready, strict=True):
        yield NOWHERE | {
            "stands": int(one),
            "from_day": max(_put_off(step), put_off),
            "begun": 1,
            "more_waiters": task["waiters"],
            "more_chain": task["chain"],
        }


def _is_able(node: Row) -> bool:
    return not node["needs"] and node["status"] in WORKABLE


def _put_off(node: Row) -> int:
    """The day from which on it is not put off, 0 for always."""
    return max(node["defer_day"] or 0, 0)
