"""``tamp storage move`` killed at any moment: repeated, it completes, and writers lose nothing."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

import pytest

import taskmaster
from taskmaster import app, config
from taskmaster.errors import TampError
from taskmaster.ports import Movable
from taskmaster.testing.projects import WAIT, check_log, log_of

SOURCE = Path(taskmaster.__file__).parents[1]
WRITING = """
import os, sys
from taskmaster import app
from taskmaster.domain.task import Task
from taskmaster.errors import Conflict
folder, name = sys.argv[1:]
number, parent = 1, os.getppid()
while os.getppid() == parent:
    try:
        with app.open_project(folder).writing("count") as writer:
            writer.put("master", Task({"id": name, "title": "counted", "count": number}))
    except Conflict as refused:
        if refused.code != "moved":
            raise
        continue
    sys.stdout.write(f"{number}\\n")
    sys.stdout.flush()
    number += 1
"""


def environ() -> dict[str, str]:
    return {"PYTHONPATH": str(SOURCE), "PATH": os.defpath, "USER": "ann"}


class Writer:
    """A process that counts up in a task, wherever it is kept, and reports each step; dies with
    the block.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self._said = folder.with_name(f"{name}.txt")
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-c", WRITING, str(folder), name], env=environ(), stdout=said
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.poll() is None, "the writer has ended by itself"
        self._process.kill()
        self._process.wait(WAIT)

    def check_counted(self, store: Movable) -> None:
        """Every step that was reported is on record, once and in order, and so is the sum."""
        with store.reading() as reader:
            found = reader.get("master", self.name).doc["count"]
        steps = [
            change.doc["count"] if isinstance(change.doc, dict) else change.fields["count"][1]
            for one in log_of(store)
            for change in one.changes
            if change.task == self.name
        ]
        reported = len(self._said.read_text().split())
        assert steps == list(range(1, len(steps) + 1))
        assert found == len(steps)
        assert len(steps) - reported in (0, 1), "a step that was not reported in time"


class Mover:
    """Runs the command in a project, from where the tasks are to where they are not."""

    def __init__(self, folder: Path, url: str, chance: random.Random) -> None:
        self.folder, self.chance = folder, chance
        self.project = config.locate({}, str(folder))
        self.urls = [url, "file"]
        self.length = 0.5
        self.killed = 0

    def store(self, url: str) -> Movable:
        return app.store_at(self.project, config.storage_at(self.project, url))

    def start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "taskmaster", "storage", "move", "--to", self.urls[0], "--yes"],
            cwd=self.folder,
            env=environ(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def move(self, kills: int) -> None:
        """Kill the command up to so many times, then let it end; and turn round."""
        for _ in range(kills):
            if self._killed():
                self.killed += 1
                self.check_one_alive()
                continue
            self.urls.reverse()
            return
        begun = time.monotonic()
        with self.start() as process:
            said, _ = process.communicate(timeout=WAIT)
        self.check_end(process.returncode, said)
        self.length = time.monotonic() - begun
        self.urls.reverse()

    @staticmethod
    def check_end(code: int, said: bytes) -> None:
        """It has moved the tasks; or one that was killed had, a moment before its own end."""
        assert code == 0 or b"the tasks are there already" in said, said.decode()

    def _killed(self) -> bool:
        """Whether it was killed before it had ended by itself."""
        with self.start() as process:
            try:
                process.wait(self.chance.uniform(0.1, 1.1) * self.length)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
            said, _ = process.communicate(timeout=WAIT)
        if process.returncode == -signal.SIGKILL:
            return True
        self.check_end(process.returncode, said)
        return False

    def check_one_alive(self) -> None:
        """Never can both places be written, and what is in the one is in the other or was not."""
        target, source = (self.store(url) for url in self.urls)
        if not source.successor():
            with suppress_absence(), target.reading() as reader:
                assert target.successor() or not reader.last_change()


@contextmanager
def suppress_absence() -> Iterator[None]:
    try:
        yield
    except TampError as error:
        if error.code not in ("no-database", "no-such-project", "schema-missing"):
            raise


def check_killed(folder: Path, url: str, moves: int, kills: int, seed: int) -> int:
    folder.mkdir()
    subprocess.run(
        [sys.executable, "-m", "taskmaster", "init"], cwd=folder, env=environ(), check=True
    )
    mover = Mover(folder, url, random.Random(seed))  # noqa: S311 - to find the same again
    with ExitStack() as stack:
        writers = [stack.enter_context(Writer(folder, name)) for name in ("x", "y")]
        for _ in range(moves):
            mover.move(kills)
    here = app.open_store(mover.project)
    for writer in writers:
        writer.check_counted(here)
    assert "external-edit" not in {one.stamp.operation for one in log_of(here)}
    check_log({}, here)
    left = mover.store(mover.urls[0])
    assert left.successor()
    return mover.killed


@pytest.mark.timeout(300)
def test_a_few_moves_killed_beside_writers_lose_nothing(tmp_path: Path) -> None:
    check_killed(tmp_path / "project", "sqlite:tasks.db", moves=4, kills=4, seed=1)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("engine", ["sqlite", "postgres", "file"])
def test_hundreds_of_moves_killed_beside_writers_lose_nothing(
    tmp_path: Path,
    request: pytest.FixtureRequest,
    capsys: pytest.CaptureFixture[str],
    engine: str,
) -> None:
    url = {"sqlite": "sqlite:tasks.db", "file": "file:other/tasks.json"}.get(engine)
    url = url or request.getfixturevalue("database")

    killed = check_killed(tmp_path / "project", url, moves=40, kills=5, seed=2)

    with capsys.disabled():
        sys.stdout.write(f"\n{engine}: 40 moves, {killed} times killed\n")
