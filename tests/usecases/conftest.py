"""Projects for use cases: a real task file, and a clock that a test may move."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from taskmaster.domain.changes import Actor, Transaction
from taskmaster.doorbells.silent import Silent
from taskmaster.stores.file.store import FileStore
from taskmaster.usecases import history
from taskmaster.workspace import Workspace

NOW = "2026-06-15T10:00:00.000Z"
_FOLLOWING = re.compile(rb'"(updated|lastModified)": "[^"]*"|"(taskCount|completedCount)": \d+')


class Project:
    """A task file in a folder, written by hand, and its use cases' workspace."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / ".taskmaster" / "tasks" / "tasks.json"
        self.path.parent.mkdir(parents=True)
        self.now = NOW

    def workspace(self, tag: str = "master", actor: str = "ann") -> Workspace:
        store = FileStore(str(self.path), str(self.path.parents[1]))
        person = Actor(actor, "person", "")
        return Workspace(store, person, doorbell=Silent(), tag=tag, clock=lambda: self.now)

    def write(self, **tags: list[dict[str, Any]]) -> Workspace:
        """Write the task file by hand, two blanks deep, as most are."""
        whole = {
            tag: {"tasks": tasks, "metadata": {"created": NOW, "updated": NOW}}
            for tag, tasks in tags.items()
        }
        self.path.write_text(json.dumps(whole, indent=2, ensure_ascii=False), encoding="utf-8")
        return self.workspace()

    def read(self, tag: str = "master") -> dict[str, dict[str, Any]]:
        """What is stored, by id as text."""
        return {str(task["id"]): task for task in self.stored()[tag]["tasks"]}

    def stored(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.raw())
        return found

    def raw(self) -> bytes:
        return self.path.read_bytes()

    def text(self) -> bytes:
        """The stored bytes but for what follows from the tasks."""
        return _FOLLOWING.sub(b"", self.raw())

    def log(self) -> list[Transaction]:
        return history.history(self.workspace())[::-1]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def task(number: object, **fields: object) -> dict[str, Any]:
    """A task as the original tool writes it."""
    return {
        "id": number,
        "title": f"Task {number}",
        "description": "",
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


@pytest.fixture
def unchanged(project: Project) -> Iterator[Callable[[], None]]:
    """Call it once the project is written; when the test ends, its bytes must be the same."""
    before: list[bytes] = []
    yield lambda: before.append(project.raw())
    assert before, "the test did not say what must stay as it is"
    assert project.raw() == before[0]
    assert project.log() == []
