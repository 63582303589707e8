"""Requests over their floor: the real server, and the same server with nothing behind it.

The floor gives back the same bytes from memory: no key, no limits, no store, and of the headers
only the type and the length. Both are asked in turns, round after round, by the same generator.
CPU is that of the server process, in microseconds a request; rates depend on who else uses the
machine, CPU far less. ``ratio`` is the floor's CPU over ours, or our rate over the floor's.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import wire
from places import SIZE, Process, Project, bare, projects, serving

# isort: split
from engines import SECONDS, together, worker  # a folder that places has made known

LIST = "/api/v1/tasks?limit=100"
CONNECTIONS = 16
LISTENERS, CHANGES = 100, 20
WRITERS = 8
STATUSES = ("review", "blocked")


class Case(NamedTuple):
    """Something to ask for: ``paths`` in this order, again and again, ``count`` times in all.

    ``fresh``: none of them is asked for twice without a change in between, so nothing is kept.
    """

    name: str
    paths: list[str]
    count: int
    fresh: bool = False


class Cost(NamedTuple):
    """Of one request: microseconds of CPU, and how many were answered in a second (0: as many as
    there were).
    """

    cpu: float
    rate: float


class Ratio(NamedTuple):
    """How a case compares to its floor, round by round."""

    ours: list[Cost]
    floor: list[Cost]

    @property
    def cpu(self) -> list[float]:
        return [two.cpu / one.cpu for one, two in zip(self.ours, self.floor, strict=True)]

    @property
    def best(self) -> float:
        """The floor's cheapest round over our cheapest one."""
        return min(one.cpu for one in self.floor) / min(one.cpu for one in self.ours)

    @property
    def rate(self) -> list[float]:
        """Without those that something else set the pace of."""
        pairs = zip(self.ours, self.floor, strict=True)
        return [one.rate / two.rate for one, two in pairs if two.rate]


def cases(count: int) -> list[Case]:
    every = [f"/api/v1/tasks/{number}" for number in range(1, SIZE + 1)]
    random.Random(1).shuffle(every)  # noqa: S311  # no secret: any order will do
    pages = [f"{LIST}&offset={offset}" for offset in range(0, SIZE - 99, 3)]
    return [
        Case("one task", ["/api/v1/tasks/5"], count),
        Case("one task, any of 1,000", every, count),
        Case("one task, nothing kept", every, SIZE, fresh=True),
        Case("100 tasks", [LIST], count // 2),
        Case("100 tasks, nothing kept", pages, len(pages), fresh=True),
        Case("health", ["/health"], count),
    ]


class Pair:
    """The real server and its floor, both up all the time."""

    def __init__(self, project: Project, real: Process, floor: Process) -> None:
        self.real, self.floor = real, floor
        self._headers = {"Authorization": f"Bearer {project.token}"}
        self._count = 0

    def request(self, path: str) -> bytes:
        return wire.request("GET", path, self._headers)

    def change(self) -> None:
        """Change a task, so that nothing that was kept is true any more."""
        self._count += 1
        body = b'{"priority":"%b"}' % (b"low", b"high")[self._count % 2]
        asked = wire.request("PATCH", "/api/v1/tasks/1000", self._headers, body)
        done = wire.ask(self.real.port, asked)
        assert done.status == 200, done

    def learn(self, case: Case) -> None:
        """Have the floor give the bytes that the real server gives."""
        for path in case.paths:
            answer = wire.ask(self.real.port, self.request(path))
            assert answer.status == 200, answer
            kept = wire.request("PUT", path, body=answer.body)
            assert wire.ask(self.floor.port, kept).status == 204

    def round(self, case: Case) -> tuple[Cost, Cost]:
        """The case once on each, the real server first."""
        requests = [self.request(path) for path in case.paths]
        if case.fresh:
            self.change()
            time.sleep(0.2)  # the file engine takes a file that has just been written for unsure
        else:
            wire.drive(self.real.port, requests)
        own = cost(self.real, requests, case.count)
        return own, cost(self.floor, requests, case.count)


def cost(server: Process, requests: list[bytes], count: int) -> Cost:
    """What it costs to answer so many of these."""
    usage = server.usage
    before = usage.cpu()
    seconds = wire.drive(server.port, repeated(requests, count), CONNECTIONS)
    return Cost((usage.cpu() - before) / count * 1e6, count / seconds)


def repeated(requests: list[bytes], count: int) -> Iterator[bytes]:
    return (requests[number % len(requests)] for number in range(count))


def measured(pair: Pair, wanted: list[Case], rounds: int) -> dict[str, Ratio]:
    """Every case in every round, so that whatever the machine does meets all of them."""
    found = {case.name: Ratio([], []) for case in wanted}
    for case in wanted:
        pair.learn(case)
        pair.round(case)
    for _ in range(rounds):
        for case in wanted:
            own, floor = pair.round(case)
            found[case.name].ours.append(own)
            found[case.name].floor.append(floor)
    return found


def fanned_out(pair: Pair, project: Project, rounds: int) -> Ratio:
    """An event on its way to one of many listeners; here of a change that another process made."""
    found = Ratio([], [])
    asked = pair.request("/api/v1/changes/stream")
    frame = wire.Listeners(pair.real.port, asked, 1).next(pair.change)
    event = wire.request("PUT", "/stream", body=frame)

    def announced() -> None:
        worker("announce", project.words, str(CHANGES)).communicate("go\n")

    def repeated_bare() -> None:
        for _ in range(CHANGES):
            wire.ask(pair.floor.port, event)

    for _ in range(rounds):
        found.ours.append(streamed(pair.real, asked, announced))
        found.floor.append(streamed(pair.floor, wire.request("GET", "/stream"), repeated_bare))
    return found


def streamed(server: Process, asked: bytes, happen: Callable[[], object]) -> Cost:
    """What it costs to tell so many listeners of so many changes."""
    count = LISTENERS * CHANGES
    with contextlib.closing(wire.Listeners(server.port, asked, LISTENERS)) as listeners:
        usage = server.usage
        before = usage.cpu()
        happening = threading.Thread(target=happen)
        happening.start()
        listeners.hear(count)
        happening.join()
        return Cost((usage.cpu() - before) / count * 1e6, 0.0)


def writes(engines: tuple[str, ...]) -> None:
    """Changes a second: through the server, in a process of one's own, and the least it takes."""
    print(
        "\nChanges a second on 1,000 tasks: over HTTP, 8 clients at once; the same use case in one"
    )
    print("process of its own; a bare committed INSERT, or a bare rewrite of the file with fsync")
    print(f"{'engine':<10}{'':<8}{'HTTP':>7}{'own':>7}{'bare':>7}   HTTP over own")
    with projects(*engines) as found:
        for project in found:
            with serving(project) as server:
                for word, work in (("PATCH", "amend"), ("POST", "append")):
                    rates = [written(server, project, word)]
                    rates += [together(one, project.words, 1) for one in (work, "floor")]
                    shown = "".join(f"{one:>7.0f}" for one in rates)
                    print(f"{project.engine:<10}{word:<8}{shown}   {rates[0] / rates[1]:.2f}")


def written(server: Process, project: Project, word: str) -> float:
    """How many changes a second are answered."""
    headers = {"Authorization": f"Bearer {project.token}"}
    end = time.monotonic() + SECONDS
    sent = 0

    def requests() -> Iterator[bytes]:
        nonlocal sent
        while time.monotonic() < end:
            sent += 1
            body = json.dumps({"status": STATUSES[sent // 60 % 2]} if word == "PATCH"
                              else {"title": f"Task {sent}"}).encode()  # fmt: skip
            number = f"/{sent % 60 + 1}" if word == "PATCH" else ""
            yield wire.request(word, f"/api/v1/tasks{number}", headers, body)

    return wire.drive(server.port, requests(), WRITERS) and sent / SECONDS


def ratios(rounds: int, count: int) -> dict[str, Ratio]:
    """All reading on the file engine, by name."""
    with (
        projects("file") as (project,),
        serving(project) as real,
        bare(project.folder) as floor,
    ):
        pair = Pair(project, real, floor)
        found = measured(pair, cases(count), rounds)
        found[f"an event, {LISTENERS} listeners"] = fanned_out(pair, project, rounds)
        return found


def show(found: dict[str, Ratio]) -> None:
    print(f"{'':<26}{'us CPU':>8}{'floor':>8}{'a second':>10}{'floor':>8}   ratio of CPU, of rates")
    for name, ratio in found.items():
        own, floor = middle(ratio.ours), middle(ratio.floor)
        print(
            f"{name:<26}{own.cpu:>8.1f}{floor.cpu:>8.1f}{own.rate:>10.0f}{floor.rate:>8.0f}"
            f"   {spread(ratio.cpu)}, {spread(ratio.rate)}"
        )


def middle(costs: list[Cost]) -> Cost:
    return Cost(*(statistics.median(one) for one in zip(*costs, strict=True)))


def spread(values: list[float]) -> str:
    if not values:
        return "-"
    return f"{statistics.median(values):.2f} [{min(values):.2f}..{max(values):.2f}]"


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure the server over its floor.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=int, default=6_000, help="requests of a round")
    parser.add_argument("--engines", default="file,sqlite,postgres", help="engines to write to")
    args = parser.parse_args()
    show(ratios(args.rounds, args.count))
    if args.engines:
        writes(tuple(args.engines.split(",")))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
