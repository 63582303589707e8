"""init as it is typed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.surfaces.cli.typed import Typed, typed_in


@pytest.fixture
def tamp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Typed:
    return typed_in(tmp_path, monkeypatch, capsys)


def test_a_project_is_made_without_a_question_and_works(tamp: Typed) -> None:
    said = tamp.process("init")

    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("made a project in ")
    assert tamp("add-task", "First").code == 0
    assert tamp("doctor").out == "nothing is wrong\n"
    assert tamp.operations() == ["init", "add-task"]


def test_a_second_time_changes_nothing_and_says_so(tamp: Typed) -> None:
    tamp("init", "-y")
    before = tamp.file.read_bytes()

    said = tamp("init", "-y", "--name=Else")

    assert said.code == 0
    assert "is a project already; nothing was changed" in said.out
    assert tamp.file.read_bytes() == before
    assert tamp("init", "--json").json["created"] == []


def test_a_dry_run_only_lists(tamp: Typed) -> None:
    said = tamp("init", "--dry-run", "--git", "--no-git-tasks", "--json")

    assert ".git" in said.json["created"]
    assert ".gitignore" in said.json["created"]
    assert list(tamp.folder.iterdir()) == []


def test_what_is_said_about_the_project_is_written_down(tamp: Typed) -> None:
    tamp("init", "-n", "Notes", "-d", "A search", "-v", "0.2.0", "-a", "ann")

    settings = json.loads((tamp.folder / ".taskmaster" / "config.json").read_text(encoding="utf-8"))
    assert settings["global"]["projectName"] == "Notes"
    assert settings["global"]["projectVersion"] == "0.2.0"
    assert tamp.read()["master"]["metadata"]["description"] == "A search"


def test_flags_without_effect_are_taken_and_explained(tamp: Typed) -> None:
    said = tamp("init", "-y", "--rules", "cursor", "claude", "--aliases", "--skip-install")

    assert said.code == 0
    assert [line.split(" has no effect")[0] for line in said.err.splitlines()] == [
        "note: --skip-install", "note: --rules", "note: --aliases",
    ]  # fmt: skip


def test_an_older_project_is_sent_to_migrate(tamp: Typed) -> None:
    (tamp.folder / "tasks").mkdir()
    (tamp.folder / "tasks" / "tasks.json").write_text('{"tasks": []}', encoding="utf-8")

    said = tamp("init", "--json")

    assert (said.code, said.error["code"]) == (4, "older-layout")
    assert "tamp migrate" in said.error["hint"]
    assert not (tamp.folder / ".taskmaster").exists()


def test_a_project_further_up_is_mentioned(tamp: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    tamp("init")
    inner = tamp.folder / "packages"
    inner.mkdir()
    monkeypatch.chdir(inner)

    said = tamp("init")

    assert said.code == 0
    assert "holds a project too" in said.err
    assert (inner / ".taskmaster" / "tasks" / "tasks.json").exists()


def test_another_folder_can_be_named(tamp: Typed) -> None:
    (tamp.folder / "there").mkdir()

    assert tamp("init", "--project=there").code == 0
    assert (tamp.folder / "there" / ".taskmaster").is_dir()
    assert tamp("init", "--project=nowhere", "--json").error["code"] == "no-folder"


def test_the_git_rules_change_only_when_asked(tamp: Typed) -> None:
    rules = tamp.folder / ".gitignore"
    rules.write_text("build\n", encoding="utf-8")
    tamp("init")
    assert rules.read_text(encoding="utf-8") == "build\n"

    tamp("init", "--no-git-tasks")
    assert rules.read_text(encoding="utf-8") == "build\n.taskmaster/tasks/\n"

    tamp("init", "--git-tasks")
    assert rules.read_text(encoding="utf-8") == "build\n# .taskmaster/tasks/\n"


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_a_repository_is_made_when_asked(tamp: Typed) -> None:
    tamp("init")
    assert not (tamp.folder / ".git").exists()

    assert ".git" in tamp("init", "--git", "--json").json["created"]
    assert (tamp.folder / ".git").is_dir()
    assert tamp("init", "--git", "--json").json["created"] == []
