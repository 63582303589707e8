"""tree, graph, waves and stats as they are typed."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from tests.surfaces.cli.typed import Typed, typed_in
from tests.usecases.drawn import step, task

from taskmaster.cli.answer import cells

ODD = (
    '</svg><script>x</script> "[q]"\n\u202e\u05d0\u05d1\u05d2 \u4efb\u52a1\u8868 \U0001f680 '
    + "long " * 30
)
COMMANDS = ["tree", "tree --dependencies", "graph", "graph --all", "waves", "stats"]


@pytest.fixture
def tamp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Typed:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    tamp = typed_in(tmp_path, monkeypatch, capsys)
    tamp.holds(
        task(1, status="done", subtasks=[step(1, status="done")]),
        task(2, 1, status="in-progress", effort=4, subtasks=[step(1, status="done"), step(2)]),
        task(3, 2, effort=2),
        task(4, 2),
        task(5, 3, status="deferred"),
        task(6, 7),
        task(7, 6),
    )
    return tamp


def test_the_tree_shows_tasks_with_their_subtasks(tamp: Typed) -> None:
    said = tamp("tree")

    assert said.out.splitlines() == [
        "master: 6 of 7 tasks open",
        "├─ ✓ 1  Task 1  (0 of 1 open)",
        "│  └─ ✓ 1.1  Step 1",
        "├─ ► 2  Task 2  (1 of 2 open)",
        "│  ├─ ✓ 2.1  Step 1",
        "│  └─ ○ 2.2  Step 2",
        "├─ ○ 3  Task 3",
        "├─ ○ 4  Task 4",
        "├─ ⏸ 5  Task 5",
        "├─ ○ 6  Task 6",
        "└─ ○ 7  Task 7",
    ]


def test_the_tree_of_dependencies_shows_circles_and_ends(tamp: Typed) -> None:
    said = tamp("tree", "--dependencies", "--plain")

    assert said.out.splitlines()[1:] == [
        "|- x 1  Task 1  (0 of 1 open)",
        "|  `- > 2  Task 2  (1 of 2 open)",
        "|     |- . 3  Task 3",
        "|     |  `- = 5  Task 5",
        "|     `- . 4  Task 4",
        "|- x 1.1  Step 1",
        "|- x 2.1  Step 1",
        "|- . 2.2  Step 2",
        "`- . 6  Task 6",
        "   `- . 7  Task 7",
        "      `- . 6  Task 6  (a circle)",
    ]


def test_a_branch_of_the_tree_is_cut_at_a_depth(tamp: Typed) -> None:
    assert tamp("tree", "2", "--depth=1").out.splitlines()[1:] == [
        "└─ ► 2  Task 2  (1 of 2 open, more below)"
    ]
    assert tamp("tree", "--status", "deferred", "--dependencies").out.splitlines()[1:] == [
        "└─ ✓ 1  Task 1  (0 of 1 open)",
        "   └─ ► 2  Task 2  (1 of 2 open)",
        "      └─ ○ 3  Task 3",
        "         └─ ⏸ 5  Task 5",
    ]
    assert tamp("tree", "4", "--status=done").out.splitlines()[1:] == ["nothing matches"]


def test_a_program_gets_the_rows_of_the_tree(tamp: Typed) -> None:
    said = tamp("tree", "2", "--json").json

    assert said["schema"] == "tamp/tree.v1"
    assert (said["kind"], said["tag"], said["storageType"]) == ("subtasks", "master", "file")
    assert said["rows"][0] == {
        "id": "2", "title": "Task 2", "status": "in-progress", "depth": 0, "mark": "",
        "openSubtasks": 1, "subtasks": 2,
    }  # fmt: skip
    assert [row["id"] for row in said["rows"]] == ["2", "2.1", "2.2"]


def test_waves_tell_what_can_be_done_side_by_side(tamp: Typed) -> None:
    said = tamp("waves")

    assert said.out.splitlines() == [
        "wave 1: 1 now, 4 h",
        "  ► 2  Task 2",
        "wave 2: 2 after that, 2 h, 1 without estimate",
        "  ○ 3  Task 3",
        "  ○ 4  Task 4",
        "can never begin: 2",
        "  ○ 6  Task 6",
        "      each waits for the next: 6 → 7 → 6",
        "  ○ 7  Task 7",
        "      each waits for the next: 6 → 7 → 6",
        "`tamp fix-dependencies --dry-run` shows how to mend",
        "held up: 1",
        "  ⏸ 5  Task 5",
        "      its status is deferred",
    ]


def test_an_agent_gets_the_ids_of_the_first_wave(tamp: Typed) -> None:
    said = tamp("waves", "--limit=1", "--with-subtasks", "--json").json

    assert said["schema"] == "tamp/waves.v1"
    assert said["waves"] == [
        {
            "wave": 1, "ids": ["2.2"], "count": 1, "estimate": 0, "withoutEstimate": 1,
            "tasks": [{"id": "2.2", "title": "Step 2", "status": "pending"}],
        }
    ]  # fmt: skip
    assert (said["totalWaves"], said["totalOpen"]) == (2, 6)
    assert [one["kind"] for one in said["stuck"]] == ["held", "circle", "circle"]


def test_the_graph_marks_the_critical_path(tamp: Typed) -> None:
    said = tamp("graph")

    assert said.out.splitlines() == [
        "6 tasks; critical path: 2 → 3 → 5 (10 h, 3 tasks); 1 of them without an estimate",
        "count as the median of the others; in a circle: 6, 7",
        "* 2 ► Task 2",
        "      → 3, 4",
        "  7 ○ Task 7",
        "      → 6",
        "* 3 ○ Task 3",
        "      → 5",
        "  4 ○ Task 4",
        "  6 ○ Task 6",
        "      → 7",
        "* 5 ⏸ Task 5",
        "* is on the critical path",
    ]


def test_a_program_gets_the_graph_and_its_drawing(tamp: Typed) -> None:
    said = tamp("graph", "3", "--format", "dot", "--json").json

    assert said["schema"] == "tamp/graph.v1"
    assert [node["id"] for node in said["nodes"]] == ["2", "3", "5"]
    assert said["edges"] == [{"from": "2", "to": "3"}, {"from": "3", "to": "5"}]
    assert said["criticalPath"] == {
        "ids": ["2", "3", "5"], "total": 10, "by": "estimate", "withoutEstimate": 1,
    }  # fmt: skip
    assert said["drawing"] == tamp("graph", "3", "--format=dot").out
    assert said["drawing"].startswith("digraph tasks {\n")


def test_a_task_that_is_done_can_be_asked_for(tamp: Typed) -> None:
    ids = [node["id"] for node in tamp("graph", "1", "--json").json["nodes"]]

    assert ids == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize(
    ("name", "start"),
    [("g.svg", "<svg "), ("g.mmd", "flowchart LR"), ("g.gv", "digraph"), ("g.txt", "7 tasks")],
)
def test_the_name_of_the_file_says_the_form(tamp: Typed, name: str, start: str) -> None:
    said = tamp("graph", "--all", "--output", name)

    assert said.out.startswith(f"wrote {name}: 7 tasks")
    assert (tamp.folder / name).read_text(encoding="utf-8").startswith(start)


def test_the_graph_opens_in_a_browser(
    tamp: Typed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shown: list[str] = []

    def opened(url: str) -> bool:
        shown.append(url)
        return True

    monkeypatch.setattr("webbrowser.open", opened)

    said = tamp("graph", "--open", "--output", str(tmp_path / "a b.svg"), "--json")

    assert shown == [(tmp_path / "a b.svg").as_uri()]
    assert said.json["format"] == "svg"
    assert ET.parse(said.json["output"]).getroot() is not None  # noqa: S314  # our own drawing


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["graph", "--output=g.png"], "usage"),
        (["graph", "--open", "--format=dot"], "usage"),
        (["graph", "--output=nowhere/g.svg"], "no-such-folder"),
        (["graph", "99"], "not-found"),
        (["graph", "--format=pdf"], "usage"),
        (["tree", "99"], "not-found"),
        (["tree", "--depth=-1"], "usage"),
        (["tree", "--status=dnoe"], "unknown-status"),
        (["waves", "--limit=-2"], "usage"),
        (["stats", "--since=soon"], "usage"),
        (["stats", "--since=2999-01-01"], "usage"),
        (["stats", "--by=colour"], "usage"),
        (["stats", "--svg=nowhere/s.svg"], "no-such-folder"),
        (["stats", "--tag=gone"], "tag-not-found"),
    ],
)
def test_a_wrong_request_is_refused_with_a_hint(tamp: Typed, words: list[str], code: str) -> None:
    assert tamp.refuses(*words).error["code"] == code


def test_stats_without_a_history_say_so_and_guess_nothing(tamp: Typed) -> None:
    text = tamp("stats").out
    said = tamp("stats", "--json").json

    assert "2 of 8 pieces of work done (25 %)" in text
    assert "none: 10 pieces of work finished on whole days are needed, and there are 0" in text
    assert "The change log is empty" in text
    assert said["schema"] == "tamp/stats.v1"
    assert said["total"] | {"name": ""} == {
        "name": "", "title": "", "done": 2, "begun": 0, "open": 6, "cancelled": 0, "total": 8,
        "percent": 25.0,
    }  # fmt: skip
    assert [one["name"] for one in said["progress"]["parent"]] == ["1", "2"]
    assert (said["since"], said["burndown"], said["throughput"]) == (None, [], [])
    assert said["forecast"]["dates"] is None


def test_stats_read_the_history(tamp: Typed) -> None:
    tamp("set-status", "2.2", "done")
    tamp("set-status", "4", "in-progress")
    tamp("set-status", "4", "done")
    said = tamp("stats", "--json", "--since=30d", "--by=tag").json

    assert (said["finished"], said["noticed"]) == (2, 0)
    assert [one["open"] for one in said["burndown"]] == [4]
    assert said["throughput"][-1]["finished"] == 2
    assert (said["cycleTime"]["measured"], said["cycleTime"]["medianHours"]) == (1, None)
    assert said["forecast"]["remaining"] == 4


def test_stats_are_written_as_picture_and_page(tamp: Typed) -> None:
    tamp("set-status", "4", "done")
    said = tamp("stats", "--svg", "s.svg", "--html", "s.html")

    assert said.out == "wrote s.svg\nwrote s.html\n"
    assert ET.parse(tamp.folder / "s.svg").getroot().attrib["role"] == "img"  # noqa: S314  # ours
    text = (tamp.folder / "s.html").read_text(encoding="utf-8")
    assert ET.fromstring(text.partition("\n")[2]).find("body/section") is not None  # noqa: S314
    assert "<script" not in text


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("command", COMMANDS)
def test_every_view_fits_the_screen_whatever_the_titles_say(
    tamp: Typed, monkeypatch: pytest.MonkeyPatch, command: str, plain: bool, width: int
) -> None:
    tamp.holds(*(task(one, *([one - 1] if one > 1 else []), title=ODD) for one in range(1, 12)))
    tamp("set-status", "1", "done")
    monkeypatch.setenv("COLUMNS", str(width))

    said = tamp(*command.split(), *(["--plain"] if plain else []))

    assert said.code == 0
    assert "\u202e" not in said.out
    wide = [line for line in said.out.splitlines() if cells(line) > width]
    assert wide == []


def test_a_dumb_terminal_gets_ascii(tamp: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    tamp.holds(task(1, 2, title="long " * 40, subtasks=[step(1)]), task(2, 1), task(3))

    for command in COMMANDS:
        assert tamp(*command.split()).out.isascii(), command


@pytest.mark.parametrize("form", ["svg", "mermaid", "dot"])
def test_odd_titles_survive_every_form(tamp: Typed, form: str) -> None:
    tamp.holds(task(1, title=ODD), task(2, 1, title='"; --> ]'))

    said = tamp("graph", "--format", form)

    assert said.code == 0
    assert ("<script" in said.out) == (form == "dot")
    if form == "svg":
        assert ET.fromstring(said.out) is not None  # noqa: S314  # our own drawing


@pytest.mark.parametrize("command", COMMANDS)
def test_an_empty_project_is_no_error(tamp: Typed, command: str) -> None:
    tamp.holds()

    said = tamp(*command.split())

    assert (said.code, said.err) == (0, "")
    assert said.out
    assert json.loads(tamp(*command.split(), "--json").out)["tag"] == "master"
