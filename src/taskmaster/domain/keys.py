"""Keys that open a project to the callers of a server, and what each caller may do.

A key's text is ``tamp_<id>_<secret>``: it is shown once, and only its digest is kept. The id is no
secret. Rotating a key gives it another version, so another text; its id, name and role stay.
"""

from __future__ import annotations

import re
from collections import namedtuple

from taskmaster.domain import moments
from taskmaster.domain.changes import Actor
from taskmaster.errors import Forbidden, Unauthenticated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Any, NamedTuple

    class KeyVersion(NamedTuple):
        """``hash`` is the SHA-256 of the text, in hex; ``until`` is when it ends, ``""`` for the
        newest. All times of keys are as ``moments`` writes them.
        """

        version: int
        hash: str
        created: str
        until: str

    class Key(NamedTuple):
        """A key as it is kept, its versions from old to new.

        ``scopes`` narrow the role, none of them leave it whole. ``rotate_days`` is the age at
        which a version should be replaced, 0 for any. ``expires`` and ``revoked`` may be ``""``.
        """

        id: str
        name: str
        role: str
        scopes: tuple[str, ...]
        tier: str
        created: str
        expires: str
        rotate_days: int
        revoked: str
        versions: tuple[KeyVersion, ...]

    class Denial(NamedTuple):
        """A token that counts no more: ``of`` is ``jwt:ID``, or ``sub:SUBJECT`` for every token
        of that subject from before the moment.
        """

        of: str
        before: str

    class _Principal(NamedTuple):
        id: str
        name: str
        kind: str
        role: str
        permissions: frozenset[str]
        tier: str
        session: str = ""
        notice: str = ""
        until: float = float("inf")

else:
    KeyVersion = namedtuple("KeyVersion", "version hash created until")
    Key = namedtuple("Key", "id name role scopes tier created expires rotate_days revoked versions")
    Denial = namedtuple("Denial", "of before")
    _Principal = namedtuple(
        "_Principal",
        "id name kind role permissions tier session notice until",
        defaults=("", "", float("inf")),
    )

ROLES = {
    "viewer": ("read",),
    "agent": ("read", "write"),
    "editor": ("read", "write", "manage"),
    "admin": ("read", "write", "manage", "admin"),
}
"""What each role permits: ``manage`` is tags, imports, and restoring and undoing the work of
others; ``admin`` is keys and the server itself.
"""

LOCAL = "local"
"""The id of the developer whose machine it is, who shows no key but a token of his own."""
BEARER = "sub:"
"""What the id of a caller begins with who bears a token of somebody else."""
SCOPES = ROLES["admin"]
TIERS = ("free", "standard", "premium")
ROTATE_DAYS = 30
NOTICE_DAYS = 7
"""Days before a rotation is due from which on callers are told."""
LONGEST_AGE = 36_500
"""Days, for everything that is counted in them."""
LATEST = "9000"
"""No moment of a key is later than this, so that spans can be added to any."""

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
ID_LENGTH, _SECRET_LENGTH = 8, 43
_TEXT = re.compile(rf"tamp_([0-9A-Za-z]{{{ID_LENGTH}}})_[0-9A-Za-z]{{{_SECRET_LENGTH}}}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)


class Principal(_Principal):
    """Who calls, and what they may do.

    ``id`` is ``key:ID``, ``sub:SUBJECT`` or ``local``; ``kind`` is person, agent or system;
    ``notice`` says what to do soon about the key, or is ``""``. After ``until``, seconds since
    1970, the caller has to be looked at again.
    """

    __slots__ = ()

    @property
    def actor(self) -> Actor:
        """The one who makes the changes."""
        return Actor(self.name, self.kind, self.session)


def permissions(role: str, scopes: Collection[str] = ()) -> frozenset[str]:
    """What a caller of this role may do; an unknown role permits nothing."""
    granted = frozenset(ROLES.get(role, ()))
    return granted.intersection(scopes) if scopes else granted


def refused(code: str = "unauthenticated") -> Unauthenticated:
    """What a caller is told, in the same words whatever is wrong with what was shown.

    A *code* of its own is for those who have shown something that was good once.
    """
    return Unauthenticated(
        "this needs a valid key or token",
        hint="send `Authorization: Bearer TOKEN`; `tamp keys create` makes a key",
        code=code,
    )


def no_role() -> Forbidden:
    """What a caller is told who is known, and has no role in the project."""
    return Forbidden(
        "you have no role in this project",
        hint="ask whoever administers it; the page about keys and roles says how",
        code="no-role",
    )


def new_id(number: int) -> str:
    """The id of a key, from a random number of 64 bits."""
    return _digits(number, ID_LENGTH)


def text_of(key_id: str, secret: int) -> str:
    """The text of a key, from a random number of 256 bits."""
    return f"{prefix(key_id)}_{secret_of(secret)}"


def secret_of(number: int) -> str:
    """A random number of 256 bits as letters and digits."""
    return _digits(number, _SECRET_LENGTH)


def prefix(key_id: str) -> str:
    """The part of a key's text that everybody may see."""
    return f"tamp_{key_id}"


def _digits(number: int, length: int) -> str:
    found = ""
    for _ in range(length):
        number, digit = divmod(number, len(_DIGITS))
        found += _DIGITS[digit]
    return found


def id_in(text: str) -> str:
    """The id of the key with this text, ``""`` for what is no text of a key."""
    found = _TEXT.fullmatch(text)
    return found[1] if found else ""


def digest(text: str) -> str:
    """What is kept of a text that opens something. Such a text is random, so this is enough."""
    import hashlib

    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def rotation(key: Key, now: str) -> tuple[str, str]:
    """What to say about the key's age, and when that will be something else, ``""`` for never."""
    if not key.rotate_days or not key.versions:
        return "", ""
    due = moments.later(key.versions[-1].created, key.rotate_days * moments.DAY)
    if now >= due:
        return f"rotation is overdue since {due[:10]}", ""
    soon = moments.later(due, -NOTICE_DAYS * moments.DAY)
    return (f"rotate by {due[:10]}", due) if now >= soon else ("", soon)


def state(key: Key, now: str) -> str:
    """active, expired, revoked, or damaged: stored as no key is."""
    if key.revoked:
        return "revoked"
    if not key.versions:
        return "damaged"
    return "expired" if key.expires and now >= key.expires else "active"


def denied(entries: Mapping[str, object], jti: str, subject: str, issued: float) -> bool:
    """Whether a token of this id, ``""`` for none, and subject counts no more; it was *issued*
    that many seconds after 1970, 0 for one that does not say.
    """
    if jti and f"jwt:{jti}" in entries:
        return True
    name = f"sub:{subject}"
    if name not in entries:
        return False
    before = denial_of(name, entries[name]).before
    return not before or issued <= moments.seconds(before)


def entry_of(key: Key) -> dict[str, object]:
    """The key as it is stored."""
    entry = key._asdict()
    entry["rotateDays"] = entry.pop("rotate_days")
    versions = [one._asdict() for one in key.versions]
    return entry | {"scopes": list(key.scopes), "versions": versions}


def key_of(key_id: str, entry: object) -> Key:
    """The key that is stored as *entry*; one without a role and without versions, which opens
    nothing, where that is stored as no key is.
    """
    try:
        return _key(key_id, entry)  # type: ignore[arg-type]  # what else it may be is caught
    except (KeyError, TypeError, ValueError):
        return Key(key_id, "", "", (), "", "", "", 0, "", ())


def denial_of(name: str, entry: object) -> Denial:
    """The denial that is stored as *entry*, of every time where that is stored as none is."""
    try:
        return Denial(name, _moment(entry["before"]))  # type: ignore[index]  # as in key_of
    except (KeyError, TypeError, ValueError):
        return Denial(name, "")


def _key(key_id: str, entry: Mapping[str, Any]) -> Key:
    versions = tuple(map(_version, entry["versions"]))
    if not versions or not isinstance(entry["scopes"], list):
        raise ValueError
    return Key(
        key_id,
        _text(entry["name"]),
        _text(entry["role"]),
        tuple(map(_text, entry["scopes"])),
        _text(entry["tier"]),
        _moment(entry["created"]),
        _end(entry["expires"]),
        _number(entry["rotateDays"], LONGEST_AGE),
        _end(entry["revoked"]),
        versions,
    )


def _version(entry: Mapping[str, Any]) -> KeyVersion:
    return KeyVersion(
        _number(entry["version"]),
        _text(entry["hash"]),
        _moment(entry["created"]),
        _end(entry["until"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _number(value: object, most: float = float("inf")) -> int:
    if not isinstance(value, int) or not 0 <= value <= most:
        raise ValueError
    return value


def _moment(value: object) -> str:
    text = _text(value)
    if not _MOMENT.fullmatch(text) or text >= LATEST:
        raise ValueError
    moments.seconds(text)
    return text


def _end(value: object) -> str:
    return "" if value == "" else _moment(value)
