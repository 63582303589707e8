"""migrate as it is typed, on projects as older releases left them."""

from __future__ import annotations

import io
import json
import os
import shutil
from pathlib import Path

import pytest
from tests.surfaces.cli.typed import Typed, typed_in
from tests.usecases.conftest import task

REPOSITORY = Path(__file__).parents[3]
CORPUS = Path(os.environ.get("TAMP_CORPUS", REPOSITORY.parent / "shared" / "corpus"))
LAYOUTS = sorted((CORPUS / "legacy").glob("*"))


@pytest.fixture
def tamp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Typed:
    return typed_in(tmp_path, monkeypatch, capsys)


@pytest.fixture
def older(tamp: Typed) -> Typed:
    (tamp.folder / "tasks").mkdir()
    (tamp.folder / "scripts").mkdir()
    text = json.dumps({"tasks": [task(1), task(2)]}, indent=2)
    (tamp.folder / "tasks" / "tasks.json").write_text(text, encoding="utf-8")
    (tamp.folder / "scripts" / "prd.txt").write_text("Text", encoding="utf-8")
    (tamp.folder / ".taskmasterconfig").write_text('{"global": {}}', encoding="utf-8")
    return tamp


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_dry_run_says_what_would_happen(older: Typed) -> None:
    said = older("migrate", "--dry-run")

    assert said.code == 0
    assert "tasks/tasks.json" in said.out
    assert said.out.endswith("nothing was changed\n")
    assert not (older.folder / ".taskmaster" / "tasks").exists()


def test_tasks_are_the_same_before_and_after(older: Typed) -> None:
    before = older("list", "--json").json["tasks"]

    said = older.process("migrate")

    assert said.code == 0
    assert "tamp migrate --cleanup" in said.out
    assert older("list", "--json").json["tasks"] == before
    assert older("doctor").code == 0
    assert older.file.exists()
    assert older("migrate").out == "everything is in today's layout\n"


def test_cleaning_up_is_asked_for(older: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    assert older("migrate", "--cleanup", "--json").error["code"] == "needs-yes"
    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    assert older("migrate", "--cleanup").out == "nothing was changed\n"
    assert (older.folder / "tasks" / "tasks.json").exists()
    assert not older.file.exists()

    said = older("migrate", "--backup", "--cleanup", "--yes", "--json")

    assert sorted(said.json["removed"]) == [
        ".taskmasterconfig", "scripts/prd.txt", "tasks/tasks.json",
    ]  # fmt: skip
    assert sorted(path.name for path in older.folder.iterdir()) == [
        ".taskmaster", ".taskmaster-migration-backup",
    ]  # fmt: skip
    assert older("migrate").out == "everything is in today's layout\n"


def test_cleaning_up_may_come_later(older: Typed) -> None:
    older("migrate")
    older("add-task", "Third")

    assert older("migrate", "--cleanup", "--yes").code == 0

    assert not (older.folder / "tasks").exists()
    assert [one["id"] for one in older.read()["master"]["tasks"]] == [1, 2, 3]


def test_a_named_file_only_gets_todays_shape(older: Typed) -> None:
    assert older("migrate", "--file=tasks/tasks.json").code == 0

    text = (older.folder / "tasks" / "tasks.json").read_text(encoding="utf-8")
    assert [one["id"] for one in json.loads(text)["master"]["tasks"]] == [1, 2]
    assert not older.file.exists()


def test_only_a_settings_file_is_enough(tamp: Typed) -> None:
    (tamp.folder / ".taskmasterconfig").write_text('{"global": {}}', encoding="utf-8")

    assert tamp("migrate").code == 0
    assert (tamp.folder / ".taskmaster" / "config.json").exists()


def test_no_project_at_all_is_not_found(tamp: Typed) -> None:
    assert tamp("migrate", "--json").error["code"] == "no-project"


@pytest.mark.skipif(not LAYOUTS, reason="no corpus of real projects here")
@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda path: path.name)
def test_real_projects_work_afterwards(
    layout: Path, tamp: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tamp.folder / "copy"
    shutil.copytree(layout, root)
    monkeypatch.chdir(root)
    before = tamp("list", "--json")

    assert tamp("migrate", "--cleanup", "--yes").code == 0

    after = tamp("list", "--json").json
    assert after["tasks"] == (before.json["tasks"] if before.code == 0 else [])
    assert tamp("doctor").code in (0, 4)
    assert tamp("doctor", "--fix", "--yes").code == 0
    assert len(tamp("list", "--json").json["tasks"]) == len(after["tasks"])
