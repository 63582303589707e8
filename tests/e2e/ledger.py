"""Numbers that processes write down while servers fall, and what became of each of them.

Run as a program it is such a process: ``python -m tests.e2e.ledger LEDGER URL FIRST LOG`` writes
one number after the other until its standard input ends. Whatever follows the protocol ``Ledger``
can be written to; LEDGER tells it as ``module:class``.
"""

from __future__ import annotations

import importlib
import itertools
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol, Self

import psycopg
from tests.processes import LIMIT, wait_until

from taskmaster import app
from taskmaster.config import Project, Storage
from taskmaster.errors import Busy, Unavailable
from taskmaster.stores.postgres.store import PostgresStore
from taskmaster.testing.projects import check_log, fill, task

ROOT = Path(__file__).parents[2]
ROWS = "tests.e2e.ledger:Rows"
TASKS = "tests.e2e.ledger:Tasks"
APART = 1_000_000
# Long enough for a client not to stand in the way of what it waits for.
_AGAIN = 0.02


class Ledger(Protocol):
    """Where numbers are written; opening it again finds what was written before."""

    unsure: tuple[type[Exception], ...]
    """What ``write`` raises when nobody can say whether the number was written."""

    def __init__(self, url: str) -> None: ...

    def prepare(self) -> None:
        """Make what the numbers are written to, once in a new database."""
        ...

    def write(self, number: int) -> None:
        """When it returns, the number is written for good."""
        ...

    def read(self) -> list[int]:
        """All numbers, each as often as it was written, in any order."""
        ...

    def close(self) -> None: ...


class Rows:
    """Each number is a row of one table."""

    unsure = (psycopg.OperationalError,)

    def __init__(self, url: str) -> None:
        self._url = url
        self._made: psycopg.Connection | None = None

    def prepare(self) -> None:
        self._connection().execute("CREATE TABLE numbers (number int)")

    def write(self, number: int) -> None:
        self._connection().execute("INSERT INTO numbers VALUES (%s)", [number])

    def read(self) -> list[int]:
        return [row[0] for row in self._connection().execute("SELECT number FROM numbers")]

    def close(self) -> None:
        if self._made:
            self._made.close()

    def _connection(self) -> psycopg.Connection:
        if self._made is None or self._made.closed:
            self._made = psycopg.connect(self._url, autocommit=True)
        return self._made


class Tasks:
    """Each number is a task of a project."""

    unsure = (Unavailable, Busy)

    def __init__(self, url: str) -> None:
        self._storage = Storage("postgres", url, "ledger", "", "")
        self._store = PostgresStore(url, "ledger")

    def prepare(self) -> None:
        nowhere = Project("", "", "", "", legacy=False)
        app.create_project(nowhere, self._storage)

    def write(self, number: int) -> None:
        fill(self._store, task(number))

    def read(self) -> list[int]:
        check_log({}, self._store)
        with self._store.reading() as reader:
            return [int(one.id) for one in reader.tasks("master")]

    def close(self) -> None:
        self._store.close()


@contextmanager
def opened(kind: str, url: str) -> Iterator[Ledger]:
    module, _, name = kind.partition(":")
    ledger: Ledger = getattr(importlib.import_module(module), name)(url)
    try:
        yield ledger
    finally:
        ledger.close()


def prepare(kind: str, url: str) -> None:
    with opened(kind, url) as ledger:
        ledger.prepare()


def read(kind: str, url: str) -> list[int]:
    """What is written there, in order."""
    with opened(kind, url) as ledger:
        return sorted(ledger.read())


class Moment(NamedTuple):
    number: int
    at: float


class Writer:
    """A process that writes the numbers from ``first`` on, and tells of each in a file."""

    def __init__(self, ledger: str, url: str, first: int, folder: Path) -> None:
        self._log = folder / f"writer-{first}"
        self._log.touch()
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, ledger, url, str(first), str(self._log)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
        )

    def begun(self) -> list[Moment]:
        return self._told("begun")

    def acknowledged(self) -> list[Moment]:
        return self._told("acknowledged")

    def end(self) -> None:
        self._process.communicate(timeout=LIMIT)

    def runs(self) -> bool:
        return self._process.poll() is None

    def _told(self, wanted: str) -> list[Moment]:
        # A line that is being written is not told yet.
        lines = self._log.read_text(encoding="utf-8").split("\n")[:-1]
        said = [line.split() for line in lines]
        return [Moment(int(number), float(at)) for what, number, at in said if what == wanted]


class Outcome(NamedTuple):
    """What became of the numbers; all three are empty when everything went well."""

    missing: set[int]
    """Acknowledged, and not there."""
    twice: set[int]
    unknown: set[int]
    """There, and nobody began to write them."""


NOTHING_WRONG = Outcome(set(), set(), set())


class Writers:
    """Several at once, who end when the test does."""

    def __init__(self, ledger: str, url: str, folder: Path, count: int = 4) -> None:
        firsts = [place * APART for place in range(1, count + 1)]
        self._each = [Writer(ledger, url, first, folder) for first in firsts]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        for one in self._each:
            one.end()

    def go_on(self, writes: int = 25) -> None:
        """Until each of them got so many more acknowledged that it began from now on."""
        now = time.time()

        def written() -> bool:
            assert all(one.runs() for one in self._each), "a writer gave up"
            return all(len(_since(one, now)) >= writes for one in self._each)

        wait_until(written, f"every writer has written {writes} more")

    def begun(self) -> list[Moment]:
        return [moment for one in self._each for moment in one.begun()]

    def acknowledged(self) -> list[Moment]:
        return [moment for one in self._each for moment in one.acknowledged()]

    def outcome(self, found: Sequence[int]) -> Outcome:
        """Compare with what was found after they ended."""
        return Outcome(
            missing={moment.number for moment in self.acknowledged()}.difference(found),
            twice={number for number, times in Counter(found).items() if times > 1},
            unknown=set(found).difference(moment.number for moment in self.begun()),
        )


def _since(writer: Writer, then: float) -> set[int]:
    fresh = {moment.number for moment in writer.begun() if moment.at >= then}
    return fresh & {moment.number for moment in writer.acknowledged()}


def _end_with_the_input() -> None:
    os.read(0, 1)
    os._exit(0)


def _write_on(ledger: Ledger, first: int, log: Path) -> None:
    with log.open("ab", buffering=0) as told:
        for number in itertools.count(first):
            told.write(f"begun {number} {time.time()}\n".encode())
            try:
                ledger.write(number)
            except ledger.unsure:
                time.sleep(_AGAIN)
            else:
                told.write(f"acknowledged {number} {time.time()}\n".encode())


if __name__ == "__main__":
    threading.Thread(target=_end_with_the_input, daemon=True).start()
    with opened(*sys.argv[1:3]) as chosen:
        _write_on(chosen, int(sys.argv[3]), Path(sys.argv[4]))
