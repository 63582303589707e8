"""Task lists to measure with: always the same for a size and a kind, their dates around today."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from typing import NamedTuple

RARE, COMMON = "zeppelin", "review"
"""Words that occur in few of the titles (one of 50,000, and one), and in one of ten."""
_SYLLABLES = "ba ce di fo gu ka le mi no pu ra se ti vo xu za".split()
_STATUSES = {
    "pending": 400, "done": 450, "cancelled": 50, "in-progress": 20, "review": 30, "blocked": 20,
    "deferred": 30,
}  # fmt: skip
_PRIORITIES = {"low": 25, "medium": 50, "high": 22, "critical": 3}
_MONTH, _YEARS = 30, 730


class Kind(NamedTuple):
    """What is unusual about a list: shares are of all tasks, days count back from today."""

    name: str
    oldest: int = _YEARS
    undated: float = 0.1
    overdue: float = 0.05
    statuses: dict[str, int] = _STATUSES
    priorities: dict[str, int] = _PRIORITIES


MIXED = Kind("mixed")
KINDS = (
    MIXED,
    Kind("all made on one day", oldest=0, undated=0),
    Kind("none with a date", undated=1, overdue=0),
    Kind("a third overdue", overdue=0.33),
    Kind("only pending ones", statuses={"pending": 1}),
    Kind("a tenth in progress", statuses={**_STATUSES, "in-progress": 120}),
    Kind("critical is rare", priorities={"low": 1, "medium": 10**5, "high": 1, "critical": 1}),
)


def tasks(size: int, kind: Kind = MIXED) -> Iterator[dict[str, object]]:
    """Tasks of about half a kilobyte, each waiting for about one before it, a few with steps."""
    chance = random.Random(size)  # noqa: S311  # no secrets here: the same tasks every time
    words = ["".join(chance.choices(_SYLLABLES, k=chance.randint(2, 4))) for _ in range(3_000)]
    statuses, priorities = (
        _drawn(kind.statuses, size, chance),
        _drawn(kind.priorities, size, chance),
    )
    for number in range(1, size + 1):
        task: dict[str, object] = {
            "id": number,
            "title": _title(number, words, chance),
            "description": " ".join(chance.choices(words, k=12)),
            "status": next(statuses),
            "priority": next(priorities),
            "dependencies": _needs(number, chance),
            "details": "How it is to be done. " * 10,
            "testStrategy": "",
            "subtasks": [_step(step, chance) for step in range(1, chance.choice(_STEPS) + 1)],
        }
        yield task | _dates(number / size, kind, chance)


_STEPS = [0] * 18 + [2, 3]


def _drawn(shares: dict[str, int], size: int, chance: random.Random) -> Iterator[str]:
    return iter(chance.choices(list(shares), list(shares.values()), k=size))


def _title(number: int, words: list[str], chance: random.Random) -> str:
    title = chance.choices(words, k=4)
    if number % 10 == 0:
        title[0] = COMMON
    if number % 50_000 == 7:
        title[1] = RARE
    return " ".join(title)


def _needs(number: int, chance: random.Random) -> list[int]:
    """Most wait for one of the thousand before them: lists are worked off from the front."""
    first = max(1, number - 1_000)
    count = min(chance.choice((0, 0, 1, 1, 3)), number - first)
    return sorted({chance.randint(first, number - 1) for _ in range(count)})


def _step(number: int, chance: random.Random) -> dict[str, object]:
    status = chance.choice(("pending", "pending", "done"))
    return {"id": number, "title": f"Step {number}", "status": status, "dependencies": []}


def _dates(place: float, kind: Kind, chance: random.Random) -> dict[str, object]:
    """When it was written down, by its *place* in the list, and which days are set for it."""
    found: dict[str, object] = {}
    if chance.random() >= kind.undated:
        made = kind.oldest * (1 - place) + chance.random() * _MONTH * (kind.oldest > 0)
        found["createdAt"] = _day(-made) + "T08:00:00.000Z"
    if chance.random() < kind.overdue:
        found["dueDate"] = _day(-chance.randint(1, 200))
    elif chance.random() < 0.1:
        found["dueDate"] = _day(chance.randint(0, 200))
    if chance.random() < 0.03:
        found["deferUntil"] = _day(chance.randint(-60, 60))
    return found


def _day(away: float) -> str:
    return str(TODAY + dt.timedelta(days=int(away)))


TODAY = dt.datetime.now(dt.UTC).date()
