"""Tags, each a task list of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from msgspec import UNSET, Meta, UnsetType

from taskmaster import config
from taskmaster.errors import NotFound
from taskmaster.server.answer import Answer
from taskmaster.server.endpoint import MANAGE, Body, Group, Query, Tagged
from taskmaster.server.moment import found
from taskmaster.server.shapes import Object, Shape
from taskmaster.usecases import tags

if TYPE_CHECKING:
    from taskmaster.server.call import Call

GROUP = Group("tags")
Name = Annotated[str, Meta(pattern=f"^[A-Za-z0-9_-]{{1,{tags.LONGEST_NAME}}}$")]
Description = Annotated[str, Meta(max_length=10_000)]


class TagsQuery(Tagged):
    """``ready`` shows only tags that hold a task somebody can begin."""

    ready: bool = False


class Tag(Shape):
    name: str
    is_current: bool
    task_count: int
    completed_tasks: int
    ready_tasks: int
    status_breakdown: dict[str, int]
    metadata: Object


class Tags(Shape):
    tags: list[Tag]
    current_tag: str
    total_tags: int


@GROUP.get("/tags", Tags, query=TagsQuery)
def list_tags(call: Call) -> object:
    """List the tags with how many tasks they hold, by status."""
    listed = tags.listed(call.ws, ready=call.query.ready)
    shown = [tags.listed_to_json(one, metadata=True) for one in listed]
    data = {"tags": shown, "currentTag": call.ws.tag, "totalTags": len(shown)}
    return found(call.ws, data)


class CreateTag(Body):
    """``copyFrom`` is another tag, whose tasks the new one begins with."""

    name: Name
    description: Description = ""
    copy_from: Annotated[str, Meta(max_length=200)] = ""


@GROUP.post("/tags", Tag, body=CreateTag, query=Query, need=MANAGE, makes="/name")
def create_tag(call: Call) -> object:
    """Make a tag, empty or with a copy of the tasks of another one."""
    body = call.body
    tags.add(call.ws, body.name, description=body.description, copy_from=body.copy_from)
    place = f"/api/v1/tags/{body.name}".encode()
    return Answer(_one(call, body.name), 201, headers=[(b"location", place)])


@GROUP.get("/tags/{name}", Tag, query=Query)
def get_tag(call: Call) -> object:
    """Show one tag."""
    return found(call.ws, _one(call, call.path["name"]))


class UpdateTag(Body):
    name: Name | UnsetType = UNSET
    description: Description | UnsetType = UNSET


@GROUP.patch("/tags/{name}", Tag, body=UpdateTag, query=Query, need=MANAGE, errors=(409,))
def update_tag(call: Call) -> object:
    """Give a tag another name or description."""
    old = call.path["name"]
    name = call.body.name or old
    said = None if call.body.description is UNSET else call.body.description
    if name != old:
        tags.rename(call.ws, call.served.project, old, name, description=said)
        _follow(call, old, name)
    elif said is not None:
        tags.describe(call.ws, old, said)
    return _one(call, name)


class DeleteTag(Query):
    """``force`` takes the tasks away too that the tag holds."""

    force: bool = False


class DeletedTag(Shape):
    name: str
    deleted: bool
    tasks_deleted: int


@GROUP.delete("/tags/{name}", DeletedTag, query=DeleteTag, need=MANAGE, errors=(409,))
def delete_tag(call: Call) -> object:
    """Take a tag away. `undo` brings it back."""
    name, agreed = call.path["name"], None if call.query.force else ()
    removed = tags.remove(call.ws, call.served.project, name, agreed=agreed)
    _follow(call, name, config.DEFAULT_TAG)
    return {"name": name, "deleted": True, "tasksDeleted": removed.tasks}


def _follow(call: Call, old: str, name: str) -> None:
    """Work on under the new name, where requests that name no tag have meant the old one."""
    if call.served.ws.tag == old:
        call.served.ws.tag = name


def _one(call: Call, name: str) -> Object:
    for one in tags.listed(call.ws):
        if one.name == name:
            return tags.listed_to_json(one, metadata=True)
    raise NotFound(f"there is no tag {name[:100]}", hint="GET /tags lists them",
                   code="tag-not-found")  # fmt: skip
