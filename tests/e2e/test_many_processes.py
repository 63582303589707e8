"""Many processes change one project at the same moment through the real command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import taskmaster

SOURCE = Path(taskmaster.__file__).parents[1]
WAIT = 100
TAMP = ("-m", "taskmaster")
WORKERS, EACH, ADDERS = 8, 25, 50

# Begins when the gate opens, which all wait for; then runs one command line after the other.
WORKER = """
import json, sys
from taskmaster.cli.main import main
sys.stdin.read()
for line in json.loads(sys.argv[1]):
    code = main(line)
    if code:
        sys.exit(code)
"""


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    """The task file of a project without any tasks."""
    path = tmp_path / ".taskmaster" / "tasks" / "tasks.json"
    path.parent.mkdir(parents=True)
    write(path, [])
    return path


def write(path: Path, found: list[dict[str, Any]]) -> None:
    document = {"master": {"tasks": found, "metadata": {"description": "All of them"}}}
    path.write_text(json.dumps(document, indent=2), encoding="utf-8")


def task(number: int, status: str = "pending") -> dict[str, Any]:
    return {"id": number, "title": f"Task {number}", "status": status, "dependencies": []}


def stored(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_bytes())["master"]["tasks"]
    return found


def begin(path: Path, line: Sequence[str], actor: str) -> subprocess.Popen[str]:
    home = {"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(SOURCE)}
    return subprocess.Popen(
        [sys.executable, *line],
        cwd=path.parents[2],
        env={**home, "TAMP_ACTOR": actor},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def work(path: Path, lines: Sequence[Sequence[str]], actor: str) -> subprocess.Popen[str]:
    """A process that runs all these command lines, one after the other."""
    return begin(path, ["-c", WORKER, json.dumps(lines)], actor)


def all_succeed(started: Sequence[subprocess.Popen[str]]) -> list[str]:
    """Open the gate for all, and give what each of them said."""
    for process in started:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
    said = [process.communicate(timeout=WAIT) for process in started]
    failed = [err for process, (_out, err) in zip(started, said, strict=True) if process.returncode]
    assert not failed, failed
    return [out for out, _err in said]


def changes(path: Path) -> list[tuple[int, str, str]]:
    """Every change of the log: its number, the task, the actor."""
    log = path.parents[1] / "log" / "changes.jsonl"
    entries = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    return [
        (number, change["task"], entry["actor"]["name"])
        for entry in entries
        for number, change in enumerate(entry["changes"], entry["seq"][0])
    ]


def check_numbers(found: list[tuple[int, str, str]]) -> None:
    assert [number for number, _task, _actor in found] == list(range(1, len(found) + 1))


def test_two_hundred_changes_of_eight_processes_are_all_kept(tasks: Path) -> None:
    total = WORKERS * EACH
    write(tasks, [task(number) for number in range(1, total + 1)])
    shares = [[str(one) for one in range(first, total + 1, WORKERS)] for first in range(1, 9)]

    all_succeed(
        [
            begin(
                tasks,
                ["-c", WORKER, json.dumps([["set-status", one, "done"] for one in share])],
                f"w-{number}",
            )
            for number, share in enumerate(shares, 1)
        ]
    )

    assert [one["id"] for one in stored(tasks)] == list(range(1, total + 1))
    assert {one["status"] for one in stored(tasks)} == {"done"}
    found = changes(tasks)
    check_numbers(found)
    assert sorted((name, actor) for _number, name, actor in found) == sorted(
        (one, f"w-{number}") for number, share in enumerate(shares, 1) for one in share
    )


def test_fifty_processes_add_fifty_tasks_with_fifty_numbers(tasks: Path) -> None:
    said = all_succeed(
        [
            begin(tasks, [*TAMP, "add-task", f"Title {number}", "--json"], f"w-{number}")
            for number in range(ADDERS)
        ]
    )

    found = stored(tasks)
    assert sorted(one["id"] for one in found) == list(range(1, ADDERS + 1))
    assert {one["title"] for one in found} == {f"Title {number}" for number in range(ADDERS)}
    told = {(one["id"], one["title"]) for one in (json.loads(out)["task"] for out in said)}
    assert told == {(str(one["id"]), one["title"]) for one in found}
    logged = changes(tasks)
    check_numbers(logged)
    assert [name for _number, name, _actor in logged] == [str(one["id"]) for one in found]


def test_changes_to_different_fields_of_one_task_are_all_kept(tasks: Path) -> None:
    write(tasks, [task(1), task(2)])

    all_succeed(
        [
            begin(
                tasks,
                [
                    "-c",
                    WORKER,
                    json.dumps(
                        [["edit", "1", "--set", f"k{number}-{time}={time}"] for time in range(5)]
                    ),
                ],
                f"w-{number}",
            )
            for number in range(6)
        ]
    )

    keys = {f"k{number}-{time}" for number in range(6) for time in range(5)}
    assert keys <= stored(tasks)[0].keys()
    assert stored(tasks)[1] == task(2)


def test_readers_among_writers_always_see_whole_tasks(tasks: Path) -> None:
    """Two tasks always change together, so nobody may ever see them differ."""
    write(tasks, [task(1), task(2)])
    words = ["done", "pending"] * 10
    writing = [["set-status", "1,2", word] for word in words]
    reading = [["list", "--json"]] * 30

    said = all_succeed(
        [work(tasks, writing, "writer")]
        + [work(tasks, reading, f"reader-{number}") for number in range(3)]
    )

    listings = [json.loads(line) for out in said[1:] for line in out.splitlines()]
    assert len(listings) == 90
    for one in listings:
        assert len({shown["status"] for shown in one["tasks"]}) == 1
        assert one["metadata"]["total"] == 2


def test_of_several_edits_against_one_revision_exactly_one_is_made(tasks: Path) -> None:
    write(tasks, [task(1)])
    shown = all_succeed([begin(tasks, [*TAMP, "show", "1", "--json"], "ann")])
    revision = json.loads(shown[0])["task"]["revision"]

    started = [
        begin(
            tasks,
            [*TAMP, "edit", "1", f"--title=By {number}", f"--if-revision={revision}"],
            f"w-{number}",
        )
        for number in range(8)
    ]
    said = [process.communicate(timeout=WAIT)[1] for process in started]

    codes = sorted(process.returncode for process in started)
    assert codes == [0] + [5] * 7, said
    winner = next(number for number, process in enumerate(started) if process.returncode == 0)
    assert stored(tasks)[0]["title"] == f"By {winner}"


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_two_hundred_processes_change_two_hundred_tasks(tasks: Path) -> None:
    """As above, with a process of its own for each change, sixteen at a time."""
    total, together = 200, 16
    write(tasks, [task(number) for number in range(1, total + 1)])

    for first in range(1, total + 1, together):
        numbers = range(first, min(first + together, total + 1))
        all_succeed(
            [begin(tasks, [*TAMP, "set-status", str(one), "done"], f"w-{one}") for one in numbers]
        )

    assert {one["status"] for one in stored(tasks)} == {"done"}
    found = changes(tasks)
    check_numbers(found)
    assert sorted(name for _number, name, _actor in found) == sorted(map(str, range(1, total + 1)))
