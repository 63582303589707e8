"""Making a project, again and again, and in the way of nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from taskmaster import app, config
from taskmaster.errors import Invalid
from taskmaster.usecases import project
from taskmaster.usecases.project import Wishes, git_rules

NOW = "2026-06-15T10:00:00.000Z"


def made(root: Path, *said: str) -> list[str]:
    wishes = Wishes(*said)
    place = config.Project(
        str(root), str(root / config.TASKS), str(root / config.FOLDER), "", legacy=False
    )
    pieces = project.missing(str(root), wishes, NOW)
    project.create(app.workspace(place, {}, tag="master"), str(root), pieces, wishes)
    return [piece.path for piece in pieces]


def test_a_new_project_has_everything_that_both_tools_look_for(tmp_path: Path) -> None:
    made(tmp_path, "Notes", "Notes with a search", "1.2", "ann")

    home = tmp_path / ".taskmaster"
    tasks = json.loads((home / "tasks" / "tasks.json").read_text(encoding="utf-8"))
    assert tasks["master"]["tasks"] == []
    assert tasks["master"]["metadata"]["description"] == "Notes with a search"
    assert set(tasks["master"]["metadata"]) == {"created", "updated", "description"}
    settings = json.loads((home / "config.json").read_text(encoding="utf-8"))
    assert settings["global"]["projectName"] == "Notes"
    assert settings["global"]["projectVersion"] == "1.2"
    assert settings["global"]["projectAuthor"] == "ann"
    assert not {"userId", "anonymousTelemetry"} & set(settings["global"])
    assert json.loads((home / "state.json").read_text(encoding="utf-8"))["currentTag"] == "master"
    assert (home / "docs").is_dir()
    assert (home / "reports").is_dir()
    assert "tamp parse-prd" in (home / "templates" / "example_prd.md").read_text(encoding="utf-8")
    assert "backups/" in (home / ".gitignore").read_text(encoding="utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".taskmaster"]


def test_a_second_time_makes_nothing(tmp_path: Path) -> None:
    made(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    assert made(tmp_path) == []
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert after == before


def test_only_what_is_missing_is_made(tmp_path: Path) -> None:
    made(tmp_path)
    settings = tmp_path / ".taskmaster" / "config.json"
    settings.write_text("mine", encoding="utf-8")
    (tmp_path / ".taskmaster" / "state.json").unlink()

    assert made(tmp_path) == [str(Path(".taskmaster", "state.json"))]
    assert settings.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("older", ["tasks/tasks.json", ".taskmasterconfig"])
def test_an_older_layout_is_sent_to_migrate(tmp_path: Path, older: str) -> None:
    (tmp_path / older).parent.mkdir(exist_ok=True)
    (tmp_path / older).write_text("{}", encoding="utf-8")

    with pytest.raises(Invalid, match="older layout") as caught:
        project.missing(str(tmp_path), Wishes(), NOW)

    assert "tamp migrate" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "ignored"),
    [
        ("", ".taskmaster/tasks/\n"),
        ("node_modules\n", "node_modules\n.taskmaster/tasks/\n"),
        ("node_modules", "node_modules\n.taskmaster/tasks/\n"),
        ("# tasks.json\n# tasks/ \n", "tasks.json\ntasks/\n"),
        ("tasks.json\r\nelse\r\n", "tasks.json\r\nelse\r\n"),
    ],
)
def test_tasks_are_kept_out_of_version_control_by_one_line(text: str, ignored: str) -> None:
    assert git_rules(text, keep_tasks=False) == ignored
    assert git_rules(ignored, keep_tasks=False) == ignored


def test_tasks_are_kept_in_version_control_by_comment_marks() -> None:
    assert git_rules("a\n.taskmaster/tasks/\nb", keep_tasks=True) == "a\n# .taskmaster/tasks/\nb"
    assert git_rules("a\n", keep_tasks=True) == "a\n"
