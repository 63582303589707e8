"""Drives one scenario with Locust, in a process of its own, and prints a line of JSON a second.

``drive.py SCENARIO URL TOKEN USERS SECONDS PACE``. The last line has all requests by name.
"""

from __future__ import annotations

import locust  # First: it changes how everything that is imported after it waits.

# isort: split
import json
import sys
import time
from argparse import Namespace
from collections import defaultdict
from typing import Any

import gevent
import scenarios
from locust.env import Environment

QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
UP_IN = 3.0
"""Seconds in which the users arrive, who are not counted until then."""


class Record:
    """Response times in milliseconds: of the second that runs, and of all by name."""

    def __init__(self) -> None:
        self.recent: list[float] = []
        self.errors = 0
        self.by_name: dict[str, list[float]] = defaultdict(list)
        self.failed: dict[str, int] = defaultdict(int)
        self.why: dict[str, int] = defaultdict(int)

    def take(
        self, name: str, response_time: float, exception: Exception | None = None, **_: Any
    ) -> None:
        if exception is not None:
            self.errors += 1
            self.failed[name] += 1
            self.why[f"{name}: {str(exception)[:200]}"] += 1
            return
        self.recent.append(response_time)
        self.by_name[name].append(response_time)

    def second(self) -> dict[str, object]:
        found = {"answers": len(self.recent), "errors": self.errors, **quantiles(self.recent)}
        self.recent, self.errors = [], 0
        return found

    def whole(self, seconds: float) -> dict[str, object]:
        every = [one for found in self.by_name.values() for one in found]
        names = {
            name: {"answers": len(found), "errors": self.failed[name], **quantiles(found)}
            for name, found in sorted(self.by_name.items())
        }
        return {
            "seconds": seconds, "answers": len(every), "errors": sum(self.failed.values()),
            **quantiles(every), "names": names, "why": self.why,
        }  # fmt: skip


def quantiles(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    last = len(ordered) - 1
    return {
        name: round(ordered[min(last, int(part * len(ordered)))], 2) if ordered else 0.0
        for name, part in QUANTILES.items()
    }


def main() -> None:
    name, url, token, users, seconds, pace = sys.argv[1:]
    scenarios.paced(float(pace))
    options = Namespace(token=token)
    environment = Environment(
        user_classes=scenarios.USERS[name], events=locust.events, host=url, parsed_options=options,
        catch_exceptions=False, stop_timeout=10,
    )  # fmt: skip
    runner = environment.create_local_runner()
    shares = scenarios.SHARES.get(name, (1.0,))
    count = [max(1, round(share * int(users))) for share in shares]
    runner.start(count[0], spawn_rate=count[0] / UP_IN)
    gevent.sleep(UP_IN)
    record = Record()
    environment.events.request.add_listener(record.take)
    begun = time.monotonic()
    for number in range(1, int(seconds) + 1):
        due = count[min(len(count) - 1, int((number - 1) / int(seconds) * len(count)))]
        if due != runner.target_user_count:
            runner.start(due, spawn_rate=due)
        gevent.sleep(max(0.0, begun + number - time.monotonic()))
        print(json.dumps({"users": runner.user_count, **record.second()}), flush=True)
    print(json.dumps(record.whole(time.monotonic() - begun)), flush=True)
    runner.quit()


if __name__ == "__main__":
    main()
