"""What can be wrong with a server, with the way there and with its tables: one sentence each."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
from tests.processes import LOOPBACK, wait_until
from tests.proxy import Proxy
from tests.servers import PostgresServer
from tests.surfaces.cli.conftest import Project, Said, Tamp, environ
from tests.surfaces.cli.refused import CHANGING, COMMANDS, SECRET, SEEING, files, kept_at, told

from taskmaster.domain.changes import Actor, Stamp
from taskmaster.errors import TampError, Unavailable
from taskmaster.stores.postgres.store import PostgresStore

STAMP = Stamp(Actor("ann", "person", ""), "cli", "add-task", "", "2026-01-31T08:15:30.123Z")


@pytest.fixture(scope="module")
def server(postgres_wheel: None) -> Iterator[PostgresServer]:  # noqa: ARG001 - goes first
    """One that asks one of its users for a password, and does not let everybody in."""
    with PostgresServer() as made:
        file = made.data / "pg_hba.conf"
        rule = f"host all wary {LOOPBACK}/32 scram-sha-256\n"
        file.write_text(rule + file.read_text(encoding="utf-8"), encoding="utf-8")
        made.execute("SELECT pg_reload_conf()")
        made.execute(f"CREATE ROLE wary LOGIN PASSWORD '{SECRET}'")
        made.execute("CREATE ROLE stranger LOGIN")
        made.execute("CREATE ROLE crowded LOGIN CONNECTION LIMIT 0")
        made.execute("CREATE DATABASE closed")
        made.execute("REVOKE CONNECT ON DATABASE closed FROM PUBLIC")
        made.create_database("empty")
        made.create_database("notes")
        yield made


@pytest.fixture
def notes(server: PostgresServer, tamp: Tamp) -> str:
    """The address of a database that the tasks of the project have moved into."""
    url = server.url("notes")
    server.execute("DROP SCHEMA public CASCADE", "notes")
    server.execute("CREATE SCHEMA public AUTHORIZATION tamp", "notes")
    assert tamp("storage", "move", f"--to={url}", "--project-name=notes", "--yes").code == 0
    return url


def held(server: PostgresServer) -> list[tuple[object, ...]]:
    """What cannot change unnoticed."""
    return server.execute("SELECT last_number, successor FROM projects", "notes") + server.execute(
        "SELECT tag, position, doc FROM tasks ORDER BY 1, 2", "notes"
    )


# What is put in the place of {}: the address of the server.
ADDRESSES = {
    f"postgresql://ann:{SECRET}@[::1/notes": (4, "bad-connection-string"),
    f"postgresql://ann:{SECRET}@localhost:port/notes": (4, "bad-connection-string"),
    f"postgresql://ann:{SECRET}%zz@localhost/notes": (4, "bad-connection-string"),
    f"postgresql://ann:{SECRET}@localhost/notes?nosuch=1": (4, "bad-connection-string"),
    f"postgresql:ann:{SECRET}@localhost/notes": (4, "bad-connection-string"),
    "postgresql://tamp@{}/notes?options=-cnosuch%3D1": (4, "bad-connection-string"),
    f"postgresql://ann:{SECRET}@nowhere.invalid/notes": (7, "no-such-host"),
    f"postgresql://ann:{SECRET}@{LOOPBACK}:1/notes": (7, "database-unreachable"),
    f"postgresql://ann:{SECRET}@{LOOPBACK}:1,{LOOPBACK}:2/notes": (7, "database-unreachable"),
    "postgresql:///notes?host=/nowhere": (7, "database-unreachable"),
    "postgresql://wary:wrong@{}/notes": (8, "wrong-password"),
    "postgresql://wary@{}/notes": (8, "wrong-password"),
    "postgresql://nobody-here@{}/notes": (8, "login-refused"),
    "postgresql://postgres@{}/notes": (8, "login-refused"),
    "postgresql://tamp@{}/closed": (8, "login-refused"),
    f"postgresql://tamp:{SECRET}@{{}}/nothing": (3, "no-database"),
    f"postgresql://tamp@{LOOPBACK}:1,{{}}/nothing": (3, "no-database"),
    "postgresql://tamp@{}/notes?sslmode=require": (7, "no-encryption"),
    "postgresql://crowded@{}/notes": (7, "too-many-connections"),
    "postgresql://tamp@{}/empty": (7, "schema-missing"),
    "postgresql://tamp@{}/notes?target_session_attrs=standby": (7, "read-only"),
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_database_that_cannot_be_used_is_told_and_no_other_is_taken(
    server: PostgresServer, project: Project, tamp: Tamp, address: str
) -> None:
    kept_at(project, address.format(f"{LOOPBACK}:{server.port}"))
    before = files(project.folder)

    for words in COMMANDS:
        assert told(tamp, words)[:2] == ADDRESSES[address], words
    assert tamp("doctor").code == (4 if ADDRESSES[address][0] == 3 else ADDRESSES[address][0])

    assert files(project.folder) == before


def test_the_right_password_is_taken_from_the_surroundings_and_kept_nowhere(
    server: PostgresServer, project: Project, tamp: Tamp, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.create_database("wary", "wary")
    url = f"postgresql://wary@{LOOPBACK}:{server.port}/wary"
    project.file.unlink()

    made = tamp("init", f"--storage={url.replace('wary@', f'wary:{SECRET}@')}", "--json")

    assert made.code == 0, made
    assert "the password is not kept" in made.err
    assert json.loads((project.folder / ".taskmaster" / "storage.json").read_text()) == {
        "url": url, "project": "project",
    }  # fmt: skip
    assert told(tamp, SEEING)[:2] == (8, "wrong-password")
    monkeypatch.setenv("PGPASSWORD", SECRET)
    for words in (("add-task", "Kept"), SEEING, ("doctor",), ("storage",), ("backup",)):
        said = tamp(*words, "--verbose")
        assert said.code == 0, said
        assert SECRET not in said.out + said.err
    assert not [name for name, text in files(project.folder).items() if SECRET.encode() in text]


STATES: dict[str, tuple[int, str]] = {
    "UPDATE projects SET name = 'another'": (3, "no-such-project"),
    "DELETE FROM schema_migrations WHERE number > 1": (7, "schema-too-old"),
    "INSERT INTO schema_migrations SELECT 99, name, checksum, 'contract', applied_at"
    " FROM schema_migrations WHERE number = 1; DELETE FROM schema_migrations WHERE number = 99;"
    " INSERT INTO schema_migrations SELECT max(number) + 1, 'ahead', 'x', 'contract', ''"
    " FROM schema_migrations": (7, "schema-too-new"),
    "UPDATE schema_migrations SET checksum = 'x'; INSERT INTO schema_migrations"
    " SELECT max(number) + 1, 'ahead', 'x', 'expand', '' FROM schema_migrations": (
        6,
        "schema-altered",
    ),
    "DELETE FROM schema_migrations WHERE number = 1": (6, "schema-half-migrated"),
    "DROP TABLE schema_migrations": (7, "schema-missing"),
    "ALTER TABLE schema_migrations DROP COLUMN phase; UPDATE schema_migrations"
    " SET number = number + 10": (5, "schema-foreign"),
}


@pytest.mark.parametrize("statement", STATES)
def test_the_state_of_the_tables_is_told(
    server: PostgresServer, notes: str, project: Project, tamp: Tamp, statement: str
) -> None:
    del notes
    server.execute(statement, "notes")
    before, there = files(project.folder), held(server)

    for words in COMMANDS:
        assert told(tamp, words)[:2] == STATES[statement], words

    assert (files(project.folder), held(server)) == (before, there)


RIGHTS = {
    "nothing": ("", (8, "not-permitted"), (8, "not-permitted")),
    "seeing": (
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO stranger",
        None,
        (8, "not-permitted"),
    ),
}


@pytest.mark.parametrize("name", RIGHTS)
def test_a_missing_right_is_told(
    server: PostgresServer, notes: str, project: Project, tamp: Tamp, name: str
) -> None:
    grant, seeing, changing = RIGHTS[name]
    server.execute("GRANT USAGE ON SCHEMA public TO stranger", "notes")
    server.execute(grant or "SELECT 1", "notes")
    kept_at(project, notes.replace("tamp@", "stranger@"))
    before = held(server)

    if seeing is None:
        assert tamp(*SEEING).code == 0
    else:
        assert told(tamp, SEEING)[:2] == seeing
    assert told(tamp, CHANGING)[:2] == changing
    assert held(server) == before


def test_a_database_that_is_only_for_reading_can_be_read(
    server: PostgresServer, notes: str, tamp: Tamp
) -> None:
    del notes
    server.execute("ALTER DATABASE notes SET default_transaction_read_only = on")
    try:
        before = held(server)
        assert tamp(*SEEING).code == 0
        assert told(tamp, CHANGING)[:2] == (7, "read-only")
        assert held(server) == before
        [found] = tamp("doctor", "--json").json["findings"]
        assert found["message"] == "the database takes no changes: it is set to be read only"
    finally:
        server.execute("ALTER DATABASE notes RESET default_transaction_read_only")
    assert tamp(*CHANGING).code == 0


@pytest.fixture(scope="module")
def standby(server: PostgresServer) -> Iterator[PostgresServer]:
    """A copy of the server that follows it and takes no changes."""
    with server.standby(sync=False) as made:
        yield made


def test_a_standby_can_be_read_and_no_more(
    server: PostgresServer, standby: PostgresServer, notes: str, project: Project, tamp: Tamp
) -> None:
    standby.catch_up(server)
    before = held(server)
    kept_at(project, notes.replace(str(server.port), str(standby.port)))

    assert tamp(*SEEING).code == 0
    assert told(tamp, CHANGING)[:2] == (7, "read-only")
    assert "it is a standby" in tamp("doctor").out

    kept_at(project, notes, replica=notes.replace(str(server.port), str(standby.port)))
    assert tamp(*CHANGING).code == 0
    standby.catch_up(server)
    assert "One more" in tamp(*SEEING).out
    assert tamp("doctor", "--json").json["findings"] == []
    assert len(held(server)) == len(before) + 1

    kept_at(project, notes, replica=f"postgresql://tamp:{SECRET}@{LOOPBACK}:1/notes")
    assert told(tamp, SEEING)[:2] == (7, "database-unreachable")


def test_a_server_that_is_still_starting_is_told(
    standby: PostgresServer, project: Project, tamp: Tamp, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept_at(project, standby.url("notes"))
    monkeypatch.setattr(standby, "_status", lambda: "ready")
    standby.settings["hot_standby"] = "off"  # It will never be ready.
    standby.restart()
    wait_until(lambda: "starting up" in tamp(*SEEING).err, "the server answers")

    for words in COMMANDS:
        refusal = told(tamp, words)
        assert refusal[:2] == (7, "database-unreachable")
        assert "the database is starting up or going down" in refusal.message


# Where a connection breaks in the middle of a command, and what is known then.
CUTS: list[tuple[tuple[str, ...], bytes, tuple[int, str]]] = [
    (SEEING, b"BEGIN", (7, "database-unreachable")),
    (SEEING, b"FROM projects", (7, "database-unreachable")),
    (SEEING, b"FROM tags", (7, "database-unreachable")),
    (CHANGING, b"pg_advisory_xact_lock", (7, "database-unreachable")),
    (CHANGING, b"INSERT INTO tasks", (7, "database-unreachable")),
    (CHANGING, b"pg_notify", (7, "database-unreachable")),
]


@pytest.mark.parametrize(("words", "text", "expected"), CUTS)
def test_a_server_that_goes_away_in_the_middle_changes_nothing(
    server: PostgresServer,
    notes: str,
    project: Project,
    tamp: Tamp,
    words: tuple[str, ...],
    text: bytes,
    expected: tuple[int, str],
) -> None:
    with Proxy(server.port) as proxy:
        kept_at(project, notes.replace(str(server.port), str(proxy.port)))
        before = held(server)

        def cut_off(*words: str) -> Said:
            proxy.cut_at(text, answered=False)
            return tamp(*words)

        assert told(cut_off, words)[:2] == expected
        assert held(server) == before
        assert tamp(*words).code == 0


@pytest.mark.parametrize("answered", [True, False])
def test_a_commit_whose_answer_is_lost_is_looked_up(
    server: PostgresServer, notes: str, project: Project, tamp: Tamp, *, answered: bool
) -> None:
    with Proxy(server.port) as proxy:
        kept_at(project, notes.replace(str(server.port), str(proxy.port)))
        before = held(server)

        def cut_off(*words: str) -> Said:
            proxy.cut_at(b"COMMIT", answered=answered)
            return tamp(*words)

        if answered:
            assert cut_off(*CHANGING).code == 0
            assert len(held(server)) == len(before) + 1
        else:
            assert told(cut_off, CHANGING)[:2] == (7, "connection-lost")
            assert held(server) == before


def test_a_commit_whose_answer_is_lost_for_good_is_not_called_undone(
    server: PostgresServer, notes: str
) -> None:
    with Proxy(server.port) as proxy:
        url = notes.replace(str(server.port), str(proxy.port))
        store = PostgresStore(url, "notes", patience=0.2)
        writing = store.writing(STAMP)
        writer = writing.__enter__()
        writer.put("master", writer.get("master", "2").with_fields({"title": "Changed"}))
        proxy.cut_at(b"COMMIT", answered=True)
        proxy.refuse()
        with pytest.raises(Unavailable) as caught:
            writing.__exit__(None, None, None)

        assert caught.value.code == "outcome-unknown"
        assert "not known" in caught.value.message
        assert "nothing was changed" not in caught.value.message + caught.value.hint
        proxy.accept()
        with store.reading() as reader:
            assert reader.get("master", "2").title == "Changed"
        store.close()


def test_a_server_that_is_killed_between_two_commands_is_waited_for_and_told(
    postgres_wheel: None,  # noqa: ARG001 - goes first
    project: Project,
    tamp: Tamp,
) -> None:
    with PostgresServer() as server:
        url = server.create_database("notes")
        assert tamp("storage", "move", f"--to={url}", "--yes").code == 0
        store = PostgresStore(url, "project", patience=0.2)
        with store.reading() as reader:
            before = reader.tasks("master")
        files_before = files(project.folder)
        server.kill()

        for words in COMMANDS:
            assert told(tamp, words)[:2] == (7, "database-unreachable")
        with pytest.raises(TampError) as caught, store.reading():
            pass
        assert caught.value.code == "database-unreachable"
        assert files(project.folder) == files_before

        server.start()
        with store.reading() as reader:
            assert reader.tasks("master") == before
        assert tamp(*CHANGING).code == 0
        store.close()


WITHOUT_DRIVER = """
import sys
sys.modules["psycopg"] = None
from taskmaster.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    "words", [*COMMANDS, ("doctor",), ("storage",), ("backup",), ("db",), ("init",), ("history",)]
)
def test_without_the_driver_every_command_says_what_to_install(
    project: Project, words: tuple[str, ...]
) -> None:
    kept_at(project, f"postgresql://ann:{SECRET}@db.example/tasks")
    before = files(project.folder)

    def without(*words: str) -> Said:
        result = subprocess.run(
            [sys.executable, "-c", WITHOUT_DRIVER, *words],
            cwd=project.folder,
            env=environ(),
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        return Said(result.returncode, result.stdout, result.stderr)

    refusal = told(without, words)

    assert refusal[:2] == (7, "missing-extra")
    assert refusal.hint == "pip install 'task-master-pro[postgres]'"
    assert files(project.folder) == before
