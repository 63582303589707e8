"""Many processes on one project at once: every change is kept, and who waits in vain knows why."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import taskmaster
from taskmaster.domain.changes import TagState, last_number
from taskmaster.errors import Busy, Conflict
from taskmaster.stores.file.store import FileStore
from taskmaster.stores.lock import Lock
from taskmaster.testing.projects import WAIT, check_log, fill, log_of, refusal, stamp, task, whole

Open = Callable[[str | bytes], FileStore]

STATUSES = """
import sys
from taskmaster.stores.file.store import FileStore
from taskmaster.testing.projects import stamp
path, home, name = sys.argv[1:]
store = FileStore(path, home, patience=60)
sys.stdin.readline()
for number in range(25):
    task_id = str(int(name) * 25 + number + 1)
    with store.writing(stamp("set-status", f"agent-{name}")) as writer:
        found = writer.get("master", task_id)
        writer.put("master", found.with_fields({"status": "done", "by": name}))
"""

NEXT_ID = """
import sys
from taskmaster.stores.file.store import FileStore
from taskmaster.testing.projects import stamp, task
path, home, name = sys.argv[1:]
store = FileStore(path, home, patience=60)
sys.stdin.readline()
with store.writing(stamp("add-task", f"agent-{name}")) as writer:
    number = max([int(one.id) for one in writer.tasks("master")], default=0) + 1
    writer.put("master", task(number, by=name))
"""

MIXED = """
import json, os, sys
from taskmaster.errors import Conflict, CorruptStore
from taskmaster.stores.file.store import FileStore
from taskmaster.testing.projects import stamp, task
path, home, name = sys.argv[1:]
store = FileStore(path, home, patience=60)
sys.stdin.readline()
for number in range(20):
    if name == "0":  # An editor that knows no lock; it saves by way of a rename, as editors do.
        while True:
            with open(path, encoding="utf-8") as file:
                read = file.read()
            document = json.loads(read)
            document["master"]["tasks"][0]["seen"] = number
            with open(path + ".editor", "w", encoding="utf-8") as file:
                json.dump(document, file, indent=2)
            with open(path, encoding="utf-8") as file:
                same = file.read() == read
            if same:
                break
        os.replace(path + ".editor", path)
        continue
    while True:
        try:
            with store.writing(stamp("add", f"agent-{name}")) as writer:
                writer.put("master", task(int(name) * 100 + number))
        except Conflict:
            continue
        break
"""


def race(store: FileStore, program: str, count: int) -> None:
    """Run the program in that many processes, which begin together, and wait for their good end."""
    source = str(Path(taskmaster.__file__).parents[1])
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program, store.path, store.home, str(name)],
            env={**os.environ, "PYTHONPATH": source},
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for name in range(count)
    ]
    for one in started:
        assert one.stdin is not None
        one.stdin.write(b"go\n")
        one.stdin.flush()
    ends = [one.communicate(timeout=WAIT) for one in started]
    assert [one.returncode for one in started] == [0] * count, ends


def documents(store: FileStore) -> list[Any]:
    return list(whole(store)["master"].entries)


def test_eight_processes_change_two_hundred_statuses_and_all_are_kept(project: Open) -> None:
    tasks = [task(number).doc for number in range(1, 201)]
    store = project(json.dumps({"master": {"tasks": tasks}}, indent=2))
    first = whole(store)

    race(store, STATUSES, 8)

    assert [one["by"] for one in documents(store)] == [str(place // 25) for place in range(200)]
    assert {one["status"] for one in documents(store)} == {"done"}
    log = log_of(store)
    assert [one.first for one in log] == list(range(1, 201))
    assert len({one.changes[0].task for one in log}) == 200
    assert {one.stamp.actor.name for one in log} == {f"agent-{name}" for name in range(8)}
    check_log(first, store)


def test_fifty_processes_add_a_task_each_and_no_number_is_given_twice(tmp_path: Path) -> None:
    store = FileStore(str(tmp_path / "tm" / "tasks" / "tasks.json"), str(tmp_path / "tm"))

    race(store, NEXT_ID, 50)

    assert [one["id"] for one in documents(store)] == list(range(1, 51))
    assert len({one["by"] for one in documents(store)}) == 50
    assert last_number(log_of(store)[-1]) == 50
    check_log({}, store)


def test_an_editor_without_a_lock_costs_no_change_of_ours_but_what_it_overwrote(
    project: Open,
) -> None:
    store = project(json.dumps({"master": {"tasks": [task(1).doc]}}, indent=2))
    first = whole(store)
    fill(store, task(2))  # From now on the log is kept.

    race(store, MIXED, 4)

    check_log(first, store)
    assert documents(store)[0]["seen"] == 19
    added = {
        change.task for one in log_of(store) for change in one.changes if change.kind == "added"
    }
    assert added >= {str(name * 100 + number) for name in (1, 2, 3) for number in range(20)}


def test_two_projects_that_share_a_file_by_a_link_lose_nothing(tmp_path: Path) -> None:
    one = FileStore(str(tmp_path / "one" / "tasks" / "tasks.json"), str(tmp_path / "one"))
    fill(one, task(1))
    link = tmp_path / "two" / "tasks" / "tasks.json"
    link.parent.mkdir(parents=True)
    link.symlink_to(one.path)
    two = FileStore(str(link), str(tmp_path / "two"))

    def both_at_once() -> None:
        with one.writing(stamp()) as writer:
            writer.put("master", task(2))
            fill(two, task(3))

    with pytest.raises(Conflict):
        both_at_once()
    fill(one, task(2))

    assert [entry["id"] for entry in documents(two)] == [1, 3, 2]
    assert link.is_symlink()
    check_log({}, one)
    check_log({"master": TagState({}, [task(1).doc])}, two)
    assert [path.name for path in Path(one.path).parent.iterdir()] == ["tasks.json"]


def test_whoever_waits_in_vain_is_told_who_holds_the_project_and_since_when(project: Open) -> None:
    store = project('{"tasks": []}')
    hasty = FileStore(store.path, store.home, patience=0)

    with store.writing(stamp("expand", "carol", "2026-03-04T05:06:07.890Z")):
        told = refusal(Busy, lambda: fill(hasty, task(1)))

    for word in ("carol", "expand", str(os.getpid()), "2026-03-04T05:06:07.890Z"):
        assert word in told.message
    assert told.hint
    assert told.exit_code == 5


@pytest.mark.parametrize("left", [b"", b"{", b"[]", b"null", b"\xff", b"\x00" * 10])
def test_a_lock_that_does_not_say_who_holds_it_is_still_a_lock(tmp_path: Path, left: bytes) -> None:
    path = tmp_path / "lock"
    lock = Lock(str(path))
    handle = lock.acquire(0, stamp())
    path.write_bytes(left)

    told = refusal(Busy, lambda: lock.acquire(0, stamp()))

    assert "another writer" in told.message
    lock.release(handle)
    lock.release(lock.acquire(0, stamp()))


def test_the_lock_dies_with_its_holder(project: Open) -> None:
    store = project('{"tasks": []}')
    source = str(Path(taskmaster.__file__).parents[1])
    program = (
        "import os, signal, sys\n"
        "from taskmaster.stores.file.store import FileStore\n"
        "from taskmaster.testing.projects import stamp\n"
        "FileStore(*sys.argv[1:]).writing(stamp()).__enter__()\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, store.path, store.home],
        env={**os.environ, "PYTHONPATH": source},
        check=False,
        timeout=WAIT,
    )
    assert ended.returncode == -9

    fill(FileStore(store.path, store.home, patience=0), task(1))

    assert len(documents(store)) == 1
