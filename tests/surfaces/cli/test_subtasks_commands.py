"""add-subtask, remove-subtask and clear-subtasks as they are typed."""

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
    tamp.holds(
        task(1, status="done"),
        task(5, 1, subtasks=[step(1, parentTaskId=5), step(2, 1, parentTaskId=5)]),
        task(6, "5.2"),
        task(7, 6),
    )
    return tamp


def test_a_subtask_is_added_with_all_its_fields(tamp: Typed) -> None:
    said = tamp(
        "add-subtask", "-p", "5", "-t", "Write it", "-d", "soon", "--details", "how", "-s",
        "in-progress", "--dependencies", "2,6", "--test-strategy", "look", "--priority", "high",
    )  # fmt: skip

    assert said == (0, "added subtask 5.3: Write it\n", "")
    added = tamp.read()["master"]["tasks"][1]["subtasks"][-1]
    assert added.pop("createdAt")
    assert added == {
        "id": 3,
        "title": "Write it",
        "description": "soon",
        "details": "how",
        "status": "in-progress",
        "dependencies": [2, "6"],
        "testStrategy": "look",
        "priority": "high",
        "parentTaskId": 5,
    }
    assert tamp.operations() == ["add-subtask"]


def test_a_program_gets_the_new_subtask(tamp: Typed) -> None:
    said = tamp("add-subtask", "--parent=5", "Write it", "--json")

    assert said.json["schema"] == "tamp/subtask.v1"
    assert said.json["success"] is True
    assert said.json["subtask"]["id"] == "5.3"
    assert said.json["parentId"] == "5"
    assert (said.json["tag"], said.json["storageType"]) == ("master", "file")


def test_a_done_task_that_gets_an_open_subtask_is_named_and_left_alone(tamp: Typed) -> None:
    said = tamp("add-subtask", "--parent=1", "--title=More")

    assert said.code == 0
    assert "task 1 is done while its new subtask 1.1 is pending" in said.err
    assert "tamp set-status 1 in-progress" in said.err
    assert tamp.read()["master"]["tasks"][0]["status"] == "done"


def test_a_flag_without_effect_is_accepted_and_named(tamp: Typed) -> None:
    said = tamp("add-subtask", "--parent=5", "--title=x", "--generate", "--json")

    assert said.json["success"] is True
    assert said.err.startswith("note: --generate has no effect")


def test_a_task_becomes_a_subtask(tamp: Typed) -> None:
    said = tamp("add-subtask", "--parent", "5", "--task-id", "6")

    assert said == (
        0,
        "task 6 is subtask 5.3 now: Task 6\nwaiting for it under its new id: 7\n",
        "",
    )
    tasks = tamp.read()["master"]["tasks"]
    assert [one["id"] for one in tasks] == [1, 5, 7]
    assert tasks[1]["subtasks"][-1] == step(3, 2, title="Task 6", priority="medium", parentTaskId=5)
    assert tasks[2]["dependencies"] == ["5.3"]
    assert tamp.operations() == ["add-subtask"]


def test_a_program_is_told_what_the_conversion_changed(tamp: Typed) -> None:
    tamp("add-dependency", "7", "5")

    said = tamp("add-subtask", "--parent=5", "--task-id=7", "--json")

    assert said.json["subtask"]["id"] == "5.3"
    assert said.json["convertedFrom"] == "7"
    assert said.json["redirected"] == []
    assert said.json["dropped"] == [{"taskId": "7", "dependency": "5"}]
    assert "7 no longer waits for 5" in said.err


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        (["--title=x"], "usage", 2),
        (["--parent=5"], "invalid", 4),
        (["--parent=5", "two", "--title=x"], "usage", 2),
        (["--parent=9", "--title=x"], "not-found", 3),
        (["--parent=5.1", "--title=x"], "not-a-task", 4),
        (["--parent=5", "--title=x", "--status=maybe"], "unknown-status", 4),
        (["--parent=5", "--title=x", "--priority=maybe"], "unknown-priority", 4),
        (["--parent=5", "--title=x", "--dependencies=88"], "not-found", 3),
        (["--parent=5", "--title=x", "--dependencies=5"], "parent-dependency", 4),
        (["--parent=5", "--task-id=6", "--title=x"], "usage", 2),
        (["--parent=5", "--task-id=88"], "not-found", 3),
        (["--parent=6", "--task-id=5"], "has-subtasks", 4),
        (["--parent=5", "--title=x", "--tag=typo"], "tag-not-found", 3),
        (["--parentId=5"], "unknown-option", 2),
    ],
)
def test_what_cannot_be_added_is_refused(
    tamp: Typed, words: list[str], code: str, exit_code: int
) -> None:
    said = tamp.refuses("add-subtask", *words)

    assert (said.error["code"], said.code) == (code, exit_code)
    assert not tamp.operations()


def test_short_options_before_the_command_keep_their_meaning(tamp: Typed) -> None:
    said = tamp("-t", "typo", "add-subtask", "-p", "5", "-t", "x", "--json")

    assert said.error["code"] == "tag-not-found"


def test_subtasks_are_removed_with_the_references_to_them(tamp: Typed) -> None:
    said = tamp("remove-subtask", "--id=5.1-5.2")

    assert said.code == 0
    assert said.out.splitlines() == [
        "removed 5.1: Step 1",
        "removed 5.2: Step 2",
        "no longer waiting for it: 6",
        "`tamp undo` brings it back",
    ]
    tasks = tamp.read()["master"]["tasks"]
    assert tasks[1]["subtasks"] == []
    assert tasks[2]["dependencies"] == []
    assert tamp.operations() == ["remove-subtask"]


def test_a_program_is_told_what_was_removed(tamp: Typed) -> None:
    said = tamp("remove-subtask", "5.2", "--json", "--generate")

    assert said.json == {
        "schema": "tamp/removed.v1",
        "success": True,
        "removed": ["5.2"],
        "noLongerWaiting": ["6"],
        "tag": "master",
        "storageType": "file",
    }


def test_a_subtask_becomes_a_task(tamp: Typed) -> None:
    said = tamp("remove-subtask", "-i", "5.2", "-c")

    assert said.out == "subtask 5.2 is task 8 now: Step 2\nwaiting under the new id: 6\n"
    tasks = tamp.read()["master"]["tasks"]
    assert [one["id"] for one in tasks] == [1, 5, 6, 7, 8]
    assert tasks[4]["dependencies"] == ["5.1", 5]
    assert tasks[4]["priority"] == "medium"
    assert tasks[2]["dependencies"] == [8]
    assert tamp.operations() == ["remove-subtask"]


def test_a_program_is_told_the_new_id(tamp: Typed) -> None:
    said = tamp("remove-subtask", "--id=5.1,5.2", "--convert", "--json")

    ids = [(one["subtaskId"], one["taskId"]) for one in said.json["converted"]]
    assert ids == [("5.1", "8"), ("5.2", "9")]
    assert said.json["converted"][1]["task"]["dependencies"] == ["8", "5"]
    assert said.json["redirected"] == ["6"]


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        ([], "usage", 2),
        (["5.2,6"], "not-a-subtask", 4),
        (["5.2,6", "--convert"], "not-a-subtask", 4),
        (["5.1", "--id=5.9"], "not-found", 3),
        (["5.2-5.1"], "bad-range", 2),
    ],
)
def test_what_is_no_subtask_is_not_removed(
    tamp: Typed, words: list[str], code: str, exit_code: int
) -> None:
    said = tamp.refuses("remove-subtask", *words)

    assert (said.error["code"], said.code) == (code, exit_code)
    assert not tamp.operations()


def test_subtasks_are_cleared_and_counted(tamp: Typed) -> None:
    said = tamp("clear-subtasks", "--id=5,6")

    assert said.out.splitlines() == [
        "5: 2 subtasks removed",
        "6: had none",
        "no longer waiting for them: 6",
        "`tamp undo` brings them back",
    ]
    assert tamp.read()["master"]["tasks"][1]["subtasks"] == []
    assert tamp.operations() == ["clear-subtasks"]


def test_a_program_gets_the_counts(tamp: Typed) -> None:
    first = tamp("clear-subtasks", "--all", "--json").json
    second = tamp("clear-subtasks", "--all")

    assert (first["tasksCleared"], first["subtasksRemoved"]) == (1, 2)
    assert first["tasks"] == [{"taskId": "5", "removed": 2}]
    assert second == (0, "no task has subtasks\n", "")
    assert tamp.operations() == ["clear-subtasks"]


@pytest.mark.parametrize(
    ("words", "code"), [([], "usage"), (["5", "--all"], "usage"), (["5.1"], "not-a-task")]
)
def test_clearing_needs_tasks_or_all(tamp: Typed, words: list[str], code: str) -> None:
    said = tamp.refuses("clear-subtasks", *words)

    assert said.error["code"] == code


def test_the_same_in_processes_of_their_own(tamp: Typed) -> None:
    assert tamp.process("add-subtask", "--parent=5", "--title=New").out == (
        "added subtask 5.3: New\n"
    )
    assert tamp.process("remove-subtask", "5.9").code == 3
    assert tamp.process("clear-subtasks", "5", "--json").json["subtasksRemoved"] == 3


@pytest.mark.parametrize("command", ["add-subtask", "remove-subtask", "clear-subtasks"])
def test_help_shows_examples(tamp: Typed, command: str) -> None:
    said = tamp(command, "--help")

    assert said.code == 0
    assert f"examples:\n  tamp {command}" in said.out
    assert "--generate" not in said.out
