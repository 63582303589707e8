"""list --watch and log --follow: processes that stay while others work."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from tests.surfaces.cli.conftest import WAIT, Project, Tamp, command, environ, process, task
from tests.surfaces.cli.screens import Screen, staying

INTERRUPTED, PIPE_CLOSED = 130, 141


@pytest.mark.parametrize("flags", [("--json",), ("--format=json",), ("--silent",)])
def test_watching_is_for_people(tamp: Tamp, flags: tuple[str, ...]) -> None:
    said = tamp("list", "--watch", *flags)

    assert said.code == 2
    assert "tamp log --follow" in said.err + said.out


def test_a_mistake_ends_the_watch_at_once(tamp: Tamp) -> None:
    assert tamp("list", "-w", "--where=prioritty:high").code == 4
    assert tamp("list", "-w", "--tag=typo").code == 3
    assert tamp("log", "--follow", "--limit=5").code == 2
    assert tamp("log", "--follow", "--since=7").code == 3


def test_the_screen_is_drawn_anew_at_every_change(project: Project) -> None:
    screen = Screen(project.folder, "list", "--watch", NO_COLOR="1")
    screen.until("watching; Ctrl-C ends")
    for number in range(3):
        process(project.folder, "set-status", "2", ("review", "pending")[number % 2])
        assert ("1 review" in screen.until("watching")) == (number % 2 == 0)
    text = project.file.read_text(encoding="utf-8")
    project.file.write_text(text[:-20], encoding="utf-8")
    screen.until("error[")
    project.file.write_text(text.replace("Task 3", "Edited by hand"), encoding="utf-8")
    screen.until("Edited by hand")

    assert screen.interrupt() == INTERRUPTED
    assert "Traceback" not in screen.text


def test_a_long_list_is_cut_at_the_height_of_the_screen(project: Project) -> None:
    project.write(*(task(number) for number in range(1, 50)))

    screen = Screen(project.folder, "list", "--watch", height=10, NO_COLOR="1")

    assert "and 43 more lines" in screen.until("watching")
    screen.interrupt()


def test_a_watch_in_a_pipe_is_plain(project: Project) -> None:
    with staying(project.folder, "list", "-w", "--compact") as watch:
        assert [watch.line() for _ in range(4)][1] == "1 ✓ Task 1"
        process(project.folder, "set-status", "2", "done")
        lines = [watch.line() for _ in range(5)]
        assert lines[0] == ""
        assert lines[3] == "2 ✓ Task 2"
        assert watch.interrupted() == (INTERRUPTED, "")


def follow(project: Project, *words: str) -> tuple[str, ...]:
    assert project.file.exists()
    return ("log", "--follow", *words)


@pytest.mark.parametrize("tool", ["with events", "polling"])
def test_every_change_of_any_process_is_told_once_and_in_order(
    project: Project, tmp_path: Path, tool: str
) -> None:
    blocked = tmp_path / "blocked" / "watchfiles"
    if tool == "polling":
        blocked.mkdir(parents=True)
        (blocked / "__init__.py").write_text("raise ImportError", encoding="utf-8")
    path = os.pathsep.join([str(blocked.parent), environ()["PYTHONPATH"]])
    process(project.folder, "set-status", "1", "review")
    words = follow(project, "--json", "--since=0")
    with staying(project.folder, *words, PYTHONPATH=path) as stream:
        first = json.loads(stream.line())
        writers = [
            subprocess.Popen(
                [*command(), "add-task", f"Made by {number}", "-q"],
                cwd=project.folder,
                env=environ(TAMP_ACTOR=f"agent-{number}"),
                stdout=subprocess.DEVNULL,
            )
            for number in range(6)
        ]
        assert [one.wait(WAIT) for one in writers] == [0] * 6
        told = [first, *(json.loads(stream.line()) for _ in range(6))]
        assert stream.nothing_more()
        assert stream.interrupted() == (INTERRUPTED, "")

    assert {one.pop("schema") for one in told} == {"tamp/transaction.v1"}
    logged = project.log()
    assert [one["seq"] for one in told] == [one["seq"] for one in logged]
    assert [one["at"] for one in told] == [one["at"] for one in logged]
    with staying(project.folder, *follow(project, "--json", "--since=5")) as stream:
        assert [json.loads(stream.line())["seq"] for _ in range(2)] == [[6, 6], [7, 7]]


def test_a_follower_begins_now_and_shows_words_to_people(project: Project) -> None:
    process(project.folder, "set-status", "1", "review")
    with staying(project.folder, *follow(project, "2")) as stream:
        number = 0
        while stream.nothing_more() and number < WAIT:
            process(project.folder, "set-status", "1,2", ("done", "pending")[number % 2])
            number += 1
        head, change = stream.line(), stream.line()
        assert "(cli)  set-status" in head
        assert change.startswith("    master 2 status ")
        stream.process.terminate()


def test_an_edit_by_another_program_is_told_too(project: Project) -> None:
    process(project.folder, "set-status", "1", "review")
    with staying(project.folder, *follow(project, "--since=0", "--json")) as stream:
        stream.line()
        text = project.file.read_text(encoding="utf-8")
        project.file.write_text(text.replace("Task 3", "Edited by hand"), encoding="utf-8")
        assert json.loads(stream.line())["op"] == "external-edit"


def test_a_follower_leaves_with_the_reader_of_its_pipe(project: Project) -> None:
    process(project.folder, "set-status", "1", "review")
    reader, writer = os.pipe()
    stream = subprocess.Popen(
        [*command(), *follow(project, "--since=0")],
        cwd=project.folder,
        env=environ(),
        stdout=writer,
    )
    os.close(writer)
    assert os.read(reader, 10)

    os.close(reader)

    assert stream.wait(WAIT) == PIPE_CLOSED
