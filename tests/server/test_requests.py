from __future__ import annotations

import gzip
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest
from tests.server.running import Serving, project

from taskmaster.server.endpoint import PUBLIC, Endpoint
from taskmaster.server.table import ENDPOINTS

ONE = "/api/v1/tasks/1"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with Serving(project(tmp_path_factory.mktemp("project"), 30)) as running:
        yield running


def _path(endpoint: Endpoint) -> str:
    return endpoint.path.replace("{id}", "1").replace("{", "").replace("}", "")


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: f"{one.method} {one.path}")
def test_every_path_refuses_an_anonymous_caller_but_the_named_few(
    server: Serving, endpoint: Endpoint
) -> None:
    with server.client(token="") as anonymous:
        answer = anonymous.request(endpoint.method, _path(endpoint))

    open_to_all = endpoint.path.startswith(("/docs", "/health"))
    assert (endpoint.need == PUBLIC) == open_to_all
    assert (answer.status_code == 401) == (not open_to_all)
    if not open_to_all:
        assert "Task 1" not in answer.text
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_what_was_answered_to_one_caller_is_not_answered_to_an_anonymous_one(
    server: Serving,
) -> None:
    assert server.http.get(ONE).status_code == 200

    with server.client(token="") as anonymous:
        assert anonymous.get(ONE).status_code == 401


def test_an_answer_travels_in_its_envelope(server: Serving) -> None:
    answer = server.http.get(ONE)

    assert set(answer.json()) == {"success", "data", "timestamp", "version"}
    assert answer.json()["success"] is True
    assert answer.json()["data"]["title"] == "Task 1"
    assert answer.headers["content-type"] == "application/json"


def test_an_error_says_what_and_why_and_where(server: Serving) -> None:
    answer = server.post("/tasks", {"title": "x", "priority": "huge"}, **{"X-Request-Id": "mine"})

    error = answer.json()["error"]
    assert answer.status_code == 400
    assert (error["field"], error["requestId"]) == ("priority", "mine")
    assert "huge" in error["message"]
    assert answer.headers["x-request-id"] == "mine"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/tasks/99", 404, "not-found"),
        ("GET", "/api/v1/nothing", 404, "no-such-path"),
        ("GET", "/api/v1/tasks/1/", 404, "no-such-path"),
        ("GET", "/api/v1/projects/other/tasks", 404, "no-such-project"),
        ("GET", "/api/v1/tasks?tag=other", 404, "tag-not-found"),
        ("GET", "/api/v1/tasks?stauts=done", 400, "bad-query"),
        ("GET", "/api/v1/tasks?limit=0", 400, "bad-query"),
        ("GET", "/api/v1/tasks?limit=5&limit=6", 400, "bad-query"),
        ("GET", "/api/v1/tasks?where=status:", 400, "bad-query"),
        ("GET", "/api/v1/tasks?cursor=x", 400, "bad-cursor"),
        ("GET", "/api/v1/tasks/1,2", 404, "not-found"),
        ("GET", "/api/v1/tasks/%ff", 404, "no-such-path"),
        ("PUT", "/api/v1/tasks/1", 405, "method-not-allowed"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    server: Serving, method: str, path: str, status: int, code: str
) -> None:
    answer = server.http.request(method, path)

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_a_wrong_method_is_told_which_are_right(server: Serving) -> None:
    assert server.http.put(ONE).headers["allow"] == "DELETE, GET, PATCH"
    assert server.http.options(ONE).headers["allow"] == "DELETE, GET, PATCH"


def test_a_head_is_answered_as_a_get_without_its_body(server: Serving) -> None:
    head, whole = server.http.head(ONE), server.http.get(ONE)

    assert head.content == b""
    assert head.headers["etag"] == whole.headers["etag"]
    assert head.headers["content-length"] == whole.headers["content-length"]


def test_an_etag_holds_until_the_task_changes(server: Serving) -> None:
    mark = server.http.get("/api/v1/tasks/2").headers["etag"]
    known = {"If-None-Match": mark}

    server.http.patch("/api/v1/tasks/3", json={"details": "Something else."})
    same = server.http.get("/api/v1/tasks/2", headers=known)
    server.http.patch("/api/v1/tasks/2", json={"details": "Changed."})
    other = server.http.get("/api/v1/tasks/2", headers=known)

    assert (same.status_code, same.content) == (304, b"")
    assert other.status_code == 200
    assert other.headers["etag"] != mark


def test_a_change_to_a_state_that_is_gone_is_refused(server: Serving) -> None:
    mark = server.http.get("/api/v1/tasks/4").headers["etag"]

    first = server.http.patch("/api/v1/tasks/4", json={"title": "A"}, headers={"If-Match": mark})
    stale = server.http.patch("/api/v1/tasks/4", json={"title": "B"}, headers={"If-Match": mark})
    now = server.http.get("/api/v1/tasks/4")

    assert (first.status_code, stale.status_code) == (200, 412)
    assert now.json()["data"]["title"] == "A"
    assert first.headers["etag"] == now.headers["etag"]


def test_a_request_that_is_repeated_under_its_key_is_done_once(server: Serving) -> None:
    first = server.post("/tasks", {"title": "Once"}, **{"Idempotency-Key": "a"})
    again = server.post("/tasks", {"title": "Once"}, **{"Idempotency-Key": "a"})
    other = server.post("/tasks", {"title": "Twice"}, **{"Idempotency-Key": "a"})

    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"


def test_many_at_once_under_one_key_do_it_once(server: Serving) -> None:
    def ask(_: int) -> httpx2.Response:
        return server.post("/tasks", {"title": "Many at once"}, **{"Idempotency-Key": "many"})

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(8)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["data"]["id"] for answer in answers}) == 1


def test_a_server_that_has_forgotten_its_answers_still_does_it_once(tmp_path: Path) -> None:
    project(tmp_path)
    with Serving(tmp_path) as server:
        first = server.post("/tasks", {"title": "Once"}, **{"Idempotency-Key": "a"})
        step = server.post("/tasks/1/subtasks", {"title": "Step"}, **{"Idempotency-Key": "b"})
    with Serving(tmp_path) as server:
        again = server.post("/tasks", {"title": "Once"}, **{"Idempotency-Key": "a"})
        step_again = server.post("/tasks/1/subtasks", {"title": "Step"}, **{"Idempotency-Key": "b"})
        tasks = server.get("/tasks")

    assert (again.status_code, again.json()["data"]) == (201, first.json()["data"])
    assert (step_again.status_code, step_again.json()["data"]) == (201, step.json()["data"])
    assert tasks["total"] == 4


def test_a_long_answer_is_packed_for_those_who_understand_it(server: Serving) -> None:
    plain = server.http.get("/api/v1/tasks", headers={"Accept-Encoding": "identity"})
    with server.http.stream("GET", "/api/v1/tasks", headers={"Accept-Encoding": "gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
        kind = answer.headers["content-encoding"]

    assert "content-encoding" not in plain.headers
    assert kind == "gzip"
    assert gzip.decompress(raw) == plain.content
    assert len(raw) < len(plain.content) / 3


def test_pages_by_cursor_skip_and_repeat_nothing_while_others_add_and_remove(
    tmp_path: Path,
) -> None:
    with Serving(project(tmp_path, 50)) as server:
        seen: list[str] = []
        cursor = ""
        while True:
            page = server.get("/tasks", params={"limit": 7, "cursor": cursor})
            seen += [task["id"] for task in page["tasks"]]
            server.http.delete(f"/api/v1/tasks/{page['tasks'][0]['id']}")
            server.post("/tasks", {"title": "Added meanwhile"})
            cursor = page["nextCursor"]
            if cursor is None:
                break

    assert len(seen) == len(set(seen))
    assert set(map(str, range(1, 51))) <= set(seen)


def test_only_the_fields_that_are_asked_for_are_shown(server: Serving) -> None:
    page = server.get("/tasks", params={"fields": "id,title", "limit": 2})

    assert [set(task) for task in page["tasks"]] == [{"id", "title"}] * 2


def test_a_foreign_host_is_refused(server: Serving) -> None:
    answer = server.http.get(ONE, headers={"Host": "evil.example"})

    assert answer.status_code == 403
    assert "Task 1" not in answer.text


def test_a_page_of_another_site_cannot_change_anything(server: Serving) -> None:
    answer = server.http.delete(ONE, headers={"Origin": "https://evil.example"})

    assert answer.status_code == 403
    assert server.get("/tasks/1")["title"] == "Task 1"
