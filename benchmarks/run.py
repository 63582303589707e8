"""Speed and size, as multiples of floors measured in the same run.

Times on a shared machine are noise; ratios inside one table are the finding. Every figure is the
median of interleaved rounds, CPU (user + system, children included) and wall time, over the bare
interpreter of the same environment. ``--quick`` takes fewer rounds.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

SIZES = (100, 1_000, 10_000)
COMMANDS = {
    "next": ["next"],
    "show": ["show", "50"],
    "list": ["list"],
    "list --json": ["list", "--json"],
    "set-status": ["set-status", "50", "STATUS"],
    "add-task": ["add-task", "One more"],
    "validate-dependencies": ["validate-dependencies"],
}
EVERY = (
    "list --where priority>=high", "search benchmark", "why 500", "tree", "graph", "waves", "stats",
    "tags", "history", "doctor", "export --format=jsonl", "export --format=csv", "backup",
    "edit 50 --note=x", "comment 50 x", "defer 600 --until=2w", "undo", "help", "version",
    "config show", "models",
)  # fmt: skip
PROCESSES, CHANGES = 8, 25
SCRIPT = str(Path(sys.executable).with_name("tamp"))


class Cost(NamedTuple):
    """What one process took, in milliseconds."""

    cpu: float
    wall: float


def main() -> int:
    """Run every table and print it."""
    parser = argparse.ArgumentParser(description="Measure tamp on this machine.")
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    rounds = 3 if parser.parse_args().quick else 9
    with tempfile.TemporaryDirectory(prefix="tamp-bench-") as name:
        folder = Path(name)
        cold_start(folder, rounds)
        every_command(folder, rounds)
        race(folder)
    documents()
    return 0


def cold_start(folder: Path, rounds: int) -> None:
    """Each command at each size, over the bare interpreter."""
    print(f"Commands, over the bare interpreter; median of {rounds} interleaved rounds")
    print(f"{'command':<24}{'tasks':>7}{'CPU ms':>9}{'x floor':>9}{'wall ms':>9}{'x':>7}{'MB':>6}")
    projects = {size: project(folder / str(size), size) for size in SIZES}
    seen: dict[tuple[str, int], list[Cost]] = {}
    floor: list[Cost] = []
    for turn in range(rounds + 1):
        floor.append(cost([sys.executable, "-c", "pass"], folder))
        for size, where in projects.items():
            for name, words in COMMANDS.items():
                status = ("in-progress", "review")[turn % 2]
                command = [SCRIPT, *(status if word == "STATUS" else word for word in words)]
                seen.setdefault((name, size), []).append(cost(command, where))
    base = median(floor[1:])
    print(f"{'bare interpreter':<24}{'':>7}{base.cpu:>9.1f}{1:>9.1f}{base.wall:>9.1f}{1:>7.1f}")
    for (name, size), costs in seen.items():
        own = median(costs[1:])
        words = [SCRIPT, *("done" if word == "STATUS" else word for word in COMMANDS[name])]
        print(
            f"{name:<24}{size:>7}{own.cpu:>9.1f}{own.cpu / base.cpu:>9.1f}"
            f"{own.wall:>9.1f}{own.wall / base.wall:>7.1f}{memory(words, projects[size]):>6.0f}"
        )


def every_command(folder: Path, rounds: int) -> None:
    """The other commands at 1,000 tasks, text thrown away, over the bare interpreter."""
    where = project(folder / "every", 1_000)
    commands = {words: [SCRIPT, *words.split()] for words in EVERY}
    seen: dict[str, list[Cost]] = {}
    for _ in range(rounds + 1):
        seen.setdefault("", []).append(cost([sys.executable, "-c", "pass"], folder))
        for words, command in commands.items():
            seen.setdefault(words, []).append(cost(command, where))
    base = median(seen.pop("")[1:])
    print("\nThe other commands at 1,000 tasks, CPU over the bare interpreter")
    for words, costs in seen.items():
        print(f"  {words:<32}{median(costs[1:]).cpu / base.cpu:>5.1f}")


def cost(command: list[str], folder: Path) -> Cost:
    """Run a command once, output thrown away; raises when it fails."""
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, env=environment())
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 4):  # 4: what validate-dependencies says when it finds some
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return Cost((used.ru_utime + used.ru_stime) * 1e3, wall * 1e3)


def memory(command: list[str], folder: Path) -> float:
    """The most megabytes a command held, told by a small parent: a child's figure starts at that of
    the process it was split from.
    """
    script = (
        "import os, resource, sys\n"
        "if os.spawnv(os.P_WAIT, sys.argv[1], sys.argv[1:]) not in (0, 4): sys.exit(1)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script, *command],
        cwd=folder, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        check=True, text=True,
    )  # fmt: skip
    return int(done.stderr.split()[-1]) * (1 if sys.platform == "darwin" else 1024) / 2**20


def environment() -> dict[str, str]:
    """The surroundings of a user who lets Python keep its compiled files."""
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"TAMP_ACTOR": "bench"}


def median(costs: list[Cost]) -> Cost:
    """The median of each figure on its own."""
    return Cost(*(statistics.median(column) for column in zip(*costs, strict=True)))


def project(folder: Path, size: int) -> Path:
    """A project with *size* tasks of about a kilobyte, a third of them done, always the same."""
    chance = random.Random(size)  # noqa: S311  # no secrets here: the same tasks every time
    tasks = [
        {
            "id": number,
            "title": f"Task {number} of the benchmark",
            "description": "What has to be done. " * 10,
            "status": "done" if number <= size * 0.3 else "pending",
            "dependencies": sorted({chance.randint(1, number - 1) for _ in range(number % 4)})
            if number > 1
            else [],
            "priority": chance.choice(("high", "medium", "low")),
            "details": "How it is to be done. " * 22,
            "testStrategy": "",
            "subtasks": [],
        }
        for number in range(1, size + 1)
    ]
    path = folder / ".taskmaster" / "tasks" / "tasks.json"
    path.parent.mkdir(parents=True)
    content = {"master": {"tasks": tasks, "metadata": {"updated": "2026-01-01T00:00:00.000Z"}}}
    path.write_text(json.dumps(content, indent=2), encoding="utf-8")
    return folder


def race(folder: Path) -> None:
    """Eight processes that change 25 tasks each in one project of 1,000, all at once."""
    where = project(folder / "race", 1_000)
    script = (
        "import sys\nfrom taskmaster.cli.main import main\n"
        "for n in range(int(sys.argv[1]), int(sys.argv[2])):\n"
        "    assert main(['set-status', str(n), 'review', '--silent']) == 0\n"
    )
    started = time.perf_counter()
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(first), str(first + CHANGES)],
            cwd=where,
            env=environment(),
        )
        for first in range(1, PROCESSES * CHANGES, CHANGES)
    ]
    failed = sum(worker.wait() != 0 for worker in workers)
    seconds = time.perf_counter() - started
    tasks = json.loads((where / ".taskmaster/tasks/tasks.json").read_text("utf-8"))["master"][
        "tasks"
    ]
    kept = sum(task["status"] == "review" for task in tasks)
    print(f"\n{PROCESSES} processes x {CHANGES} set-status on 1,000 tasks at once:")
    print(f"  {kept} of {PROCESSES * CHANGES} kept, {failed} processes failed, {seconds:.1f} s")


def documents() -> None:
    """The outline planner on the example document and on any folder of real ones."""
    from taskmaster.planners.documents import read_document
    from taskmaster.planners.outline.planner import OutlinePlanner

    paths = [Path(__file__).parents[1] / "examples" / "prd.md"]
    corpus = os.environ.get("TAMP_CORPUS")
    paths += sorted(Path(corpus, "prd").iterdir()) if corpus else []
    print("\nOutline planner, CPU ms a document")
    for path in paths:
        started = time.process_time()
        try:
            plan = OutlinePlanner().propose(read_document(str(path)))
            result = f"{len(plan.drafts)} tasks"
        except Exception as error:  # noqa: BLE001  # a document that is refused is a result here
            result = str(error)[:50]
        used = (time.process_time() - started) * 1e3
        print(f"  {path.name:<32}{path.stat().st_size / 1024:>8.1f} kB{used:>8.1f} ms  {result}")


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    raise SystemExit(main())
