"""Sets of tasks under a name, with variables."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.usecases.conftest import NOW, step, task
from tests.usecases.conftest import Project as Written

from taskmaster import config
from taskmaster.domain import template
from taskmaster.domain.task import Task
from taskmaster.domain.template import Template
from taskmaster.errors import Conflict, Invalid, NotFound, TampError
from taskmaster.usecases import history, template_tasks, templates


class Project(Written):
    """The project with its folder of templates."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.place = config.locate({}, str(folder))

    def keep(
        self,
        name: str,
        ids: str,
        *,
        replace: bool = False,
        texts: dict[str, str] | None = None,
        defaults: dict[str, str] | None = None,
    ) -> templates.Saved:
        made = Template(name, "", defaults or {}, ())
        ws = self.workspace()
        return templates.save(ws, self.place, made, ids, texts=texts or {}, replace=replace)

    def template(self, name: str, **content: object) -> None:
        """Write a template by hand."""
        path = Path(templates.path_of(self.place, name))
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content), encoding="utf-8")

    def use(self, name: str, *, dry_run: bool = False, **values: str) -> template_tasks.Made:
        found = templates.load(self.place, name)
        return template_tasks.apply(self.workspace(), found, values, dry_run=dry_run)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_a_set_of_tasks_is_made_again_with_its_own_dependencies(project: Project) -> None:
    project.write(
        master=[
            task(1),
            task(5, dependencies=[1], priority="high", labels=["ui"], own={"deep": ["x"]}),
            task(7, dependencies=[5], subtasks=[step(4), step(9, dependencies=[4, 5])]),
        ]
    )

    saved = project.keep("pair", "5,7")
    made = project.use("pair")

    assert saved.lost == [("5", "1")]
    assert [one.id for one in made.tasks] == ["8", "9"]
    stored = project.read()
    assert stored["8"] == task(
        8, title="Task 5", description="Task 5", priority="high", labels=["ui"],
        own={"deep": ["x"]}, createdAt=NOW,
    )  # fmt: skip
    assert stored["9"]["dependencies"] == [8]
    assert stored["9"]["subtasks"] == [
        step(1, title="Step 4"),
        step(2, title="Step 9", dependencies=[1, "8"]),
    ]


def test_what_belongs_to_a_time_is_left_out(project: Project) -> None:
    project.write(
        master=[
            task(1, status="done", dueDate="2026-01-01", deferUntil="2026-01-01", createdAt=NOW,
                 updatedAt=NOW, comments=[{"text": "x"}], links=[{"target": "y"}],
                 metadata={"source": {"document": "prd.md"}, "mine": 1},
                 subtasks=[step(1, status="done", parentTaskId=1, updatedAt=NOW)])
        ]
    )  # fmt: skip

    doc = project.keep("one", "1").template.tasks[0]

    assert doc.keys() == {
        "id", "title", "description", "priority", "details", "testStrategy", "metadata",
        "dependencies", "subtasks",
    }  # fmt: skip
    assert doc["metadata"] == {"mine": 1}
    steps: Any = doc["subtasks"]
    assert steps[0].keys() == {"id", "title", "description", "dependencies", "details"}


def test_applying_is_one_transaction_and_one_undo(project: Project) -> None:
    project.write(master=[task(1), task(2, dependencies=[1], subtasks=[step(1)])])
    before = project.stored()["master"]["tasks"]
    project.keep("pair", "1,2")

    project.use("pair")
    assert [entry.stamp.operation for entry in project.log()] == ["apply-template"]
    assert project.log()[0].stamp.note == "pair"

    history.undo(project.workspace())
    assert project.stored()["master"]["tasks"] == before


def test_variables_are_filled_in_everywhere_and_only_once(project: Project) -> None:
    project.template(
        "release",
        variables={"version": None, "owner": "ann"},
        tasks=[
            {"title": "Release {{version}}", "assignee": "{{ owner }}", "labels": ["v{{version}}"],
             "subtasks": [{"title": "Tag {{version}}"}]},
        ],
    )  # fmt: skip
    project.write(master=[])

    project.use("release", version="2.0 {{owner}}")

    made = project.read()["1"]
    assert made["title"] == "Release 2.0 {{owner}}"
    assert made["assignee"] == "ann"
    assert made["labels"] == ["v2.0 {{owner}}"]
    assert made["subtasks"][0]["title"] == "Tag 2.0 {{owner}}"


def test_a_text_becomes_a_variable_where_the_tasks_say_it(project: Project) -> None:
    project.write(master=[task(1, title="Release 1.4", details="1.4 is 1.4.0", dependencies=[])])

    saved = project.keep(
        "release", "1", texts={"version": "1.4", "full": "1.4.0"}, defaults={"full": "x"}
    )

    assert saved.template.tasks[0]["details"] == "{{version}} is {{full}}"
    assert templates.to_json(templates.load(project.place, "release"))["variables"] == {
        "version": None,
        "full": "x",
    }


def test_missing_variables_are_refused_with_the_list(
    project: Project, unchanged: Callable[[], None]
) -> None:
    project.template("t", variables={"c": "d"}, tasks=[{"title": "{{a}} {{b}} {{c}}"}])
    project.write(master=[task(1)])
    unchanged()

    with pytest.raises(Invalid, match="needs values for: a, b") as caught:
        project.use("t")
    assert (caught.value.code, caught.value.details) == ("missing-variables", ["a", "b"])
    assert "--set a=" in caught.value.hint
    with pytest.raises(Invalid) as caught:
        project.use("t", a="1", b="2", vesion="3")
    assert (caught.value.code, caught.value.details) == ("unknown-variable", ["vesion"])


def test_a_dry_run_shows_the_tasks_and_makes_none(
    project: Project, unchanged: Callable[[], None]
) -> None:
    project.template("t", tasks=[{"title": "a"}, {"title": "b", "dependencies": ["t1"]}])
    project.write(master=[task(4)])
    unchanged()

    made = project.use("t", dry_run=True)

    assert [(one.id, one.dependencies) for one in made.tasks] == [("5", ()), ("6", ("5",))]
    assert [(one.kind, one.task) for one in made.changes] == [("added", "5"), ("added", "6")]


def test_days_may_be_spans_from_the_day_it_is_used(project: Project) -> None:
    project.template(
        "t", tasks=[{"title": "a", "dueDate": "2w", "deferUntil": "tomorrow", "repeat": "weekly"}]
    )
    project.write(master=[])

    made = project.use("t").tasks[0].doc

    assert (made["dueDate"], made["deferUntil"], made["repeat"]) == (
        "2026-06-29", "2026-06-16", "weekly",
    )  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"tasks": []},
        {"tasks": "x"},
        {"tasks": ["x"]},
        {"tasks": [{"title": "a"}], "variables": ["x"]},
        {"tasks": [{"title": "a", "subtasks": "x"}]},
        {"tasks": [{"title": "a", "subtasks": [1]}]},
        {"tasks": [{"title": "a", "dependencies": ["t9"]}]},
        {"tasks": [{"id": 1, "title": "a"}, {"id": 1, "title": "b"}]},
        {"tasks": [{"title": "a", "dependencies": ["t2"]}, {"title": "b", "dependencies": ["t1"]}]},
    ],
)
def test_a_template_from_which_no_tasks_can_be_made_is_refused(
    project: Project, unchanged: Callable[[], None], content: dict[str, object]
) -> None:
    project.template("t", **content)
    project.write(master=[task(1)])
    unchanged()

    with pytest.raises(Invalid, match="the template t cannot be used") as caught:
        project.use("t")
    assert caught.value.code == "bad-template"


@pytest.mark.parametrize(
    ("one", "code"),
    [
        ({"title": " "}, "invalid"),
        ({"title": "a", "priority": "soon"}, "unknown-priority"),
        ({"title": "a", "status": "dune"}, "unknown-status"),
        ({"title": "a", "dueDate": "someday"}, "bad-date"),
        ({"title": "a", "repeat": "hourly"}, "bad-repeat"),
        ({"title": "a", "subtasks": [{"title": ""}]}, "invalid"),
        ({"title": "a", "subtasks": [{"title": "b", "dependencies": ["t1"]}]},
         "parent-dependency"),
    ],
)  # fmt: skip
def test_what_a_task_may_not_say_no_template_may(
    project: Project, unchanged: Callable[[], None], one: dict[str, object], code: str
) -> None:
    project.template("t", tasks=[one, {"title": "last"}])
    project.write(master=[task(1)])
    unchanged()

    with pytest.raises(Invalid) as caught:
        project.use("t")
    assert caught.value.code == code


def test_a_file_that_cannot_be_read_is_refused_by_name(project: Project) -> None:
    project.template("t", tasks=[])
    Path(templates.path_of(project.place, "t")).write_text("{", encoding="utf-8")

    with pytest.raises(Invalid, match="the template t cannot be used: its file cannot be read"):
        templates.load(project.place, "t")


def test_a_template_is_replaced_only_on_purpose(project: Project) -> None:
    project.write(master=[task(1), task(2)])
    project.keep("t", "1")
    path = Path(templates.path_of(project.place, "t"))
    before = path.read_bytes()

    with pytest.raises(Conflict) as caught:
        project.keep("t", "2")
    assert caught.value.code == "template-exists"
    assert path.read_bytes() == before

    project.keep("t", "2", replace=True)
    assert templates.load(project.place, "t").tasks[0]["title"] == "Task 2"


def test_what_cannot_be_kept_is_refused_and_nothing_is_written(project: Project) -> None:
    project.write(master=[task(1, subtasks=[step(1)])])
    attempts: list[tuple[type[TampError], str, Callable[[], object]]] = [
        (NotFound, "not-found", lambda: project.keep("t", "1,9")),
        (Invalid, "not-a-task", lambda: project.keep("t", "1.1")),
        (Invalid, "bad-template-name", lambda: project.keep("../t", "1")),
        (Invalid, "bad-template-name", lambda: project.keep("", "1")),
        (Invalid, "unknown-variable", lambda: project.keep("t", "1", defaults={"x": "y"})),
        (NotFound, "template-not-found", lambda: templates.load(project.place, "t")),
        (NotFound, "template-not-found", lambda: templates.remove(project.place, "t")),
    ]
    for kind, code, attempt in attempts:
        with pytest.raises(kind) as caught:
            attempt()
        assert caught.value.code == code
        assert caught.value.hint
    assert templates.names(project.place) == []


def test_a_missing_template_is_told_with_the_nearest(project: Project) -> None:
    project.template("release", tasks=[{"title": "a"}])

    with pytest.raises(NotFound) as caught:
        templates.load(project.place, "relaese")
    assert caught.value.hint == "did you mean release?"


def test_a_template_is_taken_away(project: Project) -> None:
    project.template("t", tasks=[{"title": "a"}])

    assert templates.remove(project.place, "t").name == "t"
    assert templates.names(project.place) == []


def test_a_project_that_writes_ids_as_text_gets_them_as_text(project: Project) -> None:
    project.write(master=[task("1")])
    project.keep("t", "1")

    project.use("t")

    assert [one["id"] for one in project.stored()["master"]["tasks"]] == ["1", "2"]


@given(st.lists(st.lists(st.integers(0, 9), max_size=3), min_size=1, max_size=10))
def test_what_waits_for_what_is_the_same_in_every_copy(waits: list[list[int]]) -> None:
    tasks = [
        Task({"id": place * 3 + 2, "title": "x", "dependencies": [
            one * 3 + 2 for one in after if one < place]})
        for place, after in enumerate(waits)
    ]  # fmt: skip

    docs, lost = template.made_from(tasks)
    again = template.numbered(docs)

    assert lost == []
    names = {task.id: f"t{place}" for place, task in enumerate(tasks, 1)}
    assert [one.dependencies for one in again] == [
        tuple(dict.fromkeys(names[one] for one in task.dependencies)) for task in tasks
    ] or any(len(set(task.dependencies)) != len(task.dependencies) for task in tasks)
