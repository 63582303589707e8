"""Plans, coverage, exports, imports and copies over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.server.calling import Caller
from tests.usecases.conftest import step, task

from taskmaster import dump
from taskmaster.domain.copies import Origin
from taskmaster.server.endpoints.exchange import FORMS

SHOP = "# Shop\n\n## Requirements\n\n- Users can log in\n- Users can buy things\n"


@pytest.fixture
def call(serve: Callable[..., Caller]) -> Caller:
    return serve(
        master=[task(1, status="done"), task(2, subtasks=[step(1)])], other=[task(1), task(2)]
    )


def test_a_plan_is_shown_before_it_is_applied(call: Caller) -> None:
    shown = call("POST", "/plans/preview", {"document": SHOP}, role="viewer").data
    assert call.get("/tasks")["total"] == 2
    applied = call("POST", "/plans/apply", {"document": SHOP, "name": "shop.md"})

    assert (shown["applied"], applied.data["applied"], applied.status) == (False, True, 201)
    assert shown["added"] == applied.data["added"]
    assert [one["id"] for one in shown["added"]] == ["3", "4"]
    assert call.get("/tasks/3")["metadata"]["source"]["document"] == "shop.md"


def test_a_plan_that_is_applied_again_adds_nothing(call: Caller) -> None:
    call("POST", "/plans/apply", {"document": SHOP})

    again = call("POST", "/plans/apply", {"document": SHOP}).data

    assert (again["added"], len(again["known"])) == ([], 2)


@pytest.mark.parametrize(("mode", "status"), [("append", 201), ("new", 409), ("replace", 201)])
def test_a_plan_adds_replaces_or_wants_to_be_the_first(
    call: Caller, mode: str, status: int
) -> None:
    response = call("POST", "/plans/apply", {"document": SHOP, "mode": mode})

    assert response.status == status
    total = {"append": 4, "new": 2, "replace": 2}[mode]
    assert call.get("/tasks")["total"] == total


@pytest.mark.parametrize(
    ("body", "at_fault"),
    [
        ({"document": "  \n- * #"}, "document"),
        ({"document": "x" * 2_000_001}, ""),
        ({"document": SHOP, "numTasks": -1}, "numTasks"),
        ({"document": SHOP, "mode": "again"}, "mode"),
        ({"document": SHOP, "name": "a\nb"}, "name"),
        ({}, "document"),
    ],
)
def test_what_cannot_be_planned_is_refused(
    call: Caller, body: dict[str, Any], at_fault: str
) -> None:
    response = call("POST", "/plans/preview", body)

    assert response.status in (400, 413)
    assert response.error.get("field", "") == at_fault


def test_coverage_tells_what_is_covered_and_what_is_not(call: Caller) -> None:
    call("POST", "/plans/apply", {"document": SHOP})

    found = call("POST", "/coverage", {"document": f"{SHOP}- Users can fly\n"}).data

    assert (found["requirements"], len(found["covered"])) == (3, 2)
    assert [one["title"] for one in found["uncovered"]] == ["Users can fly"]
    assert found["tasksFromNowhere"] == ["1", "2"]


@pytest.mark.parametrize("form", FORMS)
def test_everything_can_be_given_out_as_a_file(call: Caller, form: str) -> None:
    response = call("GET", "/export", format=form, role="viewer")
    kind, ending = FORMS[form]

    assert response.status == 200
    assert response.headers["content-type"].partition(";")[0] == kind
    assert response.headers["content-disposition"] == f'attachment; filename="demo.{ending}"'
    assert b"Task 2" in response.body


def test_an_export_is_narrowed_or_of_all_tags(call: Caller) -> None:
    def ids(**query: Any) -> dict[str, list[int]]:
        tags = json.loads(call("GET", "/export", **query).body)["tags"]
        return {name: [one["id"] for one in tag["tasks"]] for name, tag in tags.items()}

    assert ids() == {"master": [1, 2]}
    assert ids(status="done") == {"master": [1]}
    assert ids(allTags=True) == {"master": [1, 2], "other": [1, 2]}
    assert call("GET", "/export", status="review").status == 404


def test_a_dump_is_whole_and_the_same_until_something_changes(call: Caller) -> None:
    call("POST", "/tasks/2/comments", {"text": "Agreed"})

    first, second = (call("GET", "/export", format="dump").body for _ in range(2))
    parts = list(dump.read(first.splitlines(keepends=True), "dump"))

    assert first == second
    assert isinstance(parts[0], Origin)
    assert (parts[0].project, parts[0].change) == ("demo", 1)


def test_a_long_export_comes_in_pieces(serve: Callable[..., Caller]) -> None:
    call = serve(master=[task(number, details="x" * 2_000) for number in range(1, 101)])

    lines = call("GET", "/export", format="jsonl").body.splitlines()

    assert len(lines) == 101
    assert json.loads(lines[-1])["task"]["id"] == 100


def test_tasks_come_in_once(call: Caller) -> None:
    first = call("POST", "/import", {"content": "- [ ] Write\n- [x] Read\n"}).data
    second = call("POST", "/import", {"content": "- [ ] Write\n- [x] Read\n"}).data

    assert (first["format"], first["added"], first["applied"]) == ("checklist", 2, True)
    assert (second["added"], second["known"]) == (0, 2)


def test_a_list_of_tasks_comes_in_as_it_is(call: Caller) -> None:
    found = call("POST", "/import", {"content": [{"id": 7, "title": "Seven"}]}, tag="other").data

    assert [one["tag"] for one in found["tags"]] == ["other"]
    assert call.get("/tasks/7", tag="other")["title"] == "Seven"


def test_an_export_comes_in_again_elsewhere(call: Caller, serve: Callable[..., Caller]) -> None:
    there = serve(master=[])
    content = call("GET", "/export", allTags=True).body.decode()

    found = there("POST", "/import", {"content": content}).data

    assert (found["format"], found["added"]) == ("json", 4)
    assert there.get("/tasks", tag="other")["total"] == 2


def test_a_dry_run_takes_nothing_in(call: Caller) -> None:
    assert call("POST", "/import", {"content": "- [ ] Write\n", "dryRun": True}).data["added"] == 1
    assert call.get("/tasks")["total"] == 2


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"content": "nothing of the kind"}, "unknown-format"),
        ({"content": "{", "format": "json"}, "unreadable-import"),
        ({"content": "x", "format": "word"}, "invalid"),
        ({"format": "json"}, "invalid"),
    ],
)
def test_what_cannot_be_read_is_refused(call: Caller, body: dict[str, str], code: str) -> None:
    response = call("POST", "/import", body)

    assert (response.status, response.error["code"]) == (400, code)


def test_copies_are_kept_and_listed_by_an_admin_alone(call: Caller) -> None:
    made = call("POST", "/backups")

    assert (made.status, made.data["why"]) == (201, "manual")
    assert made.data["path"] == f".taskmaster/backups/{made.data['name']}"
    assert made.data["name"] in [one["name"] for one in call.get("/backups")["backups"]]
    assert call("GET", "/backups", role="editor").status == 403
    assert call("POST", "/backups", role="editor").status == 403
