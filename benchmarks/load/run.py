"""Load as from many users: the real server on a temporary project, driven by Locust.

``run.py [SCENARIO...]``; without one, all of them. Writes ``report.html`` and ``report.md`` into
``benchmarks/results/load``. ``--flat`` fails when the server's memory goes on growing,
``--slowest`` when one answer of twenty takes longer, and any error fails with either.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import report
from places import ROOT, Project, Usage, projects, serving

SCENARIOS = ("read", "write", "mixed", "stream", "spike")
ENGINES = ("file", "sqlite", "postgres")
DRIVER = Path(__file__).with_name("drive.py")
GROWTH = 1.10
"""Memory in the last third of a run over that in the second: more is no longer flat."""


def main(words: list[str] | None = None) -> int:
    """Run, report, and say where; 1 where something was asked for that did not hold."""
    args = arguments(words)
    outcomes = []
    with projects(args.engine) as (project,):
        for scenario in args.scenarios or SCENARIOS:
            outcomes.append(measured(project, scenario, args))
            print(f"{outcomes[-1].title}\n{report.table(outcomes[-1])}")
            print(f"{outcomes[-1].machine}\n", flush=True)
    report.write(args.out, outcomes)
    print(f"written: {args.out / 'report.html'}, {args.out / 'report.md'}")
    troubles = [line for one in outcomes for line in wrong(one, args)]
    print("\n".join(troubles))
    return bool(troubles)


def arguments(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Put the server under load.")
    parser.add_argument("scenarios", nargs="*", choices=[*SCENARIOS, []], metavar="SCENARIO")
    parser.add_argument("--users", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=20, help="of each scenario")
    parser.add_argument("--engine", choices=ENGINES, default="file")
    parser.add_argument("--workers", type=int, default=1, help="processes of the server")
    parser.add_argument(
        "--pace", type=float, default=1.0,
        help="seconds between two requests of a user (1; 0: ask again at once)",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "load")
    parser.add_argument("--flat", action="store_true", help="fail when memory grows")
    parser.add_argument("--slowest", type=float, default=0.0, help="fail when p95 is more ms")
    return parser.parse_args(words)


def measured(project: Project, scenario: str, args: argparse.Namespace) -> report.Outcome:
    """One scenario on a server of its own."""
    with serving(project, args.workers) as server:
        words = [scenario, server.url, project.token, args.users, args.seconds, args.pace]
        command = [sys.executable, str(DRIVER), *map(str, words)]
        driver = subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8")
        assert driver.stdout is not None
        told = sampled(driver.stdout, server.usage, Usage(driver.pid))
        assert driver.wait() == 0
    processes = f", {args.workers} processes" if args.workers > 1 else ""
    title = f"{scenario}: {args.users} users, {args.engine} engine{processes}"
    return report.Outcome(title, told[-1], told[:-1])


def sampled(lines: Any, server: Usage, driver: Usage) -> list[dict[str, Any]]:
    """What the driver tells, each second of it with what the two took of the machine since."""
    found = []
    before = server.reading(), driver.reading()
    for line in lines:
        now = server.reading(), driver.reading()
        cpu, own = (two.share(one) for one, two in zip(before, now, strict=True))
        found.append({**json.loads(line), "cpu": cpu, "driver": own, "memory": server.memory()})
        before = now
    return found


def wrong(one: report.Outcome, args: argparse.Namespace) -> list[str]:
    """What does not hold of what was asked for."""
    found = []
    if (args.flat or args.slowest) and one.whole["errors"]:
        found.append(f"{one.title}: {one.whole['errors']} errors")
    if args.slowest and one.whole["p95"] > args.slowest:
        found.append(f"{one.title}: p95 is {one.whole['p95']:.0f} ms, not {args.slowest:g}")
    memory = one.of("memory")
    third = max(1, len(memory) // 3)
    middle, last = (statistics.median(memory[part:][:third]) for part in (third, -third))
    if args.flat and last > middle * GROWTH:
        found.append(f"{one.title}: memory has grown from {middle:.0f} to {last:.0f} MB")
    return found


if __name__ == "__main__":
    raise SystemExit(main())
