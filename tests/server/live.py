"""A server with nothing but the live updates, those who listen to it, and another process."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, closing, suppress
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qs, urlencode

import uvicorn
from tests.processes import LIMIT, LOOPBACK, wait_until
from tests.surfaces.cli.conftest import SOURCE, environ
from websockets.sync.client import ClientConnection, connect

from taskmaster import app, config
from taskmaster.domain.task import Task
from taskmaster.errors import TampError
from taskmaster.server import changes
from taskmaster.server.ends import Ends, Receive, Send
from taskmaster.server.feed import Feed
from taskmaster.server.socket import bearer, converse
from taskmaster.server.stream import resume_point, stream
from taskmaster.server.subscription import ROOM
from taskmaster.workspace import Workspace

ROOT = Path(__file__).parents[2]

# Adds tasks as it is told to, and says when each was committed and as which change.
WORKER = """
import os, sys, time
from taskmaster import app
from taskmaster.domain.task import Task
ws = app.open_project(sys.argv[1])
number = 1000 * os.getpid()
for line in sys.stdin:
    count, size, tag = line.split()
    for _ in range(int(count)):
        number += 1
        with ws.writing("add") as writer:
            doc = {"id": number, "title": "x" * int(size), "status": "pending", "dependencies": []}
            writer.put(tag, Task(doc))
        print(writer.committed.first, time.monotonic(), flush=True)
"""


def made(folder: Path, url: str = "file", *tags: str, **more: str) -> Path:
    """A project without tasks, kept where *url* says."""
    home = folder / ".taskmaster"
    (home / "tasks").mkdir(parents=True)
    kept = {"url": url, "project": "live", **more}
    (home / "storage.json").write_text(json.dumps(kept), encoding="utf-8")
    project = config.locate({}, str(folder))
    storage = config.storage(project, {})
    if storage.engine != "file":
        app.create_project(project, storage)
    with closing(app.open_project(str(folder))) as ws:
        for tag in tags:
            with ws.writing("add-tag") as writer:
                writer.add_tag(tag, {})
    return folder


def put(ws: Workspace, number: int, tag: str = "master", **fields: object) -> int:
    """Add a task or change it; the number of the change."""
    doc = {"id": number, "title": f"Task {number}", "status": "pending", **fields}
    with ws.writing("put") as writer:
        writer.put(tag, Task(doc))
    assert writer.committed is not None
    return writer.committed.first


class Commit(NamedTuple):
    """A change that was made elsewhere; the time is that of ``time.monotonic``."""

    number: int
    time: float


class Elsewhere:
    """Another process that works on the same project."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(folder)],
            env=environ(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def begin(self, count: int, *, size: int = 10, tag: str = "master") -> None:
        """Have it add so many tasks, with titles of this size."""
        assert self._process.stdin
        self._process.stdin.write(f"{count} {size} {tag}\n")
        self._process.stdin.flush()

    def done(self, count: int) -> list[Commit]:
        """Wait until so many are committed."""
        assert self._process.stdout
        said = [self._process.stdout.readline().split() for _ in range(count)]
        return [Commit(int(number), float(moment)) for number, moment in said]

    def add(self, count: int, *, size: int = 10, tag: str = "master") -> list[Commit]:
        self.begin(count, size=size, tag=tag)
        return self.done(count)


class Application:
    """The functions under test, at ``/events``, ``/live`` and ``/changes``."""

    def __init__(self, ws: Workspace, *, room: int, quiet: float) -> None:
        self._ws = ws
        self._room = room
        self._quiet = quiet
        self.feed: Feed | None = None
        self.barred: asyncio.Future[TampError] | None = None
        self.stopping = asyncio.Event()
        self.bearers: list[str] = []
        self._open: set[asyncio.Task[Any] | None] = set()

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        assert self.feed is not None
        self._open.add(asyncio.current_task())
        try:
            if scope["type"] == "websocket":
                self.bearers.append(bearer(scope["subprotocols"]))
                await converse(self.feed, scope, receive, send, ends=self._ends(), idle=self._quiet)
            else:
                await self._answer(self.feed, scope, receive, send)
        finally:
            self._open.discard(asyncio.current_task())

    async def quiet(self) -> None:
        """As a server does that goes away: have everything end, and wait for it."""
        self.stopping.set()
        if self._open:
            await asyncio.wait([one for one in self._open if one])

    def _ends(self) -> Ends:
        return Ends(self.stopping, self.barred)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        loop = asyncio.get_running_loop()
        self.barred = loop.create_future()
        self.feed = Feed(self._ws, loop)
        self.feed.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.feed.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(
        self, feed: Feed, scope: Mapping[str, Any], receive: Receive, send: Send
    ) -> None:
        asked = {key: one[-1] for key, one in parse_qs(scope["query_string"].decode()).items()}
        tag = asked.get("tag", "")
        try:
            if scope["path"] == "/events":
                since = resume_point(scope)
                told = feed.subscribe(since=since, tag=tag, room=self._room)
                await stream(told, send, receive, ends=self._ends(), heartbeat=self._quiet)
                return
            since, limit = int(asked["since"]), int(asked.get("limit", changes.LIMIT))
            wait = float(asked.get("wait", 0))
            status, said = 200, await changes.awaited_page(feed, since, limit, tag, wait)
        except TampError as error:
            status, said = 410 if error.code == "no-such-change" else 400, error.as_json()
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": json.dumps(said).encode()})


class Served:
    """A real server in a thread, on a project in a folder or on a workspace."""

    def __init__(
        self, where: Path | Workspace, *, room: int = ROOM, quiet: float = 15.0, buffer: int = 0
    ) -> None:
        self.ws = where if isinstance(where, Workspace) else app.open_project(str(where))
        self.application = Application(self.ws, room=room, quiet=quiet)
        self._door = socket.create_server((LOOPBACK, 0), backlog=2000)
        if buffer:
            self._door.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffer)
        self.port: int = self._door.getsockname()[1]
        settings = uvicorn.Config(
            self.application,
            http="httptools",
            loop="uvloop",
            lifespan="on",
            log_level="error",
            access_log=False,
            ws_per_message_deflate=False,
            backlog=2000,
            timeout_graceful_shutdown=10,
        )
        self._server = uvicorn.Server(settings)
        self._thread = threading.Thread(target=self._server.run, args=([self._door],))

    def __enter__(self) -> Self:
        self._thread.start()
        wait_until(lambda: self._server.started, "the server has started")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        self.ws.close()
        self._door.close()

    @property
    def feed(self) -> Feed:
        assert self.application.feed is not None
        return self.application.feed

    def stop(self) -> None:
        """Say good-bye to all who listen, and end."""
        if self._thread.is_alive():
            loop = self.feed._loop
            asyncio.run_coroutine_threadsafe(self.application.quiet(), loop).result(LIMIT)
            self._server.should_exit = True
            self._thread.join(LIMIT)
        assert not self._thread.is_alive()

    def bar(self, error: TampError) -> None:
        barred = self.application.barred
        assert barred is not None
        self.feed._loop.call_soon_threadsafe(barred.set_result, error)

    def has_heard(self, number: int) -> None:
        """Wait until the server has told the change of this number to its subscribers."""
        wait_until(lambda: self.feed.latest >= number, f"change {number} was told")

    def get(self, path: str) -> tuple[int, dict[str, Any]]:
        with closing(http.client.HTTPConnection(LOOPBACK, self.port, timeout=LIMIT)) as line:
            line.request("GET", path)
            answer = line.getresponse()
            return answer.status, json.loads(answer.read())

    def ear(
        self, since: int | None = None, *, last: int | None = None, tag: str = "", buffer: int = 0
    ) -> Ear:
        return Ear(self.port, since, last=last, tag=tag, buffer=buffer)

    def socket(
        self, *subprotocols: str, buffer: int = 0
    ) -> AbstractContextManager[ClientConnection]:
        return connect(
            f"ws://{LOOPBACK}:{self.port}/live",
            sock=called(self.port, buffer),
            subprotocols=subprotocols or None,  # type: ignore[arg-type]  # plain words
            compression=None,
            max_size=None,
            proxy=None,
        )


class Told(NamedTuple):
    """One event of a stream; ``id`` is what was in force then, ``""`` for none."""

    kind: str
    id: str
    data: dict[str, Any]


def called(port: int, buffer: int = 0) -> socket.socket:
    """A connection that takes in only so many bytes before somebody reads them, if that is told."""
    line = socket.socket()
    line.settimeout(LIMIT)
    if buffer:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    line.connect((LOOPBACK, port))
    return line


class Ear:
    """Listens to a stream of Server-Sent Events."""

    def __init__(
        self,
        port: int,
        since: int | None = None,
        *,
        last: int | None = None,
        tag: str = "",
        buffer: int = 0,
    ) -> None:
        given = {"since": since, "tag": tag or None}
        query = urlencode({key: value for key, value in given.items() if value is not None})
        headers = {} if last is None else {"Last-Event-ID": str(last)}
        self._line = http.client.HTTPConnection(LOOPBACK, port, timeout=LIMIT)
        self._line.sock = called(port, buffer)
        self._line.request("GET", f"/events?{query}", headers=headers)
        self._answer = self._line.getresponse()
        self.status = self._answer.status
        self.headers = self._answer.headers
        self.id = ""
        if self.status == 200:
            assert self.block() == ["retry: 1000", f"id: {self.id}"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up, whatever is on its way."""
        self._answer.close()
        self._line.close()

    def block(self) -> list[str]:
        """The lines up to the next blank one; none at the end."""
        lines: list[str] = []
        while line := self._answer.readline().decode().rstrip("\n"):
            lines.append(line)
            if line.startswith("id: "):
                self.id = line[4:]
        return lines

    def event(self) -> Told | None:
        """The next event; None at the end."""
        while lines := self.block():
            told = dict(line.split(": ", 1) for line in lines if not line.startswith(":"))
            if "data" in told:
                return Told(told["event"], self.id, json.loads(told["data"]))
        return None

    def changes(self) -> Iterator[dict[str, Any]]:
        """Transactions, and nothing else, until the stream ends."""
        while (told := self.event()) is not None:
            assert told.kind == "change", told
            assert told.id == str(told.data["seq"][1])
            yield told.data

    def until(self, number: int) -> list[int]:
        """The numbers of the changes that are told, up to this one."""
        heard: list[int] = []
        while not heard or heard[-1] < number:
            first, last = next(self.changes())["seq"]
            heard += range(first, last + 1)
        return heard

    def error(self) -> dict[str, Any]:
        """What was said instead of a stream."""
        said: dict[str, Any] = json.loads(self._answer.read())
        return said


def say(line: ClientConnection, **message: object) -> None:
    line.send(json.dumps(message))


def hear(line: ClientConnection) -> dict[str, Any]:
    heard: dict[str, Any] = json.loads(line.recv(timeout=LIMIT))
    return heard


def ended(line: ClientConnection) -> int:
    """The code that the other side closes with; what it still says is lost."""
    with suppress(Exception):
        while True:
            line.recv(timeout=LIMIT)
    code = line.close_code
    assert code is not None
    return code


class Child:
    """The same server as a process of its own."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.server.live", str(folder)],
            cwd=ROOT,
            env=environ(PYTHONPATH=f"{SOURCE}{os.pathsep}{ROOT}"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        self.pid = self._process.pid

    @cached_property
    def port(self) -> int:
        """Known once it serves."""
        assert self._process.stdout
        return int(self._process.stdout.readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=LIMIT)
        assert self._process.returncode == 0

    def ear(self, since: int | None = None) -> Ear:
        return Ear(self.port, since)


def main() -> None:
    """Serve a folder until nobody wants it any more."""
    with Served(Path(sys.argv[1])) as server:
        sys.stdout.write(f"{server.port}\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
