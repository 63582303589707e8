"""kill -9 for the server, again and again, while processes write: nothing is lost or doubled."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator

import pytest
from tests.makers import created
from tests.servers import PostgresServer

from taskmaster.stores.postgres.store import PostgresStore
from taskmaster.testing.projects import WAIT, check_log, fill, log_of, task, whole

# Repeats what was not done, as it is told to; says how many times something was done.
COUNTING = """
import sys
from taskmaster.errors import Unavailable
from taskmaster.stores.postgres.store import PostgresStore
from taskmaster.testing.projects import stamp
dsn, project, name = sys.argv[1:]
store = PostgresStore(dsn, project, patience=60)
done = 0
print("ready", flush=True)
for line in sys.stdin:
    if line.strip() == "end":
        break
    for _ in range(int(line)):
        while True:
            try:
                with store.writing(stamp(name=name)) as writer:
                    one = writer.get("master", name)
                    writer.put("master", one.with_fields({"count": one.doc["count"] + 1}))
                break
            except Unavailable as error:
                assert "nothing was changed" in error.message or error.code in (
                    "database-unreachable", "connection-lost",
                ), error.message
        done += 1
    print(done, flush=True)
print(done, flush=True)
"""


@pytest.fixture
def server(postgres_wheel: None) -> Iterator[PostgresServer]:  # noqa: ARG001 - goes first
    with PostgresServer(durable=True) as one:
        yield one


def test_a_server_killed_while_processes_write_loses_and_doubles_nothing(
    server: PostgresServer,
) -> None:
    kill_while_writing(server, kills=3, each=40)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_server_killed_a_hundred_times_loses_and_doubles_nothing(server: PostgresServer) -> None:
    kill_while_writing(server, kills=100, each=60)


def kill_while_writing(server: PostgresServer, *, kills: int, each: int) -> None:
    store = created("postgres", server.create_database("tasks"))
    assert isinstance(store, PostgresStore)
    names = ["1", "2", "3"]
    fill(store, *(task(name, count=0) for name in names))
    workers = {
        name: subprocess.Popen(
            [sys.executable, "-c", COUNTING, store.dsn, store.project, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        for name in names
    }
    chance = random.Random(kills)  # noqa: S311 - no secrets here
    try:
        assert [say(one, None) for one in workers.values()] == ["ready"] * len(names)
        for _ in range(kills):
            for one in workers.values():
                tell(one, str(each))
            # Some commits on, wherever in the next one that is.
            before = len(log_of(store))
            wanted = before + chance.randint(5, each)
            while len(log_of(store)) < wanted:
                pass
            server.kill()
            server.start()
            for one in workers.values():
                say(one, None)
        done = {name: int(say(one, "end")) for name, one in workers.items()}
    finally:
        for one in workers.values():
            one.kill()
            one.communicate(timeout=WAIT)
    counts = {entry["id"]: entry["count"] for entry in whole(store)["master"].entries}  # type: ignore[index]
    assert counts == done == dict.fromkeys(names, kills * each)
    assert len(log_of(store)) == 1 + kills * each * len(names)
    check_log({}, store)


def tell(worker: subprocess.Popen[str], words: str) -> None:
    assert worker.stdin is not None
    worker.stdin.write(f"{words}\n")
    worker.stdin.flush()


def say(worker: subprocess.Popen[str], words: str | None) -> str:
    if words is not None:
        tell(worker, words)
    assert worker.stdout is not None
    return worker.stdout.readline().strip()
