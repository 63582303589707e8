"""Copies of a SQLite database, made while others read and write it."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from contextlib import contextmanager
from functools import partial

from taskmaster import dump
from taskmaster.errors import CorruptStore, NotFound
from taskmaster.stores.copies import LOG
from taskmaster.stores.sql.archive import DumpArchive, OwnForm
from taskmaster.stores.sql.migrations import Migrations
from taskmaster.stores.sql.schema import Schema
from taskmaster.stores.sql.text import told
from taskmaster.stores.sqlite.database import SqliteDatabase, connected
from taskmaster.stores.sqlite.refusals import explained
from taskmaster.stores.sqlite.store import SqliteStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from taskmaster.domain.copies import Part
    from taskmaster.ports import Unpacker

FORM = ".db"
_AT_ONCE = 1 << 20


def opened(store: SqliteStore, folder: str, unpack: Unpacker) -> DumpArchive:
    """The copies of what *store* holds; one that is kept holds the whole database."""
    raw, clear = partial(_raw, store), partial(_clear, store)
    own = OwnForm(FORM, partial(save, store), usual=True, raw=raw, clear=clear)
    return DumpArchive(store, store.project, folder, unpack, own)


def save(store: SqliteStore, path: str) -> None:
    """Write a copy of the whole database, as it is at one moment; nobody sees half of it."""
    fresh = f"{path}.{os.urandom(4).hex()}.new"
    try:
        with store.reading() as reader:
            copy = sqlite3.connect(fresh, isolation_level=None)
            try:
                reader.session.connection.backup(copy)
                # No copy tells who may call a server, not even on pages that are not used.
                if copy.execute("DELETE FROM keys").rowcount:
                    copy.execute("VACUUM")
                # A copy is one file: without the log of changes that belongs to a live database.
                copy.execute("PRAGMA journal_mode = DELETE")
            finally:
                copy.close()
        _through(fresh)
        os.replace(fresh, path)
    finally:
        if os.path.exists(fresh):
            os.unlink(fresh)


def parts(path: str, project: str) -> Iterator[Part]:
    """What a database file holds of *project*, or of the only one in it.

    One that an older version made is brought up to date beside it, and stays as it is. Raises
    NotFound, and CorruptStore for a damaged file.
    """
    if not os.path.exists(path):
        raise FileNotFoundError(path)
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(os.path.getmtime(path)))
    with tempfile.TemporaryDirectory(prefix="tamp-") as folder, _readable(path, folder) as place:
        store = SqliteStore(place, _meant(place, path, project))
        try:
            with store.reading() as reader:
                yield from dump.parts_of(reader, store.project, store.kind, when)
        finally:
            store.close()


@contextmanager
def _readable(path: str, folder: str) -> Iterator[str]:
    """The file, every page of it looked at, or a copy in *folder* whose tables are of today."""
    try:
        _check(path)
        with _schema(path) as schema:
            applied, known = len(schema.applied()), schema.migrations.last
        if not applied:
            raise NotFound(f"{path} is no database of Task Master Pro", code="no-such-project")
        if applied < known:
            place = os.path.join(folder, "copy.db")
            for end in ("", LOG):
                if os.path.exists(path + end):
                    _copy(path + end, place + end)
            with _schema(place) as schema:
                schema.upgrade()
            path = place
        yield path
    except sqlite3.Error as error:
        raise explained(path, error) from error


def _schema(path: str) -> Schema:
    database = SqliteDatabase(path)
    return Schema(database, Migrations(database.folder))


def _check(path: str) -> None:
    connection = connected(path)
    try:
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    finally:
        connection.close()
    if found != "ok":
        raise CorruptStore(
            f"the database {path} is damaged: {found}",
            hint="take another copy: `tamp backup --verify all` says which can be restored",
            code="corrupt-database",
        )


def _meant(place: str, path: str, project: str) -> str:
    """The name of the project that is meant."""
    connection = connected(place)
    try:
        rows = connection.execute("SELECT name FROM projects WHERE stage = 0 ORDER BY name")
        names = [told(name) for (name,) in rows]
    finally:
        connection.close()
    if project not in names and len(names) != 1:
        raise NotFound(
            f"{path} holds no project {project}",
            hint=f"it holds: {', '.join(names)}" if names else "it holds none at all",
            code="no-such-project",
        )
    return project if project in names else names[0]


def _raw(store: SqliteStore, path: str) -> None:
    """Copy the files of a database that cannot be read, as they are."""
    for end in ("", LOG):
        if os.path.exists(store.path + end):
            _copy(store.path + end, path + end)


def _copy(source: str, target: str) -> None:
    with open(source, "rb") as old, open(target, "wb") as new:
        while piece := old.read(_AT_ONCE):
            new.write(piece)
    _through(target)


def _through(path: str) -> None:
    """See a file through to the disk."""
    with open(path, "rb+") as file:
        os.fsync(file.fileno())


def _clear(store: SqliteStore) -> None:
    """Take away a database that cannot be read."""
    store.close()
    for end in (LOG, "-shm", ""):
        if os.path.exists(store.path + end):
            os.unlink(store.path + end)
