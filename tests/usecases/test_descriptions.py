"""Every whole task has a description: the original tool lists nothing while one has none."""

from __future__ import annotations

import pytest

from taskmaster.domain.changes import Actor
from taskmaster.doorbells.silent import Silent
from taskmaster.stores.memory import MemoryStore
from taskmaster.usecases.subtasks import add_subtask
from taskmaster.usecases.tasks import Edit, add_task, edit
from taskmaster.workspace import Workspace


@pytest.fixture
def ws() -> Workspace:
    return Workspace(MemoryStore(), Actor("ann", "person", ""), doorbell=Silent())


def changing(**fields: object) -> Edit:
    return Edit(fields, None, None, [], [])


@pytest.mark.parametrize("given", [{}, {"description": ""}, {"description": " \n"}])
def test_the_title_stands_for_a_description_that_nobody_gave(
    ws: Workspace, given: dict[str, object]
) -> None:
    assert add_task(ws, {"title": "Build it", **given}).description == "Build it"


def test_a_description_that_was_given_is_kept(ws: Workspace) -> None:
    assert add_task(ws, {"title": "Build it", "description": "Of wood"}).description == "Of wood"


@pytest.mark.parametrize("blank", ["", None])
def test_a_description_that_is_taken_away_gives_way_to_the_title(
    ws: Workspace, blank: str | None
) -> None:
    add_task(ws, {"title": "Build it", "description": "Of wood"})

    (renamed,) = edit(ws, "1", changing(description=blank, title="Build it well"))

    assert renamed.description == "Build it well"


def test_an_edit_of_something_else_leaves_a_missing_description_alone(ws: Workspace) -> None:
    add_task(ws, {"title": "Build it"})
    with ws.writing("elsewhere") as writer:
        writer.put("master", writer.get("master", "1").with_fields({"description": None}))

    (edited,) = edit(ws, "1", changing(priority="high"))

    assert "description" not in edited.doc


def test_a_subtask_needs_no_description(ws: Workspace) -> None:
    add_task(ws, {"title": "Build it"})
    add_subtask(ws, "1", {"title": "The walls", "description": "Of stone"})

    (step,) = edit(ws, "1.1", changing(description=""))

    assert step.description == ""
