"""tags and its old names as they are typed."""

from __future__ import annotations

import io
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
    tamp.holds(task(1, status="done"), task(2, 1), task(3, 2), beta=[task(1, status="review")])
    return tamp


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_tags_are_listed_with_their_counts(tamp: Typed) -> None:
    said = tamp("tags")

    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == [
        "  tag     tasks  complete  ready",
        "* master      3         1      1",
        "  beta        1         0      0",
    ]
    assert tamp("tags", "list") == said
    assert tamp("tags", "--ready").out.splitlines()[1:] == ["* master      3         1      1"]
    assert "    description: beta" in tamp("tags", "list", "--show-metadata").out.splitlines()


def test_a_program_gets_the_tags(tamp: Typed) -> None:
    said = tamp("tags", "--show-metadata", "--json")

    assert said.json["schema"] == "tamp/tags.v1"
    assert (said.json["currentTag"], said.json["totalTags"]) == ("master", 2)
    assert said.json["tags"][1] == {
        "name": "beta",
        "isCurrent": False,
        "taskCount": 1,
        "completedTasks": 0,
        "readyTasks": 0,
        "statusBreakdown": {"review": 1},
        "created": None,
        "description": "beta",
        "metadata": {"description": "beta"},
    }


def test_a_current_tag_that_is_gone_is_noted(tamp: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAMP_TAG", "gone")

    said = tamp("tags")

    assert said.code == 0
    assert "the current tag gone is not there; `tamp tags use master`" in said.err


@pytest.mark.parametrize(
    "words",
    [
        ["tags", "add", "new", "--description=text", "--copy-from-current"],
        ["add-tag", "new", "-d", "text", "--copy-from-current"],
        ["add-tag", "-d", "text", "new", "--copy-from=master"],
        ["tags", "copy", "master", "new", "--description", "text"],
        ["copy-tag", "master", "new", "-d", "text"],
    ],
)
def test_a_tag_is_made_with_the_tasks_of_another(tamp: Typed, words: list[str]) -> None:
    said = tamp(*words)

    assert said.code == 0
    assert "3 tasks" in said.out
    document = tamp.read()
    assert list(document) == ["master", "beta", "new"]
    assert document["new"]["tasks"] == document["master"]["tasks"]
    assert document["new"]["metadata"]["description"] == "text"
    assert document["new"]["metadata"]["copiedFrom"]["tag"] == "master"
    assert len(tamp.operations()) == 1


def test_an_empty_tag_is_made_and_used(tamp: Typed) -> None:
    added = tamp("tags", "add", "new", "--json")
    used = tamp("tags", "use", "new", "--json")

    assert added.json == {
        "schema": "tamp/tag.v1",
        "success": True,
        "tagName": "new",
        "created": True,
        "tasksCopied": 0,
        "sourceTag": None,
        "tag": "new",
        "storageType": "file",
    }
    assert (used.json["previousTag"], used.json["currentTag"]) == ("master", "new")
    tamp("add-task", "In the new one")
    assert [one["title"] for one in tamp.read()["new"]["tasks"]] == ["In the new one"]
    assert tamp.operations() == ["add-tag", "add-task"]


def test_a_tag_is_named_after_the_branch(tamp: Typed) -> None:
    git = tamp.folder / ".git"
    git.mkdir()
    (git / "HEAD").write_text("ref: refs/heads/feature/Login\n", encoding="utf-8")
    assert tamp("tags", "add", "--from-branch").out.startswith("added tag feature-login\n")

    (git / "HEAD").write_text("ref: refs/heads/main\n", encoding="utf-8")
    assert tamp.refuses("add-tag", "--from-branch").error["code"] == "trunk-branch"
    (git / "HEAD").write_text("8a0b1c\n", encoding="utf-8")
    assert tamp.refuses("add-tag", "--from-branch").error["code"] == "no-branch"


def test_the_current_tag_of_a_linked_worktree_is_its_own(
    tamp: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    git = tamp.folder / ".git" / "worktrees" / "w"
    git.mkdir(parents=True)
    (git / "commondir").write_text("../..\n", encoding="utf-8")
    (git / "HEAD").write_text("ref: refs/heads/feature/w\n", encoding="utf-8")
    worktree = tamp.folder / "w"
    worktree.mkdir()
    (worktree / ".git").write_text(f"gitdir: {git}\n", encoding="utf-8")

    monkeypatch.chdir(worktree)
    tamp("tags", "add", "--from-branch")
    assert "in this worktree" in tamp("use-tag", "feature-w").out
    assert tamp("tags", "--json").json["currentTag"] == "feature-w"
    monkeypatch.chdir(tamp.folder)
    assert tamp("tags", "--json").json["currentTag"] == "master"


def test_a_variable_that_goes_first_is_noted(tamp: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAMP_TAG", "master")
    assert tamp("tags", "use", "beta").err == ""
    monkeypatch.setenv("TAMP_TAG", "other")
    assert "names other" in tamp("tags", "use", "master").err


def test_a_tag_is_renamed_and_stays_current(tamp: Typed) -> None:
    tamp("tags", "use", "beta")

    said = tamp("rename-tag", "beta", "gamma")

    assert said.out == "renamed tag beta to gamma: 1 task\nthe current tag is gamma\n"
    document = tamp.read()
    assert list(document) == ["master", "gamma"]
    assert document["gamma"]["metadata"]["description"] == "beta"
    assert document["gamma"]["metadata"]["renamed"]["from"] == "beta"
    assert tamp("tags", "--json").json["currentTag"] == "gamma"
    assert tamp.operations() == ["rename-tag"]


@pytest.mark.parametrize("words", [["tags", "remove"], ["delete-tag"], ["remove-tag"]])
def test_a_tag_is_removed_and_master_is_current(tamp: Typed, words: list[str]) -> None:
    tamp("tags", "use", "beta")

    said = tamp(*words, "beta", "--yes", "--json")

    assert said.json["tasksDeleted"] == 1
    assert (said.json["wasCurrentTag"], said.json["switchedToTag"]) == (True, "master")
    assert list(tamp.read()) == ["master"]
    state = (tamp.folder / ".taskmaster" / "state.json").read_text(encoding="utf-8")
    assert json.loads(state)["currentTag"] == "master"
    assert tamp.operations() == ["remove-tag"]


def test_a_tag_with_tasks_is_not_removed_unasked(tamp: Typed) -> None:
    said = tamp.refuses("tags", "remove", "beta")

    assert (said.error["code"], said.code) == ("tag-not-empty", 4)
    assert "--yes" in said.error["hint"]


def test_an_empty_tag_is_removed_without_asking(tamp: Typed) -> None:
    tamp("tags", "add", "new")

    assert tamp("tags", "remove", "new").code == 0
    assert list(tamp.read()) == ["master", "beta"]


@pytest.mark.parametrize(("answer", "left"), [("y\n", ["master"]), ("\n", ["master", "beta"])])
def test_a_person_is_asked_once_and_shown_what_goes(
    tamp: Typed, monkeypatch: pytest.MonkeyPatch, answer: str, left: list[str]
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(answer))

    said = tamp("tags", "remove", "beta")

    assert said.code == 0
    assert said.err == "This removes the tag beta with 1 task\n  1  Task 1\nGo on? [y/N] "
    assert list(tamp.read()) == left


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        (["nope"], "usage", 2),
        (["add"], "usage", 2),
        (["add", "a", "b"], "usage", 2),
        (["add", "a", "--from-branch"], "usage", 2),
        (["add", "a", "--copy-from=beta", "--copy-from-current"], "usage", 2),
        (["use", "beta", "--copy-from=beta"], "usage", 2),
        (["list", "--yes"], "usage", 2),
        (["add", "two words"], "bad-tag-name", 4),
        (["add", "main"], "reserved-tag", 4),
        (["add", "beta"], "tag-exists", 5),
        (["add", "new", "--copy-from=typo"], "tag-not-found", 3),
        (["use", "typo"], "tag-not-found", 3),
        (["rename", "typo", "new"], "tag-not-found", 3),
        (["rename", "beta", "master"], "tag-exists", 5),
        (["rename", "master", "new"], "protected-tag", 4),
        (["copy", "typo", "new"], "tag-not-found", 3),
        (["remove", "typo", "--yes"], "tag-not-found", 3),
        (["remove", "master", "--yes"], "protected-tag", 4),
    ],
)
def test_what_cannot_be_done_to_tags_is_refused(
    tamp: Typed, words: list[str], code: str, exit_code: int
) -> None:
    said = tamp.refuses("tags", *words)

    assert (said.error["code"], said.code) == (code, exit_code)
    assert not tamp.operations()
    assert not (tamp.folder / ".taskmaster" / "state.json").exists()


@pytest.mark.parametrize("document", [{"tasks": [task(1)], "metadata": {}}, [task(1)]])
def test_an_older_file_is_migrated_first(tamp: Typed, document: object) -> None:
    tamp.writes(document)

    said = tamp.refuses("tags", "add", "new")

    assert (said.error["code"], said.code) == ("old-shape", 4)
    assert "tamp migrate" in said.error["hint"]


def test_the_same_in_processes_of_their_own(tamp: Typed) -> None:
    assert tamp.process("tags", "add", "new", "--copy-from=beta").code == 0
    assert tamp.process("tags", "use", "new").code == 0
    assert tamp.process("tags", "--json").json["currentTag"] == "new"
    assert tamp.process("tags", "remove", "new").code == 4
    assert tamp.process("tags", "remove", "new", "--yes").code == 0
    assert tamp.process("tags", "--json").json["currentTag"] == "master"


def test_help_shows_examples(tamp: Typed) -> None:
    assert "examples:\n  tamp tags\n" in tamp("tags", "--help").out
