"""Who may do what: every role at every endpoint, in every project, by key and by token."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import httpx2
import pytest
from tests.server.access.issuer import ISSUER, SECRET, claims, signed
from tests.server.running import Serving, project

from taskmaster.domain.keys import ROLES
from taskmaster.server.endpoint import PUBLIC, Endpoint
from taskmaster.server.table import ENDPOINTS

FOREVER = 10**10
_NAMES = {"id": "1", "subtask": "1", "other": "2", "number": "1", "name": "master", "file": "x"}
# What is permitted is then not carried out: these ask for what is not there.
_QUERIES = {"stream_changes": "?since=none", "delete_tag": "?what=ever"}
_BODIES: Mapping[str, object] = {"undo": {"number": 10**9}, "fix_dependencies": {"dryRun": True}}


class Place(NamedTuple):
    """``keys`` are those of the first project by role."""

    server: Serving
    keys: Mapping[str, str]
    clients: dict[str, httpx2.Client]

    def ask(self, endpoint: Endpoint, token: str, at: str = "/api/v1") -> httpx2.Response:
        path = endpoint.path.format_map(_NAMES) + _QUERIES.get(endpoint.name, "")
        if path.startswith("/api/v1"):
            path = at + path.removeprefix("/api/v1")
        elif at != "/api/v1":
            path = at + path
        body = _BODIES.get(endpoint.name, {})
        return self.client(token).request(
            endpoint.method, path, json=body if endpoint.body else None
        )

    def client(self, token: str) -> httpx2.Client:
        if token not in self.clients:
            self.clients[token] = self.server.client(token)
        return self.clients[token]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    one, two = (project(tmp_path_factory.mktemp(name)) for name in ("one", "two"))
    told = {"TAMP_JWT_SECRET": SECRET, "TAMP_JWT_ISSUER": ISSUER}
    with Serving(one, f"--serve-project=one={one}", f"--serve-project=two={two}", **told) as server:
        made = {
            role: server.post("/keys", {"name": role, "role": role, "tier": "premium"}).json()
            for role in ROLES
        }
        keys = {role: answer["data"]["token"] for role, answer in made.items()}
        found = Place(server, keys, {})
        yield found
        for client in found.clients.values():
            client.close()


def borne(**more: object) -> str:
    """The text of a token that an issuer has signed."""
    return signed(claims(exp=FOREVER, iat=None, role=None, **more))


PRIVATE = [one for one in ENDPOINTS if one.need != PUBLIC]


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_do_exactly_what_it_permits(place: Place, role: str) -> None:
    for endpoint in PRIVATE:
        answer = place.ask(endpoint, place.keys[role])

        permitted = endpoint.need in ROLES[role]
        assert (answer.status_code not in (401, 403)) == permitted, (endpoint.name, answer.text)
        assert answer.status_code < 500, (endpoint.name, answer.text)
        if not permitted:
            assert answer.json()["error"]["code"] == "not-permitted"
            assert "Task 1" not in answer.text


@pytest.mark.parametrize("role", ROLES)
def test_a_token_of_an_issuer_permits_the_same_as_a_key(place: Place, role: str) -> None:
    token = borne(projects={"one": role, "two": "viewer"}, app_metadata={"tier": "premium"})
    for endpoint in PRIVATE:
        answer = place.ask(endpoint, token)

        permitted = endpoint.need in ROLES[role]
        assert (answer.status_code not in (401, 403)) == permitted, (endpoint.name, answer.text)


def test_a_key_of_one_project_opens_no_other(place: Place) -> None:
    for endpoint in PRIVATE:
        if not endpoint.path.startswith("/api/v1/projects"):
            answer = place.ask(endpoint, place.keys["admin"], "/api/v1/projects/two")
            known = endpoint.path.startswith("/api/v1") or endpoint.path == "/graphql"
            assert answer.status_code == (401 if known else 404), (endpoint.name, answer.text)
            assert "Task" not in answer.text


def test_a_role_in_one_project_is_none_in_another(place: Place) -> None:
    admin_of_one = borne(projects={"one": "admin"})
    for endpoint in PRIVATE:
        if endpoint.path.startswith("/api/v1"):
            answer = place.ask(endpoint, admin_of_one, "/api/v1/projects/two")
            assert answer.status_code == 403, (endpoint.name, answer.text)
            assert answer.json()["error"]["code"] == "no-role"


def test_the_same_bearer_is_somebody_else_in_each_project(place: Place) -> None:
    token = borne(projects={"one": "admin", "two": "viewer"})
    with place.server.client(token) as client:
        roles = [
            client.get(f"/api/v1/projects/{name}/me").json()["data"]["role"]
            for name in ("one", "two", "one", "two")
        ]

    assert roles == ["admin", "viewer", "admin", "viewer"]


@pytest.mark.parametrize("path", ["/api/v1/projects/{}/tasks", "/api/v1/projects/{}/nothing"])
def test_nobody_else_learns_which_projects_there_are(place: Place, path: str) -> None:
    for token in ("", place.keys["admin"], borne(projects={"one": "admin"}), "tamp_nothing"):
        with place.server.client(token) as client:
            found = [client.get(path.format(name)) for name in ("two", "%74wo", "three", "")]
            asked = [client.options(path.format(name)) for name in ("two", "three")]

        told = {(one.status_code, one.json()["error"]["message"]) for one in found}
        assert len(told) == 1, found
        assert len({(one.status_code, one.headers.get("allow")) for one in asked}) == 1


def test_the_developer_is_told_that_there_is_no_such_project(place: Place) -> None:
    answer = place.server.http.get("/api/v1/projects/three/tasks")

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no-such-project")


def test_a_key_lists_the_project_it_belongs_to_and_no_other(place: Place) -> None:
    with place.server.client(place.keys["admin"]) as client:
        listed = client.get("/api/v1/projects").json()["data"]["projects"]

    assert [one["name"] for one in listed] == ["one"]


def test_changes_carry_the_name_of_who_made_them(place: Place, tmp_path: Path) -> None:
    del tmp_path
    token = borne(projects={"one": "agent"}, email="bob@example.org")
    for shown, name in ((place.keys["editor"], "editor"), (token, "bob@example.org")):
        with place.server.client(shown, **{"X-Actor": "ann", "X-Forwarded-User": "ann"}) as client:
            client.post("/api/v1/tasks", json={"title": "From somebody"}).raise_for_status()
        last = place.server.get("/history?limit=1")["transactions"][0]

        assert last["actor"]["name"] == name
        assert last["via"] == "rest"
