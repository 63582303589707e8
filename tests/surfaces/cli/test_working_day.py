"""The commands in the way people and agents use them from morning to evening."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.surfaces.cli.conftest import Project, Tamp, process, step, task

PRD = """# Note keeper

A small program that keeps notes.

## Requirements

### Store notes
- Notes are kept in one file.
- A crash loses nothing.

### Search
Depends on: Store notes
- Users find notes by any word in them.

### Sharing
- Users can share a note with others.
"""


def test_a_day_from_the_document_to_the_last_task(tamp_here: Tamp, elsewhere: Path) -> None:
    (elsewhere / "prd.md").write_text(PRD, encoding="utf-8")
    assert tamp_here("init", "--yes").code == 0
    made = tamp_here("parse-prd", "prd.md", "--json").json
    count = len(made["added"])
    assert made["applied"] is True
    assert count >= 3

    for left in range(count, 0, -1):
        chosen = tamp_here("next", "--json").json
        assert chosen["found"] is True
        task_id = chosen["task"]["id"]
        assert tamp_here("set-status", task_id, "in-progress").code == 0
        assert tamp_here("edit", task_id, "--note=Begun").code == 0
        assert tamp_here("set-status", task_id, "done", "--with-subtasks").code == 0
        listed = tamp_here("list", "--json").json
        assert sum(one["status"] == "done" for one in listed["tasks"]) == count - left + 1

    end = tamp_here("next", "--json").json
    assert (end["found"], end["task"], end["hasAnyTasks"]) == (False, None, True)
    assert tamp_here("coverage", "prd.md", "--json").json["uncovered"] == []
    assert tamp_here("validate-dependencies").code == 0
    assert tamp_here("doctor").code == 0


def test_the_list_says_what_the_original_said(project: Project, tamp: Tamp) -> None:
    shown = tamp("list", "--json").json

    assert set(shown) == {"schema", "tasks", "metadata"}
    assert shown["metadata"] == {
        "total": 3, "filtered": 3, "tag": "master", "storageType": "file", "allTags": False,
    }  # fmt: skip
    assert [(one["id"], one["blocks"], one["subtasks"]) for one in shown["tasks"]] == [
        ("1", ["2"], []),
        ("2", ["3"], []),
        ("3", [], []),
    ]
    assert set(shown["tasks"][0]) == {*project.read()["1"], "blocks"}


def test_the_list_shows_subtasks_when_asked(tamp: Tamp) -> None:
    for words in (("--with-subtasks",), ("all",)):
        shown = tamp("list", *words, "--json").json
        assert [one["id"] for one in shown["tasks"][2]["subtasks"]] == ["3.1", "3.2"]
        assert shown["tasks"][2]["subtasks"][1]["dependencies"] == ["3.1"]


def test_the_list_of_all_tags_says_where_each_task_is(tamp: Tamp) -> None:
    shown = tamp("list", "--all-tags", "--json").json

    assert [(one["tagName"], one["id"]) for one in shown["tasks"]] == [
        ("master", "1"), ("master", "2"), ("master", "3"), ("other", "1"), ("other", "2"),
    ]  # fmt: skip
    assert (shown["metadata"]["tag"], shown["metadata"]["allTags"]) == ("all", True)
    assert shown["metadata"]["total"] == 5


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("done",), ["1"]),
        (("--status=done,pending",), ["1", "2", "3"]),
        (("--status=completed",), ["1"]),
        (("--status", "review"), []),
        (("--ready",), ["2"]),
        (("--blocking",), ["2"]),
        (("--priority=high,critical",), ["2"]),
        (("--priority=HIGH, p2",), ["1", "2", "3"]),
        (("pending", "--priority=medium", "--ready"), []),
    ],
)
def test_the_list_holds_what_meets_every_condition(
    tamp: Tamp, words: tuple[str, ...], expected: list[str]
) -> None:
    shown = tamp("list", *words, "--json").json

    assert [one["id"] for one in shown["tasks"]] == expected
    assert shown["metadata"]["filtered"] == len(expected)
    assert shown["metadata"]["total"] == 3


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--status=bogus",), "unknown-status"),
        (("--priority=bogus",), "unknown-priority"),
        (("done", "--status=done"), "usage"),
    ],
)
def test_a_condition_that_means_nothing_is_refused(
    tamp: Tamp, words: tuple[str, ...], code: str
) -> None:
    said = tamp("list", *words, "--json")

    assert said.code in (2, 4)
    assert said.json["error"]["code"] == code


def test_the_list_in_words(tamp: Tamp) -> None:
    head, *rows = tamp("list").lines

    assert head == "master: 1 of 3 done (33 %), 1 ready, 1 waiting"
    assert [re.split(r"  +", row.strip())[:4] for row in rows] == [
        ["1", "✓ done", "medium", "Task 1"],
        ["2", "○ pending", "high", "Task 2"],
        ["3", "○ pending", "medium", "Task 3"],
    ]
    assert rows[2].endswith("after 2")
    assert tamp("list", "--no-header").lines == rows
    assert tamp("list", "--silent").out == ""
    assert tamp("list", "--compact", "--no-header").lines == [
        "1 ✓ Task 1",
        "2 ○ Task 2",
        "3 ○ Task 3",
    ]
    assert tamp("ls", "-f", "compact", "--no-header").lines[0] == "1 ✓ Task 1"


def test_an_empty_list_says_how_to_fill_it(project: Project, tamp: Tamp) -> None:
    assert "nothing matches" in tamp("list", "review").out
    project.write()
    assert "parse-prd" in tamp("list").out
    assert tamp("list", "--json").json["tasks"] == []
    assert "add-task" in tamp("next").out
    assert tamp("next", "--json").json["hasAnyTasks"] is False


def test_one_task_is_shown_whole(project: Project, tamp: Tamp) -> None:
    shown = tamp("show", "3", "--json").json

    assert (shown["found"], shown["storageType"]) == (True, "file")
    assert set(shown) == {"schema", "task", "found", "tag", "storageType"}
    assert set(project.read()["3"]) < set(shown["task"])
    assert [one["id"] for one in shown["task"]["subtasks"]] == ["3.1", "3.2"]


def test_several_tasks_are_shown_and_missing_ones_named(tamp: Tamp) -> None:
    said = tamp("show", "1,3.2,9", "--json")

    assert said.code == 3
    assert [one["id"] for one in said.json["tasks"]] == ["1", "3.2"]
    assert said.json["notFound"] == ["9"]
    assert "there is no task 9" in said.err


def test_only_subtasks_of_a_status_are_shown(tamp: Tamp) -> None:
    tamp("set-status", "3.1", "done")

    shown = tamp("show", "3", "--status=pending", "--json").json

    assert [one["id"] for one in shown["task"]["subtasks"]] == ["3.2"]


def test_show_in_words_tells_what_comes_before_and_after(tamp: Tamp) -> None:
    out = tamp("show", "2").out

    assert out.startswith("2  Task 2\n")
    assert "after     1 ✓" in out
    assert "before    3 ○" in out
    assert "About 2." in out


def test_a_revision_guards_an_edit(tamp: Tamp) -> None:
    revision = tamp("show", "2", "--json").json["task"]["revision"]
    assert f"revision  {revision}" in tamp("show", "2").out

    assert tamp("edit", "2", "--title=Mine", f"--if-revision={revision}").code == 0
    late = tamp("edit", "2", "--title=Yours", f"--if-revision={revision}", "--json")

    assert (late.code, late.json["error"]["code"]) == (5, "stale-revision")
    assert tamp("show", "2", "--json").json["task"]["title"] == "Mine"


def test_next_says_which_and_why(tamp: Tamp) -> None:
    shown = tamp("next", "--json").json

    assert {"task", "found", "tag", "storageType", "hasAnyTasks"} <= set(shown)
    assert (shown["task"]["id"], shown["found"], shown["hasAnyTasks"]) == ("2", True, True)
    assert any("priority is high" in reason for reason in shown["reasons"])
    assert tamp("next").out.startswith("2  Task 2\n")
    assert tamp("next", "--format=json").json == shown
    assert tamp("next", "--compat", "--json").json["task"]["id"] == "2"


def test_why_tells_next_from_waiting_from_done(tamp: Tamp) -> None:
    states = {one: tamp("why", one, "--json").json["state"] for one in ("1", "2", "3", "3.2")}

    assert states == {"1": "complete", "2": "next", "3": "blocked", "3.2": "blocked"}
    assert "it waits for 2 (Task 2), which is pending" in tamp("why", "3").out


def test_a_status_is_set_as_the_original_set_it(project: Project, tamp: Tamp) -> None:
    said = tamp("set-status", "--id=2,3.1", "--status=done", "--format=json").json

    assert (said["success"], said["storageType"]) == (True, "file")
    assert said["updatedTasks"][:2] == [
        {"taskId": "2", "oldStatus": "pending", "newStatus": "done"},
        {"taskId": "3.1", "oldStatus": "pending", "newStatus": "done"},
    ]
    assert said["updatedTasks"][2]["taskId"] == "3"
    assert said["updatedTasks"][2]["newStatus"] == "in-progress"
    assert project.read()["3"]["status"] == "in-progress"


@pytest.mark.parametrize(
    "words",
    [("2", "done"), ("--id=2", "done"), ("2", "--status=done"), ("-i", "2", "-s", "done"),
     ("--id", "2", "--status", "completed"), ("#2", "done")],
)  # fmt: skip
def test_a_status_can_be_set_in_every_way_people_write_it(
    project: Project, tamp: Tamp, words: tuple[str, ...]
) -> None:
    assert tamp("set-status", *words).code == 0
    assert project.read()["2"]["status"] == "done"


@pytest.mark.parametrize("words", [(), ("2",), ("--id=2",), ("--status=done",), ("done",)])
def test_a_status_without_an_id_or_an_id_without_a_status_is_refused(
    tamp: Tamp, words: tuple[str, ...]
) -> None:
    assert tamp("set-status", *words).code == 2


def test_nothing_changes_when_one_of_several_is_missing(project: Project, tamp: Tamp) -> None:
    before = project.file.read_bytes()

    said = tamp("set-status", "2,9,3.7", "done", "--json")

    assert said.code == 3
    assert said.json["error"]["details"] == {"9": "not-found", "3.7": "not-found"}
    assert project.file.read_bytes() == before


def test_a_task_done_before_its_subtasks_is_noted_and_quiet_means_quiet(tamp: Tamp) -> None:
    assert "subtasks 3.1, 3.2 are open" in tamp("set-status", "3", "done").err
    tamp("undo")
    assert tamp("set-status", "3", "done", "--quiet").err == ""
    tamp("undo")
    said = tamp("set-status", "3", "done", "--with-subtasks")
    assert (said.err, len(said.lines)) == ("", 3)


def test_a_task_is_written_down_with_all_its_fields(project: Project, tamp: Tamp) -> None:
    said = tamp(
        "add-task", "Write", "the", "parser", "-d", "JSON", "--details=How", "--test-strategy=Run",
        "--dependencies=1-2", "--priority=urgent", "--due=2026-12-31", "--estimate=2d",
        "--assignee=ann", "--label=a", "--label=b", "--json",
    )  # fmt: skip

    assert said.json["task"]["id"] == "4"
    stored = project.read()["4"]
    assert stored.pop("createdAt")
    assert stored == {
        "id": 4, "title": "Write the parser", "description": "JSON", "details": "How",
        "testStrategy": "Run", "status": "pending", "dependencies": [1, 2],
        "priority": "critical", "subtasks": [], "dueDate": "2026-12-31", "effort": 16,
        "assignee": "ann", "labels": ["a", "b"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), 4),
        (("--title=",), 4),
        (("x", "--title=y"), 2),
        (("x", "--priority=huge"), 4),
        (("x", "--due=tomorrow"), 4),
        (("x", "--estimate=soon"), 4),
        (("x", "--dependencies=9"), 3),
        (("--prompt=Make it so",), 7),
    ],
)
def test_a_task_that_cannot_be_written_down_changes_nothing(
    project: Project, tamp: Tamp, words: tuple[str, ...], code: int
) -> None:
    before = project.file.read_bytes()

    said = tamp("add-task", *words)

    assert said.code == code, said
    assert "hint:" in said.err
    assert project.file.read_bytes() == before


def test_a_long_text_comes_from_standard_input(
    project: Project, tamp: Tamp, monkeypatch: pytest.MonkeyPatch
) -> None:
    for words, task_id in ((("add-task", "New"), "4"), (("edit", "2"), "2")):
        monkeypatch.setattr("sys.stdin", io.StringIO("One\nTwo\n"))
        assert tamp(*words, "--details=-").code == 0
        assert project.read()[task_id]["details"] == "One\nTwo"


def test_every_field_can_be_edited(project: Project, tamp: Tamp) -> None:
    said = tamp(
        "edit", "2", "--title=New", "--status=review", "--priority=low", "--due=2026-12-31",
        "--estimate=90m", "--assignee=bob", "--add-label=x", "--set", 'reviewer="cy"',
        "--set", "points=5", "--set", "plain=just words", "--dependencies=", "--json",
    )  # fmt: skip

    assert said.json["tasks"][0]["title"] == "New"
    stored = project.read()["2"]
    expected = {
        "title": "New", "status": "review", "priority": "low", "dueDate": "2026-12-31",
        "effort": 1.5, "assignee": "bob", "labels": ["x"], "reviewer": "cy", "points": 5,
        "plain": "just words", "dependencies": [], "description": "About 2.",
    }  # fmt: skip
    assert {key: stored[key] for key in expected} == expected

    assert tamp("edit", "2", "--unset=reviewer", "--unset", "dueDate").code == 0
    assert {"reviewer", "dueDate"}.isdisjoint(project.read()["2"])


@pytest.mark.parametrize("key", ["id", "subtasks", "status", "dependencies", "title", "priority"])
def test_keys_with_rules_of_their_own_are_not_set_raw(
    project: Project, tamp: Tamp, key: str
) -> None:
    before = project.file.read_bytes()

    assert tamp("edit", "2", "--set", f"{key}=1").code == 4
    assert tamp("edit", "2", "--set", f"{key}=plain words").code == 4
    assert tamp("edit", "2", "--unset", key).code == 4
    assert project.file.read_bytes() == before


@pytest.mark.parametrize("words", [(), ("2",), ("--title=x",), ("2", "--set", "novalue")])
def test_an_edit_of_nothing_is_refused(tamp: Tamp, words: tuple[str, ...]) -> None:
    assert tamp("edit", *words).code == 2


def test_a_removed_task_comes_back_with_everything(project: Project, tamp: Tamp) -> None:
    before = project.stored()

    removed = tamp("remove-task", "2", "--json").json
    assert (removed["removed"], removed["noLongerWaiting"]) == (["2"], ["3"])
    assert list(project.read()) == ["1", "3"]
    assert tamp("undo", "--dry-run").code == 0
    assert list(project.read()) == ["1", "3"]
    assert tamp("undo").code == 0

    assert project.stored() == before


def test_the_history_tells_the_day_newest_first(tamp: Tamp) -> None:
    tamp("set-status", "2", "in-progress")
    tamp("edit", "2", "--title=New")
    tamp("undo")

    shown = tamp("history", "--json").json["transactions"]
    assert [one["op"] for one in shown] == ["undo", "edit", "set-status"]
    assert [one["seq"] for one in shown] == [[3, 3], [2, 2], [1, 1]]
    words = tamp("history").lines
    assert words[0].endswith("undo of 2")
    assert words[1] == "    master 2 title New → Task 2"
    assert len(tamp("history", "--limit=1", "--json").json["transactions"]) == 1
    assert tamp("history", "3", "--json").json["transactions"] == []
    assert [one["op"] for one in tamp("log", "2", "--since=2", "--json").json["transactions"]] == [
        "undo"
    ]


def test_the_history_of_a_tag_is_only_of_that_tag(tamp: Tamp) -> None:
    tamp("set-status", "2", "done")
    tamp("set-status", "2", "done", "--tag=other")

    shown = tamp("history", "--tag=other", "--json").json

    assert [one["tag"] for entry in shown["transactions"] for one in entry["changes"]] == ["other"]
    assert len(tamp("history", "--json").json["transactions"]) == 2


def test_an_undo_that_would_lose_work_is_refused(project: Project, tamp: Tamp) -> None:
    tamp("set-status", "2", "in-progress")
    tamp("set-status", "2", "done")
    before = project.file.read_bytes()

    said = tamp("undo", "1", "--json")

    assert (said.code, said.json["error"]["code"]) == (5, "changed-since")
    assert project.file.read_bytes() == before
    assert tamp("undo", "1", "--force").code == 0
    assert project.read()["2"]["status"] == "pending"


def test_a_document_is_only_turned_into_tasks_where_none_are_lost(
    project: Project, tamp: Tamp
) -> None:
    (project.folder / "plan.md").write_text(PRD, encoding="utf-8")
    before = project.file.read_bytes()

    refused = tamp("parse-prd", "plan.md", "--json")
    assert (refused.code, refused.json["error"]["code"]) == (5, "tag-not-empty")
    assert tamp("parse-prd", "plan.md", "--append", "--dry-run", "--json").json["applied"] is False
    assert project.file.read_bytes() == before

    added = tamp("parse-prd", "plan.md", "--append", "--json").json["added"]
    assert list(project.read()) == ["1", "2", "3", *(one["id"] for one in added)]
    again = tamp("parse-prd", "plan.md", "--append", "--json").json
    assert (again["added"], len(again["known"])) == ([], len(added))

    replaced = tamp("parse-prd", "plan.md", "--force", "--json").json
    assert len(replaced["removed"]) == 3 + len(added)
    assert list(project.read()) == [str(number) for number in range(1, len(added) + 1)]
    assert project.read("other")["1"]["title"] == "Task 1"


def test_a_task_due_soon_is_named_first(project: Project, tamp: Tamp) -> None:
    soon = (datetime.now(UTC).date() + timedelta(days=2)).isoformat()
    project.write(task(1), task(2, dueDate=soon), task(3))

    assert tamp("next", "--json").json["task"]["id"] == "2"
    assert f"due on {soon}" in tamp("why", "2").out


def test_subtasks_are_worked_on_one_after_the_other(project: Project, tamp: Tamp) -> None:
    steps = [step(1), step(2, dependencies=[1]), step(3, dependencies=[2])]
    project.write(task(1, status="in-progress", subtasks=steps))

    for expected in ("1.1", "1.2", "1.3"):
        assert tamp("next", "--json").json["task"]["id"] == expected
        tamp("set-status", expected, "done")

    assert project.read()["1"]["status"] == "done"


def test_a_command_answers_no_question_where_nobody_can_be_asked(project: Project) -> None:
    said = process(project.folder, "remove-task", "2")

    assert (said.code, said.err) == (0, "")
    assert "`tamp undo` brings it back" in said.out


def test_a_project_whose_only_tag_has_another_name_needs_no_option(
    project: Project, tamp: Tamp
) -> None:
    project.file.write_text('{"v1": {"tasks": [{"id": 1, "title": "One"}]}}', "utf-8")
    listed = tamp("list", "--json")
    assert listed.json["metadata"]["tag"] == "v1"
    assert "the only one" in listed.err
    assert tamp("list", "--tag=master").code == 3
