"""What is special about the tables of one engine or the other, and how their refusals sound."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from tests.servers import Postgres as Administered
from tests.servers import PostgresServer
from tests.stores.conftest import REPOSITORY
from tests.stores.engines import Postgres, Sqlite

from taskmaster.domain.changes import Actor, Stamp
from taskmaster.errors import Busy, CorruptStore, Forbidden, NotFound, TampError, Unavailable
from taskmaster.stores.lock import Lock
from taskmaster.stores.postgres.database import PostgresDatabase
from taskmaster.stores.postgres.database import connect as connect_to_server
from taskmaster.stores.sql.migrations import Migrations
from taskmaster.stores.sql.schema import Schema
from taskmaster.stores.sqlite.database import SqliteDatabase, connected, statements

EXPAND = "-- phase: expand\n"
PAIR = (
    "CREATE TABLE shelves (id integer PRIMARY KEY, room text);\n"
    "CREATE TABLE books (shelf integer NOT NULL REFERENCES shelves (id) ON DELETE CASCADE);"
)
Folder = Callable[..., str]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A folder of migrations with these texts."""
    made = 0

    def make(*texts: str) -> str:
        nonlocal made
        made += 1
        place = tmp_path / f"migrations-{made}"
        place.mkdir()
        for number, text in enumerate(texts, 1):
            (place / f"{number:04d}_step.up.sql").write_text(EXPAND + text, encoding="utf-8")
        return str(place)

    return make


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Sqlite]:
    made = Sqlite(str(tmp_path / "tasks.db"))
    yield made
    made.close()


@pytest.fixture
def server(database: str) -> Iterator[Postgres]:
    made = Postgres(database)
    yield made
    made.close()


class TestSqlite:
    def test_looking_makes_no_file(self, tmp_path: Path, folder: Folder) -> None:
        path = tmp_path / "nowhere.db"

        with (
            Schema(SqliteDatabase(str(path)), Migrations(folder(PAIR))) as schema,
            pytest.raises(Unavailable, match="holds no tables"),
        ):
            schema.check()

        assert not path.exists()

    def test_a_table_written_anew_takes_no_other_with_it(
        self, sqlite: Sqlite, folder: Folder
    ) -> None:
        anew = (
            "CREATE TABLE fresh (id integer PRIMARY KEY, room text, place text);\n"
            "INSERT INTO fresh SELECT id, room, room FROM shelves;\n"
            "DROP TABLE shelves;\n"
            "ALTER TABLE fresh RENAME TO shelves;"
        )
        connection = connected(sqlite.address)
        connection.execute("PRAGMA foreign_keys=ON")
        schema = Schema(SqliteDatabase(sqlite.address, connection), Migrations(folder(PAIR, anew)))
        schema.upgrade(1)
        connection.execute("INSERT INTO shelves VALUES (7, 'attic')")
        connection.execute("INSERT INTO books VALUES (7)")

        schema.upgrade()

        assert connection.execute("SELECT shelf FROM books").fetchall() == [(7,)]
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute("INSERT INTO books VALUES (8)")
        connection.close()

    def test_a_migration_that_leaves_rows_pointing_to_nothing_is_undone(
        self, sqlite: Sqlite, folder: Folder
    ) -> None:
        with sqlite.schema(folder(PAIR, "DELETE FROM shelves;")) as schema:
            schema.upgrade(1)
            sqlite.execute("INSERT INTO shelves VALUES (7, 'attic')")
            sqlite.execute("INSERT INTO books VALUES (7)")

            with pytest.raises(
                CorruptStore, match=r"rows of books would point to nothing \(1 in all\)"
            ):
                schema.upgrade()

        assert sqlite.execute("SELECT id FROM shelves") == [(7,)]

    def test_readers_of_a_migrated_file_wait_for_no_writer(
        self, sqlite: Sqlite, folder: Folder
    ) -> None:
        with sqlite.schema(folder(PAIR)) as schema:
            schema.upgrade()
        writer = connected(sqlite.address)
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO shelves VALUES (1, 'attic')")

        assert sqlite.execute("SELECT count(*) FROM shelves") == [(0,)]
        writer.close()

    def test_who_writes_is_told_to_whoever_waits_to_migrate(
        self, sqlite: Sqlite, folder: Folder
    ) -> None:
        stamp = Stamp(
            Actor("ann", "person", ""), "cli", "set-status", "", "2026-01-31T08:15:30.123Z"
        )
        handle = Lock(f"{sqlite.address}.lock").acquire(1, stamp)

        with (
            sqlite.schema(folder(PAIR), patience=0.05) as schema,
            pytest.raises(Busy, match=r"waited 0\.05 s for ann .* busy with set-status"),
        ):
            schema.upgrade()

        Lock.release(handle)
        with sqlite.schema(folder(PAIR)) as schema:
            assert len(schema.upgrade()) == 1

    def test_a_script_falls_into_its_statements(self) -> None:
        script = (
            "CREATE TABLE a (t text DEFAULT ';'); -- one; two\n"
            "CREATE TRIGGER b AFTER INSERT ON a BEGIN\n"
            "  UPDATE a SET t = ';'; DELETE FROM a;\nEND;\n"
        )
        connection = sqlite3.connect(":memory:", isolation_level=None)

        for statement in statements(script):
            connection.execute(statement)

        made = connection.execute("SELECT name FROM sqlite_master ORDER BY name").fetchall()
        assert made == [("a",), ("b",)]
        connection.close()

    def test_a_file_that_is_no_database_is_left_as_it_is(
        self, tmp_path: Path, folder: Folder
    ) -> None:
        path = tmp_path / "tasks.db"
        path.write_text('{"master": {"tasks": []}}\n' * 100, encoding="utf-8")
        before = path.read_bytes()

        with Schema(SqliteDatabase(str(path)), Migrations(folder(PAIR))) as schema:
            for act in (schema.check, schema.upgrade):
                with pytest.raises(CorruptStore, match="is damaged: file is not a database"):
                    act()

        assert path.read_bytes() == before

    def test_a_folder_that_is_not_there_is_told(self, tmp_path: Path, folder: Folder) -> None:
        path = str(tmp_path / "nowhere" / "tasks.db")

        with (
            Schema(SqliteDatabase(path), Migrations(folder(PAIR))) as schema,
            pytest.raises(NotFound, match=r"no folder .*nowhere for the database") as caught,
        ):
            schema.upgrade()

        assert caught.value.code == "no-folder"

    def test_a_file_that_may_not_be_written_is_told(self, sqlite: Sqlite, folder: Folder) -> None:
        sqlite.execute("PRAGMA query_only=ON")
        database = SqliteDatabase(sqlite.address, sqlite.connection)

        with pytest.raises(Unavailable, match="cannot be written") as caught:
            Schema(database, Migrations(folder(PAIR))).upgrade()

        assert caught.value.code == "read-only"


class TestPostgres:
    def test_the_schema_of_the_connection_is_the_one_that_is_used(
        self, server: Postgres, folder: Folder
    ) -> None:
        empty = server.inside()
        server.execute("CREATE SCHEMA apart")
        address = f"{server.address}{'&' if '?' in server.address else '?'}"
        apart = Postgres(f"{address}options=-csearch_path%3Dapart")

        with apart.schema(folder(PAIR)) as schema:
            schema.upgrade()

        assert server.inside() == empty
        assert apart.execute("SELECT count(*) FROM apart.schema_migrations") == [(1,)]
        with (
            server.schema(folder(PAIR)) as schema,
            pytest.raises(Unavailable, match="holds no tables"),
        ):
            schema.check()
        apart.close()

    def test_the_tables_can_be_looked_at_in_the_midst_of_a_transaction(
        self, server: Postgres, folder: Folder
    ) -> None:
        database = PostgresDatabase("", server.connection)
        schema = Schema(database, Migrations(folder(PAIR)))

        with server.connection.transaction():
            assert schema.applied() == []
            assert server.execute("SELECT 1") == [(1,)], "the transaction goes on"

    def test_a_migration_does_not_wait_for_ever_for_those_who_work(
        self, server: Postgres, folder: Folder
    ) -> None:
        place = folder(PAIR, "ALTER TABLE shelves ADD COLUMN place text;")
        with server.schema(place) as schema:
            schema.upgrade(1)

        with (
            server.connection.transaction(),
            server.schema(place, patience=0.05) as schema,
        ):
            server.execute("SELECT * FROM shelves")
            with pytest.raises(Busy, match=r"waited 0\.05 s for somebody who uses"):
                schema.upgrade()
            assert len(schema.applied()) == 1

    def test_who_holds_the_lock_is_told_and_the_connection_stays_as_it_was(
        self, server: Postgres, folder: Folder
    ) -> None:
        other = Postgres(server.address)
        other.hold()
        [(number,)] = other.execute("SELECT pg_backend_pid()")
        server.execute("SET lock_timeout = '7s'; SET statement_timeout = '60s'")
        database = PostgresDatabase("", server.connection, patience=0.05)
        schema = Schema(database, Migrations(folder(PAIR)))

        with pytest.raises(Busy, match=rf"\(server process {number}\), who is migrating"):
            schema.upgrade()
        other.close()
        schema.upgrade()

        assert server.execute("SHOW lock_timeout") == [("7s",)]
        assert server.execute("SHOW statement_timeout") == [("1min",)]
        assert server.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == [(0,)]

    def test_a_server_that_does_not_answer_is_told(self, folder: Folder) -> None:
        database = PostgresDatabase("postgresql://ann:secret@127.0.0.1:1/tasks")

        with (
            Schema(database, Migrations(folder(PAIR))) as schema,
            pytest.raises(Unavailable, match="database cannot be reached") as caught,
        ):
            schema.check()

        assert caught.value.code == "database-unreachable"
        assert "secret" not in caught.value.message

    def test_a_schema_that_is_not_there_is_told(self, database: str, folder: Folder) -> None:
        nowhere = PostgresDatabase(f"{database}?options=-csearch_path%3Dnowhere")

        with (
            Schema(nowhere, Migrations(folder(PAIR))) as schema,
            pytest.raises(Unavailable, match="no schema has been selected") as caught,
        ):
            schema.upgrade()

        assert caught.value.code == "no-schema"

    def test_tables_of_another_schema_on_the_way_are_not_taken_for_ones_own(
        self, server: Postgres, folder: Folder
    ) -> None:
        with server.schema(folder(PAIR)) as schema:
            schema.upgrade()
        server.execute("CREATE SCHEMA apart")
        server.execute("SET search_path = apart, public")
        schema = Schema(PostgresDatabase("", server.connection), Migrations(folder(PAIR)))

        assert schema.applied() == []
        assert len(schema.upgrade()) == 1

        assert server.execute("SELECT count(*) FROM apart.schema_migrations") == [(1,)]

    def test_notes_of_another_program_on_the_way_do_not_matter(
        self, server: Postgres, folder: Folder
    ) -> None:
        server.execute("CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY)")
        server.execute("CREATE SCHEMA apart")
        server.execute("SET search_path = apart, public")
        schema = Schema(PostgresDatabase("", server.connection), Migrations(folder(PAIR)))

        assert len(schema.upgrade()) == 1

        schema.check()

    def test_a_missing_right_is_told(self, server: Postgres, folder: Folder) -> None:
        server.execute("CREATE SCHEMA closed")
        server.execute("SET search_path = closed")
        server.execute("REVOKE CREATE ON SCHEMA closed FROM CURRENT_USER")
        database = PostgresDatabase("", server.connection)

        with pytest.raises(Forbidden, match="permission denied for schema closed") as caught:
            Schema(database, Migrations(folder(PAIR))).upgrade()

        assert "owner" in caught.value.hint

    def test_a_connection_that_breaks_in_the_midst_leaves_nothing(
        self, server: Postgres, folder: Folder
    ) -> None:
        end = "CREATE TABLE lost (id integer);\nSELECT pg_terminate_backend(pg_backend_pid());"

        with (
            server.schema(folder(PAIR, end)) as schema,
            pytest.raises(TampError, match="0001_step had been applied before it"),
        ):
            schema.upgrade()

        assert not [line for line in server.inside() if "lost" in line]
        with server.schema(folder(PAIR, "SELECT 1;")) as schema:
            assert len(schema.upgrade()) == 1

    def test_a_transaction_is_not_left_open_where_the_driver_would_begin_one(
        self, server: Postgres
    ) -> None:
        connection = connect_to_server(server.address)

        connection.execute("SELECT 1")

        assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
        connection.close()

    def test_the_rights_that_the_page_tells_are_enough(
        self, postgres: Administered, database: str
    ) -> None:
        if not isinstance(postgres, PostgresServer):
            pytest.skip("the roles would be made in a developer's own server")
        page = REPOSITORY / "docs" / "how-to" / "upgrade-a-database.md"
        [block] = re.findall(r"```sql\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
        name = psycopg.conninfo.conninfo_to_dict(database)["dbname"]
        postgres.execute(block, str(name))
        path = "-csearch_path=tamp,public"
        owner = make_conninfo(database, user="tamp_owner", options=path)
        worker = make_conninfo(database, user="tamp_server", options=path)
        known = Migrations(PostgresDatabase.folder)

        with (
            Schema(PostgresDatabase(worker), known) as schema,
            pytest.raises(Forbidden, match="permission denied for schema tamp"),
        ):
            schema.upgrade()
        with Schema(PostgresDatabase(owner), known) as schema:
            assert len(schema.upgrade()) == known.last
        with Schema(PostgresDatabase(worker), known) as schema:
            schema.check()
            with pytest.raises(Forbidden, match="must be owner of table"):
                schema.downgrade(0)
        with psycopg.connect(worker) as connection:
            connection.execute("SELECT set_config('tamp.name', 'notes', true)")
            made = connection.execute("INSERT INTO projects (name) VALUES ('notes') RETURNING id")
            assert made.fetchall() == [(1,)]
        for role in ("tamp_server", "tamp_owner"):
            postgres.execute(f"DROP OWNED BY {role}", str(name))
            postgres.execute(f"DROP ROLE {role}")
