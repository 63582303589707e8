"""What other programs leave, read from files as they write them."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.exchange.arriving import FIXTURES, fixture, parcel_of, sizes, taken_in, tasks_of, told
from tests.usecases.drawn import log, project, waits

from taskmaster.domain.parcel import origin_of
from taskmaster.errors import Invalid

EVERY = [
    "backlog", "beads.jsonl", "github.json", "taskwarrior.json", "checklist.md",
    "specs/001-photo-albums", "older.json", "calendar.ics", "sheet.csv",
]  # fmt: skip


@pytest.mark.parametrize("name", EVERY)
def test_a_second_import_adds_nothing(name: str) -> None:
    ws = project()
    first = taken_in(ws, fixture(name))

    again = taken_in(ws, fixture(name), update=True)

    assert sizes(again) == (0, 0, sizes(first)[0])
    assert len(log(ws)) == 1


@pytest.mark.parametrize("name", EVERY)
def test_an_import_beside_other_tasks_refers_to_its_own(name: str) -> None:
    alone, beside = project(), project(*({"id": n, "title": f"Here {n}"} for n in (1, 2, 4)))
    taken_in(alone, fixture(name))
    taken_in(beside, fixture(name))

    def edges(ws: object) -> list[tuple[str, str]]:
        known = tasks_of(ws)  # type: ignore[arg-type]
        return [(one.title, known[dep].title) for one in known.values() for dep in one.dependencies]

    assert set(edges(beside)) == set(edges(alone))
    assert [one.title for one in tasks_of(beside).values()][:3] == ["Here 1", "Here 2", "Here 4"]


def test_backlog_folders() -> None:
    ws = project()
    outcome = taken_in(ws, fixture("backlog"))
    tasks = tasks_of(ws)

    assert [one.title for one in tasks.values()] == [
        "Ship tracking: positions on the map",
        "Read the feed",
        "Draw the markers",
        "Set up the repository",
        'Alerts "by mail"',
    ]
    ship = tasks["1"]
    assert (ship.status, ship.priority, ship.assignee) == ("in-progress", "high", "nora")
    assert ship.labels == ("map", "real time")
    assert ship.acceptance == (
        "A ship moves on the map without a reload",
        "A lost signal is shown after one minute",
    )
    assert ship.description.startswith("Show every ship")
    assert ship.details == "Implementation Plan\n\n1. Read the feed\n2. Draw the markers"
    assert ship.test_strategy == "- Load test with 500 ships passes"
    assert origin_of(ship) == ("backlog", "Harbour", "", "task-1")
    assert waits(ws) == {"1.2": ["1.1"], "3": ["1"]}
    assert tasks["3"].due == "2026-05-01"
    assert told(outcome) == {
        "files in drafts": (1, "drafts/draft-1 - Idea.md"),
        "estimate_points": (1, "task-1"),
        "assignees after the first": (1, "task-1: @sam"),
        "status": (1, "Waiting for harbour master (task-2) became pending"),
        "dependencies": (1, "task-2 waits for task-77, which is not there"),
    }


def test_beads() -> None:
    ws = project()
    outcome = taken_in(ws, fixture("beads.jsonl"))
    tasks = tasks_of(ws)

    assert [(one.id, one.status, one.priority) for one in tasks.values()] == [
        ("1", "pending", "high"),
        ("1.1", "done", "medium"),
        ("1.2", "in-progress", "medium"),
        ("2", "blocked", "low"),
    ]
    epic = tasks["1"]
    assert (epic.estimate, epic.due, epic.assignee) == (2.5, "2026-06-30", "nora")
    assert epic.acceptance == ("No berth is booked twice", "A booking can be cancelled")
    assert "Two berths are closed in winter." in epic.details
    assert waits(ws) == {"1.2": ["1.1"], "2": ["1"]}
    assert set(told(outcome)) == {
        "deleted issues", "memory records", "edges of the kind discovered-from",
        "favourite_colour", "priority 4", "dependencies",
    }  # fmt: skip


def test_github_issues() -> None:
    ws = project()
    outcome = taken_in(ws, fixture("github.json"))
    tasks = tasks_of(ws)

    assert [(one.id, one.title, one.status) for one in tasks.values()] == [
        ("1", "Moorings do not show their depth", "pending"),
        ("1.1", "Add the depth to the answer", "done"),
        ("1.2", "Show it in the panel", "pending"),
        ("2", "Measure the depths", "done"),
        ("3", "Units in the settings", "in-progress"),
        ("3.1", "Feet instead of metres", "cancelled"),
    ]
    assert waits(ws) == {"1": ["2", "3"], "3": ["2"]}
    bug = tasks["1"]
    assert (bug.priority, bug.assignee, bug.due) == ("high", "nora", "2026-04-30")
    assert "- [ ] not a task" in bug.description
    assert "- [x]" not in bug.description
    assert bug.details == "Comment by sam, 2026-03-04:\nIn metres, please."
    assert origin_of(bug) == ("github", "example/harbour", "", "31")
    assert told(outcome)["dependencies"] == (1, "31 waits for 40, which is not there")
    assert told(outcome)["references to other repositories"][1] == "#33 waits for other/charts#7"
    assert "projectItems" in told(outcome)


def test_taskwarrior() -> None:
    ws = project()
    outcome = taken_in(ws, fixture("taskwarrior.json"))
    tasks = tasks_of(ws)

    assert [(one.title, one.status) for one in tasks.values()] == [
        ("Paint the pier", "pending"),
        ("Buy paint", "in-progress"),
        ("Ask for leave", "done"),
        ("Check the ropes", "deferred"),
    ]
    assert waits(ws) == {"1": ["2"], "4": ["1"]}
    pier = tasks["1"]
    assert (pier.priority, pier.due, pier.details) == (
        "high", "2026-01-31", "2026-01-02: Blue, as last year",
    )  # fmt: skip
    source = pier.doc["metadata"]["source"]  # type: ignore[index]
    assert source["project"] == "Harbour.Upkeep"
    assert {key: times for key, (times, _) in told(outcome).items()} == {
        "sizes": 1, "deleted tasks": 1, "patterns of recurring tasks": 1, "dependencies": 1,
    }  # fmt: skip


def test_one_object_a_line_is_taskwarrior_too() -> None:
    line = '{"uuid":"u-1","description":"One","status":"pending"}\n'
    assert [t.title for t in parcel_of(line, "taskwarrior").batches[0].tasks] == ["One"]


def test_checklists() -> None:
    ws = project()
    outcome = taken_in(ws, fixture("checklist.md"))
    tasks = tasks_of(ws)

    assert [(one.id, one.title, one.status) for one in tasks.values()] == [
        ("1", "Empty the water pipes", "pending"),
        ("1.1", "Shut the main valve", "done"),
        ("1.2", "Open the taps", "pending"),
        ("1.3", "Also the one in the shed", "pending"),
        ("2", "Bring the buoys in", "done"),
        ("3", "Count the ropes", "in-progress"),
        ("4", "Empty the water pipes", "pending"),
        ("5", "Order a stove", "cancelled"),
    ]
    assert tasks["1"].description == "Needs two people."
    assert told(outcome)["nesting"][0] == 1


def test_boxes_of_the_same_text_are_told_apart() -> None:
    ws = project()
    parcel = parcel_of("- [ ] Test\n- [ ] Build\n- [ ] Test\n", "checklist")
    assert sizes(taken_in(ws, parcel)) == (3, 0, 0)
    assert sizes(taken_in(ws, parcel)) == (0, 0, 3)


def test_spec_kit() -> None:
    ws = project()
    taken_in(ws, fixture("specs/001-photo-albums"))
    tasks = tasks_of(ws)

    phases = [(one.title, one.status) for one in tasks.values() if not one.parent]
    assert phases == [
        ("Setup (Shared Infrastructure)", "done"),
        ("Foundational (Blocking Prerequisites)", "in-progress"),
        ("User Story 1 - Make an album 🎯 MVP", "pending"),
        ("User Story 2 - Share an album", "pending"),
        ("Polish", "pending"),
    ]
    assert waits(ws) == {
        "1.2": ["1.1"],
        "2": ["1"],
        "2.2": ["2.1"],
        "2.3": ["2.1"],
        "2.4": ["2.1", "2.2", "2.3"],
        "3": ["2"],
        "3.2": ["3.1", "2.1"],
        "4": ["2"],
        "5": ["1", "2", "3", "4"],
    }
    assert (tasks["3"].priority, tasks["4"].priority) == ("high", "medium")
    assert tasks["3.2"].labels == ("US1",)
    assert tasks["3.2"].doc["relevantFiles"] == [
        {"path": "src/models/album.py", "description": "", "action": "modify"}
    ]


def test_older_task_files_keep_every_key_and_form() -> None:
    ws = project()
    taken_in(ws, fixture("older.json"))

    assert waits(ws) == {"2": ["1"], "2.2": ["2.1", "2.1"]}
    assert tasks_of(ws)["1"].doc["house"] == "left"
    assert tasks_of(ws)["2.2"].doc["parentId"] == "2"


def test_calendars_of_others() -> None:
    ws = project()
    outcome = taken_in(ws, fixture("calendar.ics"))
    tasks = tasks_of(ws)

    assert [(one.id, one.title, one.status, one.priority) for one in tasks.values()] == [
        ("1", "Renew the licence, boat and radio", "pending", "critical"),
        ("1.1", "Take photos", "in-progress", "critical"),
        ("2", "Pay", "done", "medium"),
    ]
    assert tasks["1"].description == "Office on Monday.\nBring photos; two."
    assert (tasks["1"].due, tasks["1"].labels) == ("2026-03-20", ("papers", "boat"))
    assert waits(ws) == {"2": ["1"]}
    assert set(told(outcome)) == {"rrule", "valarm", "vevent"}


def test_tables_of_others() -> None:
    ws = project()
    outcome = taken_in(ws, fixture("sheet.csv"))
    tasks = tasks_of(ws)

    assert [(one.title, one.status) for one in tasks.values()] == [
        ("Lay the cable", "done"),
        ("=Connect the lamps", "in-progress"),
        ("Test the lamps", "pending"),
    ]
    assert waits(ws) == {"2": ["1"], "3": ["2"]}
    assert tasks["1"].labels == ("power", "east")
    assert set(told(outcome)) == {"budget", "status", "dependencies"}


@pytest.mark.parametrize(
    ("form", "text", "where"),
    [
        ("json", '{"tasks": [\n{"id": 1,}]}', "line 2, column"),
        ("json", '{"name": 3}', "no list of tasks"),
        ("jsonl", '{"kind": "tag", "tag": "a"}\n{"kind": "x"}', "line 2"),
        ("jsonl", '{"kind": "tag", "tag": "a"}\n{"kind"', "line 2, column 8"),
        ("jsonl", "[1]", "line 1"),
        ("csv", "a,b\n1,2\n", "no column is called title"),
        ("csv", "id,title\n1,One,more\n", "line 2"),
        ("csv", 'id,title\n1,"One\n', "line 2"),
        ("markdown", "hello\n", "a task begins with"),
        ("ical", "BEGIN:VCALENDAR\nBEGIN:VTODO\nEND:VCALENDAR\n", "VTODO is open"),
        ("ical", "BEGIN:VCALENDAR\n", "not closed"),
        ("ical", "BEGIN:VCALENDAR\nnonsense\nEND:VCALENDAR\n", "nonsense"),
        ("beads", '{"id": "bd-1"}\n', "line 1"),
        ("github", '[{"number": "1", "title": "x"}]', "entry 1"),
        ("taskwarrior", '[{"description": "x"}]', "entry 1"),
        ("checklist", "nothing\n", "no line like"),
        ("spec-kit", "- [ ] nothing\n", "no line like"),
        ("backlog", "---\nid: task-1\ntitle: {a: 1}\n---\n", "line 3"),
        ("backlog", "---\nid: task-1\n---\n", "an id and a title"),
        ("backlog", "---\nid: task-1\ntitle: 'x\n---\n", "line 3"),
        ("backlog", "---\nid: task-1\n", "line 1"),
        ("backlog", "---\nid: a\ntitle: b\nlabels: [a, {b}]\n---\n", "line 4"),
        ("backlog", "---\nid: a\ntitle: b\nwhat\n---\n", "line 4"),
    ],
)
def test_a_bad_file_is_refused_with_where_and_what(form: str, text: str, where: str) -> None:
    with pytest.raises(Invalid) as caught:
        parcel_of(text, form, "name.txt")

    assert where in caught.value.message
    assert caught.value.hint


FILES = {
    "beads.jsonl": "beads", "github.json": "github", "taskwarrior.json": "taskwarrior",
    "checklist.md": "checklist", "specs/001-photo-albums/tasks.md": "spec-kit",
    "older.json": "taskmaster", "calendar.ics": "ical", "sheet.csv": "csv",
    "backlog/tasks/task-1 - Ship-tracking.md": "backlog",
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused_and_nothing_else(name: str, data: st.DataObject) -> None:
    text = (FIXTURES / name).read_text(encoding="utf-8")
    start: int = data.draw(st.integers(0, len(text)))
    end: int = data.draw(st.integers(start, len(text)))
    put = data.draw(st.sampled_from(["", "null", "[]", "{}", '"x"', "7", "\n", "- [ ] ", ":"]))

    with contextlib.suppress(Invalid):
        taken_in(project(), parcel_of(text[:start] + put + text[end:], FILES[name]))


WRONG: st.SearchStrategy[object] = st.sampled_from(
    [None, 0, -1, True, "", "x", [], ["x"], [None], {}, {"a": [1]}, [[]], 1.5]
)


@pytest.mark.parametrize("name", ["beads.jsonl", "github.json", "taskwarrior.json", "older.json"])
@given(data=st.data())
def test_a_value_of_another_kind_is_read_or_refused_and_nothing_else(
    name: str, data: st.DataObject
) -> None:
    text = (FIXTURES / name).read_text(encoding="utf-8")
    lines = text.splitlines() if name.endswith("l") else [text]
    values = [json.loads(line) for line in lines]
    whole = values[0] if len(values) == 1 else values
    entries = whole["tasks"] if isinstance(whole, dict) else whole
    entry = data.draw(st.sampled_from(entries))
    entry[data.draw(st.sampled_from(sorted(entry)))] = data.draw(WRONG)
    changed = "\n".join(map(json.dumps, values))

    with contextlib.suppress(Invalid):
        taken_in(project(), parcel_of(changed, FILES[name]))
