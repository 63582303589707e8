"""Tags: listing, adding, using, renaming, copying, removing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.usecases.drawn import NOW, log, project, step, task

from taskmaster import config
from taskmaster.config import Project
from taskmaster.errors import Conflict, Invalid, NotFound
from taskmaster.usecases import tags
from taskmaster.usecases.history import undo


@pytest.fixture
def place(tmp_path: Path) -> Project:
    home = tmp_path / ".taskmaster"
    return Project(str(tmp_path), str(home / "tasks" / "tasks.json"), str(home), "", legacy=False)


def current(place: Project) -> str:
    return config.current_tag(place, {})


def test_a_listing_counts_what_is_complete_and_what_is_ready() -> None:
    ws = project(
        task(1, status="done"), task(2, 1), task(3, 2), task(4, status="cancelled"),
        beta=[task(1, status="review")],
    )  # fmt: skip

    master, beta = tags.listed(ws)

    assert (master.name, master.current, master.complete, master.ready) == ("master", True, 2, 1)
    assert master.statuses == {"done": 1, "pending": 2, "cancelled": 1}
    assert (beta.name, beta.current, beta.complete, beta.ready) == ("beta", False, 0, 0)
    assert [one.name for one in tags.listed(ws, ready=True)] == ["master"]


def test_a_new_tag_is_empty_and_says_when_and_what_for() -> None:
    ws = project(task(1))

    assert tags.add(ws, "login", description="The login") == 0
    assert tags.add(ws, "plain") == 0

    with ws.reading() as reader:
        assert reader.tags() == ("master", "login", "plain")
        assert reader.tasks("login") == []
        assert reader.metadata("login") == {
            "created": NOW,
            "updated": NOW,
            "description": "The login",
        }
        assert reader.metadata("plain")["description"] == "Tag created on 2026-01-31"
    assert [entry.stamp.operation for entry in log(ws)] == ["add-tag", "add-tag"]


def test_a_copy_has_the_same_tasks_and_says_where_they_are_from() -> None:
    docs = [task(1, 2), task("2", subtasks=[step(1), step(2, 1)]), task(5, x={"y": 1})]
    ws = project(*docs)

    assert tags.copy(ws, "master", "backlog") == 3
    assert tags.add(ws, "other", description="Mine", copy_from="backlog") == 3

    with ws.reading() as reader:
        assert [one.doc for one in reader.tasks("backlog")] == docs
        assert reader.metadata("backlog") == {
            "created": NOW,
            "updated": NOW,
            "description": 'Copy of "master" created on 2026-01-31',
            "copiedFrom": {"tag": "master", "date": NOW},
        }
        assert reader.metadata("other")["description"] == "Mine"
    assert len(log(ws)) == 2


def test_a_tag_with_repeated_ids_is_not_copied() -> None:
    ws = project(task(1), task(1))

    with pytest.raises(Invalid, match="the same id"):
        tags.copy(ws, "master", "backlog")

    assert not log(ws)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "bad-tag-name"),
        ("two words", "bad-tag-name"),
        ("a/b", "bad-tag-name"),
        ("früh", "bad-tag-name"),
        ("line\n", "bad-tag-name"),
        ("x" * 51, "bad-tag-name"),
        ("main", "reserved-tag"),
        ("Default", "reserved-tag"),
        ("Master", "reserved-tag"),
        ("tasks", "reserved-tag"),
        ("metadata", "reserved-tag"),
        ("master", "tag-exists"),
        ("beta", "tag-exists"),
    ],
)
def test_a_name_that_cannot_be_is_refused_everywhere(name: str, code: str, place: Project) -> None:
    ws = project(task(1), beta=[], gamma=[])

    for operation in (
        lambda: tags.add(ws, name),
        lambda: tags.copy(ws, "gamma", name),
        lambda: tags.rename(ws, place, "gamma", name),
    ):
        with pytest.raises((Invalid, Conflict)) as refused:
            operation()
        assert refused.value.code == code
        assert refused.value.hint
    assert not log(ws)


def test_master_may_be_made_where_there_is_none() -> None:
    ws = project(task(1), tag="beta")

    tags.add(ws, "master")

    with ws.reading() as reader:
        assert reader.tags() == ("beta", "master")


def test_a_missing_tag_is_an_error_and_never_made(place: Project) -> None:
    ws = project(task(1))

    for operation in (
        lambda: tags.add(ws, "new", copy_from="typo"),
        lambda: tags.copy(ws, "typo", "new"),
        lambda: tags.use(ws, place, "typo"),
        lambda: tags.rename(ws, place, "typo", "new"),
        lambda: tags.remove(ws, place, "typo", agreed=None),
        lambda: tags.going_with(ws, "typo"),
    ):
        with pytest.raises(NotFound) as refused:
            operation()
        assert (refused.value.code, refused.value.hint) == ("tag-not-found", "the tags are: master")
    assert not log(ws)
    assert current(place) == "master"


def test_using_a_tag_keeps_what_else_the_state_file_says(place: Project) -> None:
    ws = project(task(1), beta=[task(1), task(2)])
    state = Path(place.home) / "state.json"
    state.parent.mkdir()
    state.write_text('{"currentTag": "master", "branchTagMapping": {"a": "b"}}', encoding="utf-8")

    assert tags.use(ws, place, "beta") == 2

    assert json.loads(state.read_text(encoding="utf-8")) == {
        "currentTag": "beta",
        "branchTagMapping": {"a": "b"},
        "lastSwitched": NOW,
    }
    assert not log(ws)


def test_each_worktree_has_its_own_current_tag(place: Project) -> None:
    ws = project(task(1), beta=[], gamma=[])
    worktree = place._replace(worktree="/somewhere/else")

    tags.use(ws, place, "beta")
    tags.use(ws, worktree, "gamma")
    assert (current(place), current(worktree)) == ("beta", "gamma")

    assert tags.rename(ws, place, "gamma", "delta") == (0, False)
    assert (current(place), current(worktree)) == ("beta", "delta")

    assert tags.remove(ws, worktree, "beta") == (0, False)
    assert (current(place), current(worktree)) == ("master", "delta")

    assert tags.remove(ws, worktree, "delta") == (0, True)
    assert (current(place), current(worktree)) == ("master", "master")


def test_a_renamed_tag_keeps_its_tasks_its_place_and_stays_current(place: Project) -> None:
    ws = project(task(1), beta=[task(7)], gamma=[])
    tags.use(ws, place, "beta")

    assert tags.rename(ws, place, "beta", "delta") == (1, True)

    with ws.reading() as reader:
        assert reader.tags() == ("master", "delta", "gamma")
        assert [one.id for one in reader.tasks("delta")] == ["7"]
        assert reader.metadata("delta") == {"renamed": {"from": "beta", "date": NOW}}
    assert current(place) == "delta"
    assert [entry.stamp.operation for entry in log(ws)] == ["rename-tag"]


def test_the_default_tag_of_the_settings_counts_as_current(place: Project) -> None:
    ws = project(task(1), beta=[])
    config.write_json(str(Path(place.home) / "config.json"), {"global": {"defaultTag": "beta"}})

    assert tags.remove(ws, place, "beta") == (0, True)

    assert current(place) == "master"


def test_master_can_be_neither_removed_nor_renamed(place: Project) -> None:
    ws = project()

    with pytest.raises(Invalid) as removed:
        tags.remove(ws, place, "master", agreed=None)
    with pytest.raises(Invalid) as renamed:
        tags.rename(ws, place, "master", "other")

    assert removed.value.code == renamed.value.code == "protected-tag"
    assert not log(ws)


def test_only_tasks_that_were_agreed_upon_go_with_a_tag(place: Project) -> None:
    ws = project(task(1), beta=[task(1), task(2)])

    for agreed in ((), ("1",)):
        with pytest.raises(Invalid, match="holds 2 tasks; nothing was removed") as refused:
            tags.remove(ws, place, "beta", agreed=agreed)
        assert refused.value.code == "tag-not-empty"
    assert not log(ws)

    assert [one.id for one in tags.going_with(ws, "beta")] == ["1", "2"]
    assert tags.remove(ws, place, "beta", agreed=("1", "2", "3")) == (2, False)
    with ws.reading() as reader:
        assert reader.tags() == ("master",)


def test_removing_the_only_tag_leaves_an_empty_master(place: Project) -> None:
    ws = project(task(1), tag="beta")

    tags.remove(ws, place, "beta", agreed=None)

    with ws.reading() as reader:
        assert reader.tags() == ("master",)
        assert reader.tasks("master") == []


@pytest.mark.parametrize("operation", ["add", "copy", "rename", "remove"])
def test_undo_brings_everything_back(operation: str, place: Project) -> None:
    docs = [task(1, 3), task(2, 1), task(3, subtasks=[step(1), step(2, 1, "2")])]
    ws = project(task(1), beta=docs)
    run: dict[str, Callable[[], object]] = {
        "add": lambda: tags.add(ws, "new"),
        "copy": lambda: tags.copy(ws, "beta", "new"),
        "rename": lambda: tags.rename(ws, place, "beta", "new"),
        "remove": lambda: tags.remove(ws, place, "beta", agreed=None),
    }

    run[operation]()
    undo(ws)

    with ws.reading() as reader:
        assert reader.tags() == ("master", "beta")
        assert [one.doc for one in reader.tasks("beta")] == docs
        assert reader.metadata("beta") == {}


@pytest.mark.parametrize(
    ("branch", "name"),
    [
        ("feature/Login-Form", "feature-login-form"),
        ("fix/#12  (urgent)", "fix-12-urgent"),
        ("a_b", "a_b"),
        ("x" * 60, "x" * 50),
        ("y" * 49 + "/z", "y" * 49),
    ],
)
def test_a_branch_gives_its_tag_a_name(branch: str, name: str) -> None:
    assert tags.branch_name(branch) == name


@pytest.mark.parametrize("branch", ["", "main", "master", "develop", "dev", "HEAD", "Main", "///"])
def test_some_branches_give_no_name(branch: str) -> None:
    with pytest.raises(Invalid) as refused:
        tags.branch_name(branch)

    assert refused.value.hint


def test_the_branch_is_read_from_a_checkout_a_folder_inside_it_or_a_worktree(
    tmp_path: Path, place: Project
) -> None:
    git = tmp_path / ".git"
    (git / "worktrees" / "w").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/feature/a\n", encoding="utf-8")
    (git / "worktrees" / "w" / "HEAD").write_text("ref: refs/heads/b\n", encoding="utf-8")
    worktree = tmp_path / "w"
    worktree.mkdir()
    (worktree / ".git").write_text(f"gitdir: {git}/worktrees/w\n", encoding="utf-8")
    inside = tmp_path / "deep" / "down"
    inside.mkdir(parents=True)

    assert config.branch(place) == "feature/a"
    assert config.branch(place._replace(root=str(inside))) == "feature/a"
    assert config.branch(place._replace(worktree=str(worktree))) == "b"


@pytest.mark.parametrize("head", ["8a0b1c\n", ""])
def test_a_detached_head_is_no_branch(tmp_path: Path, place: Project, head: str) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text(head, encoding="utf-8")

    assert config.branch(place) == ""


def test_a_git_folder_without_a_head_is_no_branch(tmp_path: Path, place: Project) -> None:
    (tmp_path / ".git").mkdir()

    assert config.branch(place) == ""
