"""Dependencies, notes, comments, links, statuses, days and places of tasks, over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.server.calling import Caller
from tests.usecases.conftest import step, task


@pytest.fixture
def call(serve: Callable[..., Caller]) -> Caller:
    return serve(
        master=[
            task(1, status="done"),
            task(2, dependencies=[1], subtasks=[step(1), step(2)]),
            task(3, dependencies=[2, 99]),
        ]
    )


def test_a_task_tells_what_it_waits_for_and_what_waits_for_it(call: Caller) -> None:
    found = call.get("/tasks/2/dependencies")

    assert found["dependencies"] == [{"id": "1", "title": "Task 1", "status": "done"}]
    assert [one["id"] for one in found["dependents"]] == ["3"]
    assert call.get("/tasks/3/dependencies")["dependencies"][1] == {
        "id": "99",
        "title": None,
        "status": None,
    }


def test_a_task_is_made_to_wait_for_others(call: Caller) -> None:
    found = call("POST", "/tasks/3/dependencies", {"dependsOn": [1, "2.1", "2"]}).data

    assert [one["dependencyId"] for one in found["added"]] == ["1", "2.1"]
    assert [one["dependencyId"] for one in found["existing"]] == ["2"]
    assert call.get("/tasks/3")["dependencies"] == ["2", "99", "1", "2.1"]


@pytest.mark.parametrize(
    ("task_id", "awaited", "status", "code"),
    [
        ("2", "3", 409, "circular-dependency"),
        ("2", "2", 409, "self-dependency"),
        ("2.1", "2", 409, "parent-dependency"),
        ("2", "2.1", 409, "subtask-dependency"),
        ("2", "98", 404, "not-found"),
        ("98", "2", 404, "not-found"),
        ("3", "1-2", 404, "not-found"),
        ("3", "1,2", 400, "invalid"),
        ("3", "", 400, "invalid"),
    ],
)
def test_what_cannot_be_waited_for_is_refused(
    call: Caller, task_id: str, awaited: str, status: int, code: str
) -> None:
    response = call("POST", f"/tasks/{task_id}/dependencies", {"dependsOn": [awaited]})

    assert (response.status, response.error["code"]) == (status, code)
    assert call.get("/history")["transactions"] == []


def test_a_dependency_is_taken_away_even_on_what_is_gone(call: Caller) -> None:
    removed = call("DELETE", "/tasks/3/dependencies/99").data["removed"]

    assert removed == [{"taskId": "3", "dependencyId": "99"}]
    assert call("DELETE", "/tasks/3/dependencies/99").error["code"] == "dependency-not-found"


def test_wrong_dependencies_are_found_and_mended(call: Caller) -> None:
    problems = call.get("/validate")["problems"]
    rehearsed = call("POST", "/fix", {"dryRun": True}).data
    fixed = call("POST", "/fix").data

    assert [(one["kind"], one["taskId"]) for one in problems] == [("missing", "3")]
    assert rehearsed["fixed"] == fixed["fixed"] == problems
    assert call.get("/validate")["valid"] is True


def test_a_note_is_added_to_the_details(call: Caller) -> None:
    made = call("POST", "/tasks/2.1/notes", {"text": "Agreed: JSON only"})

    assert made.status == 201
    assert "Agreed: JSON only" in made.data["details"]
    assert call("GET", "/tasks/2.1").headers["etag"] == made.headers["etag"]


def test_comments_are_left_listed_and_taken_off(call: Caller) -> None:
    for text in ("First", "Second"):
        assert call("POST", "/tasks/2/comments", {"text": text}, role="agent").status == 201

    listed = call.get("/tasks/2/comments")["comments"]
    left = call("DELETE", "/tasks/2/comments/1").data["comments"]

    assert [(one["by"], one["text"]) for one in listed] == [("agent", "First"), ("agent", "Second")]
    assert [one["text"] for one in left] == ["Second"]


@pytest.mark.parametrize("number", ["2", "0", "-1", "one", "\N{ARABIC-INDIC DIGIT ONE}", "9" * 30])
@pytest.mark.parametrize("kind", ["comment", "link"])
def test_a_remark_that_is_not_there_is_not_found(call: Caller, kind: str, number: str) -> None:
    call("POST", "/tasks/2/comments", {"text": "First"})
    call("POST", "/tasks/2/links", {"kind": "doc", "target": "a.md"})

    assert call("DELETE", f"/tasks/2/{kind}s/{number}").error["code"] == f"{kind}-not-found"


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("commit", "0f3a9c12"),
        ("pr", "https://example.com/pull/12"),
        ("doc", "docs/log in.md"),
        ("url", "HTTP://example.com"),
    ],
)
def test_a_task_is_linked_once_to_what_belongs_to_it(call: Caller, kind: str, target: str) -> None:
    link = {"kind": kind, "target": target}

    for _ in range(2):
        assert call("POST", "/tasks/2/links", link).status == 201
    links = call.get("/tasks/2/links")["links"]

    assert [(one["kind"], one["target"]) for one in links] == [(kind, target)]
    assert call("DELETE", "/tasks/2/links/1").data["links"] == []


@pytest.mark.parametrize(
    ("link", "at_fault"),
    [
        ({"kind": "commit", "target": "login"}, "target"),
        ({"kind": "url", "target": "javascript:alert(1)"}, "target"),
        ({"kind": "pr", "target": "ftp://example.com"}, "target"),
        ({"kind": "doc", "target": " a.md"}, "target"),
        ({"kind": "wish", "target": "a"}, "kind"),
        ({"target": "a"}, "kind"),
        ({"kind": "doc"}, "target"),
        ({"kind": "doc", "target": "a", "by": "ann"}, "by"),
    ],
)
def test_a_link_of_another_form_is_refused(
    call: Caller, link: dict[str, Any], at_fault: str
) -> None:
    response = call("POST", "/tasks/2/links", link)

    assert (response.status, response.error["field"]) == (400, at_fault)


def test_a_task_is_put_off_and_offered_again(call: Caller) -> None:
    assert (
        call("POST", "/tasks/2/defer", {"until": "2999-12-31"}).data["deferUntil"] == "2999-12-31"
    )
    assert call.get("/next")["task"] is None

    assert "deferUntil" not in call("POST", "/tasks/2/defer", {"until": None}).data
    assert call.get("/next")["task"]["id"] == "2"


@pytest.mark.parametrize(
    ("task_id", "until", "status", "code"),
    [
        ("2", "2020-01-01", 409, "past-date"),
        ("1", "2999-01-01", 409, "complete"),
        ("2", "2999-02-30", 400, "invalid"),
        ("2", "2w", 400, "invalid"),
    ],
)
def test_a_task_cannot_be_put_off_until_then(
    call: Caller, task_id: str, until: str, status: int, code: str
) -> None:
    response = call("POST", f"/tasks/{task_id}/defer", {"until": until})

    assert (response.status, response.error["code"]) == (status, code)


def test_a_status_is_given_and_what_follows_is_told(call: Caller) -> None:
    moved = call("POST", "/tasks/2.1/status", {"status": "in-progress"}).data["updatedTasks"]

    assert [(one["taskId"], one["newStatus"]) for one in moved] == [
        ("2.1", "in-progress"),
        ("2", "in-progress"),
    ]
    assert "because" not in moved[0]
    assert moved[1]["because"]


def test_a_status_is_carried_on_to_subtasks_if_asked(call: Caller) -> None:
    call("POST", "/tasks/2/status", {"status": "done", "withSubtasks": True})

    assert {one["status"] for one in call.get("/tasks/2/subtasks")["subtasks"]} == {"done"}


def test_a_task_moves_and_references_follow(call: Caller) -> None:
    found = call("POST", "/tasks/2/move", {"to": "7"}).data

    assert found["moves"] == [{"from": "2", "to": "7", "title": "Task 2", "status": "moved"}]
    assert found["redirected"] == ["3"]
    assert call.get("/tasks/7/subtasks")["subtasks"][0]["id"] == "7.1"


@pytest.mark.parametrize(
    ("task_id", "to", "status", "code"),
    [
        ("2", "3", 409, "task-already-exists"),
        ("2", "2", 409, "same-place"),
        ("2", "2.1", 409, "own-parent"),
        ("2.1", "98.1", 404, "destination-task-not-found"),
        ("2", "x", 400, "invalid"),
        ("2", "3,4", 400, "invalid"),
    ],
)
def test_a_task_cannot_move_there(
    call: Caller, task_id: str, to: str, status: int, code: str
) -> None:
    response = call("POST", f"/tasks/{task_id}/move", {"to": to})

    assert (response.status, response.error["code"]) == (status, code)


def test_a_request_that_is_repeated_leaves_one_comment(call: Caller) -> None:
    again = {"idempotency-key": "k-1"}

    first = call("POST", "/tasks/2/comments", {"text": "Agreed"}, headers=again)
    second = call("POST", "/tasks/2/comments", {"text": "Agreed"}, headers=again)
    call.served.repeats._answered.clear()  # As after a crash: only the log knows.
    third = call("POST", "/tasks/2/comments", {"text": "Agreed"}, headers=again)

    assert [one.status for one in (first, second, third)] == [201, 201, 201]
    assert third.headers["idempotency-replayed"] == "true"
    assert first.data == second.data == third.data


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/tasks/2/notes", {"text": "x"}),
        ("POST", "/tasks/2/status", {"status": "done"}),
        ("POST", "/tasks/2/move", {"to": "7"}),
        ("POST", "/tasks/2/dependencies", {"dependsOn": ["1"]}),
        ("DELETE", "/tasks/3/dependencies/2", None),
        ("POST", "/fix", {}),
    ],
)
def test_a_viewer_changes_nothing(call: Caller, method: str, path: str, body: object) -> None:
    assert call(method, path, body, role="viewer").status == 403
    assert call.get("/history")["transactions"] == []
