"""kill -9 for writers of a SQLite database at any moment: what was acknowledged is there."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.makers import created

from taskmaster.stores.sqlite.store import SqliteStore
from taskmaster.testing.projects import WAIT, check_log, fill, log_of, task, whole

COUNTING = """
import sys
from taskmaster.stores.sqlite.store import SqliteStore
from taskmaster.testing.projects import stamp
path, project, name = sys.argv[1:]
store = SqliteStore(path, project)
while True:
    with store.writing(stamp(name=name)) as writer:
        one = writer.get("master", name)
        fresh = one.doc["count"] + 1
        writer.put("master", one.with_fields({"count": fresh}))
    print(fresh, flush=True)
"""
NAMES = ("1", "2")


def test_writers_killed_at_any_moment_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    kill_writers(tmp_path, rounds=8)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_writers_killed_hundreds_of_times_lose_nothing(tmp_path: Path) -> None:
    kill_writers(tmp_path, rounds=300)


def kill_writers(folder: Path, *, rounds: int) -> None:
    store = created("sqlite", str(folder / "tasks.db"))
    assert isinstance(store, SqliteStore)
    fill(store, *(task(name, count=0) for name in NAMES))
    chance = random.Random(rounds)  # noqa: S311 - no secrets here
    told = dict.fromkeys(NAMES, 0)
    unsaid = 0
    for _ in range(rounds):
        workers = {
            name: subprocess.Popen(
                [sys.executable, "-c", COUNTING, store.path, store.project, name],
                stdout=subprocess.PIPE,
                encoding="utf-8",
            )
            for name in NAMES
        }
        for one in workers.values():
            assert one.stdout is not None
            assert one.stdout.readline()
        spent = time.perf_counter() + chance.random() * 0.05
        while time.perf_counter() < spent:
            pass
        for name, one in workers.items():
            one.send_signal(signal.SIGKILL)
            assert one.stdout is not None
            said = one.stdout.read().split("\n")[:-1]
            one.communicate(timeout=WAIT)
            told[name] = max([told[name], *map(int, said)])
        counts = {entry["id"]: entry["count"] for entry in whole(store)["master"].entries}  # type: ignore[index]
        for name in NAMES:
            assert 0 <= counts[name] - told[name] <= 1
            unsaid += counts[name] - told[name]
            told[name] = counts[name]
    assert len(log_of(store)) == 1 + sum(told.values())
    check_log({}, store)
