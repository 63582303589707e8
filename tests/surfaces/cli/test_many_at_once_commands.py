"""apply, template, defer, comment and link as they are typed."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from tests.surfaces.cli.typed import Typed, typed_in
from tests.usecases.drawn import step, task

Op = dict[str, Any]


@pytest.fixture
def tamp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Typed:
    monkeypatch.setenv("TAMP_ACTOR", "ann")
    tamp = typed_in(tmp_path, monkeypatch, capsys)
    tamp.holds(task(1), task(2, 1), task(5, subtasks=[step(1), step(2, 1)]))
    return tamp


def entries(tamp: Typed) -> dict[int, dict[str, Any]]:
    return {one["id"]: one for one in tamp.read()["master"]["tasks"]}


def given(tamp: Typed, *operations: object) -> str:
    (tamp.folder / "batch.json").write_text(json.dumps(operations), encoding="utf-8")
    return "batch.json"


BATCH: tuple[Op, ...] = (
    {"op": "add", "title": "Parse", "as": "$p"},
    {"op": "status", "id": [1, "5.1"], "status": "done"},
    {"op": "add-dependency", "id": 2, "dependsOn": "$p"},
)


def test_a_batch_is_carried_out_and_told_line_by_line(tamp: Typed) -> None:
    said = tamp("apply", given(tamp, *BATCH))

    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == [
        "0  add: 6",
        "1  status: 1, 5.1",
        "2  add-dependency: 2",
        "$p is 6",
        "3 operations made 5 changes; `tamp undo` takes them back together",
    ]
    assert entries(tamp)[2]["dependencies"] == [1, 6]
    assert tamp.operations() == ["apply"]


def test_a_program_gets_a_result_for_each_operation(tamp: Typed) -> None:
    said = tamp("apply", given(tamp, *BATCH), "--json")

    assert said.json["schema"] == "tamp/batch.v1"
    assert said.json["results"][:2] == [
        {"index": 0, "op": "add", "ok": True, "id": "6", "ids": ["6"]},
        {"index": 1, "op": "status", "ok": True, "id": "1", "ids": ["1", "5.1"]},
    ]
    assert said.json["names"] == {"$p": "6"}
    assert (said.json["success"], said.json["dryRun"]) == (True, False)
    assert {one["kind"] for one in said.json["changes"]} == {"added", "changed"}


def test_a_dry_run_shows_what_would_change(tamp: Typed) -> None:
    file = given(tamp, *BATCH, {"op": "edit", "id": 2, "title": "Better"})
    before = tamp.file.read_bytes()

    said = tamp("apply", file, "--dry-run")

    assert "master 6 added: Parse" in said.out
    assert "master 2 title Task 2 → Better; dependencies [1] → [1, 6]" in said.out
    assert said.out.endswith("4 operations would make 5 changes; nothing was changed\n")
    assert tamp("apply", file, "--dry-run", "--json").json["dryRun"] is True
    assert tamp.file.read_bytes() == before
    assert tamp.operations() == []


def test_operations_come_from_standard_input_a_line_each(
    tamp: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = "".join(json.dumps(one) + "\n" for one in BATCH)
    monkeypatch.setattr("sys.stdin", io.StringIO(f"\ufeff{lines}"))

    said = tamp("apply", "-")

    assert said.code == 0
    assert 6 in entries(tamp)


def test_undo_takes_the_whole_batch_back(tamp: Typed) -> None:
    before = tamp.read()["master"]["tasks"]
    tamp("apply", given(tamp, *BATCH, {"op": "remove", "id": 1}))

    assert tamp("undo").code == 0
    assert tamp.read()["master"]["tasks"] == before


@pytest.mark.parametrize(
    ("operations", "code", "exit_code"),
    [
        (({"op": "note", "id": 1, "text": "x"}, {"op": "note", "id": 99, "text": "x"}),
         "not-found", 3),
        (({"op": "add", "title": "x"}, {"op": "add", "titel": "x"}), "bad-operation", 4),
        ((), "usage", 2),
    ],
)  # fmt: skip
def test_a_batch_that_fails_changes_nothing_and_says_where(
    tamp: Typed, operations: tuple[Op, ...], code: str, exit_code: int
) -> None:
    said = tamp.refuses("apply", given(tamp, *operations))

    assert (said.code, said.error["code"]) == (exit_code, code)
    if operations:
        assert said.error["details"]["index"] == 1
        assert said.error["message"].startswith("operation 1")
    assert tamp.operations() == []


def test_a_batch_that_cannot_be_read_is_refused(tamp: Typed) -> None:
    (tamp.folder / "batch.json").write_bytes(b"[\xff]")
    assert tamp("apply", "batch.json").code == 4
    (tamp.folder / "batch.json").write_text("[1,\n2,]", encoding="utf-8")
    assert "line 2 column" in tamp.refuses("apply", "batch.json").error["message"]
    assert tamp.refuses("apply", "nowhere.json").error["code"] == "file-not-found"
    assert tamp.refuses("apply", ".").error["code"] == "file-not-found"


def test_a_template_is_kept_shown_used_and_taken_away(tamp: Typed) -> None:
    tamp("edit", "5", "--title=Release 1.4")

    said = tamp(
        "template", "save", "release", "--from=2,5", "--variable=version=1.4",
        "--variable=who=nobody", "--description=What a release takes",
    )  # fmt: skip
    assert said.out == "kept 2 tasks as the template release\n"
    assert said.err == "note: that 2 waits for 1 is left out: it is not part of the set\n"
    kept = json.loads((tamp.folder / ".taskmaster/templates/release.json").read_text())
    assert kept["variables"] == {"version": None}

    assert tamp("template").out == "release  2 tasks  variables version  What a release takes\n"
    assert tamp("template", "show", "release").out.splitlines() == [
        "release  What a release takes",
        "  {{version}}",
        "  t1  Task 2",
        "  t2  Release {{version}}",
        "    t2.1  Step 1",
        "    t2.2  Step 2  after t2.1",
    ]

    before = tamp.file.read_bytes()
    said = tamp("template", "apply", "release", "--set=version=2.0", "--dry-run")
    assert said.out.endswith("2 tasks would be made; nothing was changed\n")
    assert tamp.file.read_bytes() == before

    said = tamp("template", "apply", "release", "--set=version=2.0")
    assert said.out.splitlines()[:2] == ["added task 6: Task 2", "added task 7: Release 2.0"]
    assert tamp.operations()[1:] == ["apply-template"]
    tamp("undo")
    assert set(entries(tamp)) == {1, 2, 5}

    assert tamp("template", "remove", "release", "--yes").out == "removed the template release\n"
    assert tamp("template", "list").out.startswith("no templates yet")


def test_a_program_gets_templates_as_json(tamp: Typed) -> None:
    words = ("--from=5", "--variable=what=Task", "--default=what=Thing", "--json")
    said = tamp("template", "save", "t", *words)
    assert said.json["variables"] == {"what": "Thing"}
    assert said.json["tasks"][0]["title"] == "{{what}} 5"

    assert tamp("template", "list", "--json").json["templates"] == [
        {"name": "t", "description": "", "tasks": 1, "variables": {"what": "Thing"}}
    ]
    assert tamp("template", "show", "t", "--json").json["schema"] == "tamp/template.v1"
    made = tamp("template", "apply", "t", "--json").json
    assert [one["id"] for one in made["tasks"]] == ["6"]
    assert made["tasks"][0]["title"] == "Thing 5"
    assert tamp("template", "remove", "t", "--yes", "--json").json["success"] is True


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        (["shwo"], "usage", 2),
        (["show"], "usage", 2),
        (["list", "x"], "usage", 2),
        (["save", "new"], "usage", 2),
        (["save", "new", "--from=1", "--set=a=b"], "usage", 2),
        (["save", "new", "--from=1", "--variable=a"], "usage", 2),
        (["save", "new", "--from=99"], "not-found", 3),
        (["save", "new", "--from=5.1"], "not-a-task", 4),
        (["save", "t", "--from=1"], "template-exists", 5),
        (["save", "new", "--from=1", "--tag=typo"], "tag-not-found", 3),
        (["show", "typo"], "template-not-found", 3),
        (["apply", "typo"], "template-not-found", 3),
        (["apply", "t"], "missing-variables", 4),
        (["apply", "t", "--set=what=x", "--set=who=y"], "unknown-variable", 4),
        (["apply", "t", "--set=what=x", "--tag=typo"], "tag-not-found", 3),
        (["remove", "typo", "--yes"], "template-not-found", 3),
    ],
)
def test_what_a_template_cannot_do_is_refused(
    tamp: Typed, words: list[str], code: str, exit_code: int
) -> None:
    tamp("template", "save", "t", "--from=5", "--variable=what=Task")

    said = tamp.refuses("template", *words)

    assert (said.error["code"], said.code) == (code, exit_code)


def test_a_broken_template_does_not_hide_the_others(tamp: Typed) -> None:
    tamp("template", "save", "good", "--from=5")
    (tamp.folder / ".taskmaster/templates/bad.json").write_text("{", encoding="utf-8")

    said = tamp("template")

    assert said.code == 0
    assert said.out.splitlines()[0].startswith("bad  (the template bad cannot be used")
    assert said.out.splitlines()[1] == "good  1 task"


def test_a_task_is_put_off_and_comes_back(tamp: Typed) -> None:
    said = tamp("defer", "1,2", "--until=2031-01-01")
    assert said.out.splitlines() == [
        "1 is put off until 2031-01-01: Task 1",
        "2 is put off until 2031-01-01: Task 2",
    ]
    assert tamp("next").out.startswith("5  ")
    assert "until 2031-01-01" in tamp("list").out
    assert "  not until" in tamp("show", "1").out
    assert tamp("why", "1", "--json").json["state"] == "deferred"
    assert [one["id"] for one in tamp("list", "--ready", "--json").json["tasks"]] == ["5"]
    assert tamp("tags", "--json").json["tags"][0]["readyTasks"] == 1

    said = tamp("defer", "1", "--clear", "--json")
    assert said.json["tasks"][0]["id"] == "1"
    assert "deferUntil" not in entries(tamp)[1]
    assert tamp.operations() == ["defer", "defer"]


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        ([], "usage", 2),
        (["1"], "usage", 2),
        (["1", "--until=2w", "--clear"], "usage", 2),
        (["99", "--until=2w"], "not-found", 3),
        (["1", "--until=2001-01-01"], "past-date", 4),
        (["1", "--until=someday"], "bad-date", 4),
        (["1", "--until=2w", "--tag=typo"], "tag-not-found", 3),
    ],
)
def test_what_cannot_be_put_off_is_refused(
    tamp: Typed, words: list[str], code: str, exit_code: int
) -> None:
    said = tamp.refuses("defer", *words)

    assert (said.error["code"], said.code) == (code, exit_code)


def test_days_and_rules_are_given_when_a_task_is_written_or_changed(tamp: Typed) -> None:
    tamp("add-task", "New", "--defer-until=2031-01-01", "--repeat=every 7 days")
    tamp("edit", "1", "--defer-until=2031-01-02", "--repeat=Weekly")
    tamp("edit", "2", "--repeat=weekly", "--due=2030-06-03")

    stored = entries(tamp)
    assert (stored[6]["deferUntil"], stored[6]["repeat"]) == ("2031-01-01", "every 7 days")
    assert (stored[1]["deferUntil"], stored[1]["repeat"]) == ("2031-01-02", "weekly")
    said = tamp("set-status", "2", "done")
    assert said.out.splitlines()[1] == "7: new → pending  Task 2  (the next of 2, due 2030-06-10)"
    assert "  repeats   weekly, the next is 7" in tamp("show", "2").out
    assert "  repeats   weekly, after 2" in tamp("show", "7").out
    tamp("edit", "1", "--defer-until=none", "--repeat=none")
    assert not {"deferUntil", "repeat"} & entries(tamp)[1].keys()
    assert tamp.refuses("edit", "5.1", "--repeat=daily").error["code"] == "not-a-task"


def test_comments_are_left_listed_shown_and_taken_off(
    tamp: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tamp("comment", "1,5.1", "Agreed:", "JSON").out.splitlines() == [
        "commented on 1: Task 1",
        "commented on 5.1: Step 1",
    ]
    monkeypatch.setattr("sys.stdin", io.StringIO("two\nlines\n"))
    tamp("comment", "1", "-")

    shown = tamp("comment", "1", "--list").out.splitlines()
    assert shown[0] == "1: Task 1"
    assert shown[1].startswith("    1  Agreed: JSON  (ann, ")
    assert [line.split("  (")[0] for line in shown[2:]] == ["    2  two", "       lines"]
    assert "  comments\n    1  Agreed: JSON" in tamp("show", "1").out
    assert "master 1 comment added: two lines" in tamp("history", "-n", "1").out

    said = tamp("comment", "1", "--remove=1", "--json")
    assert said.json["schema"] == "tamp/comments.v1"
    assert [one["text"] for one in said.json["tasks"][0]["comments"]] == ["two\nlines"]
    assert "master 1 comment taken off: Agreed: JSON" in tamp("history", "-n", "1").out
    assert tamp.operations() == ["comment", "comment", "remove-comment"]


def test_a_comment_says_nothing_to_the_terminal(tamp: Typed) -> None:
    tamp("comment", "1", "red \x1b[31m")

    for words in (("comment", "1", "--list"), ("show", "1"), ("history",)):
        assert "\x1b" not in tamp(*words).out


def test_links_are_made_listed_shown_and_taken_off(tamp: Typed) -> None:
    said = tamp("link", "1,2", "--commit=ABCDEF", "--pr=https://example.com/pull/12")
    assert said.out.splitlines()[0] == (
        "1 is linked to commit ABCDEF, pr https://example.com/pull/12"
    )
    listed = tamp("link", "1", "--list").out.splitlines()
    assert listed[1].startswith("    1  commit abcdef  (ann, ")
    assert "  links\n    1  commit abcdef" in tamp("show", "1").out
    assert "link added: commit abcdef" in tamp("history", "-n", "1").out

    said = tamp("link", "1", "--remove=2")
    assert said.out == "took link 2 off 1: pr https://example.com/pull/12\n"
    linked = tamp("link", "1", "--list", "--json").json["tasks"][0]["links"]
    assert [one["target"] for one in linked] == ["abcdef"]
    assert tamp.operations() == ["link", "remove-link"]


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        (["comment"], "usage", 2),
        (["comment", "1"], "usage", 2),
        (["comment", "1", "x", "--list"], "usage", 2),
        (["comment", "1", " "], "empty-comment", 4),
        (["comment", "99", "x"], "not-found", 3),
        (["comment", "1", "--remove=1"], "comment-not-found", 3),
        (["comment", "1", "x", "--tag=typo"], "tag-not-found", 3),
        (["link"], "usage", 2),
        (["link", "1"], "usage", 2),
        (["link", "1", "--url=https://x.y", "--list"], "usage", 2),
        (["link", "1", "--list", "--remove=1"], "usage", 2),
        (["link", "1", "--url=x"], "bad-link", 4),
        (["link", "99", "--doc=a.md"], "not-found", 3),
        (["link", "1", "--remove=3"], "link-not-found", 3),
    ],
)
def test_what_cannot_be_left_on_a_task_is_refused(
    tamp: Typed, words: list[str], code: str, exit_code: int
) -> None:
    said = tamp.refuses(*words)

    assert (said.error["code"], said.code) == (code, exit_code)
    assert tamp.operations() == []


def test_comments_of_another_form_are_told_in_history_all_the_same(tamp: Typed) -> None:
    tamp("edit", "1", '--set=comments=["x"]')
    tamp("edit", "1", "--unset=comments")

    assert "comments" in tamp("history").out
