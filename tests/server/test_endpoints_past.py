"""What happened, taking it back, and the log in pages, over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.server.calling import Caller
from tests.usecases.conftest import task


@pytest.fixture
def call(serve: Callable[..., Caller]) -> Caller:
    return serve(master=[task(1), task(2, dependencies=[1])], other=[task(1)])


def said(call: Caller, task_id: str, role: str = "", tag: str = "") -> None:
    tagged: dict[str, Any] = {"tag": tag} if tag else {}
    made = call("POST", f"/tasks/{task_id}/comments", {"text": "Agreed"}, role=role, **tagged)
    assert made.status == 201


def test_history_is_told_newest_first_with_who_and_how(call: Caller) -> None:
    said(call, "1")
    said(call, "2", role="agent")

    entries = call.get("/history")["transactions"]

    assert [(one["seq"], one["actor"]["name"], one["op"]) for one in entries] == [
        ([2, 2], "agent", "comment"),
        ([1, 1], "somebody", "comment"),
    ]
    assert {one["via"] for one in entries} == {"rest"}


def test_history_is_narrowed_by_task_tag_and_number(call: Caller) -> None:
    said(call, "1")
    said(call, "2")
    said(call, "1", tag="other")

    def numbers(path: str, **query: Any) -> list[int]:
        return [one["seq"][0] for one in call.get(path, **query)["transactions"]]

    assert numbers("/history") == [3, 2, 1]
    assert numbers("/history", limit=1) == [3]
    assert numbers("/history", since=2) == [3]
    assert numbers("/history", tag="other") == [3]
    assert numbers("/history", task="1") == [1]
    assert numbers("/tasks/1/history", tag="other") == [3]


def test_what_is_gone_still_has_its_history(call: Caller) -> None:
    call("DELETE", "/tasks/2")

    assert call.get("/tasks/2/history")["transactions"][0]["op"] == "remove-task"
    assert call("GET", "/tasks/99/history").status == 404


def test_the_last_change_is_taken_back(call: Caller) -> None:
    said(call, "1")

    found = call("POST", "/undo", {}).data

    assert (found["undone"]["seq"], found["transaction"]["op"]) == ([1, 1], "undo")
    assert call.get("/tasks/1/comments")["comments"] == []


def test_a_dry_run_only_tells_what_would_be_taken_back(call: Caller) -> None:
    said(call, "1")

    found = call("POST", "/undo", {"dryRun": True}).data

    assert (found["dryRun"], found["undone"]["seq"]) == (True, [1, 1])
    assert "transaction" not in found
    assert len(call.get("/tasks/1/comments")["comments"]) == 1


def test_what_was_changed_since_is_only_overwritten_by_force(call: Caller) -> None:
    said(call, "1")
    said(call, "1")

    refused = call("POST", "/undo", {"number": 1})

    assert (refused.status, refused.error["code"]) == (409, "changed-since")
    assert call("POST", "/undo", {"number": 1, "force": True}).status == 200


def test_there_is_nothing_to_undo_at_first(call: Caller) -> None:
    assert call("POST", "/undo", {}).error["code"] == "nothing-to-undo"
    assert call("POST", "/undo", {"number": 7}).status == 404


def test_an_agent_takes_back_its_own_changes_and_an_editor_those_of_others_too(
    call: Caller,
) -> None:
    said(call, "1")
    said(call, "2", role="agent")

    assert call("POST", "/undo", {"number": 1}, role="agent").status == 403
    assert call("POST", "/undo", {"number": 1, "dryRun": True}, role="agent").status == 403
    assert call("POST", "/undo", {"number": 2}, role="agent").status == 200
    assert call("POST", "/undo", {"number": 1}, role="editor").status == 200
    assert call("POST", "/undo", {}, role="viewer").status == 403


def test_the_log_comes_in_pages_that_lead_to_each_other(call: Caller) -> None:
    for _ in range(3):
        said(call, "1")

    first = call.get("/changes", limit=2)
    second = call.get("/changes", since=first["since"], limit=2)

    assert [one["seq"] for one in first["changes"]] == [[1, 1], [2, 2]]
    assert (first["more"], first["latest"]) == (True, 3)
    assert [one["seq"] for one in second["changes"]] == [[3, 3]]
    assert (second["more"], second["since"]) == (False, 3)


def test_a_change_that_nobody_knows_is_gone(call: Caller) -> None:
    response = call("GET", "/changes", since=7)

    assert (response.status, response.error["code"]) == (410, "no-such-change")


def test_a_page_that_is_waited_for_comes_empty_or_at_once(serve: Callable[..., Caller]) -> None:
    call = serve(live=True, master=[task(1)])

    assert call.get("/changes", wait=0.05)["changes"] == []
    said(call, "1")
    assert len(call.get("/changes", wait=20)["changes"]) == 1
