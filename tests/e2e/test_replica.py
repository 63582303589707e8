"""Reading from a standby, which may lag behind, while changes go to the leading server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.servers import PostgresServer, postgres_url

from taskmaster import app
from taskmaster.config import Project, Storage
from taskmaster.errors import Unavailable
from taskmaster.stores.postgres.store import PostgresStore
from taskmaster.testing.projects import fill, refusal, stamp, task, whole

pytestmark = pytest.mark.usefixtures("postgres_wheel")

DATABASE = "tasks"
NOWHERE = Project("", "", "", "", legacy=False)


@pytest.fixture
def leader() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        server.create_database(DATABASE)
        app.create_project(NOWHERE, Storage("postgres", server.url(DATABASE), "notes", "", ""))
        yield server


def ids(store: PostgresStore) -> list[str]:
    with store.reading() as reader:
        return [one.id for one in reader.tasks("master")]


def test_reads_come_from_the_replica_and_changes_go_to_the_leader(leader: PostgresServer) -> None:
    with leader.standby(sync=False) as standby:
        store = PostgresStore(
            leader.url(DATABASE), "notes", replica=standby.url(DATABASE), patience=5
        )
        fill(store, task(1))
        standby.catch_up(leader)
        assert ids(store) == ["1"]

        standby.execute("SELECT pg_wal_replay_pause()")
        with store.writing(stamp()) as writer:
            writer.put("master", task(2))
            assert [one.id for one in writer.tasks("master")] == ["1", "2"]
        assert ids(store) == ["1"]

        standby.execute("SELECT pg_wal_replay_resume()")
        standby.catch_up(leader)
        assert ids(store) == ["1", "2"]


def test_a_replica_that_is_gone_is_told_and_not_replaced_in_silence(
    leader: PostgresServer,
) -> None:
    with leader.standby(sync=False) as standby:
        store = PostgresStore(
            leader.url(DATABASE), "notes", replica=standby.url(DATABASE), patience=0.3
        )
        standby.kill()

        told = refusal(Unavailable, lambda: whole(store))
        assert told.code == "database-unreachable"
        fill(store, task(1))


def test_writing_to_a_replica_alone_is_told(leader: PostgresServer) -> None:
    with leader.standby(sync=False) as standby:
        only = PostgresStore(standby.url(DATABASE), "notes")
        told = refusal(Unavailable, lambda: fill(only, task(1)))
        assert told.code == "read-only"
        assert "target_session_attrs" in told.hint

        wanted = postgres_url(DATABASE, standby.port, target_session_attrs="read-write")
        told = refusal(Unavailable, lambda: whole(PostgresStore(wanted, "notes")))
        assert told.code == "read-only"
