"""The keys that open the project to callers like this one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Meta

from taskmaster.domain import keys as domain
from taskmaster.server.answer import Answer
from taskmaster.server.endpoint import ADMIN, Body, Group, Query
from taskmaster.server.shapes import Object, Shape
from taskmaster.usecases import keys

if TYPE_CHECKING:
    from taskmaster.domain.keys import Key
    from taskmaster.server.call import Call

GROUP = Group("keys")
_LETTER = r"[A-Za-z0-9_\u00c0-\u024f]"
Name = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=keys.LONGEST_NAME,
        pattern=rf"^{_LETTER}([A-Za-z0-9_\u00c0-\u024f .@+:/-]*{_LETTER})?$",
    ),
]
Days = Annotated[int, Meta(ge=0, le=domain.LONGEST_AGE)]
_NO_STORE = [(b"cache-control", b"no-store")]


class KeyVersion(Shape):
    version: int
    created: str
    until: str | None


class ShownKey(Shape):
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


class Keys(Shape):
    """``denied`` are tokens of others that count no more."""

    keys: list[ShownKey]
    denied: list[Object]
    total: int


@GROUP.get("/keys", Keys, query=Query, need=ADMIN, kept=False)
def list_keys(call: Call) -> object:
    """List the keys to this project; the texts that open it are nowhere kept."""
    found, denials = keys.listed(call.ws)
    now = call.ws.clock()
    return {
        "keys": [keys.key_to_json(one, now) for one in found],
        "denied": [one._asdict() for one in denials],
        "total": len(found),
    }


class NewKey(Body, kw_only=True):
    """``scopes`` narrow what the role permits. It opens nothing any more after ``expiresDays``, 0
    for never, and should be rotated every ``rotateDays``.
    """

    name: Name
    tier: Literal["free", "standard", "premium"] = "standard"
    expires_days: Days = 0
    rotate_days: Days = domain.ROTATE_DAYS


class ViewerKey(NewKey, kw_only=True, tag_field="role", tag="viewer"):
    scopes: tuple[Literal["read"], ...] = ()


class AgentKey(NewKey, kw_only=True, tag_field="role", tag="agent"):
    scopes: tuple[Literal["read", "write"], ...] = ()


class EditorKey(NewKey, kw_only=True, tag_field="role", tag="editor"):
    scopes: tuple[Literal["read", "write", "manage"], ...] = ()


class AdminKey(NewKey, kw_only=True, tag_field="role", tag="admin"):
    scopes: tuple[Literal["read", "write", "manage", "admin"], ...] = ()


class KeyWithToken(Shape):
    """``token`` is the text that opens the project; it is told only this once."""

    key: ShownKey
    token: str


@GROUP.post(
    "/keys", KeyWithToken, query=Query, body=ViewerKey | AgentKey | EditorKey | AdminKey,
    need=ADMIN, makes="/key/id",
)  # fmt: skip
def create_key(call: Call) -> object:
    """Make a key. Its text is in this answer and nowhere else."""
    body = call.body
    key, text = keys.create(
        call.ws,
        body.name,
        body.__struct_config__.tag,
        scopes=body.scopes,
        tier=body.tier,
        expires=keys.expiry(f"{body.expires_days}d" if body.expires_days else "", call.ws.clock()),
        rotate_days=body.rotate_days,
    )
    return _once(call, key, text, 201)


class Rotation(Body):
    """``overlapDays`` is how long the old text is good yet."""

    overlap_days: Annotated[float, Meta(ge=0, le=domain.LONGEST_AGE)] = keys.OVERLAP_DAYS


@GROUP.post("/keys/{id}/rotate", KeyWithToken, query=Query, body=Rotation, need=ADMIN, status=200)
def rotate_key(call: Call) -> object:
    """Give a key a new text, which is in this answer and nowhere else."""
    key, text = keys.rotate(call.ws, call.path["id"], call.body.overlap_days)
    return _once(call, key, text, 200)


@GROUP.delete("/keys/{id}", ShownKey, query=Query, need=ADMIN)
def revoke_key(call: Call) -> object:
    """Let a key open nothing from now on, for good."""
    return keys.key_to_json(keys.revoke(call.ws, call.path["id"]), call.ws.clock())


def _once(call: Call, key: Key, text: str, status: int) -> Answer:
    data = {"key": keys.key_to_json(key, call.ws.clock()), "token": text}
    return Answer(data, status, headers=_NO_STORE)
