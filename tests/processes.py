"""Server processes that end with the tests, whatever ends the tests.

Each has a folder of its own. When the process that started a server ends without closing it, two
others notice: the server's keeper, which ends it, and the sweeper, which removes the folder.
"""

from __future__ import annotations

import atexit
import functools
import importlib.util
import json
import os
import platform
import pwd
import secrets
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

LOOPBACK = "127.0.0.1"
LIMIT = 60.0
# Below the ports that systems hand out for outgoing connections: a client that tries a dead
# server's port again and again would sooner or later be given that very port to call from.
_PORTS = range(10_000, 32_000)
_WHEELS = {
    (system, machine)
    for system, machines in {"Linux": "x86_64 aarch64", "Darwin": "x86_64 arm64"}.items()
    for machine in machines.split()
}

# Starts the server and waits for it. Its standard input ends when the process that wanted the
# server is gone, whatever ended that, and then nobody needs the server any more.
_KEEPER = """
import json, os, subprocess, sys, threading, time
asked = json.loads(sys.argv[1])
with open(asked["log"], "ab") as log:
    server = subprocess.Popen(
        asked["command"], stdin=subprocess.DEVNULL, stdout=log, stderr=log, **asked["account"]
    )
print(server.pid, flush=True)
def watch():
    os.read(0, 1)
    server.send_signal(asked["farewell"])
    time.sleep(10)
    server.kill()
threading.Thread(target=watch, daemon=True).start()
server.wait()
"""
# Is told of folders, and in the end removes those that are left, in which a server that is being
# made or ended may still write for a while.
_SWEEPER = """
import os, shutil, sys, time
folders = sys.stdin.read().splitlines()
end = time.monotonic() + 20
while any(map(os.path.exists, folders)) and time.monotonic() < end:
    for one in folders:
        shutil.rmtree(one, ignore_errors=True)
    time.sleep(0.1)
"""


def why_none(package: str) -> str:
    """Why the servers of this package cannot be had here; nothing where they must be there."""
    here = platform.system(), platform.machine()
    if importlib.util.find_spec(package) or here in _WHEELS:
        return ""
    return f"no wheel of {package.replace('_', '-')} for {' '.join(here)}"


def wait_until(holds: Callable[[], object], what: str, limit: float = LIMIT) -> None:
    """Raises TimeoutError, saying for what, when it does not hold in time."""
    end, pause = time.monotonic() + limit, 0.005
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {limit:g} s in vain until {what}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)  # asking takes time from what is waited for


def free_port() -> int:
    while True:
        port = secrets.choice(_PORTS)
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((LOOPBACK, port))
            except OSError:
                continue
            return port


def package(name: str) -> Path:
    """Where a package is, without importing it."""
    found = importlib.util.find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError(f"{name} is missing: it comes with the extra dev")
    return Path(found.submodule_search_locations[0])


def _beside(program: str, *arguments: str) -> subprocess.Popen[str]:
    """In a session of its own, so that Ctrl-C ends the tests and they end the rest."""
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        encoding="utf-8",
    )


@functools.cache
def _sweeper() -> subprocess.Popen[str]:
    """One for this process."""
    begun = _beside(_SWEEPER)
    atexit.register(begun.communicate)
    return begun


class Account(NamedTuple):
    """Who runs PostgreSQL, told as ``subprocess`` wants it: nothing said means the tests' own."""

    options: dict[str, Any]

    @classmethod
    def unprivileged(cls) -> Account:
        if os.geteuid() != 0:
            return cls({})
        nobody = pwd.getpwnam("nobody")
        return cls({"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []})

    def reaches(self, path: Path) -> bool:
        """Whether a file that everybody may use can also be found by this account."""
        above = [path, *path.resolve().parents]
        return not self.options or all(one.stat().st_mode & stat.S_IXOTH for one in above)

    def owns(self, path: Path) -> None:
        if self.options:
            for one in [path, *path.rglob("*")]:
                os.chown(one, self.options["user"], self.options["group"])

    def folder(self, prefix: str) -> Path:
        """A new folder that nobody else may look into."""
        places = [Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]  # noqa: S108 - for root
        # The name of a socket in it must fit into 103 bytes.
        place = next(one for one in places if self.reaches(one) and len(bytes(one)) < 64)
        made = Path(tempfile.mkdtemp(prefix=prefix, dir=place))
        told = _sweeper().stdin
        assert told is not None
        told.write(f"{made}\n")
        told.flush()
        self.owns(made)
        return made


class Process:
    """A server process with its keeper."""

    def __init__(
        self, command: Sequence[str], folder: Path, account: Account, farewell: int
    ) -> None:
        self.log = folder / "log"
        asked = {
            "command": command,
            "account": {**account.options, "cwd": str(folder), "env": plain_environment()},
            "farewell": farewell,
            "log": str(self.log),
        }
        self._keeper = _beside(_KEEPER, json.dumps(asked))
        assert self._keeper.stdout is not None
        with self._keeper.stdout as told:
            self.pid = int(told.readline())

    def running(self) -> bool:
        return self._keeper.poll() is None

    def ready(self, holds: Callable[[], object]) -> None:
        """Wait for a sign of readiness; raises RuntimeError with the log when it ended instead."""
        try:
            wait_until(lambda: not self.running() or holds(), "the server is ready")
        except TimeoutError as error:
            error.add_note(self.said())
            raise
        if not self.running():
            self.ended()
            raise RuntimeError(f"the server did not start:\n{self.said()}")

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-4000:]

    def end(self, how: int) -> None:
        os.kill(self.pid, how)
        self.ended()

    def ended(self) -> None:
        self._keeper.wait(LIMIT)
        assert self._keeper.stdin is not None
        self._keeper.stdin.close()


def plain_environment() -> dict[str, str]:
    """Without a developer's PGHOST and the like."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
