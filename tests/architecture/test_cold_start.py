"""Agents run the command hundreds of times a day, so a cold start is a feature.

The budget is counted in loaded modules: times are noise, module counts are not.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

import taskmaster
from taskmaster.cli.table import COMMANDS

SOURCE = Path(taskmaster.__file__).parents[1]

BUDGET = 120

# What each command loads on Python 3.11, at most. Lower a number when it sinks; raising one
# needs a reason. Other versions of Python load other internals and only have the budget.
RATCHET = {
    "set-status 1 done": 109,
    "next": 105,
    "show 1": 109,
    "list": 105,
    "add-task --title Later --description Soon": 110,
    "--help": 67,
    "--version": 67,
}

# The same with the tasks in SQLite, of which sqlite3 itself and what it imports are seven.
IN_SQLITE = {
    "set-status 1 done": 117,
    "next": 117,
    "show 1": 119,
    "list": 115,
    "add-task --title Later --description Soon": 118,
}

FORBIDDEN = frozenset(
    (
        "asyncio",
        "click",
        "dataclasses",
        "email",
        "http",
        "inspect",
        "logging",
        "msgspec",
        "orjson",
        "pathlib",
        "pydantic",
        "rich",
        "socket",
        "sqlalchemy",
        "sqlite3",
        "ssl",
        "subprocess",
        "tomllib",
        "typing",
        "urllib.request",
    )
)

# Runs one line of code and then writes down what is loaded, also when the line ends the program.
# `site` is imported but not run: the packages of this environment are not what is measured.
WITNESS = """
import sys, site
out, source, line, *sys.argv[1:] = sys.argv[1:]
sys.argv[0] = "tamp"
sys.path.insert(0, source)
code = 0
try:
    exec(line)
except SystemExit as end:
    code = end.code
with open(out, "w", encoding="utf-8") as file:
    file.write("\\n".join(sorted(sys.modules)))
sys.exit(code)
"""

RUN_COMMAND = "from taskmaster.cli.main import main; sys.exit(main())"


class Run(NamedTuple):
    code: int
    stderr: str
    modules: frozenset[str]

    def forbidden(self) -> list[str]:
        return sorted(
            name
            for name in self.modules
            if name in FORBIDDEN or name.partition(".")[0] in FORBIDDEN
        )


def loaded(folder: Path, line: str, *arguments: str) -> Run:
    """What a fresh interpreter has loaded after running *line* in *folder*."""
    out = folder / "modules.txt"
    command = [sys.executable, "-I", "-S", "-c", WITNESS, str(out), str(SOURCE), line]
    result = subprocess.run(
        [*command, *arguments],
        cwd=folder,
        env={"HOME": str(folder), "PATH": os.defpath, "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    names = out.read_text(encoding="utf-8").split("\n") if out.exists() else []
    return Run(result.returncode, result.stderr, frozenset(names))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with three tasks in the format that every Task Master reads."""
    tasks = [
        {
            "id": number,
            "title": f"Task {number}",
            "description": "Something to do.",
            "status": "pending",
            "priority": "medium",
            "dependencies": [number - 1] if number > 1 else [],
            "details": "",
            "testStrategy": "",
            "subtasks": [],
        }
        for number in (1, 2, 3)
    ]
    document = {"master": {"tasks": tasks, "metadata": {"description": "Tasks for master"}}}
    file = tmp_path / ".taskmaster" / "tasks" / "tasks.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(document, indent=2), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("command", RATCHET)
def test_a_command_loads_few_modules_and_no_heavy_one(project: Path, command: str) -> None:
    run = loaded(project, RUN_COMMAND, *command.split())

    assert run.code == 0, run.stderr
    assert "taskmaster.cli.main" in run.modules, run.stderr
    assert not run.forbidden()
    limit = RATCHET[command] if sys.version_info[:2] == (3, 11) else BUDGET
    assert len(run.modules) <= limit, sorted(run.modules)


@pytest.fixture
def in_sqlite(project: Path) -> Path:
    """The same project with its tasks in a database."""
    move = ("storage", "move", "--to=sqlite:.taskmaster/tasks/tasks.db", "--yes")
    run = loaded(project, RUN_COMMAND, *move)
    assert run.code == 0, run.stderr
    return project


@pytest.mark.parametrize("command", IN_SQLITE)
def test_a_command_on_sqlite_loads_few_modules_too(in_sqlite: Path, command: str) -> None:
    run = loaded(in_sqlite, RUN_COMMAND, *command.split())

    assert run.code == 0, run.stderr
    assert "taskmaster.stores.sqlite.store" in run.modules
    assert set(run.forbidden()) == {"sqlite3", "sqlite3.dbapi2"}
    assert not {name for name in run.modules if name.startswith("taskmaster.stores.file")}
    limit = IN_SQLITE[command] if sys.version_info[:2] == (3, 11) else BUDGET
    assert len(run.modules) <= limit, sorted(run.modules)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_works_and_is_cold(tmp_path: Path, command: str) -> None:
    run = loaded(tmp_path, RUN_COMMAND, command, "--help")

    assert run.code == 0, run.stderr
    assert not run.forbidden()
    assert len(run.modules) <= BUDGET, sorted(run.modules)


def test_the_package_itself_loads_nothing(tmp_path: Path) -> None:
    bare = loaded(tmp_path, "pass")
    run = loaded(tmp_path, "import taskmaster; taskmaster.__version__")

    assert run.modules - bare.modules == {"__future__", "taskmaster"}


def test_an_interpreter_that_ran_nothing_has_nothing_forbidden(tmp_path: Path) -> None:
    run = loaded(tmp_path, "pass")

    assert run.code == 0
    assert "sys" in run.modules
    assert not run.forbidden()


@pytest.mark.parametrize("module", ["asyncio", "sqlite3", "urllib.request"])
def test_a_heavy_module_would_be_noticed(tmp_path: Path, module: str) -> None:
    run = loaded(tmp_path, f"import {module}")

    assert module in run.forbidden()


def test_a_heavy_module_would_be_noticed_when_the_program_ends_itself(tmp_path: Path) -> None:
    run = loaded(tmp_path, "import subprocess; sys.exit(3)")

    assert run.code == 3
    assert "subprocess" in run.forbidden()
