"""A connection that breaks never leaves anybody in doubt whether a change was made."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from tests.makers import created
from tests.proxy import Proxy
from tests.servers import Postgres

from taskmaster.errors import Unavailable
from taskmaster.stores.postgres.store import PostgresStore
from taskmaster.testing.projects import check_log, fill, log_of, refusal, stamp, task, whole


@pytest.fixture
def store(shared_database: str) -> PostgresStore:
    made = created("postgres", shared_database)
    assert isinstance(made, PostgresStore)
    fill(made, task(1, count=0))
    return made


@pytest.fixture
def proxy(postgres: Postgres) -> Iterator[Proxy]:
    port = conninfo_to_dict(postgres.url("any"))["port"]
    with Proxy(int(str(port))) as one:
        yield one


@pytest.fixture
def through(store: PostgresStore, proxy: Proxy) -> PostgresStore:
    """The same project, seen through the proxy."""
    return PostgresStore(make_conninfo(store.dsn, port=proxy.port), store.project, patience=5)


def count(store: PostgresStore) -> object:
    (entry,) = whole(store)["master"].entries
    assert isinstance(entry, dict)
    return entry["count"]


def test_a_commit_whose_answer_is_lost_is_known_to_have_happened(
    store: PostgresStore, through: PostgresStore, proxy: Proxy
) -> None:
    whole(through)
    proxy.cut_at(b"COMMIT", answered=True)

    fill(through, task(1, count=1))

    assert proxy.fallen.is_set()
    assert count(store) == 1
    assert len(log_of(store)) == 2
    check_log({}, store)


def test_a_commit_that_never_arrives_is_known_not_to_have_happened(
    store: PostgresStore, through: PostgresStore, proxy: Proxy
) -> None:
    whole(through)
    proxy.cut_at(b"COMMIT", answered=False)

    told = refusal(Unavailable, lambda: fill(through, task(1, count=1)))

    assert proxy.fallen.is_set()
    assert told.code == "connection-lost"
    assert "nothing was changed" in told.message
    assert count(store) == 0
    fill(through, task(1, count=2))
    assert count(store) == 2
    check_log({}, store)


def test_a_connection_lost_in_the_middle_changes_nothing_and_frees_the_place(
    store: PostgresStore, through: PostgresStore, proxy: Proxy
) -> None:
    def cut_while_writing() -> None:
        with through.writing(stamp()) as writer:
            writer.put("master", task(1, count=1))
            proxy.cut()
            writer.put("master", task(2))

    told = refusal(Unavailable, cut_while_writing)

    assert told.hint
    assert count(store) == 0
    fill(store, task(1, count=3))
    fill(through, task(1, count=4))
    assert count(through) == 4
    check_log({}, store)


def test_connections_that_died_while_nobody_used_them_are_replaced_unnoticed(
    through: PostgresStore, proxy: Proxy
) -> None:
    with through.reading() as one, through.reading() as other:
        assert one.tags() == other.tags()
    proxy.cut()

    assert count(through) == 0
    proxy.cut()
    fill(through, task(1, count=1))
    assert count(through) == 1


def test_a_server_that_cannot_be_reached_is_waited_for_and_then_told_of(
    through: PostgresStore, proxy: Proxy
) -> None:
    whole(through)
    impatient = PostgresStore(through.dsn, through.project, patience=0.3)
    whole(impatient)
    proxy.refuse()
    proxy.cut()

    told = refusal(Unavailable, lambda: whole(impatient))

    assert told.code == "database-unreachable"
    proxy.accept()
    assert count(impatient) == 0


def test_a_pool_of_connections_that_died_meanwhile_is_renewed(
    store: PostgresStore, through: PostgresStore, proxy: Proxy
) -> None:
    pooled = PostgresStore(through.dsn, store.project, pool=3, patience=5)
    with pooled.reading(), pooled.reading(), pooled.reading():
        """Now there are three."""
    version = pooled.version()
    for _ in range(2):
        proxy.cut()
        assert pooled.version() == version
        assert count(pooled) == 0
    proxy.cut()
    fill(pooled, task(1, count=1))
    assert count(pooled) == 1
    assert pooled.version() != version
    pooled.close()
    check_log({}, store)
