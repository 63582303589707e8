"""Projects that share a database know nothing of each other, whatever a statement leaves out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import sql
from tests.makers import created

from taskmaster.ports import Store
from taskmaster.testing.projects import fill, log_of, task, whole

TABLES = ("tags", "tasks", "changes", "nodes", "edges", "tallies", "searched")


@pytest.fixture
def mine(shared_database: str) -> Store:
    store = created("postgres", shared_database)
    fill(store, task(1, "mine", dependencies=[2]), task(2))
    return store


@pytest.fixture
def theirs(shared_database: str) -> Store:
    store = created("postgres", shared_database)
    fill(store, task(1, "theirs", dependencies=[2]), task(2), task(3))
    return store


@pytest.fixture
def connection(shared_database: str) -> Iterator[psycopg.Connection]:
    """As the owner of the tables, in a transaction."""
    with psycopg.connect(shared_database) as opened:
        yield opened


def say(connection: psycopg.Connection, store: Store) -> int:
    """Begin as the project of the store does; its row id."""
    name = store.project  # type: ignore[attr-defined]
    connection.execute("SELECT set_config('tamp.name', %s, true)", [name])
    found = connection.execute("SELECT id FROM projects").fetchall()
    assert len(found) == 1
    connection.execute("SELECT set_config('tamp.project', %s, true)", [str(found[0][0])])
    return int(found[0][0])


def ask(
    connection: psycopg.Connection, statement: LiteralString, table: str
) -> list[tuple[Any, ...]]:
    cursor = connection.execute(sql.SQL(statement).format(sql.Identifier(table)))
    return cursor.fetchall() if cursor.description else []


def test_who_names_no_project_sees_no_row(connection: psycopg.Connection, mine: Store) -> None:
    assert whole(mine)["master"].entries
    for table in ("projects", *TABLES):
        if table != "searched":
            assert ask(connection, "SELECT 1 FROM {}", table) == [], table


def test_a_statement_that_forgets_to_say_which_project_sees_its_own_rows_alone(
    connection: psycopg.Connection, mine: Store, theirs: Store
) -> None:
    own = say(connection, mine)

    for table in ("tags", "tasks", "changes", "nodes", "edges", "tallies"):
        assert ask(connection, "SELECT DISTINCT project FROM {}", table) == [(own,)], table
    found = connection.execute(
        "SELECT t.doc FROM searched AS s JOIN tasks AS t USING (tag, position)"
        " WHERE s.words LIKE '%theirs%'"
    ).fetchall()
    assert found == []
    assert len(log_of(theirs)) == 1


@pytest.mark.parametrize("table", TABLES)
def test_changes_that_forget_to_say_which_project_leave_the_others_alone(
    connection: psycopg.Connection, mine: Store, theirs: Store, table: str
) -> None:
    before = whole(theirs)
    say(connection, mine)

    ask(connection, "UPDATE {} SET project = project", table)
    if table != "tags":
        ask(connection, "DELETE FROM {}", table)
    connection.commit()

    assert whole(theirs) == before
    with theirs.reading() as reader:
        assert reader.best("master", "2026-06-15", 3)[1] == 2
        assert [one.id for one in reader.containing("master", ["theirs"])] == ["1"]


@pytest.mark.parametrize("table", TABLES)
def test_nothing_can_be_put_into_another_project(
    connection: psycopg.Connection, mine: Store, table: str
) -> None:
    say(connection, mine)

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask(connection, "UPDATE {} SET project = project + 1", table)
