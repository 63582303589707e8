"""``tamp ui`` where it cannot draw, and what it says then."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.surfaces.cli.conftest import Project, environ, process
from tests.surfaces.cli.screens import Screen

from taskmaster.tui.keys import KEYS, MOVES


def test_without_a_terminal_it_says_what_to_use(project: Project) -> None:
    said = process(project.folder, "ui")

    assert (said.code, said.out) == (2, "")
    assert "error[no-terminal]" in said.err
    assert "tamp list" in said.err


def test_json_is_refused(project: Project) -> None:
    said = process(project.folder, "ui", "--json")

    assert said.code == 2
    assert "tamp list --json" in said.json["error"]["hint"]


def test_the_keys_are_listed_anywhere(tmp_path: Path) -> None:
    said = process(tmp_path, "ui", "--keys", "--json")

    assert [one["key"] for one in said.json["keys"]] == [key.shown for key in (*KEYS, *MOVES)]
    assert len(process(tmp_path, "ui", "--keys").lines) == len(KEYS) + len(MOVES)


@pytest.mark.parametrize("package", ["textual", "rich"])
def test_without_the_extra_it_says_how_to_install_it(
    project: Project, tmp_path: Path, package: str
) -> None:
    blocked = tmp_path / "blocked" / package
    blocked.mkdir(parents=True)
    text = f"raise ModuleNotFoundError('No module named {package}', name={package!r})"
    (blocked / "__init__.py").write_text(text, encoding="utf-8")
    path = os.pathsep.join([str(blocked.parent), environ()["PYTHONPATH"]])

    screen = Screen(project.folder, "ui", PYTHONPATH=path)

    assert "pip install 'task-master-pro[tui]'" in screen.rest()
    assert "error[missing-extra]" in screen.text
    assert screen.process.returncode == 7


@pytest.mark.parametrize(
    ("words", "code"), [(("--tag=typo",), 3), (("--where=prioritty:high",), 4)]
)
def test_a_mistake_is_told_before_anything_is_drawn(
    project: Project, words: tuple[str, ...], code: int
) -> None:
    screen = Screen(project.folder, "ui", *words)

    assert "error[" in screen.rest()
    assert screen.process.returncode == code


def test_without_a_project_it_says_how_to_make_one(tmp_path: Path) -> None:
    screen = Screen(tmp_path, "ui")

    assert "tamp init" in screen.rest()
    assert screen.process.returncode == 3
