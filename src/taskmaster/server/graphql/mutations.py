"""What can be done: each field is one change of the project, in the order in which they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from taskmaster import wire
from taskmaster.errors import Forbidden, Invalid
from taskmaster.server import forms, porter
from taskmaster.server.endpoint import MANAGE, WRITE
from taskmaster.server.endpoints import tasks as rest
from taskmaster.server.graphql import past
from taskmaster.server.graphql.inputs import NewTask, TaskChanges, given
from taskmaster.server.graphql.tasks import Task, shown
from taskmaster.server.graphql.terms import JSON, Id, Info, field
from taskmaster.server.ids import several, single
from taskmaster.usecases import (
    batch,
    dependencies,
    history,
    remarks,
    selection,
    status,
    tags,
    tasks,
)
from taskmaster.workspace import AlreadyDone

if TYPE_CHECKING:
    from taskmaster.domain import task as domain
    from taskmaster.domain.changes import Transaction
    from taskmaster.domain.keys import Principal
    from taskmaster.ports import Reader
    from taskmaster.workspace import Workspace


@strawberry.type(description="What became of a status.")
class StatusChange:
    task: Task
    before: str | None = strawberry.field(description="null for a task that was written down.")
    after: str
    because: str | None = strawberry.field(description="Why, where nobody asked for it.")


@strawberry.type(description="What was taken away.")
class DeletedTask:
    id: strawberry.ID
    released: list[strawberry.ID] = strawberry.field(description="What waits for it no longer.")


@strawberry.type(description="What a batch did, or would do.")
class BatchResult:
    results: list[JSON] = strawberry.field(description="One for each operation.")
    names: JSON = strawberry.field(description="The ids that the names of `as` stand for.")
    changes: list[past.Change]


@strawberry.type(description="A transaction that was taken back, and the one that did it.")
class Undone:
    undone: past.Transaction
    by: past.Transaction


@strawberry.type(description="What became of a tag, and how many tasks it holds or held.")
class TagChange:
    name: str
    task_count: int


@strawberry.type
class Mutation:
    @field(description="Write a task or a subtask down.")
    def create_task(self, info: Info, task: NewTask, tag: str | None = None) -> Task | None:
        ws = _changing(info, tag)
        body = given(task, forms.Create)
        parent, now = body.parent_task_id or "", ws.clock()
        try:
            with ws.writing("add-task") as writer:
                made = rest.added(writer, ws.tag, rest.stored(body), parent, now)
        except AlreadyDone as done:
            made = rest.added_before(ws, done.transaction)
        return shown(info.context, ws.tag, made)

    @field(description="Change fields of a task; with `ifRevision` only if it is still that.")
    def update_task(
        self,
        info: Info,
        task_id: Id,
        changes: TaskChanges,
        if_revision: str | None = None,
        tag: str | None = None,
    ) -> Task | None:
        return _updated(info, task_id, changes, if_revision or "", tag)

    @field(description="Give tasks a status, and what follows from it for others; all or none.")
    def set_status(
        self,
        info: Info,
        ids: list[strawberry.ID],
        to: str,
        with_subtasks: bool = False,  # noqa: FBT001, FBT002  # arguments of GraphQL have names
        tag: str | None = None,
    ) -> list[StatusChange] | None:
        ws = _changing(info, tag)
        word = status.known_status(to)
        with ws.writing("set-status") as writer:
            named = selection.chosen(writer, ws.tag, several(ids, ws.tag))
            moved = status.give(
                writer, ws.tag, named, word, ws.clock(), with_subtasks=with_subtasks
            )
            now = [selection.one(writer, ws.tag, one.task.id) for one in moved]
        return [
            StatusChange(task=shown(info.context, ws.tag, task), before=one.before or None,
                         after=one.after, because=one.follows or None)
            for one, task in zip(moved, now, strict=True)
        ]  # fmt: skip

    @field(description="Take a task away, with every reference to it.")
    def delete_task(
        self, info: Info, task_id: Id, if_revision: str | None = None, tag: str | None = None
    ) -> DeletedTask | None:
        ws = _changing(info, tag)
        with ws.writing("remove-task") as writer:
            task = _named(writer, ws, task_id)
            tasks.check_revision([task], if_revision or "")
            gone = tasks.drop(writer, ws.tag, [task])
        released = [strawberry.ID(one) for one in gone.released]
        return DeletedTask(id=strawberry.ID(task.id), released=released)

    @field(description="Let a task wait for others.")
    def add_dependency(
        self, info: Info, task_id: Id, depends_on: list[strawberry.ID], tag: str | None = None
    ) -> Task | None:
        ws = _changing(info, tag)
        with ws.writing("add-dependency") as writer:
            task = _named(writer, ws, task_id)
            wanted = several(depends_on, ws.tag)
            dependencies.connect(writer, ws.tag, f"#{task.id}", wanted, ws.clock())
            changed = selection.one(writer, ws.tag, task.id)
        return shown(info.context, ws.tag, changed)

    @field(description="Let a task wait for others no longer.")
    def remove_dependency(
        self, info: Info, task_id: Id, depends_on: list[strawberry.ID], tag: str | None = None
    ) -> Task | None:
        ws = _changing(info, tag)
        with ws.writing("remove-dependency") as writer:
            task = _named(writer, ws, task_id)
            wanted = several(depends_on, ws.tag)
            dependencies.disconnect(writer, ws.tag, f"#{task.id}", wanted, ws.clock())
            changed = selection.one(writer, ws.tag, task.id)
        return shown(info.context, ws.tag, changed)

    @field(description="Append a text to the details of a task, with the time.")
    def note(self, info: Info, task_id: Id, text: str, tag: str | None = None) -> Task | None:
        return _updated(info, task_id, TaskChanges(note=text), "", tag)

    @field(description="Leave a comment on a task.")
    def comment(self, info: Info, task_id: Id, text: str, tag: str | None = None) -> Task | None:
        ws = _changing(info, tag)
        entry = remarks.comment_entry(text, ws.actor.name, ws.clock())
        with ws.writing("comment") as writer:
            task = _named(writer, ws, task_id)
            [changed] = remarks.annotate(writer, ws.tag, [f"#{task.id}"], remarks.COMMENTS, entry)
        return shown(info.context, ws.tag, changed)

    @field(description="Carry many operations out as one transaction, as `tamp apply` does.")
    def batch(
        self,
        info: Info,
        operations: JSON,
        dry_run: bool = False,  # noqa: FBT001, FBT002  # arguments of GraphQL have names
        note: str | None = None,
        tag: str | None = None,
    ) -> BatchResult | None:
        ws = _changing(info, tag)
        if not isinstance(operations, list):
            raise Invalid("operations are a list", hint='for example: [{"op": "remove", "id": 3}]')
        found = batch.apply(ws, operations, dry_run=dry_run, note=note or "")
        return BatchResult(
            results=[JSON(batch.result_to_json(one)) for one in found.results],
            names=JSON(dict(found.names)),
            changes=[
                past.change_of(info.context, wire.change_to_json(one)) for one in found.changes
            ],
        )

    @field(description="Take back the transaction with this change, or the newest that stands.")
    def undo(
        self,
        info: Info,
        change: int = 0,
        force: bool = False,  # noqa: FBT001, FBT002  # arguments of GraphQL have names
    ) -> Undone | None:
        ws = _changing(info, None)
        with ws.reading() as reader:
            target = history.to_undo(reader, change)
        _check_own(info.context.principal, target)
        undone, by = history.undo(ws, target.first, force=force)
        return Undone(undone=past.told(undone), by=past.told(by))

    @field(description="Make a tag, empty or with a copy of another one's tasks.")
    def create_tag(
        self,
        info: Info,
        name: str,
        description: str | None = None,
        copy_from: str | None = None,
    ) -> TagChange | None:
        ws = _changing(info, None, MANAGE)
        count = tags.add(ws, name, description=description or "", copy_from=copy_from or "")
        return TagChange(name=name, task_count=count)

    @field(description="Give a tag another name.")
    def rename_tag(self, info: Info, name: str, to: str) -> TagChange | None:
        ws = _changing(info, None, MANAGE)
        moved = tags.rename(ws, info.context.project, name, to)
        return TagChange(name=to, task_count=moved.tasks)

    @field(description="Take a tag away; one that holds tasks only with `withTasks`.")
    def delete_tag(
        self,
        info: Info,
        name: str,
        with_tasks: bool = False,  # noqa: FBT001, FBT002  # arguments of GraphQL have names
    ) -> TagChange | None:
        ws = _changing(info, None, MANAGE)
        moved = tags.remove(ws, info.context.project, name, agreed=None if with_tasks else ())
        return TagChange(name=name, task_count=moved.tasks)


def _changing(info: Info, tag: str | None, need: str = WRITE) -> Workspace:
    """The project, for the change that this field is. Raises Forbidden."""
    porter.permit(info.context.principal, need)
    return info.context.writing(tag, str(info.path.key))


def _named(reader: Reader, ws: Workspace, task_id: str) -> domain.Task:
    """The one task or subtask with this id. Raises NotFound."""
    return selection.one(reader, ws.tag, single(task_id, ws.tag))


def _updated(
    info: Info, task_id: str, changes: TaskChanges, if_revision: str, tag: str | None
) -> Task:
    ws = _changing(info, tag)
    edit = rest.edit_of(given(changes, forms.Update))
    with ws.writing("edit") as writer:
        task = _named(writer, ws, task_id)
        tasks.check_revision([task], if_revision)
        tasks.amend(writer, ws.tag, [task], edit, ws.clock())
        changed = selection.one(writer, ws.tag, task.id)
    return shown(info.context, ws.tag, changed)


def _check_own(principal: Principal, target: Transaction) -> None:
    made, mine = target.stamp.actor, principal.actor
    if MANAGE not in principal.permissions and made[:2] != mine[:2]:
        raise Forbidden(
            f"change {history.name_of(target)} was made by {made.name}, and your key takes back"
            " only what you have done yourself",
            hint="an editor or an admin can take it back",
        )
