"""Keys, who one is and what there is, over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.server.calling import Caller
from tests.usecases.conftest import task


@pytest.fixture
def call(serve: Callable[..., Caller]) -> Caller:
    return serve(master=[task(1)])


def opens(call: Caller, token: str) -> bool:
    return call("GET", "/me", headers={"authorization": f"Bearer {token}"}).status == 200


def test_a_key_is_made_with_its_text_in_this_answer_alone(call: Caller) -> None:
    made = call("POST", "/keys", {"name": "bot", "role": "agent", "scopes": ["read"]})
    listed = call("GET", "/keys")

    assert (made.status, made.headers["cache-control"]) == (201, "no-store")
    assert opens(call, made.data["token"])
    assert listed.data["keys"] == [made.data["key"]]
    assert made.data["token"].encode() not in listed.body
    assert made.data["key"]["permissions"] == ["read"]


def test_a_rotated_key_has_another_text_and_the_old_one_for_as_long_as_asked(
    call: Caller,
) -> None:
    made = call("POST", "/keys", {"name": "bot", "role": "agent"}).data
    key_id = made["key"]["id"]

    usual = call("POST", f"/keys/{key_id}/rotate", {})
    assert opens(call, made["token"])
    at_once = call("POST", f"/keys/{key_id}/rotate", {"overlapDays": 0}).data

    assert (usual.status, usual.headers["cache-control"]) == (200, "no-store")
    assert [opens(call, one["token"]) for one in (made, usual.data, at_once)] == [
        False, False, True,
    ]  # fmt: skip


def test_a_revoked_key_opens_nothing_and_cannot_be_rotated(call: Caller) -> None:
    made = call("POST", "/keys", {"name": "bot", "role": "viewer"}).data
    key_id = made["key"]["id"]

    assert call("DELETE", f"/keys/{key_id}").data["state"] == "revoked"

    assert not opens(call, made["token"])
    assert call("POST", f"/keys/{key_id}/rotate").status == 409
    assert call("DELETE", "/keys/nowhere1").error["code"] == "key-not-found"


def test_a_key_may_end_by_itself(call: Caller) -> None:
    made = call("POST", "/keys", {"name": "ci", "role": "editor", "expiresDays": 90}).data["key"]

    assert made["expires"] > made["created"]
    assert made["rotateDays"] == 30


@pytest.mark.parametrize(
    ("body", "status", "at_fault"),
    [
        ({"name": "bot", "role": "agent"}, 409, None),
        ({"name": "x", "role": "agent", "scopes": ["manage"]}, 400, "scopes[0]"),
        ({"name": "x", "role": "owner"}, 400, "role"),
        ({"name": "x"}, 400, "role"),
        ({"role": "agent"}, 400, "name"),
        ({"name": " x", "role": "agent"}, 400, "name"),
        ({"name": "-x", "role": "agent"}, 400, "name"),
        ({"name": "x" * 65, "role": "agent"}, 400, "name"),
        ({"name": "x", "role": "agent", "tier": "gold"}, 400, "tier"),
        ({"name": "x", "role": "agent", "expiresDays": -1}, 400, "expiresDays"),
    ],
)
def test_a_key_cannot_be_made_like_this(
    call: Caller, body: dict[str, Any], status: int, at_fault: str | None
) -> None:
    call("POST", "/keys", {"name": "bot", "role": "agent"})

    response = call("POST", "/keys", body)

    assert (response.status, response.error.get("field")) == (status, at_fault)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/keys", None),
        ("POST", "/keys", {"name": "x", "role": "viewer"}),
        ("POST", "/keys/abcdefgh/rotate", {}),
        ("DELETE", "/keys/abcdefgh", None),
    ],
)
@pytest.mark.parametrize("role", ["viewer", "agent", "editor"])
def test_keys_are_for_admins(call: Caller, role: str, method: str, path: str, body: object) -> None:
    assert call(method, path, body, role=role).status == 403


def test_a_caller_learns_who_the_server_takes_it_for(call: Caller) -> None:
    found = call("GET", "/me", role="editor").data

    assert (found["name"], found["role"], found["tier"]) == ("editor", "editor", "standard")
    assert found["permissions"] == ["manage", "read", "write"]
    assert found["id"].startswith("key:")
    assert call.get("/me")["id"] == "local"


def test_what_one_caller_is_told_of_itself_is_not_told_to_another(call: Caller) -> None:
    names = [call("GET", "/me", role=role).data["name"] for role in ("viewer", "agent", "viewer")]

    assert names == ["viewer", "agent", "viewer"]


@pytest.mark.parametrize("role", ["", "viewer"])
def test_the_projects_are_those_that_the_caller_may_see(call: Caller, role: str) -> None:
    (found,) = call("GET", "/projects", role=role).data["projects"]

    assert found == {"name": "demo", "path": "/api/v1/projects/demo", "current": True}
    assert call("GET", "/projects/demo/me", role=role).data["project"] == "demo"
