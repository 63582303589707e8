"""The floor: an ASGI application that gives back the bytes it was given, on the server's server.

``PUT`` leaves an answer at a path; ``GET`` has it, with nothing but its type and length. What is
PUT at ``/stream`` goes to everybody who listens there.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from taskmaster.server import serving
from taskmaster.server.settings import Settings

answers: dict[bytes, tuple[list[tuple[bytes, bytes]], bytes]] = {}
listeners: set[asyncio.Queue[bytes]] = set()


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
    elif scope["method"] == "PUT":
        await left(scope, receive, send)
    elif scope["raw_path"] == b"/stream":
        await streamed(send)
    else:
        headers, body = answers[scope["raw_path"] + b"?" + scope["query_string"]]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


async def lifespan(receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def left(scope: Any, receive: Any, send: Any) -> None:
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message["body"], message["more_body"]
    if scope["raw_path"] == b"/stream":
        for one in listeners:
            one.put_nowait(body)
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    answers[scope["raw_path"] + b"?" + scope["query_string"]] = headers, body
    done = [(b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 204, "headers": done})
    await send({"type": "http.response.body", "body": b""})


async def streamed(send: Any) -> None:
    waiting: asyncio.Queue[bytes] = asyncio.Queue()
    listeners.add(waiting)
    headers = [(b"content-type", b"text/event-stream")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b": here\n\n", "more_body": True})
    while True:
        event = await waiting.get()
        await send({"type": "http.response.body", "body": event, "more_body": True})


def main() -> None:
    # All that the real server tells uvicorn holds here too; only the application is another one.
    serving.application = lambda: application  # type: ignore[assignment,return-value]
    listening = serving.bound("127.0.0.1", 0)
    print(f"http://127.0.0.1:{listening.getsockname()[1]}", file=sys.stderr, flush=True)
    serving.serve(Settings(projects={}), listening)


if __name__ == "__main__":
    main()
