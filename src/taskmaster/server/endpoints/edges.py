"""Who waits for whom, what is wrong with that, and mending it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from msgspec import Meta

from taskmaster.server.endpoint import Body, Group, Tagged
from taskmaster.server.forms import MOST, Ids
from taskmaster.server.ids import several, single
from taskmaster.server.moment import found
from taskmaster.server.shapes import Shape
from taskmaster.usecases import dependencies

if TYPE_CHECKING:
    from taskmaster.server.call import Call

GROUP = Group("dependencies")


class Neighbour(Shape):
    """``title`` and ``status`` are null for a task that is not there."""

    id: str
    title: str | None
    status: str | None


class Dependencies(Shape):
    """``dependencies`` are what the task waits for, ``dependents`` what waits for it."""

    task_id: str
    dependencies: list[Neighbour]
    dependents: list[Neighbour]
    tag: str


@GROUP.get("/tasks/{id}/dependencies", Dependencies)
def list_dependencies(call: Call) -> object:
    """List what a task waits for, and what waits for it."""
    around = dependencies.neighbours(call.ws, single(call.path["id"], call.ws.tag))
    return found(call.ws, {**dependencies.neighbours_to_json(around), "tag": call.ws.tag})


class DependsOn(Body):
    depends_on: Annotated[Ids, Meta(min_length=1, max_length=MOST)]


class Wait(Shape):
    task_id: str
    dependency_id: str


class Added(Shape):
    """``existing`` were there already."""

    added: list[Wait]
    existing: list[Wait]
    tag: str


@GROUP.post("/tasks/{id}/dependencies", Added, body=DependsOn, status=200)
def add_dependencies(call: Call) -> object:
    """Let a task wait for others, all of them or none.

    A circle is refused, and so is waiting for oneself, for the own task or the own subtask.
    """
    tag = call.ws.tag
    waiting, awaited = single(call.path["id"], tag), several(call.body.depends_on, tag)
    added = dependencies.add_dependencies(call.ws, waiting, awaited)
    return {
        "added": dependencies.edges_to_json(added.edges),
        "existing": dependencies.edges_to_json(added.known),
        "tag": tag,
    }


class Removed(Shape):
    removed: list[Wait]
    tag: str


@GROUP.delete("/tasks/{id}/dependencies/{other}", Removed)
def remove_dependency(call: Call) -> object:
    """Let a task wait no longer for another one, which need not be there any more."""
    tag = call.ws.tag
    waiting, awaited = single(call.path["id"], tag), single(call.path["other"], tag)
    removed = dependencies.remove_dependencies(call.ws, waiting, awaited)
    return {"removed": dependencies.edges_to_json(removed), "tag": tag}


class TagsQuery(Tagged):
    """``allTags`` looks at every tag."""

    all_tags: bool = False


class Problem(Shape):
    """``kind`` is missing, self, circular, duplicate or unreadable."""

    kind: str
    task_id: str
    dependency: str
    message: str
    tag: str


class Findings(Shape):
    valid: bool
    problems: list[Problem]
    counts: dict[str, int]
    tag: str


@GROUP.get("/validate", Findings, query=TagsQuery)
def validate_dependencies(call: Call) -> object:
    """Find everything that is wrong with who waits for whom."""
    every = call.query.all_tags
    findings = dependencies.validate(call.ws, all_tags=every)
    data = dependencies.findings_to_json(findings)
    return found(call.ws, {**data, "tag": "all" if every else call.ws.tag})


class Fix(Body):
    dry_run: bool = False
    all_tags: bool = False


class Mended(Shape):
    """``remaining`` is what only a person can put right."""

    dry_run: bool
    fixed: list[Problem]
    remaining: list[Problem]
    counts: dict[str, int]
    tag: str


@GROUP.post("/fix", Mended, body=Fix, status=200)
def fix_dependencies(call: Call) -> object:
    """Take every wrong dependency out; `undo` brings them back."""
    every, dry_run = call.body.all_tags, call.body.dry_run
    mended = dependencies.fix(call.ws, all_tags=every, dry_run=dry_run)
    data = dependencies.mended_to_json(mended)
    return {"dryRun": dry_run, **data, "tag": "all" if every else call.ws.tag}
