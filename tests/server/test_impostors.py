"""Callers who say that they are somebody else, to a real server that others may reach."""

from __future__ import annotations

import json
import socket
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.processes import LOOPBACK
from tests.server.access.issuer import ISSUER, SECRET, claims, forged, rsa_key, signed
from tests.server.raw import CLOSE, PATIENCE, Wire, harmless, head, unharmed
from tests.server.running import Serving, project
from tests.surfaces.cli.conftest import process

from taskmaster.server.endpoint import PUBLIC
from taskmaster.server.table import ENDPOINTS

FOREVER = 10**10
ONE = b"/api/v1/tasks/1"
GOOD = claims(exp=FOREVER, iat=None, projects={"one": "admin"})


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    folder = project(tmp_path_factory.mktemp("project"), 5)
    told = {"TAMP_JWT_SECRET": SECRET, "TAMP_JWT_ISSUER": ISSUER}
    with Serving(folder, f"--serve-project=one={folder}", **told) as server:
        found = Wire(server)
        with unharmed(found):
            yield found


def bearer(token: str, scheme: str = "Bearer") -> bytes:
    return f"Authorization: {scheme} {token}\r\n".encode("latin-1")


def test_a_good_token_is_good(wire: Wire) -> None:
    assert wire.anonymous(ONE, bearer(signed(GOOD))).status == 200


NONE = forged({"alg": "none", "typ": "JWT"}, GOOD)


@pytest.mark.parametrize(
    "token",
    [
        NONE,
        NONE.rstrip("."),
        forged({"alg": "None"}, GOOD),
        forged({"alg": "nOnE"}, GOOD, SECRET.encode()),
        forged({"alg": ""}, GOOD, SECRET.encode()),
        forged({}, GOOD, SECRET.encode()),
        forged({"alg": "HS256"}, GOOD, b""),
        forged({"alg": "HS256"}, GOOD, b"dev-secret-key"),
        forged({"alg": "HS256", "kid": "../../../../dev/null"}, GOOD, b""),
        forged({"alg": "HS256", "jwk": {"kty": "oct", "k": ""}}, GOOD, b""),
        forged({"alg": "HS256", "crit": ["exp"]}, GOOD, SECRET.encode()),
        forged({"alg": "RS256"}, GOOD, SECRET.encode()),
        forged({"alg": "HS512"}, GOOD, SECRET.encode()),
        signed({**GOOD, "exp": 1}),
        signed({**GOOD, "exp": "never"}),
        signed({key: one for key, one in GOOD.items() if key != "exp"}),
        signed({**GOOD, "nbf": FOREVER}),
        signed({**GOOD, "iat": FOREVER}),
        signed({**GOOD, "aud": "another"}),
        signed({**GOOD, "aud": None}),
        signed({**GOOD, "iss": "https://evil.example"}),
        signed({**GOOD, "iss": [ISSUER]}),
        signed({**GOOD, "sub": ""}),
        signed({**GOOD, "sub": "local"}).rpartition(".")[0] + ".",
        signed(GOOD)[:-2],
        signed(GOOD) + ".x",
        signed(GOOD).replace(".", ".."),
        "a.b.c",
        "..",
        "eyJ" * 3_000,
        "x" * 30_000,
        "\xff\xfe",
        "null",
        "undefined",
        "{}",
    ],
    ids=lambda token: token[:12] + token[-8:] if token.isascii() else "bytes",
)
def test_a_token_that_is_not_right_in_every_way_is_none(wire: Wire, token: str) -> None:
    found = harmless(wire.anonymous(ONE, bearer(token)), wire)

    assert found.status == 401
    assert b"Task 1" not in found.whole
    assert token.encode("latin-1") not in found.whole or len(token) < 10


def test_a_key_of_anybodys_own_is_no_key(wire: Wire) -> None:
    key = rsa_key()
    shown = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    for token in (signed(GOOD, key, "RS256"), forged({"alg": "HS256"}, GOOD, shown)):
        assert harmless(wire.anonymous(ONE, bearer(token)), wire).status == 401


@pytest.mark.parametrize(
    "shown",
    [
        "Authorization: {}", "Authorization: Basic {}", "Authorization: Token {}",
        "Authorization: Bearer", "Authorization: Bearer {}x", "Authorization: Bearer {},{}",
        "Authorization: Bearer\t{}", "Cookie: token={}", "Proxy-Authorization: Bearer {}",
        "X-Authorization: Bearer {}", "X-Access-Token: {}", "X-API-Key: Bearer {}",
        "X-Forwarded-User: local", "X-Remote-User: ann", "Sec-WebSocket-Protocol: bearer.{}",
        "Authorization: Bearer {}\r\nX-API-Key: {}", "X-API-Key: {}\r\nAuthorization: Bearer x",
    ],
)  # fmt: skip
def test_a_token_counts_only_where_it_belongs(wire: Wire, shown: str) -> None:
    line = f"{shown.replace('{}', wire.token)}\r\n".encode()

    assert harmless(wire.anonymous(ONE, line), wire).status == 401


@pytest.mark.parametrize("name", ["Authorization: Bearer {}", "X-API-Key: {}"])
@pytest.mark.parametrize("others", [("x", "{}"), ("{}", "x"), ("{}", "{}"), ("", "{}")])
def test_who_shows_two_tokens_shows_none(wire: Wire, name: str, others: tuple[str, str]) -> None:
    lines = [f"{name.format(one)}\r\n".replace("{}", wire.token) for one in others]

    found = harmless(wire.anonymous(ONE, "".join(lines).encode()), wire)

    assert (found.status, found.codes) == (400, ["repeated-header"])


@pytest.mark.parametrize(
    "query", ["token={}", "access_token={}", "api_key={}", "apikey={}", "key={}", "jwt={}"]
)
def test_a_token_in_an_address_is_none_and_is_not_written_down(wire: Wire, query: str) -> None:
    path = f"/api/v1/tasks/1?{query.replace('{}', wire.token)}".encode()

    assert harmless(wire.anonymous(path), wire).status == 401
    assert wire.anonymous(f"/{wire.token}".encode()).status == 404


def test_scheme_and_header_may_be_written_in_any_case(wire: Wire) -> None:
    for line in (f"AUTHORIZATION: BEARER {wire.token}\r\n", f"x-api-key:{wire.token}\r\n"):
        assert wire.anonymous(ONE, line.encode()).status == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PATCH", "DELETE", "PUT", "TRACE"])
def test_nobody_gets_anything_anywhere_but_at_the_public_paths(wire: Wire, method: str) -> None:
    public = {one.path for one in ENDPOINTS if one.need == PUBLIC}
    for path in {one.path for one in ENDPOINTS} - public:
        found = harmless(wire.anonymous(path.encode(), method=method.encode()), wire)
        assert found.status in (401, 404, 405), (path, found)
        assert b"Task" not in found.body


@pytest.mark.parametrize(
    "claimed",
    [
        b"X-Forwarded-For: 127.0.0.1", b"X-Forwarded-For: 10.0.0.1", b"X-Real-IP: 127.0.0.1",
        b"Forwarded: for=127.0.0.1;proto=https;host=localhost", b"X-Forwarded-Proto: https",
        b"X-Forwarded-For: " + b"1.1.1.1," * 3_000, b"X-Forwarded-For: \xff", b'Forwarded: for="',
    ],
    ids=repr,
)  # fmt: skip
def test_what_a_stranger_says_of_where_he_comes_from_is_not_believed(
    wire: Wire, claimed: bytes
) -> None:
    found = harmless(wire.get(ONE, claimed + b"\r\n"), wire)

    assert found.status == 200
    assert b"strict-transport-security" not in found.whole


def test_another_address_in_a_header_is_no_new_allowance(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = project(tmp_path_factory.mktemp("project"))
    with Serving(folder, "--log-level=error") as server:
        wire = Wire(server)
        line = head(b"GET", ONE, b"X-Forwarded-For: 10.0.0.%d\r\n", b"X-API-Key: nothing\r\n")
        line = line.replace(CLOSE, b"")
        with socket.create_connection((LOOPBACK, wire.port), timeout=PATIENCE) as connection:
            connection.sendall(b"".join(line % (number % 250) for number in range(700)))
            found = b""
            while found.count(b"\r\n\r\n") < 700:
                found += connection.recv(65_536)

        assert 500 < found.count(b"HTTP/1.1 401 ") < 700
        assert found.count(b"HTTP/1.1 429 ") > 0
        assert b"retry-after" in found
        assert wire.get(ONE).status == 200


def test_strangers_may_read_so_much_and_ask_for_health_as_often_as_they_like(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = project(tmp_path_factory.mktemp("project"))
    made = process(folder, "keys", "create", "one", "--role=viewer", "--json")
    token = json.loads(made.out)["token"]
    with Serving(folder, "--host=0.0.0.0", "--allow-host=0.0.0.0") as server:
        with server.client("") as stranger:
            read = [stranger.get("/docs").status_code for _ in range(70)]
            health = {stranger.get("/health/live").status_code for _ in range(70)}
        with server.client(token) as known:
            assert known.get("/api/v1/tasks/1").status_code == 200

    assert read[:60] == [200] * 60
    assert read[-1] == 429
    assert health == {200}


def test_how_long_a_refusal_takes_tells_nothing_of_what_is_kept(wire: Wire) -> None:
    wire.get(b"/api/v1/tasks?limit=7")

    def median(path: bytes) -> float:
        taken = []
        for _ in range(40):
            began = time.perf_counter()
            assert wire.anonymous(path).status == 401
            taken.append(time.perf_counter() - began)
        return statistics.median(taken)

    kept, unknown = median(b"/api/v1/tasks?limit=7"), median(b"/api/v1/tasks?limit=8")

    assert abs(kept - unknown) < 0.005


def test_no_secret_is_in_what_the_process_shows(wire: Wire) -> None:
    told = Path(f"/proc/{wire.server.process.pid}/cmdline")
    if not told.exists():
        pytest.skip("only Linux tells")
    shown = told.read_bytes()

    assert SECRET.encode() not in shown
    assert wire.token.encode() not in shown
