"""What is special about a database in one file: its soundness, its copies, its being replaced."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tests.makers import SqliteMaker

from taskmaster.domain.task import Task
from taskmaster.stores.sqlite.archive import save
from taskmaster.stores.sqlite.store import SqliteStore
from taskmaster.testing.answers import DOCUMENTS
from taskmaster.testing.projects import fill, log_of, task, whole
from taskmaster.testing.serving import KEYS, at_rest, keep


def test_every_table_is_sound_when_all_of_them_have_rows(tmp_path: Path) -> None:
    store = SqliteMaker(tmp_path).store()
    assert isinstance(store, SqliteStore)
    fill(store, *map(Task, DOCUMENTS))
    fill(store, task(100, dependencies=[2]), task(2, "changed", dependencies=[3, 8]))
    other = SqliteMaker(tmp_path).store()
    fill(other, task(1), task(2, dependencies=[1]))
    keep(other, KEYS)

    connection = sqlite3.connect(store.path)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'"):
            if not name.startswith("sqlite_"):
                (count,) = connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()  # noqa: S608 - ours
                assert count, name
    finally:
        connection.close()


def test_a_database_that_another_was_put_in_the_place_of_is_let_go(tmp_path: Path) -> None:
    store = SqliteMaker(tmp_path).store()
    assert isinstance(store, SqliteStore)
    fill(store, task(1, "as it was copied"))
    save(store, str(tmp_path / "copy.db"))
    fill(store, task(1, "changed"))
    before = store.version()
    with store.reading() as reader:
        for end in ("", "-wal", "-shm"):
            Path(f"{store.path}{end}").unlink()
        (tmp_path / "copy.db").rename(store.path)
        assert reader.get("master", "1").title == "changed"

    assert store.version() != before
    assert [entry["title"] for entry in whole(store)["master"].entries] == ["as it was copied"]  # type: ignore[index]
    fill(store, task(2))
    assert len(log_of(SqliteStore(store.path, store.project))) == 2
    store.close()


def test_what_other_programs_commit_gives_another_version(tmp_path: Path) -> None:
    store = SqliteMaker(tmp_path).store()
    assert isinstance(store, SqliteStore)
    keep(store, KEYS)
    found = at_rest(store)
    connection = sqlite3.connect(store.path)
    with connection:
        connection.execute("DELETE FROM keys")
    connection.close()

    assert store.version().keys != found.keys
    assert dict(store.keyring().entries()) == {}


def test_a_copy_of_a_database_tells_no_key(tmp_path: Path) -> None:
    store = SqliteMaker(tmp_path).store()
    assert isinstance(store, SqliteStore)
    secret = "5ecfa1a5" * 8
    keep(store, {"k1": {"hash": secret}})
    keep(store, {"k2": {"hash": secret}})
    assert secret.encode() in Path(store.path).read_bytes() + Path(f"{store.path}-wal").read_bytes()

    save(store, str(tmp_path / "copy.db"))

    assert secret.encode() not in (tmp_path / "copy.db").read_bytes()
    assert len(store.keyring().entries()) == 2
