from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.usecases.conftest import Project, task

from taskmaster.domain.plan import Document, Draft, DraftStep, Passage, Plan, Requirement
from taskmaster.errors import Conflict, Invalid
from taskmaster.usecases import planning, tasks
from taskmaster.usecases.planning import APPEND, NEW, REPLACE

STORE = Requirement("FR-1", "Store notes", Passage(3, 4), "d-store")
FIND = Requirement("FR-2", "Find notes", Passage(5, 6), "d-find")
SHARE = Requirement("FR-3", "Share notes", Passage(7, 8), "d-share")


def draft(title: str, *covered: Requirement, **more: object) -> Draft:
    keys = tuple(one.key for one in covered)
    passages = tuple(one.passage for one in covered)
    return Draft(title, covers=keys, passages=passages, **more)  # type: ignore[arg-type]


def plan(*drafts: Draft, requirements: tuple[Requirement, ...] = (STORE, FIND)) -> Plan:
    return Plan(Document("docs/prd.md", "…"), "outline", drafts, requirements)


STEPS = (DraftStep("Choose a format"), DraftStep("Write it", after=(1,)))
FIRST = draft("Store", STORE, description="One file", priority="high", steps=STEPS)
SECOND = draft("Find", FIND, after=(1,), acceptance=("by any word",))


def test_drafts_become_tasks_with_numbers_and_dependencies(project: Project) -> None:
    merge, made = planning.apply_plan(project.workspace(), plan(FIRST, SECOND), NEW)

    assert [one.id for one in made] == [task_id for task_id, _draft in merge.added] == ["1", "2"]
    one, two = project.read().values()
    assert (one["title"], one["description"], one["priority"]) == ("Store", "One file", "high")
    assert [(step["id"], step["dependencies"]) for step in one["subtasks"]] == [(1, []), (2, [1])]
    assert (two["dependencies"], two["acceptanceCriteria"]) == ([1], ["by any word"])
    assert two["metadata"]["source"] == {
        "document": "docs/prd.md", "planner": "outline", "lines": [[5, 6]],
        "title": "Find", "covers": ["FR-2"], "digests": ["d-find"],
    }  # fmt: skip
    assert made[0].subtasks[1].dependencies == ("1.1",)


def test_new_refuses_a_tag_that_holds_tasks(
    project: Project, unchanged: Callable[[], None]
) -> None:
    ws = project.write(master=[task(1)])
    unchanged()

    with pytest.raises(Conflict) as caught:
        planning.apply_plan(ws, plan(FIRST), NEW)

    assert caught.value.code == "tag-not-empty"


@pytest.mark.parametrize("mode", [NEW, APPEND, REPLACE])
def test_an_empty_plan_takes_nothing_away(
    project: Project, unchanged: Callable[[], None], mode: str
) -> None:
    ws = project.write(master=[task(1)])
    unchanged()

    with pytest.raises(Invalid, match="no tasks"):
        planning.apply_plan(ws, plan(), mode)


def test_append_goes_on_after_the_tasks_there_are(project: Project) -> None:
    ws = project.write(master=[task("7"), task("T-1")])

    planning.apply_plan(ws, plan(FIRST, SECOND), APPEND)

    assert list(project.read()) == ["7", "T-1", "8", "9"]
    assert project.read()["9"]["dependencies"] == ["8"]


def test_appending_the_same_plan_again_adds_nothing(project: Project) -> None:
    ws = project.workspace()
    planning.apply_plan(ws, plan(FIRST, SECOND), NEW)
    before = project.raw()

    merge, made = planning.apply_plan(ws, plan(FIRST, SECOND), APPEND)

    assert (made, merge.added, [one for one, _draft in merge.known]) == ([], (), ["1", "2"])
    assert project.raw() == before


def test_a_grown_document_adds_only_what_is_new(project: Project) -> None:
    ws = project.workspace()
    planning.apply_plan(ws, plan(FIRST, SECOND), NEW)
    third = draft("Share", SHARE, after=(2,))

    moved = draft("Find", Requirement("FR-9", "Find notes", Passage(50, 51), "d-find"), after=(1,))
    requirements = (STORE, Requirement("FR-9", "Find notes", Passage(50, 51), "d-find"), SHARE)
    _merge, made = planning.apply_plan(
        ws, plan(FIRST, moved, third, requirements=requirements), APPEND
    )

    assert [(one.id, one.title, one.dependencies) for one in made] == [("3", "Share", ("2",))]


def test_replace_starts_from_one_and_leaves_other_tags_alone(project: Project) -> None:
    ws = project.write(master=[task(5), task(6, dependencies=[5])], other=[task(1)])

    merge, _made = planning.apply_plan(ws, plan(FIRST, SECOND), REPLACE)

    assert [one.id for one in merge.removed] == ["5", "6"]
    assert list(project.read()) == ["1", "2"]
    assert project.read("other") == {"1": task(1)}


@pytest.mark.parametrize("mode", [APPEND, REPLACE])
def test_the_preview_is_what_happens_then(project: Project, mode: str) -> None:
    ws = project.write(master=[task(1)])
    before = project.raw()

    shown = planning.preview(ws, plan(FIRST, SECOND), mode)
    assert project.raw() == before
    merge, _made = planning.apply_plan(ws, plan(FIRST, SECOND), mode)

    assert merge == shown


def test_a_plan_is_one_transaction(project: Project) -> None:
    planning.apply_plan(project.workspace(), plan(FIRST, SECOND), NEW)

    (entry,) = project.log()
    assert (entry.stamp.operation, entry.stamp.note) == ("parse-prd", "docs/prd.md")
    assert [change.kind for change in entry.changes] == ["added", "added"]


def test_coverage_tells_covered_from_forgotten_and_from_nowhere(project: Project) -> None:
    ws = project.workspace()
    planning.apply_plan(ws, plan(FIRST, SECOND), NEW)
    tasks.add_task(ws, {"title": "Repaint the bicycle"})

    found = planning.covered(ws, (STORE, FIND, SHARE))

    assert [(one.key, list(ids)) for one, ids in found.covered] == [
        ("FR-1", ["1"]),
        ("FR-2", ["2"]),
    ]
    assert [one.key for one in found.uncovered] == ["FR-3"]
    assert list(found.orphans) == ["3"]


def test_odd_metadata_of_a_task_is_no_claim(project: Project) -> None:
    odd: list[object] = [
        None,
        "text",
        [],
        {"source": 3},
        {"source": {"digests": "d-store", "covers": {}}},
    ]
    docs = [task(number, metadata=one) for number, one in enumerate(odd, 1)]
    ws = project.write(master=docs)

    found = planning.covered(ws, (STORE,))

    assert [one.key for one in found.uncovered] == ["FR-1"]
    assert planning.preview(ws, plan(FIRST), APPEND).known == ()


def test_the_plan_as_json_names_the_ids_that_drafts_get(project: Project) -> None:
    ws = project.write(master=[task(4)])
    found = plan(FIRST, SECOND)

    shown = planning.plan_to_json(found, planning.preview(ws, found, APPEND))

    assert shown["added"] == [
        {
            "id": "5", "title": "Store", "description": "One file", "priority": "high",
            "dependencies": [], "subtasks": ["Choose a format", "Write it"],
            "acceptanceCriteria": [], "lines": [[3, 4]], "covers": ["FR-1"],
        },
        {
            "id": "6", "title": "Find", "description": "", "priority": "medium",
            "dependencies": ["5"], "subtasks": [], "acceptanceCriteria": ["by any word"],
            "lines": [[5, 6]], "covers": ["FR-2"],
        },
    ]  # fmt: skip
    assert (shown["known"], shown["removed"]) == ([], [])


def test_appending_again_knows_a_task_under_its_new_title(project: Project) -> None:
    ws = project.write(master=[])
    plan = Plan(Document("prd.md", ""), "outline", (Draft("Old title"),))
    planning.apply_plan(ws, plan, planning.NEW)
    tasks.edit(ws, "1", tasks.Edit({"title": "A better one"}, None, None, [], []))
    merge, made = planning.apply_plan(ws, plan, planning.APPEND)
    assert [task_id for task_id, _ in merge.known] == ["1"]
    assert made == []
