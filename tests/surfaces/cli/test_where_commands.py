"""list by query, sorted, grouped, in columns and pages, on narrow and wide screens."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from tests.surfaces.cli.conftest import Project, Tamp, environ, process, step, task
from tests.surfaces.cli.screens import ISOLATES, Screen, columns

WIDE = "設定ファイルを読み込んで検証する処理"
HEBREW = "בדיקת הקלט של המשתמש לפני השמירה"
ARABIC = "مراجعة واجهة المستخدم"
MARKS = "Cafe\u0301 menu"


@pytest.fixture
def many(project: Project) -> Project:
    project.write(
        task(1, title=WIDE, status="done", labels=["ui"]),
        task(2, title=HEBREW, priority="high", dueDate="2026-06-20", assignee="ann"),
        task(3, title=ARABIC, dependencies=[2], labels=["ui", "api"], estimate=3),
        task(4, title=MARKS, status="in-progress", dependencies=[1], priority="critical"),
        task(5, title="x" * 300, dependencies=[2, 3, 4], subtasks=[step(1), step(2)]),
        other=[task(1, title="Elsewhere", priority="high")],
    )
    return project


def ids(tamp: Tamp, *words: str) -> list[str]:
    return [one["id"] for one in tamp("list", "--json", *words).json["tasks"]]


def test_a_query_chooses_what_is_listed(many: Project, tamp: Tamp) -> None:
    assert many.file.exists()
    assert ids(tamp, "--where", "priority>=high") == ["2", "4"]
    assert ids(tamp, "--where=-label:ui is:open", "--status=pending") == ["2", "5"]
    assert ids(tamp, "--where", "id:any", "--ready") == ["2", "4"]
    assert ids(tamp, "--where", "step", "--with-subtasks") == ["5", "5.1", "5.2"]
    assert ids(tamp, "--where", "id:5.1") == ["5.1"]
    assert ids(tamp, "--where", "priority:high", "--all-tags") == ["2", "1"]


def test_the_answer_for_programs_tells_what_was_asked(many: Project, tamp: Tamp) -> None:
    assert many.file.exists()
    words = ("--where=labels:ui or ann or step", "--sort=-id", "--limit=1", "--offset=1")

    said = tamp("list", "--json", *words).json

    assert [one["id"] for one in said["tasks"]] == ["3"]
    assert said["metadata"] == {
        "total": 5, "filtered": 3, "shown": 1, "tag": "master", "storageType": "file",
        "allTags": False, "where": "label:ui or ann or step", "offset": 1, "limit": 1,
    }  # fmt: skip


def test_groups_are_named_for_programs_and_people(many: Project, tamp: Tamp) -> None:
    assert many.file.exists()

    groups = tamp("list", "--group=label", "--json").json["groups"]

    assert [(one["name"], one["tasks"]) for one in groups] == [
        ("api", ["3"]),
        ("ui", ["1", "3"]),
        (None, ["2", "4", "5"]),
    ]
    lines = tamp("list", "--group=priority", "--compact").lines
    assert lines[1:4] == ["critical (1)", f"4 ► {MARKS}", "high (1)"]
    lines = tamp("list", "--where=parent:5", "--group=parent", "--no-header").lines
    assert lines[0].startswith("5  xxx")
    assert lines[0].endswith(" (2)")


def test_columns_are_the_keys_that_programs_get(many: Project, tamp: Tamp) -> None:
    assert many.file.exists()
    names = "id,parent,due,depends-on,blocks,subtasks,doc.estimate"

    entries = tamp("list", f"--columns={names}", "--json").json["tasks"]

    assert entries[1:3] == [
        {"id": "2", "parentId": None, "dueDate": "2026-06-20", "dependencies": [],
         "blocks": ["3", "5"], "subtasks": None, "estimate": None},
        {"id": "3", "parentId": None, "dueDate": None, "dependencies": ["2"],
         "blocks": ["5"], "subtasks": None, "estimate": 3},
    ]  # fmt: skip
    assert entries[4]["subtasks"] == "0/2"


def test_columns_for_people_have_names(many: Project, tamp: Tamp) -> None:
    assert many.file.exists()

    lines = tamp("list", "--columns=id,status,due", "--no-header", "--where=id:1-2").lines

    assert lines == ["id  status     due", "1   ✓ done", "2   ○ pending  2026-06-20"]


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (("--where=prioritty:high",), "bad-query", "did you mean priority?"),
        (("--where=",), "bad-query", "the query is empty"),
        (("--sort=prioritty",), "unknown-field", "did you mean priority?"),
        (("--columns=is",), "unknown-field", "no field is"),
        (("--group=title",), "unknown-field", "cannot be grouped"),
        (("--view=nothing",), "view-not-found", "tamp views save"),
        (("--limit=-1",), "usage", "numbers from 0"),
    ],
)
def test_a_mistake_is_explained(tamp: Tamp, words: tuple[str, ...], code: str, text: str) -> None:
    said = tamp("list", *words)

    assert said.code in (2, 3, 4)
    assert said.err.startswith(f"error[{code}]")
    assert text in said.err


def test_a_key_that_no_task_has_is_noted(tamp: Tamp) -> None:
    said = tamp("list", "--where=categry:x status:pending")

    assert (said.code, said.err) == (0, "note: no task has a key categry\n")
    assert said.lines[-1] == "nothing matches"
    assert tamp("list", "--where=description:nothing").err == ""


SHAPES = [
    ("list",),
    ("list", "all"),
    ("list", "--sort=-priority", "--group=status"),
    ("list", "--columns=id,status,priority,title,blocked-by,labels,due"),
    ("search", "e"),
]


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("words", SHAPES)
def test_no_line_is_longer_than_the_screen(
    many: Project, words: tuple[str, ...], width: int
) -> None:
    piped = process(many.folder, *words, COLUMNS=str(width))
    shown = Screen(many.folder, *words, "-q", width=width, NO_COLOR="1").rest()

    assert piped.code == 0
    rows = [*piped.lines, *shown.splitlines()]
    assert max(map(columns, rows)) <= width
    assert not set(ISOLATES) & set(piped.out)


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (40, [
            "1  ✓  設定ファイルを読み込んで検証する…",
            "2  ○  בדיקת הקלט של המשתמש לפני השמירה",
            "3  ○  مراجعة واجهة المستخدم      after 2",
            "4  ►  Cafe\u0301 menu",
            f"5  ○  {'x' * 18}…  after 2, 3, 4",
        ]),
        (80, [
            "1  ✓ done         medium    設定ファイルを読み込んで検証する処理",
            "2  ○ pending      high      בדיקת הקלט של המשתמש לפני השמירה",
            "3  ○ pending      medium    مراجعة واجهة المستخدم                        after 2",
            "4  ► in-progress  critical  Cafe\u0301 menu",
            f"5  ○ pending      medium    {'x' * 36}…  after 2, 3, 4",
        ]),
        (200, [
            "1  ✓ done         medium    設定ファイルを読み込んで検証する処理",
            "2  ○ pending      high      בדיקת הקלט של המשתמש לפני השמירה",
            f"3  ○ pending      medium    {ARABIC}{' ' * 144}after 2",
            "4  ► in-progress  critical  Cafe\u0301 menu",
            f"5  ○ pending      medium    {'x' * 156}…  after 2, 3, 4",
        ]),
    ],
)  # fmt: skip
def test_the_table_as_it_looks(many: Project, width: int, expected: list[str]) -> None:
    said = process(many.folder, "list", "--no-header", COLUMNS=str(width))

    assert said.lines == expected


def test_many_dependencies_are_counted_where_there_is_no_room(project: Project) -> None:
    project.write(*(task(n) for n in range(1, 41)), task(41, dependencies=[*range(1, 41)]))

    said = process(project.folder, "list", "--where=id:41", "--no-header", COLUMNS="60")

    assert re.search(r"Task 41 +after 1, 2, 3, 4, 5 \+35$", said.out.strip())
    assert columns(said.lines[0]) <= 60


def test_on_a_terminal_what_is_ready_has_a_mark_and_progress_a_bar(many: Project) -> None:
    shown = Screen(many.folder, "list", width=80, NO_COLOR="1").rest().splitlines()

    assert shown[0].startswith("master: 1 of 5 done (20 %), 2 ready, 2 waiting")
    assert shown[1] == "████▒▒▒▒░░░░░░░░░░░░"
    assert [line[:4] for line in shown[2:]] == ["  1 ", "» 2 ", "  3 ", "» 4 ", "  5 "]


def test_words_from_right_to_left_stay_in_their_column_on_a_terminal(many: Project) -> None:
    shown = Screen(many.folder, "list", width=80, NO_COLOR="1").rest()

    assert f"\u2068{HEBREW}\u2069" in shown
    assert re.search(f"\u2068{ARABIC}\u2069 +after 2", shown)


def test_colours_are_for_terminals_that_want_them(many: Project) -> None:
    assert "\x1b[" in Screen(many.folder, "list").rest()
    assert "\x1b" not in Screen(many.folder, "list", NO_COLOR="1").rest()
    assert "\x1b" not in process(many.folder, "list").out


def test_a_plain_list_loads_nothing_of_the_query_language(many: Project) -> None:
    assert many.file.exists()
    script = (
        "import sys; from taskmaster.cli.main import main; main(['list', '-q', '--silent']);"
        "print([name for name in sys.modules if name.startswith('taskmaster.domain')])"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", script], cwd=many.folder, env=environ(), capture_output=True,
        encoding="utf-8", check=True,
    ).stdout  # fmt: skip

    for name in ("query", "grammar", "terms", "fields", "meanings"):
        assert f"taskmaster.domain.{name}" not in loaded
