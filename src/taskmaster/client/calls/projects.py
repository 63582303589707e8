"""Who calls, and what there is to call for."""

from __future__ import annotations

from taskmaster.client.asks import Answer, Ask, call, record
from taskmaster.client.records import Json, Record


class ProjectEntry(Record):
    """``path`` is where its own endpoints are; ``current`` whether this answer is from there."""

    name: str
    path: str
    current: bool


class Projects(Record):
    projects: list[ProjectEntry]


class Me(Record):
    """``id`` is ``key:ID``, ``sub:SUBJECT`` or ``local``; ``notice`` says what to do soon about
    the key.
    """

    id: str
    name: str
    kind: str
    role: str
    permissions: list[str]
    tier: str
    notice: str
    project: str


class ProjectCalls:
    """Projects, the caller, and the server itself."""

    @call
    def list_projects(self) -> Ask[Projects]:
        """The projects that the caller may see: with a key, the one that it belongs to."""
        return Ask("GET", "/projects", record(Projects))

    @call
    def show_caller(self) -> Ask[Me]:
        """Whom the server takes the caller for, and what that one may do."""
        return Ask("GET", "/me", record(Me))

    @call
    def show_specification(self) -> Ask[Json]:
        """The OpenAPI document."""
        return Ask("GET", "/docs/spec.json", Answer.json, rooted=True)
