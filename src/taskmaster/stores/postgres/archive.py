"""Copies of what a Postgres database holds: our own dumps, or those of the server's own tools."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import partial

from psycopg import conninfo

from taskmaster.domain.copies import NATIVE
from taskmaster.errors import Unavailable
from taskmaster.stores.sql.archive import DumpArchive, OwnForm

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from taskmaster.ports import Unpacker
    from taskmaster.stores.postgres.store import PostgresStore

DUMPER, READER = "pg_dump", "pg_restore"


def opened(store: PostgresStore, folder: str, unpack: Unpacker) -> DumpArchive:
    """The copies of what *store* holds; a native one holds the whole database."""
    own = OwnForm(NATIVE, partial(save, store.dsn), usual=False)
    return DumpArchive(store, store.project, folder, unpack, own)


def save(dsn: str, path: str) -> None:
    """Write the whole database in the form that ``pg_restore`` reads; nobody sees half of it.

    Raises Unavailable where ``pg_dump`` is missing or fails.
    """
    fresh = f"{path}.{os.urandom(4).hex()}.new"
    try:
        given: dict[str, Any] = conninfo.conninfo_to_dict(dsn)
        # Other users of the machine can see the words of a command, but not its surroundings.
        password = given.pop("password", None)
        _run(
            [_found(DUMPER), "--no-password", "--format=custom", f"--file={fresh}",
             "--exclude-table-data=keys", f"--dbname={conninfo.make_conninfo(**given)}"],
            {**os.environ, **({"PGPASSWORD": str(password)} if password else {})},
        )  # fmt: skip
        if shutil.which(READER):
            _run([_found(READER), "--list", fresh], dict(os.environ))
        with open(fresh, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(fresh, path)
    finally:
        if os.path.exists(fresh):
            os.unlink(fresh)


def _found(tool: str) -> str:
    path = shutil.which(tool)
    if path is None:
        raise Unavailable(
            f"there is no {tool} on PATH",
            hint="install the client tools of PostgreSQL; or leave --native out: a copy of the"
            " project's own kind needs none",
            code="no-pg-dump",
        )
    return path


def _run(words: list[str], environ: dict[str, str]) -> None:
    done = subprocess.run(  # noqa: S603  # a tool of the server, and no shell
        words,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or ["no answer"]
        raise Unavailable(
            f"{os.path.basename(words[0])} failed: {lines[0]}",
            hint="it needs to be as new as the server, and a role from which row-level security"
            " hides nothing: a superuser, or one with BYPASSRLS, named in TAMP_STORAGE",
            code="pg-dump-failed",
        )
