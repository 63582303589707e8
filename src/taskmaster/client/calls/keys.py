"""The keys that open the project to callers like this one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from taskmaster.client.asks import Ask, at, call, record
from taskmaster.client.records import Json, Record

if TYPE_CHECKING:
    from collections.abc import Sequence

Role = Literal["viewer", "agent", "editor", "admin"]


class KeyVersion(Record):
    version: int
    created: str
    until: str | None


class ShownKey(Record):
    """``state`` is active, expired, revoked or damaged; ``notice`` says what to do about it."""

    id: str
    prefix: str
    name: str
    role: str
    scopes: list[str]
    permissions: list[str]
    tier: str
    state: str
    notice: str
    created: str
    expires: str | None
    rotate_days: int
    revoked: str | None
    versions: list[KeyVersion]


class Keys(Record):
    """``denied`` are tokens of others that count no more."""

    keys: list[ShownKey]
    denied: list[Json]
    total: int


class KeyWithToken(Record):
    """``token`` is the text that opens the project; it is told only this once."""

    key: ShownKey
    token: str

    def __repr__(self) -> str:
        return f"KeyWithToken(key={self.key!r})"


class KeyCalls:
    """Keys; for admins."""

    @call
    def list_keys(self) -> Ask[Keys]:
        """The keys to this project; the texts that open it are nowhere kept."""
        return Ask("GET", "/keys", record(Keys))

    @call
    def create_key(
        self,
        name: str,
        role: Role = "agent",
        *,
        scopes: Sequence[str] = (),
        tier: Literal["free", "standard", "premium"] = "standard",
        expires_days: int = 0,
        rotate_days: int | None = None,
    ) -> Ask[KeyWithToken]:
        """Make a key. Its text is in this answer and nowhere else.

        *scopes* narrow what the role permits. It opens nothing any more after *expires_days*, 0
        for never, and should be rotated every *rotate_days*.
        """
        body: Json = {"name": name, "role": role, "scopes": scopes, "tier": tier}
        body["expiresDays"] = expires_days
        if rotate_days is not None:
            body["rotateDays"] = rotate_days
        return Ask("POST", "/keys", record(KeyWithToken), body=body)

    @call
    def rotate_key(self, key_id: str, *, overlap_days: float | None = None) -> Ask[KeyWithToken]:
        """Give a key a new text; the old one is good for *overlap_days* yet."""
        body = {} if overlap_days is None else {"overlapDays": overlap_days}
        return Ask("POST", at("keys", key_id, "rotate"), record(KeyWithToken), body=body)

    @call
    def revoke_key(self, key_id: str) -> Ask[ShownKey]:
        """Let a key open nothing from now on, for good."""
        return Ask("DELETE", at("keys", key_id), record(ShownKey))
