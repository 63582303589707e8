"""Whether the server is still as fast as it was, in figures that another machine does not change.

Every figure is a ratio to the floor of the same run, in CPU of the server, so neither a slower
machine nor a busy one moves it much. What noise is left only makes a round dearer: caches that
others have filled, a processor that is shared. So the cheapest of several rounds counts, on either
side, and a regression has to show in every round. When something is worse by more than
``TOLERANCE``, all is measured once more, and the better one of the two counts.

``--renew`` measures twice and keeps the worse of the two in ratios.json, as that is what another
run will surely reach. Do it in a commit that says why.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import floor
import run
from places import projects

KEPT = Path(__file__).with_name("ratios.json")
TOLERANCE = 0.25
"""The share of a ratio that may be lost: runs on a shared machine differ by up to a fifth."""

AIM = {"one task": 0.5, "100 tasks": 0.5}
"""What is promised, whatever was kept."""

ROUNDS, COUNT = 5, 4_000
MIXED = ["mixed", "--users=100", "--seconds=8"]
SLOWEST = 200.0


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare with the ratios that are kept.")
    parser.add_argument("--renew", action="store_true", help="keep what is measured now")
    renew = parser.parse_args().renew
    found = measured()
    if renew:
        again = measured()
        found = {name: min(value, again[name]) for name, value in found.items()}
        KEPT.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
        print(f"kept in {KEPT}")
        return 0
    kept: dict[str, float] = json.loads(KEPT.read_text(encoding="utf-8"))
    if lost(found, kept):
        print("once more, for what was slower:")
        again = measured()
        found = {name: max(value, again[name]) for name, value in found.items()}
    troubles = lost(found, kept)
    print("\n".join(troubles) or "nothing is slower than it was")
    return bool(troubles)


def measured() -> dict[str, float]:
    """The ratio of each case, and that of ``mixed`` requests to the floor of one task."""
    ratios = floor.ratios(ROUNDS, COUNT)
    floor.show(ratios)
    least = min(one.cpu for one in ratios["one task"].floor)
    found = {name: one.best for name, one in ratios.items()}
    found["mixed"] = least / mixed()
    return {name: round(value, 4) for name, value in found.items()}


def mixed() -> float:
    """Microseconds of CPU for a request of many users who read and write. Fails on errors."""
    args = run.arguments(MIXED)
    with projects(args.engine) as (project,):
        outcome = run.measured(project, "mixed", args)
    print(f"{outcome.title}: p95 {outcome.whole['p95']:.0f} ms, {outcome.whole['errors']} errors")
    assert not outcome.whole["errors"], outcome.whole["why"]
    if outcome.whole["p95"] > SLOWEST:
        print(f"(more than {SLOWEST:g} ms; on a machine that does nothing else it should be less)")
    return sum(outcome.of("cpu")) * 1e4 / outcome.whole["answers"]


def lost(found: dict[str, float], kept: dict[str, float]) -> list[str]:
    """What is slower than it was, or than is promised, in sentences."""
    told = [
        f"{name}: {found[name]:.3f} of the floor, it was {value:.3f}"
        for name, value in kept.items()
        if found[name] < value * (1 - TOLERANCE)
    ]
    promised = [
        f"{name}: {found[name]:.2f} of the floor, {least:g} is promised"
        for name, least in AIM.items()
        if found[name] < least
    ]
    return told + promised


if __name__ == "__main__":
    raise SystemExit(main())
