"""Whatever a server is sent: an answer, or a refusal that says why, and the server goes on."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.processes import LOOPBACK
from tests.server.raw import PATIENCE, Said, Wire, harmless, head, unharmed
from tests.server.running import Serving, project

from taskmaster.server.endpoint import PUBLIC, STREAMS
from taskmaster.server.table import ENDPOINTS

# One does not end, and would have to be waited for; another is asked for by its own type.
ASKED = [one for one in ENDPOINTS if one.kinds != (STREAMS,)]
TEXTS = st.sampled_from([
    "", "1", "2.1", "master", "-1", "0", "9" * 300, "1,2", "#1", "../..", "\x00", "\u0661",
    "\uff11", "true", "null", "NaN", "1e999", "[]", "{}", '"', "'", "\\", "%", "%00", "a\nb",
    "\x1b[31m", "\ufeff", "\ud7ff\uffff", "\U0010ffff", "e\u0301", "\u0131", "\u0130", "*", "done",
    "in-progress", "key:x", "tamp_a_b", "2026-02-30", "0001-01-01", "9999-12-31", "$x", "a.b.c",
    "__proto__", "x" * 3_000, "-created",
]) | st.text(max_size=8)  # fmt: skip
BYTES = TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary(max_size=12)
NUMBERS = st.sampled_from([0, 1, -1, 2**31, 2**63, 2**64, 10**30, 0.1, -0.0, 1e308, 5e-324])
VALUES = st.recursive(
    TEXTS | NUMBERS | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from([
    b"Accept", b"Accept-Encoding", b"Content-Encoding", b"Content-Type", b"Cookie", b"Expect",
    b"Host", b"Forwarded", b"Idempotency-Key", b"If-Match", b"If-None-Match", b"Last-Event-ID",
    b"Origin", b"Range", b"TE", b"Trailer", b"Upgrade", b"X-API-Key", b"X-Forwarded-For",
    b"X-Forwarded-Proto", b"X-HTTP-Method-Override", b"X-Request-Id", b"X-Session",
    b"Access-Control-Request-Method",
    b"Sec-WebSocket-Key", b"Sec-WebSocket-Protocol", b"Sec-WebSocket-Version", b"Authorization",
])  # fmt: skip
SIGNS = st.sampled_from([b"", b"\r\n", b"\n", b"\x00", b" ", b":", b"0\r\n\r\n"])
METHODS = st.sampled_from([b"GET", b"POST", b"PATCH", b"DELETE", b"PUT", b"HEAD", b"OPTIONS"])


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    with Serving(project(tmp_path_factory.mktemp("project"), 9)) as server:
        found = Wire(server)
        with unharmed(found):
            yield found


@st.composite
def paths(draw: st.DrawFn) -> bytes:
    endpoint = draw(st.sampled_from(ASKED))
    parts = [
        quote_from_bytes(draw(BYTES), safe="") if one.startswith("{") else one
        for one in endpoint.path.split("/")
    ]
    names = st.sampled_from([*endpoint.query.__struct_fields__, "limit", "x"])
    pairs = draw(st.lists(st.tuples(names, BYTES), max_size=3))
    query = "&".join(f"{name}={quote_from_bytes(value)}" for name, value in pairs if name != "wait")
    return f"{'/'.join(parts)}?{query}".encode()


@st.composite
def headers(draw: st.DrawFn) -> bytes:
    lines = draw(st.lists(st.tuples(NAMES, BYTES), max_size=3, unique_by=lambda one: one[0]))
    return b"".join(
        b"%b: %b\r\n" % (name, value.translate(None, b"\r\n\x00"))
        for name, value in lines
        if value != b"text/event-stream"
    )


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    endpoint = draw(st.sampled_from([one for one in ASKED if one.body is not None]))
    fields = getattr(endpoint.body, "__struct_encode_fields__", ("name", "role", "kind", "target"))
    asked = draw(st.dictionaries(st.sampled_from(fields), VALUES, max_size=4))
    return draw(
        st.just(json.dumps(asked).encode())
        | BYTES
        | VALUES.map(lambda one: json.dumps(one).encode())
    )


def check(wire: Wire, method: bytes, path: bytes, told: bytes, body: bytes, *, mine: bool) -> None:
    length = b"Content-Length: %d\r\n" % len(body)
    known = wire.mine if mine and b"Authorization" not in told else b""
    found = harmless(wire.say(head(method, path, known, told, length), body), wire)

    assert found.statuses or b"Upgrade" in told, found
    if not known and found.statuses and found.status < 300:
        public = {one.path for one in ENDPOINTS if one.need == PUBLIC}
        bare = path.partition(b"?")[0].decode()
        assert method == b"OPTIONS" or bare in public or bare.startswith("/docs/"), found


REQUESTS = {"method": METHODS, "path": paths(), "told": headers(), "body": bodies()}


@given(**REQUESTS, mine=st.booleans())
@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_request_is_answered(
    wire: Wire, method: bytes, path: bytes, told: bytes, body: bytes, mine: bool
) -> None:
    check(wire, method, path, told, body, mine=mine)


@pytest.mark.soak
@pytest.mark.timeout(1_800)
@given(**REQUESTS, mine=st.booleans())
@settings(max_examples=30_000, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_of_many_requests_is_answered(
    wire: Wire, method: bytes, path: bytes, told: bytes, body: bytes, mine: bool
) -> None:
    check(wire, method, path, told, body, mine=mine)


@st.composite
def mangled(draw: st.DrawFn) -> bytes:
    """A request in which bytes are missing, doubled, or others."""
    body = b'{"title":"x"}'
    told = b"Content-Length: 13\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n"
    whole = head(b"POST", b"/api/v1/tasks", b"Authorization: Bearer x\r\n", told) + body
    pieces = bytearray(whole * draw(st.integers(1, 2)))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(pieces)))
        end = start + draw(st.integers(0, 20))
        twice = st.just(bytes(pieces[start:end]) * 2)
        pieces[start:end] = draw(SIGNS | twice | st.binary(max_size=4))
    return bytes(pieces)


def mangle(wire: Wire, sent: bytes) -> None:
    with socket.create_connection((LOOPBACK, wire.port), timeout=PATIENCE) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        found = b""
        try:
            while chunk := connection.recv(65_536):
                found += chunk
        except ConnectionResetError:
            pass
    said = harmless(Said(found), wire)
    assert all(one >= 400 for one in said.statuses), said


@given(mangled())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_hardly_a_request_does_nothing(wire: Wire, sent: bytes) -> None:
    mangle(wire, sent)


@pytest.mark.soak
@pytest.mark.timeout(1_800)
@given(mangled())
@settings(max_examples=30_000, deadline=None, suppress_health_check=list(HealthCheck))
def test_neither_does_any_of_many(wire: Wire, sent: bytes) -> None:
    mangle(wire, sent)
