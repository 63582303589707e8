"""move as it is typed."""

from __future__ import annotations

import json
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
        task(1),
        task(5, 1, subtasks=[step(1), step(2, 1)]),
        task(6, "5.2"),
        v2=[task(1, title="Other")],
    )
    return tamp


def order(tamp: Typed, tag: str = "master") -> list[object]:
    return [one["id"] for one in tamp.read()[tag]["tasks"]]


@pytest.mark.parametrize(
    "words", [("5", "9"), ("--from=5", "--to=9"), ("--from", "5", "9"), ("5", "--to", "9")]
)
def test_a_task_gets_another_id_in_every_way_to_say_so(tamp: Typed, words: tuple[str, ...]) -> None:
    said = tamp("move", *words)

    assert said == (
        0,
        "5 is 9 now: Task 5\nwaiting under new ids: 9.2, 6\n`tamp undo` takes it back\n",
        "",
    )
    assert order(tamp) == [1, 9, 6]
    assert tamp.read()["master"]["tasks"][2]["dependencies"] == ["9.2"]
    assert tamp.operations() == ["move"]


def test_undo_brings_everything_back(tamp: Typed) -> None:
    for words in (("5", "9"), ("5.2", "7"), ("1", "5.1"), ("5.2", "5.1"), ("6", "--to-tag=v2")):
        before = tamp.file.read_bytes()
        said = tamp("move", *words, *["--ignore-dependencies"] * ("--to-tag=v2" in words))
        assert said.code == 0, said
        assert tamp.file.read_bytes() != before

        assert tamp("undo").code == 0

        assert tamp.read() == json.loads(before)


def test_a_program_is_told_of_each_one(tamp: Typed) -> None:
    said = tamp("move", "--from=1,6", "--to=6,1", "--json")

    assert said.json == {
        "schema": "tamp/moved.v1",
        "success": True,
        "moves": [
            {"from": "1", "to": "6", "title": "Task 1", "status": "moved"},
            {"from": "6", "to": "1", "title": "Task 6", "status": "moved"},
        ],
        "redirected": ["5"],
        "dropped": [],
        "found": [],
        "fromTag": "master",
        "toTag": "master",
        "tag": "master",
        "storageType": "file",
    }


def test_a_subtask_takes_the_place_of_another(tamp: Typed) -> None:
    said = tamp("move", "5.2", "5.1")

    assert said.out.startswith("5.2 stands at another place now: Step 2\n")
    assert [one["id"] for one in tamp.read()["master"]["tasks"][1]["subtasks"]] == [2, 1]


def test_a_task_goes_to_another_tag_with_all_it_waits_for(tamp: Typed) -> None:
    said = tamp("move", "6", "--to-tag=v2", "--with-dependencies", "--renumber")

    assert said.code == 0
    assert said.out.splitlines()[:3] == [
        "1 is 7 in tag v2 now: Task 1",
        "5 is 5 in tag v2 now: Task 5",
        "6 is 6 in tag v2 now: Task 6",
    ]
    assert (order(tamp), order(tamp, "v2")) == ([], [1, 5, 6, 7])


def test_the_tag_it_comes_from_may_be_named(tamp: Typed) -> None:
    said = tamp("move", "--from=1", "--from-tag=v2", "--to-tag=master", "--to=8", "--json")

    assert (said.json["fromTag"], said.json["toTag"], said.json["tag"]) == ("v2", "master", "v2")
    assert order(tamp) == [1, 5, 6, 8]


def test_waits_that_are_dropped_are_named(tamp: Typed) -> None:
    said = tamp("move", "6", "--to-tag=v2", "--ignore-dependencies")

    assert said.code == 0
    assert said.err == "note: 6 no longer waits for 5.2\n"


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        ((), "usage", 2),
        (("5",), "usage", 2),
        (("5,6", "9"), "id-count-mismatch", 2),
        (("5", "6"), "task-already-exists", 5),
        (("5.1", "6"), "task-already-exists", 5),
        (("99", "9"), "task-not-found", 3),
        (("5.9", "9"), "subtask-not-found", 3),
        (("6.1", "9"), "parent-task-no-subtasks", 3),
        (("6", "99.1"), "destination-task-not-found", 3),
        (("5", "6.1"), "has-subtasks", 4),
        (("6", "9", "--renumber"), "usage", 2),
        (("6", "--to-tag=typo"), "invalid-target-tag", 3),
        (("6", "--from-tag=typo", "--to-tag=v2"), "invalid-source-tag", 3),
        (("6", "--to-tag=master"), "source-target-tags-same", 2),
        (("6", "--to-tag=v2"), "cross-tag-dependency-conflicts", 4),
        (("5.1", "--to-tag=v2"), "cannot-move-subtask", 4),
        (("1", "--to-tag=v2", "--ignore-dependencies"), "task-already-exists", 5),
        (("1", "9", "--tag=v2", "--from-tag=master"), "usage", 2),
    ],
)
def test_what_cannot_move_is_refused(
    tamp: Typed, words: tuple[str, ...], code: str, exit_code: int
) -> None:
    said = tamp.refuses("move", *words)

    assert (said.error["code"], said.code) == (code, exit_code)
    assert not tamp.operations()
