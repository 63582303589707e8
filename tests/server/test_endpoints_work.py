"""What is next and why, waves, graphs and trees, words and numbers, over HTTP."""

from __future__ import annotations

import re
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
            task(2, dependencies=[1], priority="high", subtasks=[step(1), step(2)]),
            task(3, dependencies=[2], details="the retry queue"),
            task(4, effort=3),
        ],
        other=[task(1, title="Retry later")],
    )


def test_the_next_task_comes_with_its_reasons(call: Caller) -> None:
    found = call.get("/next")

    assert (found["task"]["id"], found["found"], found["others"]) == ("2", True, 1)
    assert found["reasons"][0] == "its priority is high (+30)"
    assert found["tag"] == "master"
    assert call.get("/next", tag="other")["task"]["title"] == "Retry later"


def test_nothing_to_do_is_an_answer_too(serve: Callable[..., Caller]) -> None:
    call = serve(master=[task(1, status="done")])

    found = call.get("/next")

    assert (found["task"], found["found"], found["hasAnyTasks"]) == (None, False, True)
    assert call.get("/ready")["ready"] == []


def test_what_is_ready_comes_in_pages_with_places(call: Caller) -> None:
    first, second = call.get("/ready", limit=1), call.get("/ready", limit=1, offset=1)

    assert [(one["place"], one["task"]["id"]) for one in first["ready"]] == [(1, "2")]
    assert [(one["place"], one["task"]["id"]) for one in second["ready"]] == [(2, "4")]
    assert (first["hasMore"], second["hasMore"], first["total"]) == (True, False, 2)


@pytest.mark.parametrize(
    ("task_id", "state"), [("2", "next"), ("4", "ready"), ("3", "blocked"), ("1", "complete")]
)
def test_a_task_can_say_where_it_stands(call: Caller, task_id: str, state: str) -> None:
    found = call.get(f"/tasks/{task_id}/why")

    assert (found["taskId"], found["state"]) == (task_id, state)
    assert found["reasons"]


def test_open_work_comes_in_waves(call: Caller) -> None:
    found = call.get("/waves")

    assert [one["ids"] for one in found["waves"]] == [["2", "4"], ["3"]]
    assert (found["totalWaves"], found["totalOpen"]) == (2, 3)
    assert len(call.get("/waves", limit=1)["waves"]) == 1


def test_the_graph_is_data_with_edges_from_what_is_needed(call: Caller) -> None:
    found = call.get("/graph")

    assert [one["id"] for one in found["nodes"]] == ["2", "3", "4"]
    assert found["edges"] == [{"from": "2", "to": "3"}]
    assert [one["id"] for one in call.get("/graph", task="3")["nodes"]] == ["2", "3"]
    assert len(call.get("/graph", complete=True, withSubtasks=True)["nodes"]) == 6


@pytest.mark.parametrize(
    ("form", "kind", "begin"),
    [
        ("mermaid", "text/vnd.mermaid; charset=utf-8", "graph|flowchart"),
        ("dot", "text/vnd.graphviz; charset=utf-8", "digraph"),
        ("svg", "image/svg+xml; charset=utf-8", "<svg"),
    ],
)
def test_the_graph_is_drawn_as_what_it_is(call: Caller, form: str, kind: str, begin: str) -> None:
    response = call("GET", "/graph", format=form)

    assert (response.status, response.headers["content-type"]) == (200, kind)
    assert re.search(begin, response.body.decode())
    assert call("GET", "/graph", format=form).headers["etag"] == response.headers["etag"]


def test_a_tree_has_the_subtasks_or_what_waits_below_a_task(call: Caller) -> None:
    rows = call.get("/tree", task="2")["rows"]
    waiting = call.get("/tree", task="2", dependencies=True)["rows"]

    assert [(one["id"], one["depth"]) for one in rows] == [("2", 0), ("2.1", 1), ("2.2", 1)]
    assert [one["id"] for one in waiting] == ["2", "3"]
    assert [one["id"] for one in call.get("/tree", status="done")["rows"]] == ["1"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "retry"}, ["3"]),
        ({"q": '"retry queue"'}, ["3"]),
        ({"q": "retry", "allTags": True}, ["1", "3"]),
        ({"q": "retry", "where": "is:ready"}, []),
        ({"q": "nowhere"}, []),
    ],
)
def test_words_are_searched(call: Caller, query: dict[str, Any], found: list[str]) -> None:
    assert [one["id"] for one in call.get("/search", **query)["results"]] == found


def test_a_query_that_cannot_be_read_says_where(call: Caller) -> None:
    error = call("GET", "/search", q="retry", where="is:nonsense").error

    assert (error["code"], error["type"]) == ("bad-query", "VALIDATION_ERROR")


def test_numbers_tell_where_the_project_stands(call: Caller) -> None:
    found = call.get("/stats", by="tag,assignee", since="30d")

    assert (found["total"]["done"], found["total"]["total"]) == (1, 5)
    assert list(found["progress"]) == ["tag", "assignee"]
    assert found["forecast"]["remaining"] == 4


@pytest.mark.parametrize(
    ("path", "query", "at_fault"),
    [
        ("/ready", {"limit": 0}, "limit"),
        ("/ready", {"offset": "x"}, "offset"),
        ("/waves", {"limit": -1}, "limit"),
        ("/graph", {"format": "gif"}, "format"),
        ("/tree", {"status": "someday"}, "status"),
        ("/search", {}, "q"),
        ("/search", {"q": ' " '}, "q"),
        ("/search", {"q": "x" * 501}, "q"),
        ("/stats", {"since": "2026-01-31"}, "since"),
        ("/stats", {"by": "tag,weather"}, "by"),
        ("/next", {"nonsense": 1}, "nonsense"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(
    call: Caller, path: str, query: dict[str, Any], at_fault: str
) -> None:
    response = call("GET", path, **query)

    assert (response.status, response.error["field"]) == (400, at_fault)


@pytest.mark.parametrize(
    "path",
    ["/tasks/{}/why", "/tasks/{}/dependencies", "/tasks/{}/history", "/tasks/{}/comments"],
)
@pytest.mark.parametrize(
    "task_id", ["99", "1,2", "1 2", "5-3", "%23", "2-3", "7" * 300, "%00", "1.9"]
)
def test_an_id_means_one_task_or_none(call: Caller, path: str, task_id: str) -> None:
    response = call("GET", path.format(task_id))

    assert (response.status, response.error["type"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    "path", ["/next", "/ready", "/waves", "/graph", "/tree", "/search", "/stats", "/tags/nowhere"]
)
def test_a_tag_that_is_not_there_is_not_found(call: Caller, path: str) -> None:
    query: dict[str, Any] = {} if path.startswith("/tags/") else {"tag": "nowhere"}
    query |= {"q": "x"} if path == "/search" else {}

    assert call("GET", path, **query).error["code"] == "tag-not-found"


@pytest.mark.parametrize(
    "path",
    ["/tasks", "/tasks/2/subtasks", "/tasks/2/dependencies", "/next", "/ready", "/tasks/2/why",
     "/waves", "/graph", "/tree", "/search?q=a", "/stats", "/validate", "/history", "/tags",
     "/tags/master", "/export", "/tasks/2/comments"],
)  # fmt: skip
def test_the_same_question_has_the_same_answer_until_something_changes(
    call: Caller, path: str
) -> None:
    path, _, words = path.partition("?")
    query: dict[str, Any] = dict(one.split("=") for one in words.split("&")) if words else {}
    before = call("GET", path, **query)
    call.served.kept.find(None, (b"", b""))

    again = call("GET", path, **query)
    call("POST", "/tasks/2/notes", {"text": "Agreed"})
    after = call("GET", path, **query)

    assert (again.body, again.headers["etag"]) == (before.body, before.headers["etag"])
    assert after.headers["etag"] != before.headers["etag"]
