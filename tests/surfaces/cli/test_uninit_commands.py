"""uninit as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.surfaces.cli.typed import Typed, typed_in
from tests.usecases.drawn import task


@pytest.fixture
def tamp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Typed:
    tamp = typed_in(tmp_path, monkeypatch, capsys)
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    tamp("init")
    return tamp


def names(tamp: Typed) -> list[str]:
    return sorted(path.name for path in tamp.folder.iterdir())


def test_a_project_that_nobody_touched_goes_without_a_trace(tamp: Typed) -> None:
    said = tamp("uninit")

    assert said == (0, "the project is gone: nobody had changed anything\n", "")
    assert names(tamp) == ["mine.txt"]


def test_a_dry_run_changes_nothing(tamp: Typed) -> None:
    tamp("add-task", "Something")
    before = tamp.file.read_bytes()

    said = tamp("uninit", "--dry-run", "--json")

    assert (said.json["dryRun"], said.json["tasks"]) == (True, 1)
    assert tamp.file.read_bytes() == before
    assert names(tamp) == [".taskmaster", "mine.txt"]


def test_tasks_are_not_taken_away_without_a_yes(tamp: Typed) -> None:
    tamp("add-task", "Something")

    said = tamp.process("uninit", "--json")

    assert (said.code, said.error["code"]) == (4, "not-empty")
    assert "1 task" in said.error["message"]
    assert names(tamp) == [".taskmaster", "mine.txt"]


def test_tasks_are_kept_in_a_copy_and_the_folder_is_set_aside(tamp: Typed) -> None:
    tamp("add-task", "Something")
    before = tamp.file.read_bytes()

    said = tamp("uninit", "--yes", "--json")

    assert Path(said.json["backup"]).read_bytes() == before
    aside = Path(said.json["movedTo"])
    assert (aside / "tasks" / "tasks.json").read_bytes() == before
    assert names(tamp) == [aside.name, "mine.txt", Path(said.json["backup"]).name]
    assert tamp("list").code == 3

    tamp("init")
    tamp.file.write_bytes(Path(said.json["backup"]).read_bytes())
    assert "Something" in tamp("list").out


@pytest.mark.parametrize("path", ["docs/prd.md", "config.json", "templates/example_prd.md"])
def test_what_somebody_wrote_is_set_aside_too(tamp: Typed, path: str) -> None:
    own = tamp.folder / ".taskmaster" / path
    own.write_text("{}", encoding="utf-8")

    refused = tamp.process("uninit", "--json")
    said = tamp("uninit", "--yes", "--json")

    assert refused.error["code"] == "not-empty"
    assert said.json["ownFiles"] == [f".taskmaster/{path}"]
    assert said.json["backup"] is None
    assert (Path(said.json["movedTo"]) / path).read_text(encoding="utf-8") == "{}"


def test_a_history_is_something_to_keep(tamp: Typed) -> None:
    tamp("add-task", "Something")
    tamp("remove-task", "1", "--yes")

    assert tamp.process("uninit", "--json").error["code"] == "not-empty"


def test_an_older_layout_is_left_alone(tamp: Typed) -> None:
    tamp("uninit")
    older = tamp.folder / "tasks" / "tasks.json"
    older.parent.mkdir()
    older.write_text(json.dumps({"tasks": [task(1)]}), encoding="utf-8")

    said = tamp("uninit", "--yes", "--json")

    assert said.error["code"] == "older-layout"
    assert older.exists()
