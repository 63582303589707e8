"""What subscribers are told, as bytes that all of them share."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from taskmaster import wire
from taskmaster.domain.changes import last_number
from taskmaster.usecases.history import touching

if TYPE_CHECKING:
    from collections.abc import Mapping

    from taskmaster.domain.changes import Transaction
    from taskmaster.errors import TampError

LARGEST = 256 * 1024
"""Bytes of a transaction that is told with all its changes."""


class Event:
    """Something to tell: ``data`` is one line of JSON, an object.

    ``number`` is the change after which somebody who heard this goes on, None where it says
    nothing about that. ``only`` is the one tag that the event is about, ``parts`` what it tells
    of each of several.
    """

    def __init__(
        self,
        kind: str,
        number: int | None,
        data: bytes,
        *,
        only: str = "",
        parts: Mapping[str, Event] | None = None,
    ) -> None:
        self.kind = kind
        self.number = number
        self.data = data
        self.only = only
        self.parts = parts or {}

    def on(self, tag: str) -> Event | None:
        """What somebody hears who wants to know of this *tag* only; ``""`` means of all."""
        if self.kind != "change" or tag in ("", self.only):
            return self
        return self.parts.get(tag)

    @cached_property
    def frame(self) -> bytes:
        """The event as one of a stream of Server-Sent Events."""
        name = b"" if self.number is None else b"id: %d\n" % self.number
        return b"%sevent: %s\ndata: %s\n\n" % (name, self.kind.encode(), self.data)

    @cached_property
    def text(self) -> str:
        """The event as a message of a WebSocket: the same object with its kind as ``type``."""
        rest = self.data[1:].decode()
        return f'{{"type":"{self.kind}"{"" if rest == "}" else ","}{rest}'


def change(entry: Transaction) -> Event:
    """A transaction; one that is larger than LARGEST without its changes, which it counts."""
    tags = dict.fromkeys(one.tag for one in entry.changes)
    if len(tags) == 1:
        return Event("change", last_number(entry), _data(entry, ""), only=next(iter(tags)))
    parts = {tag: Event("change", last_number(entry), _data(entry, tag)) for tag in tags}
    return Event("change", last_number(entry), _data(entry, ""), parts=parts)


def gap(number: int) -> Event:
    """Whoever gets this was too slow, and asks again for what came after change *number*."""
    return Event("gap", number, encoded({"since": number}))


def closing(number: int) -> Event:
    """The server goes away; a subscriber asks it, or the next one, for what comes after."""
    return Event("closing", number, encoded({"resume": number}))


def trouble(message: str) -> Event:
    """What keeps changes from being heard at once, ``""`` when that is over."""
    return Event("trouble", None, encoded({"message": message}))


def failure(error: TampError) -> Event:
    """Why there is nothing more to be told."""
    return Event("error", None, encoded({"hint": "", **error.as_json()}))


def shown(entry: Transaction, tag: str) -> dict[str, object]:
    """A transaction as JSON, cut to what it did to the *tag*, with the numbers of the whole."""
    told = wire.transaction_to_json(touching(entry, tag, "") if tag else entry)
    told["seq"] = [entry.first, last_number(entry)]
    return told


def encoded(value: object) -> bytes:
    """A value as one line of JSON; what UTF-8 has no place for is escaped."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()


def _data(entry: Transaction, tag: str) -> bytes:
    told = shown(entry, tag)
    try:
        data = encoded(told)
        if len(data) <= LARGEST:
            return data
    except RecursionError:
        pass  # As long as somebody can read the tasks, nobody need miss that they changed.
    changes: list[object] = told["changes"]  # type: ignore[assignment]  # as wire makes it
    return encoded({**told, "changes": [], "omitted": len(changes)})
