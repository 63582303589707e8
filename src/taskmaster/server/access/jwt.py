"""JSON web tokens that somebody else has issued, Supabase for one, and what their bearers may do.

What a token says of itself is believed only after its signature holds, under an algorithm and a
key that the configuration names. Its header chooses among our keys by id, and nothing else.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from taskmaster.domain import keys
from taskmaster.domain.keys import Principal
from taskmaster.errors import Usage
from taskmaster.server.access import secrets
from taskmaster.server.access.jwks import KeySet

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jwt import PyJWK

SKEW = 30.0
"""Seconds by which the clock of the issuer may differ from ours."""

RECHECKED = 300.0
"""Seconds after which a token is looked at again: its key may have been withdrawn."""

LONGEST = 8_192
AUDIENCE = "authenticated"
ALGORITHMS = {"secret": ("HS256",), "jwks": ("RS256", "ES256")}
_SECRET = ("TAMP_JWT_SECRET", "SUPABASE_JWT_SECRET")
_LONGEST_NAME = 255
_LATEST = 1e11


@dataclass(frozen=True)
class Settings:
    """Whose tokens count: either a *secret* or the address of *jwks* is given."""

    issuer: str
    audience: str
    algorithms: tuple[str, ...]
    default_role: str = ""
    secret: str = field(default="", repr=False)
    jwks: str = ""


def settings(environ: Mapping[str, str]) -> Settings | None:
    """What the environment says, None where nobody's tokens count.

    Raises Usage for what makes no sense, Invalid for a weak secret, and as ``secrets.secret``.
    """
    secret, jwks = secrets.secret(environ, *_SECRET), environ.get("TAMP_JWT_JWKS", "")
    if not secret and not jwks:
        return None
    if secret and jwks:
        raise _senseless("a secret and TAMP_JWT_JWKS are both set", "leave one of them")
    issuer = environ.get("TAMP_JWT_ISSUER", "")
    if not issuer:
        raise _senseless(
            "TAMP_JWT_ISSUER is not set, so tokens of anybody would count",
            "it is what tokens say in `iss`, such as https://REF.supabase.co/auth/v1",
        )
    if secret:
        secrets.check_strength("the secret in TAMP_JWT_SECRET", secret)
    role = environ.get("TAMP_JWT_DEFAULT_ROLE", "")
    if role and role not in keys.ROLES:
        raise _senseless(f"TAMP_JWT_DEFAULT_ROLE={role} is no role", _listed(keys.ROLES))
    audience = environ.get("TAMP_JWT_AUDIENCE") or AUDIENCE
    algorithms = _algorithms(environ, "secret" if secret else "jwks")
    return Settings(issuer, audience, algorithms, role, secret, jwks)


def _algorithms(environ: Mapping[str, str], kind: str) -> tuple[str, ...]:
    named = environ.get("TAMP_JWT_ALGORITHMS", "").replace(",", " ").split()
    unknown = [one for one in named if one not in ALGORITHMS[kind]]
    if unknown:
        raise _senseless(
            f"TAMP_JWT_ALGORITHMS names {unknown[0]}", _listed(ALGORITHMS[kind], f"with a {kind}")
        )
    return tuple(named) or ALGORITHMS[kind]


def _listed(words: Any, when: str = "") -> str:  # noqa: ANN401  # any words
    return f"{when} it may be {', '.join(words)}".strip()


def _senseless(what: str, hint: str) -> Usage:
    return Usage(what, hint=hint, code="bad-token-settings")


class Tokens:
    """Checks tokens. For many threads; may wait for the issuer's keys."""

    def __init__(self, given: Settings) -> None:
        from jwt.api_jws import PyJWS

        self._settings = given
        self._signatures = PyJWS(options={"enforce_minimum_key_length": True})
        self._keys = KeySet(given.jwks, given.algorithms) if given.jwks else None

    @property
    def trouble(self) -> str:
        """Why the issuer's keys could not be had the last time, ``""`` when they could."""
        return self._keys.trouble if self._keys else ""

    def verify(
        self,
        token: str,
        now: float,
        *,
        project: str = "",
        entries: Callable[[], Mapping[str, object]] = dict,
    ) -> Principal:
        """Who bears the token at *now*, seconds since 1970, and what they may do in *project*.

        *entries* gives the keyring, which may deny the token. Raises Unauthenticated, with the
        code ``expired-token`` or ``revoked-token`` for what was good once, Forbidden for a bearer
        who has no role in the project, Unavailable while the issuer's keys cannot be had.
        """
        found = self._claims(token, now)
        issued = found.get("iat", SKEW) - SKEW
        if keys.denied(entries(), found.get("jti", ""), found["sub"], issued):
            raise keys.refused("revoked-token")
        role = role_in(found, project, self._settings.default_role)
        if not role:
            raise keys.no_role()
        return _principal(found, role, min(found["exp"] + SKEW, now + RECHECKED))

    def _claims(self, token: str, now: float) -> dict[str, Any]:
        """What the token says, once everything about it is right."""
        if len(token) > LONGEST or not token.isascii():
            raise keys.refused()
        found = _parsed(self._payload(token, now))
        given = self._settings
        named = _is_name(found.get("sub")) and _is_name(found.get("jti", "none"))
        if not named or found.get("iss") != given.issuer or not _is_for(found, given.audience):
            raise keys.refused()
        _check_times(found, now)
        return found

    def _payload(self, token: str, now: float) -> bytes:
        """The signed bytes. The chain of causes is cut: it may quote the token."""
        from jwt.exceptions import PyJWTError

        try:
            key, algorithms = self._key(token, now)
            payload: bytes = self._signatures.decode(token, key, algorithms)
        except (PyJWTError, ValueError, TypeError, RecursionError):
            raise keys.refused() from None
        return payload

    def _key(self, token: str, now: float) -> tuple[Any, tuple[str, ...]]:
        """What the signature is checked with, and as what: both are ours."""
        if self._keys is None:
            return self._settings.secret, self._settings.algorithms
        key_id = self._signatures.get_unverified_header(token).get("kid", "")
        found: PyJWK | None = None
        if isinstance(key_id, str) and len(key_id) <= _LONGEST_NAME:
            found = self._keys.find(key_id, now)
        if found is None:
            raise keys.refused()
        return found.key, (str(found.algorithm_name),)


def _parsed(payload: bytes) -> dict[str, Any]:
    try:
        found = json.loads(payload, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise keys.refused() from None
    if not isinstance(found, dict):
        raise keys.refused()
    return found


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object in which no name stands twice: two readers could take two values from it."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_NAME and value.isprintable()


def _is_for(claims: Mapping[str, object], audience: str) -> bool:
    named = claims.get("aud")
    return named == audience or (isinstance(named, list) and audience in named)


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    """Refuse a token outside its time, and one that does not say when it ends."""
    times = {name: claims[name] for name in ("exp", "nbf", "iat") if name in claims}
    # NaN compares to nothing, and so would never be over.
    if "exp" not in times or not all(_is_time(one) for one in times.values()):
        raise keys.refused()
    if max(times.get("nbf", 0), times.get("iat", 0)) > now + SKEW:
        raise keys.refused()
    if now >= times["exp"] + SKEW:
        raise keys.refused("expired-token")


def _is_time(value: object) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and 0 <= value < _LATEST  # type: ignore[operator]  # as number says


def role_in(claims: Mapping[str, Any], project: str, default: str = "") -> str:
    """The role that the claims give in *project*, ``""`` for none.

    A claim ``projects``, of roles by project, decides alone. A list of projects and a claim
    ``project_id`` say only where the bearer has a role: ``role`` beside that id if it is one of
    ours, else ``tamp_role``, else *default*. Each may stand in ``app_metadata``, which only
    Supabase's administrators write; what users write, ``user_metadata``, counts for nothing.
    """
    own = claims.get("app_metadata")
    places = [claims, own if isinstance(own, dict) else {}]
    general = _first(places, "tamp_role") or _default(claims, default)
    listed = _first(places, "projects")
    if isinstance(listed, dict):
        return _known(listed.get(project))
    if listed is not None:
        return _known(general) if isinstance(listed, list) and project in listed else ""
    bound = next((one for one in places if one.get("project_id") is not None), None)
    if bound is None:
        return _known(general)
    return _known(bound.get("role")) or _known(general) if bound["project_id"] == project else ""


def _first(places: list[Any], name: str) -> Any:  # noqa: ANN401  # JSON of somebody else
    return next((one[name] for one in places if one.get(name) is not None), None)


def _default(claims: Mapping[str, object], role: str) -> str:
    """The role of everybody who has signed in, which those without a name have not."""
    anonymous = claims.get("role") == "anon" or claims.get("is_anonymous") is True
    return "" if anonymous else role


def _known(role: object) -> str:
    return role if isinstance(role, str) and role in keys.ROLES else ""


def _principal(claims: Mapping[str, Any], role: str, until: float) -> Principal:
    own = claims.get("app_metadata")
    tier = own.get("tier") if isinstance(own, dict) else None
    name, session = claims.get("email"), claims.get("session_id")
    return Principal(
        f"{keys.BEARER}{claims['sub']}",
        str(name) if _is_name(name) else claims["sub"],
        _kind(claims, role),
        role,
        keys.permissions(role),
        tier if tier in keys.TIERS else "standard",
        str(session) if _is_name(session) else "",
        "",
        until,
    )


def _kind(claims: Mapping[str, object], role: str) -> str:
    if claims.get("role") == "service_role":
        return "system"
    return "agent" if role == "agent" else "person"
