"""What Postgres and its client library say, in one sentence for a person and what to do.

Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html. Before a connection stands,
libpq gives no code, only words; they are matched as they are in an untranslated libpq.
"""

from __future__ import annotations

import re

import psycopg

from taskmaster import config
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
    ("53300", Unavailable, "too-many-connections", "the database takes no more connections: {}",
     "run the command again in a moment, or let the server allow more"),
    ("53", Unavailable, "database-full", "the database has no resources left: {}",
     "wait, or raise the limit on the server"),
    ("54", Invalid, "too-large", "this is larger than the database takes: {}",
     "nothing was changed; shorten the id, the name or the text"),
    ("0A", Unavailable, "unsupported-server", "the server lacks what this needs: {}",
     "Postgres 13 or newer with the extension pg_trgm is needed"),
)  # fmt: skip
_UNUSABLE = (
    r"in URI|invalid URI|percent-encoded|connection info string|connection option|invalid port"
    r"|invalid integer|invalid \w+ value|Servname not supported|unrecognized configuration"
)
_BY_WORDS: tuple[tuple[str, type[TampError], str, str, str], ...] = (
    (_UNUSABLE, Invalid, "bad-connection-string", "the connection string cannot be used",
     "it looks like postgresql://USER@HOST:5432/DATABASE"),
    (r"password authentication failed|no password supplied|SASL|fe_sendauth",
     Forbidden, "wrong-password", "the database refused the password",
     "set PGPASSWORD, or write it to ~/.pgpass; it is never kept in the project"),
    (r'database "[^"]*" does not exist', NotFound, "no-database", "the server has no such database",
     "create it, or correct the name in the connection string"),
    (r'role "[^"]*" does not exist|pg_hba.conf|permission denied for database', Forbidden,
     "login-refused", "the database refused the login",
     "check user and database in the connection string, and the server's pg_hba.conf"),
    (r"too many (connections|clients)|connection slots", Unavailable, "too-many-connections",
     "the database takes no more connections",
     "run the command again in a moment, or let the server allow more"),
    (r"session is read-only|in hot standby mode|server is in recovery|not read-write",
     Unavailable, "read-only", "none of the database's hosts takes changes",
     "the primary is down or not among them; promote a standby, or correct the list of hosts"),
    (r"resolve host|translate host name|Name or service not known|nodename nor servname",
     Unavailable, "no-such-host", "the database's host has no address",
     "correct the connection string, or check the network"),
    (r"does not support SSL|certificate", Unavailable, "no-encryption",
     "the connection to the database cannot be encrypted as asked",
     "look at sslmode and sslrootcert in the connection string, and at the server's certificate"),
    (r"starting up|shutting down|not (yet )?accepting connections|in recovery mode",
     Unavailable, "database-unreachable", "the database is starting up or going down",
     "nothing was changed; run the command again in a moment"),
)  # fmt: skip
_UNREACHABLE = (
    Unavailable, "database-unreachable", "the database cannot be reached",
    "check that the server runs and that host and port are right; nothing was changed",
)  # fmt: skip
_SEVERAL = "Multiple connection attempts failed"
_HEADING = re.compile(r"^connection (?:failed|is bad): ")
_SERVER = re.compile(r"^connection to server [^:]*?(?:\.s\.PGSQL[^:]*)?failed: (?:FATAL: +)?")
_QUOTED = re.compile(r'"[^"]*[^"\w][^"]*"')


def explained(error: psycopg.Error) -> TampError:
    """The error as one of ours."""
    if error.sqlstate:
        words = error.diag.message_primary or _first(str(error))
        for start, kind, code, message, hint in _BY_CODE:
            if error.sqlstate.startswith(start):
                return kind(message.format(words), hint=hint, code=code)
    elif told := _by_words(str(error)):
        return told
    words = _first(str(error))
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        kind, code, message, hint = _UNREACHABLE
        return kind(f"{message}: {words}", hint=hint, code=code)
    return TampError(
        f"the database refused: {words}", hint="this is a bug in tamp: please report it"
    )


def _by_words(text: str) -> TampError | None:
    """What the words mean in which libpq speaks before a connection stands."""
    for pattern, kind, code, message, hint in _BY_WORDS:
        for line in text.splitlines():
            if re.search(pattern, line):
                return kind(f"{message} ({_plain(line, code)})", hint=hint, code=code)
    return None


def _first(text: str) -> str:
    """What was said of the attempt that was the last: the lines after it only explain."""
    lines = [line for line in text.partition(_SEVERAL)[0].splitlines() if line.strip()]
    return _plain(lines[0], "") if lines else "no answer"


def _plain(line: str, code: str) -> str:
    """A line without the library's headings, and without what may be a part of a password."""
    words = config.without_password(_HEADING.sub("", line.strip(" -\t")))
    words = _SERVER.sub("", words) if code else re.sub("FATAL: +", "", words)
    return _QUOTED.sub('"…"', words) if code == "bad-connection-string" else words
