"""Clients of either kind, and a real server to ask."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.server.running import Serving, project

from taskmaster.client import AsyncClient, Client

TOKEN = "tamp_test_token"  # noqa: S105  # opens nothing
Either = Any
"""A client of either kind, and what it answers; types could not tell which."""
Work = Callable[[Either], Either]
Ask = Callable[..., Either]


def _blocking(url: str, work: Work, **options: Either) -> Either:
    with Client(url, **{"token": TOKEN, "retry_backoff": 0.001, **options}) as client:
        return work(client)


def _awaiting(url: str, work: Work, **options: Either) -> Either:
    async def asked() -> Either:
        async with AsyncClient(
            url, **{"token": TOKEN, "retry_backoff": 0.001, **options}
        ) as client:
            return await work(client)

    return asyncio.run(asked())


@pytest.fixture(params=[_blocking, _awaiting], ids=["blocking", "awaiting"])
def ask(request: pytest.FixtureRequest) -> Ask:
    """``ask(url, work, **options)``: what *work* gets from a client of either kind."""
    asked: Ask = request.param
    return asked


class Awaited:
    """A client that waits, used as one whose methods are awaited."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Either:
        async def asked(*args: Either, **kwargs: Either) -> Either:
            return getattr(self._client, name)(*args, **kwargs)

        return asked


@pytest.fixture(params=["blocking", "awaiting"])
def tell(request: pytest.FixtureRequest) -> Ask:
    """``tell(story, url, token, **options)``: the story with a client of either kind."""

    async def told(story: Work, url: str, token: str, **options: Either) -> Either:
        if request.param == "awaiting":
            async with AsyncClient(url, token, **options) as client:
                return await story(client)
        with Client(url, token, **options) as waiting:
            return await story(Awaited(waiting))

    return lambda *args, **options: asyncio.run(told(*args, **options))


class Server(Serving):
    """A server with the token of its developer."""

    _numbers = itertools.count(1)

    @property
    def token(self) -> str:
        return (self.folder / ".taskmaster" / "token").read_text("ascii").strip()

    def new_tag(self) -> str:
        """A tag in which nothing is yet."""
        with Client(self.url, self.token) as client:
            return client.create_tag(f"tag-{next(self._numbers)}").name


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for all tests of a process, which use tags of their own."""
    with Server(project(tmp_path_factory.mktemp("served"))) as running:
        yield running
