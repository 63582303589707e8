"""What httpx2 is told, and what its answers and failures mean."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

try:
    import httpx2
except ImportError as error:
    from taskmaster.client.exceptions import MissingExtraError

    raise MissingExtraError(
        "the client needs the package httpx2, which is not installed",
        hint="pip install 'task-master-pro[client]'",
    ) from error

from taskmaster.client.asks import Answer
from taskmaster.client.attempts import Lost
from taskmaster.client.live import LONGEST_EVENT, SILENCE

if TYPE_CHECKING:
    from taskmaster.client.attempts import Send
    from taskmaster.client.settings import Settings

_NOT_SENT = (
    httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.LocalProtocolError,
    httpx2.ProxyError, httpx2.UnsupportedProtocol,
)  # fmt: skip
_IDLE = 2.0
"""Seconds after which a connection is not used again. Servers close it after five, and a change
that is sent at that very moment is lost.
"""
Failure = httpx2.RequestError
Response = httpx2.Response


def blocking(settings: Settings) -> httpx2.Client:
    """What sends, for clients that wait."""
    return httpx2.Client(**_options(settings))


def awaiting(settings: Settings) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(**_options(settings))


def _options(settings: Settings) -> dict[str, Any]:
    """A server on this machine is not asked through a proxy; and without TLS there is no need of
    the certificates, which take longer to read than an answer.
    """
    plain = settings.local and settings.root.startswith("http:")
    return {
        "trust_env": not settings.local,
        "follow_redirects": False,
        "verify": not plain,
        "limits": httpx2.Limits(
            max_connections=100, max_keepalive_connections=20, keepalive_expiry=_IDLE
        ),
    }


def arguments(send: Send) -> dict[str, Any]:
    """A request as ``request`` of either client takes it."""
    return {
        "method": send.method,
        "url": send.url,
        "params": send.query or None,
        "headers": send.headers,
        "content": send.body,
        "timeout": send.timeout,
    }


def streaming(send: Send) -> dict[str, Any]:
    """The same for ``stream``, whose answer goes on as long as there are signs of life."""
    timeout = httpx2.Timeout(send.timeout, read=max(send.timeout, SILENCE))
    return {**arguments(send), "timeout": timeout}


def answer(response: Response) -> Answer:
    return Answer(response.status_code, response.headers, response.content)


def lost(error: Failure) -> Lost:
    late = isinstance(error, httpx2.TimeoutException)
    return Lost(error, not isinstance(error, _NOT_SENT), late)


def events(response: Response) -> httpx2.EventSource:
    return httpx2.EventSource(response, LONGEST_EVENT)


def hang_up(response: Response) -> None:
    """Let whoever is reading the answer, in whatever thread, find that it has come to its end."""
    connection = response.extensions["network_stream"].get_extra_info("socket")
    try:
        with socket.fromfd(connection.fileno(), socket.AF_INET, socket.SOCK_STREAM) as twin:
            twin.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # It had come to its end by itself.
