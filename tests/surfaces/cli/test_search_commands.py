"""search as it is typed."""

from __future__ import annotations

import pytest
from tests.surfaces.cli.conftest import Project, Tamp, task
from tests.surfaces.cli.screens import Screen


@pytest.fixture
def texts(project: Project) -> Project:
    project.write(
        task(1, title="Plan", details="first " * 30 + "the Café opens" + " last" * 30),
        task(2, title="Café menu"),
        task(3, title="Menu", description="of the cafe\x1b[2J", status="done"),
        other=[task(1, title="Another café")],
    )
    return project


def test_the_best_come_first_with_the_place(texts: Project, tamp: Tamp) -> None:
    assert texts.file.exists()

    said = tamp("search", "cafe")

    assert said.lines == [
        "2  ○ Café menu",
        "3  ✓ Menu",
        "    description: of the cafe [2J",
        "1  ○ Plan",
        f"    details: … first first first the Café opens{' last' * 10} …",
    ]


def test_programs_get_score_and_field(texts: Project, tamp: Tamp) -> None:
    assert texts.file.exists()

    said = tamp("search", "CAFE", "menu", "--json").json

    assert said["schema"] == "tamp/search.v1"
    assert said["results"] == [
        {"id": "2", "title": "Café menu", "status": "pending", "priority": "medium",
         "tag": "master", "score": 24, "field": "title", "snippet": "Café menu"},
        {"id": "3", "title": "Menu", "status": "done", "priority": "medium",
         "tag": "master", "score": 18, "field": "title", "snippet": "Menu"},
    ]  # fmt: skip
    assert (said["total"], said["query"], said["tag"]) == (2, "CAFE menu", "master")


def test_all_tags_a_limit_and_a_query(texts: Project, tamp: Tamp) -> None:
    assert texts.file.exists()

    assert tamp("search", "another", "--all-tags").lines == ["other 1  ○ Another café"]
    assert tamp("search", "cafe", "--limit=1").lines == [
        "2  ○ Café menu",
        "2 more; --limit=0 shows them all",
    ]
    assert tamp("search", "cafe", "--where=is:complete").lines[0] == "3  ✓ Menu"


def test_nothing_found_and_nothing_asked(tamp: Tamp) -> None:
    said = tamp("search", "nothing-like-this")
    assert (said.code, said.out) == (0, "nothing holds all of these words\n")
    said = tamp("search")
    assert said.code == 2
    assert "tamp search" in said.err


def test_the_words_stand_out_on_a_terminal(texts: Project) -> None:
    shown = Screen(texts.folder, "search", "cafe").rest()

    assert "the \x1b[1;33mCafé\x1b[0m opens" in shown
