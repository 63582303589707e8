"""The SQL engines as tests of their tables need them: a database, and what it looks like inside."""

from __future__ import annotations

import re
import sqlite3
from typing import Any

import psycopg

from taskmaster.stores.postgres.database import LOCK, PostgresDatabase
from taskmaster.stores.sql.migrations import Migrations
from taskmaster.stores.sql.schema import Schema
from taskmaster.stores.sqlite.database import SqliteDatabase

Rows = list[tuple[Any, ...]]
ENGINES: dict[str, type[SqliteDatabase | PostgresDatabase]] = {
    "sqlite": SqliteDatabase,
    "postgres": PostgresDatabase,
}
ADDRESSES = {
    kind: f"taskmaster.stores.{kind}.database:{engine.__name__}" for kind, engine in ENGINES.items()
}
_PLACED = "WHERE namespace.nspname = current_schema()"
# One line for each thing that a schema consists of, whatever the order in which it was made.
_CATALOGUE = f"""
WITH things AS (
    SELECT relation.* FROM pg_class AS relation
    JOIN pg_namespace AS namespace ON namespace.oid = relation.relnamespace {_PLACED}
), routines AS (
    SELECT routine.* FROM pg_proc AS routine
    JOIN pg_namespace AS namespace ON namespace.oid = routine.pronamespace {_PLACED}
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = routine.oid AND deptype = 'e')
)
SELECT relname, 'relation', concat_ws(' ', relkind, relrowsecurity, relforcerowsecurity,
        relpersistence, relacl, reloptions)
    FROM things WHERE relkind <> 'i'
UNION ALL SELECT relname, 'column', concat_ws(' ',
        row_number() OVER (PARTITION BY attrelid ORDER BY attnum), attname,
        format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated,
        pg_get_expr(adbin, adrelid))
    FROM things JOIN pg_attribute ON attrelid = things.oid AND attnum > 0 AND NOT attisdropped
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE relkind <> 'i'
UNION ALL SELECT relname, 'constraint', conname || ' ' || pg_get_constraintdef(pg_constraint.oid)
    FROM things JOIN pg_constraint ON conrelid = things.oid AND contype <> 'n'
UNION ALL SELECT tablename, 'index', indexdef
    FROM pg_indexes WHERE schemaname = current_schema()
UNION ALL SELECT relname, 'trigger', pg_get_triggerdef(pg_trigger.oid)
    FROM things JOIN pg_trigger ON tgrelid = things.oid AND NOT tgisinternal
UNION ALL SELECT tablename, 'policy', concat_ws(' ', policyname, permissive, roles::text, cmd,
        qual, with_check)
    FROM pg_policies WHERE schemaname = current_schema()
UNION ALL SELECT relname, 'view', pg_get_viewdef(things.oid)
    FROM things WHERE relkind IN ('v', 'm')
UNION ALL SELECT proname, 'routine', pg_get_functiondef(routines.oid)
    FROM routines WHERE prokind <> 'a'
UNION ALL SELECT typname, 'type', concat_ws(' ', typtype, enumlabel)
    FROM pg_type JOIN pg_namespace AS namespace ON namespace.oid = typnamespace
    LEFT JOIN pg_enum ON enumtypid = pg_type.oid {_PLACED} AND typtype IN ('e', 'd')
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_type.oid AND deptype = 'e')
UNION ALL SELECT extname, 'extension', '' FROM pg_extension
"""  # noqa: S608  # all ours
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


class Sqlite:
    kind = "sqlite"

    def __init__(self, path: str) -> None:
        self.address = path
        self.url = f"sqlite:{path}"
        self.connection = sqlite3.connect(path, isolation_level=None)

    def close(self) -> None:
        self.connection.close()

    def schema(self, folder: str, *, patience: float = 30.0) -> Schema:
        return Schema(SqliteDatabase(self.address, patience=patience), Migrations(folder))

    def execute(self, statement: str) -> Rows:
        return self.connection.execute(statement).fetchall()

    def carry_out(self, script: str) -> None:
        """As a person would, with the engine's own tool."""
        self.connection.executescript(script)

    def hold(self) -> None:
        """Be in the midst of a migration."""
        self.connection.execute("BEGIN IMMEDIATE")

    def inside(self) -> list[str]:
        """What the database consists of, whatever way led there; without the migrations' notes."""
        query = "SELECT tbl_name, type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"
        return sorted(
            f"{kind} {name}: {_normal(sql)}"
            for table, kind, name, sql in self.connection.execute(query)
            if table != "schema_migrations" and not name.startswith("sqlite_")
        )


def _normal(sql: str) -> str:
    """A statement as altering leaves it: without comments, quotes and blanks of no meaning."""
    words = _COMMENT.sub(" ", sql).replace('"', "").split()
    return re.sub(r" ?([(),=<>]) ?", r"\1", " ".join(words))


class Postgres:
    kind = "postgres"

    def __init__(self, dsn: str) -> None:
        self.address = self.url = dsn
        self.connection = psycopg.connect(dsn, autocommit=True)

    def close(self) -> None:
        self.connection.close()

    def schema(self, folder: str, *, patience: float = 30.0) -> Schema:
        return Schema(PostgresDatabase(self.address, patience=patience), Migrations(folder))

    def execute(self, statement: str) -> Rows:
        cursor = self.connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []

    def carry_out(self, script: str) -> None:
        self.connection.execute(script.encode())

    def hold(self) -> None:
        self.connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))

    def inside(self) -> list[str]:
        return sorted(
            f"{kind} {name}: {text}"
            for name, kind, text in self.execute(_CATALOGUE)
            if not name.startswith("schema_migrations")
        )
