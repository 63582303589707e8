"""What is asked of a server, described once for clients that wait and clients that await.

A method of the API is written as a function that returns an ``Ask``; ``call`` makes of it a method
that sends the ask and returns what is read from the answer, or a coroutine that does.
"""

from __future__ import annotations

import functools
import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from types import MethodType
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar, overload
from urllib.parse import quote

from taskmaster.client.exceptions import ServerError
from taskmaster.client.models import Entry
from taskmaster.client.records import Json, Record, Value, camel, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

P = ParamSpec("P")
R = TypeVar("R")
K = TypeVar("K", bound=Record)


@dataclass(frozen=True, slots=True)
class Answer:
    """A success as it came; the names of headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def etag(self) -> str:
        return self.headers.get("etag", "").strip('"')

    def json(self) -> Value:
        """The whole body. Raises ServerError for what is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise ServerError(
                "what answered is no Task Master server: its answer is no JSON",
                hint="look at the address",
                code="strange-answer",
                status=self.status,
            ) from error

    def data(self) -> Value:
        """What the envelope holds. Raises ServerError for an answer that has none."""
        told = self.json()
        if not isinstance(told, dict) or "data" not in told:
            raise ServerError(
                "what answered is no Task Master server: its answer has no data",
                hint="look at the address",
                code="strange-answer",
                status=self.status,
            )
        return told["data"]


@dataclass(frozen=True, slots=True)
class Ask(Generic[R]):
    """A request and how its answer is read.

    ``path`` begins below ``/api/v1``, or at the root of the server where ``rooted``. Of the query,
    what is None or empty is left out, and a ``tag`` that is empty is the client's. The server may
    take its time: ``wait`` seconds beside what the client allows for an answer. ``answers`` are
    statuses of errors that are answers here.
    """

    method: str
    path: str
    read: Callable[[Answer], R]
    query: Mapping[str, object] = field(default_factory=dict)
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    rooted: bool = False
    wait: float = 0.0
    answers: frozenset[int] = frozenset()


class Blocking(ABC):
    """A client whose methods return what they ask for."""

    @abstractmethod
    def perform(self, ask: Ask[R]) -> R:
        """Send the ask, and again where that is safe. Raises TaskMasterError."""


class Awaiting(ABC):
    """A client whose methods are coroutines."""

    @abstractmethod
    async def perform(self, ask: Ask[R]) -> R:
        """Send the ask, and again where that is safe. Raises TaskMasterError."""


class call(Generic[P, R]):  # noqa: N801  # a decorator
    """A method that asks: of a Blocking client a function, of an Awaiting one a coroutine."""

    def __init__(self, ask: Callable[Concatenate[Any, P], Ask[R]]) -> None:
        @functools.wraps(ask)
        def asked(client: Any, *args: P.args, **kwargs: P.kwargs) -> object:  # noqa: ANN401  # either
            return client.perform(ask(client, *args, **kwargs))

        self._asked = asked

    @overload
    def __get__(self, client: Blocking, owner: type) -> Callable[P, R]: ...
    @overload
    def __get__(self, client: Awaiting, owner: type) -> Callable[P, Coroutine[Any, Any, R]]: ...
    @overload
    def __get__(self, client: None, owner: type) -> Callable[..., Any]: ...
    def __get__(self, client: Blocking | Awaiting | None, owner: type) -> Any:
        return self._asked if client is None else MethodType(self._asked, client)


Ident = str | int | Entry
"""A task by its id, or itself."""
Words = str | list[str] | tuple[str, ...]
"""One word, several with commas, or a list of them."""


def ident(task: Ident) -> str:
    return task.id if isinstance(task, Entry) else str(task)


def at(*parts: Ident) -> str:
    """The path of these parts, each of them one segment whatever is in it."""
    return "".join("/" + quote(ident(part), safe="") for part in parts)


def words(given: Words) -> str:
    return given if isinstance(given, str) else ",".join(given)


def record(kind: type[K]) -> Callable[[Answer], K]:
    """What reads an answer whose data are a record of this kind."""
    return lambda answer: kind.of(answer.data())


def bare(kind: type[K]) -> Callable[[Answer], K]:
    """The same for an answer that comes without an envelope."""
    return lambda answer: kind.of(answer.json())


def text(answer: Answer) -> str:
    return answer.body.decode("utf-8", "replace")


def fields(given: Mapping[str, object] | None, more: Mapping[str, object]) -> Json:
    """The fields of a request, from a mapping, from keywords or from both, in either spelling."""
    return {camel(key): plain(value) for key, value in {**(given or {}), **more}.items()}
