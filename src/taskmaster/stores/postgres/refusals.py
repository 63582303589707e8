"""What Postgres and its client library say, in one sentence for a person and what to do.

Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html. Before a connection stands,
libpq gives no code, only words; they are matched as they are in an untranslated libpq.
"""

from __future__ import annotations

import re

import psycopg

from taskmaster.errors import Busy, Conflict, Forbidden, Invalid, NotFound, TampError, Unavailable

_BY_CODE: tuple[tuple[str, type[TampError], str, str, str], ...] = (
    ("28P01", Forbidden, "wrong-password", "the database refused the password",
     "set PGPASSWORD, or write it to ~/.pgpass; it is never kept in the project"),
    ("28", Forbidden, "login-refused", "the database refused the login: {}",
     "check user and database in the connection string, and the server's pg_hba.conf"),
    ("3D000", NotFound, "no-database", "the server has no such database: {}",
     "create it, or correct the name in the connection string"),
    ("42P01", Unavailable, "schema-missing", "the database has no Task Master tables: {}",
     "`tamp db upgrade` makes them"),
    ("42703", Unavailable, "schema-too-old", "the database has an older schema: {}",
     "`tamp db upgrade` brings it up to date"),
    ("42501", Forbidden, "not-permitted", "the database does not permit this: {}",
     "let the tables' owner grant this user SELECT, INSERT, UPDATE and DELETE"),
    ("25006", Unavailable, "read-only", "the database takes no changes: it is only for reading",
     "name the primary, or add target_session_attrs=read-write to a list of hosts"),
    ("55P03", Busy, "busy", "another writer holds what this needs",
     "nothing was changed; run the command again"),
    ("40", Conflict, "changed-meanwhile", "somebody changed the same rows at the same time",
     "nothing was changed; run the command again"),
    ("57014", Unavailable, "timeout", "the database took too long; nothing was changed",
     "run the command again; if it happens often, look at what keeps the server busy"),
    ("57P", Unavailable, "database-unreachable", "the database is starting up or going down: {}",
     "nothing was changed; run the command again in a moment"),
    ("53100", Unavailable, "disk-full", "the database has no room left; nothing was changed",
     "make room on the server's disk"),
    ("53", Unavailable, "database-full", "the database has no resources left: {}",
     "wait, or raise the limit on the server"),
    ("54", Invalid, "too-large", "this is larger than the database takes: {}",
     "nothing was changed; shorten the id, the name or the text"),
    ("0A", Unavailable, "unsupported-server", "the server lacks what this needs: {}",
     "Postgres 13 or newer with the extension pg_trgm is needed"),
)  # fmt: skip
_BY_WORDS: tuple[tuple[str, type[TampError], str, str, str], ...] = (
    (r"password authentication failed|no password supplied|SASL|fe_sendauth",
     Forbidden, "wrong-password", "the database refused the password",
     "set PGPASSWORD, or write it to ~/.pgpass; it is never kept in the project"),
    (r'database "[^"]*" does not exist', NotFound, "no-database", "the server has no such database",
     "create it, or correct the name in the connection string"),
    (r'role "[^"]*" does not exist|no pg_hba.conf entry', Forbidden, "login-refused",
     "the database refused the login",
     "check user and database in the connection string, and the server's pg_hba.conf"),
    (r"session is read-only|in hot standby mode|server is in recovery|not read-write",
     Unavailable, "read-only", "none of the database's hosts takes changes",
     "the primary is down or not among them; promote a standby, or correct the list of hosts"),
    (r"translate host name|Name or service not known|nodename nor servname", Unavailable,
     "no-such-host", "the database's host has no address", "correct the connection string"),
    (r"invalid connection option|missing \"=\" after|invalid URI|invalid (port|integer)",
     Invalid, "bad-connection-string", "the connection string cannot be read",
     "it looks like postgresql://USER@HOST:5432/DATABASE"),
    (r"starting up|shutting down", Unavailable, "database-unreachable",
     "the database is starting up or going down", "run the command again in a moment"),
)  # fmt: skip
_UNREACHABLE = (
    Unavailable, "database-unreachable", "the database cannot be reached",
    "check that the server runs and that host and port are right; nothing was changed",
)  # fmt: skip


def explained(error: psycopg.Error) -> TampError:
    """The error as one of ours."""
    words = error.diag.message_primary or _plain(str(error))
    for start, kind, code, message, hint in _BY_CODE if error.sqlstate else ():
        if error.sqlstate and error.sqlstate.startswith(start):
            return kind(message.format(words), hint=hint, code=code)
    for pattern, kind, code, message, hint in () if error.sqlstate else _BY_WORDS:
        if re.search(pattern, str(error)):
            return kind(f"{message} ({words})", hint=hint, code=code)
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        kind, code, message, hint = _UNREACHABLE
        return kind(f"{message}: {words}", hint=hint, code=code)
    return TampError(
        f"the database refused: {words}", hint="this is a bug in tamp: please report it"
    )


def _plain(text: str) -> str:
    """The first line of the last thing that was said, without the library's headings."""
    lines = [line.strip(" -\t") for line in text.splitlines() if line.strip()]
    line = lines[-1] if lines else "no answer"
    return re.sub(
        r"^(connection failed: )?(connection to server at [^:]*failed: )?(FATAL: +)?", "", line
    )
