"""Many operations as one transaction."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType, field, to_builtins

from taskmaster import wire
from taskmaster.errors import TampError
from taskmaster.server.endpoint import Body, Group
from taskmaster.server.endpoints.past import LogChange
from taskmaster.server.endpoints.remarks import Said
from taskmaster.server.forms import BLANK, SEEN, Priority, Repeat, Status, Text, Title, Word
from taskmaster.server.request import Faulty
from taskmaster.server.shapes import Object, Shape
from taskmaster.usecases import batch, operations

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from taskmaster.server.call import Call

GROUP = Group("batch")
MOST = 1_000
"""Operations of a batch."""
_OWN = sorted({"id", "subtasks", "comments", "links", "dependsOn", *operations.FIELDS})
Name = Annotated[str, Meta(max_length=100, pattern=r"^\$[A-Za-z_][A-Za-z0-9_]*$")]
_ID = re.compile(rf"^(\$[A-Za-z_][A-Za-z0-9_]*|#?[^{BLANK},#$][^{BLANK},]*)$")
# Checked here: msgspec cannot look after a pattern beside a list.
_Name = Annotated[
    str, Meta(min_length=1, max_length=200, extra_json_schema={"pattern": _ID.pattern})
]
_Number = Annotated[int, Meta(ge=0)]
Ref = _Name | _Number
"""An id, or a name that an operation before has given."""
Refs = _Name | _Number | Annotated[list[Ref], Meta(min_length=1, max_length=MOST)]
Words = Annotated[list[Word], Meta(max_length=MOST)]
Hours = Annotated[float, Meta(ge=0)]
Extra = Annotated[
    dict[str, Any], Meta(extra_json_schema={"propertyNames": {"not": {"enum": _OWN}}})
]
"""Fields that only this project has."""
_NEEDED = sorted({*_OWN} - operations.OPTIONAL)
Unset = Annotated[
    list[Annotated[str, Meta(extra_json_schema={"not": {"enum": _NEEDED}})]], Meta(max_length=MOST)
]


class Described(Body):
    """The fields of a task that every operation may set which has any."""

    description: Text | UnsetType = UNSET
    details: Text | UnsetType = UNSET
    test_strategy: Text | UnsetType = UNSET
    status: Status | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    dependencies: Refs | UnsetType = UNSET
    set: Extra | UnsetType = UNSET


class Fresh(Described, kw_only=True):
    """``as`` is a name that stands for the new task in the operations after this one."""

    title: Title
    due_date: date | UnsetType = UNSET
    defer_until: date | UnsetType = UNSET
    effort: Hours | UnsetType = UNSET
    assignee: Text | UnsetType = UNSET
    labels: Words | UnsetType = UNSET
    acceptance_criteria: list[Text] | UnsetType = UNSET
    metadata: Object | UnsetType = UNSET
    named: Name | UnsetType = field(name="as", default=UNSET)


class Add(Fresh, kw_only=True, tag_field="op", tag="add"):
    repeat: Repeat | UnsetType = UNSET


class AddSubtask(Fresh, kw_only=True, tag_field="op", tag="add-subtask"):
    parent: Ref


class Replace(Body):
    """``old`` must be in the field exactly once."""

    field: Literal["title", "description", "details", "testStrategy"]
    old: Text
    new: Text


class Edit(Described, kw_only=True, tag_field="op", tag="edit"):
    """Null takes a field away. With ``ifRevision`` only if the task is still what it was."""

    id: Refs
    title: Title | UnsetType = UNSET
    due_date: date | UnsetType | None = UNSET
    defer_until: date | UnsetType | None = UNSET
    repeat: Repeat | UnsetType | None = UNSET
    effort: Hours | UnsetType | None = UNSET
    assignee: Text | UnsetType | None = UNSET
    labels: Words | UnsetType | None = UNSET
    acceptance_criteria: list[Text] | UnsetType | None = UNSET
    metadata: Object | UnsetType | None = UNSET
    note: Text | UnsetType = UNSET
    replace: Replace | UnsetType = UNSET
    add_labels: Words | UnsetType = UNSET
    remove_labels: Words | UnsetType = UNSET
    unset: Unset | UnsetType = UNSET
    if_revision: Annotated[str, Meta(max_length=100)] | UnsetType = UNSET


class GiveStatus(Body, tag_field="op", tag="status"):
    id: Refs
    status: Status
    with_subtasks: bool = False


class AddNote(Body, tag_field="op", tag="note"):
    id: Refs
    text: Said


class Remove(Body, tag_field="op", tag="remove"):
    id: Refs


class AddDependency(Body, tag_field="op", tag="add-dependency"):
    id: Refs
    depends_on: Refs


class RemoveDependency(Body, tag_field="op", tag="remove-dependency"):
    id: Refs
    depends_on: Refs


class PutOff(Body, tag_field="op", tag="defer"):
    """``until`` is a day to come, null for offering the task again now."""

    id: Refs
    until: date | None


class AddComment(Body, tag_field="op", tag="comment"):
    id: Refs
    text: Said


class AddLink(Body, tag_field="op", tag="link"):
    """``target`` is a commit's id, a path in the project, or an address."""

    id: Refs
    kind: Literal["commit", "pr", "doc", "url"]
    target: Annotated[str, Meta(min_length=1, max_length=2_000, pattern=SEEN)]


Operation = (
    Add | AddSubtask | Edit | GiveStatus | AddNote | Remove | AddDependency | RemoveDependency
    | PutOff | AddComment | AddLink
)  # fmt: skip


class Batch(Body):
    """``note`` is kept with the changes; ``dryRun`` only tells what they would be."""

    operations: Annotated[list[Operation], Meta(min_length=1, max_length=MOST)]
    dry_run: bool = False
    note: Annotated[str, Meta(max_length=1_000)] = ""


class Result(Shape):
    index: int
    op: str
    ok: bool
    id: str | None
    ids: list[str]


class Applied(Shape):
    """``names`` are what the names of the batch stand for, ``changes`` what it changed."""

    dry_run: bool
    results: list[Result]
    names: dict[str, str]
    changes: list[LogChange]
    tag: str


@GROUP.post("/batch", Applied, body=Batch, status=200)
def apply_batch(call: Call) -> object:
    """Carry out many operations as one transaction: all of them, or none.

    Where one fails, nothing is changed, and the details of the error have its ``index`` and the
    ``results`` so far.
    """
    body = call.body
    wanted = to_builtins(body.operations)
    _check_ids(wanted)
    try:
        applied = batch.apply(call.ws, wanted, dry_run=body.dry_run, note=body.note)
    except TampError as error:
        if isinstance(error.details, dict) and "index" in error.details:
            error.field = f"operations[{error.details['index']}]"  # type: ignore[attr-defined]
        raise
    return {
        "dryRun": body.dry_run,
        "results": [batch.result_to_json(one) for one in applied.results],
        "names": dict(applied.names),
        "changes": [wire.change_to_json(one) for one in applied.changes],
        "tag": call.ws.tag,
    }


def _check_ids(wanted: Sequence[Mapping[str, Any]]) -> None:
    """Raises Faulty for what is neither an id nor a name."""
    for index, one in enumerate(wanted):
        takes = operations.OPERATIONS[one["op"]].takes
        for key, value in one.items():
            named = value if isinstance(value, list) else [value]
            if takes.get(key) == "ids" and not all(_ID.match(str(name)) for name in named):
                raise Faulty(f"{key} names no task", f"operations[{index}].{key}", code="invalid")
