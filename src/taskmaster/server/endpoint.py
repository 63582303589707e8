"""One entry of the API: where it is, who may use it, what it takes and gives, and what it does.

The table of all of them is what requests are matched with, what the OpenAPI document is made
from, and what tests go through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

    from taskmaster.server.answer import Answer

    Entry = Callable[[Callable[..., Any]], Callable[..., Any]]

READ, WRITE, MANAGE, ADMIN, PUBLIC = "read", "write", "manage", "admin", ""
"""What a caller must be permitted; PUBLIC asks for nothing, not even a key."""

STREAMS = "text/event-stream"
"""The type of answers that do not end."""

DOCUMENTS = "documents"
"""The group of what is made for reading in a browser."""


class Query(msgspec.Struct, forbid_unknown_fields=True, rename="camel", kw_only=True):
    """What may stand after the ``?``; a name that is not known is refused, not passed over."""


class Body(msgspec.Struct, forbid_unknown_fields=True, rename="camel", kw_only=True):
    """What a request may carry."""


class Tagged(Query):
    tag: str = ""


class Endpoint(NamedTuple):
    """``act`` runs in a thread and may block. ``gives`` is the shape of the data it answers with.

    ``kept``: what it answers follows from what the store holds and the day alone, so an answer is
    good for as long as these stay the same. ``again`` tells the answer from the record of what was
    done the first time. A ``live`` endpoint stays open: its ``act`` is asynchronous, and gets the
    visit and the connection; what it returns is the reply, None where it has sent everything.
    Where it is not ``enveloped``, a success is of the shape that it gives, as it is. ``makes`` is
    where the name of something new stands in the data, such as ``/id``; what can be done with it
    is at the paths below.
    """

    method: str
    path: str
    act: Callable[..., Any]
    group: str
    gives: Any = None
    need: str = READ
    query: type[Query] = Tagged
    body: type[Body] | None = None
    status: int = 200
    kept: bool = False
    errors: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ("application/json",)
    again: Callable[..., Answer] | None = None
    live: bool = False
    enveloped: bool = True
    makes: str = ""

    @property
    def name(self) -> str:
        return self.act.__name__

    @property
    def summary(self) -> str:
        return (self.act.__doc__ or self.name).partition("\n")[0]


class Group:
    """Endpoints about the same thing, as they are shown together; all under *prefix*.

    Each method here is a decorator; *more* are fields of Endpoint.
    """

    def __init__(self, name: str, prefix: str = "/api/v1") -> None:
        self.name = name
        self.prefix = prefix
        self.endpoints: list[Endpoint] = []

    def get(self, path: str, gives: Any, **more: Any) -> Entry:
        return self._entry("GET", path, {"gives": gives, "kept": True, **more})

    def post(self, path: str, gives: Any, **more: Any) -> Entry:
        return self._entry("POST", path, {"gives": gives, "need": WRITE, "status": 201, **more})

    def patch(self, path: str, gives: Any, **more: Any) -> Entry:
        return self._entry("PATCH", path, {"gives": gives, "need": WRITE, **more})

    def delete(self, path: str, gives: Any, **more: Any) -> Entry:
        return self._entry("DELETE", path, {"gives": gives, "need": WRITE, **more})

    def _entry(self, method: str, path: str, more: dict[str, Any]) -> Entry:
        def entered(act: Callable[..., Any]) -> Callable[..., Any]:
            where = self.prefix + path
            made = Endpoint(method=method, path=where, act=act, group=self.name, **more)
            self.endpoints.append(made)
            return act

        return entered
