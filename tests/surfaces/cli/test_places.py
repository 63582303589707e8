"""Where the tasks are: projects made in databases, shown and left; files that are named."""

from __future__ import annotations

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.surfaces.cli.conftest import Project, Tamp, process, task
from tests.surfaces.cli.refused import files, told

INSIDE = "sqlite:.taskmaster/tasks/tasks.db"


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    return INSIDE if request.param == "sqlite" else request.getfixturevalue("database")


def kept(folder: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((folder / ".taskmaster" / "storage.json").read_text())
    return found


def cloned(folder: Path) -> Path:
    """What version control brings to a colleague."""
    clone = folder.with_name("clone")
    (clone / ".taskmaster").mkdir(parents=True)
    for name in ("storage.json", "config.json"):
        source = folder / ".taskmaster" / name
        (clone / ".taskmaster" / name).write_bytes(source.read_bytes())
    return clone


class TestInit:
    def test_a_project_is_made_in_a_database(
        self, elsewhere: Path, tamp_here: Tamp, url: str
    ) -> None:
        would = tamp_here("init", f"--storage={url}", "--dry-run", "--json").json
        assert list(elsewhere.iterdir()) == []

        made = tamp_here("init", f"--storage={url}", "--name=Notes", "--json").json

        assert made["created"] == would["created"]
        assert ".taskmaster/storage.json" in made["created"]
        assert ".taskmaster/tasks/tasks.json" not in made["created"]
        assert made["storage"] == f"{url}, project elsewhere"
        assert kept(elsewhere) == {"url": url, "project": "elsewhere"}
        assert not (elsewhere / ".taskmaster" / "tasks" / "tasks.json").exists()
        assert tamp_here("add-task", "First").code == 0
        [tag] = tamp_here("tags", "list", "--show-metadata", "--json").json["tags"]
        assert tag["description"] == "Tasks of Notes"
        assert tamp_here("doctor").lines[0] == "nothing is wrong"
        log = tamp_here("history", "--json").json["transactions"]
        assert [entry["op"] for entry in log] == ["add-task", "init"]

    def test_a_second_time_changes_nothing(
        self, elsewhere: Path, tamp_here: Tamp, url: str
    ) -> None:
        tamp_here("init", f"--storage={url}")
        tamp_here("add-task", "First")
        before = files(elsewhere / ".taskmaster")

        for words in (("init",), ("init", f"--storage={url}")):
            again = tamp_here(*words, "--json").json
            assert (again["created"], again["success"]) == ([], True)

        settings = {name for name in before if "tasks.db" not in name}
        after = files(elsewhere / ".taskmaster")
        assert {name: after[name] for name in settings} == {name: before[name] for name in settings}
        assert len(tamp_here("history", "--json").json["transactions"]) == 2

    def test_a_clone_finds_the_tasks_that_are_there(
        self, elsewhere: Path, tamp_here: Tamp, monkeypatch: pytest.MonkeyPatch, database: str
    ) -> None:
        tamp_here("init", f"--storage={database}")
        tamp_here("add-task", "First")
        clone = cloned(elsewhere)
        monkeypatch.chdir(clone)

        assert "First" in tamp_here("list").out
        joined = tamp_here("init", "--json").json

        assert ".taskmaster/state.json" in joined["created"]
        assert not [one for one in joined["created"] if "postgresql" in one]
        assert "First" in tamp_here("list").out
        assert len(tamp_here("history", "--json").json["transactions"]) == 2

    def test_a_clone_makes_a_database_that_is_not_kept_in_version_control(
        self, elsewhere: Path, tamp_here: Tamp, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tamp_here("init", f"--storage={INSIDE}")
        clone = cloned(elsewhere)
        monkeypatch.chdir(clone)
        assert told(tamp_here, ("list",))[:2] == (3, "no-database")

        made = tamp_here("init", "--json").json

        assert ".taskmaster/tasks/tasks.db" in made["created"]
        assert tamp_here("list").code == 0

    def test_version_control_passes_the_database_over(
        self, elsewhere: Path, tamp_here: Tamp
    ) -> None:
        tamp_here("init", f"--storage={INSIDE}", "--git")
        tamp_here("add-task", "First")

        untracked = subprocess.run(
            ["git", "ls-files", "--others", "--exclude-standard"],
            cwd=elsewhere,
            capture_output=True,
            encoding="utf-8",
            check=True,
        ).stdout.splitlines()

        assert ".taskmaster/storage.json" in untracked
        assert not [name for name in untracked if "tasks.db" in name or "/log/" in name]

    def test_another_projects_name_is_not_taken(
        self, elsewhere: Path, tamp_here: Tamp, monkeypatch: pytest.MonkeyPatch, database: str
    ) -> None:
        tamp_here("init", f"--storage={database}")
        tamp_here("add-task", "First")
        other = elsewhere.parent / "other" / "elsewhere"
        other.mkdir(parents=True)
        monkeypatch.chdir(other)

        refusal = told(tamp_here, ("init", f"--storage={database}"))

        assert refusal[:2] == (5, "project-exists")
        assert "--project-name" in refusal.hint
        assert list(other.iterdir()) == []
        words = ("init", f"--storage={database}", "--project-name=another")
        assert tamp_here(*words).code == 0
        assert tamp_here("list", "--json").json["tasks"] == []

    def test_a_project_that_has_its_tasks_elsewhere_is_not_torn_apart(
        self, project: Project, tamp: Tamp, url: str
    ) -> None:
        before = files(project.folder)

        refusal = told(tamp, ("init", f"--storage={url}"))

        assert refusal[:2] == (5, "kept-elsewhere")
        assert f"tamp storage move --to={url}" in refusal.hint
        assert files(project.folder) == before

    def test_nothing_is_made_where_the_database_cannot_be(
        self, elsewhere: Path, tamp_here: Tamp
    ) -> None:
        refusals = {
            "postgresql://ann@127.0.0.1:1/tasks": (7, "database-unreachable"),
            "mysql://db/tasks": (4, "bad-storage"),
        }
        for url, expected in refusals.items():
            for words in (("init", f"--storage={url}"), ("init", f"--storage={url}", "--dry-run")):
                assert told(tamp_here, words)[:2] == expected, words
        blocked = elsewhere / "blocked"
        blocked.write_text("")
        words = ("init", f"--storage=sqlite:{blocked}/tasks.db")
        assert told(tamp_here, words)[:2] == (7, "disk-error")
        assert list(elsewhere.iterdir()) == [blocked]

    def test_the_environment_may_say_where(
        self, elsewhere: Path, tamp_here: Tamp, monkeypatch: pytest.MonkeyPatch, database: str
    ) -> None:
        monkeypatch.setenv("TAMP_STORAGE", database)
        monkeypatch.setenv("TAMP_STORAGE_PROJECT", "from-outside")

        assert tamp_here("init", "--json").json["storage"] == f"{database}, project from-outside"

        assert not (elsewhere / ".taskmaster" / "storage.json").exists()
        assert tamp_here("add-task", "First").code == 0
        monkeypatch.delenv("TAMP_STORAGE_PROJECT")
        assert told(tamp_here, ("list",))[:2] == (3, "no-such-project")

    def test_a_name_in_the_database_needs_a_database(self, tamp_here: Tamp) -> None:
        assert told(tamp_here, ("init", "--project-name=notes"))[:2] == (2, "usage")

    def test_many_who_make_the_same_project_make_one(self, elsewhere: Path, url: str) -> None:
        (elsewhere / ".taskmaster").mkdir()
        text = json.dumps({"url": url, "project": "notes"})
        (elsewhere / ".taskmaster" / "storage.json").write_text(text)
        with ThreadPoolExecutor(4) as pool:
            said = list(pool.map(lambda _one: process(elsewhere, "init"), range(4)))

        assert [(one.code, one.err) for one in said] == [(0, "")] * 4
        assert process(elsewhere, "list").code == 0
        assert process(elsewhere, "doctor", "--json").json["healthy"]


class TestShown:
    def test_verbose_says_where_without_the_password(
        self,
        project: Project,
        tamp: Tamp,
        monkeypatch: pytest.MonkeyPatch,
        database: str,
    ) -> None:
        assert f"file:    {project.file}" in tamp("list", "--verbose").err
        tamp("storage", "move", f"--to={database}", "--project-name=notes", "--yes")
        monkeypatch.setenv("TAMP_STORAGE", database.replace("@", ":hunter2@"))

        said = tamp("list", "--verbose").err

        assert f"tasks:   {database}, project notes\n" in said
        assert "engine:  postgres\n" in said
        assert "hunter2" not in said

    def test_doctor_says_where_and_at_which_migration(self, tamp: Tamp, url: str) -> None:
        tamp("storage", "move", f"--to={url}", "--project-name=notes", "--yes")

        said = tamp("doctor", "--json").json

        assert said["storage"] == f"{url}, project notes"
        assert said["migration"] == tamp("db", "--json").json["latest"]
        assert "file" not in said
        assert f"{url}, project notes, migration {said['migration']}" in tamp("doctor").lines[-1]


class TestFiles:
    def test_a_file_that_is_named_is_that_file(
        self, project: Project, tamp: Tamp, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tamp("storage", "move", f"--to={INSIDE}", "--yes")
        tamp("add-task", "In the database")
        other = project.folder.parent / "other.json"
        other.write_text(json.dumps({"master": {"tasks": [task(1, title="Apart")]}}))

        for _ in range(2):
            shown = tamp("list", f"--file={other}", "--json").json
            assert [one["title"] for one in shown["tasks"]] == ["Apart"]
            assert shown["metadata"]["storageType"] == "file"
            assert tamp("set-status", "1", "done", f"--file={other}").code == 0
            monkeypatch.setenv("TAMP_STORAGE", INSIDE)
        assert "In the database" not in tamp("list", f"--file={project.file}").out
        assert told(tamp, ("set-status", "2", "done", f"--file={project.file}"))[:2] == (5, "moved")
        assert "In the database" in tamp("list").out

    @pytest.mark.parametrize("end", ["", "-wal", "-shm", ".lock"])
    def test_no_output_goes_over_the_database(self, project: Project, tamp: Tamp, end: str) -> None:
        tamp("storage", "move", f"--to={INSIDE}", "--yes")
        path = project.folder / ".taskmaster" / "tasks" / f"tasks.db{end}"

        refusal = told(tamp, ("export", "--format=csv", f"--output={path}", "--force"))

        assert refusal[:2] == (4, "own-task-file")
        assert tamp("list").code == 0

    def test_an_older_task_file_beside_a_database_is_told_and_can_be_taken_in(
        self, project: Project, tamp: Tamp
    ) -> None:
        tamp("storage", "move", f"--to={INSIDE}", "--yes")
        (project.folder / "tasks").mkdir()
        older = project.folder / "tasks" / "tasks.json"
        older.write_text(json.dumps({"master": {"tasks": [task(30, title="From before")]}}))

        [found] = tamp("doctor", "--json").json["findings"]

        assert (found["code"], found["severity"]) == ("older-file-beside", "warning")
        assert tamp("migrate").lines == ["everything is in today's layout"]
        assert found["byHand"].startswith("tamp import tasks/tasks.json")
        assert tamp("import", "tasks/tasks.json").code == 0
        assert "From before" in tamp("list").out


class TestUninit:
    def test_a_database_in_the_project_goes_aside_with_it_and_a_copy_is_kept(
        self, elsewhere: Path, tamp_here: Tamp
    ) -> None:
        tamp_here("init", f"--storage={INSIDE}")
        tamp_here("add-task", "First")
        assert tamp_here("uninit", "--json").json["error"]["code"] == "not-empty"

        said = tamp_here("uninit", "--yes", "--json").json

        assert (said["tasks"], said["ownFiles"], said["tasksStayIn"]) == (1, [], None)
        assert not (elsewhere / ".taskmaster").exists()
        assert (Path(said["movedTo"]) / "tasks" / "tasks.db").exists()
        tamp_here("init", f"--storage={INSIDE}")
        assert tamp_here("restore", said["backup"], "--yes").code == 0
        assert "First" in tamp_here("list").out

    def test_a_database_that_nobody_has_used_goes_without_a_word(
        self, elsewhere: Path, tamp_here: Tamp
    ) -> None:
        tamp_here("init", f"--storage={INSIDE}")

        assert tamp_here("uninit", "--json").json["movedTo"] is None
        assert list(elsewhere.iterdir()) == []

    def test_tasks_that_others_may_use_stay_where_they_are(
        self, tamp_here: Tamp, database: str
    ) -> None:
        tamp_here("init", f"--storage={database}")
        tamp_here("add-task", "First")

        said = tamp_here("uninit", "--yes", "--json").json

        assert said["tasksStayIn"] == f"{database}, project elsewhere"
        assert (said["tasks"], said["backup"]) == (1, None)
        tamp_here("init")
        assert tamp_here("storage", "use", database, "--project-name=elsewhere").code == 0
        assert "First" in tamp_here("list").out
