"""Changes as they happen: what they say, and how a stream of them is resumed.

Nothing here opens a connection: ``Place`` knows where a follower stands, what to ask for and what
to make of what comes. So there is one of it for clients that wait and clients that await.
"""

from __future__ import annotations

import json
from datetime import datetime  # the annotations are looked at
from typing import TYPE_CHECKING, NamedTuple

from taskmaster.client.attempts import Send, backoff, failure, repeatable, told_of
from taskmaster.client.records import Record, Value

if TYPE_CHECKING:
    from taskmaster.client.asks import Answer
    from taskmaster.client.attempts import Lost
    from taskmaster.client.exceptions import TaskMasterError
    from taskmaster.client.settings import Settings

SILENCE = 45.0
"""Seconds after which a stream without a sign of life counts as lost; a server gives three."""
LONGEST_EVENT = 16 * 1024 * 1024


class Actor(Record):
    """Who made a change: *kind* is person, agent or system."""

    name: str
    kind: str
    session: str


class Pair(NamedTuple):
    """A field before and after; None also where the key was not there, or is not any more."""

    before: Value
    after: Value


class Edit(Record):
    """One record of a change.

    ``kind`` is added, removed, changed, reordered, or tag-added and so on; ``task`` the full id,
    ``""`` for tags; ``doc`` and ``place`` belong to added and removed.
    """

    kind: str
    tag: str
    task: str
    doc: Value
    place: int

    @property
    def fields(self) -> dict[str, Pair]:
        """What was before and what is after, by the keys that changed."""
        told = self.raw.get("fields", {}).items()
        return {key: Pair(pair.get("before"), pair.get("after")) for key, pair in told}


class Change(Record):
    """What one operation changed, as one step.

    ``via`` is the way it came, ``op`` the operation. A very large change comes over a stream
    without its ``edits`` and says in ``omitted`` how many there are; ``list_changes`` has them.
    """

    at: datetime
    actor: Actor
    via: str
    op: str
    note: str

    @property
    def number(self) -> int:
        """Its last in the change log, and the one to go on after."""
        last: int = self.raw["seq"][1]
        return last

    @property
    def first(self) -> int:
        number: int = self.raw["seq"][0]
        return number

    @property
    def edits(self) -> list[Edit]:
        return [Edit.of(one) for one in self.raw["changes"]]

    @property
    def omitted(self) -> int:
        count: int = self.raw.get("omitted", 0)
        return count

    @property
    def tasks(self) -> list[str]:
        """The ids of the tasks and subtasks it touched."""
        return list(dict.fromkeys(edit.task for edit in self.edits if edit.task))


class Place:
    """Where a follower stands.

    ``number`` is the last change it was told, None as long as it wants what comes from now on and
    no server has said where that is. ``over`` says that this connection has told everything.
    """

    def __init__(self, settings: Settings, since: int | None, tag: str) -> None:
        self.number = since
        self.over = False
        self._settings = settings
        self._tag = tag or settings.tag
        self._failures = 0
        self._begun = False
        self._behind = False

    def request(self) -> Send:
        """What to open the next stream with."""
        self.over = self._behind = False
        headers = {"accept": "text/event-stream", **told_of(self._settings)}
        if self.number is not None:
            headers["last-event-id"] = str(self.number)
        query = {"tag": self._tag} if self._tag else {}
        url = self._settings.api + "/changes/stream"
        return Send("GET", url, query, headers, None, self._settings.timeout)

    def refused(self, came: Answer | Lost) -> float:
        """Seconds after which to ask again. Raises TaskMasterError where that is of no use.

        A server that was there before is waited for; one that never was, as long as for any other
        answer.
        """
        error = failure(came, self._settings)
        tried = self._failures >= self._settings.max_retries and not self._begun
        if tried or not repeatable("GET", came):
            raise error
        return self._pause(error)

    def ended(self) -> float:
        """Seconds after which to go on, when the stream has come to an end in whatever way."""
        return 0.0 if self._behind else self._pause(None)

    def take(self, kind: str, number: str, data: str) -> Change | None:
        """The change that an event tells, if it is one that was not told before."""
        self._begun = True
        if kind != "error":
            self._failures = 0
        if kind == "change":
            return self._new(Change.of(json.loads(data)))
        if self.number is None and number.isdigit():
            self.number = int(number)
        self._behind = kind == "gap"
        self.over = kind in ("gap", "closing", "error")
        return None

    def _new(self, change: Change) -> Change | None:
        if self.number is not None and change.number <= self.number:
            return None
        self.number = change.number
        return change

    def _pause(self, error: TaskMasterError | None) -> float:
        pause = backoff(self._settings, self._failures, error)
        self._failures += 1
        return pause
