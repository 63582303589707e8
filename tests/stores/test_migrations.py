"""The tables of both SQL engines: made once, brought forward, taken back, and known for what
they are.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.stores.engines import ADDRESSES, ENGINES, Postgres, Sqlite

import taskmaster
from taskmaster.errors import (
    Busy,
    Conflict,
    CorruptStore,
    Invalid,
    NotFound,
    TampError,
    Unavailable,
    Usage,
)
from taskmaster.stores.sql.migrations import Migrations

SOURCE = Path(taskmaster.__file__).parents[1]
PROCESSES, WAIT = 4, 100
EXPAND, CONTRACT = "-- phase: expand\n", "-- phase: contract\n"
STEPS = {
    "0001_shelves.up": EXPAND + "CREATE TABLE shelves (id integer PRIMARY KEY, room text);",
    "0001_shelves.down": "DROP TABLE shelves;",
    "0002_books.up": EXPAND + "CREATE TABLE books (id integer PRIMARY KEY, shelf integer"
    " NOT NULL REFERENCES shelves (id));\nCREATE INDEX books_shelf ON books (shelf);",
    "0002_books.down": "DROP TABLE books;",
    "0003_rooms.up": f"{EXPAND}ALTER TABLE shelves ADD COLUMN place text NOT NULL DEFAULT '';\n"
    "UPDATE shelves SET place = room;",
    "0003_rooms.down": "UPDATE shelves SET room = place;\nALTER TABLE shelves DROP COLUMN place;",
    "0004_tidied.up": CONTRACT + "ALTER TABLE shelves DROP COLUMN room;",
    "0004_tidied.down": "ALTER TABLE shelves ADD COLUMN room text;\n"
    "UPDATE shelves SET room = place;",
}
WORKER = """
import sys
from taskmaster import app
from taskmaster.stores.sql.migrations import Migrations
from taskmaster.stores.sql.schema import Schema
engine, address, folder = sys.argv[1:]
schema = Schema(app.load(engine)(address), Migrations(folder))
assert schema.applied() == []
print("ready", flush=True)
sys.stdin.read()
with schema:
    print(*(one.number for one in schema.upgrade()))
    schema.check()
"""
Engine = Sqlite | Postgres
Folder = Callable[..., str]


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database."""
    if request.param == "sqlite":
        made: Engine = Sqlite(str(tmp_path / "tasks.db"))
    else:
        made = Postgres(request.getfixturevalue("database"))
    yield made
    made.close()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A folder of migrations: the first so many of ours, with other texts where that is said."""
    made = 0

    def make(last: int = 4, **texts: str) -> str:
        nonlocal made
        made += 1
        place = tmp_path / f"migrations-{made}"
        place.mkdir()
        chosen = {name: text for name, text in STEPS.items() if int(name[:4]) <= last}
        for name, text in {**chosen, **_named(texts)}.items():
            if text:
                (place / f"{name}.sql").write_bytes(text.encode())
        return str(place)

    return make


def _named(texts: dict[str, str]) -> dict[str, str]:
    """``_0002_books_down`` is how a keyword says ``0002_books.down``."""
    return {".".join(key[1:].rsplit("_", 1)): text for key, text in texts.items()}


def standings(engine: Engine, folder: str) -> list[tuple[int, str]]:
    with engine.schema(folder) as schema:
        return [(one.number, one.state) for one in schema.status()]


def upgrade(engine: Engine, folder: str, to: int | None = None, **more: bool) -> list[int]:
    with engine.schema(folder) as schema:
        return [one.number for one in schema.upgrade(to, **more)]


def downgrade(engine: Engine, folder: str, to: int) -> list[int]:
    with engine.schema(folder) as schema:
        return [one.number for one in schema.downgrade(to)]


def check(engine: Engine, folder: str) -> None:
    with engine.schema(folder) as schema:
        schema.check()


def checksum(name: str) -> str:
    return hashlib.sha256(f"{STEPS[name]}\n".encode()).hexdigest()


def test_an_empty_database_gets_every_migration_once_and_each_is_noted(
    engine: Engine, folder: Folder
) -> None:
    place = folder()

    assert upgrade(engine, place) == [1, 2, 3, 4]
    assert upgrade(engine, place) == []

    noted = engine.execute(
        "SELECT number, name, checksum, phase, applied_at FROM schema_migrations"
    )
    assert [(number, name, phase) for number, name, _sum, phase, _at in noted] == [
        (1, "shelves", "expand"),
        (2, "books", "expand"),
        (3, "rooms", "expand"),
        (4, "tidied", "contract"),
    ]
    assert [one[2] for one in noted] == [checksum(name) for name in STEPS if name.endswith("up")]
    assert all(len(one[4]) == len("2026-01-31T08:15:30.123Z") for one in noted)
    check(engine, place)


def test_a_database_without_tables_says_how_to_get_them(engine: Engine, folder: Folder) -> None:
    with pytest.raises(Unavailable, match="holds no tables") as caught:
        check(engine, folder())

    assert caught.value.code == "schema-missing"
    assert "tamp db upgrade" in caught.value.hint
    assert standings(engine, folder()) == [(number, "pending") for number in (1, 2, 3, 4)]


def test_a_database_that_lacks_a_migration_is_too_old(engine: Engine, folder: Folder) -> None:
    upgrade(engine, folder(), 2)

    with pytest.raises(Unavailable, match=r"is at migration 2, .* needs 0003_rooms") as caught:
        check(engine, folder())

    assert caught.value.code == "schema-too-old"
    assert "tamp db upgrade" in caught.value.hint


def test_what_only_tidies_up_may_wait(engine: Engine, folder: Folder) -> None:
    assert upgrade(engine, folder(), 3) == [1, 2, 3]

    check(engine, folder())

    assert standings(engine, folder())[-1] == (4, "pending")


def test_code_of_the_version_before_works_on_a_schema_that_was_only_expanded(
    engine: Engine, folder: Folder
) -> None:
    upgrade(engine, folder(), 3)

    check(engine, folder(2))

    assert standings(engine, folder(2)) == [(1, "applied"), (2, "applied"), (3, "unknown")]
    assert upgrade(engine, folder(2)) == []


def test_code_of_the_version_before_is_refused_after_a_contract_migration(
    engine: Engine, folder: Folder
) -> None:
    upgrade(engine, folder())

    for act in (check, upgrade):
        with pytest.raises(Unavailable, match="0004_tidied was applied by a newer") as caught:
            act(engine, folder(2))
        assert caught.value.code == "schema-too-new"
        assert "newer version" in caught.value.hint


def test_a_migration_with_another_text_is_told_with_both_checksums(
    engine: Engine, folder: Folder
) -> None:
    upgrade(engine, folder())
    ours = folder(_0002_books_up=EXPAND + "CREATE TABLE books (id integer PRIMARY KEY);")
    checksum = Migrations(ours).known[1].checksum

    for act in (check, upgrade, lambda engine, ours: downgrade(engine, ours, 3)):
        with pytest.raises(CorruptStore, match="0002_books") as caught:
            act(engine, ours)
        assert caught.value.code == "schema-altered"
        assert checksum[:8] in caught.value.message
        assert Migrations(folder()).known[1].checksum[:8] in caught.value.message
    assert standings(engine, ours)[1] == (2, "altered")


def test_line_ends_of_another_system_are_no_other_text(engine: Engine, folder: Folder) -> None:
    upgrade(engine, folder())
    texts = {f"_{name.replace('.', '_')}": text for name, text in STEPS.items()}

    check(engine, folder(**{name: text.replace("\n", "\r\n") for name, text in texts.items()}))


def test_a_gap_among_the_migrations_is_told_and_nothing_goes_on(
    engine: Engine, folder: Folder
) -> None:
    upgrade(engine, folder(), 3)
    engine.execute("DELETE FROM schema_migrations WHERE number = 2")
    before = engine.inside()

    for act in (check, upgrade, lambda engine, ours: downgrade(engine, ours, 0)):
        with pytest.raises(CorruptStore, match="0003_rooms is applied, and 0002 before") as caught:
            act(engine, folder())
        assert caught.value.code == "schema-half-migrated"
        assert "tamp db sql --from=1 --to=2" in caught.value.hint
    assert engine.inside() == before
    assert standings(engine, folder())[1:3] == [(2, "pending"), (3, "applied")]


def test_a_migration_that_fails_half_way_leaves_nothing_of_itself(
    engine: Engine, folder: Folder
) -> None:
    upgrade(engine, folder(), 1)
    before = engine.inside()
    broken = "CREATE TABLE lost (id integer);\nINSERT INTO nowhere VALUES (1);"

    with pytest.raises(TampError, match=r"nowhere.*; nothing was changed") as caught:
        upgrade(engine, folder(_0002_books_up=EXPAND + broken))

    assert caught.value.message.startswith("migration 0002_books could not be applied")
    assert engine.inside() == before
    assert standings(engine, folder())[:2] == [(1, "applied"), (2, "pending")]
    assert upgrade(engine, folder()) == [2, 3, 4]


def test_what_was_applied_before_a_migration_that_fails_stays_and_is_named(
    engine: Engine, folder: Folder
) -> None:
    broken = folder(_0003_rooms_up=EXPAND + "DROP TABLE nowhere;")

    with pytest.raises(TampError, match="0001_shelves, 0002_books had been applied before it"):
        upgrade(engine, broken)

    assert [state for _number, state in standings(engine, broken)] == [
        *("applied", "applied"),
        *("pending", "pending"),
    ]


def test_an_upgrade_goes_as_far_as_it_is_told(engine: Engine, folder: Folder) -> None:
    assert upgrade(engine, folder(), 2) == [1, 2]
    assert upgrade(engine, folder(), 2) == []
    with pytest.raises(Usage, match="is at migration 2, beyond 1") as caught:
        upgrade(engine, folder(), 1)
    assert "tamp db downgrade --to 1" in caught.value.hint
    with pytest.raises(NotFound, match="no migration 9; they go from 1 to 4"):
        upgrade(engine, folder(), 9)


def test_expanding_stops_before_what_the_version_before_could_not_stand(
    engine: Engine, folder: Folder
) -> None:
    upgrade(engine, folder(), 1)

    assert upgrade(engine, folder(), expand=True) == [2, 3]
    assert upgrade(engine, folder(), expand=True) == []
    assert upgrade(engine, folder()) == [4]


def test_on_an_empty_database_there_is_nobody_to_wait_for(engine: Engine, folder: Folder) -> None:
    assert upgrade(engine, folder(), expand=True) == [1, 2, 3, 4]


def test_migrations_are_taken_back_the_last_first_with_what_they_carried_over(
    engine: Engine, folder: Folder
) -> None:
    upgrade(engine, folder(), 2)
    before = engine.inside()
    engine.execute("INSERT INTO shelves VALUES (7, 'attic')")
    upgrade(engine, folder())
    assert engine.execute("SELECT * FROM shelves") == [(7, "attic")]

    assert downgrade(engine, folder(), 2) == [4, 3]

    assert engine.execute("SELECT id, room FROM shelves") == [(7, "attic")]
    assert sorted(engine.inside()) == sorted(before)
    assert downgrade(engine, folder(), 2) == []
    with pytest.raises(Usage, match="is at migration 2, before 3"):
        downgrade(engine, folder(), 3)


def test_up_down_up_ends_where_up_does_and_all_the_way_down_is_empty(
    engine: Engine, folder: Folder
) -> None:
    empty = engine.inside()
    upgrade(engine, folder(3))
    made = engine.inside()

    assert downgrade(engine, folder(3), 0) == [3, 2, 1]
    assert engine.inside() == empty
    with pytest.raises(Unavailable, match="holds no tables"):
        check(engine, folder(3))
    assert upgrade(engine, folder(3)) == [1, 2, 3]

    assert engine.inside() == made != empty


def test_where_one_migration_has_no_way_back_none_is_taken_back(
    engine: Engine, folder: Folder
) -> None:
    place = folder(_0002_books_down="")
    upgrade(engine, place)

    with pytest.raises(Invalid, match="0002_books has no way back; nothing was") as caught:
        downgrade(engine, place, 1)

    assert caught.value.code == "no-way-back"
    assert downgrade(engine, place, 2) == [4, 3]


def test_what_is_not_known_here_is_not_taken_back_here(engine: Engine, folder: Folder) -> None:
    upgrade(engine, folder(3))

    with pytest.raises(Unavailable, match=r"0003_rooms .* cannot take back") as caught:
        downgrade(engine, folder(2), 1)

    assert caught.value.code == "schema-too-new"
    assert standings(engine, folder())[2] == (3, "applied")


def test_the_printed_text_does_what_the_command_does(engine: Engine, folder: Folder) -> None:
    empty = engine.inside()
    migrations, now = Migrations(folder()), ENGINES[engine.kind].now
    upgrade(engine, folder())
    made = engine.inside()

    engine.carry_out(migrations.sql(4, 1, now))
    assert standings(engine, folder())[:2] == [(1, "applied"), (2, "pending")]
    engine.carry_out(migrations.sql(1, 0, now))
    assert engine.inside() == empty
    engine.carry_out(migrations.sql(0, 4, now))

    check(engine, folder())
    assert engine.inside() == made


def test_the_text_for_a_way_back_that_is_missing_is_refused(folder: Folder) -> None:
    migrations = Migrations(folder(_0002_books_down=""))

    with pytest.raises(Invalid, match="0002_books has no way back"):
        migrations.sql(3, 0, "now")
    with pytest.raises(NotFound, match="no migration 5"):
        migrations.sql(0, 5, "now")


def test_processes_that_start_together_migrate_once(engine: Engine, folder: Folder) -> None:
    more = {
        f"_{number:04d}_table_up": f"{EXPAND}CREATE TABLE t{number} (id integer PRIMARY KEY);"
        for number in range(5, 21)
    }
    place = folder(**more)
    words = ["-c", WORKER, ADDRESSES[engine.kind], engine.address, place]
    started = [
        subprocess.Popen(
            [sys.executable, *words],
            env={"PYTHONPATH": str(SOURCE)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        for _ in range(PROCESSES)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"

    for process in started:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
    said = [process.communicate(timeout=WAIT) for process in started]

    assert [process.returncode for process in started] == [0] * PROCESSES, said
    applied = [int(number) for out, _err in said for number in out.split()]
    assert sorted(applied) == list(range(1, 21))
    assert {state for _number, state in standings(engine, place)} == {"applied"}


def test_whoever_waits_for_another_process_too_long_is_told(engine: Engine, folder: Folder) -> None:
    upgrade(engine, folder(), 1)
    engine.hold()

    with (
        engine.schema(folder(), patience=0.05) as schema,
        pytest.raises(Busy, match=r"waited 0\.05 s for|another program holds") as caught,
    ):
        schema.upgrade()

    assert caught.value.exit_code == 5
    assert "again" in caught.value.hint
    with engine.schema(folder()) as schema:
        assert len(schema.applied()) == 1, "looking waits for nobody"


def test_notes_of_another_program_are_left_alone(engine: Engine, folder: Folder) -> None:
    engine.execute("CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY)")
    before = engine.execute("SELECT * FROM schema_migrations")

    for act in (check, upgrade, standings):
        with pytest.raises(Conflict, match="belongs to another program") as caught:
            act(engine, folder())
        assert caught.value.code == "schema-foreign"
    assert engine.execute("SELECT * FROM schema_migrations") == before


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"_0001_shelves_up": ""}, "0001_shelves.down.sql belongs to no migration"),
        ({"_0006_far_up": f"{EXPAND}SELECT 1;"}, "0006_far.up.sql should be migration 0005"),
        ({"_0004_again_up": f"{EXPAND}SELECT 1;"}, "0004_tidied.up.sql should be migration 0005"),
        ({"_0005_it's_up": f"{EXPAND}SELECT 1;"}, "0005_it's.up.sql should be .* in plain words"),
        ({"_0005_later_up": "SELECT 1;"}, "0005_later.up.sql does not begin with its phase"),
        ({"_0005_later_up": "-- phase: maybe\nSELECT 1;"}, "does not begin with its phase"),
        ({"_0005_later_up": f"{EXPAND}SELECT 1"}, "0005_later.up.sql does not end with a ;"),
        ({"_0005_later_back": "SELECT 1;"}, "0005_later.back.sql belongs to no migration"),
    ],
)
def test_a_set_of_migrations_that_cannot_be_carried_out_is_refused(
    folder: Folder, texts: dict[str, str], said: str
) -> None:
    with pytest.raises(TampError, match=said) as caught:
        Migrations(folder(**texts))

    assert caught.value.code == "package-damaged"


def test_a_folder_without_migrations_is_refused(folder: Folder) -> None:
    with pytest.raises(TampError, match="there are no migrations"):
        Migrations(folder(0))
