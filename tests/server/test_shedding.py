from __future__ import annotations

import pytest

from taskmaster.server.shedding import (
    READ,
    STREAM,
    WRITE,
    Overloaded,
    Shedding,
    memory_limit,
    memory_used,
)
from taskmaster.server.statuses import status_of

KINDS = (STREAM, READ, WRITE, "health", "auth")


class Server:
    """Time and memory as a test wants them, and requests that take no time of ours."""

    def __init__(self, **bounds: int) -> None:
        self.now = 1000.0
        self.used = 0
        self.shedding = Shedding(slow=1.0, clock=lambda: self.now, used=lambda: self.used, **bounds)

    def second(self, seconds: float, count: int = 100, kind: str = "") -> None:
        """So many requests in one second, each of which takes so long."""
        for _ in range(count):
            self.shedding.enter(kind)
            self.now += 1 / count
            self.shedding.leave(seconds)

    def refused(self, kind: str, count: int = 100) -> int:
        """How many of so many requests at one moment, none of which stays, are refused."""
        found = 0
        for _ in range(count):
            try:
                self.shedding.enter(kind)
            except Overloaded:
                found += 1
            else:
                self.shedding.under_way -= kind != STREAM
        return found

    def shares(self) -> list[int]:
        return [self.refused(kind) for kind in KINDS]


def test_a_server_that_is_well_refuses_nothing() -> None:
    server = Server(memory=1000)
    for _ in range(60):
        server.second(0.2)

    assert server.shedding.level == 0
    assert server.shares() == [0, 0, 0, 0, 0]


def test_a_few_slow_requests_are_no_trouble() -> None:
    server = Server()
    for _ in range(20):
        server.second(0.1, 96)
        server.second(5.0, 4)

    assert server.shedding.level == 0


def test_who_is_lost_first_is_who_costs_least() -> None:
    server, levels = Server(), []
    for _ in range(14):
        server.second(2.0)
        levels.append(server.shares()[:3])

    assert levels[0][1:] == [0, 0]
    assert [streams for streams, _, _ in levels] == sorted(streams for streams, _, _ in levels)
    assert [reads for _, reads, _ in levels] == sorted(reads for _, reads, _ in levels)
    # Nobody reads in vain while streams are taken, nor writes in vain while reads are.
    assert all(streams == 100 for streams, reads, _ in levels if reads)
    assert all(reads == 100 for _, reads, writes in levels if writes)
    assert levels[-1] == [100, 100, 100]


def test_health_and_authentication_are_never_refused() -> None:
    server = Server(most=10, memory=100)
    server.used = 1000
    for _ in range(30):
        server.second(9.0)
    server.shedding.under_way = 1000

    assert server.shares() == [100, 100, 100, 0, 0]


def test_it_recovers_by_itself() -> None:
    server = Server()
    for _ in range(8):
        server.second(2.0)
    worst = server.shedding.level
    levels = []
    for _ in range(30):
        server.second(0.1)
        levels.append(server.shedding.level)

    assert worst > 1
    assert levels == sorted(levels, reverse=True)
    assert levels[-1] == 0
    assert server.shares() == [0, 0, 0, 0, 0]


def test_it_recovers_when_nobody_comes_any_more() -> None:
    server = Server()
    for _ in range(8):
        server.second(2.0)
    server.now += 3600

    assert server.refused(READ) == 0


def test_a_handful_of_requests_says_nothing() -> None:
    server = Server()
    for _ in range(20):
        server.second(9.0, 5)

    assert server.shedding.level == 0


@pytest.mark.parametrize(
    ("used", "shares"),
    [
        (700, [0, 0, 0, 0, 0]),
        (800, [0, 0, 0, 0, 0]),
        (867, [50, 0, 0, 0, 0]),
        (933, [100, 0, 0, 0, 0]),
        (967, [100, 25, 0, 0, 0]),
        (1000, [100, 50, 0, 0, 0]),
        (5000, [100, 50, 0, 0, 0]),
    ],
)
def test_memory_that_runs_out_is_saved(used: int, shares: list[int]) -> None:
    server = Server(memory=1000)
    server.used = used
    server.now += 1

    assert server.shares() == pytest.approx(shares, abs=1)


def test_memory_that_is_free_again_is_used_again() -> None:
    server = Server(memory=1000)
    server.used = 990
    server.now += 1
    before = server.refused(READ)
    server.used = 500
    server.now += 1

    assert before > 40
    assert server.refused(READ) == 0


def test_requests_that_pile_up_are_refused_at_once() -> None:
    server = Server(most=100)
    taken = 200 - sum(refused_for_good(server, WRITE) for _ in range(200))

    assert 90 <= taken <= 100
    for _ in range(taken):
        server.shedding.leave(0.1)
    assert server.shedding.under_way == 0
    assert server.refused(WRITE) == 0


def refused_for_good(server: Server, kind: str) -> bool:
    """Whether a request that does not end is refused."""
    try:
        server.shedding.enter(kind)
    except Overloaded:
        return True
    return False


def test_an_open_stream_is_no_request_under_way() -> None:
    server = Server(most=10)

    assert server.refused(STREAM, 1000) == 0
    assert server.shedding.under_way == 0


def test_a_share_is_refused_evenly() -> None:
    server = Server(memory=1000)
    server.used = 1000
    server.now += 1
    pattern = [server.refused(READ, 1) for _ in range(20)]

    assert sum(pattern) == 10
    assert all(sum(pattern[place : place + 2]) == 1 for place in range(0, 20, 2))


def test_a_refusal_says_when_to_come_back_and_is_counted() -> None:
    server = Server(memory=1000)
    server.used = 1000
    server.now += 1
    with pytest.raises(Overloaded) as caught:
        server.shedding.enter(STREAM)

    assert status_of(caught.value) == 503
    assert caught.value.retry_after == 4
    assert caught.value.headers == [(b"retry-after", b"4")]
    assert server.shedding.refused == {STREAM: 1}
    assert server.shedding.under_way == 0


def test_the_memory_of_this_process_is_known() -> None:
    assert 1_000_000 < memory_used() < memory_limit()
