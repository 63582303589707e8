"""Both tools, turn and turn about, on the same project: ours and the one whose files we share.

They run where the original's command is installed: ``TAMP_ORIGINAL`` names it, or ``task-master``
is on the path. Each of its commands takes seconds, so the tests are few and each tells a story.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[2]
CORPUS = Path(os.environ.get("TAMP_CORPUS", REPOSITORY.parent / "shared" / "corpus"))
ORIGINAL = shutil.which(os.environ.get("TAMP_ORIGINAL") or "task-master") or ""
# Without these it would look for a newer version of itself, install that and report on us.
QUIET = {"CI": "1", "TASKMASTER_SKIP_AUTO_UPDATE": "1", "NO_COLOR": "1"}
SETTINGS = {"global": {"anonymousTelemetry": False, "defaultTag": "master"}}
PATIENCE = 120

pytestmark = [
    pytest.mark.soak,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not ORIGINAL, reason="the original is not installed (TAMP_ORIGINAL)"),
]

Json = dict[str, Any]
Told = dict[str, tuple[str, str]]


class Pair:
    """A project and the two command lines that work on it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.path = root / ".taskmaster" / "tasks" / "tasks.json"
        home = root.parent / "home"
        home.mkdir(exist_ok=True)
        own = ("TAMP_", "TASKMASTER_", "TASK_MASTER_")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(own)}
        self.environment = kept | QUIET | {"HOME": str(home), "TAMP_ACTOR": "ann"}

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=self.root, env=self.environment, stdin=subprocess.DEVNULL,
            capture_output=True, encoding="utf-8", timeout=PATIENCE, check=False,
        )  # fmt: skip

    def ours(self, *words: str) -> Json:
        done = self.run(sys.executable, "-m", "taskmaster", *words, "--json")
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return json.loads(done.stdout)

    def tried(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command of the original, whether it succeeds or not."""
        return self.run(ORIGINAL, *words)

    def original(self, *words: str) -> str:
        done = self.tried(*words)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return done.stdout

    def told(self, *words: str) -> Json:
        """The JSON that the original prints between lines meant for people."""
        printed = "\n" + self.original(*words)
        return json.JSONDecoder().raw_decode(printed, printed.index("\n{") + 1)[0]

    def document(self) -> Json:
        return json.loads(self.path.read_text(encoding="utf-8-sig"))

    def newest(self) -> Json:
        return self.ours("history", "--limit=1")["transactions"][0]

    def agree(self) -> Told:
        """What both tools list, which must be the same."""
        ours = shown(self.ours("list", "--with-subtasks")["tasks"])
        assert shown(self.told("list", "--with-subtasks", "--json")["tasks"]) == ours
        return ours


def shown(tasks: list[Json], parent: str = "") -> Told:
    """Ids with titles and statuses; the original calls a subtask 2, we call it 5.2."""
    found: Told = {}
    for task in tasks:
        own = str(task["id"])
        name = own if not parent or own.startswith(f"{parent}.") else f"{parent}.{own}"
        found[name] = (task["title"], task["status"])
        found |= shown(task.get("subtasks") or [], name)
    return found


def strange(value: object) -> Json:
    """The keys that no tool knows, wherever they stand."""
    if isinstance(value, list):
        return {key: found for entry in value for key, found in strange(entry).items()}
    if not isinstance(value, dict):
        return {}
    inside = strange(list(value.values()))
    return inside | {key: found for key, found in value.items() if key.startswith("x-")}


def quiet(root: Path) -> None:
    """Tell the original to keep what we do to itself."""
    path = root / ".taskmaster" / "config.json"
    settings = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    section = settings.get("global", {}) | SETTINGS["global"]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(settings | {"global": section}), encoding="utf-8")


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    """A project of three tasks and two subtasks, made by us."""
    root = tmp_path / "project"
    root.mkdir()
    pair = Pair(root)
    pair.ours("init")
    quiet(root)
    pair.ours("add-task", "Plan it")
    pair.ours("add-task", "Build it", "--dependencies=1", "--priority=critical", "--label=ui")
    pair.ours("add-task", "Ship it", "--dependencies=1,2", "--description=To everybody – 世界")
    pair.ours("edit", "1", "--description=")
    pair.ours("add-subtask", "--parent=2", "The walls")
    pair.ours("add-subtask", "--parent=2", "The roof", "--dependencies=2.1")
    return pair


def test_the_original_reads_what_we_wrote(pair: Pair) -> None:
    before = pair.path.read_bytes()

    assert list(pair.agree()) == ["1", "2", "2.1", "2.2", "3"]
    assert pair.told("next", "--format=json")["task"]["id"] == pair.ours("next")["task"]["id"]

    task = pair.told("show", "2", "--json")["task"]
    assert task["labels"] == ["ui"]
    assert (task["title"], task["dependencies"]) == ("Build it", [1])
    assert pair.path.read_bytes() == before


def test_what_the_original_does_is_seen_at_once_and_can_be_built_upon(pair: Pair) -> None:
    pair.original("set-status", "2.1,1", "done")

    assert pair.ours("show", "1")["task"]["status"] == "done"
    newest = pair.newest()
    assert (newest["op"], newest["actor"]["kind"]) == ("external-edit", "system")
    statuses = [
        (change["task"], change["fields"]["status"])
        for change in newest["changes"]
        if "status" in change.get("fields", {})
    ]
    assert ("1", {"before": "pending", "after": "done"}) in statuses
    assert ("2.1", {"before": "pending", "after": "done"}) in statuses

    pair.ours("set-status", "2.2", "in-progress")
    pair.ours("edit", "3", "--title=Ship it well", "--note=agreed", "--due=2026-12-31")
    pair.ours("add-task", "Celebrate", "--dependencies=3")
    pair.ours("add-subtask", "--parent=3", "Call the press")
    told = pair.agree()
    assert told["2.2"] == ("The roof", "in-progress")
    assert told["3"] == ("Ship it well", "pending")
    assert told["3.1"] == ("Call the press", "pending")
    assert told["4"] == ("Celebrate", "pending")


def test_tasks_subtasks_and_dependencies_of_both_tools_mix(pair: Pair) -> None:
    pair.original("add-task", "--title=Sell it", "--description=For money", "--dependencies=3")
    assert pair.newest()["changes"][-1]["kind"] == "added"
    pair.ours("add-task", "Count the money", "--dependencies=4")
    pair.original("add-dependency", "--id=5", "--depends-on=1")
    pair.original("add-subtask", "--parent=4", "--title=Find a shop", "--description=A nice one")
    pair.ours("add-subtask", "--parent=4", "Open the shop", "--dependencies=4.1")
    pair.ours("set-status", "4.1", "done")

    assert set(pair.ours("show", "5")["task"]["dependencies"]) == {"1", "4"}
    assert pair.ours("show", "4.2")["task"]["dependencies"] == ["4.1"]
    told = pair.agree()
    assert told["4.1"] == ("Find a shop", "done")
    assert told["4.2"] == ("Open the shop", "pending")

    before = pair.path.read_bytes()
    assert "No invalid dependencies" in pair.original("validate-dependencies")
    pair.ours("validate-dependencies")
    pair.original("generate")
    assert (pair.path.parent / "task_005.md").exists()
    assert pair.path.read_bytes() == before
    assert len(pair.ours("list")["tasks"]) == 5


def test_tags_are_shared_and_what_the_original_cuts_across_them_comes_back(pair: Pair) -> None:
    pair.ours("tags", "add", "later")
    pair.ours("tags", "use", "later")
    pair.ours("add-task", "Dream")
    pair.ours("add-task", "Wake up", "--dependencies=1")
    assert list(pair.agree().values()) == [("Dream", "pending"), ("Wake up", "pending")]

    pair.original("tags", "use", "master")
    assert pair.ours("list")["metadata"]["tag"] == "master"
    before = pair.agree()

    pair.original("remove-task", "--id=1", "--yes")
    assert pair.ours("show", "2", "--tag=later")["task"]["dependencies"] == []
    newest = pair.newest()
    assert newest["op"] == "external-edit"
    assert {change["tag"] for change in newest["changes"]} == {"master", "later"}

    pair.ours("undo", str(newest["seq"][0]))
    assert pair.ours("show", "2", "--tag=later")["task"]["dependencies"] == ["1"]
    assert pair.ours("show", "2.2")["task"]["dependencies"] == ["2.1"]
    assert pair.agree() == before


def test_we_keep_what_nobody_knows_and_bring_back_what_the_original_drops(pair: Pair) -> None:
    document = pair.document()
    tag = document["master"]
    document["x-file"] = {"by": "a person"}
    tag["x-tag"] = [1, 2.5]
    tag["metadata"]["x-metadata"] = "blue"
    tag["tasks"][0]["x-task"] = {"deep": [None, {"er": True}]}
    tag["tasks"][1]["subtasks"][0]["x-step"] = "ünder"
    pair.path.write_text(json.dumps(document, indent=2), encoding="utf-8")
    everything = strange(document)
    assert len(everything) == 5

    pair.ours("set-status", "1,2.1", "in-progress")
    pair.ours("edit", "1", "--title=Plan it again", "--add-label=x")
    assert strange(pair.document()) == everything

    pair.original("set-status", "1", "review")
    left = strange(pair.document())
    assert everything.keys() - left.keys() == {"x-tag", "x-metadata"}
    newest = pair.newest()
    assert newest["changes"][0]["fields"]["x-metadata"] == {"before": "blue"}

    pair.ours("undo", str(newest["seq"][0]))
    assert strange(pair.document()) == left | {"x-metadata": "blue"}
    assert pair.agree()["1"] == ("Plan it again", "in-progress")


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real files is not here")
@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("tagged-tabs", "master"),
        ("legacy-plain", "master"),
        ("tagged-string-ids", "master"),
        ("tag-v1-korean-string-ids", "v1"),
        ("tagged-metadata-tags-dict", "master"),
    ],
)
def test_the_original_reads_a_status_that_we_set_in_a_real_file(
    tmp_path: Path, name: str, tag: str
) -> None:
    pair = of_corpus(tmp_path / "changed", name)
    tasks = pair.document().get(tag, pair.document())["tasks"]
    expected = shown(tasks)
    first = next(iter(expected))
    status = "deferred"
    assert expected[first][1] != status

    pair.ours("set-status", first, status, f"--tag={tag}")

    told = shown(pair.told("list", "--with-subtasks", "--json", f"--tag={tag}")["tasks"])
    assert told == expected | {first: (expected[first][0], status)}


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real files is not here")
def test_a_file_that_the_original_refuses_is_no_worse_after_us(tmp_path: Path) -> None:
    untouched = of_corpus(tmp_path / "untouched", "tagged-todo-start")
    changed = of_corpus(tmp_path / "changed", "tagged-todo-start")

    changed.ours("set-status", "1", "done")

    before, after = (one.tried("list", "--json") for one in (untouched, changed))
    assert before.returncode == after.returncode == 1
    assert before.stderr == after.stderr


def of_corpus(root: Path, name: str) -> Pair:
    """A project around a copy of a real task file."""
    root.mkdir()
    pair = Pair(root)
    quiet(root)
    pair.path.parent.mkdir(parents=True)
    shutil.copyfile(CORPUS / "tasks" / f"{name}.json", pair.path)
    return pair
