"""Somebody who issues tokens: keys made here, published by a real server on loopback."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from jwt.api_jws import PyJWS

ISSUER = "https://ref.supabase.co/auth/v1"
AUDIENCE = "authenticated"
SECRET = "k7Qz9wX2rT5vB8nM1pL4sD6fG3hJ0yUa-Rw"  # noqa: S105  # of nobody but these tests
NOW = 1_800_000_000


@cache
def rsa_key(name: str = "rsa") -> rsa.RSAPrivateKey:
    del name
    return rsa.generate_private_key(65_537, 2_048)


@cache
def ec_key(name: str = "ec") -> ec.EllipticCurvePrivateKey:
    del name
    return ec.generate_private_key(ec.SECP256R1())


def published(key: PrivateKeyTypes, kid: str = "", **more: object) -> dict[str, Any]:
    """The public half, as an entry of a set of keys."""
    if isinstance(key, rsa.RSAPrivateKey):
        entry = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    else:
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        entry = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    entry.pop("key_ops", None)
    return {**entry, **({"kid": kid} if kid else {}), **more}


def claims(**more: object) -> dict[str, Any]:
    """What a good token says; None leaves a claim out."""
    found = {
        "iss": ISSUER, "aud": AUDIENCE, "sub": "5f1c", "exp": NOW + 3_600, "iat": NOW - 10,
        "email": "ann@example.org", "role": "authenticated", **more,
    }  # fmt: skip
    return {name: value for name, value in found.items() if value is not None}


def signed(
    content: dict[str, Any] | bytes,
    key: Any = SECRET,  # whatever the algorithm takes
    algorithm: str = "HS256",
    **header: object,
) -> str:
    payload = content if isinstance(content, bytes) else json.dumps(content).encode()
    return PyJWS().encode(payload, key, algorithm, headers=header)


def forged(header: dict[str, Any], content: dict[str, Any], secret: bytes | None = None) -> str:
    """A token put together by hand; signed with HMAC where there is a secret."""
    head = _packed(json.dumps(header).encode())
    text = f"{head}.{_packed(json.dumps(content).encode())}"
    mark = hmac.digest(secret, text.encode(), hashlib.sha256) if secret is not None else b""
    return f"{text}.{_packed(mark)}"


def _packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Publisher:
    """Serves what a test says at ``url``, and counts who asks."""

    def __init__(self) -> None:
        self.status = 200
        self.body = b""
        self.location = ""
        self.asked = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked += 1
                self.send_response(outer.status)
                if outer.location and self.path == "/keys":
                    self.send_header("Location", outer.location)
                self.send_header("Content-Length", str(len(outer.body)))
                self.end_headers()
                self.wfile.write(outer.body)

            def log_message(self, *_told: object) -> None:
                """The test tells what matters."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/keys"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def publish(self, *entries: object) -> None:
        self.body = json.dumps({"keys": entries}).encode()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
