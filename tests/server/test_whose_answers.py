"""Whatever is kept, shared or repeated of an answer: nobody gets one that is not his."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import httpx2
import pytest
from tests.server.running import Serving, project
from tests.server.test_coherence import stored

TASKS = "/api/v1/tasks"
PAGE = "https://page.example"
COUNT = 3_000


class Callers(NamedTuple):
    server: Serving
    clients: Mapping[str, httpx2.Client]

    def ask(self, who: str, path: str, method: str = "GET", **headers: str) -> httpx2.Response:
        told = {key.replace("_", "-"): one for key, one in headers.items()}
        return self.clients[who].request(method, path, headers=told)


@pytest.fixture(scope="module")
def callers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callers]:
    folder = project(tmp_path_factory.mktemp("project"), 30)
    with Serving(folder, f"--allow-origin={PAGE}") as server:
        made = {
            role: server.post("/keys", {"name": role, "role": role, "tier": "premium"}).json()
            for role in ("viewer", "editor", "admin")
        }
        tokens = {role: answer["data"]["token"] for role, answer in made.items()}
        clients = {role: server.client(token) for role, token in {**tokens, "nobody": ""}.items()}
        yield Callers(server, clients)
        for client in clients.values():
            client.close()


@pytest.mark.parametrize(
    "path", [TASKS, f"{TASKS}/1", "/api/v1/keys", "/api/v1/export", "/metrics"]
)
def test_what_one_was_answered_another_gets_only_by_right(callers: Callers, path: str) -> None:
    allowed = 403 if path == "/api/v1/keys" else 200
    for _ in range(2):
        statuses = [callers.ask(who, path).status_code for who in ("admin", "viewer", "nobody")]
        assert statuses == [200, allowed, 401]


def test_everybody_is_told_about_himself(callers: Callers) -> None:
    for _ in range(2):
        for who in ("viewer", "editor", "admin"):
            assert callers.ask(who, "/api/v1/me").json()["data"]["name"] == who


def test_what_goes_with_an_answer_is_of_this_request(callers: Callers) -> None:
    for who, name in (("admin", "one"), ("viewer", "two"), ("viewer", "three")):
        answer = callers.ask(who, TASKS, X_Request_Id=name)
        assert answer.headers["x-request-id"] == name
    left = [callers.ask("viewer", TASKS).headers["ratelimit-remaining"] for _ in range(2)]

    assert int(left[0]) > int(left[1])


def test_asking_for_the_head_leaves_the_body_to_others(callers: Callers) -> None:
    path = f"{TASKS}?limit=11"
    first = callers.ask("admin", path, "HEAD")
    whole = callers.ask("viewer", path)
    again = callers.ask("admin", path, "HEAD")

    assert (first.content, again.content) == (b"", b"")
    assert len(whole.json()["data"]["tasks"]) == 11
    assert first.headers["etag"] == whole.headers["etag"] == again.headers["etag"]


def test_a_packed_answer_goes_only_to_who_can_unpack_it(callers: Callers) -> None:
    path = f"{TASKS}?limit=12"
    kinds = ["gzip", "identity", "gzip", "identity", "br", "gzip;q=0"]
    answers = [callers.ask("viewer", path, Accept_Encoding=kind) for kind in kinds]

    packed = [answer.headers.get("content-encoding") == "gzip" for answer in answers]
    assert packed == [True, False, True, False, False, False]
    assert len({json.dumps(answer.json()["data"]) for answer in answers}) == 1
    assert len({answer.headers["etag"] for answer in answers}) == 2
    assert all("Accept-Encoding" in answer.headers["vary"] for answer in answers)


def test_nothing_new_for_one_is_everything_for_another(callers: Callers) -> None:
    path = f"{TASKS}?limit=13"
    mark = callers.ask("admin", path).headers["etag"]
    known = callers.ask("admin", path, If_None_Match=mark)
    whole = callers.ask("viewer", path)

    assert (known.status_code, known.content) == (304, b"")
    assert whole.status_code == 200
    assert callers.ask("nobody", path, If_None_Match=mark).status_code == 401
    assert callers.ask("nobody", path, If_None_Match="*").status_code == 401


def test_a_page_that_may_read_does_not_open_the_answer_to_other_pages(callers: Callers) -> None:
    path = f"{TASKS}?limit=14"
    origins = [PAGE, "https://evil.example", "", PAGE]
    allowed = [
        callers.ask("viewer", path, **({"Origin": one} if one else {})).headers for one in origins
    ]

    told = [headers.get("access-control-allow-origin") for headers in allowed]
    assert told == [PAGE, None, None, PAGE]
    assert all("Origin" in headers["vary"] for headers in allowed)
    assert not any("access-control-allow-credentials" in headers for headers in allowed)


def test_nobody_between_may_keep_what_is_private(callers: Callers) -> None:
    for path in (TASKS, f"{TASKS}/1", "/api/v1/keys", "/api/v1/export?format=jsonl"):
        told = callers.ask("admin", path).headers["cache-control"]
        assert "private" in told or "no-store" in told
        assert "max-age" not in told


def test_the_same_key_for_repeating_means_something_else_for_each_caller(callers: Callers) -> None:
    bodies = {who: {"title": f"By {who}"} for who in ("editor", "admin")}
    headers = {"Idempotency-Key": "shared"}
    made = {
        who: callers.clients[who].post(TASKS, json=body, headers=headers)
        for who, body in bodies.items()
    }
    again = callers.clients["editor"].post(TASKS, json=bodies["editor"], headers=headers)

    assert [answer.status_code for answer in made.values()] == [201, 201]
    assert again.json()["data"] == made["editor"].json()["data"]
    assert again.headers["idempotency-replayed"] == "true"
    viewer = callers.clients["viewer"].post(TASKS, json=bodies["editor"], headers=headers)
    nobody = callers.clients["nobody"].post(TASKS, json=bodies["editor"], headers=headers)
    assert (viewer.status_code, nobody.status_code) == (403, 401)


def test_a_key_that_was_revoked_gets_no_answer_again(callers: Callers) -> None:
    made = callers.server.post("/keys", {"name": "short", "role": "editor"}).json()["data"]
    headers = {"Idempotency-Key": "mine"}
    with callers.server.client(made["token"]) as client:
        first = client.post(TASKS, json={"title": "Once"}, headers=headers)
        callers.server.http.delete(f"/api/v1/keys/{made['key']['id']}").raise_for_status()
        again = client.post(TASKS, json={"title": "Once"}, headers=headers)
        kept = client.get(f"{TASKS}/1")

    assert (first.status_code, again.status_code, kept.status_code) == (201, 401, 401)


@pytest.mark.parametrize(
    ("engine", "form"), [("file", "jsonl"), ("file", "dump"), ("sqlite", "dump")]
)
def test_who_exports_at_the_same_time_gets_everything(
    tmp_path: Path, engine: str, form: str
) -> None:
    url = engine if engine == "file" else f"sqlite://{tmp_path}/tasks.db"
    with Serving(stored(project(tmp_path, COUNT), url)) as server:

        def export(_number: int) -> bytes:
            answer = server.http.get(f"/api/v1/export?format={form}")
            assert answer.status_code == 200
            return answer.content

        alone = export(0)
        with ThreadPoolExecutor(8) as threads:
            together = set(threads.map(export, range(16)))

    assert together == {alone}
    assert alone.count(b"Task ") >= COUNT
