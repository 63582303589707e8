"""The leading server dies while many write; the one that follows takes over."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import groupby, pairwise
from pathlib import Path

import pytest
from tests.e2e.ledger import APART, NOTHING_WRONG, ROWS, TASKS, Moment, Writers, prepare, read
from tests.processes import free_port, wait_until
from tests.servers import PostgresServer, Proxy, postgres_url

pytestmark = pytest.mark.usefixtures("postgres_wheel")

DATABASE = "ledger"
ROUNDS = 6
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


@pytest.fixture(params=[ROWS, TASKS])
def kind(request: pytest.FixtureRequest) -> str:
    """What is written to, for ``opened``."""
    return str(request.param)


@pytest.fixture
def leader() -> Iterator[PostgresServer]:
    with PostgresServer(durable=True) as server:
        server.create_database(DATABASE)
        yield server


def numbers(moments: Iterable[Moment]) -> set[int]:
    return {moment.number for moment in moments}


def recovery(writers: Writers, fell: float) -> str:
    """How long nobody could write, and until when somebody could not."""
    moments = [moment for moment in writers.acknowledged() if moment.at > fell]
    times = sorted(moment.at for moment in moments)
    nobody = max(later - earlier for earlier, later in pairwise(times))
    pauses: dict[int, float] = {}
    for writer, each in groupby(moments, lambda moment: moment.number // APART):
        own = [fell, *(moment.at for moment in each)]
        pauses[writer] = max(later - earlier for earlier, later in pairwise(own))
    return f"nobody could write for {nobody:.2f} s, somebody not for {max(pauses.values()):.2f} s"


def test_no_acknowledged_write_is_lost_when_the_leader_dies(
    kind: str, leader: PostgresServer, tmp_path: Path
) -> None:
    with leader.standby() as follower:
        prepare(kind, leader.url(DATABASE))
        either = postgres_url(DATABASE, leader.port, follower.port)
        with Writers(kind, either, tmp_path) as writers:
            writers.go_on()
            fell = time.time()
            leader.kill()
            follower.promote()
            writers.go_on()

        assert writers.outcome(read(kind, either)) == NOTHING_WRONG
        print(recovery(writers, fell))  # noqa: T201 - a figure to look at


def test_a_standby_that_nobody_waits_for_is_found_to_lose_writes(
    kind: str, leader: PostgresServer, tmp_path: Path
) -> None:
    """The same check as in the other tests, with something to find."""
    with Proxy(leader.port) as wire, leader.standby(sync=False, through=wire.port) as follower:
        prepare(kind, leader.url(DATABASE))
        with Writers(kind, leader.url(DATABASE), tmp_path, count=2) as writers:
            writers.go_on()
            follower.catch_up(leader)
            wire.refuse()
            wire.cut()
            cut = time.time()
            writers.go_on()
        leader.kill()
        follower.promote()

        late = numbers(moment for moment in writers.begun() if moment.at > cut)
        lost = late & numbers(writers.acknowledged())
        found = writers.outcome(read(kind, follower.url(DATABASE)))
        assert len(lost) >= 50
        assert found.missing >= lost
        assert found == (found.missing, set(), set())


def test_a_write_is_not_acknowledged_while_the_standby_is_away(
    kind: str, leader: PostgresServer, tmp_path: Path
) -> None:
    with Proxy(leader.port) as wire, leader.standby(through=wire.port):
        prepare(kind, leader.url(DATABASE))
        with Writers(kind, leader.url(DATABASE), tmp_path, count=2) as writers:
            writers.go_on()
            wire.refuse()
            wire.cut()
            # In a project only one writes at a time: the other waits for its turn.
            waiters = [(1 if kind == TASKS else 2,)]
            wait_until(lambda: leader.execute(WAITING) == waiters, "nobody can write")
            waiting = numbers(writers.begun()) - numbers(writers.acknowledged())
            assert len(waiting) == 2
            wire.accept()
            writers.go_on()
            assert waiting <= numbers(writers.acknowledged())

        assert writers.outcome(read(kind, leader.url(DATABASE))) == NOTHING_WRONG


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_one_leader_after_the_other_dies_and_nothing_is_lost(
    kind: str, leader: PostgresServer, tmp_path: Path
) -> None:
    """After each fall a new standby joins, so that there is always one to take over."""
    ports = [free_port() for _ in range(ROUNDS)]
    anybody = postgres_url(DATABASE, leader.port, *ports)
    prepare(kind, leader.url(DATABASE))
    with ExitStack() as servers:
        leading = leader
        with Writers(kind, anybody, tmp_path, count=8) as writers:
            for port in ports:
                following = servers.enter_context(leading.standby(port=port))
                writers.go_on(100)
                fell = time.time()
                leading.kill()
                following.promote()
                leading = following
                writers.go_on(100)
                print(recovery(writers, fell))  # noqa: T201 - a figure to look at

        assert writers.outcome(read(kind, anybody)) == NOTHING_WRONG
