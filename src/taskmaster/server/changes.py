"""The change log in pages, for those who ask."""

from __future__ import annotations

import asyncio
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING

from taskmaster.domain.changes import last_number
from taskmaster.errors import Invalid
from taskmaster.server import events
from taskmaster.server.log import SCANNED, after

if TYPE_CHECKING:
    from taskmaster.server.feed import Feed
    from taskmaster.workspace import Workspace

LIMIT = 100
"""Transactions of a page for somebody who does not say how many."""

MOST = 1000
"""Transactions of a page at most; one that has this many changes is over, too."""

LONGEST_WAIT = 30.0
"""Seconds that a page may be waited for."""


def changes_page(ws: Workspace, since: int, limit: int = LIMIT, tag: str = "") -> dict[str, object]:
    """What happened after change *since*, oldest first: ``changes``, *limit* transactions at most.

    ``since`` is what to ask with for the next page, ``more`` whether that has something, and
    ``latest`` the number of the last change. With a *tag* only what was done to that, and a page
    that has nothing may have a next one. Raises NotFound (code ``no-such-change``) where the log
    does not know *since*.
    """
    _check(since, limit)
    changes: list[dict[str, object]] = []
    number, weight = since, 0
    with ws.log.reading() as reader:
        found = after(reader, since)
        for entry in islice(found, SCANNED):
            number = last_number(entry)
            if tag in ("", *(one.tag for one in entry.changes)):
                changes.append(events.shown(entry, tag))
                weight += len(entry.changes)
            if len(changes) >= limit or weight >= MOST:
                break
        more = next(found, None) is not None
        latest = reader.last_change() if more else number
    return {"changes": changes, "since": number, "latest": latest, "more": more}


async def awaited_page(
    feed: Feed, since: int, limit: int = LIMIT, tag: str = "", wait: float = 0.0
) -> dict[str, object]:
    """The same; where nothing has happened yet, as soon as something does, or after *wait* s."""
    page = await feed.reading(changes_page, feed.ws, since, limit, tag)
    end = asyncio.get_running_loop().time() + min(wait, LONGEST_WAIT)
    if wait <= 0 or page["changes"] or page["more"]:
        return page
    with closing(feed.subscribe(since=number_of(page), tag=tag)) as subscription:
        await subscription.open()
        if not await subscription.changed(end):
            return page
    return await feed.reading(changes_page, feed.ws, since, limit, tag)


def number_of(page: dict[str, object]) -> int:
    """What to ask for the next page with."""
    since: int = page["since"]  # type: ignore[assignment]  # as it was made
    return since


def _check(since: int, limit: int) -> None:
    if since < 0:
        raise Invalid(f"since is the number of a change, from 0; {since} is none", code="bad-since")
    if not 1 <= limit <= MOST:
        raise Invalid(f"limit goes from 1 to {MOST}; {limit} does not", code="bad-limit")
