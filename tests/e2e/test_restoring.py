"""A whole project from a dump, history and all, into every engine: how long a disaster takes."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.servers import Postgres
from tests.surfaces.cli.conftest import command, environ, task

from taskmaster import app, config, dump
from taskmaster.domain import changes
from taskmaster.domain.changes import Transaction
from taskmaster.domain.copies import EntryPart, Origin, TagPart, Totals
from taskmaster.domain.task import Task
from taskmaster.testing.projects import TIME, stamp

if TYPE_CHECKING:
    from taskmaster.domain.copies import Part

ENGINES = ("file", "sqlite", "postgres")
_TOGETHER = 10


def numbered(number: int) -> Task:
    waits = [number - 1] if number % 3 == 2 else []
    return Task(task(number, dependencies=waits, description="What there is to do. " * 5))


def project(count: int) -> Iterator[Part]:
    """*count* tasks that were added ten at a time and then changed, every other one, one by one."""
    yield Origin("project", "file", TIME, count + count // 2)
    yield TagPart("master", {"description": "Tasks of a large project"})
    for number in range(1, count + 1):
        done = {"status": "done"} if number % 2 == 0 else {}
        yield EntryPart(numbered(number).with_fields(done).doc)
    last = 0
    for first in range(1, count + 1, _TOGETHER):
        found = range(first, min(first + _TOGETHER, count + 1))
        yield Transaction(last + 1, stamp("import"), tuple(added(number) for number in found))
        last += len(found)
    for number in range(2, count + 1, 2):
        before = numbered(number)
        fields = tuple(changes.of_task("master", before, before.with_fields({"status": "done"})))
        last += 1
        yield Transaction(last, stamp("set-status"), fields)


def added(number: int) -> changes.Change:
    return changes.added("master", str(number), numbered(number).doc, number - 1)


@pytest.fixture
def folder(
    engine: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[tuple[Path, str]]:
    """A project that holds nothing yet, and the address of its storage."""
    place = tmp_path / "project"
    (place / ".taskmaster" / "tasks").mkdir(parents=True)
    if engine == "postgres":
        server: Postgres = request.getfixturevalue("postgres")
        name = f"restoring_{os.getpid()}"
        yield place, server.create_database(name)
        server.drop_database(name)
    else:
        yield place, "sqlite:tasks.db" if engine == "sqlite" else ""


def stored(folder: Path, url: str) -> Totals:
    """What a dump of the restored project says that it holds, down to every character."""
    place = config.locate({}, str(folder))
    store = app.store_at(place, config.storage_at(place, url, "project"))
    with store.reading() as reader:
        again = dump.parts_of(reader, "project", "file", TIME)
        totals = dump.save(again, str(folder / "again.jsonl.gz"))
    if hasattr(store, "close"):
        store.close()
    return totals


def run(folder: Path, *words: str, **more: str) -> Any:  # noqa: ANN401  # a JSON document
    done = subprocess.run(
        [*command(), *words, "--json"],
        cwd=folder,
        env=environ(**more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return json.loads(done.stdout)


def seconds_to_restore(folder: Path, url: str, count: int) -> float:
    """Bring a dump of so many tasks back and look whether all of it is there."""
    path = folder / "project.jsonl.gz"
    totals = dump.save(project(count), str(path))
    words = {"TAMP_STORAGE": url, "TAMP_STORAGE_PROJECT": "project"} if url else {}

    begun = time.monotonic()
    restored = run(folder, "restore", path.name, "--yes", **words)
    seconds = time.monotonic() - begun

    assert restored["history"] == totals.changes == count + count // 2
    assert stored(folder, url) == totals
    assert len(run(folder, "list", "--status=done", **words)["tasks"]) == count // 2
    return seconds


@pytest.mark.parametrize("engine", ENGINES)
def test_five_thousand_tasks_come_back_with_their_history(folder: tuple[Path, str]) -> None:
    seconds_to_restore(*folder, 5_000)


@pytest.mark.soak
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("engine", ENGINES)
def test_a_hundred_thousand_tasks_come_back_with_their_history(
    folder: tuple[Path, str], engine: str, capsys: pytest.CaptureFixture[str]
) -> None:
    seconds = seconds_to_restore(*folder, 100_000)

    with capsys.disabled():
        size = (folder[0] / "project.jsonl.gz").stat().st_size
        print(f"\n{engine}: restored in {seconds:.1f} s from {size:,} bytes")  # noqa: T201
