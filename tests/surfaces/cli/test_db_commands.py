"""``tamp db`` as somebody who runs a server uses it, on both engines."""

from __future__ import annotations

import io
import json
import sqlite3
import subprocess
from pathlib import Path

import psycopg
import pytest
from tests.surfaces.cli.conftest import WAIT, Project, Tamp, command, environ

from taskmaster.stores.postgres.database import PostgresDatabase
from taskmaster.stores.sql.migrations import Migrations
from taskmaster.stores.sqlite.database import SqliteDatabase

KNOWN = {
    engine.kind: [(one.name, one.phase) for one in Migrations(engine.folder).known]
    for engine in (SqliteDatabase, PostgresDatabase)
}


class Terminal(io.StringIO):
    """Somebody who sits there and has typed this."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    """An empty database beside the project's own."""
    return "sqlite:some.db" if request.param == "sqlite" else request.getfixturevalue("database")


def known(url: str) -> list[tuple[str, str]]:
    """Name and phase of every migration."""
    return KNOWN["sqlite" if url.startswith("sqlite:") else "postgres"]


def test_a_database_is_made_looked_at_and_taken_back(tamp: Tamp, url: str) -> None:
    every = known(url)

    new = tamp("db", "status", "--url", url)
    assert new.code == 0
    assert [line.split()[1:] for line in new.lines[1:-2]] == [[*one, "pending"] for one in every]
    assert new.lines[-1] == "hint: `tamp db upgrade` makes them"

    made = tamp("db", "upgrade", "--url", url)
    assert (made.code, len(made.lines)) == (0, len(every))
    assert made.lines[0] == f"0001  {every[0][0]} (expand) applied"
    assert tamp("db", "upgrade", "--url", url).lines == ["there is nothing to do"]
    assert tamp("db", "--url", url).lines[-1] == "up to date"

    back = tamp("db", "downgrade", "--to=1", "--yes", "--url", url)
    assert back.lines[-1] == f"0002  {every[1][0]} ({every[1][1]}) taken back"
    assert "`tamp db upgrade` brings it up to date" in tamp("db", "--url", url).out


def test_programs_get_the_same_as_json(tamp: Tamp, url: str) -> None:
    every, last = known(url), len(known(url))
    asked = ("--json", "--url", url)

    new = tamp("db", "status", *asked).json
    assert (new["schema"], new["current"], new["latest"]) == ("tamp/db-status.v1", 0, last)
    assert new["problem"]["code"] == "schema-missing"
    first = {"number": 1, "name": every[0][0], "phase": "expand"}
    assert new["migrations"][0] == {**first, "state": "pending"}

    made = tamp("db", "upgrade", *asked).json
    assert made["schema"] == "tamp/db-migrated.v1"
    assert (made["success"], made["dryRun"], made["current"]) == (True, False, last)
    assert made["migrations"][0] == first

    then = tamp("db", "status", *asked).json
    assert (then["problem"], then["current"]) == (None, last)
    assert then["migrations"][0].items() >= {**first, "state": "applied"}.items()
    assert then["migrations"][0]["appliedAt"].endswith("Z")


def test_a_dry_run_changes_nothing(tamp: Tamp, url: str) -> None:
    would = tamp("db", "upgrade", "--dry-run", "--url", url)
    assert would.code == 0
    assert would.lines[0].endswith(" would be applied")
    assert would.lines[-1] == "nothing was changed"
    assert tamp("db", "--json", "--url", url).json["current"] == 0

    tamp("db", "upgrade", "--url", url)
    would = tamp("db", "downgrade", "--to=0", "--dry-run", "--url", url)
    assert would.lines[-2] == f"0001  {known(url)[0][0]} (expand) would be taken back"
    assert tamp("db", "--json", "--url", url).json["problem"] is None


def test_the_printed_text_makes_what_the_command_makes(tamp: Tamp, project: Project) -> None:
    said = tamp("db", "sql", "--url=sqlite:some.db")
    assert not (project.folder / "some.db").exists()

    connection = sqlite3.connect(project.folder / "some.db", isolation_level=None)
    connection.executescript(said.out)
    assert tamp("db", "--url=sqlite:some.db").lines[-1] == "up to date"

    back = tamp("db", "sql", "--from=1", "--to=0", "--json", "--url=sqlite:some.db").json
    assert (back["schema"], back["engine"], back["from"], back["to"]) == (
        *("tamp/db-sql.v1", "sqlite"),
        *(1, 0),
    )
    connection.execute("DELETE FROM schema_migrations WHERE number > 1")
    connection.executescript(back["sql"])
    connection.close()
    assert tamp("db", "--json", "--url=sqlite:some.db").json["current"] == 0


def test_the_text_for_a_server_needs_no_server(tamp: Tamp) -> None:
    said = tamp("db", "sql", "--url=postgresql://")

    assert said.code == 0
    assert said.out.count("BEGIN;") == len(KNOWN["postgres"])


def test_the_text_does_the_same_on_a_server(tamp: Tamp, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(tamp("db", "sql", f"--url={database}").out.encode())

    assert tamp("db", "--url", database).lines[-1] == "up to date"


def test_the_project_says_which_database_is_its_own(tamp: Tamp, project: Project) -> None:
    home = project.folder / ".taskmaster"
    (home / "storage.json").write_text('{"url": "sqlite:.taskmaster/tasks/tasks.db"}')

    said = tamp("db", "upgrade", "--json")

    assert said.json["database"] == str(home / "tasks" / "tasks.db")
    assert (home / "tasks" / "tasks.db").exists()


def test_the_environment_goes_before_the_project(
    tamp: Tamp, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAMP_STORAGE", "sqlite:some.db")

    assert tamp("db", "--json").json["database"] == str(project.folder / "some.db")


def test_tasks_in_files_have_no_tables(tamp: Tamp) -> None:
    for action in ("status", "upgrade", "downgrade", "sql"):
        said = tamp("db", action)
        assert said.code == 2
        assert "error[kept-in-files]: this project keeps its tasks in files" in said.err
        assert "tamp storage move" in said.err


def test_without_a_project_a_database_has_to_be_named(elsewhere: Path, tamp_here: Tamp) -> None:
    said = tamp_here("db", "status")
    assert (said.code, "error[no-project]" in said.err) == (3, True)

    assert tamp_here("db", "upgrade", "--url=sqlite:some.db").code == 0

    assert (elsewhere / "some.db").exists()


def test_an_address_that_no_engine_has_is_refused(tamp: Tamp) -> None:
    said = tamp("db", "status", "--url=mysql://root:secret@db/tasks")

    assert (said.code, "error[bad-storage]" in said.err) == (4, True)
    assert "secret" not in said.err


def test_a_password_is_never_shown(tamp: Tamp) -> None:
    for words in (("--json",), ()):
        said = tamp("db", "status", "--url=postgresql://ann:secret@127.0.0.1:1/tasks", *words)
        assert said.code == 7
        assert "secret" not in said.out + said.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("status", "--to=1"), "--to means nothing to tamp db status"),
        (("upgrade", "--from=1"), "--from means nothing to tamp db upgrade"),
        (("downgrade", "--to=1", "--expand"), "--expand means nothing to tamp db downgrade"),
        (("sql", "--dry-run"), "--dry-run means nothing to tamp db sql"),
        (("upgrade", "--yes"), "--yes means nothing to tamp db upgrade"),
        (("downgrade",), "how far back?"),
        (("upgrade", "--to=99"), "there is no migration 99"),
        (("sql", "--to=-1"), "there is no migration -1"),
        (("upgade",), "did you mean upgrade?"),
    ],
)
def test_what_makes_no_sense_is_refused(tamp: Tamp, words: tuple[str, ...], said: str) -> None:
    answer = tamp("db", *words, "--url=sqlite:some.db")

    assert answer.code in (2, 3)
    assert said in answer.err


def test_without_a_terminal_nothing_is_taken_back_unasked(tamp: Tamp) -> None:
    tamp("db", "upgrade", "--url=sqlite:some.db")

    said = tamp("db", "downgrade", "--to=0", "--url=sqlite:some.db")

    assert (said.code, "error[needs-yes]" in said.err) == (2, True)
    assert tamp("db", "--url=sqlite:some.db").lines[-1] == "up to date"


def test_a_person_is_asked_and_may_say_no(tamp: Tamp, monkeypatch: pytest.MonkeyPatch) -> None:
    tamp("db", "upgrade", "--url=sqlite:some.db")

    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    said = tamp("db", "downgrade", "--to=1", "--url=sqlite:some.db")
    assert said.lines == ["nothing was changed"]
    assert f"{KNOWN['sqlite'][1][0]} ({KNOWN['sqlite'][1][1]}) would be taken back" in said.err

    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    said = tamp("db", "downgrade", "--to=1", "--url=sqlite:some.db", "--json")
    assert (said.json["success"], said.json["current"]) == (True, 1)


def test_processes_that_upgrade_together_apply_each_migration_once(
    project: Project, url: str
) -> None:
    started = [
        subprocess.Popen(
            [*command(), "db", "upgrade", "--json", "--url", url],
            cwd=project.folder,
            env=environ(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        for _ in range(4)
    ]
    said = [process.communicate(timeout=WAIT) for process in started]

    assert [process.returncode for process in started] == [0] * 4, said
    applied = [one["name"] for out, _err in said for one in json.loads(out)["migrations"]]
    assert sorted(applied) == sorted(name for name, _phase in known(url))
