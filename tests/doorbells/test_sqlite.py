"""A watch on an SQLite database, whatever happens to the file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from taskmaster.doorbells.sqlite import SqliteWatch
from taskmaster.testing.doorbells import PROMPT, hears, settle, timed

WAIT = 10.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a database is to be, under a name that would mean something in an address."""
    return tmp_path / "what? 100%23.db"


@pytest.fixture
def watch(path: Path) -> Iterator[SqliteWatch]:
    with closing(SqliteWatch(str(path))) as watching:
        yield watching


def made(path: Path, mode: str = "WAL") -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA journal_mode = {mode}")
        connection.execute("CREATE TABLE changes (number INTEGER)")


def test_looking_makes_no_database(watch: SqliteWatch, path: Path) -> None:
    assert watch.wait(0.1) is False
    assert not watch.trouble
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("mode", ["WAL", "DELETE"])
def test_a_database_that_is_made_and_written_is_noticed(
    watch: SqliteWatch, path: Path, mode: str
) -> None:
    made(path, mode)
    assert hears(watch)
    settle(watch)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO changes VALUES (1)")
        assert watch.wait(0.2) is False, "nothing is committed yet"
        connection.execute("COMMIT")
        assert hears(watch)
        settle(watch)
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO changes VALUES (2)")
        connection.execute("ROLLBACK")
        assert watch.wait(0.2) is False


def test_a_database_that_is_exchanged_and_removed_is_noticed(
    watch: SqliteWatch, path: Path
) -> None:
    made(path)
    settle(watch)
    fresh = path.with_name("fresh")
    made(fresh)
    happenings: list[Callable[[], object]] = [lambda: fresh.replace(path), path.unlink]
    for happen in happenings:
        happen()
        assert hears(watch)
        settle(watch)
    assert not watch.trouble


def test_a_file_that_is_no_database_is_told_until_it_is_one(watch: SqliteWatch, path: Path) -> None:
    path.write_bytes(b"Notes, and nothing else. " * 400)
    for _ in range(3):
        heard, seconds = timed(lambda: watch.wait(WAIT))
        assert heard is True
        assert seconds < 2 * PROMPT
        assert "file is not a database" in watch.trouble

    path.unlink()
    made(path)

    assert hears(watch)
    assert not watch.trouble
