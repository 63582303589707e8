"""The engines, each over its own floor: what the bare driver or file system does in the same run.

Real servers, real processes. A Postgres of its own is started from the development dependencies;
it writes through to the disk, as the others do. ``--million`` adds a million tasks.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[1:1] = [str(ROOT), str(ROOT / "benchmarks")]

import psycopg  # noqa: E402 - the folders above come before
from datasets import tasks  # noqa: E402
from tests.servers import PostgresServer  # noqa: E402

from taskmaster import app  # noqa: E402
from taskmaster.config import Project, Storage  # noqa: E402

ENGINES = ("file", "sqlite", "postgres")
PROCESSES = (1, 4, 16)
SECONDS = 3
CHANGES = 200
WORKER = Path(__file__).with_name("work.py")


class Bench:
    """A folder and a server, if Postgres is wanted, in which projects of any size are made."""

    def __init__(self, folder: Path, server: PostgresServer | None) -> None:
        self.folder = folder
        self.server = server
        self._made: dict[tuple[str, int], list[str]] = {}

    def project(self, engine: str, size: int) -> list[str]:
        """The words by which a worker finds a project of this size, made the first time."""
        key = (engine, size)
        if key not in self._made:
            self._made[key] = self._fill(engine, size)
        return self._made[key]

    def _fill(self, engine: str, size: int) -> list[str]:
        home = self.folder / f"{engine}-{size}" / ".taskmaster"
        (home / "tasks").mkdir(parents=True)
        path = str(home / "tasks" / "tasks.json")
        address = {"file": path, "sqlite": str(home / "tasks" / "tasks.db")}.get(engine, "")
        if engine == "postgres":
            assert self.server is not None
            address = self.server.create_database(f"tasks_{size}")
        place = Project(str(home.parent), path, str(home), "", legacy=False)
        storage = Storage(engine, address, "bench", "", "")
        store = app.store_at(place, storage)
        if engine != "file":
            store = app.create_project(place, storage)
        intake = store.intake()
        intake.begin("")
        intake.take_tag("master", {})
        intake.take_entries("master", tasks(size))
        intake.finish()
        self._floor_table(engine, address)
        return [engine, address, str(home)]

    @staticmethod
    def _floor_table(engine: str, address: str) -> None:
        """The table that bare INSERTs go to, in the same database."""
        statement = "CREATE TABLE floor (id BIGINT, word TEXT)"
        if engine == "sqlite":
            connection = sqlite3.connect(address)
            connection.execute(statement)
            connection.close()
        elif engine == "postgres":
            with psycopg.connect(address, autocommit=True) as made:
                made.execute(statement)


def main(words: list[str] | None = None) -> int:
    """Print every table."""
    parser = argparse.ArgumentParser(description="Measure the engines on this machine.")
    parser.add_argument("--million", action="store_true", help="also with a million tasks")
    args = parser.parse_args(words)
    with (
        tempfile.TemporaryDirectory(prefix="tamp-engines-") as name,
        PostgresServer(durable=True) as server,
    ):
        bench = Bench(Path(name), server)
        writes(bench)
        answers(bench, [1_000, 10_000, 100_000, *([1_000_000] if args.million else [])])
        delays(bench)
        if args.million:
            import million

            million.explained(bench.project("postgres", 1_000_000)[1])
    return 0


def writes(bench: Bench) -> None:
    """Committed writes a second, of processes that change the status of tasks of one project."""
    print("Committed writes a second on 1,000 tasks, over a bare committed INSERT, or a bare")
    print("rewrite of the file with fsync, by as many processes")
    print(f"{'engine':<10}{'processes':>10}{'ours':>9}{'floor':>9}{'floor / ours':>14}")
    for engine in ENGINES:
        where = bench.project(engine, 1_000)
        for count in PROCESSES:
            floor = together("floor", where, count)
            own = together("write", where, count)
            print(f"{engine:<10}{count:>10}{own:>9.0f}{floor:>9.0f}{floor / max(own, 1):>14.1f}")


def together(work: str, where: list[str], count: int) -> float:
    """How much *count* processes get done in a second, begun at the same moment."""
    workers = [worker(work, where, str(number), str(SECONDS)) for number in range(count)]
    for one in workers:
        assert one.stdout is not None
        one.stdout.readline()
    for one in workers:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    return sum(int(one.communicate()[0]) for one in workers) / SECONDS


def worker(work: str, where: list[str], *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(WORKER), work, *where, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )


def answers(bench: Bench, sizes: list[int]) -> None:
    """``next`` in a fresh store each time, over one indexed row, or reading the file as JSON."""
    print("\n`next`: ms with opening the store, over the floor (one row by its key on a fresh")
    print("connection; reading and parsing the file), and the most memory of the process")
    print(f"{'engine':<10}{'tasks':>10}{'ms':>9}{'floor ms':>10}{'x floor':>9}{'MB':>7}")
    for engine in ENGINES:
        for size in sizes:
            if engine == "file" and size > 100_000:
                continue
            done = worker("next", bench.project(engine, size))
            own, floor, memory = json.loads(done.communicate("go\n")[0].split("\n")[1])
            ratio = own / floor
            print(f"{engine:<10}{size:>10}{own:>9.1f}{floor:>10.2f}{ratio:>9.1f}{memory:>7.0f}")


def delays(bench: Bench) -> None:
    """How long after a commit a follower in another process has the change."""
    print(f"\nFrom the end of a write to the follower, ms, {CHANGES} changes; the floor is a bare")
    print("NOTIFY, or a bare rename seen by watchfiles")
    print(f"{'engine':<10}{'median':>9}{'p99':>9}{'floor':>9}{'x floor':>9}")
    for engine in ENGINES:
        where = bench.project(engine, 1_000)
        follower = worker("follow", where, str(CHANGES))
        assert follower.stdout is not None
        follower.stdout.readline()
        writing = worker("announce", where, str(CHANGES))
        written = json.loads(writing.communicate("go\n")[0].split("\n")[1])
        seen = json.loads(follower.communicate("go\n")[0])
        waits = sorted(
            (seen[number] - moment) * 1e3 for number, moment in written.items() if number in seen
        )
        assert len(waits) == CHANGES
        floor = float(worker("bell", where, str(CHANGES)).communicate("go\n")[0].split("\n")[1])
        middle, late = statistics.median(waits), waits[int(len(waits) * 0.99)]
        print(f"{engine:<10}{middle:>9.2f}{late:>9.2f}{floor:>9.2f}{middle / floor:>9.1f}")


if __name__ == "__main__":
    raise SystemExit(main())
