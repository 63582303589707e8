"""What can be wrong with a database file, and with what says where it is: one sentence each."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.surfaces.cli.conftest import Project, Said, Tamp, environ
from tests.surfaces.cli.refused import (
    CHANGING,
    COMMANDS,
    SECRET,
    SEEING,
    files,
    told,
)

from taskmaster.domain.changes import Actor, Stamp
from taskmaster.errors import Busy, TampError, Unavailable
from taskmaster.stores.sqlite.store import SqliteStore

URL = "sqlite:.taskmaster/tasks/tasks.db"
STAMP = Stamp(Actor("ann", "person", ""), "cli", "add-task", "", "2026-01-31T08:15:30.123Z")


@pytest.fixture
def database(project: Project, tamp: Tamp) -> Path:
    """The database that the tasks of the project have moved into, and nobody has open."""
    assert tamp("storage", "move", f"--to={URL}", "--project-name=notes", "--yes").code == 0
    assert tamp("add-task", "In the database").code == 0
    return project.folder / ".taskmaster" / "tasks" / "tasks.db"


SETTINGS = {
    "no JSON": (b'{"url": ', 6, "bad-storage-file"),
    "conflict markers": (b'<<<<<<< HEAD\n{"url": "file"}\n', 6, "bad-storage-file"),
    "not UTF-8": (b'{"url": "\xff\xfe\xfd"}', 6, "bad-storage-file"),
    "a list": (b'["sqlite:tasks.db"]', 6, "bad-storage-file"),
    "a number": (b'{"url": 7}', 6, "bad-storage-file"),
    "a word that nobody knows": (b'{"uri": "sqlite:tasks.db"}', 6, "bad-storage-file"),
    "a project and no place": (b'{"project": "notes"}', 6, "bad-storage-file"),
    "nothing as the place": (b'{"url": ""}', 6, "bad-storage-file"),
    "an unknown engine": (b'{"url": "mysql://ann@db.example/tasks"}', 4, "bad-storage"),
    "only an engine": (b'{"url": "sqlite:"}', 4, "bad-storage"),
    "a path": (b'{"url": ".taskmaster/tasks/tasks.db"}', 4, "bad-storage"),
    "words of libpq": (b'{"url": "host=db password=hunter2"}', 4, "bad-storage"),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_that_say_nothing_clear_end_every_command(
    project: Project, tamp: Tamp, name: str
) -> None:
    text, code, error = SETTINGS[name]
    (project.folder / ".taskmaster" / "storage.json").write_bytes(text)
    before = files(project.folder)

    for words in (*COMMANDS, ("doctor",), ("storage",), ("init",), ("history",), ("backup",)):
        assert told(tamp, words)[:2] == (code, error), words

    assert files(project.folder) == before


def test_settings_that_are_a_folder_are_told(project: Project, tamp: Tamp) -> None:
    (project.folder / ".taskmaster" / "storage.json").mkdir()

    assert told(tamp, SEEING)[:2] == (6, "bad-storage-file")


@pytest.mark.parametrize("url", ["nonsense", f"mysql://ann:{SECRET}@db/tasks", "sqlite:", "file"])
def test_nonsense_in_the_environment_is_no_wish_for_the_task_file(
    project: Project, tamp: Tamp, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("TAMP_STORAGE", url)
    if url == "file":
        assert tamp(*SEEING).code == 0
        return
    before = files(project.folder)

    for words in COMMANDS:
        assert told(tamp, words)[:2] == (4, "bad-storage")

    assert files(project.folder) == before


def gone(database: Path) -> None:
    database.unlink()


def folder_gone(database: Path) -> None:
    shutil.rmtree(database.parent)


def folder_instead(database: Path) -> None:
    database.unlink()
    database.mkdir()


def other_file(database: Path) -> None:
    database.write_text('{"master": {"tasks": []}}\n' * 400, encoding="utf-8")


def empty_file(database: Path) -> None:
    database.write_bytes(b"")


def cut_short(database: Path) -> None:
    os.truncate(database, database.stat().st_size // 2)


def overwritten_pages(database: Path) -> None:
    size = database.stat().st_size
    with database.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(size - 4096))


def other_tables(database: Path) -> None:
    database.unlink()
    execute(database, "CREATE TABLE notes (text)")


def without_the_project(database: Path) -> None:
    execute(database, "UPDATE projects SET name = 'another'")


def older(database: Path) -> None:
    execute(database, "DELETE FROM schema_migrations WHERE number > 1")


def newer(database: Path) -> None:
    execute(
        database,
        "INSERT INTO schema_migrations (number, name, checksum, phase, applied_at)"
        " SELECT max(number) + 1, 'ahead', 'x', 'contract', '' FROM schema_migrations",
    )


def altered(database: Path) -> None:
    execute(database, "UPDATE schema_migrations SET checksum = 'x' WHERE number = 2")
    newer(database)


def half_migrated(database: Path) -> None:
    execute(database, "DELETE FROM schema_migrations WHERE number = 1")


def execute(database: Path, statement: str) -> None:
    connection = sqlite3.connect(database)
    with connection:
        connection.execute(statement)
    connection.close()


DAMAGE: dict[Callable[[Path], None], tuple[int, str]] = {
    gone: (3, "no-database"),
    folder_gone: (3, "no-database"),
    folder_instead: (6, "corrupt-database"),
    other_file: (6, "corrupt-database"),
    empty_file: (7, "schema-missing"),
    cut_short: (6, "corrupt-database"),
    overwritten_pages: (6, "corrupt-database"),
    other_tables: (7, "schema-missing"),
    without_the_project: (3, "no-such-project"),
    older: (7, "schema-too-old"),
    newer: (7, "schema-too-new"),
    altered: (6, "schema-altered"),
    half_migrated: (6, "schema-half-migrated"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_is_wrong_with_a_database_is_told_and_it_is_left_alone(
    project: Project, tamp: Tamp, database: Path, damage: Callable[[Path], None]
) -> None:
    for end in ("-wal", "-shm"):
        assert not Path(f"{database}{end}").exists()
    damage(database)
    before = files(project.folder)

    for words in (*COMMANDS, ("next",), ("show", "2"), ("set-status", "2", "done"), ("undo",)):
        assert told(tamp, words)[:2] == DAMAGE[damage], words

    after = files(project.folder)
    own = {f".taskmaster/tasks/tasks.db{end}" for end in (".lock", "-wal", "-shm")}
    assert after.keys() - before.keys() <= own
    assert {name: after[name] for name in before.keys() - own} == {
        name: text for name, text in before.items() if name not in own
    }


@pytest.mark.parametrize("damage", DAMAGE)
def test_doctor_finds_what_is_wrong_with_a_database(
    tamp: Tamp, database: Path, damage: Callable[[Path], None]
) -> None:
    damage(database)
    code, error = DAMAGE[damage]

    if code == Unavailable.exit_code:
        assert told(tamp, ("doctor",))[:2] == (code, error)
        return
    said = tamp("doctor", "--json")
    found = said.json["findings"][0]

    assert (said.code, found["severity"]) == (6 if code == 6 else 4, "error")
    assert found["message"] == told(tamp, SEEING).message.removesuffix("; nothing was changed")
    assert found["fix"] or found["byHand"]


def test_doctor_finds_damage_that_has_not_shown_itself_yet(tamp: Tamp, database: Path) -> None:
    connection = sqlite3.connect(database)
    query = "SELECT rootpage, (SELECT page_size FROM pragma_page_size()) FROM sqlite_master"
    [(page, size)] = connection.execute(f"{query} WHERE name = 'changes'")
    connection.close()
    with database.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(os.urandom(size))
    assert tamp(*SEEING).code == 0

    said = tamp("doctor", "--json")

    assert (said.code, said.json["readable"]) == (6, False)


def test_doctor_finds_tables_that_were_made_by_other_migrations(tamp: Tamp, database: Path) -> None:
    execute(database, "UPDATE schema_migrations SET checksum = 'x' WHERE number = 2")

    [found] = tamp("doctor", "--json").json["findings"]

    assert (found["code"], found["fix"]) == ("unreadable", "")
    assert "applied with another text" in found["message"]


def test_doctor_brings_back_a_database_that_is_gone_or_damaged(tamp: Tamp, database: Path) -> None:
    before = tamp(*SEEING).out
    assert tamp("backup").code == 0
    for damage in (gone, other_file):
        database.with_name("tasks.db-wal").unlink(missing_ok=True)
        damage(database)
        assert tamp("doctor").code != 0

        assert tamp("doctor", "--fix", "--yes").code == 0

        assert tamp(*SEEING).out == before
        assert tamp("doctor", "--json").json["healthy"]


@pytest.fixture
def somewhere() -> Iterator[Path]:
    """A folder that other users can reach, which those of pytest are not."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir():
            path.chmod(0o755)
    shutil.rmtree(folder)


# Root is not bound by permissions, so it becomes somebody else once everything is imported.
AS_SOMEBODY = """
import contextlib, io, os, sys
from taskmaster.cli.main import main
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    main(["init", "--project=beside", "--storage=sqlite:.taskmaster/tasks.db"])
    for words in (["list"], ["add-task", "A"], ["list", "--json"], ["show", "9"]):
        main([*words, "--project=beside"])
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
sys.exit(main(sys.argv[1:]))
"""
ON_A_SMALL_DISK = """
import resource, sys
from taskmaster.cli.main import main
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
sys.exit(main(sys.argv[1:]))
"""


def script(text: str, folder: Path, *words: str) -> Said:
    result = subprocess.run(
        [sys.executable, "-c", text, *words],
        cwd=folder,
        env=environ(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return Said(result.returncode, result.stdout, result.stderr)


@pytest.mark.parametrize("closed", ["file", "folder"])
def test_what_may_only_be_read_is_told(somewhere: Path, tamp_here: Tamp, closed: str) -> None:
    for name in ("beside", "project"):
        (somewhere / name).mkdir()
    project = f"--project={somewhere / 'project'}"
    assert tamp_here("init", project, f"--storage={URL}").code == 0
    assert tamp_here("add-task", "Kept", project).code == 0
    folder = somewhere / "project" / ".taskmaster" / "tasks"
    before = files(folder)
    for path in folder.iterdir():
        path.chmod(0o666 if closed == "folder" else 0o444)
    folder.chmod(0o555 if closed == "folder" else 0o777)

    def as_somebody(*words: str) -> Said:
        return script(AS_SOMEBODY, somewhere, *words, project)

    if closed == "file":
        assert "Kept" in as_somebody(*SEEING).out
    for words in (CHANGING, ("set-status", "1", "done"), ("undo",)):
        assert told(as_somebody, words)[:2] == (7, "read-only"), words
    assert files(folder)["tasks.db"] == before["tasks.db"]


def test_a_system_that_lets_nobody_write_more_is_told_and_nothing_is_lost(
    project: Project, tamp: Tamp, database: Path
) -> None:
    size = database.stat().st_size
    assert size < 150_000
    before = tamp(*SEEING).out

    def on_a_small_disk(*words: str) -> Said:
        return script(ON_A_SMALL_DISK, project.folder, *words)

    refusal = told(on_a_small_disk, ("add-task", "Large", f"--details={'x' * 120_000}"))

    assert refusal[:2] == (7, "disk-error")
    assert "nothing was changed" in refusal.message
    assert tamp(*SEEING).out == before
    assert tamp("add-task", "Small").code == 0


def test_a_database_that_cannot_grow_is_told(database: Path) -> None:
    store = SqliteStore(str(database), "notes")
    with store.reading() as reader:
        connection = reader.session.connection
        [(pages,)] = connection.execute("PRAGMA page_count")
        connection.execute(f"PRAGMA max_page_count = {pages}")
        first = reader.get("master", "1")

    with pytest.raises(Unavailable, match="no room left") as caught, store.writing(STAMP) as writer:
        writer.put("master", first.with_fields({"details": "x" * 100_000}))

    assert caught.value.code == "disk-full"
    with store.reading() as reader:
        assert reader.get("master", "1") == first


@pytest.mark.parametrize("lock", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
def test_another_program_is_waited_for_and_then_told_of(database: Path, lock: str) -> None:
    other = sqlite3.connect(database, isolation_level=None)
    other.execute(lock)
    store = SqliteStore(str(database), "notes", patience=0.05)

    with pytest.raises(Busy, match="another program holds the database"), store.writing(STAMP):
        pass
    with store.reading() as reader:
        assert reader.last_change()

    other.execute("ROLLBACK")
    other.close()
    with store.writing(STAMP) as writer:
        assert writer.last_change()
    store.close()


def test_a_program_that_lets_nobody_in_is_told_of(database: Path) -> None:
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("PRAGMA journal_mode = DELETE")
    other.execute("BEGIN EXCLUSIVE")
    store = SqliteStore(str(database), "notes", patience=0.05)

    with pytest.raises(Busy, match="another program holds the database"), store.reading():
        pass
    with pytest.raises(Busy), store.writing(STAMP):
        pass
    other.close()


def test_what_happens_while_a_view_is_used_is_explained_too(database: Path) -> None:
    store = SqliteStore(str(database), "notes")
    overwritten_pages(database)

    with pytest.raises(TampError) as caught, store.reading() as reader:
        reader.tasks("master")

    assert caught.value.code == "corrupt-database"
