"""Which endpoint a path means."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote_to_bytes

from taskmaster.errors import NotFound, TampError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from taskmaster.server.endpoint import Endpoint

PREFIX = "/api/v1"
_REMEMBERED, _LONGEST = 10_000, 200
"""Paths whose endpoint is known without looking, and bytes that such a path has at most."""


class Route(NamedTuple):
    """An endpoint and what stands in its path where that has names."""

    endpoint: Endpoint
    values: Mapping[str, str]


class WrongMethod(TampError):
    """The path is there; ``headers`` tell what may be done with it."""

    code = "method-not-allowed"

    def __init__(self, method: str, allowed: Iterable[str]) -> None:
        names = ", ".join(sorted(allowed))
        super().__init__(f"{method} cannot be done here", hint=f"what can be done: {names}")
        self.headers = [(b"allow", names.encode())]


class Routes:
    """All endpoints as a tree of path segments; a segment with a name fits whatever stands there,
    but one that is spelled out comes first.
    """

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._top: _Node = _Node()
        self._known: dict[tuple[str, bytes], Route] = {}
        for endpoint in endpoints:
            node = self._top
            for segment in _segments(endpoint.path):
                node = node.grown(segment)
            node.methods[endpoint.method] = endpoint

    def find(self, method: str, raw: bytes) -> Route:
        """Raises NotFound, WrongMethod, and NotFound also for a path that is no UTF-8."""
        found = self._known.get((method, raw))
        if found is None:
            found = self._found(method, raw)
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            if len(raw) <= _LONGEST:  # Anybody may ask, and is not to fill the memory.
                self._known[method, raw] = found
        return found

    def _found(self, method: str, raw: bytes) -> Route:
        try:
            words = [unquote_to_bytes(one).decode() for one in _segments(raw.decode("ascii"))]
        except UnicodeDecodeError:
            raise _unknown(repr(raw)) from None
        for node, values in self._top.fitting(words):
            if node.methods:
                endpoint = node.methods.get("GET" if method == "HEAD" else method)
                if endpoint is None:
                    raise WrongMethod(method, node.methods)
                return Route(endpoint, dict(values))
        raise _unknown(raw.decode("ascii", "replace"))

    def allowed(self, raw: bytes) -> list[str]:
        """The methods that something at this path has."""
        try:
            self.find("", raw)
        except WrongMethod as error:
            return error.headers[0][1].decode().split(", ")
        except NotFound:
            pass
        return []


class _Node:
    def __init__(self) -> None:
        self.methods: dict[str, Endpoint] = {}
        self._words: dict[str, _Node] = {}
        self._any: tuple[str, _Node] | None = None

    def grown(self, segment: str) -> _Node:
        if not segment.startswith("{"):
            return self._words.setdefault(segment, _Node())
        self._any = self._any or (segment[1:-1], _Node())
        return self._any[1]

    def fitting(self, words: list[str]) -> Iterator[tuple[_Node, list[tuple[str, str]]]]:
        """The nodes that the words lead to, best first, with what stands for the names."""
        if not words:
            yield self, []
            return
        if words[0] in self._words:
            yield from self._words[words[0]].fitting(words[1:])
        if self._any is not None and words[0]:
            name, node = self._any
            for found, values in node.fitting(words[1:]):
                yield found, [(name, words[0]), *values]


def _segments(path: str) -> list[str]:
    return path[1:].split("/")


def _unknown(path: str) -> NotFound:
    return NotFound(
        f"there is nothing at {path[:200]}",
        hint="/docs shows what there is",
        code="no-such-path",
    )
