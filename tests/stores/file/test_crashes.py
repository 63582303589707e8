"""A writer killed at any moment leaves the old state or the new one, and a log that fits it."""

from __future__ import annotations

import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import taskmaster
from taskmaster.domain.changes import TagState, last_number
from taskmaster.stores.file.store import FileStore
from taskmaster.testing.projects import WAIT, alike, check_log, fill, log_of, task, whole

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")

DYING = Path(__file__).with_name("dying.py")
TEXT = json.dumps({"master": {"tasks": [{"id": 1, "title": "first"}, {"id": 2}]}}, indent=2)


def store_in(folder: Path) -> FileStore:
    return FileStore(str(folder / "tm" / "tasks" / "tasks.json"), str(folder / "tm"), patience=5)


def run_dying(cases: list[tuple[Path, int, str]], work: str = "write") -> list[int]:
    stores = [(store_in(folder), call, manner) for folder, call, manner in cases]
    source = str(Path(taskmaster.__file__).parents[1])
    result = subprocess.run(
        [sys.executable, str(DYING)],
        input=json.dumps(
            [[one.path, one.home, call, manner, work] for one, call, manner in stores]
        ),
        env={**os.environ, "PYTHONPATH": source},
        stdout=subprocess.PIPE,
        encoding="utf-8",
        timeout=WAIT,
        check=True,
    )
    return list(json.loads(result.stdout))


def nothing_there(folder: Path) -> None:
    folder.mkdir()


def never_seen(folder: Path) -> None:
    path = Path(store_in(folder).path)
    path.parent.mkdir(parents=True)
    path.write_text(TEXT)


def in_use(folder: Path) -> None:
    never_seen(folder)
    fill(store_in(folder), task(3))


def edited_elsewhere(folder: Path) -> None:
    in_use(folder)
    Path(store_in(folder).path).write_text(TEXT.replace("first", "edited"))


def deleted_elsewhere(folder: Path) -> None:
    in_use(folder)
    Path(store_in(folder).path).unlink()


def died_before(folder: Path) -> None:
    """Another writer died just after its commit, so that this one begins with a recovery."""
    in_use(folder)
    store = store_in(folder)
    path, log = Path(store.path), Path(store.home, "log")
    kept = [(log / name).read_bytes() for name in ("base.json", "changes.jsonl")]
    calls = run_dying([(copied(folder, "probe"), 0, "before")])[0]
    for call in range(calls, 0, -1):
        there = copied(folder, f"try-{call}")
        assert run_dying([(there, call, "before")]) == [-1]
        left = Path(store_in(there).home, "log")
        now = [(left / name).read_bytes() for name in ("base.json", "changes.jsonl")]
        if now[0] == kept[0] and Path(store_in(there).path).read_bytes() != path.read_bytes():
            shutil.rmtree(folder)
            there.rename(folder)
            return
    raise AssertionError("there is no moment between the exchange and the log")


def copied(folder: Path, name: str) -> Path:
    there = folder.with_name(f"{folder.name}-{name}")
    return Path(shutil.copytree(folder, there, symlinks=True))


SITUATIONS: list[Callable[[Path], None]] = [
    nothing_there, never_seen, in_use, edited_elsewhere, deleted_elsewhere, died_before,
]  # fmt: skip


@pytest.fixture(autouse=True)
def no_waiting_for_what_was_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("taskmaster.stores.file.layout._SETTLE_PAUSE", 0.0)


@pytest.mark.parametrize("manner", ["before", "after", "torn", "plain"])
@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_writer_killed_at_any_call_leaves_all_or_nothing(
    tmp_path: Path, situation: Callable[[Path], None], manner: str
) -> None:
    origin = tmp_path / "origin"
    situation(origin)

    seen = set()
    for folder, killed in die_everywhere(origin, manner):
        try:
            seen.add(check_after_death(folder, origin))
        except Exception as error:
            raise AssertionError(killed) from error
    assert seen == ({True} if situation is died_before else {True, False})


@pytest.mark.parametrize("manner", ["before", "torn", "plain"])
@pytest.mark.parametrize("situation", [in_use, edited_elsewhere, deleted_elsewhere, died_before])
def test_a_file_edited_after_its_writer_was_killed_keeps_the_edit_and_a_log_that_fits(
    tmp_path: Path, situation: Callable[[Path], None], manner: str
) -> None:
    origin = tmp_path / "origin"
    situation(origin)
    edited = TEXT.replace("first", "edited after the crash")

    for folder, killed in die_everywhere(origin, manner):
        store = store_in(folder)
        Path(store.path).write_text(edited)
        try:
            fill(store, task(50))
            titles = [entry.get("title") for entry in entries_of(store)]
            assert titles == ["edited after the crash", None, "Task 50"]
            check_log(first_state(origin), store)
            check_no_leftovers(store)
        except Exception as error:
            raise AssertionError(killed) from error


def entries_of(store: FileStore) -> list[dict[str, Any]]:
    return [entry for entry in whole(store)["master"].entries if isinstance(entry, dict)]


def die_everywhere(origin: Path, manner: str, work: str = "write") -> Iterator[tuple[Path, str]]:
    """A copy of the project for each call at which a writer can be killed, after that."""
    calls = run_dying([(copied(origin, "count"), 0, manner)], work)[0]
    assert calls > 10
    folders = [(copied(origin, str(call)), call, manner) for call in range(1, calls + 1)]
    ends = run_dying(folders, work)
    # Whether a copy needs the file's time is a matter of the clock: a few calls more or less.
    assert sum(end != -1 for end in ends) <= 4
    assert -2 not in ends
    for folder, call, _ in folders:
        yield folder, f"killed {manner} call {call} of {calls}"


def check_after_death(folder: Path, origin: Path) -> bool:
    """Everything that must hold; tells whether the write has happened."""
    store = store_in(folder)
    path = Path(store.path)
    before, tasks = stored(Path(store_in(origin).path)), stored(path)
    happened = any(one["id"] == 9 for one in tasks)
    assert happened or tasks == before
    with store.reading() as reader:
        assert [one.doc for one in reader.tasks("master")] == tasks

    fill(store, task(50))

    assert [one["id"] for one in entries_of(store)] == [*(one["id"] for one in tasks), 50]
    died = [one for one in log_of(store) if one.stamp.operation == "dying"]
    assert [len(one.changes) for one in died] == ([2] if happened else [])
    check_log(first_state(origin), store)
    check_no_leftovers(store)
    return happened


def stored(path: Path) -> list[dict[str, Any]]:
    """The tasks that the file holds, which must be whole."""
    return json.loads(path.read_bytes())["master"]["tasks"] if path.exists() else []


def first_state(origin: Path) -> dict[str, TagState]:
    """What was there when the log began."""
    if origin.name == "origin" and not Path(store_in(origin).home, "log").exists():
        return whole(store_in(origin))
    return {"master": TagState({}, json.loads(TEXT)["master"]["tasks"])}


def check_no_leftovers(store: FileStore) -> None:
    assert [path.name for path in Path(store.path).parent.iterdir()] == ["tasks.json"]
    log = {path.name for path in Path(store.home, "log").iterdir()}
    assert log == {"lock", "lock.next", "base.json", "changes.jsonl"}
    for copy in store.backups.all():
        json.loads(store.backups.read(copy.name))
    ignored = Path(store.home, ".gitignore").read_text()
    assert "log/" in ignored
    assert Path(store.home, "log", "base.json").read_bytes() == Path(store.path).read_bytes()


WRITING = """
import sys
from taskmaster.stores.file.store import FileStore
from taskmaster.testing.projects import stamp
store = FileStore(sys.argv[1], sys.argv[2], patience=5)
while True:
    with store.writing(stamp("count")) as writer:
        counted = writer.get("master", "1")
        number = counted.doc["count"] + 1
        writer.put("master", counted.with_fields({"count": number}))
        other = str(number % 7 + 2)
        writer.put("master", writer.get("master", other).with_fields({"count": number}))
    sys.stdout.write(f"{number}\\n")
    sys.stdout.flush()
"""


def killed_at_random(store: FileStore, chance: random.Random) -> Iterator[tuple[int, int]]:
    """Start a writer, kill it, and tell the last number it reported and the one stored; again."""
    source = str(Path(taskmaster.__file__).parents[1])
    while True:
        with subprocess.Popen(
            [sys.executable, "-c", WRITING, store.path, store.home],
            env={**os.environ, "PYTHONPATH": source},
            stdout=subprocess.PIPE,
        ) as process:
            assert process.stdout is not None
            told = [process.stdout.readline() for _ in range(chance.randint(1, 12))]
            for _ in range(chance.randint(0, 60_000)):
                pass  # Anything up to the time of one write.
            process.send_signal(signal.SIGKILL)
            told += process.stdout.read().split()
        yield int(told[-1]), entries_of(store)[0]["count"]


def check_random_kills(tmp_path: Path, count: int, seed: int) -> int:
    store = store_in(tmp_path)
    fill(store, *(task(number, count=0) for number in range(1, 9)))
    unreported = 0
    kills = killed_at_random(store, random.Random(seed))  # noqa: S311 - no secret
    for told, kept in itertools.islice(kills, count):
        assert told in (kept, kept - 1)
        unreported += told == kept - 1
        json.loads(Path(store.path).read_bytes())
        fill(store, task(20, f"at {kept}"))
        last = list(store.journal.since(max(store.journal.last()[0] - 40, 0)))
        for one, other in itertools.pairwise(last):
            assert other.first == last_number(one) + 1
    numbers = [one for one in log_of(store) if one.stamp.operation == "count"]
    assert len(numbers) == kept
    assert not [one for one in log_of(store) if one.stamp.actor.kind == "system"]
    assert alike(whole(store), whole(store_in(tmp_path)))
    check_log({}, store)
    check_no_leftovers(store)
    return unreported


def test_a_few_writers_killed_at_random_lose_nothing(tmp_path: Path) -> None:
    check_random_kills(tmp_path, 12, 1)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_thousand_writers_killed_at_random_lose_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    unreported = check_random_kills(tmp_path, 1000, 2)

    store = store_in(tmp_path)
    with capsys.disabled():
        writes = store.journal.last()[0]
        sys.stdout.write(
            f"\n1000 kills, {writes} changes on record, {unreported} committed but not reported\n"
        )
