"""``tamp storage`` as somebody uses it who outgrows the task file, and who comes back."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import pytest
from tests.surfaces.cli.conftest import Project, Said, Tamp, process, task

from taskmaster.stores.file.store import FileStore

SQLITE = "sqlite:.taskmaster/tasks/tasks.db"


class Terminal(io.StringIO):
    """Somebody who sits there and has typed this."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    return SQLITE if request.param == "sqlite" else request.getfixturevalue("database")


def settings(project: Project) -> object:
    path = project.folder / ".taskmaster" / "storage.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def shown(tamp: Tamp) -> Said:
    """All tasks and the whole history, as programs get them."""
    tags = tamp("export", "--all-tags", "--format=json")
    history = tamp("history", "--json")
    return Said(tags.code + history.code, tags.out + history.out, tags.err + history.err)


def store_of(project: Project) -> FileStore:
    return FileStore(str(project.file), str(project.folder / ".taskmaster"), patience=0.1)


def test_the_place_of_the_tasks_is_shown(project: Project, tamp: Tamp) -> None:
    tamp("set-status", "2", "done")

    said = tamp("storage", "show", "--json").json
    lines = dict(line.split(None, 1) for line in tamp("storage").lines)

    assert (said["engine"], said["url"]) == ("file", "file:.taskmaster/tasks/tasks.json")
    assert (said["tags"], said["tasks"], said["changes"]) == (2, 5, 1)
    assert said["lastChange"]["operation"] == "set-status"
    assert (said["movedTo"], said["unusual"], said["from"]) == (None, [], "default")
    assert said["bytes"] > project.file.stat().st_size
    assert lines["holds"] == "2 tags, 5 tasks, 1 change"
    assert lines["place"] == "file:.taskmaster/tasks/tasks.json"
    assert lines["size"].endswith("kB")


def test_everything_moves_to_a_database_and_back(project: Project, tamp: Tamp, url: str) -> None:
    tamp("set-status", "2", "done")
    before = shown(tamp)
    assert before.code == 0

    there = tamp("storage", "move", f"--to={url}", "--project-name=notes", "--yes", "--json").json

    assert (there["success"], there["tags"], there["tasks"], there["changes"]) == (True, 2, 5, 1)
    assert settings(project) == {"url": url, "project": "notes"}
    assert shown(tamp) == before
    now = tamp("storage", "show", "--json").json
    assert (now["engine"], now["project"]) == (url.partition(":")[0].removesuffix("ql"), "notes")
    assert now["migration"] >= 1
    assert tamp("add-task", "In the database").code == 0
    assert "In the database" not in project.file.read_text(encoding="utf-8")
    changed = shown(tamp)

    back = tamp("storage", "move", "--to=file", "--yes")

    assert back.code == 0
    assert settings(project) is None
    assert shown(tamp) == changed
    assert "In the database" in project.file.read_text(encoding="utf-8")
    assert {one.why for one in store_of(project).backups.all()} >= {"before-move"}
    assert tamp("set-status", "1", "pending").code == 0


def test_both_ends_show_the_same_sum(tamp: Tamp, url: str) -> None:
    tamp("set-status", "2", "done")
    planned = tamp("storage", "move", f"--to={url}", "--dry-run", "--json").json
    there = tamp("storage", "move", f"--to={url}", "--yes", "--json").json
    back = tamp("storage", "move", "--to=file", "--dry-run", "--json").json

    assert planned["sha256"] == there["sha256"] == back["sha256"]
    assert len(planned["sha256"]) == 64


def test_a_dry_run_touches_nothing(project: Project, tamp: Tamp) -> None:
    tamp("set-status", "2", "done")
    before = {path: path.read_bytes() for path in project.folder.rglob("*") if path.is_file()}

    said = tamp("storage", "move", f"--to={SQLITE}", "--dry-run")

    assert said.lines[-1] == "nothing was changed"
    assert "2 tags, 5 tasks, 1 change" in said.lines[0]
    after = {path: path.read_bytes() for path in project.folder.rglob("*") if path.is_file()}
    assert after == before


def test_what_stays_behind_is_named(project: Project, tamp: Tamp) -> None:
    document = {"master": {"tasks": [task(1)], "colour": "red"}, "version": 2}
    project.file.write_text(json.dumps(document), encoding="utf-8")

    said = tamp("storage", "move", f"--to={SQLITE}", "--dry-run")
    left = tamp("storage", "move", f"--to={SQLITE}", "--yes", "--json").json["leftBehind"]

    assert "left behind, where they are now:" in said.lines
    assert ["'version'" in left[0], "'colour'" in left[1], len(left)] == [True, True, 2]
    assert json.loads(project.file.read_text(encoding="utf-8")) == document


def test_without_a_terminal_and_a_yes_nothing_is_copied(project: Project) -> None:
    said = process(project.folder, "storage", "move", f"--to={SQLITE}", "--json")

    assert (said.code, said.json["error"]["code"]) == (2, "needs-yes")
    assert not (project.folder / ".taskmaster" / "tasks" / "tasks.db").exists()


@pytest.mark.parametrize(("answer", "moved"), [("y\n", True), ("\n", False), ("", False)])
def test_on_a_terminal_the_switch_is_asked_for(
    project: Project, tamp: Tamp, monkeypatch: pytest.MonkeyPatch, answer: str, moved: bool
) -> None:
    before = project.file.read_bytes()
    monkeypatch.setattr("sys.stdin", Terminal(answer))

    said = tamp("storage", "move", f"--to={SQLITE}")

    assert "copied and compared: 2 tags, 5 tasks, 0 changes (sha256 " in said.err
    assert said.err.endswith("Go on? [y/N] ")
    assert project.file.read_bytes() == before
    assert (settings(project) is not None) == moved
    assert tamp("set-status", "2", "done").code == 0
    if not moved:
        assert said.lines == ["nothing was changed"]
        assert project.read()["2"]["status"] == "done"
        assert tamp("storage", "move", f"--to={SQLITE}", "--yes").code == 0


def test_who_still_looks_in_the_file_is_told_where_the_tasks_are(
    project: Project, tamp: Tamp
) -> None:
    tamp("storage", "move", f"--to={SQLITE}", "--yes")
    (project.folder / ".taskmaster" / "storage.json").unlink()

    said = tamp("set-status", "2", "done", "--json")

    assert (said.code, said.json["error"]["code"]) == (5, "moved")
    assert f"{SQLITE}, project project" in said.json["error"]["message"]
    assert tamp("list").code == 0
    assert "moved to" in tamp("storage").out
    again = tamp("storage", "move", f"--to={SQLITE}", "--yes")
    assert again.code == 0
    assert settings(project) == {"url": SQLITE, "project": "project"}
    assert tamp("set-status", "2", "done").code == 0


def test_a_move_that_was_cut_short_is_completed_or_given_up(project: Project, tamp: Tamp) -> None:
    assert store_of(project).retire(f"{SQLITE}, project project", 1 << 62)
    assert tamp("set-status", "2", "done").code == 5

    given_up = tamp("storage", "move", f"--to={SQLITE}", "--cancel", "--json")
    assert (given_up.code, given_up.json["reopened"]) == (0, True)
    assert tamp("set-status", "2", "done").code == 0

    assert store_of(project).retire(f"{SQLITE}, project project", 1 << 62)
    assert tamp("storage", "move", "--to=sqlite:other.db", "--yes").code == 5
    assert tamp("storage", "move", f"--to={SQLITE}", "--restart", "--yes").code == 0
    assert tamp("set-status", "3", "done").code == 0
    assert tamp("storage", "move", f"--to={SQLITE}", "--cancel").code == 2


def test_a_second_checkout_works_with_the_same_tasks(
    project: Project, tamp: Tamp, url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    clone = Project(tmp_path / "clone")
    clone.write(task(1, title="an old copy"))
    tamp("storage", "move", f"--to={url}", "--project-name=notes", "--yes")
    if url == SQLITE:
        url = f"sqlite:{project.folder / '.taskmaster' / 'tasks' / 'tasks.db'}"
    monkeypatch.chdir(clone.folder)

    wrong = tamp("storage", "use", url, "--project-name=typo", "--yes")
    assert (wrong.code, "typo" in wrong.err) == (3, True)
    looked = tamp("storage", "use", url, "--project-name=notes", "--dry-run", "--json").json
    assert (looked["tasks"], settings(clone)) == (5, None)
    refused = process(clone.folder, "storage", "use", url, "--project-name=notes")
    assert (refused.code, "1 task in file:" in refused.err) == (2, True)
    assert tamp("list", "--json").json["tasks"][0]["title"] == "an old copy"

    assert tamp("storage", "use", url, "--project-name=notes", "--yes").code == 0

    assert settings(clone) == {"url": url, "project": "notes"}
    assert tamp("set-status", "2", "done").code == 0
    assert [one["title"] for one in clone.read().values()] == ["an old copy"]
    monkeypatch.chdir(project.folder)
    assert tamp("show", "2", "--json").json["task"]["status"] == "done"


def test_a_place_without_a_project_is_never_taken(project: Project, tamp: Tamp) -> None:
    for url in ("sqlite:nowhere.db", "file:nowhere.json", "file:nowhere/tasks.json"):
        said = tamp("storage", "use", url, "--yes")
        assert said.code == 3, said
    assert settings(project) is None
    assert [one.name for one in project.folder.iterdir() if "nowhere" in one.name] == []


def test_a_place_that_was_left_is_not_taken_either(project: Project, tamp: Tamp) -> None:
    tamp("storage", "move", f"--to={SQLITE}", "--yes")

    said = tamp("storage", "use", "file", "--yes", "--json")

    assert (said.code, said.json["error"]["code"]) == (5, "moved")
    assert settings(project) == {"url": SQLITE, "project": "project"}


def test_a_folder_for_the_database_is_made(project: Project, tamp: Tamp) -> None:
    (project.folder / "file").write_text("", encoding="utf-8")

    assert tamp("storage", "move", "--to=sqlite:file/tasks.db", "--yes").code == 7
    assert tamp("storage", "move", "--to=sqlite:a/new/folder/tasks.db", "--yes").code == 0

    assert (project.folder / "a" / "new" / "folder" / "tasks.db").exists()


def test_a_password_is_used_and_not_kept(project: Project, tamp: Tamp, database: str) -> None:
    secret = database.replace("tamp@", "tamp:opensesame@", 1)
    assert secret != database

    said = tamp("storage", "move", f"--to={secret}", "--yes")

    assert said.code == 0, said
    assert "the password is not kept: give it in TAMP_STORAGE" in said.err
    assert settings(project) == {"url": database, "project": "project"}
    kept = [path for path in project.folder.rglob("*") if path.is_file()]
    assert not [path for path in kept if b"opensesame" in path.read_bytes()]
    assert "opensesame" not in said.out + said.err + tamp("storage", "--json").out


def test_the_environment_goes_first_and_is_named(
    tamp: Tamp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAMP_STORAGE", "file")

    said = tamp("storage", "move", f"--to={SQLITE}", "--yes")

    assert "TAMP_STORAGE is set and goes before .taskmaster/storage.json" in said.err
    assert tamp("storage", "--json").json["from"] == "TAMP_STORAGE"
    assert tamp("set-status", "2", "done").code == 5


def test_a_task_file_can_move_to_another_folder(
    project: Project, tamp: Tamp, tmp_path: Path
) -> None:
    other = tmp_path / "shared" / ".taskmaster" / "tasks" / "tasks.json"
    before = shown(tamp)

    said = tamp("storage", "move", f"--to=file:{other}", "--yes")

    assert said.code == 0, said
    assert settings(project) == {"url": f"file:{other}"}
    assert shown(tamp) == before
    tamp("set-status", "2", "done")
    assert '"done"' in other.read_text(encoding="utf-8")
    assert (other.parents[1] / "log" / "changes.jsonl").exists()
    assert project.read()["2"]["status"] == "pending"


def test_a_copy_of_the_project_that_was_left_can_be_read(project: Project, tamp: Tamp) -> None:
    tamp("storage", "move", f"--to={SQLITE}", "--yes")
    shutil.rmtree(project.folder / ".taskmaster" / "log")
    (project.folder / ".taskmaster" / "storage.json").unlink()

    assert len(tamp("list", "--json").json["tasks"]) == 3
    held = tamp("storage", "move", f"--to={SQLITE}", "--yes", "--json")
    assert (held.code, held.json["error"]["code"]) == (5, "not-empty")


@pytest.mark.parametrize(
    "words",
    [
        ("mov",), ("show", "more"), ("move",), ("move", "there", "--to=file"), ("use",),
        ("show", "--to=file"), ("use", SQLITE, "--cancel"), ("move", "--to=file"),
        ("move", f"--to=file:{Path('.taskmaster', 'tasks', 'tasks.json')}"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_with_a_hint(tamp: Tamp, words: tuple[str, ...]) -> None:
    said = tamp("storage", *words)

    assert said.code == 2
    assert "hint:" in said.err


@pytest.fixture
def bare(tmp_path: Path, tamp_here: Tamp, monkeypatch: pytest.MonkeyPatch) -> Tamp:
    """The command in a folder in which nothing is."""
    (tmp_path / "notes").mkdir()
    monkeypatch.chdir(tmp_path / "notes")
    return tamp_here


def test_a_project_can_begin_in_a_database(bare: Tamp, url: str, tmp_path: Path) -> None:
    planned = bare("init", f"--storage={url}", "--dry-run", "--json").json
    assert list(Path.cwd().iterdir()) == []

    made = bare("init", f"--storage={url}", "--description=Notes of ann", "--json").json

    assert made["created"] == planned["created"]
    assert made["storage"] == f"{url}, project notes"
    assert not Path(".taskmaster", "tasks", "tasks.json").exists()
    assert json.loads(Path(".taskmaster", "storage.json").read_text(encoding="utf-8"))
    assert bare("add-task", "The first").code == 0
    assert (
        bare("tags", "--show-metadata", "--json").json["tags"][0]["description"] == "Notes of ann"
    )
    assert (
        bare("init").lines[0] == f"{tmp_path / 'notes'} is a project already; nothing was changed"
    )
    assert len(bare("list", "--json").json["tasks"]) == 1


def test_a_new_project_takes_neither_anothers_name_nor_anothers_place(
    bare: Tamp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = f"sqlite:{tmp_path / 'many.db'}"
    assert bare("init", f"--storage={db}").code == 0
    assert "a project already" in bare("init", f"--storage={db}").out
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")

    taken = bare("init", f"--storage={db}", "--project-name=notes", "--json")

    assert (taken.code, taken.json["error"]["code"]) == (5, "project-exists")
    assert list(Path.cwd().iterdir()) == []
    assert bare("init", f"--storage={db}").code == 0
