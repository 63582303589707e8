"""What one operation sees of a project: all of it at one moment, read at most once."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from taskmaster.domain import graph
from taskmaster.errors import Invalid, Unavailable
from taskmaster.server.repeats import request_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from graphql import DocumentNode

    from taskmaster.domain.graph import Node
    from taskmaster.domain.keys import Principal
    from taskmaster.ports import Reader, Store
    from taskmaster.server.served import Served
    from taskmaster.workspace import Workspace

VIA = "graphql"
MOST = 10_000
"""Tasks, comments, links and changes that one answer may show, each as often as it is shown."""


class View:
    """Belongs to one operation and to the thread that carries it out, except for ``stop``.

    *document* is the operation, which has been found valid; *request* is what the change log is
    to know it by, ``""`` for nothing.
    """

    def __init__(
        self, served: Served, principal: Principal, document: DocumentNode, request: str = ""
    ) -> None:
        self.document = document
        self.principal = principal
        self.project = served.project
        self.feed = served.feed
        self._ws = served.ws
        self._request = request
        self._once = _Once(served.ws.store)
        self._nodes: dict[str, Mapping[str, Node]] = {}
        self._waiters: dict[str, Mapping[str, Sequence[str]]] = {}
        self._left = MOST
        self._stopped = False

    def on(self, tag: str | None) -> Workspace:
        """The project for reading, on this tag or the current one."""
        if self._stopped:
            raise Unavailable("nobody waits for this any more", code="too-slow")
        ws = self._ws.on(tag or self._ws.tag)
        ws.store = self._once  # type: ignore[assignment]  # whoever reads asks nothing else of it
        return ws

    def writing(self, tag: str | None, name: str) -> Workspace:
        """The project for the one change that is called *name*; then everything is read anew."""
        self.close()
        request = request_of(self._request, name) if self._request else ""
        actor = self.principal.actor
        return self._ws.acting(actor, via=VIA, tag=tag or self._ws.tag, request=request)

    def nodes(self, tag: str) -> Mapping[str, Node]:
        """Every task and subtask of the tag as a graph node."""
        if tag not in self._nodes:
            with self.on(tag).reading() as reader:
                self._nodes[tag] = reader.nodes(tag)
        return self._nodes[tag]

    def waiters(self, tag: str) -> Mapping[str, Sequence[str]]:
        """For every id that something depends on, the ids that depend on it."""
        if tag not in self._waiters:
            self._waiters[tag] = graph.dependents(self.nodes(tag))
        return self._waiters[tag]

    def spend(self) -> None:
        """For one more that is shown. Raises Invalid, and Unavailable after ``stop``."""
        self._left -= 1
        if self._left < 0:
            raise Invalid(
                f"the answer would show more than {MOST} tasks and what is of them",
                hint="ask for smaller pages, or for less of what hangs together",
                code="too-large",
            )
        if self._stopped:
            raise Unavailable("nobody waits for this any more", code="too-slow")

    def begin_anew(self) -> None:
        """What is shown from now on is another answer, as each event of a subscription is."""
        self._left = MOST

    def stop(self) -> None:
        """Nobody waits any more: what is still read ends with an error. For any thread."""
        self._stopped = True

    def close(self) -> None:
        """Let go of what was read."""
        self._nodes, self._waiters = {}, {}
        self._once.close()


class _Once:
    """A store all of whose readers are the same one, until it is closed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._opened = ExitStack()
        self._reader: Reader | None = None

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        if self._reader is None:
            self._reader = self._opened.enter_context(self._store.reading())
        yield self._reader

    def close(self) -> None:
        self._reader = None
        self._opened.close()
