"""What a move out of a task file leaves behind is named before it is left."""

from __future__ import annotations

import json

import pytest
from tests.stores.file.conftest import Open

TASK = '{"id": 1, "title": "a"}'


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        f"[{TASK}]",
        f'{{"master": {{"tasks": [[{TASK}]], "metadata": {{}}}}}}',
        f'{{"tasks": [{TASK}], "meta": {{"a": 1}}}}',
        '{"master": {"tasks": [{"id": 1, "x": [1.5, 0.1, 1e300, -0.0, 12345678901234567890]}]}}',
    ],
)
def test_what_every_reader_shows_is_not_named(project: Open, text: str) -> None:
    assert project(text).unseen() == []


@pytest.mark.parametrize(
    ("document", "named"),
    [
        ({"master": {"tasks": [], "colour": "red"}}, ["'colour'", "tag master"]),
        ({"master": {"tasks": [], "metadata": {}, "meta": {}}}, ["'meta'", "tag master"]),
        ({"master": {"tasks": [], "metadata": "text"}}, ["'metadata'", "tag master"]),
        ({"master": {"tasks": []}, "metadata": {"a": 1}}, ["'metadata'", "top-level"]),
        ({"master": {"tasks": []}, "version": 2}, ["'version'", "top-level"]),
        ({"tags": {"a": {"tasks": [], "x": 1}}}, ["'x'", "tag a"]),
        ({"tasks": [{"id": 1, "title": "a"}], "version": 2}, ["'version'"]),
        ({"tasks": [], "metadata": "text"}, ["'metadata'"]),
        ({"data": {"tasks": [], "filter": "all"}, "tag": "v2"}, ["'filter'", "tag v2"]),
    ],
)
def test_a_key_beside_the_tasks_is_named(project: Open, document: object, named: list[str]) -> None:
    sentences = project(json.dumps(document)).unseen()

    assert any(all(word in sentence for word in named) for sentence in sentences), sentences
    assert sum(named[0] in sentence for sentence in sentences) == 1


def test_a_key_that_is_repeated_anywhere_is_named_once(project: Open) -> None:
    inside = '{"id": 1, "title": "a", "x": {"deep": 1, "deep": 2}, "y": 1, "y": 2}'

    (sentence,) = project(f'{{"master": {{"tasks": [{inside}, {inside}]}}}}').unseen()

    assert sentence.startswith("deep, y (4 of them) are written twice")


def test_a_number_that_is_more_exact_than_a_reader_shows_is_named(project: Open) -> None:
    text = '{"master": {"tasks": [{"id": 1, "x": [0.1000000000000000055511, 1e999, 2.50]}]}}'

    (sentence,) = project(text).unseen()

    assert sentence.startswith("0.1000000000000000055511, 1e999 (2 of them) are more exact")
