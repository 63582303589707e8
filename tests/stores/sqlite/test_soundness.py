"""SQLite's own check finds nothing wrong with a file that was only ever used."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tests.makers import SqliteMaker

from taskmaster.domain.task import Task
from taskmaster.stores.sqlite.store import SqliteStore
from taskmaster.testing.answers import DOCUMENTS
from taskmaster.testing.projects import fill, task


def test_every_table_is_sound_when_all_of_them_have_rows(tmp_path: Path) -> None:
    store = SqliteMaker(tmp_path).store()
    assert isinstance(store, SqliteStore)
    fill(store, *map(Task, DOCUMENTS))
    fill(store, task(100, dependencies=[2]), task(2, "changed", dependencies=[3, 8]))
    other = SqliteMaker(tmp_path).store()
    fill(other, task(1), task(2, dependencies=[1]))

    connection = sqlite3.connect(store.path)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'"):
            if not name.startswith("sqlite_"):
                (count,) = connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()  # noqa: S608 - ours
                assert count, name
    finally:
        connection.close()
