"""add-, remove-, validate- and fix-dependencies as they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.surfaces.cli.typed import Typed, typed_in
from tests.usecases.drawn import step, task


@pytest.fixture
def tamp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Typed:
    tamp = typed_in(tmp_path, monkeypatch, capsys)
    tamp.holds(task(1), task(2, 1), task(3, subtasks=[step(1), step(2, 1)]), task(4))
    return tamp


@pytest.fixture
def broken(tamp: Typed) -> Typed:
    tamp.holds(
        task(1, 2),
        task(2, 1, 1, "77", None),
        task(3, 3, subtasks=[step(1), step(2, 1, "3.1")]),
        beta=[task(1, 9)],
    )
    return tamp


def test_a_dependency_is_added(tamp: Typed) -> None:
    said = tamp("add-dependency", "--id=3-4", "--depends-on=2")

    assert said == (0, "3 waits for 2\n4 waits for 2\n", "")
    assert tamp.read()["master"]["tasks"][3]["dependencies"] == [2]
    assert tamp.operations() == ["add-dependency"]


@pytest.mark.parametrize(
    "words", [["4", "1"], ["-i", "4", "-d", "1"], ["4", "-d", "1"], ["1", "-i", "4"]]
)
def test_both_sides_are_named_in_either_way(tamp: Typed, words: list[str]) -> None:
    said = tamp("add-dependency", *words, "--json")

    assert said.json == {
        "schema": "tamp/dependencies.v1",
        "success": True,
        "added": [{"taskId": "4", "dependencyId": "1"}],
        "existing": [],
        "tag": "master",
        "storageType": "file",
    }


def test_one_that_is_there_already_is_a_note(tamp: Typed) -> None:
    before = tamp.file.read_bytes()

    said = tamp("add-dependency", "2", "1")

    assert said == (0, "nothing to change\n", "note: 2 waits for 1 already\n")
    assert tamp.file.read_bytes() == before
    assert not tamp.operations()


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        ([], "usage", 2),
        (["4"], "usage", 2),
        (["--depends-on=4"], "usage", 2),
        (["4", "9"], "not-found", 3),
        (["9", "4"], "not-found", 3),
        (["4", "4"], "self-dependency", 4),
        (["1", "2"], "circular-dependency", 4),
        (["3.1", "3"], "parent-dependency", 4),
        (["3", "3.1"], "subtask-dependency", 4),
        (["3.1", "3.2"], "circular-dependency", 4),
        (["4", "1", "--tag=typo"], "tag-not-found", 3),
    ],
)
def test_a_dependency_that_cannot_be_is_refused(
    tamp: Typed, words: list[str], code: str, exit_code: int
) -> None:
    said = tamp.refuses("add-dependency", *words)

    assert (said.error["code"], said.code) == (code, exit_code)
    assert not tamp.operations()


def test_a_circle_is_named(tamp: Typed) -> None:
    said = tamp.refuses("add-dependency", "1", "2")

    assert "1 → 2 → 1" in said.error["message"]


def test_a_dependency_is_removed(tamp: Typed) -> None:
    said = tamp("remove-dependency", "--id=2", "--depends-on=1")

    assert said == (0, "2 no longer waits for 1\n", "")
    assert tamp.read()["master"]["tasks"][1]["dependencies"] == []
    assert tamp.operations() == ["remove-dependency"]
    said = tamp("remove-dependency", "3.2", "3.1", "--json")
    assert said.json["removed"] == [{"taskId": "3.2", "dependencyId": "3.1"}]


def test_a_dependency_that_is_not_there_is_not_removed(tamp: Typed) -> None:
    said = tamp.refuses("remove-dependency", "2", "3")

    assert (said.error["code"], said.code) == ("dependency-not-found", 3)
    assert said.error["hint"] == "2 waits for: 1"
    assert tamp.refuses("remove-dependency", "2").code == 2


def test_sound_dependencies_are_valid(tamp: Typed) -> None:
    text = tamp("validate-dependencies")
    said = tamp("validate-dependencies", "--json")

    assert text == (0, "2 dependencies of 4 tasks and 2 subtasks: nothing is wrong\n", "")
    assert said.json["valid"] is True
    assert said.json["problems"] == []


def test_problems_are_listed_and_counted(broken: Typed) -> None:
    before = broken.file.read_bytes()
    text = broken("validate-dependencies")
    said = broken("validate-dependencies", "--json")

    assert text.code == said.code == 4
    assert "circular    1 waits for 2 in a circle: 1 → 2 → 1" in text.out
    assert "7 dependencies of 3 tasks and 2 subtasks: 6 are wrong" in text.out
    assert said.json["valid"] is False
    assert said.json["problems"][0] == {
        "kind": "duplicate",
        "taskId": "2",
        "dependency": "1",
        "message": "2 names 1 more than once",
        "tag": "master",
    }
    assert said.json["counts"] == {
        "tasks": 3,
        "subtasks": 2,
        "dependencies": 7,
        "problems": 6,
        "missing": 1,
        "self": 1,
        "circular": 1,
        "duplicate": 2,
        "unreadable": 1,
    }
    assert broken.file.read_bytes() == before


def test_every_tag_is_validated_when_asked_to(broken: Typed) -> None:
    said = broken("validate-dependencies", "--all-tags", "--json")

    assert said.json["tag"] == "all"
    assert said.json["problems"][-1]["tag"] == "beta"
    assert "missing     beta: 1 waits for 9" in broken("validate-dependencies", "--all-tags").out


def test_a_plan_changes_nothing(broken: Typed) -> None:
    before = broken.file.read_bytes()

    text = broken("fix-dependencies", "--dry-run")
    said = broken("fix-dependencies", "--dry-run", "--json")

    assert text.code == 0
    assert text.out.endswith("6 entries would be taken out; nothing was changed\n")
    assert said.json["dryRun"] is True
    assert len(said.json["fixed"]) == 6
    assert broken.file.read_bytes() == before
    assert not broken.operations()


def test_mending_takes_the_wrong_entries_out_at_once(broken: Typed) -> None:
    text = broken("fix-dependencies")

    assert text.code == 0
    assert text.out.endswith("6 entries taken out; `tamp undo` brings them back\n")
    tasks = broken.read()["master"]["tasks"]
    assert [one["dependencies"] for one in tasks] == [[], [1], []]
    assert tasks[2]["subtasks"][1]["dependencies"] == [1]
    assert broken.read()["beta"]["tasks"][0]["dependencies"] == [9]
    assert broken.operations() == ["fix-dependencies"]
    assert broken("validate-dependencies").code == 0
    assert broken("fix-dependencies") == (0, "nothing is wrong\n", "")


def test_what_only_a_person_can_mend_is_named(tamp: Typed) -> None:
    tamp.holds(task(1, 1), task(2) | {"dependencies": "1, 3"})

    said = tamp("fix-dependencies", "--json")

    assert said.code == 4
    assert said.json["success"] is False
    assert [one["kind"] for one in said.json["fixed"]] == ["self"]
    assert [one["taskId"] for one in said.json["remaining"]] == ["2"]
    assert "tamp edit ID --dependencies=IDS" in tamp("fix-dependencies").out


def test_the_same_in_processes_of_their_own(broken: Typed) -> None:
    assert broken.process("validate-dependencies").code == 4
    assert broken.process("fix-dependencies", "--all-tags", "--json").json["counts"]["fixed"] == 7
    assert broken.process("validate-dependencies", "--all-tags").code == 0
    assert broken.process("add-dependency", "1", "2").code == 4


@pytest.mark.parametrize(
    "command",
    ["add-dependency", "remove-dependency", "validate-dependencies", "fix-dependencies"],
)
def test_help_shows_examples(tamp: Typed, command: str) -> None:
    assert f"examples:\n  tamp {command}" in tamp(command, "--help").out
