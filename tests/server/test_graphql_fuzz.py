"""Every field that can be asked for, with whatever the schema lets its arguments be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    build_schema,
    get_named_type,
    is_leaf_type,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.server.asking import posted
from tests.server.calling import Caller
from tests.server.running import project

from taskmaster.server.graphql.schema import TEXT

SCHEMA = build_schema(TEXT)
FIELDS = [
    pytest.param(word, name, field, id=f"{word} {name}")
    for word, kind in (("query", SCHEMA.query_type), ("mutation", SCHEMA.mutation_type))
    if kind is not None
    for name, field in kind.fields.items()
]
WORDS = st.sampled_from(["1", "2", "master", "done", "high", "2031-01-31", "-priority", "id:1"])
TEXTS = st.text(st.characters(codec="utf-8"), max_size=12) | WORDS
JSONS = st.recursive(st.none() | st.integers() | TEXTS, lambda below: st.lists(below, max_size=3))
ADDING = st.fixed_dictionaries({"op": st.just("add"), "title": TEXTS})
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "String": TEXTS, "ID": TEXTS | st.integers(1, 9), "Boolean": st.booleans(),
    "Int": st.integers(-5, 5) | st.integers(-(2**31), 2**31 - 1),
    "Float": st.floats(allow_nan=False, allow_infinity=False),
    "JSON": JSONS | st.lists(ADDING, max_size=3),
}  # fmt: skip


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    made = Caller(project(tmp_path_factory.mktemp("project"), 5))
    yield made
    made.close()


def values(kind: GraphQLInputType) -> st.SearchStrategy[Any]:
    if isinstance(kind, GraphQLNonNull):
        return given_values(kind.of_type).filter(lambda one: one is not None)
    return st.none() | given_values(kind)


def given_values(kind: GraphQLInputType) -> st.SearchStrategy[Any]:
    if isinstance(kind, GraphQLList):
        return st.lists(values(kind.of_type), max_size=3)
    if isinstance(kind, GraphQLInputObjectType):
        known = {name: values(field.type) for name, field in kind.fields.items()}
        needed = {name for name, field in kind.fields.items()
                  if isinstance(field.type, GraphQLNonNull)}  # fmt: skip
        return st.fixed_dictionaries(
            {name: known[name] for name in needed},
            optional={name: one for name, one in known.items() if name not in needed},
        )
    return SCALARS[str(kind)]


def leaves(field: GraphQLField) -> str:
    kind = get_named_type(field.type)
    assert isinstance(kind, GraphQLObjectType)
    return " ".join(name for name, one in kind.fields.items()
                    if is_leaf_type(get_named_type(one.type))) or "__typename"  # fmt: skip


@pytest.mark.parametrize(("word", "name", "field"), FIELDS)
@settings(
    max_examples=12, deadline=None, database=None, derandomize=True,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(data=st.data())
def test_whatever_is_asked_is_answered_or_refused_for_a_reason(
    caller: Caller, word: str, name: str, field: GraphQLField, data: st.DataObject
) -> None:
    given = {one: data.draw(values(argument.type)) for one, argument in field.args.items()}
    told = ", ".join(f"${one}: {argument.type}" for one, argument in field.args.items())
    used = ", ".join(f"{one}: ${one}" for one in given)
    head, tail = (f"({told})", f"({used})") if given else ("", "")

    answer = posted(caller, f"{word} {head} {{ {name}{tail} {{ {leaves(field)} }} }}", given)

    assert answer.status == 200
    errors = json.loads(answer.body).get("errors", [])
    assert {"internal", "not-valid"}.isdisjoint(one["extensions"]["code"] for one in errors)
