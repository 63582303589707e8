"""Making, listing, rotating and revoking the keys to a project, and telling who shows one."""

from __future__ import annotations

import os

from taskmaster.domain import keys, moments, spans
from taskmaster.domain.days import exact
from taskmaster.domain.keys import Key, KeyVersion, Principal
from taskmaster.domain.words import nearest
from taskmaster.errors import Conflict, Invalid, NotFound, Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from taskmaster.domain.keys import Denial
    from taskmaster.workspace import Workspace

LONGEST_NAME = 64
LONGEST_SUBJECT = 255
OVERLAP_DAYS = 7.0


def create(
    ws: Workspace,
    name: str,
    role: str,
    *,
    scopes: Sequence[str] = (),
    tier: str = "standard",
    expires: str = "",
    rotate_days: int = keys.ROTATE_DAYS,
) -> tuple[Key, str]:
    """A new key and its text, which nobody can find out afterwards.

    *expires* is a moment, ``""`` for never. Raises Invalid for a name, role, scope, tier or age
    that cannot be, Conflict when an active key has the name: changes are recorded under it.
    """
    _check_name(name)
    _check_role(role, scopes)
    if tier not in keys.TIERS:
        raise _unknown("tier", tier, keys.TIERS)
    _check_age(rotate_days)
    now = ws.clock()
    with ws.store.keyring().changing() as entries:
        if any(one.name == name and keys.state(one, now) == "active" for one in _keys(entries)):
            raise Conflict(
                f"there is an active key named {name}",
                hint="its name tells who made a change; `tamp keys rotate` gives it a new text",
                code="key-exists",
            )
        key_id = _new_id(entries)
        text = _new_text(key_id)
        versions = (KeyVersion(1, keys.digest(text), now, ""),)
        kept = tuple(one for one in keys.SCOPES if one in scopes)
        key = Key(key_id, name, role, kept, tier, now, expires, rotate_days, "", versions)
        entries[key_id] = keys.entry_of(key)
    return key, text


def listed(ws: Workspace) -> tuple[list[Key], list[Denial]]:
    """All keys, and all tokens that count no more, in the order in which they were added."""
    entries = ws.store.keyring().entries()
    denials = [keys.denial_of(name, entry) for name, entry in entries.items() if ":" in name]
    return _keys(entries), denials


def rotate(ws: Workspace, key_id: str, overlap: float = OVERLAP_DAYS) -> tuple[Key, str]:
    """Give the key a new version, and its text; the old one is good for *overlap* days yet.

    Raises NotFound, and Conflict for a key that is not active.
    """
    if not 0 <= overlap <= keys.LONGEST_AGE:
        raise Invalid(
            f"the old text cannot be good for {overlap:.0f} days yet",
            hint=f"say 0 to {keys.LONGEST_AGE}; the usual is {OVERLAP_DAYS:g}",
            code="bad-span",
        )
    now = ws.clock()
    with ws.store.keyring().changing() as entries:
        key = _active(entries, key_id, now)
        text = _new_text(key.id)
        end = moments.later(now, overlap * moments.DAY)
        old = [one._replace(until=min(one.until or end, end)) for one in key.versions]
        fresh = KeyVersion(old[-1].version + 1, keys.digest(text), now, "")
        left = [one for one in old if one.until > now]
        key = key._replace(versions=(*left, fresh))
        entries[key.id] = keys.entry_of(key)
    return key, text


def find(ws: Workspace, key_id: str) -> Key:
    """The key with this id, which may be given as it starts its text. Raises NotFound."""
    return _found(ws.store.keyring().entries(), key_id)


def revoke(ws: Workspace, key_id: str) -> Key:
    """Let the key open nothing from now on, for good; a second time changes nothing.

    A damaged one is taken away. Raises NotFound.
    """
    with ws.store.keyring().changing() as entries:
        key = _found(entries, key_id)
        if not key.revoked:
            key = key._replace(revoked=ws.clock())
            entries[key.id] = keys.entry_of(key)
        if not key.versions:
            del entries[key.id]
    return key


def revoke_token(ws: Workspace, *, jti: str = "", subject: str = "") -> Denial:
    """Let the token with this id count no more, or every one of the subject's that was issued by
    now. Raises Usage unless exactly one of them is given.
    """
    if bool(jti) == bool(subject):
        raise Usage(
            "either one token or one subject is revoked",
            hint="name the token's id (its claim `jti`) or the subject (its claim `sub`)",
        )
    value = jti or subject
    if len(value) > LONGEST_SUBJECT:
        raise Invalid(f"no token has an id or subject of {len(value)} characters", code="bad-name")
    name = f"jwt:{jti}" if jti else f"sub:{subject}"
    entry = {"before": ws.clock()}
    with ws.store.keyring().changing() as entries:
        entries[name] = entry
    return keys.denial_of(name, entry)


def check(entries: Mapping[str, Mapping[str, object]], text: str, now: str) -> Principal:
    """Who shows this text of a key at the moment *now*.

    Raises Unauthenticated in the same words for everything that opens nothing; code
    ``expired-key`` or ``revoked-key`` is only for what once did.
    """
    import hmac

    key_id = keys.id_in(text)
    key = keys.key_of(key_id, entries.get(key_id))
    shown = keys.digest(text)
    matching = [
        one for one in key.versions if hmac.compare_digest(one.hash.encode(), shown.encode())
    ]
    if not matching:
        raise keys.refused()
    version = matching[-1]
    if key.revoked:
        raise keys.refused("revoked-key")
    if any(end and now >= end for end in (key.expires, version.until)):
        raise keys.refused("expired-key")
    return _principal(key, version, now)


def expiry(text: str, now: str) -> str:
    """The moment that a person names by a span such as ``90d`` or by a day, at whose beginning it
    is; ``""`` stays that. Raises Invalid for any other text and for what is past.
    """
    if not text:
        return ""
    span, day = spans.seconds(text), exact(text)
    try:
        found = moments.later(now, span) if span else f"{day}T00:00:00.000Z" if day else ""
    except OverflowError:
        found = ""
    if not now < found < keys.LATEST:
        raise Invalid(
            f"{text!r} is no time to come",
            hint="say a span such as 90d or 12w, or a day such as 2027-12-31",
            code="bad-span",
        )
    return found


def _principal(key: Key, version: KeyVersion, now: str) -> Principal:
    notice, change = keys.rotation(key, now)
    if version.until:
        notice, change = f"replaced, and good until {version.until[:10]}", ""
    ends = [moments.seconds(end) for end in (key.expires, version.until, change) if end]
    return Principal(
        f"key:{key.id}",
        key.name,
        "agent" if key.role == "agent" else "person",
        key.role,
        keys.permissions(key.role, key.scopes),
        key.tier,
        "",
        notice,
        min(ends, default=float("inf")),
    )


def _new_id(entries: Mapping[str, object]) -> str:
    while (found := keys.new_id(int.from_bytes(os.urandom(8)))) in entries:
        pass
    return found


def _new_text(key_id: str) -> str:
    return keys.text_of(key_id, int.from_bytes(os.urandom(32)))


def _keys(entries: Mapping[str, object]) -> list[Key]:
    return [keys.key_of(name, entry) for name, entry in entries.items() if ":" not in name]


def _found(entries: Mapping[str, object], named: str) -> Key:
    # Whoever has found a key somewhere may name it by the whole of its text.
    key_id = keys.id_in(named) or named.removeprefix(keys.prefix(""))
    if key_id in entries and ":" not in key_id:
        return keys.key_of(key_id, entries[key_id])
    shown = key_id[: keys.ID_LENGTH]  # The rest may be a secret.
    known = tuple(one.id for one in _keys(entries))
    near = nearest(key_id, known)
    raise NotFound(
        f"there is no key {shown}",
        hint=f"did you mean {near}?" if near else "`tamp keys list` shows the ids",
        code="key-not-found",
    )


def _active(entries: Mapping[str, object], named: str, now: str) -> Key:
    key = _found(entries, named)
    state = keys.state(key, now)
    if state != "active":
        raise Conflict(
            f"key {key.id} is {state} and cannot be rotated",
            hint="`tamp keys create` makes another",
            code=f"{state}-key",
        )
    return key


def _check_name(name: str) -> None:
    fits = name.strip() == name and 0 < len(name) <= LONGEST_NAME and name.isprintable()
    if not fits or name.startswith("-"):
        raise Invalid(
            f"{name[:LONGEST_NAME]!r} cannot name a key",
            hint=f"a name has 1 to {LONGEST_NAME} characters and no blank or hyphen in front",
            code="bad-name",
        )


def _check_role(role: str, scopes: Sequence[str]) -> None:
    if role not in keys.ROLES:
        raise _unknown("role", role, tuple(keys.ROLES))
    for scope in scopes:
        if scope not in keys.SCOPES:
            raise _unknown("scope", scope, keys.SCOPES)
        if scope not in keys.ROLES[role]:
            raise Invalid(
                f"the role {role} does not permit {scope}, and a scope widens no role",
                hint=f"it permits {', '.join(keys.ROLES[role])}",
                code="bad-scope",
            )


def _check_age(days: int) -> None:
    if not 0 <= days <= keys.LONGEST_AGE:
        raise Invalid(
            f"a key cannot be rotated every {days} days",
            hint=f"say 1 to {keys.LONGEST_AGE}, or 0 for a key that may grow old",
            code="bad-span",
        )


def _unknown(kind: str, word: str, known: Sequence[str]) -> Invalid:
    near = nearest(word, tuple(known))
    return Invalid(
        f"there is no {kind} {word[:LONGEST_NAME]}",
        hint=f"did you mean {near}?" if near else f"the {kind}s are: {', '.join(known)}",
        code=f"bad-{kind}",
    )


def key_to_json(key: Key, now: str) -> dict[str, object]:
    """A key, as every face shows it: nothing that would open anything."""
    return {
        "id": key.id,
        "prefix": keys.prefix(key.id),
        "name": key.name,
        "role": key.role,
        "scopes": list(key.scopes),
        "permissions": permitted(key),
        "tier": key.tier,
        "state": keys.state(key, now),
        "notice": keys.rotation(key, now)[0],
        "created": key.created,
        "expires": key.expires or None,
        "rotateDays": key.rotate_days,
        "revoked": key.revoked or None,
        "versions": [
            {"version": one.version, "created": one.created, "until": one.until or None}
            for one in key.versions
        ],
    }


def permitted(key: Key) -> list[str]:
    """What the key may do, from little to much."""
    granted = keys.permissions(key.role, key.scopes)
    return [one for one in keys.SCOPES if one in granted]
