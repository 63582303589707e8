"""A project written by hand, and two ways to run the command in it: here, and as a process."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import taskmaster
from taskmaster.cli.main import main

SOURCE = Path(taskmaster.__file__).parents[1]
SCRIPTS = Path(sysconfig.get_path("scripts"))
SURROUNDINGS = (
    "TAMP_TAG", "TASKMASTER_TAG", "TAMP_PROJECT", "TASK_MASTER_PROJECT_ROOT", "TAMP_ACTOR",
    "TAMP_ACTOR_KIND", "TAMP_SESSION", "CLAUDECODE", "CURSOR_AGENT", "GEMINI_CLI",
    "CODEX_SANDBOX", "COLUMNS", "NO_COLOR", "TAMP_DEBUG",
    "FORCE_COLOR", "CLICOLOR_FORCE", "CLICOLOR", "TAMP_PAGER", "PAGER",
    "TAMP_STORAGE", "TAMP_STORAGE_PROJECT", "TAMP_STORAGE_REPLICA", "TAMP_REDIS_URL",
)  # fmt: skip
WAIT = 60


class Said(NamedTuple):
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401  # whatever the document holds
        """The one JSON document on standard output."""
        found = json.loads(self.out)
        assert self.out.count("\n") == 1, "more than one document"
        return found

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


def task(number: object, **fields: object) -> dict[str, Any]:
    return {
        "id": number,
        "title": f"Task {number}",
        "description": f"About {number}.",
        "status": "pending",
        "dependencies": [],
        "priority": "medium",
        "details": "",
        "testStrategy": "",
        "subtasks": [],
        **fields,
    }


def step(number: object, **fields: object) -> dict[str, Any]:
    return {
        "id": number,
        "title": f"Step {number}",
        "description": "",
        "dependencies": [],
        "details": "",
        "status": "pending",
        **fields,
    }


class Project:
    """A folder with a task file that a person wrote."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / ".taskmaster" / "tasks" / "tasks.json"
        self.file.parent.mkdir(parents=True, exist_ok=True)

    def write(self, *tasks: object, **tags: Sequence[object]) -> None:
        document = {
            tag: {"tasks": list(found), "metadata": {"description": f"Tasks for {tag}"}}
            for tag, found in {"master": tasks, **tags}.items()
        }
        text = json.dumps(document, indent=2, ensure_ascii=False)
        self.file.write_text(f"{text}\n", encoding="utf-8")

    def stored(self) -> Any:  # noqa: ANN401  # whatever the file holds
        return json.loads(self.file.read_bytes())

    def read(self, tag: str = "master") -> dict[str, dict[str, Any]]:
        return {str(one["id"]): one for one in self.stored()[tag]["tasks"]}

    def log(self) -> list[dict[str, Any]]:
        path = self.folder / ".taskmaster" / "log" / "changes.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [json.loads(line) for line in lines]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Three tasks in a line, the last with two subtasks, and a second tag."""
    made = Project(tmp_path / "project")
    made.write(
        task(1, status="done"),
        task(2, dependencies=[1], priority="high"),
        task(3, dependencies=[2], subtasks=[step(1), step(2, dependencies=[1])]),
        other=[task(1), task(2, dependencies=[1])],
    )
    (made.folder / "prd.md").write_text(
        "# Notes\n\n## Requirements\n\n- Users can add a note.\n- Users can find a note.\n",
        encoding="utf-8",
    )
    (made.folder / "batch.json").write_text('[{"op": "note", "id": 2, "text": "Agreed"}]')
    (made.folder / "report.json").write_text(
        '{"complexityAnalysis": [{"taskId": 2, "complexityScore": 6}]}', encoding="utf-8"
    )
    return made


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without a project, and surroundings that say nothing."""
    for name in SURROUNDINGS:
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


Tamp = Callable[..., Said]


@pytest.fixture
def tamp_here(elsewhere: Path, capsys: pytest.CaptureFixture[str]) -> Tamp:
    """Run the command in this process and whatever folder we are in."""
    assert not list(elsewhere.iterdir())

    def run(*words: str) -> Said:
        capsys.readouterr()
        try:
            code = main(words)
        finally:
            gc.enable()  # The command switches it off for its short life; tests live on.
        return Said(code, *capsys.readouterr())

    return run


@pytest.fixture
def tamp(project: Project, tamp_here: Tamp, monkeypatch: pytest.MonkeyPatch) -> Tamp:
    """Run the command in this process, in the project's folder."""
    monkeypatch.chdir(project.folder)
    return tamp_here


def environ(**more: str) -> dict[str, str]:
    """What a process of the command gets to know: nothing of where the tests run."""
    home = {"PATH": os.environ.get("PATH", os.defpath), "USER": "ann", "LANG": "C.UTF-8"}
    return {**home, "PYTHONPATH": str(SOURCE), **more}


def command() -> list[str]:
    """How a process of the command is started."""
    return [sys.executable, "-m", "taskmaster"]


def process(folder: Path, *words: str, stdin: str | None = None, **more: str) -> Said:
    """Run the command in a process of its own, without a terminal."""
    result = subprocess.run(
        [*command(), *words],
        cwd=folder,
        env=environ(**more),
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        encoding="utf-8",
        timeout=WAIT,
        check=False,
    )
    return Said(result.returncode, result.stdout, result.stderr)
