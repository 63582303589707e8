"""Everything at once: a question, several changes or a subscription in one request."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from taskmaster import app
from taskmaster.server.endpoint import READ, Body, Group, Query
from taskmaster.server.shapes import Shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from taskmaster.server.answer import Reply
    from taskmaster.server.call import Visit
    from taskmaster.server.ends import Receive, Send

GROUP = Group("graphql", prefix="")
LARGEST = 10_000
"""Characters of a query."""


class Ask(Body):
    """``operationName`` says which, where the query has several operations; ``extensions`` are
    passed over.
    """

    query: Annotated[str, Meta(min_length=1, max_length=LARGEST)]
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None


class GraphqlError(Shape, kw_only=True):
    """Why something is not in the answer; ``extensions`` has code, hint, details, requestId."""

    message: str
    path: list[str | int] | UnsetType = UNSET
    locations: list[dict[str, int]] | UnsetType = UNSET
    extensions: dict[str, Any]


class GraphqlResult(Shape):
    """``data`` is what was asked for, ``errors`` what went wrong with some of it or with all."""

    data: dict[str, Any] | UnsetType | None = UNSET
    errors: list[GraphqlError] | UnsetType = UNSET
    extensions: dict[str, Any] | UnsetType = UNSET


@GROUP.post(
    "/graphql", GraphqlResult, need=READ, query=Query, body=Ask, status=200, live=True,
    enveloped=False, errors=(406,), kinds=("application/json", "text/event-stream"),
)  # fmt: skip
async def ask_graphql(
    visit: Visit, receive: Receive, send: Send, headers: Sequence[tuple[bytes, bytes]]
) -> Reply | None:
    """Ask, change and follow the project in GraphQL.

    A mutation takes the permissions that its fields take. Subscriptions come as Server-Sent
    Events where these are accepted, or over a WebSocket at the same path.
    """
    # It takes a while to load, and not everybody uses it.
    loop = asyncio.get_running_loop()
    answer: Any = await loop.run_in_executor(
        visit.house.threads, app.load, "taskmaster.server.graphql.answering:answer"
    )
    reply: Reply | None = await answer(visit, receive, send, headers)
    return reply
