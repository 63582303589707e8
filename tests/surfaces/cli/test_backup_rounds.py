"""backup --every: a process that stays, keeps copies while others work, and ends when asked."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

import pytest
from tests.surfaces.cli.conftest import WAIT, Project, Tamp, process
from tests.surfaces.cli.screens import Staying, staying

INTERRUPTED = 130

if sys.platform == "win32":
    pytest.skip("there is no such signal", allow_module_level=True)


def ended(rounds: Staying) -> tuple[int, str]:
    """Ask the process to end: its exit code and what was said on the other stream."""
    rounds.process.send_signal(signal.SIGTERM)
    code = rounds.process.wait(WAIT)
    assert rounds.process.stderr is not None
    return code, rounds.process.stderr.read().decode()


def copies(project: Project) -> list[Path]:
    return sorted((project.folder / ".taskmaster" / "backups").glob("*-manual*"))


def test_each_change_is_in_a_copy_that_was_read_again(project: Project) -> None:
    with staying(project.folder, "backup", "--every=0.2s", "--keep=2") as rounds:
        first = rounds.line()
        assert "kept tasks-" in first
        assert first.endswith("can be restored: 5 tasks")
        for number in range(6, 9):
            process(project.folder, "add-task", f"Task {number}")
            assert f"can be restored: {number} tasks" in rounds.line()
        assert ended(rounds) == (0, "")
        assert rounds.line() == "asked to end; 4 copies were kept"

    assert len(copies(project)) == 2
    newest = json.loads(copies(project)[-1].read_bytes())
    assert newest == project.stored()


def test_ctrl_c_ends_it_as_every_command(project: Project) -> None:
    with staying(project.folder, "backup", "--every=1h") as rounds:
        assert "can be restored" in rounds.line()
        assert rounds.interrupted() == (INTERRUPTED, "")
    assert len(copies(project)) == 1


def test_programs_get_a_document_on_each_line(project: Project) -> None:
    with staying(project.folder, "backup", "--every=0.2s", "--json") as rounds:
        first = json.loads(rounds.line())
        project.file.rename(f"{project.file}.gone")
        second = json.loads(rounds.line())
        Path(f"{project.file}.gone").rename(project.file)
        process(project.folder, "add-task", "Another")
        third = json.loads(rounds.line())
        assert ended(rounds)[0] == 0
        last = json.loads(rounds.line())

    assert first["schema"] == second["schema"] == third["schema"] == "tamp/backup.v1"
    assert Path(first["backup"]["path"]).exists()
    assert (first["success"], first["holds"]["tasks"]) == (True, 5)
    assert (second["success"], second["error"]["code"]) == (False, "no-task-file")
    assert third["holds"]["tasks"] == 6
    assert last == {"schema": "tamp/backup-rounds.v1", "success": True, "copies": 2}


def test_tasks_that_cannot_be_read_are_told_and_waited_for(project: Project) -> None:
    text = project.file.read_text(encoding="utf-8")
    project.file.write_text(text[:-20], encoding="utf-8")
    with staying(project.folder, "backup", "--every=0.2s") as rounds:
        assert "no copy: " in rounds.line()
        project.file.write_text(text, encoding="utf-8")
        assert rounds.line().endswith("can be restored: 5 tasks")
        assert ended(rounds) == (0, "")
    assert len(copies(project)) == 1


def test_a_span_is_checked_before_anything_is_done(project: Project, tamp: Tamp) -> None:
    assert tamp("backup", "--every=often").code == 2
    assert copies(project) == []
