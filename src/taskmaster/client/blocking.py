"""A client for programs that wait for what they ask."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Self, TypeVar, Unpack

from taskmaster.client import transport
from taskmaster.client.api import Calls
from taskmaster.client.asks import Ask, Blocking
from taskmaster.client.attempts import Pause, course
from taskmaster.client.exceptions import ConflictError
from taskmaster.client.live import Place
from taskmaster.client.pages import Pages
from taskmaster.client.settings import settings_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from taskmaster.client.asks import Answer, Words
    from taskmaster.client.attempts import Lost, Send
    from taskmaster.client.calls.tasks import Filters
    from taskmaster.client.live import Change
    from taskmaster.client.models import Task
    from taskmaster.client.settings import Naming, Options
    from taskmaster.client.transport import Response

R = TypeVar("R")


class Client(Blocking, Calls):
    """A server, asked by a program that waits. Several threads may use one client.

    Without an address it is ``TAMP_URL``, or this machine; without a token ``TAMP_TOKEN``, or that
    of the project we are in. Raises ValidationError for what is no address.
    """

    def __init__(self, url: str = "", token: str | None = None, **options: Unpack[Options]) -> None:
        self.settings = settings_of(url, token, options)
        self.session = transport.blocking(self.settings)

    @property
    def api_url(self) -> str:
        return self.settings.api

    @property
    def token(self) -> str:
        return self.settings.token

    @property
    def timeout(self) -> float:
        return self.settings.timeout

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; the client cannot be used any more."""
        self.session.close()

    def perform(self, ask: Ask[R]) -> R:
        steps = course(ask, self.settings)
        came: Answer | Lost | None = None
        try:
            while True:
                came = self._done(steps.send(came))
        except StopIteration as end:
            found: R = end.value
            return found

    def _done(self, step: Send | Pause) -> Answer | Lost | None:
        if isinstance(step, Pause):
            time.sleep(step.seconds)
            return None
        try:
            return transport.answer(self.session.request(**transport.arguments(step)))
        except transport.Failure as error:
            return transport.lost(error)

    def tasks(
        self, *, status: Words = "", priority: Words = "", **filters: Unpack[Filters]
    ) -> Iterator[Task]:
        """All tasks that match, however many pages they are on."""
        pages = Pages({"status": status, "priority": priority, **filters})
        while pages.more:
            try:
                page = self.list_tasks(**pages.query)
            except ConflictError as error:
                pages.begin_again(error)
            else:
                yield from pages.take(page)

    def changes(self, since: int | None = None, *, tag: str = "") -> ChangeStream:
        """What happens, as it happens: everything after change *since*, or from now on.

        Goes on by itself after a lost connection or a restart of the server; nothing is missing
        and nothing comes twice. Another thread ends it with ``stop()``.
        """
        return ChangeStream(self, Place(self.settings, since, tag))


class ChangeStream:
    """An iterator of changes, also as a context that ends it.

    Raises GoneError where the log does not know the change to go on after, and as any method where
    the server cannot be reached in the beginning or does not let us in.
    """

    def __init__(self, client: Client, place: Place) -> None:
        self._client = client
        self._place = place
        self._pause = 0.0
        self._stopped = threading.Event()
        self._response: Response | None = None
        self._found = self._follow()

    @property
    def number(self) -> int | None:
        """The last change that came: what to give as ``since`` to go on another time."""
        return self._place.number

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Change:
        return next(self._found)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End it and close its connection; for the thread that listens, ``stop`` for any other."""
        self.stop()
        self._found.close()

    def stop(self) -> None:
        """End it, at once and for good; another thread that waits for a change finds the end."""
        self._stopped.set()
        response = self._response
        if response is not None:
            transport.hang_up(response)

    def _follow(self) -> Generator[Change]:
        while not self._stopped.is_set():
            try:
                yield from self._heard()
            except transport.Failure as error:
                if self._stopped.is_set():
                    return
                self._pause = self._place.refused(transport.lost(error))
            self._stopped.wait(self._pause)

    def _heard(self) -> Iterator[Change]:
        """The changes that one connection tells."""
        request = transport.streaming(self._place.request())
        with self._client.session.stream(**request) as response:
            if response.status_code != 200:
                response.read()
                self._pause = self._place.refused(transport.answer(response))
                return
            # First the one, then the other: whoever stops us meanwhile is noticed in any case.
            self._response = response
            try:
                if not self._stopped.is_set():
                    yield from self._told(response)
            finally:
                self._response = None
        self._pause = self._place.ended()

    def _told(self, response: Response) -> Iterator[Change]:
        for event in transport.events(response):
            change = self._place.take(event.event, event.id, event.data)
            if change is not None:
                yield change
            if self._place.over or self._stopped.is_set():
                return


class TaskMasterClient(Client):
    """The client as programs for the first SDK make it."""

    def __init__(
        self,
        api_url: str = "",
        token: str | None = None,
        timeout: float = 30.0,
        max_retries: int = 3,
        retry_backoff: float = 1.0,
        **options: Unpack[Naming],
    ) -> None:
        super().__init__(
            api_url, token, timeout=timeout, max_retries=max_retries, retry_backoff=retry_backoff,
            **options,
        )  # fmt: skip
