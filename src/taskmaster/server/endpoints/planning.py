"""Plans made of requirements documents, and what the tasks cover of such a document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Meta

from taskmaster import app
from taskmaster.domain.plan import Document, Plan
from taskmaster.server.endpoint import READ, Body, Group
from taskmaster.server.forms import LINE
from taskmaster.server.shapes import Shape
from taskmaster.usecases import planning

if TYPE_CHECKING:
    from taskmaster.server.call import Call

GROUP = Group("planning")
LARGEST = 2_000_000
"""Characters of a document."""
_LETTER = (
    r"[0-9A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u0391-\u03a1\u03a3-\u03f5\u0400-\u0481"
    r"\u0531-\u0556\u05d0-\u05ea\u0620-\u064a\u0904-\u0939\u0985-\u098c\u0e01-\u0e30\u10d0-\u10fa"
    r"\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3]"
)
"""A letter of one of the scripts that documents are written in, or a digit."""
Text = Annotated[
    str,
    Meta(
        max_length=LARGEST,
        pattern=_LETTER,
        extra_json_schema={"not": {"pattern": r"[\x00-\x08\x0e-\x1f]"}},
    ),
]
Lines = Annotated[list[int], Meta(min_length=2, max_length=2)]
"""The first line and the last, counted from 1."""


class Requirements(Body):
    """``document`` is the text itself, ``name`` what tasks call it that come from it."""

    document: Text
    name: Annotated[str, Meta(min_length=1, max_length=200, pattern=LINE)] = "requirements.md"

    @property
    def text(self) -> Document:
        return Document(self.name, self.document)


class Wish(Requirements, kw_only=True):
    """``numTasks`` is about how many tasks it should be, 0 as many as the document suggests.

    ``mode`` is append (what was planned before is left out), replace (the tasks of the tag are
    taken away first) or new (there must be none).
    """

    num_tasks: Annotated[int, Meta(ge=0, le=10_000)] = 0
    mode: Literal["append", "new", "replace"] = "append"


class PlannedTask(Shape):
    """``covers`` are the requirements it meets, ``lines`` where they stand in the document."""

    id: str
    title: str
    description: str
    priority: str
    dependencies: list[str]
    subtasks: list[str]
    acceptance_criteria: list[str]
    lines: list[Lines]
    covers: list[str]


class Known(Shape):
    id: str
    title: str


class Planned(Shape):
    """``known`` are there already, ``removed`` are taken away."""

    applied: bool
    planner: str
    document: str
    added: list[PlannedTask]
    known: list[Known]
    removed: list[Known]
    notes: list[str]
    tag: str


@GROUP.post("/plans/preview", Planned, body=Wish, status=200, need=READ)
def preview_plan(call: Call) -> object:
    """Show the tasks that would be made of a document; nothing is changed."""
    plan = _proposed(call.body)
    return _shown(call, plan, planning.preview(call.ws, plan, call.body.mode), applied=False)


@GROUP.post("/plans/apply", Planned, body=Wish)
def apply_plan(call: Call) -> object:
    """Make the tasks of a document, as one transaction."""
    plan = _proposed(call.body)
    merge, _made = planning.apply_plan(call.ws, plan, call.body.mode)
    return _shown(call, plan, merge, applied=True)


def _proposed(wish: Wish) -> Plan:
    return app.planner("outline").propose(wish.text, num_tasks=wish.num_tasks)


def _shown(call: Call, plan: Plan, merge: planning.Merge, *, applied: bool) -> object:
    return {"applied": applied, **planning.plan_to_json(plan, merge), "tag": call.ws.tag}


class Requirement(Shape):
    key: str
    title: str
    lines: Lines


class Covered(Requirement):
    tasks: list[str]


class Coverage(Shape):
    """``requirements`` counts them; ``tasksFromNowhere`` cover none."""

    document: str
    requirements: int
    covered: list[Covered]
    uncovered: list[Requirement]
    tasks_from_nowhere: list[str]
    tag: str


@GROUP.post("/coverage", Coverage, body=Requirements, status=200, need=READ)
def tell_coverage(call: Call) -> object:
    """Tell which requirements of a document the tasks cover, and which they do not."""
    document = call.body.text
    requirements = app.planner("outline").requirements(document)
    covered = planning.covered(call.ws, requirements)
    return {
        "document": document.path,
        "requirements": len(requirements),
        **planning.coverage_to_json(covered),
        "tag": call.ws.tag,
    }
