"""Saved views live in the project's settings beside everything else that is there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.usecases.conftest import Project, task

from taskmaster import config
from taskmaster.errors import Conflict, CorruptStore, Invalid, NotFound
from taskmaster.usecases import views
from taskmaster.usecases.views import View
from taskmaster.workspace import Workspace

URGENT = View("is:ready priority>=high", "due,id", "label", "id,title,due")


class Place:
    """A project on disk and its settings."""

    def __init__(self, project: Project, folder: Path) -> None:
        self.ws: Workspace = project.write(master=[task(1)])
        self.project = config.locate({}, str(folder))
        self.path = folder / ".taskmaster" / "config.json"

    def save(self, name: str, view: View, *, replace: bool = False) -> View | None:
        return views.save(self.ws, self.project, name, view, replace=replace)

    def stored(self) -> Any:  # noqa: ANN401  # whatever the file holds
        return json.loads(self.path.read_text(encoding="utf-8"))


@pytest.fixture
def place(project: Project, tmp_path: Path) -> Place:
    return Place(project, tmp_path)


def test_a_view_comes_back_as_it_was_saved(place: Place) -> None:
    assert place.save("urgent", URGENT) is None

    assert views.find(place.project, "urgent") == URGENT
    assert views.saved(place.project) == {"urgent": URGENT}
    assert place.stored() == {"tamp": {"views": {"urgent": URGENT._asdict()}}}
    assert not (place.path.parent / "log" / "changes.jsonl").exists()


def test_a_query_is_kept_as_we_write_it(place: Place) -> None:
    place.save("x", View("not (labels:ui AND  Word)"))

    assert views.find(place.project, "x").where == "-(label:ui Word)"
    assert place.stored()["tamp"]["views"]["x"] == {"where": "-(label:ui Word)"}


def test_a_name_that_is_taken_is_refused_unless_it_is_replaced(place: Place) -> None:
    place.save("urgent", URGENT)
    with pytest.raises(Conflict):
        place.save("urgent", View("is:open"))
    assert views.find(place.project, "urgent") == URGENT

    assert place.save("urgent", View("is:open"), replace=True) == URGENT
    assert views.saved(place.project) == {"urgent": View("is:open")}


def test_what_is_removed_is_gone_and_leaves_nothing(place: Place) -> None:
    place.save("urgent", URGENT)

    assert views.remove(place.ws, place.project, "urgent") == URGENT

    assert views.saved(place.project) == {}
    assert place.stored() == {"tamp": {}}
    for missing in ("urgent", "other"):
        with pytest.raises(NotFound):
            views.remove(place.ws, place.project, missing)


def test_a_missing_view_is_told_with_the_nearest(place: Place) -> None:
    place.save("urgent", URGENT)

    with pytest.raises(NotFound) as caught:
        views.find(place.project, "urgnt")

    assert (caught.value.code, caught.value.hint) == ("view-not-found", "did you mean urgent?")


@pytest.mark.parametrize("name", ["", " x", "x ", "-x", "a\nb", "x" * 65])
def test_a_bad_name_is_refused(place: Place, name: str) -> None:
    with pytest.raises(Invalid):
        place.save(name, URGENT)
    assert not place.path.exists()


@pytest.mark.parametrize(
    "view",
    [View("prioritty:high"), View("a or"), View("a", sort="prioritty"), View("a", group="title"),
     View("a", columns="is")],
)  # fmt: skip
def test_a_view_that_means_nothing_is_refused(place: Place, view: View) -> None:
    with pytest.raises(Invalid):
        place.save("x", view)
    assert not place.path.exists()


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=4)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.text(max_size=4), inner, max_size=2)
    ),
    max_leaves=6,
)
KEYS = st.text(max_size=5).filter(lambda key: key not in ("tamp", "views"))


@given(st.dictionaries(KEYS, JSON, max_size=4), st.dictionaries(KEYS, JSON, max_size=3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_no_other_setting_is_touched(
    place: Place, others: dict[str, Any], ours: dict[str, Any]
) -> None:
    before = {**others, "tamp": ours}
    place.path.write_text(json.dumps(before), encoding="utf-8")

    place.save("urgent", URGENT)
    after = place.stored()
    views.remove(place.ws, place.project, "urgent")

    assert after["tamp"].pop("views") == {"urgent": URGENT._asdict()}
    assert after == before
    assert list(after) == list(before)
    assert place.stored() == before


def test_keys_of_a_view_that_we_do_not_know_are_kept(place: Place) -> None:
    entry = {"where": "a", "icon": "star"}
    place.path.write_text(json.dumps({"tamp": {"views": {"x": entry, "y": 5}}}), encoding="utf-8")

    place.save("x", View("b"), replace=True)

    assert place.stored()["tamp"]["views"] == {"x": {"icon": "star", "where": "b"}, "y": 5}
    assert list(views.saved(place.project)) == ["x"]


@pytest.mark.parametrize("text", ["{", "[]", '{"tamp": 5}', "", "[" * 100_000])
def test_settings_that_cannot_be_read_are_left_alone(place: Place, text: str) -> None:
    place.path.write_text(text, encoding="utf-8")

    with pytest.raises(CorruptStore, match="cannot be read"):
        place.save("urgent", URGENT)

    assert place.path.read_text(encoding="utf-8") == text


def test_a_project_of_the_old_layout_keeps_its_settings(tmp_path: Path) -> None:
    tasks = tmp_path / "tasks" / "tasks.json"
    tasks.parent.mkdir()
    tasks.write_text(json.dumps({"tasks": [task(1)]}), encoding="utf-8")
    old = tmp_path / ".taskmasterconfig"
    old.write_text('{"global": {"defaultTag": "x"}}', encoding="utf-8")
    project = config.locate({}, str(tmp_path))
    ws = Project(tmp_path / "elsewhere").workspace()

    views.save(ws, project, "urgent", URGENT)

    assert json.loads(old.read_bytes())["global"] == {"defaultTag": "x"}
    assert config.locate({}, str(tmp_path)).legacy
    assert views.saved(project) == {"urgent": URGENT}


def test_two_at_the_same_time_keep_both(place: Place, project: Project) -> None:
    place.save("a", View("a"))
    views.save(project.workspace(actor="bob"), place.project, "b", View("b"))

    assert list(views.saved(place.project)) == ["a", "b"]
