"""What can be listened to."""

from __future__ import annotations

from collections.abc import AsyncGenerator  # noqa: TC003  # annotations are read

import msgspec
import strawberry

from taskmaster.errors import Conflict, TampError
from taskmaster.server.graphql import past
from taskmaster.server.graphql.terms import Info, heard


@strawberry.type
class Subscription:
    @heard(
        "What happens after change `since`, or from now on: to all, or to a `tag`."
        " The `last` of the last one that came is where to go on."
    )
    async def changes(
        self, info: Info, since: int | None = None, tag: str | None = None
    ) -> AsyncGenerator[past.Transaction, None]:
        subscription = info.context.feed.subscribe(since=since, tag=tag or "")
        async for event in subscription:
            told = msgspec.json.decode(event.data)
            if event.kind == "change":
                info.context.begin_anew()
                yield past.read(told)
            elif event.kind == "gap":
                raise Conflict(
                    "you took too little of what was told, and are let go",
                    hint=f"go on with since: {told['since']}", code="gap", details=told,
                )  # fmt: skip
            elif event.kind == "error":
                raise TampError(told["message"], hint=told["hint"], code=told["code"])
