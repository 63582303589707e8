"""The same over HTTP, wherever the tasks are kept."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.server.calling import Caller, made

from taskmaster import app, config, dump
from taskmaster.domain.changes import Transaction


@pytest.fixture(params=["file", "sqlite", "postgres"])
def call(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Caller]:
    folder = made(tmp_path, master=[])
    if request.param != "file":
        addresses: dict[str, Callable[[], str]] = {
            "sqlite": lambda: "sqlite:tasks.db",
            "postgres": lambda: request.getfixturevalue("database"),
        }
        settings = {"url": addresses[request.param](), "project": "demo"}
        path = folder / ".taskmaster" / "storage.json"
        path.write_text(json.dumps(settings), encoding="utf-8")
        place = config.locate({}, str(folder))
        app.create_project(place, config.storage(place, os.environ)).close()  # type: ignore[attr-defined]
    caller = Caller(folder)
    yield caller
    caller.close()


def test_a_story_is_the_same_wherever_the_tasks_are(call: Caller) -> None:
    adding = [{"op": "add", "title": f"Task {number}", "as": f"$t{number}"} for number in range(40)]
    waiting = {"op": "add-dependency", "id": "$t1", "dependsOn": "$t0"}
    call("POST", "/batch", {"operations": [*adding, waiting]}, role="agent")
    call("POST", "/tasks/1/status", {"status": "done"})
    call("POST", "/tags", {"name": "v2", "copyFrom": "master"})

    assert call.get("/next")["task"]["id"] == "2"
    assert call.get("/ready", limit=5)["total"] == 39
    assert [one["op"] for one in call.get("/history")["transactions"]][:2] == [
        "add-tag",
        "set-status",
    ]
    assert call.get("/search", q='"task 17"')["results"][0]["id"] == "18"
    assert call("POST", "/undo", {}).status == 200
    assert [one["name"] for one in call.get("/tags")["tags"]] == ["master"]
    assert call("POST", "/undo", {"number": 1}, role="agent").status == 409
    before = call("GET", "/tasks")
    assert call("GET", "/tasks").headers["etag"] == before.headers["etag"]


def test_a_dump_can_be_sent_away_from_wherever_the_tasks_are(call: Caller) -> None:
    adding = [{"op": "add", "title": f"Task {number}", "details": "x" * 3_000}
              for number in range(60)]  # fmt: skip
    call("POST", "/batch", {"operations": adding})

    lines = call("GET", "/export", format="dump").body.splitlines(keepends=True)
    parts = list(dump.read(lines, "dump"))

    assert [len(one.changes) for one in parts if isinstance(one, Transaction)] == [60]
    assert call("GET", "/export", format="dump").body.splitlines(keepends=True) == lines


def test_keys_open_the_project_wherever_the_tasks_are(call: Caller) -> None:
    made_key = call("POST", "/keys", {"name": "bot", "role": "viewer"}).data

    bearer = {"authorization": f"Bearer {made_key['token']}"}
    assert call("GET", "/me", headers=bearer).data["name"] == "bot"
    call("DELETE", f"/keys/{made_key['key']['id']}")
    assert call("GET", "/me", headers=bearer).status == 401
