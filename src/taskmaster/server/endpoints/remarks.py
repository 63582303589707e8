"""What is done to one task beside changing its fields: remarks, its status, when, and where."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

from msgspec import UNSET, Meta, UnsetType

from taskmaster.errors import NotFound
from taskmaster.server.endpoint import Body, Group
from taskmaster.server.endpoints.tasks import shown
from taskmaster.server.forms import BLANK, LINE, SEEN, Status
from taskmaster.server.ids import single
from taskmaster.server.moment import found
from taskmaster.server.shapes import Object, Shape, Subtask
from taskmaster.usecases import deferral, moving, remarks, selection, status, tasks

if TYPE_CHECKING:
    from taskmaster.domain.changes import Transaction
    from taskmaster.domain.task import Task
    from taskmaster.server.answer import Answer
    from taskmaster.server.call import Call

GROUP = Group("remarks")
Said = Annotated[str, Meta(min_length=1, max_length=100_000, pattern=SEEN)]
_WEB = f"^[hH][tT][tT][pP][sS]?://[^{BLANK}/?#@]+([/?#]{SEEN}*)?$"
Address = Annotated[str, Meta(max_length=2_000, pattern=_WEB)]
_LONGEST_NUMBER = 9


class Note(Body):
    text: Said


def noted_before(call: Call, done: Transaction) -> Answer:
    """The answer to a request that did something to the task and is on record already."""
    del done
    with call.ws.reading() as reader:
        task = selection.one(reader, call.ws.tag, _task(call))
    return shown(task)._replace(status=201)


@GROUP.post("/tasks/{id}/notes", Subtask, body=Note, again=noted_before)
def add_note(call: Call) -> object:
    """Append a note to the details of a task, with the time."""
    change = tasks.Edit({}, call.body.text, None, (), ())
    (task,) = tasks.edit(call.ws, _task(call), change)
    return shown(task)._replace(status=201)


class Comments(Shape):
    """Comments, oldest first: who said what (``by``, ``text``) and when (``at``)."""

    id: str
    title: str
    comments: list[Object]
    tag: str


@GROUP.get("/tasks/{id}/comments", Comments)
def list_comments(call: Call) -> object:
    """List the comments on a task."""
    return _listed(call, remarks.COMMENTS)


def commented_before(call: Call, done: Transaction) -> Answer:
    """As ``noted_before``."""
    del done
    return _listed(call, remarks.COMMENTS)._replace(status=201)


class Comment(Body):
    text: Said


@GROUP.post("/tasks/{id}/comments", Comments, body=Comment, again=commented_before)
def add_comment(call: Call) -> object:
    """Leave a comment on a task."""
    (task,) = remarks.comment(call.ws, _task(call), call.body.text)
    return _told(call, task, remarks.COMMENTS)


@GROUP.delete("/tasks/{id}/comments/{number}", Comments)
def remove_comment(call: Call) -> object:
    """Take a comment off a task, by its number from 1."""
    return _taken_off(call, remarks.COMMENTS)


class Links(Shape):
    """Links, oldest first: where to (``kind``, ``target``), by whom and when."""

    id: str
    title: str
    links: list[Object]
    tag: str


@GROUP.get("/tasks/{id}/links", Links)
def list_links(call: Call) -> object:
    """List the links of a task to commits, requests, documents and addresses."""
    return _listed(call, remarks.LINKS)


class CommitLink(Body, tag_field="kind", tag="commit"):
    target: Annotated[str, Meta(pattern="^[0-9a-fA-F]{4,64}$")]


class PullRequestLink(Body, tag_field="kind", tag="pr"):
    target: Address


class DocumentLink(Body, tag_field="kind", tag="doc"):
    target: Annotated[str, Meta(max_length=2_000, pattern=LINE)]


class AddressLink(Body, tag_field="kind", tag="url"):
    target: Address


Link = CommitLink | PullRequestLink | DocumentLink | AddressLink


@GROUP.post("/tasks/{id}/links", Links, body=Link)
def add_link(call: Call) -> object:
    """Link a task to a commit, a pull request, a document of the project or an address.

    A link that is there is not added again.
    """
    kind = call.body.__struct_config__.tag
    (task,) = remarks.link(call.ws, _task(call), [(kind, call.body.target)])
    return _told(call, task, remarks.LINKS)


@GROUP.delete("/tasks/{id}/links/{number}", Links)
def remove_link(call: Call) -> object:
    """Take a link off a task, by its number from 1."""
    return _taken_off(call, remarks.LINKS)


class Defer(Body):
    """``until`` is a day to come, null to offer the task again now."""

    until: date | None


@GROUP.post("/tasks/{id}/defer", Subtask, body=Defer, status=200)
def defer_task(call: Call) -> object:
    """Put a task off: until that day it is offered to nobody."""
    until = call.body.until.isoformat() if call.body.until else ""
    (task,) = deferral.defer(call.ws, _task(call), until)
    return shown(task)


class SetStatus(Body):
    """``withSubtasks`` carries the status on to the open subtasks."""

    status: Status
    with_subtasks: bool = False


class MovedStatus(Shape):
    """``because`` says why a status followed that nobody had asked to change."""

    task_id: str
    old_status: str
    new_status: str
    because: str | UnsetType = UNSET


class MovedStatuses(Shape):
    updated_tasks: list[MovedStatus]
    tag: str


@GROUP.post("/tasks/{id}/status", MovedStatuses, body=SetStatus, status=200)
def set_task_status(call: Call) -> object:
    """Give a task or subtask a status, and tell what follows from it for others."""
    carried = call.body.with_subtasks
    moved = status.set_status(call.ws, _task(call), call.body.status, with_subtasks=carried)
    return {"updatedTasks": [status.moved_to_json(one) for one in moved], "tag": call.ws.tag}


class Move(Body):
    """``to`` is a free id (``7``), or a place among the subtasks of a task (``7.2``)."""

    to: Annotated[str, Meta(pattern=r"^[1-9][0-9]{0,8}(\.[1-9][0-9]{0,8})?$")]


class Moved(Shape):
    """``redirected`` wait for something under its new id; ``dropped`` are waits that are gone,
    ``found`` waits for an id that nothing had before.
    """

    moves: list[Object]
    redirected: list[str]
    dropped: list[Object]
    found: list[Object]
    tag: str


@GROUP.post("/tasks/{id}/move", Moved, body=Move, status=200)
def move_task(call: Call) -> object:
    """Give a task another id, or another place; every reference to it follows."""
    moves = moving.move(call.ws, _task(call), call.body.to)
    return {**moving.moves_to_json(moves), "tag": call.ws.tag}


def _task(call: Call) -> str:
    return single(call.path["id"], call.ws.tag)


def _listed(call: Call, key: str) -> Answer:
    with call.ws.reading() as reader:
        task = selection.one(reader, call.ws.tag, _task(call))
    return found(call.ws, _told(call, task, key))


def _told(call: Call, task: Task, key: str) -> Object:
    return {**remarks.remarks_to_json(task, key), "tag": call.ws.tag}


def _taken_off(call: Call, key: str) -> Object:
    number, noun = call.path["number"], key.removesuffix("s")
    if not (number.isascii() and number.isdecimal() and len(number) <= _LONGEST_NUMBER):
        raise NotFound(f"there is no {noun} {number[:100]!r}", code=f"{noun}-not-found")
    task, _gone = remarks.take_off(call.ws, _task(call), key, int(number))
    return _told(call, task, key)
