"""edit, set-status and remove-task on every task that a query means."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from tests.surfaces.cli.typed import Typed, typed_in
from tests.usecases.drawn import step, task

from taskmaster.domain import grammar
from taskmaster.errors import Conflict
from taskmaster.usecases import everywhere, tasks
from taskmaster.workspace import Workspace

UI = "label:ui"


@pytest.fixture
def tamp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Typed:
    tamp = typed_in(tmp_path, monkeypatch, capsys)
    tamp.holds(
        task(1, labels=["ui"]),
        task(2, 1, labels=["ui"], status="done"),
        task(3, 1, subtasks=[step(1)]),
        other=[task(1, labels=["ui"])],
    )
    return tamp


class Person(io.StringIO):
    """Somebody at a terminal who answers."""

    def isatty(self) -> bool:
        return True


def fields(tamp: Typed, key: str) -> list[object]:
    return [one.get(key) for one in tamp.read()["master"]["tasks"]]


def test_an_edit_reaches_every_task_that_the_query_means(tamp: Typed) -> None:
    said = tamp("edit", f"--where={UI}", "--priority=low", "--note=Later", "--yes")

    assert said.out.splitlines() == ["edited 1: Task 1", "edited 2: Task 2"]
    assert fields(tamp, "priority") == ["low", "low", "medium"]
    assert tamp.read()["other"]["tasks"][0]["priority"] == "medium"
    assert tamp.operations() == ["edit"]
    tamp("undo")
    assert fields(tamp, "priority") == ["medium", "medium", "medium"]


def test_a_status_reaches_them_with_what_follows(tamp: Typed) -> None:
    said = tamp("set-status", "done", "--where=is:subtask", "--yes", "--json")

    assert [(one["taskId"], one["newStatus"]) for one in said.json["updatedTasks"]] == [
        ("3.1", "done"), ("3", "done"),
    ]  # fmt: skip


def test_the_status_may_be_an_option_as_well(tamp: Typed) -> None:
    assert tamp("set-status", "--status=review", f"--where={UI}", "--yes").code == 0
    assert fields(tamp, "status") == ["review", "review", "pending"]


def test_removing_reaches_them_with_every_reference(tamp: Typed) -> None:
    said = tamp("remove-task", f"--where={UI} not status:done", "--yes")

    assert said.out.splitlines()[:2] == ["removed 1: Task 1", "no longer waiting for it: 2, 3"]
    assert fields(tamp, "dependencies") == [[], []]
    tamp("undo")
    assert fields(tamp, "dependencies") == [[], [1], [1]]


COMMANDS = (("edit", "--priority=low"), ("set-status", "review"), ("remove-task",))


@pytest.mark.parametrize("words", COMMANDS)
def test_a_dry_run_shows_what_would_change(tamp: Typed, words: tuple[str, ...]) -> None:
    before = tamp.file.read_bytes()

    for yes in ((), ("--yes",)):
        said = tamp(*words, f"--where={UI}", "--dry-run", *yes)
        assert said.out.endswith("2 tasks match; nothing was changed\n")
        assert "master 1 " in said.out
    data = tamp(*words, f"--where={UI}", "--dry-run", "--json").json
    assert data["schema"] == "tamp/preview.v1"
    assert (data["matching"], data["dryRun"]) == (["1", "2"], True)
    assert data["changes"]
    assert tamp.file.read_bytes() == before


@pytest.mark.parametrize("words", COMMANDS)
def test_without_a_terminal_and_without_yes_nothing_is_done(
    tamp: Typed, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))

    said = tamp.refuses(*words, f"--where={UI}")

    assert (said.code, said.error["code"]) == (2, "not-confirmed")
    assert said.error["details"] == ["1", "2"]
    assert "2 tasks match" in said.error["message"]


@pytest.mark.parametrize(("reply", "done"), [("y\n", True), ("n\n", False), ("", False)])
@pytest.mark.parametrize("words", COMMANDS)
def test_a_person_sees_the_tasks_and_their_number_and_is_asked(
    tamp: Typed, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], reply: str, done: bool
) -> None:
    before = tamp.file.read_bytes()
    monkeypatch.setattr("sys.stdin", Person(reply))

    said = tamp(*words, f"--where={UI}")

    assert f"  1  Task 1\n  2  Task 2\n{words[0]} 2 tasks? [y/N] " in said.err
    assert (tamp.file.read_bytes() != before) == done
    assert said.out.endswith("2 tasks match; nothing was changed\n") != done


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        (["edit", "1", f"--where={UI}", "--priority=low", "--yes"], "usage", 2),
        (["edit", f"--where={UI}", "--yes"], "usage", 2),
        (["edit", f"--where={UI}", "--priority=low", "--if-revision=x", "--yes"], "usage", 2),
        (["edit", "1", "--priority=low", "--dry-run"], "usage", 2),
        (["edit", "--where=label:none-such", "--priority=low", "--yes"], "nothing-matches", 3),
        (["edit", f"--where={UI}", "--title= ", "--yes"], "invalid", 4),
        (["edit", f"--where={UI}", "--priority=low", "--yes", "--tag=typo"], "tag-not-found", 3),
        (["set-status", "1", "done", f"--where={UI}", "--yes"], "usage", 2),
        (["set-status", f"--where={UI}", "--yes"], "usage", 2),
        (["set-status", "dune", f"--where={UI}", "--yes"], "unknown-status", 4),
        (["remove-task", "1", f"--where={UI}", "--yes"], "usage", 2),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    tamp: Typed, words: list[str], code: str, exit_code: int
) -> None:
    said = tamp.refuses(*words)

    assert (said.error["code"], said.code) == (code, exit_code)
    assert tamp.operations() == []


def test_a_query_that_means_nothing_is_refused(tamp: Typed) -> None:
    assert tamp.refuses("edit", "--where=statsu:done", "--priority=low", "--yes").code == 4


def test_one_that_cannot_be_edited_keeps_all_as_they_are(tamp: Typed) -> None:
    said = tamp.refuses(
        "edit", f"--where={UI}", "--replace", "title", "Task 1", "First", "--yes"
    )  # fmt: skip

    assert said.error["code"] == "not-exactly-once"


def test_what_was_not_agreed_to_is_not_touched() -> None:
    from tests.usecases import drawn

    ws: Workspace = drawn.project(task(1, labels=["ui"]), task(2, labels=["ui"]))
    query = grammar.parse(UI)
    change = tasks.Edit({"priority": "low"}, None, None, (), ())

    with pytest.raises(Conflict) as caught:
        everywhere.on_all(
            ws,
            "edit",
            query,
            lambda writer, found: tasks.amend(writer, ws.tag, found, change, ws.clock()),
            agreed=["1"],
        )

    assert caught.value.code == "changed-since"
    assert drawn.log(ws) == []
