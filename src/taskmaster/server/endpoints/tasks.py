"""Tasks: listed, written down, shown, changed, taken away; one by one and many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from taskmaster import wire
from taskmaster.domain.task import Task
from taskmaster.errors import Conflict, Invalid, NotFound
from taskmaster.server import forms, shapes
from taskmaster.server.answer import Answer
from taskmaster.server.cursors import page_of
from taskmaster.server.endpoint import Group
from taskmaster.server.ids import single
from taskmaster.server.moment import EPOCH, moment
from taskmaster.usecases import selection, subtasks, tasks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from taskmaster.domain.changes import Transaction
    from taskmaster.ports import Reader, Writer
    from taskmaster.server.call import Call
    from taskmaster.workspace import Workspace

GROUP = Group("tasks")
_SYNONYMS = {"assignedTo": "assignee", "tags": "labels"}
_NOT_FIELDS = ("note", "parentTaskId")


@GROUP.get("/tasks", shapes.Tasks, query=forms.ListQuery, errors=(404, 409))
def list_tasks(call: Call) -> object:
    """List tasks, a page at a time.

    Chosen by status, priority, labels, readiness or a query, in stored order or sorted.
    """
    page = page_of(call.ws, call.query)
    shown = [chosen(wire.task_to_json(task, subtasks=call.query.subtasks), call.query.fields)
             for task in page.tasks]  # fmt: skip
    following = page.offset + len(shown)
    more = following < page.matching
    data = {
        "tasks": shown, "total": page.matching, "limit": call.query.limit, "offset": page.offset,
        "hasMore": more, "tag": call.ws.tag, "nextCursor": page.cursor if more else None,
    }  # fmt: skip
    headers = [(b"x-next-cursor", page.cursor.encode())] if more else []
    return Answer(data, moment=moment(call.ws), headers=headers)


def made_before(call: Call, done: Transaction) -> Answer:
    """The answer to a request that wrote a task down, from the record of it."""
    return made(added_before(call.ws, done))


@GROUP.post(
    "/tasks", shapes.Subtask, body=forms.Create, errors=(404, 409), again=made_before, makes="/id"
)
def create_task(call: Call) -> object:
    """Write a task down, or a subtask where ``parentTaskId`` is given."""
    fields = stored(call.body)
    with call.ws.writing("add-task") as writer:
        task = added(writer, call.ws.tag, fields, call.body.parent_task_id or "", call.ws.clock())
    return made(task)


@GROUP.get("/tasks/{id}", shapes.Selected, query=forms.ShowQuery, errors=(404,))
def get_task(call: Call) -> object:
    """Show one task or subtask."""
    with call.ws.reading() as reader:
        return shown(named(reader, call, call.path["id"]), call.query.fields)


@GROUP.patch("/tasks/{id}", shapes.Subtask, body=forms.Update, errors=(404, 409, 412))
def update_task(call: Call) -> object:
    """Change fields of a task or subtask; what is not named stays.

    With ``If-Match`` only if the task is still what its ETag said.
    """
    with call.ws.writing("edit") as writer:
        task = unchanged(call, named(writer, call, call.path["id"]))
        tasks.amend(writer, call.ws.tag, [task], edit_of(call.body), call.ws.clock())
        return shown(selection.one(writer, call.ws.tag, task.id))


@GROUP.delete("/tasks/{id}", shapes.Deleted, errors=(404, 409, 412))
def delete_task(call: Call) -> object:
    """Take a task or subtask away, with every reference to it. `undo` brings it back."""
    with call.ws.writing("remove-task") as writer:
        task = unchanged(call, named(writer, call, call.path["id"]))
        tasks.drop(writer, call.ws.tag, [task])
    return {"id": task.id, "deleted": True}


@GROUP.post("/tasks/batch/create", shapes.Created, body=forms.CreateMany, errors=(404, 409))
def create_tasks(call: Call) -> object:
    """Write many tasks down, all or none."""
    now, tag = call.ws.clock(), call.ws.tag
    with call.ws.writing("add-tasks") as writer:
        found = [
            added(writer, tag, stored(one), one.parent_task_id or "", now)
            for one in call.body.tasks
        ]
        tasks_now = [selection.one(writer, tag, one.id) for one in found]
    return {"created": len(found), "tasks": [wire.task_to_json(one) for one in tasks_now]}


@GROUP.patch("/tasks/batch/update", shapes.Updated, body=forms.UpdateMany, errors=(404, 409))
def update_tasks(call: Call) -> object:
    """Change many tasks, all or none."""
    now, tag = call.ws.clock(), call.ws.tag
    with call.ws.writing("edit") as writer:
        for one in call.body.updates:
            tasks.amend(writer, tag, [named(writer, call, one.id)], edit_of(one.changes), now)
        found = [named(writer, call, one.id) for one in call.body.updates]
    return {"updated": len(found), "tasks": [wire.task_to_json(one) for one in found]}


@GROUP.delete("/tasks/batch/delete", shapes.DeletedMany, body=forms.SOME, errors=(404, 409))
def delete_tasks(call: Call) -> object:
    """Take many tasks away, all or none."""
    wanted = [*(call.body.ids or ()), *(call.body.task_ids or ())]
    if not wanted:
        raise Invalid("no task is named", hint='for example: {"ids": ["3", "5.2"]}')
    with call.ws.writing("remove-task") as writer:
        found = [named(writer, call, str(one)) for one in dict.fromkeys(wanted)]
        tasks.drop(writer, call.ws.tag, found)
    return {"deleted": len(found), "tasks": [{"id": one.id, "deleted": True} for one in found]}


@GROUP.get("/tasks/{id}/subtasks", shapes.Subtasks, errors=(404,))
def list_subtasks(call: Call) -> object:
    """List the subtasks of a task."""
    with call.ws.reading() as reader:
        task = named(reader, call, call.path["id"])
    return Answer(
        {"parentTaskId": task.id, "subtasks": [wire.task_to_json(one) for one in task.subtasks]},
        moment=moment_of(task),
    )


@GROUP.post(
    "/tasks/{id}/subtasks", shapes.Subtask, body=forms.Step, errors=(404, 409), again=made_before,
    makes="/id",
)  # fmt: skip
def create_subtask(call: Call) -> object:
    """Write a subtask down at the end of a task's subtasks."""
    with call.ws.writing("add-subtask") as writer:
        parent = named(writer, call, call.path["id"])
        return made(added(writer, call.ws.tag, stored(call.body), parent.id, call.ws.clock()))


@GROUP.get("/tasks/{id}/subtasks/{subtask}", shapes.Selected, query=forms.ShowQuery, errors=(404,))
def get_subtask(call: Call) -> object:
    """Show one subtask, by its number or its full id."""
    with call.ws.reading() as reader:
        return shown(step(reader, call), call.query.fields)


@GROUP.patch(
    "/tasks/{id}/subtasks/{subtask}", shapes.Subtask, body=forms.Update, errors=(404, 409, 412)
)
def update_subtask(call: Call) -> object:
    """Change fields of a subtask."""
    with call.ws.writing("edit") as writer:
        task = unchanged(call, step(writer, call))
        tasks.amend(writer, call.ws.tag, [task], edit_of(call.body), call.ws.clock())
        return shown(selection.one(writer, call.ws.tag, task.id))


@GROUP.delete("/tasks/{id}/subtasks/{subtask}", shapes.Deleted, errors=(404, 409, 412))
def delete_subtask(call: Call) -> object:
    """Take a subtask away."""
    with call.ws.writing("remove-subtask") as writer:
        task = unchanged(call, step(writer, call))
        tasks.drop(writer, call.ws.tag, [task])
    return {"id": task.id, "deleted": True}


def named(reader: Reader, call: Call, task_id: str) -> Task:
    """The one task or subtask of this id. Raises NotFound."""
    return selection.one(reader, call.ws.tag, single(task_id, call.ws.tag))


def step(reader: Reader, call: Call) -> Task:
    """The subtask that the path names, which belongs to the task before it."""
    parent = named(reader, call, call.path["id"])
    local = call.path["subtask"].removeprefix(f"{parent.id}.")
    found = named(reader, call, f"{parent.id}.{local}")
    if found.parent is None:
        raise NotFound(f"task {parent.id} has no subtask {local}")
    return found


def stored(body: forms.Fields) -> dict[str, object]:
    """The given fields under the names they are stored under."""
    from msgspec import to_builtins

    given: dict[str, object] = to_builtins(body)
    return {_SYNONYMS.get(key, key): value for key, value in given.items()
            if key not in _NOT_FIELDS}  # fmt: skip


def added(writer: Writer, tag: str, fields: Mapping[str, object], parent: str, now: str) -> Task:
    """A new task, or a new subtask of *parent*."""
    wanted = fields.get("dependencies")
    texts = [str(one) for one in wanted] if isinstance(wanted, list) else []
    if not parent:
        return tasks.append(writer, tag, {**fields, "dependencies": texts}, now)
    whole = subtasks.whole(writer, tag, parent)
    return subtasks.attach(writer, tag, whole, {**fields, "dependencies": ",".join(texts)}, now)


def added_before(ws: Workspace, done: Transaction) -> Task:
    """The task that was written down then, as it was."""
    first = next(change for change in done.changes if change.kind == "added")
    parent = first.task.rpartition(".")[0]
    with ws.reading() as reader:
        above = selection.find(reader, first.tag, parent) if parent else None
    return Task(first.doc, above)  # type: ignore[arg-type]  # a record of a task


def edit_of(body: forms.Update) -> tasks.Edit:
    fields = stored(body)
    labels = fields.pop("labels", None)
    if isinstance(labels, list):
        fields["labels"] = labels
    return tasks.Edit(fields, body.note or "", None, (), ())


def unchanged(call: Call, task: Task) -> Task:
    """The task, if this is the state that the caller expects. Raises Conflict."""
    raw = call.headers.get(b"if-match", b"").decode("latin-1").strip()
    expected = [one.strip().strip('"').removesuffix("-gz") for one in raw.split(",")]
    actual = wire.revision_of(task)
    if raw in ("", "*") or actual in expected:
        return task
    raise Conflict(
        f"task {task.id} was changed since: its revision is {actual}, not {expected[0]}",
        hint="read it again, and repeat the change with its new ETag",
        code="stale-revision",
    )


def chosen(document: dict[str, object], fields: str) -> dict[str, object]:
    """The document, or those of its keys that are named."""
    if not fields:
        return document
    wanted = [one.strip() for one in fields.split(",")]
    return {key: document[key] for key in wanted if key in document}


def shown(task: Task, fields: str = "") -> Answer:
    revision = wire.revision_of(task)
    document = chosen(wire.task_to_json(task), fields)
    # The fields that are left out make another answer of the same revision.
    return Answer(document, revision="" if fields else revision, moment=moment_of(task))


def made(task: Task) -> Answer:
    place = f"/api/v1/tasks/{task.id}".encode()
    return shown(task)._replace(status=201, headers=[(b"location", place)])


def moment_of(task: Task) -> str:
    """When the task was last changed, as far as it says so: the same in every process."""
    for key in ("updatedAt", "createdAt"):
        if isinstance(task.doc.get(key), str):
            return str(task.doc[key])
    return EPOCH
