"""Ids that a task may get, and where one with such an id belongs."""

from __future__ import annotations

import re

from taskmaster.domain.ids import next_number
from taskmaster.errors import Conflict, Invalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from taskmaster.ports import Reader

NUMBER = re.compile(r"[1-9][0-9]{0,8}")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,99}")


def check_free(staying: Iterable[str], wanted: Iterable[tuple[str, str]]) -> None:
    """Refuse, with Invalid or Conflict, new ids that cannot be any or are those of others.

    *staying* are the ids in use, *wanted* the ids (old, new) of those that move.
    """
    used = set(staying)
    names = any(not NUMBER.fullmatch(one) for one in used)
    taken = []
    for old, new in wanted:
        word = (names or not NUMBER.fullmatch(old)) and _NAME.fullmatch(new)
        if not (word or new == old or NUMBER.fullmatch(new)):
            raise Invalid(
                f"{new!r} cannot be the id of task {old}; nothing was moved",
                hint="an id is a whole number from 1; 7.2 is a place among the subtasks of 7",
                code="bad-id",
            )
        if new in used:
            taken.append(new)
        used.add(new)
    if taken:
        raise _taken(taken, used)


def _taken(taken: Sequence[str], used: set[str]) -> Conflict:
    first = next_number(used)
    free = ", ".join(str(first + place) for place in range(len(taken)))
    verb = "is" if len(taken) == 1 else "are"
    return Conflict(
        f"{', '.join(taken)} {verb} taken already; nothing was moved",
        hint=f"free: {free} (and what follows);"
        f" {taken[0]}.1 would be a place among the subtasks of {taken[0]}",
        code="task-already-exists",
        details=dict.fromkeys(taken, "task-already-exists"),
    )


def in_order(reader: Reader, tag: str, new: str) -> int | None:
    """Where a task with this id belongs: before the first that has a larger one, else last."""
    tasks = reader.tasks(tag)
    return next((place for place, task in enumerate(tasks) if larger(task.id, new)), None)


def larger(one: str, other: str) -> bool:
    """Whether both are numbers and the first is the larger one."""
    return one.isdecimal() and other.isdecimal() and int(one) > int(other)
