"""Who waits for whom, what is wrong with that, and mending it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from taskmaster.client.asks import Ask, Ident, at, call, ident, record
from taskmaster.client.models import Entry
from taskmaster.client.records import Record

if TYPE_CHECKING:
    from collections.abc import Sequence


class Neighbour(Record):
    """``title`` and ``status`` are None for a task that is not there."""

    id: str
    title: str | None
    status: str | None


class Dependencies(Record):
    """``dependencies`` are what the task waits for, ``dependents`` what waits for it."""

    task_id: str
    dependencies: list[Neighbour]
    dependents: list[Neighbour]
    tag: str


class Wait(Record):
    task_id: str
    dependency_id: str


class AddedDependencies(Record):
    """``existing`` were there already."""

    added: list[Wait]
    existing: list[Wait]
    tag: str


class RemovedDependencies(Record):
    removed: list[Wait]
    tag: str


class Problem(Record):
    """``kind`` is missing, self, circular, duplicate or unreadable."""

    kind: str
    task_id: str
    dependency: str
    message: str
    tag: str


class Findings(Record):
    valid: bool
    problems: list[Problem]
    counts: dict[str, int]
    tag: str


class Mended(Record):
    """``remaining`` is what only a person can put right."""

    dry_run: bool
    fixed: list[Problem]
    remaining: list[Problem]
    counts: dict[str, int]
    tag: str


class EdgeCalls:
    """Dependencies."""

    @call
    def list_dependencies(self, task_id: Ident, *, tag: str = "") -> Ask[Dependencies]:
        """What a task waits for, and what waits for it."""
        path = at("tasks", task_id, "dependencies")
        return Ask("GET", path, record(Dependencies), {"tag": tag})

    @call
    def add_dependencies(
        self, task_id: Ident, depends_on: Ident | Sequence[Ident], *, tag: str = ""
    ) -> Ask[AddedDependencies]:
        """Let a task wait for others, all of them or none."""
        wanted = [depends_on] if isinstance(depends_on, str | int | Entry) else depends_on
        body = {"dependsOn": [ident(one) for one in wanted]}
        path = at("tasks", task_id, "dependencies")
        return Ask("POST", path, record(AddedDependencies), {"tag": tag}, body)

    @call
    def remove_dependency(
        self, task_id: Ident, other: Ident, *, tag: str = ""
    ) -> Ask[RemovedDependencies]:
        """Let a task wait no longer for another one, which need not be there any more."""
        path = at("tasks", task_id, "dependencies", other)
        return Ask("DELETE", path, record(RemovedDependencies), {"tag": tag})

    @call
    def validate_dependencies(self, *, all_tags: bool = False, tag: str = "") -> Ask[Findings]:
        """Everything that is wrong with who waits for whom."""
        return Ask("GET", "/validate", record(Findings), {"allTags": all_tags, "tag": tag})

    @call
    def fix_dependencies(
        self, *, dry_run: bool = False, all_tags: bool = False, tag: str = ""
    ) -> Ask[Mended]:
        """Take every wrong dependency out; ``undo`` brings them back."""
        body = {"dryRun": dry_run, "allTags": all_tags}
        return Ask("POST", "/fix", record(Mended), {"tag": tag}, body)
