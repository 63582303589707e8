"""Older layouts brought into today's: the same tasks, nothing overwritten, nothing lost."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.usecases.conftest import task

from taskmaster import app, config
from taskmaster.errors import Conflict, CorruptStore, NotFound
from taskmaster.usecases import doctor, migration
from taskmaster.usecases.migration import Step, clean_up

REPOSITORY = Path(__file__).parents[2]
CORPUS = Path(os.environ.get("TAMP_CORPUS", REPOSITORY.parent / "shared" / "corpus"))
LAYOUTS = sorted((CORPUS / "legacy").glob("*"))


class Older:
    """A project in a folder, in the layout of older releases."""

    def __init__(self, root: Path) -> None:
        self.root = root
        home = root / config.FOLDER
        self.place = config.Project(
            str(root), str(root / config.TASKS), str(home), "", legacy=False
        )

    def write(self, path: str, content: object) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str) else json.dumps(content, indent=2)
        file.write_text(text, encoding="utf-8")

    def plan(self, *, force: bool = False) -> list[Step]:
        ws, archive = app.workspace(self.place, {}), app.open_archive(self.place)
        return migration.plan(ws, archive, self.place, force=force)

    def migrate(self, *, force: bool = False, aside: bool = False) -> list[Step]:
        steps = self.plan(force=force)
        ws, archive = app.workspace(self.place, {}), app.open_archive(self.place)
        migration.carry_out(ws, archive, self.place, steps, aside=aside)
        return steps

    def tasks(self, place: config.Project | None = None) -> list[dict[str, Any]]:
        with app.workspace(place or self.place, {}, tag="master").reading() as reader:
            return [one.doc for one in reader.tasks("master")]

    def text(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    def names(self) -> list[str]:
        inner = (self.root / config.FOLDER).as_posix()
        return sorted(
            path.relative_to(self.root).as_posix()
            for path in self.root.rglob("*")
            if path.is_file() and not path.as_posix().startswith((f"{inner}/log", f"{inner}/back"))
        )


@pytest.fixture
def older(tmp_path: Path) -> Older:
    older = Older(tmp_path)
    older.write("tasks/tasks.json", {"tasks": [task(1), task(2)], "metadata": {"totalTasks": 2}})
    return older


def test_every_file_goes_where_it_belongs_and_the_originals_stay(older: Older) -> None:
    sources = {
        ".taskmasterconfig": "config.json",
        "tasks/task_001.txt": "tasks/task_001.txt",
        "tasks/tasks.json.bak": "tasks/tasks.json.bak",
        "scripts/prd.txt": "docs/prd.txt",
        "scripts/notes.md": "docs/notes.md",
        "scripts/example_prd.txt": "templates/example_prd.txt",
        "scripts/task-complexity-report.json": "reports/task-complexity-report.json",
    }
    for source in sources:
        older.write(source, f'{{"from": "{source}"}}')
    older.write("scripts/build.js", "strange")
    older.write("tasks/worker.py", "strange")
    before = older.names()

    older.migrate()

    for source, target in sources.items():
        assert older.text(f".taskmaster/{target}") == older.text(source)
    assert set(before) <= set(older.names())
    assert not (older.root / ".taskmaster" / "docs" / "build.js").exists()
    assert not (older.root / ".taskmaster" / "tasks" / "worker.py").exists()
    assert json.loads(older.text(config.TASKS)) == {
        "master": {"tasks": [task(1), task(2)], "metadata": {"totalTasks": 2}}
    }
    assert json.loads(older.text(".taskmaster/state.json"))["currentTag"] == "master"


def test_a_second_time_there_is_nothing_left_to_do(older: Older) -> None:
    older.migrate()
    with app.workspace(older.place, {}, tag="master").writing("edit") as writer:
        writer.remove("master", "2")

    steps = older.plan()

    assert migration.pending(steps) == []
    assert [step.kind for step in steps] == ["brought"]


def test_the_log_of_a_project_used_in_the_old_place_goes_on_without_a_gap(older: Older) -> None:
    old = older.place._replace(tasks=str(older.root / config.LEGACY_TASKS), legacy=True)
    ws = app.workspace(old, {}, tag="master")
    with ws.writing("edit") as writer:
        writer.put("master", writer.get("master", "1").with_fields({"title": "Edited"}))
    before = older.tasks(old)

    older.migrate()

    with app.workspace(older.place, {}, tag="master").reading() as reader:
        log = list(reader.changes_since(0))
    assert [entry.stamp.operation for entry in log] == ["edit"]
    assert older.tasks() == before


@pytest.mark.parametrize("new", [" ", "{}", '{"master": {"tasks": [], "metadata": {}}}'])
def test_a_new_place_without_tasks_takes_the_old_ones(older: Older, new: str) -> None:
    older.write(config.TASKS, new)

    older.migrate()

    assert [one["id"] for one in older.tasks()] == [1, 2]


def test_two_places_with_different_tasks_are_a_conflict_until_forced(older: Older) -> None:
    new = {"master": {"tasks": [task(7)], "metadata": {}}}
    older.write(config.TASKS, new)

    with pytest.raises(Conflict, match="both hold tasks"):
        older.plan()
    assert json.loads(older.text(config.TASKS)) == new

    older.migrate(force=True)
    assert [one["id"] for one in older.tasks()] == [1, 2]
    assert app.open_archive(older.place).holds(json.dumps(new, indent=2).encode())


def test_a_file_that_is_there_stays_until_forced_and_is_then_kept_aside(older: Older) -> None:
    older.write(".taskmasterconfig", '{"old": 1}')
    older.write(".taskmaster/config.json", '{"new": 1}')

    older.migrate()
    assert older.text(".taskmaster/config.json") == '{"new": 1}'

    older.migrate(force=True)
    assert older.text(".taskmaster/config.json") == '{"old": 1}'
    assert older.text(f"{migration.ASIDE}/.taskmaster/config.json") == '{"new": 1}'


def test_cleaning_up_takes_only_what_is_in_the_new_place(older: Older) -> None:
    older.write(".taskmasterconfig", '{"old": 1}')
    older.write(".taskmaster/config.json", '{"new": 1}')
    older.write("scripts/prd.txt", "Text")
    older.write("scripts/build.js", "strange")

    steps = older.migrate(aside=True)
    gone = clean_up(older.place, steps)

    assert sorted(gone) == ["scripts/prd.txt", "tasks/tasks.json"]
    assert not (older.root / "tasks").exists()
    assert older.text("scripts/build.js") == "strange"
    assert older.text(".taskmasterconfig") == '{"old": 1}'
    assert older.text(f"{migration.ASIDE}/scripts/prd.txt") == "Text"
    assert json.loads(older.text(f"{migration.ASIDE}/tasks/tasks.json"))["tasks"][1]["id"] == 2


def test_an_older_shape_in_the_right_place_is_changed_where_it_lies(tmp_path: Path) -> None:
    here = Older(tmp_path)
    here.write(config.TASKS, [task("1")])

    steps = here.migrate()

    assert [step.kind for step in steps] == ["reshape"]
    assert here.tasks() == [task("1")]
    assert migration.pending(here.plan()) == []


def test_an_unreadable_file_is_not_touched(older: Older) -> None:
    older.write("tasks/tasks.json", "<<<<<<< HEAD\n{")

    with pytest.raises(CorruptStore):
        older.migrate()

    assert not (older.root / config.TASKS).exists()


def test_an_empty_file_with_a_good_copy_is_left_to_the_doctor(older: Older) -> None:
    older.migrate()
    (older.root / "tasks" / "tasks.json").unlink()
    older.write(config.TASKS, "")

    assert older.plan() == []


@pytest.mark.skipif(not LAYOUTS, reason="no corpus of real projects here")
@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda path: path.name)
def test_real_projects_keep_every_task(layout: Path, tmp_path: Path) -> None:
    root = tmp_path / layout.name
    shutil.copytree(layout, root)
    here = Older(root)
    before: list[dict[str, Any]] = []
    if (root / config.LEGACY_TASKS).exists():
        before = here.tasks(config.locate({}, str(root)))

    steps = here.migrate(aside=True)
    clean_up(here.place, steps)

    assert config.locate({}, str(root)) == here.place
    assert here.tasks() == before
    archive = app.open_archive(here.place)
    found = doctor.examine(app.workspace(here.place, {}, tag="master"), archive, here.place)
    assert doctor.readable(found)
    assert not {"older-shape", "older-layout", "older-file-beside"} & {one.code for one in found}
    with pytest.raises(NotFound):
        archive.restore("none", app.workspace(here.place, {}).stamp("restore"))
