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
from taskmaster.domain.changes import last_number
from taskmaster.errors import TampError
from taskmaster.ports import Movable
from taskmaster.testing import WAIT, check_log, log_of
from taskmaster.testing_moves import held_by

SOURCE = Path(taskmaster.__file__).parents[1]
WRITING = """
import sys
from taskmaster import app
from taskmaster.domain.task import Task
from taskmaster.errors import Conflict
folder, name = sys.argv[1:]
number = 0
while True:
    try:
        with app.open_project(folder).writing("count") as writer:
            writer.put("master", Task({"id": f"{name}-{number}", "title": "written"}))
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
    """A process that adds tasks, wherever they are kept, and reports each; dies with the block."""

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

    def reported(self) -> list[str]:
        return [f"{self.name}-{number}" for number in self._said.read_text().split()]


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
        assert process.returncode == 0, said.decode()
        self.length = time.monotonic() - begun
        self.urls.reverse()

    def _killed(self) -> bool:
        """Whether it was killed before it had ended by itself."""
        with self.start() as process:
            try:
                process.wait(self.chance.uniform(0.1, 1.1) * self.length)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
            assert process.wait(WAIT) in (0, -signal.SIGKILL)
            return process.returncode != 0

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
    with here.reading() as reader:
        found = [one.id for one in reader.tasks("master")]
    reported = [one for writer in writers for one in writer.reported()]
    assert len(set(found)) == len(found)
    assert set(reported) <= set(found)
    assert len(found) - len(reported) <= len(writers), "more than what was not reported in time"
    assert last_number(log_of(here)[-1]) >= len(found)
    assert "external-edit" not in {one.stamp.operation for one in log_of(here)}
    check_log({}, here)
    left = mover.store(mover.urls[0])
    assert held_by(left) != held_by(here)
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

    killed = check_killed(tmp_path / "project", url, moves=60, kills=5, seed=2)

    with capsys.disabled():
        sys.stdout.write(f"\n{engine}: 60 moves, {killed} times killed\n")
