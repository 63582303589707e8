"""The reference page of the query language, run."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from taskmaster.domain import fields, graph, terms
from taskmaster.domain.fields import Scene
from taskmaster.domain.grammar import parse
from taskmaster.domain.task import PRIORITIES, STATUSES, Task

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "query-language.md"
TEXT = PAGE.read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^\| `([^`]+)` \| ([\d., ]+) \|$", TEXT, re.MULTILINE)
TODAY = "2026-06-15"


def documents() -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(TEXT.partition("```json\n")[2].partition("```")[0])[
        "master"
    ]["tasks"]
    return found


@pytest.mark.parametrize(("query", "expected"), EXAMPLES)
def test_an_example_finds_what_the_page_says(query: str, expected: str) -> None:
    nodes = graph.nodes(map(Task, documents()))
    asked = parse(query)
    test = asked.within(Scene(nodes, today=TODAY, tag="master"))
    found = [
        name
        for name, node in nodes.items()
        if test(node) and (asked.about_subtasks() or not node.parent)
    ]

    if "." not in expected:
        found = [name for name in found if "." not in name]
    assert ", ".join(found) == expected


def test_there_are_many_examples() -> None:
    assert len(EXAMPLES) > 30


def test_the_page_names_every_field_and_word() -> None:
    table = TEXT.partition("## Fields")[2].partition("**Your own keys.**")[0]
    words = {*fields.NAMES, *terms.STATES, *STATUSES, *PRIORITIES}

    assert [word for word in words if f"`{word}`" not in table] == []


@pytest.mark.parametrize("op", [":", "=", "!=", "<", "<=", ">", ">="])
def test_the_page_names_every_operator(op: str) -> None:
    assert re.search(rf"`[A-Z]*{re.escape(op)}(VALUE)?`", TEXT)


def test_every_query_of_the_page_can_be_read() -> None:
    quoted = re.findall(r"(?:--where|EXPR|save \w+) '([^']+)'", TEXT)
    refused = {"prioritty:high"}

    assert len(quoted) >= 3
    for query in set(quoted) - refused:
        assert str(parse(query))
