"""A real server, asked for everything it offers by a client of either kind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partialmethod
from typing import Any

import httpx2
import pytest
from tests.client.conftest import Ask, Either, Server
from tests.client.test_methods import FOR_BROWSERS

from taskmaster.client import (
    BadRequestError,
    ConflictError,
    NotFoundError,
    StaleError,
    Task,
    TaskStatus,
    ValidationError,
)
from taskmaster.server.routes import Routes
from taskmaster.server.table import ENDPOINTS

ROUTES = Routes(ENDPOINTS)
PLAN = "# Shop\n\n## Cart\n\n- Customers must be able to add goods.\n\n## Till\n\n- Pay by card.\n"


@contextmanager
def noticed() -> Iterator[set[str]]:
    """The endpoints that are asked meanwhile, by their names."""
    seen: set[str] = set()

    def built(self: Either, method: str, url: str, *, build: Any, **more: Any) -> Any:
        made = build(self, method, url, **more)
        path = made.url.raw_path.partition(b"?")[0]
        seen.add(ROUTES.find(made.method, path).endpoint.name)
        return made

    with pytest.MonkeyPatch.context() as patch:
        for client in (httpx2.Client, httpx2.AsyncClient):
            patch.setattr(client, "build_request", partialmethod(built, build=client.build_request))
        yield seen


async def tasks_are_kept(client: Either) -> None:
    first = await client.create_task(title="Build", priority="high", due_date=date(2030, 1, 2))
    second = await client.create_task({"title": "Ship", "dependencies": [first.id]})
    assert second.dependencies == [first.id]
    page = await client.list_tasks(status="pending", limit=1, offset=0)
    assert (page, page.total, page.has_more) == ([first], 2, True)
    following = await client.list_tasks(["pending"], limit=1, cursor=page.next_cursor)
    assert (following, following.has_more) == ([second], False)
    changed = await client.update_task(first, title="Build it", note="begun")
    assert changed.title == "Build it"
    assert "begun" in (await client.get_task(first)).details
    assert (await client.get_task(first.id, fields=["id", "title"])).raw == {
        "id": first.id, "title": "Build it"
    }  # fmt: skip
    assert await client.delete_task(second) is True
    with pytest.raises(NotFoundError, match="no task 2"):
        await client.get_task(second)


async def many_are_kept_at_once(client: Either) -> None:
    made = await client.create_tasks([{"title": "One"}, {"title": "Two", "due_date": None}])
    changed = await client.update_tasks({one.id: {"status": "done"} for one in made})
    assert all(one.is_completed() for one in changed)
    assert await client.delete_tasks([made[0], made[1].id]) == [one.id for one in made]
    with pytest.raises(BadRequestError) as caught:
        await client.create_tasks([{"title": "Good"}, {"title": ""}])
    assert "tasks" in caught.value.field
    assert await client.list_tasks() == []


async def subtasks_are_kept(client: Either) -> None:
    task = await client.create_task(title="Build")
    step = await client.create_subtask(task.id, {"title": "First"})
    await client.create_subtask(task, title="Second")
    assert step.id == "1.1"
    assert [one.title for one in await client.list_subtasks(task)] == ["First", "Second"]
    done = await client.update_subtask(task.id, step.id, {"status": "done"})
    assert done.status == TaskStatus.DONE
    whole = await client.get_task(task)
    assert isinstance(whole, Task)
    assert whole.get_completion_percentage() == 50.0
    known = await client.get_subtask(task.id, "1")
    await client.update_subtask(task, known, title="Best", if_match=True)
    with pytest.raises(StaleError):
        await client.delete_subtask(task, known, if_match=True)
    assert await client.delete_subtask(task.id, "1.2") is True


async def nobody_is_overwritten(client: Either) -> None:
    made = await client.create_task(title="Build")
    known = await client.get_task(made)
    changed = await client.update_task(known, status="in-progress", if_match=True)
    assert (await client.get_task(known)).etag == changed.etag != known.etag
    with pytest.raises(StaleError) as caught:
        await client.update_task(known, status="done", if_match=True)
    assert (caught.value.status, caught.value.code) == (412, "stale-revision")
    with pytest.raises(StaleError):
        await client.delete_task(known.id, if_match=known.etag)
    with pytest.raises(ValidationError, match="ETag of 1 is not known"):
        await client.update_task("1", status="done", if_match=True)
    part = await client.get_task(made, fields="title")
    assert part.etag == ""


async def one_task_gets_all_that_belongs_to_it(client: Either) -> None:
    task = await client.create_task(title="Build")
    other = await client.create_task(title="Ship")
    assert "tried" in (await client.add_note(task, "tried")).details
    assert len((await client.add_comment(task, "what of Monday?")).comments) == 1
    assert (await client.list_comments(task)).comments[0]["text"] == "what of Monday?"
    assert (await client.remove_comment(task, 1)).comments == []
    await client.add_link(task, "url", "https://example.org/x")
    assert (await client.list_links(task)).links[0]["target"] == "https://example.org/x"
    assert (await client.remove_link(task, 1)).links == []
    soon = date.today() + timedelta(days=9)  # noqa: DTZ011  # the server's own day
    assert (await client.defer_task(task, soon)).defer_until == soon
    assert (await client.defer_task(task, None)).defer_until is None
    [moved] = (await client.set_task_status(task, "done")).updated_tasks
    assert (moved.task_id, moved.new_status) == (task.id, TaskStatus.DONE)
    assert (await client.move_task(other, 9)).tag
    assert (await client.get_task(9)).title == "Ship"


async def who_waits_for_whom(client: Either) -> None:
    build, ship = await client.create_tasks([{"title": "Build"}, {"title": "Ship"}])
    added = await client.add_dependencies(ship, build)
    assert added.added[0].dependency_id == build.id
    around = await client.list_dependencies(ship)
    assert [one.id for one in around.dependencies] == [build.id]
    with pytest.raises(ConflictError, match="circle"):
        await client.add_dependencies(build, [ship])
    assert (await client.validate_dependencies()).valid
    assert (await client.fix_dependencies(dry_run=True)).fixed == []
    assert (await client.get_next()).task.id == build.id
    assert [one.task.id for one in (await client.list_ready()).ready] == [build.id]
    assert (await client.explain_task(ship)).state == "blocked"
    assert [one.ids for one in (await client.list_waves()).waves] == [[build.id], [ship.id]]
    graph = await client.get_graph()
    assert [(one.needed, one.to) for one in graph.edges] == [(build.id, ship.id)]
    assert "Ship" in await client.draw_graph("mermaid")
    assert len((await client.get_tree(dependencies=True)).rows) == 2
    assert len((await client.remove_dependency(ship, build)).removed) == 1


async def what_is_known_is_found(client: Either) -> None:
    await client.create_task(title="Build the boat")
    hits = await client.search_tasks("boat")
    assert (hits.total, hits.results[0].title) == (1, "Build the boat")
    assert (await client.get_statistics(by=["tag", "parent"])).total.total == 1


async def what_was_done_is_told_and_taken_back(client: Either) -> None:
    task = await client.create_task(title="Build")
    await client.update_task(task, title="Rebuild")
    [change, *_] = (await client.list_history(task, limit=5)).transactions
    assert change.edits[0].fields["title"] == ("Build", "Rebuild")
    assert (await client.list_task_history(task)).transactions[0] == change
    page = await client.list_changes(change.first - 1)
    assert page.changes[0].number == change.number
    shown = await client.undo(change.number, dry_run=True)
    assert (shown.dry_run, shown.transaction, shown.undone.number) == (True, None, change.number)
    assert (await client.undo(change.number)).transaction.number > change.number
    assert (await client.get_task(task)).title == "Build"


async def operations_are_one_change(client: Either) -> None:
    operations = [
        {"op": "add", "title": "Build", "as": "$build"},
        {"op": "add", "title": "Ship", "dependencies": ["$build"]},
    ]
    assert (await client.apply_batch(operations, dry_run=True)).dry_run
    applied = await client.apply_batch(operations, note="as planned")
    assert applied.names == {"$build": "1"}
    assert [one.kind for one in applied.changes] == ["added", "added"]
    with pytest.raises(NotFoundError) as caught:
        await client.apply_batch([{"op": "add", "title": "More"}, {"op": "remove", "id": "77"}])
    assert isinstance(caught.value.details, dict)
    assert caught.value.details["index"] == 1
    assert len(await client.list_tasks()) == 2


async def documents_become_tasks(client: Either) -> None:
    preview = await client.preview_plan(PLAN, name="shop.md")
    assert not preview.applied
    planned = await client.apply_plan(PLAN, name="shop.md")
    assert [one.title for one in planned.added] == [one.title for one in preview.added]
    assert (await client.tell_coverage(PLAN, name="shop.md")).uncovered == []


async def tasks_come_and_go(client: Either) -> None:
    await client.create_task(title="Build")
    text = await client.export_tasks("jsonl")
    assert "Build" in text
    taken = await client.import_tasks([{"id": "b", "title": "Brought along"}], name="elsewhere")
    assert (taken.applied, taken.added) == (True, 1)
    again = await client.import_tasks(text, format="jsonl", dry_run=True)
    assert (again.applied, again.known) == (False, 1)
    kept = await client.create_backup()
    assert kept.name in [one.name for one in (await client.list_backups()).backups]


async def the_server_knows_who_asks(client: Either) -> None:
    caller = await client.show_caller()
    assert (caller.id, caller.role) == ("local", "admin")
    [project] = (await client.list_projects()).projects
    assert project.name == caller.project
    assert (await client.show_specification())["openapi"].startswith("3.1")


async def the_server_says_how_it_is(client: Either) -> None:
    assert (await client.show_life()).alive
    assert (await client.show_readiness()).ready
    assert (await client.show_health()).status in ("ok", "degraded")
    assert (await client.show_status()).checks
    assert "# HELP" in await client.show_metrics()


async def graphql_is_spoken(client: Either) -> None:
    result = await client.ask_graphql("{ __typename }")
    assert (result.data, result.errors) == ({"__typename": "Query"}, [])
    wrong = await client.ask_graphql("{ nonsense }")
    assert "nonsense" in wrong.errors[0]["message"]


async def keys_open_the_project(client: Either) -> None:
    made = await client.create_key("reader", "viewer", rotate_days=7)
    assert made.token not in repr(made)
    assert made.key.rotate_days == 7
    assert made.key.id in [one.id for one in (await client.list_keys()).keys]
    assert (await client.rotate_key(made.key.id, overlap_days=0)).token != made.token
    assert (await client.revoke_key(made.key.id)).state == "revoked"


async def tags_are_lists_of_their_own(client: Either) -> None:
    name = f"other-{(await client.list_tags()).total_tags}"
    made = await client.create_tag(name, description="Another")
    assert made.metadata["description"] == "Another"
    await client.create_task(title="There", tag=name)
    assert (await client.get_tag(name)).task_count == 1
    renamed = await client.update_tag(name, new_name=name + "-x", description="Else")
    assert renamed.name == name + "-x"
    with pytest.raises(ConflictError):
        await client.delete_tag(renamed.name)
    assert (await client.delete_tag(renamed.name, force=True)).tasks_deleted == 1


STORIES = [
    tasks_are_kept,
    many_are_kept_at_once,
    subtasks_are_kept,
    nobody_is_overwritten,
    one_task_gets_all_that_belongs_to_it,
    who_waits_for_whom,
    what_is_known_is_found,
    what_was_done_is_told_and_taken_back,
    operations_are_one_change,
    documents_become_tasks,
    tasks_come_and_go,
    the_server_knows_who_asks,
    the_server_says_how_it_is,
    graphql_is_spoken,
    keys_open_the_project,
    tags_are_lists_of_their_own,
]


def test_a_real_server_gives_all_it_offers(tell: Ask, server: Server) -> None:
    with noticed() as seen:
        for story in STORIES:
            tell(story, server.url, server.token, tag=server.new_tag())

    assert {one.name for one in ENDPOINTS} - seen == {*FOR_BROWSERS, "stream_changes"}
