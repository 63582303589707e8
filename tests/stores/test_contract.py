"""Every engine against the one contract."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.makers import Maker

from taskmaster.ports import Movable, Store
from taskmaster.stores.postgres.store import PostgresStore
from taskmaster.testing.moves import MovableContract


class _Made(MovableContract):
    kind = ""

    @pytest.fixture(autouse=True)
    def maker(self, make_maker: Callable[[str], Maker]) -> None:
        self._maker = make_maker(self.kind)

    def make_store(self) -> Movable:
        return self._maker.store()

    def impatient(self, store: Store) -> Movable:
        return self._maker.again(store, 0.05)

    def address(self, store: Store) -> tuple[str, ...] | None:
        return self._maker.address(store)


class TestMemory(_Made):
    kind = "memory"


class TestFile(_Made):
    kind = "file"


class TestSqlite(_Made):
    kind = "sqlite"


class TestPostgres(_Made):
    kind = "postgres"


class TestPostgresWithAPool(_Made):
    kind = "postgres"

    def make_store(self) -> Movable:
        store = self._maker.store()
        assert isinstance(store, PostgresStore)
        return PostgresStore(store.dsn, store.project, pool=4)
