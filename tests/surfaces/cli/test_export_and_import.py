"""export and import as they are typed."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.surfaces.cli.typed import Typed, typed_in
from tests.usecases.drawn import step, task

from taskmaster.app import READERS, WRITERS

FIXTURES = Path(__file__).parents[2] / "exchange" / "fixtures"


@pytest.fixture
def tamp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Typed:
    tamp = typed_in(tmp_path, monkeypatch, capsys)
    # A calendar dates what has no time of its own by the clock.
    then = {"createdAt": "2026-01-02T03:04:05Z"}
    tamp.holds(
        task(1, status="done", **then),
        task(2, 1, subtasks=[step(1, **then), step(2, 1, **then)], relevant="kept", **then),
        beta=[task(1, **then)],
    )
    return tamp


@pytest.mark.parametrize("form", WRITERS)
def test_every_format_is_printed(tamp: Typed, form: str) -> None:
    said = tamp("export", "--format", form, "--all-tags")

    assert said.code == 0
    assert "Task 2" in said.out
    assert "beta" in said.out
    assert tamp.operations() == []


@pytest.mark.parametrize("form", [form for form in WRITERS if form != "html"])
def test_what_is_printed_is_what_is_written_and_can_be_read(tamp: Typed, form: str) -> None:
    printed = tamp("export", f"--format={form}", "--all-tags").out
    said = tamp("export", f"--format={form}", "--all-tags", "-o", "out.txt")

    assert said.out == f"wrote 3 tasks and 2 subtasks to out.txt ({form})\n"
    assert Path("out.txt").read_bytes().decode() == printed
    assert tamp("import", "out.txt", "--update").out.count("0 tasks added") == 2
    assert tamp.operations() == []


def test_the_format_follows_the_name_of_the_file(tamp: Typed) -> None:
    for name, form in [("a.csv", "csv"), ("a.ics", "ical"), ("a.md", "markdown"), ("a", "json")]:
        assert f"({form})" in tamp("export", "--output", name).out


def test_what_a_format_has_no_place_for_is_told(tamp: Typed) -> None:
    said = tamp("export", "--format=csv")
    assert said.err == "note: csv has no place for: relevant (1); --format=json keeps everything\n"
    assert tamp("export", "--format=json").err == ""


def test_json_is_one_document_with_a_schema(tamp: Typed) -> None:
    whole = tamp("export", "--json").json
    assert whole["schema"] == "tamp/export.v1"
    assert whole == tamp("export").json
    csv = tamp("export", "--format=csv", "--json").json
    assert (csv["schema"], csv["format"]) == ("tamp/export.v1", "csv")
    assert csv["text"].startswith("tag,id,parent,title")
    written = tamp("export", "-o", "x.html", "--json").json
    assert written == {
        "schema": "tamp/exported.v1",
        "success": True,
        "format": "html",
        "path": "x.html",
        "tags": ["master"],
        "tasks": 2,
        "subtasks": 2,
        "losses": [{"field": "relevant", "count": 1, "example": "task 2"}],
    }


def test_tasks_are_chosen_by_id_and_status(tamp: Typed) -> None:
    def ids(*words: str) -> list[Any]:
        tags = tamp("export", *words).json["tags"]
        return [task["id"] for tag in tags.values() for task in tag["tasks"]]

    assert ids() == [1, 2]
    assert ids("2.1") == [2]
    assert ids("--status=done") == [1]
    assert ids("--tag=beta") == [1]
    assert ids("--all-tags") == [1, 2, 1]


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        (["9"], "not-found", 3),
        (["--status=doing-it"], "unknown-status", 4),
        (["--status=review"], "nothing-to-export", 3),
        (["--format=xml"], "usage", 2),
        (["1", "--all-tags"], "usage", 2),
        (["--tag=typo"], "tag-not-found", 3),
        (["-o", "there.json"], "file-exists", 5),
        (["-o", "missing/x.json"], "folder-not-found", 3),
        (["-o", "."], "not-a-file", 4),
        (["-o", ".taskmaster/tasks/tasks.json", "--force"], "own-task-file", 4),
    ],
)
def test_an_export_that_cannot_be_is_refused(
    tamp: Typed, words: list[str], code: str, exit_code: int
) -> None:
    Path("there.json").write_text("mine", encoding="utf-8")

    said = tamp.refuses("export", *words)

    assert (said.error["code"], said.code) == (code, exit_code)
    assert Path("there.json").read_text(encoding="utf-8") == "mine"


def test_a_file_is_overwritten_only_with_force(tamp: Typed) -> None:
    Path("there.json").write_text("mine", encoding="utf-8")

    assert tamp("export", "-o", "there.json", "--force").code == 0

    assert json.loads(Path("there.json").read_text(encoding="utf-8"))["tags"]
    assert [one for one in Path().iterdir() if one.suffix == ".new"] == []


def test_cells_that_a_spreadsheet_would_run_are_made_text_and_come_back(tamp: Typed) -> None:
    titles = ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "'quoted", "'=both"]
    tamp.holds(*(task(number, title=title) for number, title in enumerate(titles, 1)))
    tamp("export", "-o", "x.csv")

    text = Path("x.csv").read_text(encoding="utf-8")
    assert [line.split(",")[3][0] for line in text.splitlines()[1:]] == ["'"] * 6

    tamp.holds()
    tamp("import", "x.csv")
    assert [one["title"] for one in tamp.read()["master"]["tasks"]] == titles


def test_calendar_lines_are_folded_to_75_octets(tamp: Typed) -> None:
    tamp.holds(task(1, title="ü" * 200, description="a,b;c\\d\ne"))
    tamp("export", "-o", "x.ics")

    lines = Path("x.ics").read_bytes().split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    assert b"DESCRIPTION:a\\,b\\;c\\\\d\\ne" in lines
    assert all(line.decode() is not None for line in lines)


def test_a_page_runs_nothing_and_shows_text_as_text(tamp: Typed) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&"
    fields = dict.fromkeys(("description", "details", "testStrategy", "assignee", "status"), evil)
    tamp.holds(task(1, title=evil, labels=[evil], subtasks=[step(1, title=evil)], **fields))

    page = tamp("export", "--format=html").out

    assert "<script" not in page
    assert "<img" not in page
    assert "default-src 'none'" in page
    assert "http://" not in page
    assert "https://" not in page


def test_a_dry_run_shows_the_import_and_leaves_every_byte(tamp: Typed) -> None:
    before = tamp.file.read_bytes()
    said = tamp("import", str(FIXTURES / "beads.jsonl"), "--dry-run")

    assert tamp.file.read_bytes() == before
    assert tamp.operations() == []
    assert said.code == 0
    assert "+   3  Booking of berths" in said.out
    assert "2 tasks would be added to tag master" in said.out
    assert "not carried over:\n  1 × deleted issues, for example: hb-e5f6\n" in said.out


def test_an_import_answers_with_what_it_did(tamp: Typed) -> None:
    said = tamp("import", str(FIXTURES / "github.json"), "--tag=beta", "--json").json

    assert said["schema"] == "tamp/import.v1"
    assert (said["applied"], said["format"], said["source"]) == (
        True, "github", "fixtures/github.json",
    )  # fmt: skip
    assert (said["added"], said["updated"], said["known"]) == (3, 0, 0)
    [beta] = said["tags"]
    assert (beta["tag"], beta["created"]) == ("beta", False)
    assert beta["added"][0] == {
        "id": "2",
        "sourceId": "31",
        "title": "Moorings do not show their depth",
        "status": "pending",
        "priority": "high",
        "dependencies": ["3", "4"],
        "subtasks": ["Add the depth to the answer", "Show it in the panel"],
    }
    assert {"field", "count", "example"} == set(said["losses"][0])
    assert tamp.operations() == ["import"]
    assert len(tamp.read()["beta"]["tasks"]) == 4


def test_an_update_says_what_changes(tamp: Typed) -> None:
    Path("list.md").write_text("- [ ] Bread\n  - [ ] Flour\n", encoding="utf-8")
    tamp("import", "list.md")
    Path("list.md").write_text("- [x] Bread\n  - [x] Flour\n  - [ ] Salt\n", encoding="utf-8")

    text = tamp("import", "list.md", "--update", "--dry-run").out
    said = tamp("import", "list.md", "--update", "--json").json

    assert "~   3  Bread\n       3 status: pending → done\n" in text
    assert "       + Salt\n" in text
    assert said["tags"][0]["updated"] == [
        {
            "id": "3",
            "title": "Bread",
            "changes": [
                {"id": "3", "field": "status", "before": "pending", "after": "done"},
                {"id": "3.1", "field": "status", "before": "pending", "after": "done"},
            ],
            "newSubtasks": ["Salt"],
        }
    ]


def test_standard_input_is_read(tamp: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (FIXTURES / "github.json").read_bytes()
    for added in (3, 0):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
        assert tamp("import", "-", "--json").json["added"] == added


@pytest.mark.parametrize("name", ["backlog", "specs/001-photo-albums"])
def test_folders_are_read(tamp: Typed, name: str) -> None:
    assert tamp("import", str(FIXTURES / name), "--json").json["added"] > 2
    assert tamp("import", str(FIXTURES / name), "--json").json["added"] == 0


def test_another_project_is_read_from_its_folder(tamp: Typed, tmp_path: Path) -> None:
    other = tmp_path / "other" / ".taskmaster" / "tasks"
    other.mkdir(parents=True)
    (other / "tasks.json").write_bytes(tamp.file.read_bytes())
    tamp.holds()

    tamp("import", str(tmp_path / "other"))

    assert [one["id"] for one in tamp.read()["master"]["tasks"]] == [1, 2]
    assert tamp.read()["master"]["tasks"][1]["relevant"] == "kept"
    assert tamp.read()["beta"]["metadata"]["description"] == "beta"


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        ([], "usage", 2),
        (["missing.json"], "file-not-found", 3),
        (["bad.json"], "unreadable-import", 4),
        (["text.txt"], "unknown-format", 4),
        (["mixed.md"], "ambiguous-format", 4),
        (["text.txt", "--from=beads"], "unreadable-import", 4),
        (["text.txt", "--from=nothing"], "usage", 2),
        (["whole.json", "--tag=beta"], "several-tags", 4),
        (["whole.json", "--from-tag=typo"], "tag-not-found", 3),
        (["mixed.md", "--from=checklist", "--tag=typo"], "tag-not-found", 3),
        (["empty"], "nothing-to-import", 3),
    ],
)
def test_an_import_that_cannot_be_changes_nothing(
    tamp: Typed, words: list[str], code: str, exit_code: int
) -> None:
    Path("bad.json").write_text('{"master": {"tasks": [', encoding="utf-8")
    Path("text.txt").write_text("hello\n", encoding="utf-8")
    Path("mixed.md").write_text("- [ ] T001 a\n- [ ] b\n- [ ] c\n", encoding="utf-8")
    Path("empty").mkdir()
    tamp("export", "--all-tags", "-o", "whole.json")

    said = tamp.refuses("import", *words)

    assert (said.error["code"], said.code) == (code, exit_code)
    assert tamp.operations() == []


def test_five_thousand_issues_are_taken_in_as_one_change(tamp: Typed) -> None:
    issues = [
        {"number": n, "title": f"Issue {n}", "state": "OPEN", "body": f"blocked by #{n - 1}"}
        for n in range(2, 5002)
    ]
    Path("issues.json").write_text(json.dumps(issues), encoding="utf-8")

    assert tamp("import", "issues.json", "--json").json["added"] == 5000
    assert tamp("import", "issues.json", "--update", "--json").json["known"] == 5000
    assert tamp.operations() == ["import"]


def test_every_format_is_named_in_the_help(tamp: Typed) -> None:
    assert all(form in tamp("import", "--help").out for form in READERS)
    assert all(form in tamp("export", "--help").out for form in WRITERS)
