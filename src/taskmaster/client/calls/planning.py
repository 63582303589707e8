"""Plans made of requirements documents, and what the tasks cover of such a document."""

from __future__ import annotations

from typing import Literal

from taskmaster.client.asks import Ask, call, record
from taskmaster.client.models import TaskPriority
from taskmaster.client.records import Record

Mode = Literal["append", "new", "replace"]


class PlannedTask(Record):
    """``covers`` are the requirements it meets, ``lines`` where they stand in the document."""

    id: str
    title: str
    description: str
    priority: TaskPriority
    dependencies: list[str]
    subtasks: list[str]
    acceptance_criteria: list[str]
    lines: list[list[int]]
    covers: list[str]


class Known(Record):
    id: str
    title: str


class Planned(Record):
    """``known`` are there already, ``removed`` are taken away."""

    applied: bool
    planner: str
    document: str
    added: list[PlannedTask]
    known: list[Known]
    removed: list[Known]
    notes: list[str]
    tag: str


class Requirement(Record):
    """``lines`` are its first and last in the document."""

    key: str
    title: str
    lines: list[int]


class Covered(Requirement):
    tasks: list[str]


class Coverage(Record):
    """``requirements`` counts them; ``tasks_from_nowhere`` cover none."""

    document: str
    requirements: int
    covered: list[Covered]
    uncovered: list[Requirement]
    tasks_from_nowhere: list[str]
    tag: str


class PlanningCalls:
    """Plans. *document* is the text itself, *name* what tasks call it that come from it."""

    @call
    def preview_plan(
        self,
        document: str,
        *,
        name: str = "requirements.md",
        num_tasks: int = 0,
        mode: Mode = "append",
        tag: str = "",
    ) -> Ask[Planned]:
        """The tasks that would be made of a document; nothing is changed."""
        body = {"document": document, "name": name, "numTasks": num_tasks, "mode": mode}
        return Ask("POST", "/plans/preview", record(Planned), {"tag": tag}, body)

    @call
    def apply_plan(
        self,
        document: str,
        *,
        name: str = "requirements.md",
        num_tasks: int = 0,
        mode: Mode = "append",
        tag: str = "",
    ) -> Ask[Planned]:
        """Make the tasks of a document, as one change.

        *num_tasks* is about how many, 0 as many as the document suggests. *mode* is append (what
        was planned before is left out), replace (the tasks of the tag are taken away first) or new
        (there must be none).
        """
        body = {"document": document, "name": name, "numTasks": num_tasks, "mode": mode}
        return Ask("POST", "/plans/apply", record(Planned), {"tag": tag}, body)

    @call
    def tell_coverage(
        self, document: str, *, name: str = "requirements.md", tag: str = ""
    ) -> Ask[Coverage]:
        """Which requirements of a document the tasks cover, and which they do not."""
        body = {"document": document, "name": name}
        return Ask("POST", "/coverage", record(Coverage), {"tag": tag}, body)
