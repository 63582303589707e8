"""What a process of the engines' benchmark does: ``work.py WORK ENGINE ADDRESS HOME WORDS...``.

Says a line when it is ready, waits for one, works, and prints its result.
"""

from __future__ import annotations

import itertools
import json
import os
import resource
import sqlite3
import statistics
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from taskmaster import app
from taskmaster.config import Project
from taskmaster.domain.changes import last_number
from taskmaster.usecases import choosing, selection, status, tasks
from taskmaster.workspace import Workspace

WORK, ENGINE, ADDRESS, HOME, *WORDS = sys.argv[1:]
PLACE = Project(str(Path(HOME).parent), f"{HOME}/tasks/tasks.json", HOME, "", legacy=False)
ENVIRONMENT = {
    "TAMP_ACTOR": "bench",
    "TAMP_STORAGE_PROJECT": "bench",
    "TAMP_STORAGE": f"sqlite:{ADDRESS}" if ENGINE == "sqlite" else ADDRESS,
}
STATUSES = ("review", "blocked")
ROUNDS = 9


def workspace() -> Workspace:
    return app.workspace(PLACE, os.environ, via="bench")


def start() -> None:
    print("ready", flush=True)
    sys.stdin.readline()


def repeated(work: Callable[[int], object]) -> None:
    """Do it again and again for the seconds that are given; print how often."""
    work(0)
    start()
    end = time.monotonic() + float(WORDS[1])
    count = 0
    while time.monotonic() < end:
        count += 1
        work(count)
    print(count)


def write() -> None:
    ws, own = workspace(), int(WORDS[0])

    def change(count: int) -> None:
        status.set_status(ws, str(own * 60 + count // 2 % 60 + 1), STATUSES[count % 2])

    repeated(change)


def amend() -> None:
    """What the server does for a PATCH."""
    ws = workspace()

    def change(count: int) -> None:
        edit = tasks.Edit({"status": STATUSES[count % 2]}, "", None, (), ())
        with ws.writing("edit") as writer:
            task = selection.one(writer, ws.tag, str(count // 2 % 60 + 1))
            tasks.amend(writer, ws.tag, [task], edit, ws.clock())

    repeated(change)


def append() -> None:
    """What the server does for a POST."""
    ws = workspace()
    repeated(lambda count: tasks.add_task(ws, {"title": f"Task {count}"}))


def floor() -> None:
    repeated({"file": bare_rewrite, "sqlite": bare_insert, "postgres": bare_statement}[ENGINE]())


def bare_rewrite() -> Callable[[int], object]:
    content = Path(PLACE.tasks).read_bytes()
    fresh = f"{HOME}/floor-{WORDS[0]}"

    def rewrite(_count: int) -> None:
        with open(f"{fresh}.new", "wb") as file:  # noqa: PTH123 - the fewest calls
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(f"{fresh}.new", fresh)  # noqa: PTH105 - as above

    return rewrite


def bare_insert() -> Callable[[int], object]:
    connection = sqlite3.connect(ADDRESS, timeout=60, isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")

    def insert(count: int) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO floor VALUES (?, 'word')", [count])
        connection.execute("COMMIT")

    return insert


def bare_statement() -> Callable[[int], object]:
    connection = psycopg.connect(ADDRESS, autocommit=True)
    return lambda count: connection.execute("INSERT INTO floor VALUES (%s, 'word')", [count])


def choose() -> None:
    start()
    own = timed(lambda: choosing.next_task(workspace()))
    memory = held()
    least = timed({"file": parse, "sqlite": one_row, "postgres": one_row_of_server}[ENGINE])
    print(json.dumps([own, least, memory]))


def held() -> float:
    """The most megabytes this process held: what it began with, before its program, left out."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def timed(work: Callable[[], object]) -> float:
    """The median of some rounds, in milliseconds."""
    found = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        work()
        found.append((time.perf_counter() - begun) * 1e3)
    return statistics.median(found)


def parse() -> None:
    json.loads(Path(PLACE.tasks).read_bytes())


def one_row() -> None:
    connection = sqlite3.connect(ADDRESS)
    connection.execute("SELECT doc FROM tasks WHERE tag = 1 AND id = '500'").fetchone()
    connection.close()


def one_row_of_server() -> None:
    with psycopg.connect(ADDRESS, autocommit=True) as connection:
        connection.execute("SELECT doc FROM tasks WHERE tag = 1 AND id = '500'").fetchone()


def announce() -> None:
    """Change tasks, and print when each change was done, by its number."""
    ws = workspace()
    start()
    done: dict[int, float] = {}
    for count in range(int(WORDS[0])):
        with ws.writing("set-status") as writer:
            task = writer.get("master", "7")
            writer.put("master", task.with_fields({"status": STATUSES[count % 2], "n": count}))
        assert writer.committed
        done[last_number(writer.committed)] = time.monotonic()
        time.sleep(0.01)
    print(json.dumps(done))


def follow() -> None:
    """Print when each of the changes that are made from now on was seen, by its number."""
    ws = workspace()
    with ws.reading() as reader:
        last = reader.last_change()
    seen: dict[int, float] = {}
    told = False

    def idle(_trouble: str) -> bool:
        nonlocal told
        if not told:
            print("ready", flush=True)
            told = True
        return len(seen) < int(WORDS[0])

    for transaction in ws.follow(last, idle):
        seen[last_number(transaction)] = time.monotonic()
        if len(seen) == int(WORDS[0]):
            break
    print(json.dumps(seen))


def bell() -> None:
    """The median of bare notifications."""
    start()
    print(notified() if ENGINE == "postgres" else renamed())


def notified() -> float:
    with (
        psycopg.connect(ADDRESS, autocommit=True) as hearing,
        psycopg.connect(ADDRESS, autocommit=True) as ringing,
    ):
        hearing.execute("LISTEN bench")

        def ring() -> None:
            ringing.execute("NOTIFY bench")
            next(hearing.notifies(timeout=5, stop_after=1))

        return statistics.median(timed(ring) for _ in range(ROUNDS))


def renamed() -> float:
    import watchfiles

    folder = Path(HOME, "bell")
    folder.mkdir(exist_ok=True)
    heard: list[float] = []
    stop = threading.Event()
    events = watchfiles.watch(folder, debounce=20, step=5, rust_timeout=200, stop_event=stop)
    listening = threading.Thread(target=lambda: heard.extend(time.monotonic() for _ in events))
    listening.start()
    time.sleep(0.5)
    waits = []
    for count in itertools.count():
        (folder / "new").write_text(str(count), encoding="utf-8")
        begun, before = time.monotonic(), len(heard)
        (folder / "new").replace(folder / "file")
        while len(heard) == before and time.monotonic() < begun + 1:
            pass
        if len(heard) > before:
            waits.append((heard[before] - begun) * 1e3)
        if len(waits) == ROUNDS:
            break
        time.sleep(0.1)
    stop.set()
    listening.join()
    return statistics.median(waits)


if __name__ == "__main__":
    os.environ.update(ENVIRONMENT if ENGINE != "file" else {"TAMP_ACTOR": "bench"})
    {
        "amend": amend, "announce": announce, "append": append, "bell": bell, "floor": floor,
        "follow": follow, "next": choose, "write": write,
    }[WORK]()  # fmt: skip
