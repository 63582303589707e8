"""A rolling upgrade: this version goes on working on tables that the next one has expanded.

The whole contract, on a database to which a migration was applied that this code does not know.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.makers import Maker, PostgresMaker, SqliteMaker
from tests.servers import Postgres
from tests.stores.engines import ENGINES

from taskmaster.errors import Unavailable
from taskmaster.ports import Store
from taskmaster.stores.sql.migrations import Migrations
from taskmaster.stores.sql.schema import Schema
from taskmaster.testing.projects import refusal, whole
from taskmaster.testing.stores import StoreContract

EXPAND = """-- phase: expand
ALTER TABLE tasks ADD COLUMN later TEXT NOT NULL DEFAULT 'nothing';
ALTER TABLE changes ADD COLUMN later BIGINT;
ALTER TABLE nodes ADD COLUMN later INTEGER NOT NULL DEFAULT 0;
CREATE TABLE claims (tag BIGINT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (tag, id));
CREATE INDEX tasks_later ON tasks (tag, later);
"""
CONTRACT = "-- phase: contract\nDROP TABLE tallies;\n"


def upgrade(kind: str, address: str, folder: Path, text: str) -> None:
    """Apply the engine's migrations, and *text* as the one that follows."""
    shutil.copytree(ENGINES[kind].folder, folder, dirs_exist_ok=True)
    number = len(Migrations(str(folder)).known) + 1
    for way, words in (("up", text), ("down", "SELECT 1;\n")):
        (folder / f"{number:04d}_later.{way}.sql").write_text(words, encoding="utf-8")
    with Schema(ENGINES[kind](address), Migrations(str(folder))) as schema:
        schema.upgrade()


class _OnTheNextSchema(StoreContract):
    _maker: Maker

    def make_store(self) -> Store:
        return self._maker.store()

    def impatient(self, store: Store) -> Store:
        return self._maker.again(store, 0.05)

    def address(self, store: Store) -> tuple[str, ...] | None:
        return self._maker.address(store)


class TestSqliteOnTheNextSchema(_OnTheNextSchema):
    @pytest.fixture(autouse=True)
    def maker(self, tmp_path: Path) -> None:
        upgrade("sqlite", str(tmp_path / "many.db"), tmp_path / "migrations", EXPAND)
        self._maker = SqliteMaker(tmp_path)


@pytest.fixture(scope="module")
def expanded(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    address = postgres.create_database("expanded")
    upgrade("postgres", address, tmp_path_factory.mktemp("next") / "migrations", EXPAND)
    yield address
    postgres.drop_database("expanded")


class TestPostgresOnTheNextSchema(_OnTheNextSchema):
    @pytest.fixture(autouse=True)
    def maker(self, expanded: str) -> None:
        self._maker = PostgresMaker(expanded)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_tables_that_were_contracted_are_refused_before_anything_happens(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if kind == "sqlite":
        maker: Maker = SqliteMaker(tmp_path)
        address = str(tmp_path / "many.db")
    else:
        address = request.getfixturevalue("database")
        maker = PostgresMaker(address)
    store = maker.store()
    upgrade(kind, address, tmp_path / "migrations", CONTRACT)

    told = refusal(Unavailable, lambda: whole(maker.again(store, 1)))

    assert told.code == "schema-too-new"
    assert told.hint
