from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.servers import RedisServer

from taskmaster.server.limits import (
    AUTH,
    READ,
    TIERS,
    WINDOW,
    WRITE,
    Limits,
    SharedLimits,
    neighbourhood,
)

FEW = {"free": {READ: 3, WRITE: 1, AUTH: 2}, "standard": {READ: 30, WRITE: 10, AUTH: 2}}


class Clock:
    """Nanoseconds that a test moves on."""

    def __init__(self) -> None:
        self.now = 5_000_000_000

    def __call__(self) -> int:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += round(seconds * 1e9)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limits(clock: Clock) -> Limits:
    return Limits(FEW, clock=clock)


def test_as_many_requests_as_the_limit_says_are_allowed_and_the_next_is_not(limits: Limits) -> None:
    left = [limits.take("ada", "free", READ) for _ in range(4)]

    assert [(one.remaining, one.retry_after) for one in left] == [(2, 0), (1, 0), (0, 0), (0, 20)]
    assert {one.limit for one in left} == {3}


@pytest.mark.parametrize("limit", [1, 7, 30, 60, 120, 1_200, 6_000])
def test_a_limit_is_exact(clock: Clock, limit: int) -> None:
    limits = Limits({"free": {READ: limit}}, clock=clock)

    allowed = sum(not limits.take("ada", "free", READ).retry_after for _ in range(limit + 5))

    assert allowed == limit


def test_who_waits_as_long_as_told_is_served(limits: Limits, clock: Clock) -> None:
    for _ in range(3):
        limits.take("ada", "free", READ)
    refused = limits.take("ada", "free", READ)
    clock.move(refused.retry_after)

    assert limits.take("ada", "free", READ) == (3, 0, 60, 0)


def test_a_refused_request_does_not_make_the_wait_longer(limits: Limits) -> None:
    waits = {limits.take("ada", "free", WRITE).retry_after for _ in range(5)}

    assert waits == {0, 60}


def test_all_is_there_again_after_the_seconds_that_were_told(limits: Limits, clock: Clock) -> None:
    told = [limits.take("ada", "free", READ) for _ in range(3)]
    clock.move(told[-1].reset)

    assert limits.take("ada", "free", READ).remaining == 2


def test_clients_tiers_and_kinds_are_counted_apart(limits: Limits) -> None:
    limits.take("ada", "free", WRITE)

    assert limits.take("ada", "free", WRITE).retry_after
    assert not limits.take("bob", "free", WRITE).retry_after
    assert not limits.take("ada", "free", READ).retry_after
    assert not limits.take("ada", "standard", WRITE).retry_after


def test_a_look_counts_nothing(limits: Limits) -> None:
    looks = [limits.look("10.0.0.1", "free", AUTH) for _ in range(9)]
    limits.take("10.0.0.1", "free", AUTH)
    limits.take("10.0.0.1", "free", AUTH)

    assert set(looks) == {(2, 2, 0, 0)}
    assert limits.look("10.0.0.1", "free", AUTH).retry_after == 30


def test_clients_who_owe_nothing_are_forgotten(clock: Clock) -> None:
    limits = Limits(FEW, clock=clock)
    for number in range(1000):
        limits.take(f"client {number}", "free", READ)
    for _ in range(2):
        clock.move(WINDOW + 1)
        limits.take("ada", "free", READ)

    assert remembered(limits) == {"ada"}


def test_a_flood_of_new_clients_takes_bounded_memory(clock: Clock) -> None:
    limits = Limits(FEW, clock=clock, most=100)
    for number in range(5000):
        limits.take(f"client {number}", "free", READ)

    assert len(remembered(limits)) <= 200


def test_a_debt_outlives_the_forgetting_of_others(clock: Clock) -> None:
    limits = Limits({"free": {READ: 1}}, clock=clock)
    limits.take("others", "free", READ)
    clock.move(WINDOW - 1)
    limits.take("ada", "free", READ)
    clock.move(2)
    limits.take("others", "free", READ)

    assert limits.take("ada", "free", READ).retry_after == WINDOW - 2


def remembered(limits: Limits) -> set[str]:
    meter = limits.meters["free", READ]
    return meter._recent.keys() | meter._older.keys()


def test_the_headers_say_what_is_left_and_when_to_come_back(limits: Limits) -> None:
    assert limits.take("ada", "free", WRITE).headers() == [
        (b"ratelimit-limit", b"1"),
        (b"ratelimit-remaining", b"0"),
        (b"ratelimit-reset", b"60"),
    ]
    assert limits.take("ada", "free", WRITE).headers()[3:] == [(b"retry-after", b"60")]


def test_every_tier_has_every_kind() -> None:
    assert {frozenset(kinds) for kinds in TIERS.values()} == {frozenset((READ, WRITE, AUTH))}


@pytest.fixture
def shared(redis_url: str) -> SharedLimits:
    return SharedLimits(redis_url, FEW)


def test_processes_that_share_redis_share_the_limit(redis_url: str) -> None:
    ours, theirs = SharedLimits(redis_url, FEW), SharedLimits(redis_url, FEW)
    told = [one.take("ada", "free", READ) for one in (ours, theirs, ours, theirs)]

    assert [one.remaining for one in told] == [2, 1, 0, 0]
    assert [bool(one.retry_after) for one in told] == [False, False, False, True]
    assert 58 <= told[2].reset <= 60
    assert ours.trouble == theirs.trouble == ""
    ours.close()
    theirs.close()


def test_a_shared_look_counts_nothing(shared: SharedLimits) -> None:
    assert shared.look("ada", "free", AUTH) == (2, 2, 0, 0)
    assert shared.take("ada", "free", AUTH).remaining == 1
    assert shared.look("ada", "free", AUTH).remaining == 1
    shared.close()


def test_a_shared_limit_is_exact_however_many_ask_at_once(redis_url: str) -> None:
    limits = SharedLimits(redis_url, {"free": {READ: 50}}, answer=5)
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda _: limits.take("ada", "free", READ), range(100)))

    # What flows in again while they ask is one every 1.2 s.
    assert 50 <= sum(not one.retry_after for one in told) <= 52
    assert limits.trouble == ""
    limits.close()


def test_shared_limits_are_counted_alone_while_redis_is_down_and_shared_again(
    redis_server: RedisServer, redis_url: str
) -> None:
    limits = SharedLimits(redis_url, FEW, rest=0)
    redis_server.stop()
    told = [limits.take("ada", "free", WRITE) for _ in range(2)]
    trouble = limits.trouble
    redis_server.start()

    assert [one.retry_after for one in told] == [0, 60]
    assert trouble == "Redis does not answer; each process counts requests for itself"
    assert limits.take("ada", "free", WRITE).retry_after == 0
    assert limits.trouble == ""
    limits.close()


def test_nobody_waits_twice_for_a_redis_that_does_not_answer() -> None:
    limits = SharedLimits("redis://127.0.0.1:1/0", FEW, rest=60)
    limits.take("ada", "free", READ)
    limits._url = "nonsense"  # whoever asked again would complain of this
    limits.take("ada", "free", READ)

    assert "does not answer" in limits.trouble


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("a socket", "a socket"),
    ],
)
def test_a_network_of_ipv6_is_one_client(address: str, client: str) -> None:
    assert neighbourhood(address) == client
