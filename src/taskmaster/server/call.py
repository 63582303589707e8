"""A request on its way through the server, and what an endpoint gets to see of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from taskmaster.domain.changes import Version
    from taskmaster.domain.keys import Principal
    from taskmaster.server.house import House
    from taskmaster.server.request import Request
    from taskmaster.server.routes import Route
    from taskmaster.server.served import Served
    from taskmaster.workspace import Workspace


class Visit(NamedTuple):
    """A request that was let in: by whom, where to, and what the store was at that moment."""

    house: House
    request: Request
    route: Route
    served: Served
    principal: Principal
    version: Version


class Call(NamedTuple):
    """A request that is understood and permitted, on its way to an endpoint."""

    ws: Workspace
    house: House
    served: Served
    principal: Principal
    path: Mapping[str, str]
    query: Any
    body: Any
    headers: Mapping[bytes, bytes]
