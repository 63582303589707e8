"""Ids of tasks as requests name them: always one task, never a list or a range."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from taskmaster.domain.ids import LONGEST
from taskmaster.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable

_APART = re.compile(r"[\s,]")


def single(text: str, tag: str) -> str:
    """The id, written so that use cases take it for nothing but an id.

    Raises NotFound for a text that can be the id of no task.
    """
    name = text.removeprefix("#")
    if not name or len(name) > LONGEST - 1 or _APART.search(name):
        shown = text[:LONGEST]
        raise NotFound(f"there is no task {shown!r} in tag {tag}", hint="GET /tasks lists the ids")
    return f"#{name}"


def several(named: Iterable[str | int], tag: str) -> str:
    """These ids in one text, each of them as ``single`` gives it."""
    return ",".join(single(str(one), tag) for one in named)
