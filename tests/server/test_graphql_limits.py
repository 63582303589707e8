"""What a query may ask, what it costs, and who may ask at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from graphql import get_introspection_query
from tests.server.asking import PATH, ask, posted, refused
from tests.server.calling import Caller, made
from tests.server.running import project
from tests.surfaces.cli.conftest import task

from taskmaster.errors import Unavailable
from taskmaster.server.call import Visit
from taskmaster.server.endpoints.graphql import LARGEST, Ask
from taskmaster.server.graphql import answering, cost, view
from taskmaster.server.graphql.asking import understood
from taskmaster.server.porter import ANONYMOUS
from taskmaster.server.request import Request

EVERY = "{ tasks(first: 100) { nodes { id dependsOn { id } dependents { id } } } }"


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    made = Caller(project(tmp_path_factory.mktemp("project"), 30))
    yield made
    made.close()


def price(query: str, **variables: object) -> int:
    return understood(Ask(query=query, variables=variables)).cost


COSTS = {
    "{ me { name role } }": 3,
    "{ task(id: 1) { title subtasks { id title } } }": 1 + 1 + 1 + cost.LIST * 2,
    "{ tasks { totalCount } }": 10 + 1,
    "{ tasks { nodes { id title } } }": 10 + 1 + 20 * 2,
    "{ tasks(first: 7) { edges { cursor node { id } } } }": 10 + 1 + 7 * 3,
    "{ ready(first: 3) { task { id } reasons } }": 10 + 3 * 3,
    "query ($n: Int!) { ready(first: $n) { score } }": 10 + 5,
    "query ($m: Int! = 4) { ready(first: $m) { score } }": 10 + 4,
    "{ history(first: 2) { changes(first: 5) { task } } }": 200 + 2 * (1 + 5),
    "{ ...A } fragment A on Query { ready(first: 2) { ...B } } fragment B on Choice { score }": 12,
    "{ ... on Query { me { ... { id } } } }": 2,
    "{ me { id } a: me { id } }": 4,
    "{ me { id @include(if: false) } }": 2,
    "mutation { undo { by { first } } }": 50 + 2,
    "subscription { changes { last } }": 2,
    "{ __schema { types { name fields { name } } } }": 500,
}


@pytest.mark.parametrize("query", COSTS)
def test_a_query_costs_its_fields_times_the_pages_they_are_on(query: str) -> None:
    assert price(query, n=5) == COSTS[query]


@pytest.mark.parametrize(("page", "price_"), [(-3, 11), (0, 11), (10**9, 110)])
def test_a_page_counts_for_no_more_than_a_page_may_hold(page: int, price_: int) -> None:
    assert price("query ($n: Int!) { ready(first: $n) { score } }", n=page) == price_


def test_the_answer_says_the_cost(caller: Caller) -> None:
    said = json.loads(posted(caller, "{ ready(first: 3) { score } }").body)

    assert said["extensions"] == {"cost": 13}


def parents(count: int) -> str:
    return f"{{ task(id: 1) {{ {'parent { ' * count} id {'} ' * count} }} }}"


def bomb(count: int) -> str:
    """Fragments each of which holds the next one twice."""
    pairs = [f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(count)]
    return f"{{ ...F0 }} {' '.join(pairs)} fragment F{count} on Query {{ me {{ id }} }}"


REFUSED = {
    "{ tasks(first: 100) { nodes { dependents { dependents { id } } } } }":
        ("too-costly", {"cost": 10 + 1 + 100 * (1 + 10 * (1 + 10)), "limit": 5_000}),
    parents(9): ("too-deep", {"depth": 11, "limit": 10}),
    f"{{ {' '.join(f'a{n}: me {{ id }}' for n in range(31))} }}":
        ("too-many-aliases", {"aliases": 31, "limit": 30}),
    f"{{ me {{ {'id ' * 200} }} }}": ("too-many-fields", {"fields": 201, "limit": 200}),
    bomb(50): ("too-costly", {"cost": 1_000_000, "limit": 5_000}),
    "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }": ("not-valid", None),
    f"{{ {'me ' * 2_001} }}": ("not-valid", None),
    "{" * 5_000: ("not-valid", None),
    "{ me" * 2_000: ("not-valid", None),
    f"{{ task(id: {'[' * 4_000}": ("not-valid", None),
    "{ nobody { knows } }": ("not-valid", None),
    "{ me { id }": ("not-valid", None),
    "{ tasks { nodes } }": ("not-valid", None),
    "query A { me { id } } query B { me { id } }": ("no-such-operation", None),
    "fragment A on Query { me { id } }": ("no-such-operation", None),
    f"{{ __schema {{ types {{ {'fields { type { ' * 4} name {'} } ' * 4} }} }} }}":
        ("not-valid", None),
}  # fmt: skip


@pytest.mark.parametrize("query", REFUSED, ids=lambda query: query[:30])
def test_a_query_that_asks_too_much_or_makes_no_sense_is_refused(
    caller: Caller, query: str
) -> None:
    code, details = REFUSED[query]
    answer = posted(caller, query)

    assert answer.status == 200
    said = json.loads(answer.body)
    assert "data" not in said
    assert said["errors"][0]["extensions"]["code"] == code
    assert said["errors"][0]["extensions"].get("details") == details


@pytest.mark.parametrize("query", [parents(8), bomb(6)])
def test_what_is_just_within_the_limits_is_answered(caller: Caller, query: str) -> None:
    assert ask(caller, query)


@pytest.mark.parametrize("first", [0, -1, 101])
def test_a_page_has_from_1_to_100_entries(caller: Caller, first: int) -> None:
    error = refused(caller, "query ($n: Int!) { tasks(first: $n) { totalCount } }", n=first)

    assert error["extensions"]["code"] == "bad-query"
    assert error["extensions"]["field"] == "first"


BODIES: dict[str, tuple[Any, int, str]] = {
    "several operations at once": ([{"query": "{ me { id } }"}] * 2, 400, "invalid"),
    "no query": ({}, 400, "invalid"),
    "a query of nothing": ({"query": ""}, 400, "invalid"),
    "a long query": ({"query": "{ me { id } }" + " " * LARGEST}, 400, "invalid"),
    "an unknown field": ({"query": "{ me { id } }", "queries": []}, 400, "invalid"),
    "variables in a list": ({"query": "{ me { id } }", "variables": []}, 400, "invalid"),
    "a subscription without a stream":
        ({"query": "subscription { changes { last } }"}, 406, "not-acceptable"),
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
def test_a_body_of_another_form_is_refused_as_by_rest(caller: Caller, name: str) -> None:
    body, status, code = BODIES[name]
    answer = caller("POST", PATH, body)

    assert (answer.status, answer.error["code"]) == (status, code)


def test_a_variable_of_another_type_is_refused_with_its_place(caller: Caller) -> None:
    error = refused(caller, "query ($n: Int!) { ready(first: $n) { score } }", n="many")

    assert error["extensions"]["code"] == "not-valid"
    assert "$n" in error["message"]
    assert error["locations"]


def test_an_operation_is_chosen_by_its_name(caller: Caller) -> None:
    body = {"query": "query A { me { id } } query B { me { name } }", "operationName": "A"}

    assert json.loads(caller("POST", PATH, body).body)["data"] == {"me": {"id": "local"}}


def test_the_schema_is_shown_to_those_who_have_a_key_and_to_nobody_else(caller: Caller) -> None:
    query = get_introspection_query()
    assert ask(caller, query, role="viewer")["__schema"]["queryType"] == {
        "name": "Query", "kind": "OBJECT"
    }  # fmt: skip

    answer = caller("POST", PATH, {"query": query}, headers={"authorization": ""})
    assert answer.status == 401
    assert "Query" not in answer.body.decode()


def test_a_question_counts_as_a_read_and_a_mutation_as_a_write(caller: Caller) -> None:
    read, write = (
        int(posted(caller, query, role="viewer").headers["ratelimit-limit"])
        for query in ("{ me { id } }", "mutation { undo { by { first } } }")
    )

    assert read == int(caller("GET", "/tasks", role="viewer").headers["ratelimit-limit"])
    assert write < read


def test_a_client_that_changes_too_often_is_told_to_wait(tmp_path: Path) -> None:
    caller = Caller(project(tmp_path))
    statuses = [
        posted(caller, "mutation { undo { by { first } } }", role="viewer").status
        for _ in range(121)
    ]
    caller.close()

    assert statuses == [200] * 120 + [429]


def test_a_question_that_takes_too_long_is_given_up(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "TIME", 0.0)

    assert refused(caller, EVERY)["extensions"]["code"] == "too-slow"


def test_nothing_more_is_read_for_those_who_have_gone(caller: Caller) -> None:
    left = view.View(caller.served, ANONYMOUS, understood(Ask(query=EVERY)).document)
    left.stop()

    with pytest.raises(Unavailable):
        left.on(None)
    with pytest.raises(Unavailable):
        left.spend()


def test_a_subscription_goes_on_for_any_number_of_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = Caller(project(tmp_path), live=True)
    for number in range(5):
        ask(caller, "mutation ($t: String!) { note(id: 1, text: $t) { id } }", t=f"Note {number}")
    monkeypatch.setattr(view, "MOST", 3)
    query = "subscription { changes(since: 0) { last changes { task } } }"
    request = Request({"method": "POST", "raw_path": b"", "query_string": b"", "headers": []})
    route = caller.house.routes.find("POST", b"/graphql")
    version = caller.served.ws.store.version()
    visit = Visit(caller.house, request, route, caller.served, ANONYMOUS, version)

    async def heard() -> list[Any]:
        async with aclosing(answering.results(visit, understood(Ask(query=query)))) as bodies:
            return [json.loads(await anext(bodies)) for _ in range(5)]

    told = caller._loop.run_until_complete(heard())
    caller.close()

    assert [one["data"]["changes"]["last"] for one in told] == [1, 2, 3, 4, 5]


def test_no_answer_shows_more_than_a_reader_can_take(tmp_path: Path) -> None:
    # Everybody waits for everybody before: far more than what a list is taken to hold.
    tasks = [task(n, dependencies=list(range(1, n))) for n in range(1, 120)]
    caller = Caller(made(tmp_path, master=tasks))

    error = refused(caller, "{ task(id: 1) { dependents { dependents { dependents { id } } } } }")
    caller.close()

    assert error["extensions"]["code"] == "too-large"
    assert str(view.MOST) in error["message"]
