"""The terminal interface on databases: every page, a change of ours and one of somebody else."""

from __future__ import annotations

import pytest
from tests.surfaces.cli.conftest import Project, process
from tests.surfaces.tui.driving import Driven, drive


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_the_interface_works_where_the_tasks_are_in_a_database(
    project: Project, request: pytest.FixtureRequest, engine: str
) -> None:
    url = "sqlite:.taskmaster/tasks/tasks.db"
    if engine == "postgres":
        url = request.getfixturevalue("database")
    assert process(project.folder, "storage", "move", f"--to={url}", "--yes").code == 0
    before = project.file.read_bytes()

    async def scenario(ui: Driven) -> None:
        await ui.sees("Paint the fence", "Task 3")
        await ui.press("end", "enter")
        await ui.sees("revision")
        await ui.press("escape")
        await ui.press("2")
        await ui.sees("in-progress")
        await ui.press("3")
        await ui.sees("3.2")
        await ui.press("4")
        await ui.sees("critical path")
        await ui.press("1", "home", "down", "s")
        await ui.asked()
        await ui.press("down", "down", "enter")
        await ui.hears("2: pending → done")
        process(project.folder, "add-task", "From the other side")
        await ui.sees("From the other side")
        await ui.press("5")
        await ui.sees("set-status", "add-task")
        await ui.press("1", "n")
        await ui.hears("next is 4")

    drive(scenario, project)

    listed = process(project.folder, "list", "--json").json["tasks"]
    assert [one["status"] for one in listed][:2] == ["done", "done"]
    assert project.file.read_bytes() == before
