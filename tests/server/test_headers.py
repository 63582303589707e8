from __future__ import annotations

from typing import Any

import pytest

from taskmaster.errors import Forbidden, Usage
from taskmaster.server.headers import (
    DATA,
    PAGE,
    Headers,
    Hosts,
    Origins,
    Proxies,
    client_address,
    client_scheme,
    only,
)

APP = "https://app.example.org"


def text(headers: Headers) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in headers}


def host(*values: str) -> Headers:
    return [(b"accept", b"*/*"), *((b"host", value.encode()) for value in values)]


@pytest.mark.parametrize("kind", [DATA, PAGE], ids=["data", "page"])
def test_answers_allow_nothing_that_was_not_named(kind: tuple[Headers, Headers]) -> None:
    told = text(kind[False])

    assert told["content-security-policy"].startswith("default-src 'none'; ")
    assert "unsafe" not in told["content-security-policy"]
    assert "frame-ancestors 'none'" in told["content-security-policy"]
    assert told["x-content-type-options"] == "nosniff"
    assert told["x-frame-options"] == "DENY"
    assert told["referrer-policy"] == "no-referrer"
    assert "camera=()" in told["permissions-policy"].split(", ")
    assert told["cross-origin-opener-policy"] == "same-origin"
    assert told["cross-origin-resource-policy"] == "same-origin"


def test_data_stays_with_the_one_who_asked_and_is_validated_each_time() -> None:
    assert text(DATA[False])["cache-control"] == "private, no-cache"


def test_only_pages_load_anything_and_only_from_here() -> None:
    assert "src 'self'" not in text(DATA[False])["content-security-policy"]
    assert "script-src 'self';" in text(PAGE[False])["content-security-policy"]


def test_only_who_came_through_tls_is_told_to_do_so_again() -> None:
    assert "strict-transport-security" not in text(DATA[False])
    assert text(DATA[True])["strict-transport-security"] == "max-age=31536000"


@pytest.mark.parametrize(
    "value",
    "localhost localhost:8080 LocalHost:1 127.0.0.1 127.0.0.1:65535 [::1]:80"
    " tasks.example.org".split(),
)
def test_our_own_names_are_answered_at_any_port(value: str) -> None:
    hosts = Hosts(["Tasks.example.org"])

    assert [hosts.check(host(value)) for _ in range(2)] == [value.encode()] * 2


@pytest.mark.parametrize(
    "value",
    "evil.example evil.example:8080 localhost.evil.example 127.0.0.1.evil.example 2130706433"
    " 0.0.0.0 [::2] example.org xtasks.example.org tasks.example.org.".split(),
)
def test_a_name_that_was_pointed_here_by_somebody_else_is_refused(value: str) -> None:
    with pytest.raises(Forbidden) as caught:
        Hosts(["tasks.example.org"]).check(host(value))

    assert caught.value.code == "unknown-host"


@pytest.mark.parametrize(
    "values",
    [
        (),
        ("",),
        ("localhost:",),
        ("localhost:x",),
        ("localhost:123456",),
        ("localhost, evil.example",),
        ("a@localhost",),
        ("localhost/x",),
        ("local host",),
        ("ë.example",),
        ("::1",),
        ("[::1",),
    ],
)
def test_a_request_that_names_no_host_makes_no_sense(values: tuple[str, ...]) -> None:
    with pytest.raises(Usage) as caught:
        Hosts().check(host(*values))

    assert caught.value.code == "bad-host"


def test_a_request_that_names_two_hosts_makes_no_sense() -> None:
    with pytest.raises(Usage) as caught:
        Hosts().check(host("localhost", "localhost"))

    assert caught.value.code == "repeated-header"


def test_what_is_remembered_of_hosts_is_bounded() -> None:
    hosts = Hosts()
    for port in range(3000):
        hosts.check(host(f"localhost:{port}"))

    assert len(hosts._known) <= 1000


def test_an_allowed_page_may_read_the_answer_and_no_other() -> None:
    origins = Origins([f"{APP}/"])
    told = text(origins.answer(APP.encode()))

    assert told["access-control-allow-origin"] == APP
    assert told["vary"] == "Origin"
    assert {"ETag", "Link", "Location", "X-Request-Id", "RateLimit-Remaining"} <= set(
        told["access-control-expose-headers"].split(", ")
    )
    assert "access-control-allow-credentials" not in told
    for other in (b"https://evil.example", b"", b"null", b"https://app.example.org.evil"):
        assert origins.answer(other) == [(b"vary", b"Origin")]


def test_without_allowed_pages_answers_do_not_depend_on_the_origin() -> None:
    assert Origins().answer(APP.encode()) == []


@pytest.mark.parametrize("name", ["", "*", "tasks.example.org:443", "https://a", "2001:db8::1"])
def test_hosts_are_named_without_anything_around(name: str) -> None:
    with pytest.raises(Usage) as caught:
        Hosts([name])

    assert caught.value.code == "bad-host"


@pytest.mark.parametrize(
    "text", ["*", "null", "app.example.org", "https://*.example.org", "https://a/b", "ftp://a", ""]
)
def test_origins_are_named_one_by_one(text: str) -> None:
    with pytest.raises(Usage) as caught:
        Origins([text])

    assert caught.value.code == "bad-origin"


@pytest.mark.parametrize("origin", [b"", APP.encode(), b"http://localhost:8080"])
def test_a_change_may_come_from_programs_allowed_pages_and_our_own(origin: bytes) -> None:
    Origins([APP]).check(origin, b"localhost:8080")


@pytest.mark.parametrize(
    "origin",
    [
        b"https://evil.example",
        b"null",
        b"http://localhost:3000",
        b"localhost:8080",
        b"\xff",
        b"://",
    ],
)
def test_no_other_page_may_change_anything(origin: bytes) -> None:
    with pytest.raises(Forbidden) as caught:
        Origins([APP]).check(origin, b"localhost:8080")

    assert caught.value.code == "unknown-origin"


def asked(origin: str, method: str = "PUT") -> Headers:
    asking = [(b"access-control-request-method", method.encode())] if method else []
    return [(b"origin", origin.encode()), *asking]


def test_a_browser_that_asks_beforehand_learns_what_it_may_send() -> None:
    found = Origins([APP]).preflight(asked(APP))

    assert found is not None
    told = text(found)
    assert told["access-control-allow-origin"] == APP
    assert "PUT" in told["access-control-allow-methods"].split(", ")
    assert {"Authorization", "If-Match", "Idempotency-Key"} <= set(
        told["access-control-allow-headers"].split(", ")
    )
    assert int(told["access-control-max-age"]) > 0


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_a_browser_that_asks_for_a_strange_page_is_refused(origin: str) -> None:
    with pytest.raises(Forbidden):
        Origins([APP]).preflight(asked(origin))


def test_an_options_request_of_another_kind_is_no_such_question() -> None:
    assert Origins([APP]).preflight(asked(APP, "")) is None
    assert Origins([APP]).preflight([(b"access-control-request-method", b"PUT")]) is None


def test_a_header_that_may_be_there_once_is_refused_when_repeated() -> None:
    assert only([(b"a", b"1"), (b"b", b"2")], b"b") == b"2"
    assert only([], b"b") == b""
    with pytest.raises(Usage):
        only([(b"a", b"1"), (b"a", b"1")], b"a")


def scope(peer: str, *headers: tuple[str, str], scheme: str = "http") -> dict[str, Any]:
    told = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
    return {"client": (peer, 1234) if peer else None, "headers": told, "scheme": scheme}


BEHIND = Proxies(["10.0.0.0/8", "2001:db8::/32"])
STANDARD = Proxies(["10.0.0.0/8"], header="forwarded")


def forwarded(*values: str) -> tuple[tuple[str, str], ...]:
    return tuple(("X-Forwarded-For", value) for value in values)


@pytest.mark.parametrize(
    ("peer", "headers", "client"),
    [
        ("10.0.0.1", forwarded("192.0.2.7"), "192.0.2.7"),
        ("::ffff:10.0.0.1", forwarded("192.0.2.7"), "192.0.2.7"),
        ("10.0.0.1", forwarded("1.1.1.1, 192.0.2.7"), "192.0.2.7"),
        ("10.0.0.1", forwarded("1.1.1.1, 192.0.2.7, 10.0.0.2"), "192.0.2.7"),
        ("10.0.0.1", forwarded("1.1.1.1", "192.0.2.7", "10.0.0.2"), "192.0.2.7"),
        ("10.0.0.1", forwarded("192.0.2.7:4711"), "192.0.2.7"),
        ("2001:db8::1", forwarded("[2001:db9::5]:4711"), "2001:db9::5"),
        ("2001:db8::1", forwarded("2001:db9::5"), "2001:db9::5"),
        ("10.0.0.1", forwarded("10.0.0.3, 10.0.0.2"), "10.0.0.3"),
        ("10.0.0.1", forwarded("1.1.1.1, unknown"), "10.0.0.1"),
        ("10.0.0.1", forwarded("1.1.1.1, \x80, 10.0.0.2"), "10.0.0.2"),
        ("10.0.0.1", forwarded(""), "10.0.0.1"),
        ("10.0.0.1", (), "10.0.0.1"),
        ("10.0.0.1", (("Forwarded", "for=1.1.1.1"),), "10.0.0.1"),
        ("192.0.2.1", forwarded("1.1.1.1"), "192.0.2.1"),
        ("", forwarded("1.1.1.1"), ""),
    ],
)
def test_the_client_is_the_nearest_one_that_is_no_trusted_proxy(
    peer: str, headers: tuple[tuple[str, str], ...], client: str
) -> None:
    assert client_address(scope(peer, *headers), BEHIND) == client


@pytest.mark.parametrize(
    ("value", "client"),
    [
        ("for=192.0.2.7", "192.0.2.7"),
        ('For="[2001:db9::5]:4711";proto=https;by=10.0.0.1', "2001:db9::5"),
        ("for=1.1.1.1, for=192.0.2.7;host=a, for=10.0.0.2", "192.0.2.7"),
        ('for="192.0.2.7:4711"', "192.0.2.7"),
        ("for=1.1.1.1, for=_hidden", "10.0.0.1"),
        ("nonsense", "10.0.0.1"),
        ('for=192.0.2.7;host="a;for=1.1.1.1"', "192.0.2.7"),
        ('for=192.0.2.7;host="a,for=1.1.1.1"', "10.0.0.1"),
        ('for=1.1.1.1;x=", for="[2001:db9::5]:4711"', "2001:db9::5"),
    ],
)
def test_proxies_may_write_the_standard_header(value: str, client: str) -> None:
    assert client_address(scope("10.0.0.1", ("Forwarded", value)), STANDARD) == client


def test_a_header_that_the_proxies_pass_on_unread_says_nothing() -> None:
    passed_on = scope("10.0.0.1", ("X-Forwarded-For", "1.1.1.1"), ("X-Forwarded-Proto", "https"))

    assert client_address(passed_on, STANDARD) == "10.0.0.1"
    assert client_scheme(passed_on, STANDARD) == "http"


def test_without_proxies_nobody_is_believed() -> None:
    alone = Proxies()
    told = scope("127.0.0.1", ("X-Forwarded-For", "1.1.1.1"), ("X-Forwarded-Proto", "https"))

    assert client_address(told, alone) == "127.0.0.1"
    assert client_scheme(told, alone) == "http"


@pytest.mark.parametrize(
    ("peer", "header", "own", "scheme"),
    [
        ("10.0.0.1", ("X-Forwarded-Proto", "https"), "http", "https"),
        ("10.0.0.1", ("X-Forwarded-Proto", "http, HTTPS"), "http", "https"),
        ("10.0.0.1", ("X-Forwarded-Proto", "gopher"), "http", "http"),
        ("10.0.0.1", ("X-Other", "https"), "http", "http"),
        ("192.0.2.1", ("X-Forwarded-Proto", "https"), "http", "http"),
        ("", ("X-Forwarded-Proto", "https"), "http", "http"),
        ("192.0.2.1", ("X-Forwarded-Proto", "http"), "https", "https"),
        ("192.0.2.1", ("X-Other", ""), "wss", "https"),
    ],
)
def test_tls_is_what_a_trusted_proxy_says_or_what_we_see(
    peer: str, header: tuple[str, str], own: str, scheme: str
) -> None:
    assert client_scheme(scope(peer, header, scheme=own), BEHIND) == scheme


def test_the_standard_header_tells_the_scheme_too() -> None:
    told = scope("10.0.0.1", ("Forwarded", "for=1.1.1.1;proto=http, for=2.2.2.2;proto=https"))

    assert client_scheme(told, STANDARD) == "https"


@pytest.mark.parametrize("network", ["everybody", "10.0.0.0/99", "proxy.example", ""])
def test_proxies_are_named_by_address(network: str) -> None:
    with pytest.raises(Usage) as caught:
        Proxies([network])

    assert caught.value.code == "bad-proxies"


def test_proxies_that_write_something_else_are_refused() -> None:
    with pytest.raises(Usage):
        Proxies(["10.0.0.1"], header="x-real-ip")
