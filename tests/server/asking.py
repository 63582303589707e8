"""Asking in GraphQL, of the application itself or of a real server."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import httpx2
from tests.server.calling import Caller, Response

PATH = "/projects/demo/graphql"
"""Under ``/api/v1``: what ``/graphql`` is of the first project, of the one that is named."""


def posted(
    caller: Caller,
    query: str,
    variables: Mapping[str, object] | None = None,
    *,
    role: str = "",
    key: str = "",
) -> Response:
    headers = {"idempotency-key": key} if key else {}
    body = {"query": query, "variables": variables}
    return caller("POST", PATH, body, role=role, headers=headers)


def ask(caller: Caller, query: str, role: str = "", **variables: object) -> Any:
    """The data, where all went well."""
    said = json.loads(posted(caller, query, variables, role=role).body)
    assert "errors" not in said, said
    return said["data"]


def refused(caller: Caller, query: str, role: str = "", **variables: object) -> Any:
    """The only error; its code and the rest are in ``extensions``."""
    answer = posted(caller, query, variables, role=role)
    assert answer.status == 200
    [error] = json.loads(answer.body)["errors"]
    return error


def payloads(stream: httpx2.Response) -> Iterator[Any]:
    """What comes as events ``next``, until it is complete or the stream ends."""
    event = ""
    for line in stream.iter_lines():
        word, _, rest = line.partition(": ")
        if word == "event":
            event = rest
        elif word == "data" and event == "next":
            yield json.loads(rest)
