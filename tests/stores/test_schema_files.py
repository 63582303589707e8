"""The migrations that come with each engine, and its schema file, which says what they lead to."""

from __future__ import annotations

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


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        made: Engine = Sqlite(str(tmp_path / "tasks.db"))
    else:
        made = Postgres(request.getfixturevalue("database"))
    yield made
    made.close()


def place(kind: str) -> Path:
    """Where the engine's migrations are."""
    return Path(ENGINES[kind].folder)


def test_the_schema_file_is_the_sum_of_the_migrations(engine: Engine) -> None:
    empty = engine.inside()
    with engine.schema(str(place(engine.kind))) as schema:
        schema.upgrade()
        migrated = engine.inside()
        schema.downgrade(0)
    assert engine.inside() == empty

    engine.carry_out((place(engine.kind).parent / "schema.sql").read_text(encoding="utf-8"))

    assert engine.inside() == migrated != empty


def test_up_down_up_gives_the_same_schema_step_by_step(engine: Engine) -> None:
    stages = [engine.inside()]
    with engine.schema(str(place(engine.kind))) as schema:
        for number in range(1, schema.migrations.last + 1):
            schema.upgrade(number)
            stages.append(engine.inside())
            schema.downgrade(number - 1)
            assert engine.inside() == stages[-2], f"migration {number} is not taken back"
            schema.upgrade(number)
            assert engine.inside() == stages[-1]
        schema.check()


@pytest.mark.parametrize("kind", ENGINES)
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
