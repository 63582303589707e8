"""The main job, from a requirements document to a task graph that eight processes change at once.

Everything shown is a real command run in a folder that is thrown away at the end; ``--keep`` keeps
it. Ends non-zero when anything is lost.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PRD = Path(__file__).with_name("prd.md")
TAMP = [sys.executable, "-m", "taskmaster"]
PROCESSES, CHANGES = 8, 25


def main() -> int:
    """Run the demonstration and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--keep", action="store_true", help="keep the folder to look around in")
    keep = parser.parse_args().keep
    folder = Path(tempfile.mkdtemp(prefix="tamp-demo-"))
    try:
        return tour(folder)
    finally:
        if keep:
            print(f"\nThe project is in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def tour(folder: Path) -> int:
    """Every step, in the order in which somebody would take it."""
    say("A project is one folder. No server, no key, no network.")
    run(folder, "init", "--yes", "--name=Tool library", most=6)
    shutil.copy(PRD, folder / "prd.md")
    say("A requirements document becomes a task graph. First look, then apply.")
    run(folder, "parse-prd", "prd.md", "--dry-run", "--quiet", most=8)
    run(folder, "parse-prd", "prd.md", most=2, tail=True)
    run(folder, "list")
    say("Does every requirement have a task?")
    run(folder, "coverage", "prd.md", most=5)
    say("What to do first, and why?")
    run(folder, "next")
    run(folder, "set-status", "1", "done")
    run(folder, "set-status", "2.1,2.2", "in-progress")
    run(folder, "why", "4")
    say(f"Now {PROCESSES} processes change the tasks at once, {CHANGES} times each.")
    lost = race(folder)
    say("Who did what? Every change is in the log, and can be taken back.")
    run(folder, "history", "--limit=3")
    run(folder, "remove-task", "5", "--yes")
    run(folder, "undo", most=4)
    run(folder, "show", "5", most=8)
    run(folder, "doctor", most=4)
    return 1 if lost else 0


def say(sentence: str) -> None:
    """A heading between two steps."""
    print(f"\n\x1b[1m# {sentence}\x1b[0m" if sys.stdout.isatty() else f"\n# {sentence}")


def run(folder: Path, *words: str, most: int = 0, tail: bool = False) -> None:
    """Run a command and show it with its output, at most *most* lines of it (0: all)."""
    print(f"$ tamp {' '.join(words)}", flush=True)
    done = subprocess.run(
        [*TAMP, *words], cwd=folder, env=environment("you"), capture_output=True, text=True,
        encoding="utf-8", check=False,
    )  # fmt: skip
    lines = (done.stdout + done.stderr).splitlines()
    left = len(lines) - most if most else 0
    if left > 0 and not tail:
        lines = [*lines[:most], f"… {left} more lines"]
    elif left > 0:
        lines = lines[-most:]
    print("\n".join(f"  {line}" for line in lines))
    if done.returncode:
        sys.exit(done.returncode)


def environment(actor: str) -> dict[str, str]:
    """What the commands run with: a named actor, and UTF-8 wherever they run."""
    return {**os.environ, "TAMP_ACTOR": actor, "PYTHONUTF8": "1", "COLUMNS": "90"}


def race(folder: Path) -> int:
    """Let the processes loose on one task each; return how many of their changes are missing."""
    script = (
        "import sys\nfrom taskmaster.cli.main import main\n"
        "task, count = sys.argv[1], int(sys.argv[2])\n"
        "for n in range(count):\n"
        "    status = ('in-progress', 'review')[n % 2]\n"
        "    code = main(['set-status', task, status, '--silent', '--quiet'])\n"
        "    if code: sys.exit(code)\n"
    )
    before = last_number(folder)
    started = time.perf_counter()
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(task), str(CHANGES)],
            cwd=folder,
            env=environment(f"agent-{task}"),
        )
        for task in range(5, 5 + PROCESSES)
    ]
    failed = sum(worker.wait() != 0 for worker in workers)
    seconds = time.perf_counter() - started
    numbers, kept = logged(folder, before)
    gaps = len(numbers) - len(set(numbers)) + (max(numbers) - before - len(numbers))
    print(f"  {kept} of {PROCESSES * CHANGES} changes kept, {failed} processes failed,")
    print(f"  {gaps} gaps in the log, {seconds:.1f} s")
    return PROCESSES * CHANGES - kept + failed + gaps


def last_number(folder: Path) -> int:
    """The number of the newest change."""
    return max(logged(folder, 0)[0], default=0)


def logged(folder: Path, since: int) -> tuple[list[int], int]:
    """The numbers of all changes after *since*, and how many are changes of a status."""
    answer = subprocess.run(
        [*TAMP, "history", f"--since={since}", "--limit=0", "--json"],
        cwd=folder, capture_output=True, check=True, encoding="utf-8", env=environment("you"),
    )  # fmt: skip
    changes = [
        change | {"seq": entry["seq"][0] + place}
        for entry in json.loads(answer.stdout)["transactions"]
        for place, change in enumerate(entry["changes"])
    ]
    return [one["seq"] for one in changes], sum(
        "status" in one.get("fields", {}) for one in changes
    )


if __name__ == "__main__":
    raise SystemExit(main())
