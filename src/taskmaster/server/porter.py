"""Who comes in: from where, as whom, how often, and what for."""

from __future__ import annotations

import asyncio
import re
from functools import partial
from typing import TYPE_CHECKING

from taskmaster.domain.changes import Version
from taskmaster.domain.keys import BEARER, LOCAL, Principal, no_role, refused
from taskmaster.errors import Forbidden, NotFound, TampError, Unauthenticated, Usage
from taskmaster.server.access.gate import presented
from taskmaster.server.call import Visit
from taskmaster.server.endpoint import PUBLIC, STREAMS
from taskmaster.server.endpoint import READ as MAY_READ
from taskmaster.server.headers import SAFE, client_address, only
from taskmaster.server.house import parted
from taskmaster.server.limits import AUTH, READ, WRITE, neighbourhood
from taskmaster.server.shedding import STREAM

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from contextlib import AbstractContextManager

    from taskmaster.server.endpoint import Endpoint
    from taskmaster.server.house import House
    from taskmaster.server.limits import Allowance
    from taskmaster.server.request import Request
    from taskmaster.server.served import Served


ANONYMOUS = Principal("", "anonymous", "system", "", frozenset(), "address")
_HEALTH = b"/health"
_SESSION = re.compile(rb"[!-~]{1,100}")
_UNKNOWN = Version(None, None)


class TooMany(TampError):
    """The client has asked for more than it is allowed; ``headers`` say when it may again."""

    code = "too-many-requests"

    def __init__(self, allowance: Allowance) -> None:
        super().__init__(
            f"more than {allowance.limit} requests in a minute",
            hint=f"ask again in {allowance.retry_after} s",
        )
        self.headers = allowance.headers()


async def admitted(house: House, request: Request) -> Visit:
    """The request with who makes it and what it is for.

    Raises what keeps it out; nothing about the project is told before the caller is known.
    """
    path = parted(request.path)[1]
    request.route = route = house.routes.find(request.method, path)
    served = await meant(house, request)
    # Those who probe whether a server lives call it by its bare address.
    if not path.startswith(_HEALTH):
        host = house.hosts.check(request.scope["headers"])
        if request.method not in SAFE:
            house.origins.check(request.headers.get(b"origin", b""), host)
    if route.endpoint.need == PUBLIC:
        if not path.startswith(_HEALTH):
            request.allowance = await _strangers(house, request, READ)
        return Visit(house, request, route, served, ANONYMOUS, _UNKNOWN)
    versions = served.versions
    version = versions.at_once() if versions.swift else await versions.soon(house.threads)
    shown = credentials(request)
    principal = served.gate.known(shown, version.keys)
    if principal is None:
        principal = await known(house, request, served, version, shown)
    session = request.headers.get(b"x-session")
    if session is not None:
        principal = principal._replace(session=session_of(session))
    request.principal = principal
    reads = request.method in SAFE or route.endpoint.need == MAY_READ
    kind = READ if reads else WRITE
    await counted(house, request, principal, kind)
    permit(principal, route.endpoint.need)
    kind = STREAM if stays(request, route.endpoint) else kind
    house.shedding.enter(kind)
    request.taken_on = kind
    return Visit(house, request, route, served, principal, version)


async def meant(house: House, request: Request) -> Served:
    """The project that the request is about.

    Raises NotFound where there is none, but only to the developer: all others are told the same
    as by a project that is not theirs.
    """
    try:
        return house.project(request.path)
    except NotFound:
        served, shown = house.project(b""), credentials(request)
        who = await known(house, request, served, await version_of(house, served), shown)
        if who.id == LOCAL:
            raise
        raise (no_role() if who.id.startswith(BEARER) else refused()) from None


def stays(request: Request, endpoint: Endpoint) -> bool:
    """Whether the caller waits for what comes, so that how long it takes says nothing."""
    if STREAMS not in endpoint.kinds:
        return endpoint.live and b"wait=" in request.query
    return endpoint.kinds == (STREAMS,) or STREAMS.encode() in request.headers.get(b"accept", b"")


async def version_of(house: House, served: Served) -> Version:
    """What the store is now. Raises as its ``reading``."""
    return await served.versions.soon(house.threads)


async def known(
    house: House, request: Request, served: Served, version: Version, shown: str
) -> Principal:
    """Who shows this. Raises Unauthenticated, and TooMany for an address that has failed often."""
    try:
        return await checked(house, served, shown, version.keys)
    except Unauthenticated:
        # Only who fails is told to wait: others behind the same address have a key that opens.
        await _strangers(house, request, AUTH)
        raise


async def _strangers(house: House, request: Request, kind: str) -> Allowance:
    """Count this for all at its address who have shown nothing that opens. Raises TooMany."""
    client = neighbourhood(client_address(request.scope, house.proxies))
    allowance = await asked(house, house.limits.take, client, house.strangers, kind)
    if allowance.retry_after:
        raise TooMany(allowance)
    return allowance


async def checked(house: House, served: Served, shown: str, keys: Hashable) -> Principal:
    """Who shows this, by a look at the keyring of this version."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(house.threads, served.gate.check, shown, keys)


def listening(
    house: House, served: Served, shown: str, principal: Principal
) -> AbstractContextManager[asyncio.Future[TampError]]:
    """What is set once this caller, who stays, may hear no more. Raises TooManyStreams."""

    async def keys() -> Hashable:
        return (await version_of(house, served)).keys

    return served.listeners.listening(shown, principal, keys, partial(checked, house, served))


def credentials(request: Request) -> str:
    """What the caller shows. Raises Usage and Unauthenticated where it is shown twice."""
    headers = request.scope["headers"]
    shown, key = only(headers, b"authorization"), only(headers, b"x-api-key")
    return presented(shown.decode("latin-1"), key.decode("latin-1"))


def session_of(given: bytes) -> str:
    """What the caller calls its session, for the change log. Raises Usage."""
    if not _SESSION.fullmatch(given):
        raise Usage(
            "X-Session is a name of up to 100 letters, digits and signs", code="bad-session"
        )
    return given.decode()


async def counted(house: House, request: Request, principal: Principal, kind: str) -> None:
    """Count one request of this kind. Raises TooMany."""
    take = house.limits.take
    request.allowance = allowance = await asked(house, take, principal.id, principal.tier, kind)
    if allowance.retry_after:
        raise TooMany(allowance)


async def asked(
    house: House, ask: Callable[[str, str, str], Allowance], client: str, tier: str, kind: str
) -> Allowance:
    """What the client may still do; where all processes count together, that takes a thread."""
    if not house.shared:
        return ask(client, tier, kind)
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(house.threads, ask, client, tier, kind)


def permit(principal: Principal, need: str) -> None:
    """Raises Forbidden for what the caller may not do."""
    if need not in principal.permissions:
        raise Forbidden(
            f"your key does not permit this: it takes {need!r}",
            hint="an admin can make a key of another role: `tamp keys create`",
        )
