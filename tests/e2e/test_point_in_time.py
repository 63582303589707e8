"""Damage is undone by going back to the moment before it, in a new server from old copies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.e2e.ledger import ROWS, TASKS, Ledger, Writers, opened, prepare, read
from tests.servers import ARCHIVING, PostgresServer

from taskmaster.errors import TampError

pytestmark = pytest.mark.usefixtures("postgres_wheel")

DATABASE = "ledger"
# Whatever there is: the tables need not be known.
DAMAGE = """
DO $$ DECLARE one text; BEGIN
  FOR one IN SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
  LOOP EXECUTE 'TRUNCATE ' || one || ' CASCADE'; END LOOP;
END $$
"""


@pytest.fixture(params=[ROWS, TASKS])
def kind(request: pytest.FixtureRequest) -> str:
    """What is written to, for ``opened``."""
    return str(request.param)


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """It keeps an archive of its changes and has an empty ledger's database."""
    with PostgresServer(settings=ARCHIVING) as made:
        made.create_database(DATABASE)
        yield made


class Copies(NamedTuple):
    """All that is left when a server is lost."""

    backup: Path
    archive: Path


def write(ledger: Ledger, *numbers: int) -> None:
    for number in numbers:
        ledger.write(number)


def lose(server: PostgresServer, backup: Path) -> Copies:
    server.archive_all()
    server.kill()
    return Copies(backup, server.archive)


def test_what_was_written_before_the_damage_comes_back(kind: str, server: PostgresServer) -> None:
    prepare(kind, server.url(DATABASE))
    with opened(kind, server.url(DATABASE)) as ledger:
        write(ledger, 1, 2)
        backup = server.backup()
        write(ledger, 3, 4)
    server.execute("SELECT pg_create_restore_point('before')")
    server.execute(DAMAGE, DATABASE)
    with pytest.raises((IndexError, TampError)):
        assert read(kind, server.url(DATABASE))[0] == 1

    with PostgresServer.restored(*lose(server, backup), ("name", "before")) as restored:
        assert read(kind, restored.url(DATABASE)) == [1, 2, 3, 4]
        with opened(kind, restored.url(DATABASE)) as ledger:
            ledger.write(5)
        restored.restart()
        assert read(kind, restored.url(DATABASE)) == [1, 2, 3, 4, 5]


def test_without_a_moment_everything_comes_back(kind: str, server: PostgresServer) -> None:
    prepare(kind, server.url(DATABASE))
    backup = server.backup()
    with opened(kind, server.url(DATABASE)) as ledger:
        write(ledger, *range(1, 51))

    with PostgresServer.restored(*lose(server, backup)) as restored:
        assert read(kind, restored.url(DATABASE)) == list(range(1, 51))


def test_the_moment_parts_the_writes_of_many_processes(
    kind: str, server: PostgresServer, tmp_path: Path
) -> None:
    """What was acknowledged before it is there, and nothing that began after it."""
    prepare(kind, server.url(DATABASE))
    with Writers(kind, server.url(DATABASE), tmp_path) as writers:
        writers.go_on()
        backup = server.backup()
        writers.go_on()
        [(moment, seconds)] = server.execute(
            "SELECT now::text, extract(epoch FROM now)::float FROM clock_timestamp() AS now"
        )
        writers.go_on()
    server.execute(DAMAGE, DATABASE)

    with PostgresServer.restored(*lose(server, backup), ("time", moment)) as restored:
        found = set(read(kind, restored.url(DATABASE)))
    before = {number for number, at in writers.acknowledged() if at < seconds}
    after = {number for number, at in writers.begun() if at > seconds}
    assert len(before) >= 200
    assert len(after) >= 100
    assert before <= found
    assert not found & after
