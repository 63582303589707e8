"""What requests say about where they come from, and what answers say to browsers.

A browser carries out what any page asks of it, so a server on somebody's own machine is open to
every page that is visited there, unless it looks at Host and Origin.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Final

from taskmaster.errors import Forbidden, Usage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

Headers = list[tuple[bytes, bytes]]

SAFE: Final = frozenset(("GET", "HEAD", "OPTIONS"))
"""The methods that change nothing; a browser sends them without saying for which page."""

_CLOSED = "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_OWN = "script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'"
_NEVER = "camera=() geolocation=() microphone=() payment=() usb=()"
_YEAR = 31_536_000
_HEARD = (
    "ETag, Link, Location, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset,"
    " X-Request-Id, X-Next-Cursor, X-Key-Notice, Idempotency-Replayed"
)
_SAID = (
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID,"
    " X-API-Key, X-Request-Id, X-Session"
)
_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
_PREFLIGHT_SECONDS = 600
_HOST = re.compile(rb"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?")
_ORIGIN = re.compile(r"https?://(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?")
_PAIR = r'\s*([\w-]+)=(?:([^\s",;=]+)|"([^"\\]*)")\s*'
_PAIRS = re.compile(_PAIR)
_ELEMENT = re.compile(f"{_PAIR}(?:;{_PAIR})*")
_LINE = re.compile(rb"[a-z0-9-]+: [\t\x20-\x7e\x80-\xff]*")
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_REMEMBERED = 1_000


def _security(policy: str, *more: tuple[str, str]) -> tuple[Headers, Headers]:
    """For answers in the clear, and for those under TLS."""
    told = (
        ("content-security-policy", f"default-src 'none'; {policy}"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("permissions-policy", _NEVER.replace(" ", ", ")),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        *more,
    )
    clear = [(name.encode(), value.encode()) for name, value in told]
    return clear, [*clear, (b"strict-transport-security", b"max-age=%d" % _YEAR)]


DATA: Final = _security(_CLOSED, ("cache-control", "private, no-cache"))
"""For answers with data, by whether they go through TLS; to be added to, never changed."""

PAGE: Final = _security(f"{_OWN}; connect-src 'self'; {_CLOSED}", ("cache-control", "no-cache"))
"""As DATA, for pages that load scripts and styles of this server."""


def lines(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The headers as they are sent. Raises ValueError for what would not stay a line."""
    found = [b"%b: %b" % one for one in headers]
    for line in found:
        if not _LINE.fullmatch(line):
            raise ValueError(f"no header: {line!r}")
    return b"".join([line + b"\r\n" for line in found])


LINES: Final = tuple(map(lines, DATA))
"""DATA as it is sent."""


def only(headers: Headers, name: bytes) -> bytes:
    """The value of a header that may be there once, ``b""`` where it is not. Raises Usage."""
    found = [value for key, value in headers if key == name]
    if len(found) > 1:
        raise Usage(
            f"the request has {len(found)} headers {name.decode()}",
            hint="send one",
            code="repeated-header",
        )
    return found[0] if found else b""


class Hosts:
    """The names under which this server may be called: loopback, and those that it was told.

    A page whose own name suddenly points here calls under that name, and gets no further.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        """Raises Usage for what is no name or has a port."""
        self._names = {_name(one) for one in (*_LOOPBACK, *names)}
        self._known: set[bytes] = set()

    def check(self, headers: Headers) -> bytes:
        """The Host of a request. Raises Usage where it is missing, repeated or no name, and
        Forbidden for one that is not ours.
        """
        host = only(headers, b"host")
        if host in self._known:
            return host
        found = _HOST.fullmatch(host.lower())
        if found is None:
            raise Usage(
                "the request does not say which host it is for",
                hint="send one Host header with a name, and a port if need be",
                code="bad-host",
            )
        if found[1] not in self._names:
            raise Forbidden(
                f"this server is not called {found[1].decode()}",
                hint="call it localhost, or start it with --allow-host=NAME",
                code="unknown-host",
            )
        if len(self._known) < _REMEMBERED:
            self._known.add(host)
        return host


def _name(text: str) -> bytes:
    found = _HOST.fullmatch(text.lower().encode())
    if found is None or found[1] != found[0]:
        raise Usage(
            f"{text!r} is no name of a host",
            hint="name it without scheme and port, such as tasks.example.org or [2001:db8::1]",
            code="bad-host",
        )
    return found[0]


def _own(host: bytes) -> tuple[bytes, bytes]:
    """What a page of this host says it is of."""
    return b"http://" + host, b"https://" + host


class Origins:
    """The pages of other servers that may use this one in a browser, named one by one."""

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        """Raises Usage for what is not exactly scheme, host and port, such as ``*``."""
        names = [_origin(one) for one in allowed]
        vary = (b"vary", b"Origin")
        expose = (b"access-control-expose-headers", _HEARD.encode())
        self._nobody: Headers = [vary] if names else []
        self._answers = {
            name: [(b"access-control-allow-origin", name), vary, expose] for name in names
        }

    def answer(self, origin: bytes) -> Headers:
        """What an answer says to a page of this origin, ``b""`` for a request without one."""
        return self._answers.get(origin, self._nobody)

    def check(self, origin: bytes, host: bytes) -> None:
        """Raises Forbidden for a page that is neither allowed nor one of this host's own.

        To be asked before a request that changes something and before a WebSocket is opened,
        which browsers let any page do. Programs other than browsers say no origin.
        """
        if origin and origin not in self._answers and origin not in _own(host):
            raise _unknown(origin)

    def preflight(self, headers: Headers) -> Headers | None:
        """What answers a browser that asks beforehand; None where an OPTIONS is no such question.

        Raises Forbidden for a page that is not allowed.
        """
        origin = only(headers, b"origin")
        if not origin or not only(headers, b"access-control-request-method"):
            return None
        if origin not in self._answers:
            raise _unknown(origin)
        return [
            *self._answers[origin],
            (b"access-control-allow-methods", _METHODS.encode()),
            (b"access-control-allow-headers", _SAID.encode()),
            (b"access-control-max-age", b"%d" % _PREFLIGHT_SECONDS),
        ]


def _origin(text: str) -> bytes:
    found = text.strip().rstrip("/").lower()
    if not _ORIGIN.fullmatch(found):
        raise Usage(
            f"{text!r} is no origin",
            hint="name every one in full, such as https://tasks.example.org or http://localhost:3000",
            code="bad-origin",
        )
    return found.encode()


def _unknown(origin: bytes) -> Forbidden:
    return Forbidden(
        f"pages of {origin.decode('latin-1')[:200]} may not use this server",
        hint="if the page is yours, start the server with --allow-origin=ORIGIN",
        code="unknown-origin",
    )


class Proxies:
    """The proxies before this server, whose word about the client is taken.

    They write *header*, which is the only one that is read: what they pass on unread may come
    from anybody. Nobody else is believed.
    """

    def __init__(self, networks: Iterable[str] = (), *, header: str = "x-forwarded-for") -> None:
        """Raises Usage for what is neither an address nor a network, or another header than
        ``x-forwarded-for`` (with ``x-forwarded-proto``) or ``forwarded``.
        """
        if header not in ("x-forwarded-for", "forwarded"):
            raise Usage(
                f"proxies that write {header!r} cannot be understood",
                hint="let them write x-forwarded-for or forwarded",
                code="bad-proxies",
            )
        self._within = tuple(_network(one) for one in networks)
        self.any = bool(self._within)
        self.header = header.encode()
        self.trusts = lru_cache(_REMEMBERED)(self._trusts)
        self.nearest = lru_cache(_REMEMBERED)(self._nearest)

    def _trusts(self, address: str) -> bool:
        try:
            found = ip_address(address)
        except ValueError:
            return False
        found = getattr(found, "ipv4_mapped", None) or found
        return any(found in network for network in self._within)

    def _nearest(self, proxy: str, text: str) -> str:
        """The first address that is no trusted proxy's, on the way back from one."""
        for hop in _hops(text, standard=self.header == b"forwarded"):
            try:
                proxy = str(ip_address(hop))
            except ValueError:
                break
            if not self.trusts(proxy):
                break
        return proxy


def _network(text: str) -> Any:  # noqa: ANN401 - one of two kinds without a name in common
    try:
        return ip_network(text, strict=False)
    except ValueError as error:
        raise Usage(
            f"{text!r} is no address of a proxy, nor a network of them",
            hint="name it like 10.0.0.7 or 10.0.0.0/24",
            code="bad-proxies",
        ) from error


def client_address(scope: Mapping[str, Any], trusted: Proxies) -> str:
    """Who calls: the nearest address that is no trusted proxy, ``""`` through a local socket."""
    client = scope["client"]
    peer: str = client[0] if client else ""
    if not trusted.any or not trusted.trusts(peer):
        return peer
    return trusted.nearest(peer, _joined(scope["headers"], trusted.header))


def client_scheme(scope: Mapping[str, Any], trusted: Proxies) -> str:
    """How the client calls, ``https`` or ``http``, as far as a trusted proxy tells."""
    scheme: str = {"wss": "https", "ws": "http"}.get(scope["scheme"], scope["scheme"])
    client = scope["client"]
    if not trusted.any or not client or not trusted.trusts(client[0]):
        return scheme
    told = _joined(scope["headers"], b"x-forwarded-proto").split(",")
    if trusted.header == b"forwarded":
        told = _told(_joined(scope["headers"], b"forwarded"), "proto")
    last = told[-1].strip().lower()
    return last if last in ("http", "https") else scheme


def _hops(text: str, *, standard: bool) -> Iterator[str]:
    """The addresses that proxies wrote down, the nearest first, without ports."""
    found = _told(text, "for") if standard else text.split(",")
    for one in map(str.strip, reversed(found)):
        bare = one.partition("]")[0].removeprefix("[") if one.startswith("[") else one
        # An IPv4 address may have a port; one of IPv6 without brackets has many colons.
        yield bare.partition(":")[0] if bare.count(":") == 1 else bare


def _told(text: str, name: str) -> list[str]:
    """What each proxy wrote under this name into ``Forwarded``, ``""`` where that is unclear.

    Commas between quotes are unclear: those quotes may be the client's.
    """
    found = []
    for element in text.split(","):
        pairs = _PAIRS.findall(element) if _ELEMENT.fullmatch(element) else ()
        found.append(
            next((bare or quoted for key, bare, quoted in pairs if key.lower() == name), "")
        )
    return found


def _joined(headers: Headers, name: bytes) -> str:
    return b",".join(value for key, value in headers if key == name).decode("latin-1")
