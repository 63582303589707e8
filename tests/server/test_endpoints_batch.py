"""Many operations at once, and tags, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.server.calling import Caller
from tests.usecases.conftest import task

from taskmaster.server.endpoints import batch
from taskmaster.usecases import operations


@pytest.fixture
def call(serve: Callable[..., Caller]) -> Caller:
    return serve(master=[task(1), task(2, dependencies=[1])], other=[task(1)])


def test_a_batch_is_one_transaction_with_a_result_for_each_operation(call: Caller) -> None:
    found = call("POST", "/batch", {
        "operations": [
            {"op": "add", "title": "Parse", "as": "$parser", "dueDate": "2030-01-31"},
            {"op": "add-subtask", "parent": "$parser", "title": "Numbers", "effort": 1.5},
            {"op": "edit", "id": 2, "labels": ["a"], "dependencies": ["$parser"]},
            {"op": "status", "id": ["1"], "status": "done"},
            {"op": "link", "id": "2", "kind": "doc", "target": "a.md"},
        ],
        "note": "from the meeting",
    }).data  # fmt: skip

    assert [one["ok"] for one in found["results"]] == [True] * 5
    assert found["names"] == {"$parser": "3"}
    (entry,) = call.get("/history")["transactions"]
    assert (entry["op"], entry["note"]) == ("apply", "from the meeting")
    assert call.get("/tasks/2")["dependencies"] == ["3"]


def test_a_batch_that_fails_says_where_and_changes_nothing(call: Caller) -> None:
    response = call("POST", "/batch", {
        "operations": [
            {"op": "add", "title": "Parse"},
            {"op": "note", "id": "77", "text": "x"},
            {"op": "remove", "id": "1"},
        ],
    })  # fmt: skip

    assert (response.status, response.error["field"]) == (404, "operations[1]")
    assert response.error["details"]["index"] == 1
    assert [one["ok"] for one in response.error["details"]["results"]] == [True, False]
    assert call.get("/history")["transactions"] == []


def test_a_dry_run_shows_the_changes_and_makes_none(call: Caller) -> None:
    wanted = {"operations": [{"op": "remove", "id": "1"}], "dryRun": True}

    found = call("POST", "/batch", wanted).data

    assert {(one["kind"], one["task"]) for one in found["changes"]} >= {("removed", "1")}
    assert call.get("/tasks")["total"] == 2


@pytest.mark.parametrize(
    ("operation", "at_fault"),
    [
        ({"op": "add", "titel": "Parse"}, "operations[0].titel"),
        ({"op": "add"}, "operations[0].title"),
        ({"op": "add", "title": " "}, "operations[0].title"),
        ({"op": "fly"}, "operations[0].op"),
        ({"title": "Parse"}, "operations[0].op"),
        ({"op": "note", "id": "", "text": "x"}, "operations[0].id"),
        ({"op": "note", "id": "1 2", "text": "x"}, "operations[0].id"),
        ({"op": "note", "id": ["1", "2,3"], "text": "x"}, "operations[0].id"),
        ({"op": "note", "id": "1", "text": "\t"}, "operations[0].text"),
        ({"op": "edit", "id": "1", "title": None}, "operations[0].title"),
        ({"op": "add", "title": "x", "dueDate": "2030-02-30"}, "operations[0].dueDate"),
        ({"op": "add", "title": "x", "as": "parser"}, "operations[0].as"),
        ({"op": "add", "title": "x", "effort": -1}, "operations[0].effort"),
    ],
)
def test_an_operation_of_another_form_is_refused(
    call: Caller, operation: dict[str, Any], at_fault: str
) -> None:
    response = call("POST", "/batch", {"operations": [operation]})

    assert (response.status, response.error["field"]) == (400, at_fault)


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ([{"op": "edit", "id": "1"}], "nothing-to-change"),
        ([{"op": "add", "title": "x", "as": "$a"}] * 2, "repeated-name"),
        ([{"op": "note", "id": "$a", "text": "x"}], "unknown-name"),
        ([{"op": "note", "id": "5-3", "text": "x"}], "bad-range"),
        ([{"op": "add-dependency", "id": "1", "dependsOn": "2"}], "circular-dependency"),
        ([{"op": "defer", "id": "1", "until": "2020-01-01"}], "past-date"),
    ],
)
def test_what_the_state_does_not_allow_is_no_fault_of_form(
    call: Caller, wanted: list[dict[str, Any]], code: str
) -> None:
    response = call("POST", "/batch", {"operations": wanted})

    assert response.error["code"] == code
    assert response.status in (404, 409)


def test_every_operation_that_there_is_can_be_sent() -> None:
    forms = {one.__struct_config__.tag: one for one in batch.Operation.__args__}

    assert forms.keys() == operations.OPERATIONS.keys()
    for op, form in forms.items():
        known = operations.OPERATIONS[op]
        assert set(form.__struct_encode_fields__) == set(known.takes), op


def test_tags_are_listed_with_what_they_hold(call: Caller) -> None:
    found = call.get("/tags")

    assert [(one["name"], one["isCurrent"], one["taskCount"]) for one in found["tags"]] == [
        ("master", True, 2),
        ("other", False, 1),
    ]
    assert found["currentTag"] == "master"


def test_a_tag_is_made_empty_or_as_a_copy(call: Caller) -> None:
    made = call("POST", "/tags", {"name": "v2", "copyFrom": "other", "description": "Next"})

    assert (made.status, made.headers["location"]) == (201, "/api/v1/tags/v2")
    assert (made.data["taskCount"], made.data["metadata"]["description"]) == (1, "Next")
    assert call("POST", "/tags", {"name": "v3"}).data["taskCount"] == 0


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"name": "other"}, 409, "tag-exists"),
        ({"name": "main"}, 409, "reserved-tag"),
        ({"name": "a b"}, 400, "invalid"),
        ({"name": "x" * 51}, 400, "invalid"),
        ({"name": "v2\n"}, 400, "bad-tag-name"),
        ({"name": "v2", "copyFrom": "nowhere"}, 404, "tag-not-found"),
    ],
)
def test_a_tag_cannot_be_made_like_this(
    call: Caller, body: dict[str, str], status: int, code: str
) -> None:
    response = call("POST", "/tags", body)

    assert (response.status, response.error["code"]) == (status, code)


def test_a_tag_gets_another_name_and_description_at_once(call: Caller) -> None:
    found = call("PATCH", "/tags/other", {"name": "later", "description": "Some day"}).data

    assert (found["name"], found["metadata"]["description"]) == ("later", "Some day")
    assert len(call.get("/history")["transactions"]) == 1
    described = call("PATCH", "/tags/later", {"description": "Never"}).data
    assert described["metadata"]["description"] == "Never"
    assert call("PATCH", "/tags/later", {}).data["name"] == "later"


def test_a_tag_with_tasks_goes_only_by_force(call: Caller) -> None:
    refused = call("DELETE", "/tags/other")

    assert (refused.status, refused.error["code"]) == (409, "tag-not-empty")
    gone = call("DELETE", "/tags/other", force=True).data
    assert gone == {"name": "other", "deleted": True, "tasksDeleted": 1}
    assert call("GET", "/tags/other").status == 404


def test_master_stays_master(call: Caller) -> None:
    assert call("DELETE", "/tags/master", force=True).error["code"] == "protected-tag"
    assert call("PATCH", "/tags/master", {"name": "x"}).error["code"] == "protected-tag"


def test_the_tag_that_others_are_on_stays_theirs_unless_it_was_renamed(call: Caller) -> None:
    state = call.folder / ".taskmaster" / "state.json"
    state.write_text('{"currentTag": "other"}', encoding="utf-8")

    call("POST", "/tags", {"name": "v2"})
    call("DELETE", "/tags/v2")
    assert json.loads(state.read_text("utf-8"))["currentTag"] == "other"
    call("PATCH", "/tags/other", {"name": "later"})

    assert json.loads(state.read_text("utf-8"))["currentTag"] == "later"


def test_requests_without_a_tag_follow_the_one_that_was_renamed(call: Caller) -> None:
    call.served.ws.tag = "other"

    call("PATCH", "/tags/other", {"name": "later"})

    assert call.get("/tasks")["tag"] == "later"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/tags", {"name": "v2"}),
        ("PATCH", "/tags/other", {"name": "v2"}),
        ("DELETE", "/tags/other", None),
        ("POST", "/import", {"content": "- [ ] a"}),
    ],
)
def test_an_agent_does_not_manage(call: Caller, method: str, path: str, body: object) -> None:
    assert call(method, path, body, role="agent").status == 403
