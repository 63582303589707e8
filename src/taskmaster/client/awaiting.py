"""A client for programs that await what they ask, in asyncio or trio."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Self, TypeVar, Unpack

import anyio

from taskmaster.client import transport
from taskmaster.client.api import Calls
from taskmaster.client.asks import Ask, Awaiting
from taskmaster.client.attempts import Pause, course
from taskmaster.client.exceptions import ConflictError
from taskmaster.client.live import Place
from taskmaster.client.pages import Pages
from taskmaster.client.settings import settings_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from taskmaster.client.asks import Answer, Words
    from taskmaster.client.attempts import Lost, Send
    from taskmaster.client.calls.tasks import Filters
    from taskmaster.client.live import Change
    from taskmaster.client.models import Task
    from taskmaster.client.settings import Options
    from taskmaster.client.transport import Response

R = TypeVar("R")


class AsyncClient(Awaiting, Calls):
    """A server, asked by a program in which other things go on meanwhile.

    Without an address it is ``TAMP_URL``, or this machine; without a token ``TAMP_TOKEN``, or that
    of the project we are in. Raises ValidationError for what is no address.
    """

    def __init__(self, url: str = "", token: str | None = None, **options: Unpack[Options]) -> None:
        self.settings = settings_of(url, token, options)
        self.session = transport.awaiting(self.settings)

    @property
    def api_url(self) -> str:
        return self.settings.api

    @property
    def token(self) -> str:
        return self.settings.token

    @property
    def timeout(self) -> float:
        return self.settings.timeout

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections; the client cannot be used any more."""
        await self.session.aclose()

    async def perform(self, ask: Ask[R]) -> R:
        steps = course(ask, self.settings)
        came: Answer | Lost | None = None
        try:
            while True:
                came = await self._done(steps.send(came))
        except StopIteration as end:
            found: R = end.value
            return found

    async def _done(self, step: Send | Pause) -> Answer | Lost | None:
        if isinstance(step, Pause):
            await anyio.sleep(step.seconds)
            return None
        try:
            request = self.session.request(**transport.arguments(step))
            return transport.answer(await request)
        except transport.Failure as error:
            return transport.lost(error)

    async def tasks(
        self, *, status: Words = "", priority: Words = "", **filters: Unpack[Filters]
    ) -> AsyncIterator[Task]:
        """All tasks that match, however many pages they are on."""
        pages = Pages({"status": status, "priority": priority, **filters})
        while pages.more:
            try:
                page = await self.list_tasks(**pages.query)
            except ConflictError as error:
                pages.begin_again(error)
            else:
                for task in pages.take(page):
                    yield task

    def changes(self, since: int | None = None, *, tag: str = "") -> AsyncChangeStream:
        """What happens, as it happens: everything after change *since*, or from now on.

        Goes on by itself after a lost connection or a restart of the server; nothing is missing
        and nothing comes twice. Another task ends it with ``stop()``.
        """
        return AsyncChangeStream(self, Place(self.settings, since, tag))


class AsyncChangeStream:
    """An asynchronous iterator of changes, also as a context that ends it.

    Raises GoneError where the log does not know the change to go on after, and as any method where
    the server cannot be reached in the beginning or does not let us in.
    """

    def __init__(self, client: AsyncClient, place: Place) -> None:
        self._client = client
        self._place = place
        self._pause = 0.0
        self._stopped = anyio.Event()
        self._response: Response | None = None
        self._found = self._follow()

    @property
    def number(self) -> int | None:
        """The last change that came: what to give as ``since`` to go on another time."""
        return self._place.number

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Change:
        return await anext(self._found)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End it and close its connection; for the task that listens, ``stop`` for any other."""
        self.stop()
        await self._found.aclose()

    def stop(self) -> None:
        """End it, at once and for good; another task that waits for a change finds the end."""
        self._stopped.set()
        response = self._response
        if response is not None:
            transport.hang_up(response)

    async def _follow(self) -> AsyncGenerator[Change]:
        while not self._stopped.is_set():
            try:
                async with aclosing(self._heard()) as heard:
                    async for change in heard:
                        yield change
            except transport.Failure as error:
                if self._stopped.is_set():
                    return
                self._pause = self._place.refused(transport.lost(error))
            with anyio.move_on_after(self._pause):
                await self._stopped.wait()

    async def _heard(self) -> AsyncGenerator[Change]:
        """The changes that one connection tells."""
        request = transport.streaming(self._place.request())
        async with self._client.session.stream(**request) as response:
            if response.status_code != 200:
                await response.aread()
                self._pause = self._place.refused(transport.answer(response))
                return
            # First the one, then the other: whoever stops us meanwhile is noticed in any case.
            self._response = response
            try:
                if not self._stopped.is_set():
                    async with aclosing(self._told(response)) as told:
                        async for change in told:
                            yield change
            finally:
                self._response = None
        self._pause = self._place.ended()

    async def _told(self, response: Response) -> AsyncGenerator[Change]:
        async for event in transport.events(response):
            change = self._place.take(event.event, event.id, event.data)
            if change is not None:
                yield change
            if self._place.over or self._stopped.is_set():
                return
