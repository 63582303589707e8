"""Every engine against the one contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from taskmaster.ports import Movable, Store
from taskmaster.stores.file.store import FileStore
from taskmaster.stores.memory import MemoryStore
from taskmaster.testing_moves import MovableContract


class TestMemory(MovableContract):
    def make_store(self) -> Movable:
        return MemoryStore(patience=0.05)

    def impatient(self, store: Store) -> Movable:
        assert isinstance(store, MemoryStore)
        return store


class TestFile(MovableContract):
    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path) -> None:
        self._folder = tmp_path
        self._made = 0

    def make_store(self) -> Movable:
        self._made += 1
        home = self._folder / f"project-{self._made}" / ".taskmaster"
        return FileStore(str(home / "tasks" / "tasks.json"), str(home))

    def impatient(self, store: Store) -> Movable:
        path, home = self._places(store)
        return FileStore(path, home, patience=0.05)

    def address(self, store: Store) -> tuple[str, ...]:
        return ("taskmaster.stores.file.store:FileStore", *self._places(store))

    @staticmethod
    def _places(store: Store) -> tuple[str, str]:
        assert isinstance(store, FileStore)
        return store.path, store.home
