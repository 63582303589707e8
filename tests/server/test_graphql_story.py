"""What can be asked and done in GraphQL, and that it is what REST says and does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLField, build_schema
from tests.server.asking import ask, posted, refused
from tests.server.calling import Caller
from tests.server.running import project
from tests.surfaces.cli.conftest import process

from taskmaster.server.graphql.schema import TEXT
from taskmaster.usecases import choosing


@pytest.fixture
def caller(tmp_path: Path) -> Iterator[Caller]:
    made = Caller(project(tmp_path, 5))
    yield made
    made.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """For tests that change nothing."""
    made = Caller(project(tmp_path_factory.mktemp("project"), 30))
    yield made
    made.close()


def last_change(caller: Caller) -> int:
    with caller.house.projects["demo"].ws.reading() as reader:
        return reader.last_change()


@pytest.fixture(params=["file", "sqlite", "postgres"])
def on_any_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Caller]:
    folder = project(tmp_path, 5)
    if request.param != "file":
        address = "sqlite:.taskmaster/tasks/tasks.db"
        if request.param == "postgres":
            address = request.getfixturevalue("database")
        assert process(folder, "storage", "move", f"--to={address}", "--yes").code == 0
    made = Caller(folder)
    yield made
    made.close()


def test_a_day_of_work(on_any_engine: Caller) -> None:
    caller = on_any_engine
    new = {"title": "Write it up", "priority": "high", "dependencies": ["1"], "effort": 1.5}
    query = """mutation ($new: NewTask!) {
      createTask(task: $new) { id status effort revision dependsOn { title } blockedBy { id } }
      step: createTask(task: {title: "Outline", parentTaskId: 6}) { id parent { id title } }
    }"""
    made = ask(caller, query, new=new)
    assert made["step"] == {"id": "6.1", "parent": {"id": "6", "title": "Write it up"}}
    task = made["createTask"]
    assert task == {
        "id": "6", "status": "pending", "effort": 1.5, "revision": task["revision"],
        "dependsOn": [{"title": "Task 1"}], "blockedBy": [{"id": "1"}],
    }  # fmt: skip

    done = ask(
        caller, 'mutation { setStatus(ids: [1], to: "done") { before after task { status } } }'
    )
    assert done == {
        "setStatus": [{"before": "pending", "after": "done", "task": {"status": "done"}}]
    }
    assert ask(caller, "{ task(id: 6) { ready blockedBy { id } subtasks { id title } } }") == {
        "task": {"ready": True, "blockedBy": [], "subtasks": [{"id": "6.1", "title": "Outline"}]}
    }
    assert ask(caller, "{ next { task { id } reasons } }")["next"]["task"] == {"id": "6"}

    query = """mutation {
      note(id: 6, text: "half of it") { details } comment(id: 6, text: "Agreed") { id }
      addDependency(id: 6, dependsOn: [2, 3]) { id } removeDependency(id: 6, dependsOn: 3) { id }
    }"""
    ask(caller, query)
    task = ask(caller, "{ task(id: 6) { details comments { text by } dependencies } }")["task"]
    assert "half of it" in task["details"]
    assert [one["text"] for one in task["comments"]] == ["Agreed"]
    assert task["dependencies"] == ["1", "2"]

    assert ask(caller, "mutation { deleteTask(id: 2) { id released } }") == {
        "deleteTask": {"id": "2", "released": ["3", "6"]}
    }
    back = ask(caller, "mutation { undo { undone { operation } by { operation changeCount } } }")
    assert back["undo"]["undone"] == {"operation": "remove-task"}
    assert ask(caller, "{ task(id: 6) { dependencies } }")["task"]["dependencies"] == ["1", "2"]


def test_a_task_is_what_rest_shows(shared: Caller) -> None:
    assert ask(shared, "{ task(id: 7) { raw } }")["task"]["raw"] == shared("GET", "/tasks/7").data


def test_a_list_is_what_rest_lists_page_by_page(shared: Caller) -> None:
    query = """query ($after: String) { tasks(first: 7, after: $after, sort: "-id",
      filter: {status: "pending", where: "id:5-29"}) {
        totalCount pageInfo { hasNextPage hasPreviousPage endCursor }
        edges { cursor node { id } } } }"""
    found: list[str] = []
    more, after = True, None
    while more:
        page = ask(shared, query, after=after)["tasks"]
        assert page["totalCount"] == 25
        assert page["pageInfo"]["hasPreviousPage"] == bool(found)
        assert page["edges"][-1]["cursor"] == page["pageInfo"]["endCursor"]
        found += [edge["node"]["id"] for edge in page["edges"]]
        more, after = page["pageInfo"]["hasNextPage"], page["pageInfo"]["endCursor"]

    told = shared("GET", "/tasks", status="pending", where="id:5-29", sort="-id", limit=100).data
    assert found == [task["id"] for task in told["tasks"]]
    assert len(found) == told["total"] == 25


def test_a_cursor_of_graphql_is_one_of_rest(shared: Caller) -> None:
    cursor = ask(shared, "{ tasks(first: 2) { edges { cursor } } }")["tasks"]["edges"][0]["cursor"]

    told = shared("GET", "/tasks", limit=1, cursor=cursor).data
    assert [task["id"] for task in told["tasks"]] == ["2"]


def test_everything_else_that_can_be_asked(caller: Caller) -> None:
    ask(
        caller,
        'mutation { setStatus(ids: [1], to: "done") { after } createTag(name: "later") { name } }',
    )

    found = ask(caller, """{
      me { id role permissions }
      ready(first: 1) { task { id dependents { id } } score reasons }
      search(q: "task 3") { totalCount hits { task { id } field snippet } }
      tags { name current taskCount completedTasks statuses }
      history(first: 1) { operation via actor { name kind } changes { kind tag } }
      changes(since: 0, first: 1) { first last changes { task fields } }
      of_task: history(task: "1") { first }
      stats { total { total done } forecast { remaining reason } }
    }""")  # fmt: skip

    assert found["me"]["permissions"] == ["admin", "manage", "read", "write"]
    assert found["ready"][0]["task"] == {"id": "2", "dependents": [{"id": "3"}]}
    assert found["search"] == {
        "totalCount": 1, "hits": [{"task": {"id": "3"}, "field": "title", "snippet": "Task 3"}]
    }  # fmt: skip
    assert [tag["name"] for tag in found["tags"]] == ["master", "later"]
    assert found["tags"][0]["statuses"] == {"done": 1, "pending": 4}
    assert found["history"][0]["operation"] == "add-tag"
    assert found["history"][0]["via"] == "graphql"
    [change] = found["changes"][0]["changes"]
    assert change["fields"]["status"] == {"before": "pending", "after": "done"}
    assert found["of_task"] == [{"first": 1}]
    assert found["stats"]["total"] == {"total": 5, "done": 1}


def test_changes_are_told_a_page_at_a_time(caller: Caller) -> None:
    adding = [{"op": "add", "title": f"Step {number}"} for number in range(25)]
    query = (
        """mutation ($all: JSON!) { batch(operations: $all) { results names changes { task } } }"""
    )
    assert len(ask(caller, query, all=adding)["batch"]["results"]) == 25

    query = (
        "{ history { changeCount changes { task } rest: changes(first: 5, offset: 22) { task } } }"
    )
    [made] = ask(caller, query)["history"]
    assert made["changeCount"] == 25
    assert [one["task"] for one in made["changes"]] == [str(number) for number in range(6, 26)]
    assert [one["task"] for one in made["rest"]] == ["28", "29", "30"]


def test_a_batch_that_fails_changes_nothing_and_says_which_operation(caller: Caller) -> None:
    both = [{"op": "add", "title": "New"}, {"op": "note", "id": 77, "text": "nobody"}]

    error = refused(caller, "mutation ($a: JSON!) { batch(operations: $a) { results } }", a=both)

    assert error["extensions"]["code"] == "not-found"
    assert error["extensions"]["details"]["index"] == 1
    assert last_change(caller) == 0


def test_a_dry_batch_tells_what_it_would_do(caller: Caller) -> None:
    query = (
        "mutation ($a: JSON!) { batch(operations: $a, dryRun: true) { names changes { task } } }"
    )
    found = ask(caller, query, a=[{"op": "add", "title": "New", "as": "$new"}])

    assert found["batch"] == {"names": {"$new": "6"}, "changes": [{"task": "6"}]}
    assert last_change(caller) == 0


def test_tags_are_made_named_anew_and_taken_away(caller: Caller) -> None:
    query = """mutation {
      createTag(name: "later", copyFrom: "master") { taskCount }
      renameTag(name: "later", to: "soon") { name }
      createTask(task: {title: "There"}, tag: "soon") { id tag }
    }"""
    assert ask(caller, query)["createTask"] == {"id": "6", "tag": "soon"}
    error = refused(caller, 'mutation { deleteTag(name: "soon") { taskCount } }')
    assert error["extensions"]["code"] == "tag-not-empty"
    gone = ask(caller, 'mutation { deleteTag(name: "soon", withTasks: true) { taskCount } }')
    assert gone == {"deleteTag": {"taskCount": 6}}
    error = refused(caller, '{ tasks(tag: "soon") { totalCount } }')
    assert error["extensions"]["code"] == "tag-not-found"


def test_a_task_is_changed_only_where_it_is_still_what_was_seen(caller: Caller) -> None:
    query = """mutation ($was: String) {
      updateTask(id: 1, changes: {title: "Mine", dueDate: "2031-01-31"}, ifRevision: $was)
      { title dueDate revision } }"""
    seen = ask(caller, "{ task(id: 1) { revision } }")["task"]["revision"]

    now = ask(caller, query, was=seen)["updateTask"]

    assert now == {"title": "Mine", "dueDate": "2031-01-31", "revision": now["revision"]}
    assert refused(caller, query, was=seen)["extensions"]["code"] == "stale-revision"
    etag = caller("GET", "/tasks/1").headers["etag"]
    assert etag == f'"{now["revision"]}"'


def test_null_takes_a_field_away_and_what_is_left_out_stays(caller: Caller) -> None:
    ask(caller, 'mutation { updateTask(id: 1, changes: {assignee: "ann", effort: 3}) { id } }')

    task = ask(
        caller, "mutation { updateTask(id: 1, changes: {effort: null}) { assignee effort } }"
    )

    assert task["updateTask"] == {"assignee": "ann", "effort": None}


SAME = {
    "no such task": ("GET", "/tasks/77", None, "{ task(id: 77) { id } }"),
    "several ids": ("GET", "/tasks/1,2", None, '{ task(id: "1,2") { id } }'),
    "a misspelt field": ("GET", "/tasks?where=stauts:done", None,
                         '{ tasks(filter: {where: "stauts:done"}) { totalCount } }'),
    "a cursor of nobody": ("GET", "/tasks?cursor=x", None, '{ tasks(after: "x") { totalCount } }'),
    "no title": ("POST", "/tasks", {"title": " "},
                 'mutation { createTask(task: {title: " "}) { id } }'),
    "no status": ("PATCH", "/tasks/1", {"status": "nope"},
                  'mutation { updateTask(id: 1, changes: {status: "nope"}) { id } }'),
    "a circle": ("POST", "/tasks/1/dependencies", {"dependsOn": ["5"]},
                 "mutation { addDependency(id: 1, dependsOn: 5) { id } }"),
    "no words": ("GET", "/search?q= ", None, '{ search(q: " ") { totalCount } }'),
    "a long query": ("GET", f"/tasks?where={'a' * 2001}", None,
                     f'{{ tasks(filter: {{where: "{"a" * 2001}"}}) {{ totalCount }} }}'),
    "an offset before the first": ("GET", "/tasks?offset=-1", None,
                                   "{ tasks(offset: -1) { totalCount } }"),
    "an unclear span": ("GET", "/stats?since=x", None, '{ stats(since: "x") { grown } }'),
    "nothing to undo": ("POST", "/undo", {}, "mutation { undo { undone { first } } }"),
    "no such change": ("POST", "/undo", {"number": 99},
                       "mutation { undo(change: 99) { by { first } } }"),
}  # fmt: skip


@pytest.mark.parametrize("name", SAME)
def test_an_error_is_the_one_of_rest(shared: Caller, name: str) -> None:
    method, path, body, query = SAME[name]
    address, _, words = path.partition("?")
    pairs: dict[str, Any] = dict([words.split("=", 1)]) if words else {}
    said = dict(shared(method, address, body, **pairs).error)

    error = refused(shared, query)

    extensions = error["extensions"]
    assert (extensions["code"], error["message"]) == (said["code"], said["message"])
    for key in ("hint", "details", "field"):
        assert extensions.get(key) == said.get(key)
    assert extensions["requestId"].startswith("req-")


def given(field: GraphQLField) -> str:
    """Arguments that some field can be called with."""
    values = {
        "NewTask!": '{title: "x"}', "TaskChanges!": '{title: "x"}', "ID!": "1", "[ID!]!": "[1]",
        "String!": '"done"', "JSON!": '[{op: "remove", id: 1}]',
    }  # fmt: skip
    pairs = [f"{name}: {values[str(one.type)]}" for name, one in field.args.items()
             if str(one.type) in values]  # fmt: skip
    return f"({', '.join(pairs)})" if pairs else ""


def mutations() -> dict[str, GraphQLField]:
    kind = build_schema(TEXT).mutation_type
    assert kind is not None
    return kind.fields


@pytest.mark.parametrize(("name", "field"), mutations().items(), ids=mutations())
def test_a_viewer_changes_nothing_with_any_mutation(
    shared: Caller, name: str, field: GraphQLField
) -> None:
    query = f"mutation {{ {name}{given(field)} {{ __typename }} }}"

    error = refused(shared, query, role="viewer")

    assert error["extensions"]["code"] == "not-permitted"
    assert error["path"] == [name]
    assert last_change(shared) == 0


def test_an_agent_changes_tasks_but_no_tags_and_takes_back_only_its_own(caller: Caller) -> None:
    ask(caller, 'mutation { createTask(task: {title: "Of the developer"}) { id } }')

    error = refused(caller, 'mutation { createTag(name: "mine") { name } }', role="agent")
    assert error["extensions"]["code"] == "not-permitted"
    error = refused(caller, "mutation { undo { by { first } } }", role="agent")
    assert error["extensions"]["code"] == "not-permitted"
    assert "was made by" in error["message"]
    ask(caller, 'mutation { createTask(task: {title: "Of the agent"}) { id } }', role="agent")
    ask(caller, "mutation { undo { by { first } } }", role="agent")
    ask(caller, "mutation { undo { by { first } } }", role="editor")


def test_what_went_well_is_told_beside_what_did_not(caller: Caller) -> None:
    query = 'mutation { a: note(id: 1, text: "x") { id } b: note(id: 77, text: "x") { id } }'

    said = json.loads(posted(caller, query).body)

    assert said["data"] == {"a": {"id": "1"}, "b": None}
    assert [one["path"] for one in said["errors"]] == [["b"]]


TWO = (
    'mutation { a: createTask(task: {title: "A"}) { id } b: createTask(task: {title: "B"}) { id } }'
)


def test_with_a_key_a_mutation_is_carried_out_once(caller: Caller) -> None:
    first, again = posted(caller, TWO, key="k-1"), posted(caller, TWO, key="k-1")

    assert json.loads(first.body)["data"] == {"a": {"id": "6"}, "b": {"id": "7"}}
    assert again.body == first.body
    assert again.headers["idempotency-replayed"] == "true"
    assert last_change(caller) == 2
    other = posted(caller, TWO.replace("A", "C"), key="k-1")
    assert (other.status, other.error["code"]) == (422, "key-reused")


def test_with_a_key_another_process_does_not_do_it_again(caller: Caller) -> None:
    first = posted(caller, TWO, key="k-1")

    other = Caller(caller.folder)
    again = posted(other, TWO, key="k-1")
    other.close()

    assert json.loads(again.body) == json.loads(first.body)
    assert last_change(caller) == 2


def test_with_a_key_what_failed_can_be_tried_again_and_the_rest_is_not_repeated(
    caller: Caller,
) -> None:
    query = 'mutation { a: note(id: 1, text: "x") { id } b: note(id: "6", text: "y") { id } }'
    assert "errors" in json.loads(posted(caller, query, key="k-2").body)
    ask(caller, 'mutation { createTask(task: {title: "Sixth"}) { id } }')

    said = json.loads(posted(caller, query, key="k-2").body)

    assert said["data"] == {"a": None, "b": {"id": "6"}}
    assert [one["extensions"]["code"] for one in said["errors"]] == ["already-done"]
    assert ask(caller, "{ task(id: 1) { details } }")["task"]["details"].count("x") == 1


def test_the_store_is_opened_once_however_much_hangs_together(
    shared: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = shared.house.projects["demo"].ws.store
    opened: list[int] = []
    reading = store.reading

    def counted() -> Any:
        opened.append(1)
        return reading()

    monkeypatch.setattr(store, "reading", counted)
    query = """{ tasks(first: 20) { nodes { ready dependsOn { dependents { id } } } }
      tags { name } next { task { id } } }"""
    ask(shared, query)

    assert len(opened) == 1


def test_what_nobody_expected_is_told_to_nobody_but_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the password is swordfish")

    monkeypatch.setattr(choosing, "next_task", broken)
    caller = Caller(project(tmp_path))
    answer = posted(caller, "{ next { score } me { name } }")
    caller.close()
    [error] = json.loads(answer.body)["errors"]

    assert error["extensions"]["code"] == "internal"
    assert "swordfish" not in answer.body.decode()
    assert json.loads(answer.body)["data"]["me"]
    [line] = [one for one in capfd.readouterr().err.splitlines() if '"event":"bug"' in one]
    assert json.loads(line)["request"] == error["extensions"]["requestId"]
    assert "swordfish" in line


def test_texts_that_are_no_unicode_can_be_shown(tmp_path: Path) -> None:
    folder = project(tmp_path, 1)
    path = folder / ".taskmaster" / "tasks" / "tasks.json"
    path.write_text(path.read_text("utf-8").replace("Task 1", "half \\ud83d"), encoding="utf-8")
    caller = Caller(folder)

    assert ask(caller, "{ task(id: 1) { title } }")["task"]["title"] == "half \ud83d"
    caller.close()
