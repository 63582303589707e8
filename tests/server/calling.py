"""The application itself, called without a socket: real files, real keys, one event loop.

Whatever it answers is compared with its description.
"""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import jsonschema_rs
import msgspec

from taskmaster.server import assembly, openapi
from taskmaster.server.application import Application
from taskmaster.server.endpoint import Endpoint
from taskmaster.server.house import House, parted
from taskmaster.server.limits import Limits
from taskmaster.server.metrics import Metrics
from taskmaster.server.routes import Routes
from taskmaster.server.served import Served
from taskmaster.server.settings import Settings
from taskmaster.server.table import ENDPOINTS
from taskmaster.usecases import keys

ROUTES = Routes(ENDPOINTS)


class Response(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def data(self) -> Any:  # tests look into it
        """What a success tells."""
        assert 200 <= self.status < 300, self.body
        return json.loads(self.body)["data"]

    @property
    def error(self) -> Any:
        """What a refusal tells."""
        assert self.status >= 400, self.body
        return json.loads(self.body)["error"]


class Caller:
    """Calls a server for the project in *folder*; by default as the developer whose it is.

    Nothing follows the change log, which takes a moment to end, unless it is to be *live*.
    """

    def __init__(self, folder: Path, *, live: bool = False) -> None:
        self.folder = folder
        self._loop = asyncio.new_event_loop()
        self._live = live
        self.house = self._loop.run_until_complete(self._opened())
        self.application = Application(self._opened)
        self.application._house = self.house
        self._tokens = {"": (folder / ".taskmaster" / "token").read_text("utf-8").strip()}

    @property
    def served(self) -> Served:
        return self.house.projects["demo"]

    async def _opened(self) -> House:
        settings, metrics = Settings(projects={"demo": str(self.folder)}), Metrics()
        served = assembly.project(settings, "demo", self._loop, metrics)
        if self._live:
            served.feed.start()
        return House(settings, ENDPOINTS, {"demo": served}, Limits(), metrics)

    def close(self) -> None:
        if self._live:
            self._loop.run_until_complete(self.house.close())
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
            self._loop.run_until_complete(asyncio.gather(task, return_exceptions=True))
        self.served.writes.shutdown()
        self.house.threads.shutdown()
        self.served.ws.close()
        self._loop.close()

    def __call__(
        self, method: str, path: str, body: object = None, *,
        role: str = "", headers: Mapping[str, str] = {}, **query: Any,
    ) -> Response:  # fmt: skip
        """Call a path under ``/api/v1`` with a key of this role; *body* is sent as JSON."""
        known = {"host": "localhost", "authorization": f"Bearer {self._token(role)}"}
        content = b"" if body is None else json.dumps(body).encode()
        if body is not None:
            known["content-type"] = "application/json"
        words = {key: json.dumps(one) if isinstance(one, bool) else one
                 for key, one in query.items()}  # fmt: skip
        raw = quote(f"/api/v1{path}", safe="/%").encode()
        response = self._sent(method, raw, urlencode(words).encode(), {**known, **headers}, content)
        described(ROUTES.find(method, parted(raw)[1]).endpoint, response)
        return response

    def bare(self, method: str, path: str) -> Response:
        """The answer to somebody who shows nothing, at any path."""
        raw, _, query = path.encode().partition(b"?")
        return self._sent(method, raw, query, {"host": "localhost"}, b"")

    def _sent(
        self, method: str, raw: bytes, query: bytes, headers: Mapping[str, str], content: bytes
    ) -> Response:
        scope = {
            "type": "http", "method": method, "scheme": "http", "http_version": "1.1",
            "path": raw.decode(), "raw_path": raw, "query_string": query,
            "client": ("127.0.0.1", 50_000), "server": ("127.0.0.1", 3000),
            "headers": [(key.encode(), one.encode()) for key, one in headers.items()],
        }  # fmt: skip
        return self._loop.run_until_complete(self._called(scope, content))

    def get(self, path: str, **query: Any) -> Any:
        """The data at a path."""
        return self("GET", path, **query).data

    def _token(self, role: str) -> str:
        """That of a key of this role, which is called like the role."""
        if role not in self._tokens:
            _key, self._tokens[role] = keys.create(self.served.ws, role, role)
        return self._tokens[role]

    async def _called(self, scope: dict[str, Any], content: bytes) -> Response:
        sent: list[MutableMapping[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        await self.application(scope, receive, send)
        headers = {key.decode(): one.decode("latin-1") for key, one in sent[0]["headers"]}
        return Response(sent[0]["status"], headers, b"".join(one.get("body", b"") for one in sent))


def described(endpoint: Endpoint, response: Response) -> None:
    """Compare an answer with what the description says of it."""
    responses = document()["paths"][endpoint.path][endpoint.method.lower()]["responses"]
    assert str(response.status) in responses, (endpoint.name, response)
    kinds = responses[str(response.status)].get("content", {})
    kind = response.headers.get("content-type", "").partition(";")[0]
    assert kind in kinds or not response.body, (endpoint.name, response.headers)
    schema = kinds.get(kind, {}).get("schema")
    if schema:
        _validator(json.dumps(schema)).validate(json.loads(response.body))
    if schema and response.status < 300:
        told = json.loads(response.body)
        msgspec.convert(told["data"] if endpoint.enveloped else told, endpoint.gives)


@functools.cache
def document() -> dict[str, Any]:
    return openapi.document(ENDPOINTS)


@functools.cache
def _validator(schema: str) -> Any:
    whole = {**json.loads(schema), "components": document()["components"]}
    return jsonschema_rs.validator_for(whole)


def made(folder: Path, **tags: list[dict[str, Any]]) -> Path:
    """A project in this folder, as a person would write it down."""
    path = folder / ".taskmaster" / "tasks" / "tasks.json"
    path.parent.mkdir(parents=True)
    states = {tag: {"tasks": tasks, "metadata": {"created": "2026-01-31T08:15:30.123Z"}}
              for tag, tasks in tags.items()}  # fmt: skip
    path.write_text(json.dumps(states, indent=2), encoding="utf-8")
    return folder
