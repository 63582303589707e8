"""Tokens of others: one good one of each kind, and every trick that must not work."""

from __future__ import annotations

import base64
import json
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.server.access.issuer import (
    AUDIENCE,
    ISSUER,
    NOW,
    SECRET,
    claims,
    ec_key,
    forged,
    published,
    rsa_key,
    signed,
)

from taskmaster.domain import moments
from taskmaster.domain.changes import Actor
from taskmaster.errors import Forbidden, Invalid, TampError, Unauthenticated, Usage
from taskmaster.server.access import jwt
from taskmaster.server.access.jwt import Tokens

GOOD = {"TAMP_JWT_ISSUER": ISSUER, "TAMP_JWT_DEFAULT_ROLE": "viewer"}


def tokens(**environ: str) -> Tokens:
    found = jwt.settings({**GOOD, **environ})
    assert found
    return Tokens(found)


@pytest.fixture
def shared() -> Tokens:
    """With a secret that the issuer shares."""
    return tokens(TAMP_JWT_SECRET=SECRET)


@pytest.fixture
def public(tmp_path: Path) -> Tokens:
    """With the issuer's public keys, in a file."""
    path = tmp_path / "jwks.json"
    entries = [
        published(rsa_key(), "rsa"),
        published(ec_key(), "ec"),
        {"kty": "oct", "kid": "oct", "k": _packed(SECRET.encode()), "alg": "HS256"},
        published(rsa_key(), "sealing", use="enc"),
        published(rsa_key(), "other", alg="RS512"),
        {"kty": "unheard-of", "kid": "new"},
        "no key",
    ]
    path.write_text(json.dumps({"keys": entries}), encoding="utf-8")
    return tokens(TAMP_JWT_JWKS=str(path))


def _packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def refused(checker: Tokens, token: str, now: float = NOW) -> str:
    """The code of the refusal, which tells nothing else and quotes nothing."""
    with pytest.raises(Unauthenticated) as caught:
        checker.verify(token, now)
    error = caught.value
    assert error.message == "this needs a valid key or token"
    told = "".join(traceback.format_exception(error)) + json.dumps(error.as_json())
    assert SECRET not in told
    assert len(token) < 20 or token not in told
    return error.code


def test_a_token_signed_with_the_shared_secret_tells_who_bears_it(shared: Tokens) -> None:
    found = shared.verify(signed(claims(session_id="s1")), NOW)

    assert found[:3] == ("sub:5f1c", "ann@example.org", "person")
    assert (found.role, found.tier) == ("viewer", "standard")
    assert found.permissions == {"read"}
    assert found.actor == Actor("ann@example.org", "person", "s1")
    assert found.until == NOW + jwt.RECHECKED


@pytest.mark.parametrize(
    ("key", "algorithm", "kid"), [(rsa_key, "RS256", "rsa"), (ec_key, "ES256", "ec")]
)
def test_a_token_signed_with_a_published_key_is_as_good(
    public: Tokens, key: Callable[[], object], algorithm: str, kid: str
) -> None:
    assert public.verify(signed(claims(), key(), algorithm, kid=kid), NOW).id == "sub:5f1c"


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE", "", None, " none", "none\0", 0])
def test_a_token_that_wants_no_signature_checked_is_refused(
    shared: Tokens, public: Tokens, name: object
) -> None:
    for kid in ({}, {"kid": "rsa"}):
        header = {"typ": "JWT", "alg": name, **kid}
        bare = forged(header, claims())
        assert refused(shared, bare) == refused(public, bare) == "unauthenticated"
        assert refused(shared, forged(header, claims(), SECRET.encode())) == "unauthenticated"


def test_a_token_without_any_algorithm_is_refused(shared: Tokens) -> None:
    assert refused(shared, forged({"typ": "JWT"}, claims(), SECRET.encode())) == "unauthenticated"


@pytest.mark.parametrize("kid", ["rsa", "ec", "oct", "sealing", "other", None])
def test_a_public_key_is_never_taken_for_a_shared_secret(public: Tokens, kid: str | None) -> None:
    form = serialization.Encoding
    public_key = rsa_key().public_key()
    subject = serialization.PublicFormat.SubjectPublicKeyInfo
    entry = published(rsa_key(), "rsa")
    secrets = [
        public_key.public_bytes(form.PEM, subject),
        public_key.public_bytes(form.DER, subject),
        json.dumps(entry).encode(),
        entry["n"].encode(),
        SECRET.encode(),
        b"",
    ]
    header = {"alg": "HS256", "typ": "JWT"} | ({"kid": kid} if kid else {})

    for secret in secrets:
        assert refused(public, forged(header, claims(), secret)) == "unauthenticated"


@pytest.mark.parametrize(
    ("key", "algorithm", "header"),
    [
        (rsa_key, "RS256", {"kid": "ec"}),
        (ec_key, "ES256", {"kid": "rsa"}),
        (rsa_key, "RS256", {"kid": "sealing"}),
        (rsa_key, "RS512", {"kid": "other"}),
        (rsa_key, "RS256", {"kid": "other"}),
        (rsa_key, "RS512", {"kid": "rsa"}),
        (rsa_key, "PS256", {"kid": "rsa"}),
        (rsa_key, "RS256", {}),
        (rsa_key, "RS256", {"kid": "new"}),
        (lambda: rsa_key("stranger"), "RS256", {"kid": "rsa"}),
        (lambda: ec_key("stranger"), "ES256", {"kid": "ec"}),
    ],
)
def test_only_the_key_of_that_id_under_its_own_algorithm_counts(
    public: Tokens, key: Callable[[], object], algorithm: str, header: dict[str, Any]
) -> None:
    assert refused(public, signed(claims(), key(), algorithm, **header)) == "unauthenticated"


@pytest.mark.parametrize(
    "kid",
    ["../../jwks.json", "/etc/passwd", "/dev/null", "file:///dev/null", "http://127.0.0.1:1/keys",
     "rsa\0", "RSA", "rsa' OR 1=1 --", "k" * 300, "", "| cat"],
)  # fmt: skip
def test_the_id_of_a_key_leads_to_no_file_and_no_address(public: Tokens, kid: str) -> None:
    token = signed(claims(), rsa_key("stranger"), "RS256", kid=kid)
    assert refused(public, token) == "unauthenticated"
    empty = forged({"alg": "HS256", "kid": kid}, claims(), b"")
    assert refused(public, empty) == "unauthenticated"


@pytest.mark.parametrize("kid", [1, None, True, ["rsa"], {"rsa": 1}])
def test_the_id_of_a_key_is_a_text(public: Tokens, kid: object) -> None:
    token = forged({"alg": "RS256", "kid": kid}, claims(), b"x")
    assert refused(public, token) == "unauthenticated"


def test_a_token_cannot_bring_its_own_key(public: Tokens) -> None:
    own = rsa_key("stranger")
    brought = {
        "jwk": published(own, "rsa"),
        "jku": "http://127.0.0.1:1/keys",
        "x5u": "http://127.0.0.1:1/certificate",
        "x5c": ["MIIB"],
    }

    for kid in ("rsa", "stranger"):
        token = signed(claims(), own, "RS256", kid=kid, **brought)
        assert refused(public, token) == "unauthenticated"
    ours = signed(claims(), rsa_key(), "RS256", kid="rsa", **brought)
    assert public.verify(ours, NOW).id == "sub:5f1c", "what it brings is not looked at"


def test_what_a_token_calls_critical_and_nobody_knows_is_refused(shared: Tokens) -> None:
    header = {"alg": "HS256", "crit": ["tenant"], "tenant": "x"}
    assert refused(shared, forged(header, claims(), SECRET.encode())) == "unauthenticated"


def test_a_detached_payload_is_refused(shared: Tokens) -> None:
    header = {"alg": "HS256", "b64": False, "crit": ["b64"]}
    assert refused(shared, forged(header, claims(), SECRET.encode())) == "unauthenticated"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"exp": NOW - 31}, "expired-token"),
        ({"exp": NOW - 30}, "expired-token"),
        ({"exp": None}, "unauthenticated"),
        ({"exp": "never"}, "unauthenticated"),
        ({"exp": str(NOW + 3600)}, "unauthenticated"),
        ({"exp": True}, "unauthenticated"),
        ({"exp": [NOW + 3600]}, "unauthenticated"),
        ({"exp": float("nan")}, "unauthenticated"),
        ({"exp": float("inf")}, "unauthenticated"),
        ({"exp": 10**300}, "unauthenticated"),
        ({"exp": -1}, "unauthenticated"),
        ({"nbf": NOW + 31}, "unauthenticated"),
        ({"nbf": float("nan")}, "unauthenticated"),
        ({"nbf": "now"}, "unauthenticated"),
        ({"iat": NOW + 31}, "unauthenticated"),
        ({"iat": "now"}, "unauthenticated"),
        ({"iss": "https://other.supabase.co/auth/v1"}, "unauthenticated"),
        ({"iss": ISSUER + "/"}, "unauthenticated"),
        ({"iss": [ISSUER]}, "unauthenticated"),
        ({"iss": None}, "unauthenticated"),
        ({"aud": "anon"}, "unauthenticated"),
        ({"aud": ["anon", "other"]}, "unauthenticated"),
        ({"aud": []}, "unauthenticated"),
        ({"aud": {AUDIENCE: 1}}, "unauthenticated"),
        ({"aud": f"{AUDIENCE} "}, "unauthenticated"),
        ({"aud": None}, "unauthenticated"),
        ({"sub": None}, "unauthenticated"),
        ({"sub": ""}, "unauthenticated"),
        ({"sub": 7}, "unauthenticated"),
        ({"sub": "a\nb"}, "unauthenticated"),
        ({"sub": "s" * 256}, "unauthenticated"),
        ({"jti": ["0f3a"]}, "unauthenticated"),
        ({"jti": ""}, "unauthenticated"),
    ],
)
def test_a_claim_that_is_missing_or_wrong_makes_the_token_worthless(
    shared: Tokens, more: dict[str, Any], code: str
) -> None:
    assert refused(shared, signed(claims(**more))) == code


@pytest.mark.parametrize(
    "more",
    [
        {"exp": NOW - 29}, {"nbf": NOW + 30}, {"iat": NOW + 30}, {"iat": None}, {"nbf": 0},
        {"aud": ["other", AUDIENCE]}, {"exp": NOW + 0.5}, {"jti": "0f3a"},
    ],
)  # fmt: skip
def test_clocks_may_differ_by_half_a_minute(shared: Tokens, more: dict[str, Any]) -> None:
    assert shared.verify(signed(claims(**more)), NOW).id == "sub:5f1c"


def test_nobody_is_remembered_beyond_the_end_of_the_token(shared: Tokens) -> None:
    assert shared.verify(signed(claims(exp=NOW + 60)), NOW).until == NOW + 60 + jwt.SKEW


def test_claims_that_stand_twice_are_refused(shared: Tokens) -> None:
    good = json.dumps(claims())
    twice = good[:-1] + ', "sub": "root"}'
    inner = good[:-1] + ', "projects": {"a": "viewer", "a": "admin"}}'

    assert shared.verify(signed(good.encode()), NOW)
    assert refused(shared, signed(twice.encode())) == "unauthenticated"
    assert refused(shared, signed(inner.encode())) == "unauthenticated"


@pytest.mark.parametrize(
    "payload",
    [b"", b"[]", b"null", b'"x"', b"{", b"\xff\xfe", b"[" * 5_000, b'{"a":' * 1_000,
     b'{"exp": ' + b"9" * 5_000 + b"}"],
)  # fmt: skip
def test_a_signed_payload_that_is_no_object_is_refused(shared: Tokens, payload: bytes) -> None:
    assert refused(shared, signed(payload)) == "unauthenticated"


@pytest.mark.parametrize(
    "token",
    ["", ".", "..", "...", "a.b.c", "a.b.c.d.e", "é.é.é", "\ud800", "x" * 8_192,
     "e30.e30.e30", "eyJhbGciOiJIUzI1NiJ9.e30.", "=.=.=", " . . ", "tamp_x"],
)  # fmt: skip
def test_what_is_no_token_is_refused(shared: Tokens, public: Tokens, token: str) -> None:
    assert refused(shared, token) == refused(public, token) == "unauthenticated"


def test_a_huge_token_is_refused_unread(shared: Tokens) -> None:
    assert refused(shared, signed(claims(more="x" * 8_192))) == "unauthenticated"
    assert refused(shared, "A" * 50_000_000) == "unauthenticated"


def test_a_signature_of_another_secret_or_a_changed_payload_is_refused(shared: Tokens) -> None:
    good = signed(claims())
    head, _, mark = good.split(".")
    changed = _packed(json.dumps(claims(sub="root")).encode())

    assert refused(shared, signed(claims(), SECRET[::-1])) == "unauthenticated"
    assert refused(shared, f"{head}.{changed}.{mark}") == "unauthenticated"
    assert refused(shared, good[:-2]) == "unauthenticated"
    assert refused(shared, signed(claims(), rsa_key(), "RS256")) == "unauthenticated"


def test_a_short_rsa_key_is_too_weak_to_count(tmp_path: Path) -> None:
    short = rsa.generate_private_key(65_537, 1_024)  # noqa: S505  # on purpose
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [published(short, "short")]}), encoding="utf-8")
    with pytest.warns(match="1024"):
        token = signed(claims(), short, "RS256", kid="short")

    assert refused(tokens(TAMP_JWT_JWKS=str(path)), token) == "unauthenticated"


def test_a_denied_token_counts_no_more(shared: Tokens) -> None:
    at = moments.at(NOW)
    entries = {"jwt:0f3a": {"before": at}, "sub:eve": {"before": at}}

    def code(**more: object) -> str:
        with pytest.raises(Unauthenticated) as caught:
            shared.verify(signed(claims(**more)), NOW + 60, entries=lambda: entries)
        return caught.value.code

    assert code(jti="0f3a") == "revoked-token"
    assert code(sub="eve") == "revoked-token"
    assert code(sub="eve", iat=None) == "revoked-token"
    assert code(sub="eve", iat=NOW + jwt.SKEW) == "revoked-token", "its issuer's clock may be ahead"
    later = signed(claims(sub="eve", iat=NOW + jwt.SKEW + 1))
    assert shared.verify(later, NOW + 60, entries=lambda: entries).id == "sub:eve"


def test_the_keyring_is_not_read_for_a_token_that_is_worth_nothing(shared: Tokens) -> None:
    def entries() -> dict[str, object]:
        raise AssertionError

    with pytest.raises(Unauthenticated):
        shared.verify(signed(claims(), "x" * 40), NOW, entries=entries)


ADMIN_OF_A = {"projects": {"a": "admin", "b": "viewer"}}


@pytest.mark.parametrize(
    ("more", "project", "role"),
    [
        ({}, "a", "viewer"),
        (ADMIN_OF_A, "a", "admin"),
        (ADMIN_OF_A, "b", "viewer"),
        (ADMIN_OF_A, "c", ""),
        ({"app_metadata": ADMIN_OF_A}, "a", "admin"),
        ({"app_metadata": ADMIN_OF_A}, "c", ""),
        ({"user_metadata": {**ADMIN_OF_A, "tamp_role": "admin"}}, "a", "viewer"),
        ({"projects": {"a": "owner"}}, "a", ""),
        ({"projects": {"a": ["admin"]}}, "a", ""),
        ({"projects": ["a"]}, "a", "viewer"),
        ({"projects": ["a"], "tamp_role": "editor"}, "a", "editor"),
        ({"projects": ["a"], "tamp_role": "editor"}, "b", ""),
        ({"projects": "a"}, "a", ""),
        ({"tamp_role": "agent"}, "a", "agent"),
        ({"app_metadata": {"tamp_role": "editor"}}, "a", "editor"),
        ({"tamp_role": "owner"}, "a", ""),
        ({"app_metadata": {"role": "admin"}}, "a", "viewer"),
        ({"app_metadata": {"project_id": "a", "role": "editor"}}, "a", "editor"),
        ({"app_metadata": {"project_id": "a", "role": "editor"}}, "b", ""),
        ({"app_metadata": {"project_id": "a"}}, "a", "viewer"),
        ({"project_id": "a", "account_id": "x"}, "b", ""),
        ({"role": "anon"}, "a", ""),
        ({"is_anonymous": True}, "a", ""),
        ({"is_anonymous": True, "tamp_role": "viewer"}, "a", "viewer"),
        ({"app_metadata": "admin"}, "a", "viewer"),
    ],
)
def test_the_role_is_that_of_the_project(
    shared: Tokens, more: dict[str, Any], project: str, role: str
) -> None:
    token = signed(claims(**more))

    if role:
        assert shared.verify(token, NOW, project=project).role == role
        return
    with pytest.raises(Forbidden) as caught:
        shared.verify(token, NOW, project=project)
    assert caught.value.code == "no-role"


def test_without_a_default_role_nobody_gets_in_uninvited() -> None:
    strict = tokens(TAMP_JWT_SECRET=SECRET, TAMP_JWT_DEFAULT_ROLE="")

    with pytest.raises(Forbidden):
        strict.verify(signed(claims()), NOW)
    assert strict.verify(signed(claims(tamp_role="viewer")), NOW).role == "viewer"


@pytest.mark.parametrize(
    ("more", "name", "kind", "tier"),
    [
        ({"email": None}, "5f1c", "person", "standard"),
        ({"email": "a\x1b[2J"}, "5f1c", "person", "standard"),
        ({"tamp_role": "agent"}, "ann@example.org", "agent", "standard"),
        ({"role": "service_role"}, "ann@example.org", "system", "standard"),
        ({"app_metadata": {"tier": "premium"}}, "ann@example.org", "person", "premium"),
        ({"app_metadata": {"tier": "endless"}}, "ann@example.org", "person", "standard"),
    ],
)
def test_the_bearer_has_a_name_a_kind_and_a_tier(
    shared: Tokens, more: dict[str, Any], name: str, kind: str, tier: str
) -> None:
    found = shared.verify(signed(claims(**more)), NOW)

    assert (found.name, found.kind, found.tier) == (name, kind, tier)


def test_nothing_said_means_nobodys_tokens() -> None:
    assert jwt.settings({"TAMP_JWT_ISSUER": ISSUER}) is None


def test_supabases_own_name_for_the_secret_is_understood() -> None:
    found = jwt.settings({**GOOD, "SUPABASE_JWT_SECRET": SECRET})

    assert found
    assert (found.secret, found.algorithms, found.audience) == (SECRET, ("HS256",), AUDIENCE)
    assert SECRET not in repr(found) + repr(Tokens(found))


@pytest.mark.parametrize(
    ("environ", "text"),
    [
        ({"TAMP_JWT_SECRET": SECRET, "TAMP_JWT_JWKS": "keys.json"}, "both set"),
        ({"TAMP_JWT_SECRET": SECRET, "TAMP_JWT_ISSUER": ""}, "TAMP_JWT_ISSUER is not set"),
        ({"TAMP_JWT_SECRET": SECRET, "TAMP_JWT_ALGORITHMS": "RS256"}, "names RS256"),
        ({"TAMP_JWT_SECRET": SECRET, "TAMP_JWT_ALGORITHMS": "HS256,none"}, "names none"),
        ({"TAMP_JWT_JWKS": "keys.json", "TAMP_JWT_ALGORITHMS": "ES256 HS256"}, "names HS256"),
        ({"TAMP_JWT_SECRET": SECRET, "TAMP_JWT_DEFAULT_ROLE": "owner"}, "owner is no role"),
    ],
)
def test_settings_that_make_no_sense_are_refused(environ: dict[str, str], text: str) -> None:
    with pytest.raises(Usage, match=text) as caught:
        jwt.settings({**GOOD, **environ})
    assert SECRET not in str(caught.value.as_json())


def test_an_algorithm_that_is_left_out_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "jwks.json"
    entries = [published(rsa_key(), "rsa"), published(ec_key(), "ec")]
    path.write_text(json.dumps({"keys": entries}), encoding="utf-8")
    only = tokens(TAMP_JWT_JWKS=str(path), TAMP_JWT_ALGORITHMS="ES256")

    assert only.verify(signed(claims(), ec_key(), "ES256", kid="ec"), NOW)
    assert refused(only, signed(claims(), rsa_key(), "RS256", kid="rsa")) == "unauthenticated"


@pytest.mark.parametrize(
    "secret",
    ["dev-secret-key", "secret", "changeme", "x", SECRET[:31], "a" * 64, "abab" * 20,
     "secret" * 10, "dev-secret-key-dev-secret-key-dev-secret-key", "changeme!" * 8,
     "Super-Secret-JWT-token-with-at-least-32-characters-long",
     "your-super-secret-jwt-token-with-at-least-32-characters-long",
     "your-256-bit-secret-your-256-bit-secret"],
)  # fmt: skip
def test_a_secret_that_can_be_guessed_is_refused(secret: str) -> None:
    with pytest.raises(Invalid) as caught:
        jwt.settings({**GOOD, "TAMP_JWT_SECRET": secret})

    assert caught.value.code == "weak-secret"
    assert len(secret) < 8 or secret not in str(caught.value.as_json())


def test_no_error_is_anything_but_one_of_ours(shared: Tokens, public: Tokens) -> None:
    """Bytes of a good token changed one at a time."""
    for checker, good in (
        (shared, signed(claims())),
        (public, signed(claims(), ec_key(), "ES256", kid="ec")),
    ):
        for place in range(0, len(good), 3):
            for other in ("A", ".", "=", "é", "\0"):
                if good[place] != other:
                    with pytest.raises(TampError):
                        checker.verify(good[:place] + other + good[place + 1 :], NOW)
