"""views as they are typed."""

from __future__ import annotations

import json

import pytest
from tests.surfaces.cli.conftest import Project, Tamp


def test_a_view_is_saved_listed_shown_used_and_removed(project: Project, tamp: Tamp) -> None:
    config = project.folder / ".taskmaster" / "config.json"
    config.write_text('{"models": {"main": {}}}', encoding="utf-8")
    assert tamp("views").lines == ["no views are saved yet: tamp views save NAME EXPR"]

    said = tamp("views", "save", "mine", "is:open", "--sort=-id", "--columns=id,title")
    assert said.lines == ["saved view mine", "see it: tamp list --view mine"]
    assert tamp("views", "list").lines == ["mine  is:open  --sort=-id  --columns=id,title"]
    assert tamp("views", "show", "mine").lines == [
        "where    is:open",
        "sort     -id",
        "columns  id,title",
    ]
    assert tamp("list", "--view=mine", "--json").json["tasks"] == [
        {"id": "3", "title": "Task 3"},
        {"id": "2", "title": "Task 2"},
    ]
    entry = {"name": "mine", "where": "is:open", "sort": "-id", "columns": "id,title"}
    assert tamp("views", "--json").json == {
        "schema": "tamp/views.v1", "views": [entry], "total": 1,
    }  # fmt: skip
    said = tamp("views", "remove", "mine", "--json")
    assert said.json["view"] == entry
    assert json.loads(config.read_bytes()) == {"models": {"main": {}}, "tamp": {}}


def test_options_go_before_what_was_saved_and_both_queries_hold(tamp: Tamp) -> None:
    tamp("views", "save", "mine", "is:open", "--sort=-id")

    words = ("list", "--view=mine", "--columns=id", "--json")
    assert [one["id"] for one in tamp(*words, "--sort=id").json["tasks"]] == ["2", "3"]
    assert [one["id"] for one in tamp(*words, "--where=id:1-2").json["tasks"]] == ["2"]


def test_a_view_is_replaced_only_on_request(tamp: Tamp) -> None:
    tamp("views", "save", "mine", "is:open")

    said = tamp("views", "save", "mine", "is:ready")
    assert said.code == 5
    assert "--replace" in said.err
    assert tamp("views", "save", "mine", "is:ready", "--replace").lines[0] == (
        "saved view mine over is:open"
    )


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (("save", "mine"), 2, "takes NAME and EXPR"),
        (("save", "mine", "is:open", "extra"), 2, "in quotes"),
        (("save", "mine", "prioritty:high"), 4, "did you mean priority?"),
        (("shwo", "mine"), 2, "did you mean show?"),
        (("show", "typo"), 3, "there is no view typo"),
        (("list", "--sort=id"), 2, "--sort means nothing"),
        (("remove", "x", "--replace"), 2, "--replace means nothing"),
    ],
)
def test_a_mistake_is_explained(tamp: Tamp, words: tuple[str, ...], code: int, text: str) -> None:
    said = tamp("views", *words)

    assert said.code == code
    assert text in said.err
