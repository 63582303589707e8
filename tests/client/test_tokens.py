from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from taskmaster.client import InvalidTokenError, JWTHandler, TokenExpiredError

SECRET = "s" * 64
OTHER = "o" * 40


@pytest.fixture
def handler() -> JWTHandler:
    return JWTHandler(SECRET)


def ended() -> datetime:
    return datetime.now(UTC) - timedelta(hours=1)


def test_what_was_signed_is_read(handler: JWTHandler) -> None:
    claims = {"sub": "ada", "aud": "authenticated", "email": "ada@example.org"}

    assert handler.decode(handler.encode(claims)) == claims


def test_a_token_ends_when_it_is_told_to(handler: JWTHandler) -> None:
    token = handler.encode({"sub": "ada"}, expires_in=3600)
    left = handler.get_time_to_expiration(token)

    assert left is not None
    assert timedelta(minutes=59) < left <= timedelta(hours=1)
    assert handler.get_expiration_time(token) == datetime.fromtimestamp(
        handler.decode(token)["exp"], UTC
    )
    assert not handler.is_expired(token)


def test_one_that_says_no_end_has_none(handler: JWTHandler) -> None:
    token = handler.encode({"sub": "ada"})

    assert handler.get_expiration_time(token) is None
    assert handler.get_time_to_expiration(token) is None
    assert not handler.is_expired(token)


def test_an_expired_token_is_refused_as_such(handler: JWTHandler) -> None:
    token = handler.encode({"sub": "ada", "exp": ended()})

    assert handler.is_expired(token)
    with pytest.raises(TokenExpiredError):
        handler.decode(token)


@pytest.mark.parametrize("token", ["", "a.b", "not-a-token", JWTHandler(OTHER).encode({"a": 1})])
def test_what_nobody_here_has_signed_is_refused(handler: JWTHandler, token: str) -> None:
    assert handler.is_expired(token)
    with pytest.raises(InvalidTokenError):
        handler.decode(token)


def test_another_algorithm_than_agreed_is_refused() -> None:
    token = JWTHandler(SECRET, ["HS512"]).encode({"sub": "ada"})

    with pytest.raises(InvalidTokenError):
        JWTHandler(SECRET, ["HS256"]).decode(token)
    with pytest.raises(InvalidTokenError):
        JWTHandler(SECRET).encode({"sub": "ada"}, algorithm="NONSENSE")


def test_without_verifying_everything_is_believed() -> None:
    token = JWTHandler(OTHER).encode({"sub": "ada", "exp": ended()})
    handler = JWTHandler(SECRET, verify=False)

    assert handler.decode(token)["sub"] == "ada"
    assert handler.is_expired(token)
    with pytest.raises(InvalidTokenError):
        handler.get_payload_without_verification("a.b")


def test_a_pair_of_keys_signs_and_reads() -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    written = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    shown = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )

    token = JWTHandler(written.decode(), ["ES256"]).encode({"sub": "ada"})

    assert JWTHandler(shown.decode(), ["ES256"]).decode(token) == {"sub": "ada"}


def test_who_has_no_pyjwt_is_told_how_to_get_it() -> None:
    line = (
        "import sys; sys.modules['jwt'] = None\n"
        "from taskmaster import JWTHandler\n"
        "try: JWTHandler('x')\n"
        "except ImportError as error: print(error)"
    )
    said = subprocess.run(
        [sys.executable, "-c", line], capture_output=True, encoding="utf-8", check=True
    ).stdout

    assert "pip install 'task-master-pro[server]'" in said
