"""How the server is, and GraphQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from taskmaster.client.asks import Ask, bare, call, record, text
from taskmaster.client.records import Json, Record, Value

if TYPE_CHECKING:
    from collections.abc import Mapping


class Health(Record):
    """``status`` is ok, degraded or failed; ``uptime`` is in seconds."""

    status: str
    timestamp: str
    version: str
    uptime: float


class Readiness(Record):
    ready: bool
    status: str
    timestamp: str


class Life(Record):
    alive: bool
    timestamp: str


class Result(Record):
    """``data`` is what was asked for, ``errors`` what went wrong with some of it or with all."""

    data: Json | None
    errors: list[Json]
    extensions: Json


class OperationCalls:
    """Health, metrics, GraphQL."""

    @call
    def show_health(self) -> Ask[Health]:
        """Whether all is well: ``ok``, ``degraded`` or ``failed``."""
        return Ask("GET", "/health", bare(Health), rooted=True)

    @call
    def show_readiness(self) -> Ask[Readiness]:
        """Whether requests can be served."""
        return Ask("GET", "/health/ready", bare(Readiness), rooted=True, answers=frozenset({503}))

    @call
    def show_life(self) -> Ask[Life]:
        """Whether the process answers at all."""
        return Ask("GET", "/health/live", bare(Life), rooted=True)

    @call
    def show_status(self) -> Ask[Record]:
        """Everything that was looked at, and how it is: stores, migrations, disk, memory."""
        return Ask("GET", "/status", record(Record))

    @call
    def show_metrics(self) -> Ask[str]:
        """What the server has counted, for Prometheus."""
        return Ask("GET", "/metrics", text, rooted=True, headers={"accept": "*/*"})

    @call
    def ask_graphql(
        self,
        query: str,
        variables: Mapping[str, Value] | None = None,
        *,
        operation_name: str | None = None,
    ) -> Ask[Result]:
        """Ask and change the project in GraphQL.

        What goes wrong with a part of it is in ``errors`` and raises nothing.
        """
        body = {"query": query, "variables": variables, "operationName": operation_name}
        return Ask("POST", "/graphql", bare(Result), body=body, rooted=True)
