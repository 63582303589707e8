"""The migrations that come with each engine, and its schema file, which says what they lead to."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.stores.engines import ENGINES, Postgres, Sqlite

from taskmaster import app
from taskmaster.stores.sql.migrations import Migrations, label

Engine = Sqlite | Postgres
SHELVES = "CREATE TABLE shelves (id integer PRIMARY KEY, room text)"
# Each of these alone makes a difference that no two schemas may have.
DIFFERENCES = {
    "a column": "ALTER TABLE shelves ADD COLUMN more text",
    "a default": "ALTER TABLE shelves ADD COLUMN more text DEFAULT 'x'",
    "an index": "CREATE INDEX more ON shelves (room)",
    "the kind of an index": "CREATE UNIQUE INDEX more ON shelves (room)",
    "a condition": "CREATE INDEX more ON shelves (room) WHERE room IS NOT NULL",
    "a view": "CREATE VIEW more AS SELECT id FROM shelves",
}
ONLY_POSTGRES = {
    "a check": "ALTER TABLE shelves ADD CONSTRAINT more CHECK (room <> '')",
    "security": "ALTER TABLE shelves ENABLE ROW LEVEL SECURITY",
    "forced security": "ALTER TABLE shelves FORCE ROW LEVEL SECURITY",
    "a policy": "CREATE POLICY more ON shelves USING (room = current_setting('tamp.project'))",
    "a function": "CREATE FUNCTION more() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "a sequence": "CREATE SEQUENCE more",
    "a type": "CREATE TYPE more AS ENUM ('one', 'two')",
    "a right": "GRANT SELECT ON shelves TO PUBLIC",
    "an option": "ALTER TABLE shelves SET (fillfactor = 70)",
}

# Two projects in one database. On Postgres a transaction says first whose rows it is about.
PROJECTS = {
    "SELECT set_config('tamp.project', '1', false), set_config('tamp.name', 'one', false);": (
        "INSERT INTO projects (name) VALUES ('one'); INSERT INTO tags"
        " (project, name, place, metadata, derived) VALUES (1, 'master', 0, '{}', 7);"
    ),
    "SELECT set_config('tamp.project', '2', false), set_config('tamp.name', 'two', false);": (
        "INSERT INTO projects (name) VALUES ('two'); INSERT INTO tags"
        " (project, name, place, metadata, derived) VALUES (2, 'master', 0, '{}', 7);"
    ),
}


@pytest.fixture(params=ENGINES)
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def engine(request: pytest.FixtureRequest, kind: str, tmp_path: Path) -> Iterator[Engine]:
    """An empty database."""
    if kind == "sqlite":
        made: Engine = Sqlite(str(tmp_path / "tasks.db"))
    else:
        made = Postgres(request.getfixturevalue("database"))
    yield made
    made.close()


@pytest.fixture
def another(request: pytest.FixtureRequest, kind: str, tmp_path: Path) -> Iterator[Engine]:
    """A second one."""
    if kind == "sqlite":
        sqlite = Sqlite(str(tmp_path / "another.db"))
        yield sqlite
        sqlite.close()
        return
    server = request.getfixturevalue("postgres")
    name = f"another_{os.getpid()}"
    postgres = Postgres(server.create_database(name))
    yield postgres
    postgres.close()
    server.drop_database(name)


def place(kind: str) -> Path:
    """Where the engine's migrations are."""
    return Path(ENGINES[kind].folder)


def test_the_schema_file_is_the_sum_of_the_migrations(engine: Engine, another: Engine) -> None:
    with engine.schema(str(place(engine.kind))) as schema:
        schema.upgrade()

    another.carry_out((place(engine.kind).parent / "schema.sql").read_text(encoding="utf-8"))

    assert another.inside() == engine.inside() != []


def test_up_down_up_gives_the_same_schema_step_by_step(engine: Engine) -> None:
    stages = [tables(engine)]
    with engine.schema(str(place(engine.kind))) as schema:
        for number in range(1, schema.migrations.last + 1):
            schema.upgrade(number)
            stages.append(tables(engine))
            schema.downgrade(number - 1)
            assert tables(engine) == stages[-2], f"migration {number} is not taken back"
            schema.upgrade(number)
            assert tables(engine) == stages[-1]
        schema.check()
        schema.downgrade(0)
    assert tables(engine) == stages[0]


def tables(engine: Engine) -> list[str]:
    """What is inside, without extensions: others may be using one that is there."""
    return [line for line in engine.inside() if not line.startswith("extension")]


def test_what_is_derived_is_derived_anew_after_it_was_taken_back(engine: Engine) -> None:
    found = []
    with engine.schema(str(place(engine.kind))) as schema:
        schema.upgrade()
        for choosing, filling in PROJECTS.items():
            engine.carry_out((choosing if engine.kind == "postgres" else "") + filling)

        schema.downgrade(1)
        schema.upgrade()

    for choosing in PROJECTS:
        engine.carry_out(choosing if engine.kind == "postgres" else "")
        found += engine.execute("SELECT project, derived FROM tags")
    assert set(found) == {(1, 0), (2, 0)}


def test_every_migration_can_be_taken_back_and_leaves_transactions_alone(kind: str) -> None:
    for one in Migrations(str(place(kind))).known:
        assert one.down, f"{label(one)} has no way back"
        text = one.up + Path(one.down).read_text(encoding="utf-8")
        assert not re.search(r"^\s*(BEGIN|COMMIT|ROLLBACK)\s*;", text, re.MULTILINE | re.IGNORECASE)


def test_the_engines_are_those_that_can_be_opened() -> None:
    assert {kind: app.load(address) for kind, address in app.DATABASES.items()} == ENGINES


@pytest.mark.parametrize("statement", DIFFERENCES.values(), ids=DIFFERENCES)
def test_a_difference_between_two_schemas_is_noticed(engine: Engine, statement: str) -> None:
    engine.execute(SHELVES)
    before = engine.inside()

    engine.execute(statement)

    assert engine.inside() != before


@pytest.mark.parametrize("statement", ONLY_POSTGRES.values(), ids=ONLY_POSTGRES)
def test_what_only_postgres_has_is_noticed_too(database: str, statement: str) -> None:
    engine = Postgres(database)
    engine.execute(SHELVES)
    before = engine.inside()

    engine.execute(statement)

    assert engine.inside() != before
    engine.close()


def test_two_ways_to_write_the_same_are_no_difference(engine: Engine) -> None:
    engine.execute(SHELVES)
    before = engine.inside()
    engine.execute("DROP TABLE shelves")

    engine.carry_out(
        'CREATE TABLE "shelves" (\n  id integer PRIMARY KEY -- its number\n);\n'
        "ALTER TABLE shelves ADD COLUMN room text;"
    )

    assert engine.inside() == before
