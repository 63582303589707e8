"""Operations carried out: questions beside one another, changes one after the other."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING

from taskmaster.errors import Invalid, TampError, Unavailable
from taskmaster.server import performing, porter
from taskmaster.server.answer import JSON, Reply, encoded
from taskmaster.server.endpoint import Query
from taskmaster.server.endpoints.graphql import Ask
from taskmaster.server.ends import Ends
from taskmaster.server.graphql import faults
from taskmaster.server.graphql.asking import understood
from taskmaster.server.graphql.schema import SCHEMA
from taskmaster.server.graphql.telling import tell
from taskmaster.server.graphql.view import View
from taskmaster.server.limits import WRITE
from taskmaster.server.request import asked, carried

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from strawberry.types.execution import ExecutionResult

    from taskmaster.server.call import Visit
    from taskmaster.server.compression import Receive
    from taskmaster.server.ends import Send
    from taskmaster.server.graphql.asking import Operation

TIME = 10.0
"""Seconds that a question may take."""
_EVENTS = b"text/event-stream"


async def answer(
    visit: Visit, receive: Receive, send: Send, headers: Sequence[tuple[bytes, bytes]]
) -> Reply | None:
    """The reply, None where it was a stream that has been sent."""
    request, house, served = visit.request, visit.house, visit.served
    asked(request.query, Query)
    performing.key_of(request)
    raw = await performing.body_of(visit, receive)
    ask = carried(raw, request.headers.get(b"content-type", b""), Ask)
    streams = _EVENTS in request.headers.get(b"accept", b"")
    try:
        operation = await prepared(visit, ask)
    except Invalid as error:
        return _reply(refusal(visit, error))
    if not streams:
        return await _single(visit, operation, raw)
    shown = porter.credentials(request)
    with porter.listening(house, served, shown, visit.principal) as barred:
        bodies = results(visit, operation, raw)
        await tell(bodies, receive, send, headers, Ends(house.stopping, barred))
    return None


async def prepared(visit: Visit, ask: Ask) -> Operation:
    """What is asked, once it may be carried out. Raises Invalid, TooMany."""
    loop = asyncio.get_running_loop()
    operation = await loop.run_in_executor(visit.house.threads, understood, ask)
    if operation.changes:
        await porter.counted(visit.house, visit.request, visit.principal, WRITE)
    return operation


def refusal(visit: Visit, error: Exception) -> bytes:
    """What is said instead of an answer."""
    return encoded({"errors": faults.told(error, visit)})


async def results(
    visit: Visit, operation: Operation, raw: bytes | None = None
) -> AsyncGenerator[bytes, None]:
    """What comes of it, as often as something does; *raw* as for ``performing.once``."""
    try:
        if operation.listens:
            async with aclosing(_heard(visit, operation)) as bodies:
                async for body in bodies:
                    yield body
        else:
            yield (await _single(visit, operation, raw)).body
    except Exception as error:  # noqa: BLE001  # whatever ends it, who asked is told
        yield refusal(visit, error)


async def _heard(visit: Visit, operation: Operation) -> AsyncGenerator[bytes, None]:
    view = View(visit.served, visit.principal, operation.document)
    told = await SCHEMA.subscribe(
        operation.query, dict(operation.variables), view, operation_name=operation.name
    )
    async with aclosing(told):
        async for one in told:
            yield _body(visit, operation, one)


async def _single(visit: Visit, operation: Operation, raw: bytes | None) -> Reply:
    if operation.listens:
        raise TampError(
            "what is subscribed to comes as a stream",
            hint="send Accept: text/event-stream, or use a WebSocket",
            code="not-acceptable",
        )
    loop = asyncio.get_running_loop()
    if operation.changes:
        work = partial(_changed, visit, operation, raw)
        # As in performing: what was begun is brought to its end.
        return await asyncio.shield(loop.run_in_executor(visit.served.writes, work))
    view = View(visit.served, visit.principal, operation.document)
    try:
        async with asyncio.timeout(TIME):
            found = await loop.run_in_executor(
                visit.house.threads, _carried_out, visit, operation, view
            )
    except TimeoutError:
        error = Unavailable(f"this takes more than {TIME:g} s", hint="ask for less",
                            code="too-slow")  # fmt: skip
        return _reply(refusal(visit, error))
    finally:
        view.stop()
    return found[0]


def _changed(visit: Visit, operation: Operation, raw: bytes | None) -> Reply:
    def work(name: str) -> tuple[Reply, bool]:
        view = View(visit.served, visit.principal, operation.document, name)
        return _carried_out(visit, operation, view)

    return work("")[0] if raw is None else performing.once(visit, raw, work)


def _carried_out(visit: Visit, operation: Operation, view: View) -> tuple[Reply, bool]:
    """The reply, and whether all went well."""
    try:
        found = SCHEMA.execute_sync(
            operation.query, dict(operation.variables), view, operation_name=operation.name
        )
    finally:
        view.close()
    return _reply(_body(visit, operation, found)), not found.errors


def _body(visit: Visit, operation: Operation, found: ExecutionResult) -> bytes:
    shown: dict[str, object] = {"data": found.data}
    if found.errors:
        shown["errors"] = [entry for one in found.errors for entry in faults.told(one, visit)]
    return encoded({**shown, "extensions": {"cost": operation.cost}})


def _reply(body: bytes) -> Reply:
    return Reply(200, [(b"content-type", JSON)], body)
