"""Commands as they are typed, in a project whose file is looked at byte by byte."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import taskmaster
from taskmaster.cli.main import main

SOURCE = Path(taskmaster.__file__).parents[1]
SURROUNDINGS = (
    "TAMP_TAG", "TASKMASTER_TAG", "TAMP_PROJECT", "TASK_MASTER_PROJECT_ROOT", "TAMP_STORAGE",
    "TAMP_STORAGE_PROJECT", "TAMP_STORAGE_REPLICA", "TAMP_REDIS_URL",
)  # fmt: skip


class Said(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401  # whatever the document holds
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        error: dict[str, Any] = self.json["error"]
        return error


class Typed:
    """A project in a folder, and what commands say there."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.file = folder / ".taskmaster" / "tasks" / "tasks.json"
        self._capsys = capsys

    def holds(self, *tasks: object, **others: Sequence[object]) -> None:
        document = {
            tag: {"tasks": list(found), "metadata": {"description": tag}}
            for tag, found in {"master": tasks, **others}.items()
        }
        self.writes(document)

    def writes(self, document: object) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(json.dumps(document, indent=2), encoding="utf-8")

    def read(self) -> Any:  # noqa: ANN401  # whatever the file holds
        return json.loads(self.file.read_text(encoding="utf-8"))

    def __call__(self, *words: str) -> Said:
        self._capsys.readouterr()
        code = main(words)
        return Said(code, *self._capsys.readouterr())

    def refuses(self, *words: str) -> Said:
        """What the command says, which must fail with a hint, as text and as JSON alike, and
        leave every byte of the file as it was.
        """
        before = self.file.read_bytes()
        text = self(*words)
        said = self(*words, "--json")
        assert self.file.read_bytes() == before
        assert said.code == text.code != 0
        assert text.out == ""
        assert text.err.startswith(f"error[{said.error['code']}]: {said.error['message']}")
        assert f"hint: {said.error['hint']}" in text.err
        return said

    def operations(self) -> list[str]:
        """The operations of the history, oldest first."""
        log = self.folder / ".taskmaster" / "log" / "changes.jsonl"
        if not log.exists():
            return []
        lines = log.read_text(encoding="utf-8").splitlines()
        return [json.loads(line)["op"] for line in lines]

    def process(self, *words: str) -> Said:
        """The same in a process of its own, without a terminal."""
        environ = {"PYTHONPATH": str(SOURCE), "PATH": os.defpath, "USER": "ann"}
        result = subprocess.run(
            [sys.executable, "-m", "taskmaster", *words],
            cwd=self.folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        return Said(result.returncode, result.stdout, result.stderr)


def typed_in(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Typed:
    for name in SURROUNDINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(folder)
    return Typed(folder, capsys)
