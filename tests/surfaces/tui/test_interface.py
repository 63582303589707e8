"""What a person sees and does; the tasks lie in real files."""

from __future__ import annotations

import pytest
from tests.surfaces.cli.conftest import Project, process, step, task
from tests.surfaces.tui.driving import Driven, drive

from taskmaster.tui.keys import KEYS


def test_the_list_shows_the_tasks_and_what_they_wait_for(project: Project) -> None:
    async def scenario(ui: Driven) -> None:
        await ui.sees("Task 1", "Paint the fence", "waits for", "in-progress", "high")
        third = next(line for line in ui.seen().splitlines() if "Task 3" in line)
        assert third.split()[:3] == ["3", "○", "pending"]
        assert third.rstrip(" ▁▂▃▄▅▆▇█").endswith("2")
        assert "1 of 4 complete, 2 ready, 1 waiting" in ui.top
        assert "tag master" in ui.top

    drive(scenario, project)


@pytest.mark.parametrize("width", [40, 80, 200])
def test_every_key_is_shown_at_any_width(project: Project, width: int) -> None:
    async def scenario(ui: Driven) -> None:
        words = " ".join(ui.seen().split())
        for key in KEYS:
            assert f"{key.shown} {key.word}" in words
        await ui.press("question_mark")
        await ui.asked()
        await ui.sees("Keys", "take the last change back"[:20])
        await ui.press("escape")

    drive(scenario, project, size=(width, 40))


def test_a_status_is_stored_and_logged(project: Project) -> None:
    async def scenario(ui: Driven) -> None:
        await ui.press("down", "s")
        await ui.asked()
        await ui.sees("Status of 2")
        await ui.press("down", "down", "enter")
        await ui.hears("2: pending → done")
        await ui.until(lambda: "2 of 4 complete" in ui.top)
        assert ui.chosen == "2"

    drive(scenario, project)

    assert project.read()["2"]["status"] == "done"
    (entry,) = project.log()
    assert (entry["via"], entry["op"], entry["actor"]["name"]) == ("tui", "set-status", "ann")


def test_a_question_can_be_left_without_any_change(project: Project) -> None:
    async def scenario(ui: Driven) -> None:
        for key in ("s", "a", "e", "t"):
            await ui.press(key)
            await ui.asked()
            await ui.press("escape")
            await ui.until(lambda: len(ui.interface.screen_stack) == 1)

    drive(scenario, project)
    assert project.log() == []


def test_a_change_of_another_process_appears_and_the_choice_is_kept(project: Project) -> None:
    async def scenario(ui: Driven) -> None:
        await ui.press("end")
        assert ui.chosen == "4"
        process(project.folder, "add-task", "From the other side")
        await ui.sees("From the other side")
        process(project.folder, "remove-task", "1", "--yes")
        await ui.until(lambda: "Task 1" not in ui.seen())
        assert ui.chosen == "4"

    drive(scenario, project)


def test_a_query_filters_the_list_and_the_board(project: Project) -> None:
    async def scenario(ui: Driven) -> None:
        await ui.press("slash")
        await ui.type("priority>=high")
        await ui.press("enter")
        await ui.until(lambda: [line.key for line in ui.rows.lines] == ["2"])
        assert "1 shown for priority>=high" in ui.top
        await ui.press("2")
        await ui.until(lambda: "board" in ui.top and "fence" not in ui.seen())
        await ui.press("escape")
        await ui.sees("Paint the fence")
        assert "shown for" not in ui.top

    drive(scenario, project)


def test_a_query_that_means_nothing_is_told_with_its_hint(project: Project) -> None:
    async def scenario(ui: Driven) -> None:
        await ui.press("slash")
        await ui.type("prioritty:high")
        await ui.press("enter")
        await ui.hears("did you mean priority")
        assert len(ui.rows.lines) == 4

    drive(scenario, project)


def test_the_list_can_begin_filtered(project: Project) -> None:
    async def scenario(ui: Driven) -> None:
        assert [line.key for line in ui.rows.lines] == ["4"]

    drive(scenario, project, where="fence")


def test_the_order_goes_round(project: Project) -> None:
    async def scenario(ui: Driven) -> None:
        await ui.press("o", "o")
        await ui.until(lambda: ui.rows.lines[0].key == "2")
        assert "by priority" in ui.top
        await ui.press("o", "o", "o")
        await ui.until(lambda: ui.rows.lines[0].key == "1")

    drive(scenario, project)


def test_the_board_has_a_column_for_each_status(project: Project) -> None:
    async def scenario(ui: Driven) -> None:
        await ui.press("down", "2")
        await ui.sees("pending (2)", "in-progress (1)", "done (1)")
        await ui.until(lambda: ui.chosen == "2")
        assert "review" not in ui.seen()
        await ui.press("s")
        await ui.asked()
        await ui.press("down", "enter")
        await ui.sees("in-progress (2)", "pending (1)")
        await ui.until(lambda: ui.chosen == "2")
        await ui.press("right")
        await ui.until(lambda: ui.chosen == "1")
        await ui.press("left", "left")
        await ui.until(lambda: ui.chosen == "3")

    drive(scenario, project, size=(120, 30))


def test_a_task_in_full_leads_to_its_subtasks_and_back(project: Project) -> None:
    project.write(
        task(1),
        task(2, dependencies=[1, 9], details="First line\n  second line", effort=3,
             acceptanceCriteria=["It works"], reviewer="bob", subtasks=[step(1)],
             deferUntil="2999-12-31", repeat="weekly",
             comments=[{"text": "Agreed [b]now[/b]", "by": "ann", "at": "2026-01-31T08:15:30Z"}],
             links=[{"kind": "pr", "target": "https://example.org/1"}]),
    )  # fmt: skip

    async def scenario(ui: Driven) -> None:
        await ui.sees("1, 2999-12-31")
        await ui.press("end", "enter")
        await ui.sees("not until", "weekly", "Agreed [b]now[/b]  (ann, 2026-01-31 08:15)")
        await ui.sees("pr https://example.org/1")
        await ui.sees("task 2", "second line", "1 ○ Task 1", "9 (missing)", "3 h", "- It works")
        await ui.sees("reviewer", "bob", "2.1  ○ pending  Step 1", "revision")
        assert ui.rows.select("2.1")
        await ui.press("enter")
        await ui.sees("subtask 2.1", "part of", "2 ○ Task 2")
        await ui.press("escape")
        await ui.sees("task 2", "second line")
        await ui.press("escape")
        await ui.until(lambda: ui.chosen == "2" and "list" in ui.top)

    drive(scenario, project, size=(100, 50))


def test_a_task_that_is_removed_while_it_is_shown_is_left(project: Project) -> None:
    async def scenario(ui: Driven) -> None:
        await ui.press("end", "enter")
        await ui.sees("task 4")
        process(project.folder, "remove-task", "4", "--yes")
        await ui.hears("there is no task 4")
        await ui.until(lambda: "list:" in ui.top and len(ui.rows.lines) == 3)

    drive(scenario, project)


def test_the_tree_shows_subtasks_which_can_be_changed(project: Project) -> None:
    async def scenario(ui: Driven) -> None:
        await ui.press("3")
        await ui.sees("└─ ○ 3.2  Step 2", "(2 of 2 open)")
        assert ui.rows.select("3.1")
        await ui.press("s")
        await ui.asked()
        await ui.press("down", "enter")
        await ui.hears("3.1: pending → in-progress", "its subtasks are in-progress")

    drive(scenario, project)
    assert project.read()["3"]["status"] == "in-progress"


def test_the_graph_shows_what_waits_and_the_critical_path(project: Project) -> None:
    async def scenario(ui: Driven) -> None:
        await ui.press("4")
        await ui.sees("* 2 ○ Task 2", "→ 3", "critical path")

    drive(scenario, project)


def test_a_circle_is_told_in_the_graph(project: Project) -> None:
    project.write(task(1, dependencies=[2]), task(2, dependencies=[1]))

    async def scenario(ui: Driven) -> None:
        await ui.press("4")
        await ui.sees("in a circle: 1, 2", "Task 1", "Task 2")

    drive(scenario, project)


def test_the_last_change_is_taken_back_once_the_person_agrees(project: Project) -> None:
    process(project.folder, "set-status", "2", "review")
    process(project.folder, "set-status", "4", "done")

    async def scenario(ui: Driven) -> None:
        await ui.press("u")
        await ui.asked()
        await ui.sees("Take this back?", "master 4 status in-progress → done")
        await ui.press("n")
        await ui.until(lambda: len(ui.interface.screen_stack) == 1)
        assert project.read()["4"]["status"] == "done"
        await ui.press("u")
        await ui.asked()
        await ui.press("y")
        await ui.hears("took back")
        assert project.read()["4"]["status"] == "in-progress"
        await ui.press("5")
        await ui.sees("ann (tui)  undo of", "ann (cli)  set-status")
        await ui.press("end", "u")
        await ui.asked()
        await ui.press("y")
        await ui.until(lambda: project.read()["2"]["status"] == "pending")

    drive(scenario, project)


def test_nothing_to_undo_is_said(project: Project) -> None:
    async def scenario(ui: Driven) -> None:
        await ui.press("u")
        await ui.hears("nothing to undo")

    drive(scenario, project)


def test_next_goes_to_the_task_and_says_why(project: Project) -> None:
    async def scenario(ui: Driven) -> None:
        await ui.press("5", "n")
        await ui.hears("next is 4: Paint the fence", "already in progress")
        await ui.until(lambda: ui.chosen == "4" and "list:" in ui.top)

    drive(scenario, project, where="priority:high")


def test_a_task_is_written_down_and_a_note_added(project: Project) -> None:
    async def scenario(ui: Driven) -> None:
        await ui.press("a")
        await ui.asked()
        await ui.type("Buy paint")
        await ui.press("enter")
        await ui.hears("added 5: Buy paint")
        await ui.until(lambda: ui.chosen == "5")
        await ui.press("e")
        await ui.asked()
        await ui.type("the red one")
        await ui.press("enter")
        await ui.hears("added a note to 5")

    drive(scenario, project)
    assert "the red one" in project.read()["5"]["details"]
    assert [entry["via"] for entry in project.log()] == ["tui", "tui"]


def test_another_tag_is_looked_at_without_making_it_current(project: Project) -> None:
    async def scenario(ui: Driven) -> None:
        await ui.press("t")
        await ui.asked()
        await ui.sees("other", "0 of 1 complete")
        await ui.press("down", "enter")
        await ui.sees("Elsewhere")
        assert "tag other" in ui.top

    drive(scenario, project)
    assert not (project.folder / ".taskmaster" / "state.json").exists()


def test_an_error_is_shown_with_its_hint_and_nothing_is_lost(project: Project) -> None:
    whole = project.file.read_text(encoding="utf-8")

    async def scenario(ui: Driven) -> None:
        project.file.write_text(whole[:-30], encoding="utf-8")
        await ui.hears("not-json", "tamp doctor")
        assert "cannot be read" in ui.top
        await ui.sees("Task 2")
        await ui.press("down", "s")
        await ui.asked()
        await ui.press("enter")
        await ui.until(lambda: len(ui.told().splitlines()) > 2)
        project.file.write_text(whole, encoding="utf-8")
        await ui.until(lambda: "4 complete" in ui.top)

    drive(scenario, project)
    assert project.file.read_text(encoding="utf-8") == whole


HOSTILE = (
    "[bold red]not[/bold red] [/] [link=x]markup[/link] [@click=app.quit]quit[/]",
    "an [unclosed bracket and [/nothing] \\[escaped]",
    "\x1b[31mred\x1b[0m \x07bell \x9b31m \u202eturned",
    "漢字かな交じり文" * 30,
    "e\u0301 👩‍👩‍👧 flags 🇫🇷 " * 10,
    "two\nlines\tand a tab",
    "x" * 20_000,
    "",
)


@pytest.mark.parametrize("width", [40, 100])
def test_titles_of_any_kind_are_only_text(project: Project, width: int) -> None:
    project.write(
        *(
            task(number, title=title, description=title, details=title, dependencies=[],
                 subtasks=[step(1, title=title)], labels=[title], status="odd [b]status[/b]"
                 if number == 3 else "pending")
            for number, title in enumerate(HOSTILE, start=1)
        )
    )  # fmt: skip

    async def scenario(ui: Driven) -> None:
        if width == 100:
            await ui.sees(HOSTILE[0][:40], "an [unclosed bracket and [/nothing]")
        for key in ("2", "3", "4", "5", "1"):
            await ui.press(key)
            await ui.until(lambda: ui.rows.lines)
            seen = ui.seen()
            assert not any(sign in seen for sign in "\x1b\x07\x9b\u202e\t")
        for number in range(1, len(HOSTILE) + 1):
            ui.rows.select(str(number))
            await ui.press("enter")
            await ui.until(lambda n=number: f"task {n}" in ui.top)  # type: ignore[misc]
            await ui.press("escape")
        ui.rows.select("1")
        await ui.press("s")
        await ui.asked()
        await ui.press("down", "enter")
        await ui.hears("1: pending → in-progress")
        await ui.press("n")
        await ui.hears("next is 1.1: [bold red]not")
        await ui.press("u")
        await ui.asked()
        await ui.press("n", "q")

    drive(scenario, project, size=(width, 30))


def test_five_thousand_tasks_stay_usable(project: Project) -> None:
    project.write(*(task(number, dependencies=[number - 1]) for number in range(1, 5001)))

    async def scenario(ui: Driven) -> None:
        assert len(ui.rows.lines) == 5000
        await ui.press("end")
        await ui.sees("Task 5000")
        for key in ("2", "3", "4", "1"):
            await ui.press(key)
            await ui.until(lambda: len(ui.rows.lines) >= 5000)
        await ui.press("end", "pageup", "home", "pagedown")
        process(project.folder, "set-status", "1", "done")
        await ui.until(lambda: "1 of 5000" in ui.top)

    drive(scenario, project)


def test_an_empty_project_says_what_to_do(project: Project) -> None:
    project.write()

    async def scenario(ui: Driven) -> None:
        await ui.sees("no tasks: a writes one down")
        for key in ("2", "3", "4", "5"):
            await ui.press(key)
        await ui.press("1", "s")
        await ui.hears("choose a task first")

    drive(scenario, project)
