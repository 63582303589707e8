"""generate, sync-readme and complexity-report as they are typed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from tests.surfaces.cli.typed import Typed, typed_in
from tests.usecases.drawn import step, task

REPOSITORY = Path(__file__).parents[3]
CORPUS = Path(os.environ.get("TAMP_CORPUS", REPOSITORY.parent / "shared" / "corpus")) / "report"
REPORTS = sorted(CORPUS.glob("*.json"))
START, END = "<!-- TASKMASTER_EXPORT_START -->", "<!-- TASKMASTER_EXPORT_END -->"


@pytest.fixture
def tamp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Typed:
    tamp = typed_in(tmp_path, monkeypatch, capsys)
    tamp.holds(
        task(1, status="done"),
        task(2, 1, 9, details="one\n\n\n\ntwo", subtasks=[step(1), step(2, 1, details="how")]),
        v2=[task(1)],
    )
    return tamp


# generate


def test_every_task_gets_a_page_that_people_can_read(tamp: Typed) -> None:
    said = tamp("generate")

    folder = tamp.file.parent
    assert said == (0, "2 files in .taskmaster/tasks: 2 written, 0 as they were\n", "")
    page = (folder / "task_002.md").read_text(encoding="utf-8")
    assert page.splitlines()[0] == "# Task ID: 2"
    assert "**Dependencies:** 1 (✓), 9 (not there)\n" in page
    assert "one\n\ntwo\n" in page
    assert "### 2.2. Step 2\n\n**Status:** pending\n\n**Dependencies:** 2.1 (○)\n" in page


def test_pages_that_are_right_are_not_touched(tamp: Typed) -> None:
    tamp("generate")
    page = tamp.file.parent / "task_001.md"
    os.utime(page, ns=(1, 1))
    tamp("set-status", "2", "review")

    said = tamp("generate", "--json")

    assert (said.json["written"], said.json["unchanged"]) == (["task_002.md"], 1)
    assert page.stat().st_mtime_ns == 1


def test_pages_of_tasks_that_are_gone_are_deleted_and_nothing_else(tamp: Typed) -> None:
    tamp("generate")
    tamp("generate", "--tag=v2")
    folder = tamp.file.parent
    (folder / "task_007.md").write_text("my own notes\n", encoding="utf-8")
    (folder / "task_old.md").write_text("# Task ID: 1\n", encoding="utf-8")
    tamp("remove-task", "1")

    said = tamp("generate", "--format=json")

    assert said.json["removed"] == ["task_001.md"]
    assert said.json["orphanedFilesRemoved"] == 1
    assert sorted(path.name for path in folder.glob("*.md")) == [
        "task_001_v2.md", "task_002.md", "task_007.md", "task_old.md",
    ]  # fmt: skip


def test_pages_go_where_they_are_wanted(tamp: Typed) -> None:
    said = tamp("generate", "-o", "docs/tasks", "-t", "v2", "--json")

    assert said.json["directory"] == str(tamp.folder / "docs" / "tasks")
    assert [path.name for path in (tamp.folder / "docs" / "tasks").iterdir()] == ["task_001_v2.md"]


def test_an_id_is_no_way_out_of_the_folder(tamp: Typed) -> None:
    tamp.holds(task("../../x"), task("a b"))

    said = tamp("generate", "--json")

    assert said.code == 0
    assert all("/" not in name for name in said.json["written"])
    assert len(set(said.json["written"])) == 2
    assert tamp("generate", "--json").json["removed"] == []


def test_two_tasks_of_one_id_get_no_common_page(tamp: Typed) -> None:
    tamp.holds(task(1), task(1))

    assert tamp.refuses("generate").error["code"] == "repeated-id"


# sync-readme


def test_a_readme_gets_the_tasks_at_its_end(tamp: Typed) -> None:
    readme = tamp.folder / "README.md"
    readme.write_bytes(b"# Mine\n\ntext")

    said = tamp("sync-readme")

    assert said == (0, "changed README.md: a table of 2 rows\n", "")
    assert readme.read_text(encoding="utf-8") == (
        f"# Mine\n\ntext\n\n{START}\n## Tasks\n\n1 of 2 done (50 %), 1 pending\n\n"
        "| ID | Title | Status | Priority | Depends on |\n|---|---|---|---|---|\n"
        "| 1 | Task 1 | done | medium |  |\n| 2 | Task 2 | pending | medium | 1, 9 |\n"
        f"{END}\n"
    )
    assert tamp("sync-readme").out == "README.md shows the tasks already\n"


def test_everything_outside_the_marks_stays_byte_for_byte(tamp: Typed) -> None:
    readme = tamp.folder / "Readme.md"
    before, after = b"\xef\xbb\xbf# Mine \xff\r\n  \r\n", b"\r\n\r\ntail \t\x0c\xfe"
    readme.write_bytes(before + f"{START}\r\nold\r\n{END}".encode() + after)

    tamp("sync-readme", "--with-subtasks", "--status=pending")

    data = readme.read_bytes()
    assert data.startswith(before + START.encode() + b"\r\n## Tasks\r\n")
    assert data.endswith(b"\r\n" + END.encode() + after)
    assert b"old" not in data
    assert b"| 2.1 | Step 1 |" in data
    assert b"| 1 | Task 1" not in data
    assert [path.name for path in tamp.folder.glob("*.md")] == ["Readme.md"]


def test_a_missing_readme_is_made(tamp: Typed) -> None:
    said = tamp("sync-readme", "--tag=v2", "--json")

    assert (said.json["created"], said.json["rows"]) == (True, 1)
    assert "## Tasks of v2" in (tamp.folder / "README.md").read_text(encoding="utf-8")


def test_a_title_cannot_break_the_table_or_the_marks(tamp: Typed) -> None:
    tamp.holds(task(1, title=f"a | b\n{END} <script> `x`"))

    tamp("sync-readme")

    text = (tamp.folder / "README.md").read_text(encoding="utf-8")
    assert text.count(END) == 1
    assert "| 1 | a \\| b &lt;!-- TASKMASTER\\_EXPORT\\_END --&gt; &lt;script&gt; \\`x\\` |" in text


@pytest.mark.parametrize("marks", [(START,), (END, START), (START, END, START), (END,)])
def test_marks_that_are_no_pair_are_named_and_the_readme_is_left_alone(
    tamp: Typed, marks: tuple[str, ...]
) -> None:
    readme = tamp.folder / "README.md"
    text = "".join(f"x\n{mark}\n" for mark in marks)
    readme.write_text(text, encoding="utf-8")

    said = tamp.refuses("sync-readme")

    assert said.error["code"] == "unpaired-marks"
    assert f"line 2: {marks[0]}" in said.error["message"]
    assert readme.read_text(encoding="utf-8") == text


# complexity-report


def report(tamp: Typed, content: object, name: str = "task-complexity-report.json") -> Path:
    path = tamp.folder / ".taskmaster" / "reports" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_the_report_is_shown_with_the_hardest_task_first(tamp: Typed) -> None:
    rows = [
        {"taskId": 1, "taskTitle": "One", "complexityScore": 4.8, "recommendedSubtasks": 2},
        {"taskId": 2, "complexityScore": 8},
    ]
    report(tamp, {"meta": {"generatedAt": "2026-01-10T10:00:00Z"}, "complexityAnalysis": rows})

    said = tamp("complexity-report")

    assert said.out.splitlines() == [
        ".taskmaster/reports/task-complexity-report.json: 2 analysed, made 2026-01-10",
        "id  score  subtasks  title",
        " 2      8         ?  Task 2",
        " 1    4.8         2  One",
    ]


def test_every_tag_has_a_report_of_its_own(tamp: Typed) -> None:
    report(tamp, [{"id": "1", "complexity": "7"}], "task-complexity-report_v2.json")

    said = tamp("complexity-report", "-t", "v2", "--json")

    assert said.json["complexityAnalysis"] == [
        {
            "taskId": "1",
            "taskTitle": "Task 1",
            "complexityScore": 7.0,
            "recommendedSubtasks": None,
            "expansionPrompt": "",
            "reasoning": "",
        }
    ]


def test_without_a_report_the_way_to_one_is_told(tamp: Typed) -> None:
    said = tamp.refuses("complexity-report")

    assert (said.error["code"], said.code) == ("no-report", 3)
    assert "needs a model" in said.error["hint"]
    assert tamp.refuses("complexity-report", "-f", "nowhere.json").code == 3


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "not JSON"),
        ("", "it is empty"),
        ('{"complexityAnalysis": 3}', "no list complexityAnalysis"),
        ("{\n<<<<<<< HEAD\n}", "conflict markers, the first at line 2"),
    ],
)
def test_a_report_that_cannot_be_read_is_told_where(tamp: Typed, text: str, told: str) -> None:
    report(tamp, 0).write_text(text, encoding="utf-8")

    said = tamp.refuses("complexity-report")

    assert said.code == 6
    assert told in said.error["message"]


@pytest.mark.skipif(not REPORTS, reason="no corpus of real files here")
@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_real_reports_are_read_in_every_form(tamp: Typed, path: Path) -> None:
    said = tamp("complexity-report", f"--file={path}", "--json")

    if path.stem == "conflict-markers":
        assert (said.code, said.error["code"]) == (6, "unreadable-report")
        return
    found = json.loads(path.read_text(encoding="utf-8"))["complexityAnalysis"]
    shown = said.json["complexityAnalysis"]
    names = {str(row.get("taskId", row.get("id"))) for row in found}
    assert {row["taskId"] for row in shown} == names
    assert all(row["complexityScore"] is not None for row in shown)
    assert tamp("complexity-report", "-f", str(path)).out.count("\n") == len(shown) + (
        2 if shown else 1
    )
