from __future__ import annotations

import asyncio
import gzip
import tracemalloc
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest

from taskmaster.errors import TampError
from taskmaster.server.compression import SMALLEST, packed, received, understood
from taskmaster.server.statuses import status_of

LARGEST = 100_000
BODY = b'{"title": "Unpack the boxes"}' * 100


def test_a_packed_answer_is_the_same_and_smaller() -> None:
    small = packed(BODY)

    assert gzip.decompress(small) == BODY
    assert len(small) < len(BODY) / 10


def test_a_small_answer_is_left_as_it_is() -> None:
    assert packed(b"a" * (SMALLEST - 1)) == b""
    assert packed(b"a" * SMALLEST)


def test_the_same_answer_is_packed_into_the_same_bytes() -> None:
    assert packed(BODY) == packed(BODY)


@pytest.mark.parametrize(
    ("accept", "taken"),
    [
        (b"gzip", True),
        (b"GZip", True),
        (b"x-gzip", True),
        (b"gzip, deflate, br, zstd", True),
        (b"br;q=1.0, gzip;q=0.8, *;q=0.1", True),
        (b"gzip;q=0.001", True),
        (b"gzip ; q = 1", True),
        (b"*", True),
        (b"identity;q=0, *", True),
        (b"gzip, identity", True),
        (b"gzip;q=0", False),
        (b"gzip;q=0.0, *", False),
        (b"br;q=1, *;q=0", False),
        (b"identity, gzip;q=0.5", False),
        (b"br", False),
        (b"notgzip", False),
        (b"gzipped", False),
        (b"", False),
        (b"gzip;q=x", False),
        (b"gzip;q=2", False),
        (b"gzip;q=nan", False),
    ],
)
def test_only_who_takes_gzip_gets_it(accept: bytes, taken: bool) -> None:
    assert understood(accept) is taken


def read(pieces: Iterable[bytes], coding: str = "", largest: int = LARGEST, **more: str) -> bytes:
    """The body of a request that comes in these pieces."""
    told = {"content-encoding": coding} if coding else {}
    headers = {name.replace("_", "-"): value for name, value in (told | more).items()}
    return asyncio.run(read_by(pieces, headers, largest))


async def read_by(pieces: Iterable[bytes], headers: Mapping[str, str], largest: int) -> bytes:
    waiting = [*pieces]

    async def receive() -> dict[str, Any]:
        if not waiting:
            return {"type": "http.disconnect"}
        body = waiting.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(waiting)}

    raw = {name.encode(): value.encode() for name, value in headers.items()}
    return await received(receive, raw, largest)


def in_pieces(data: bytes, size: int) -> list[bytes]:
    return [data[place : place + size] for place in range(0, len(data), size)]


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("", bytes),
        ("identity", bytes),
        ("gzip", gzip.compress),
        ("GZIP", gzip.compress),
        ("x-gzip", gzip.compress),
        ("deflate", zlib.compress),
    ],
)
def test_a_body_may_come_packed_and_in_pieces(coding: str, pack: Any, size: int) -> None:
    assert read(in_pieces(pack(BODY), size), coding) == BODY


def test_an_empty_body_is_empty() -> None:
    assert read([b""]) == b""
    assert read([gzip.compress(b"")], "gzip") == b""


def refused(pieces: Iterable[bytes], coding: str = "", **more: Any) -> tuple[int, str]:
    with pytest.raises(TampError) as caught:
        read(pieces, coding, **more)
    assert caught.value.message
    return status_of(caught.value), caught.value.code


@pytest.mark.parametrize("size", [1_000, 1 << 30])
def test_a_body_that_is_too_large_is_refused(size: int) -> None:
    assert refused(in_pieces(b"a" * (LARGEST + 1), size)) == (413, "too-large")
    assert len(read([b"a" * LARGEST])) == LARGEST


def test_a_body_that_says_it_is_too_large_is_not_even_read() -> None:
    assert refused([], content_length=str(LARGEST + 1)) == (413, "too-large")


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_bomb_does_not_go_off(coding: str) -> None:
    pack = gzip.compress if coding == "gzip" else zlib.compress
    bomb = pack(bytes(50_000_000), 9)
    tracemalloc.start()
    try:
        assert refused(in_pieces(bomb, 65_536), coding) == (413, "too-large")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < 2_000_000


def test_a_body_of_which_nothing_comes_out_ends_too() -> None:
    nothing = zlib.compressobj(wbits=31)
    start = nothing.compress(b"")
    empty = [nothing.flush(zlib.Z_FULL_FLUSH) for _ in range(2)]
    pieces = [start, empty[0], *[b"\x00\x00\x00\xff\xff" * 1000] * 100]

    assert refused(pieces, "gzip") == (413, "too-large")


def test_what_fits_exactly_is_not_too_large() -> None:
    assert len(read([gzip.compress(b"a" * LARGEST)], "gzip")) == LARGEST
    assert refused([gzip.compress(b"a" * (LARGEST + 1))], "gzip") == (413, "too-large")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        BODY,
        gzip.compress(BODY)[:-1],
        gzip.compress(BODY)[:20],
        gzip.compress(BODY) + b"more",
        gzip.compress(BODY)[:-8] + bytes(8),
    ],
    ids=["nothing", "plain", "shorter", "cut", "longer", "wrong sum"],
)
def test_what_was_not_packed_as_it_says_is_refused(body: bytes) -> None:
    assert refused([body], "gzip") == (400, "bad-encoding")
    assert refused(in_pieces(body, 10) or [b""], "gzip") == (400, "bad-encoding")


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "gzip, gzip", "gzip,", "\xff"])
def test_what_cannot_be_unpacked_is_refused_with_what_can(coding: str) -> None:
    with pytest.raises(TampError) as caught:
        read([b"x"], coding)

    assert status_of(caught.value) == 415
    assert caught.value.headers == [(b"accept-encoding", b"gzip, deflate")]  # type: ignore[attr-defined]


@pytest.mark.parametrize("coding", ["", "gzip"])
def test_what_came_before_the_client_went_away_is_no_request(coding: str) -> None:
    async def receive() -> dict[str, Any]:
        return next(messages)

    messages: Iterator[dict[str, Any]] = iter(
        [
            {"type": "http.request", "body": b"[1]", "more_body": True},
            {"type": "http.disconnect"},
        ]
    )
    headers = {b"content-encoding": coding.encode()} if coding else {}
    with pytest.raises(TampError):
        asyncio.run(received(receive, headers, LARGEST))
