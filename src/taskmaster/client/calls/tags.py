"""Tags, each a task list of its own."""

from __future__ import annotations

from taskmaster.client.asks import Ask, at, call, record
from taskmaster.client.records import Json, Record


class Tag(Record):
    name: str
    is_current: bool
    task_count: int
    completed_tasks: int
    ready_tasks: int
    status_breakdown: dict[str, int]
    metadata: Json


class Tags(Record):
    tags: list[Tag]
    current_tag: str
    total_tags: int


class DeletedTag(Record):
    name: str
    deleted: bool
    tasks_deleted: int


class TagCalls:
    """Tags."""

    @call
    def list_tags(self, *, ready: bool = False) -> Ask[Tags]:
        """The tags with how many tasks they hold; *ready*: those with a task to begin."""
        return Ask("GET", "/tags", record(Tags), {"ready": ready})

    @call
    def create_tag(self, name: str, *, description: str = "", copy_from: str = "") -> Ask[Tag]:
        """Make a tag, empty or with a copy of the tasks of another one."""
        body = {"name": name, "description": description, "copyFrom": copy_from}
        return Ask("POST", "/tags", record(Tag), body=body)

    @call
    def get_tag(self, name: str) -> Ask[Tag]:
        """One tag."""
        return Ask("GET", at("tags", name), record(Tag))

    @call
    def update_tag(
        self, name: str, *, new_name: str = "", description: str | None = None
    ) -> Ask[Tag]:
        """Give a tag another name or description."""
        body: Json = {} if description is None else {"description": description}
        if new_name:
            body["name"] = new_name
        return Ask("PATCH", at("tags", name), record(Tag), body=body)

    @call
    def delete_tag(self, name: str, *, force: bool = False) -> Ask[DeletedTag]:
        """Take a tag away; with *force* also one that holds tasks. ``undo`` brings it back."""
        return Ask("DELETE", at("tags", name), record(DeletedTag), {"force": force})
