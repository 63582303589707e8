"""Every command on the pages for newcomers runs as written, and answers what the page shows."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

import taskmaster

REPOSITORY = Path(__file__).parents[2]
SOURCE = Path(taskmaster.__file__).parents[1]
PAGES = [*sorted((REPOSITORY / "docs" / "tutorial").glob("*.md")), REPOSITORY / "README.md"]
PROMPT, LEFT_OUT = "$ ", "…"
WAIT = 60
# What differs from one run to the next.
VOLATILE = (
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"), "<time>"),
    (re.compile(r"\d{4}-\d\d-\d\d"), "<day>"),
    (re.compile(r"\b[0-9a-f]{12,}\b"), "<hash>"),
)
# Prints the folder at the end, so that `cd` holds for the next command.
SHELL = '{{ {command}\n}} 2>&1; code=$?; printf "%s" "$PWD" > "$FOLDER"; exit $code'


class Step(NamedTuple):
    command: str
    shown: list[str]


def steps(page: Path) -> list[Step]:
    """The commands of the page's console blocks, each with the lines below it."""
    found: list[Step] = []
    text = page.read_text("utf-8")
    blocks = re.findall(r"^```console\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    for block in blocks:
        for line in block.splitlines():
            if line.startswith(PROMPT):
                found.append(Step(line.removeprefix(PROMPT), []))
            elif line.strip():
                found[-1].shown.append(line)
    return found


def plain(line: str) -> str:
    """A line without what differs between runs and without the widths of columns."""
    for pattern, word in VOLATILE:
        line = pattern.sub(word, line)
    return " ".join(line.split())


def missing(shown: list[str], said: str) -> str:
    """The first shown line that does not come, in this order; ``""`` when all do.

    ``…`` alone stands for lines left out; without one, the lines follow one another.
    """
    lines = [plain(line) for line in said.splitlines() if line.strip()]
    place, gap = 0, False
    for line in shown:
        if line.strip() == LEFT_OUT:
            gap = True
            continue
        wanted = plain(line)
        here = lines[place:] if gap else lines[place : place + 1]
        if wanted not in here:
            return line
        place, gap = place + here.index(wanted) + 1, False
    return ""


@pytest.fixture
def session(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A folder to begin in, which has the README's document, and the surroundings."""
    begin, binaries = tmp_path / "begin", tmp_path / "bin"
    (begin / "docs").mkdir(parents=True)
    binaries.mkdir()
    shutil.copy(REPOSITORY / "examples" / "prd.md", begin / "docs" / "prd.md")
    for name in ("tamp", "TAMP"):
        script = binaries / name
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m taskmaster "$@"\n', "utf-8")
        script.chmod(0o755)
    around = {
        "PATH": f"{binaries}:/usr/bin:/bin", "HOME": str(tmp_path), "USER": "you",
        "LANG": "C.UTF-8", "PYTHONPATH": str(SOURCE), "FOLDER": str(tmp_path / "folder"),
    }  # fmt: skip
    return begin, around


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_of_the_page_runs_as_written(
    page: Path, session: tuple[Path, dict[str, str]]
) -> None:
    folder, around = session
    found = steps(page)
    assert found, f"{page} has no console block"
    for step in found:
        result = subprocess.run(
            ["bash", "-c", SHELL.format(command=step.command)],
            cwd=folder, env=around, stdin=subprocess.DEVNULL, capture_output=True,
            encoding="utf-8", timeout=WAIT, check=False,
        )  # fmt: skip
        assert result.returncode == 0, (step.command, result.stdout)
        assert not missing(step.shown, result.stdout), (
            f"{page.name}: `{step.command}` does not say\n"
            f"{missing(step.shown, result.stdout)}\nbut\n{result.stdout}"
        )
        folder = Path(Path(around["FOLDER"]).read_text("utf-8"))


def test_lines_that_do_not_come_are_noticed() -> None:
    said = "one\n  two\nthree  at 2026-01-02 03:04:05\nfour\n"

    assert not missing(["one", "two", "…", "four"], said)
    assert not missing(["one", "  two", "three at 2020-01-01 00:00:00"], said)
    assert missing(["one", "three at 2020-01-01 00:00:00"], said)
    assert missing(["…", "five"], said) == "five"
