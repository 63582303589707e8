"""Stores of every engine, made for tests; another engine is one more class and one more word."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

from taskmaster import app
from taskmaster.config import Project, Storage
from taskmaster.ports import Movable, Store
from taskmaster.stores.file.store import FileStore
from taskmaster.stores.memory import MemoryStore
from taskmaster.stores.postgres.store import PostgresStore
from taskmaster.stores.sqlite.store import SqliteStore

KINDS = ("memory", "file", "sqlite", "postgres")
_NUMBERS = itertools.count(1)


class Maker:
    """Makes stores of one engine, each empty and used by nobody else."""

    def store(self) -> Movable:
        raise NotImplementedError

    def again(self, store: Store, patience: float) -> Movable:
        """The same store as somebody sees it who waits no longer than *patience* seconds."""
        raise NotImplementedError

    def address(self, store: Store) -> tuple[str, ...] | None:
        """As ``StoreContract.address``."""
        raise NotImplementedError


class MemoryMaker(Maker):
    def store(self) -> Movable:
        return MemoryStore()

    def again(self, store: Store, patience: float) -> Movable:
        assert isinstance(store, MemoryStore)
        store._patience = patience  # Whoever else has it is the same as this one.
        return store

    def address(self, store: Store) -> None:
        del store


class FileMaker(Maker):
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def store(self) -> Movable:
        home = self._folder / f"project-{next(_NUMBERS)}" / ".taskmaster"
        return FileStore(str(home / "tasks" / "tasks.json"), str(home))

    def again(self, store: Store, patience: float) -> Movable:
        assert isinstance(store, FileStore)
        return FileStore(store.path, store.home, patience=patience)

    def address(self, store: Store) -> tuple[str, ...]:
        assert isinstance(store, FileStore)
        return ("taskmaster.stores.file.store:FileStore", store.path, store.home)


class SqliteMaker(Maker):
    def __init__(self, folder: Path) -> None:
        self._path = str(folder / "many.db")

    def store(self) -> Movable:
        return created("sqlite", self._path)

    def again(self, store: Store, patience: float) -> Movable:
        assert isinstance(store, SqliteStore)
        return SqliteStore(store.path, store.project, patience=patience)

    def address(self, store: Store) -> tuple[str, ...]:
        assert isinstance(store, SqliteStore)
        return ("taskmaster.stores.sqlite.store:SqliteStore", store.path, store.project)


class PostgresMaker(Maker):
    def __init__(self, dsn: str) -> None:
        self._dsn = dsn

    def store(self) -> Movable:
        return created("postgres", self._dsn)

    def again(self, store: Store, patience: float) -> Movable:
        assert isinstance(store, PostgresStore)
        return PostgresStore(store.dsn, store.project, patience=patience)

    def address(self, store: Store) -> tuple[str, ...]:
        assert isinstance(store, PostgresStore)
        return ("taskmaster.stores.postgres.store:PostgresStore", store.dsn, store.project)


def created(engine: str, address: str) -> Movable:
    """A project of a name that nobody else has, in the database at *address*."""
    name = f"project-{os.getpid()}-{next(_NUMBERS)}"
    nowhere = Project("", "", "", "", legacy=False)
    return app.create_project(nowhere, Storage(engine, address, name, "", ""))
