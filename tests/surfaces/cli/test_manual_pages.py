"""Manual pages: written from the commands, so that they cannot say anything else."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.surfaces.cli.conftest import WAIT, Tamp

from taskmaster.cli import manual
from taskmaster.cli.table import ALIASES, COMMANDS

REPOSITORY = Path(__file__).parents[3]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_page_tells_every_option_of_its_command(tamp_here: Tamp, name: str) -> None:
    said = tamp_here("help", "--man", name)
    page = said.out.replace(r"\-", "-")

    assert said.code == 0
    assert f"tamp-{name}" in page
    options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", tamp_here("help", name).out))
    assert {one for one in options if one not in page} <= {"--version"}
    assert all(line.startswith((".", "\\")) or line for line in page.splitlines())


def test_the_first_page_names_every_command(tamp_here: Tamp) -> None:
    page = tamp_here("help", "--man").out

    for name in (*COMMANDS, *ALIASES):
        assert name.replace("-", r"\-") in page
    assert tamp_here("help", "--man", "ls").out == tamp_here("help", "--man", "list").out
    assert tamp_here("help", "--man", "--json").json["manual"] == page
    assert tamp_here("help", "--man", "lst").code == 2


def test_nothing_on_a_page_commands_roff() -> None:
    known = {".TH", ".SH", ".TP", ".B", ".EX", ".EE"}
    for name, page in manual.pages().items():
        commands = {line.split()[0] for line in page.splitlines() if line.startswith((".", "'"))}
        assert commands <= known, name


@pytest.mark.parametrize("tool", ["groff", "mandoc", "man"])
def test_the_pages_can_be_shown(tmp_path: Path, tool: str) -> None:
    if not shutil.which(tool):
        pytest.skip(f"{tool} is not installed")
    for name in ("tamp.1", "tamp-list.1", "tamp-graph.1"):
        path = tmp_path / name
        path.write_text(manual.pages()[name], encoding="utf-8")
        words = {"groff": ["-ww", "-man", "-Kutf8", "-Tutf8"], "mandoc": ["-Tlint", "-Werror"],
                 "man": ["-l", "-P", "cat"]}[tool]  # fmt: skip
        shown = subprocess.run(
            [tool, *words, str(path)], capture_output=True, encoding="utf-8", timeout=WAIT,
            check=False,
        )  # fmt: skip
        if "minimized" in shown.stdout + shown.stderr:
            pytest.skip(f"{tool} is a stand-in here")
        assert (shown.returncode, shown.stderr) == (0, "")
        assert "SYNOPSIS" in re.sub(r"\x1b\[[0-9;]*m|.\x08", "", shown.stdout) or tool == "mandoc"


def test_the_build_puts_every_page_where_man_looks(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("manpages", REPOSITORY / "docs" / "manpages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    written = module.write(tmp_path / "man1")

    assert {path.name for path in written} == {"tamp.1", *(f"tamp-{name}.1" for name in COMMANDS)}
    text = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    assert 'path = "docs/manpages.py"' in text
