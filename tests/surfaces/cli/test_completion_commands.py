"""Completion as shells run it: bash for certain, the others where they are installed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.surfaces.cli.conftest import WAIT, Project, Tamp, environ

from taskmaster.cli.table import ALIASES, COMMANDS

SHELLS = ("bash", "zsh", "fish", "powershell")
# Completes the words of $1 as if Tab were pressed at their end; `=` is a word of its own there.
PRESSED = """
source "$SCRIPT"
IFS=$'\\x1f' read -ra COMP_WORDS <<< "$1"
[[ $1 == *$'\\x1f' ]] && COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_tamp
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def tab(project: Project, tamp: Tamp, tmp_path: Path):  # type: ignore[no-untyped-def]  # noqa: ANN201  # a function
    """What bash offers where the words end."""
    bash = shutil.which("bash")
    if not bash:
        pytest.skip("bash is not installed")
    script = tmp_path / "tamp.bash"
    script.write_text(tamp("completion", "bash").out, encoding="utf-8")
    binary = tmp_path / "bin" / "tamp"
    binary.parent.mkdir()
    binary.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m taskmaster "$@"\n', encoding="utf-8")
    binary.chmod(0o755)

    def press(*words: str) -> list[str]:
        around = environ(SCRIPT=str(script))
        around["PATH"] = f"{binary.parent}:{around['PATH']}"
        result = subprocess.run(
            [bash, "--norc", "-c", PRESSED, "bash", "\x1f".join(("tamp", *words))],
            cwd=project.folder, env=around, capture_output=True, encoding="utf-8", timeout=WAIT,
            check=False,
        )  # fmt: skip
        assert (result.returncode, result.stderr) == (0, "")
        return result.stdout.split("\n")[:-1] if result.stdout.strip() else []

    return press


def test_bash_completes_commands_and_their_other_names(tab) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    assert set(tab("")) == {*COMMANDS, *ALIASES}
    assert tab("set-s") == ["set-status"]
    assert tab("use-") == ["use-tag"]


def test_bash_completes_options(tab) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    assert tab("list", "--with") == ["--with-subtasks"]
    assert tab("ls", "--with") == ["--with-subtasks"]
    assert "--no-pager" in tab("stats", "--")
    assert "--version" in tab("--")
    assert "--generate" not in tab("remove-subtask", "--")


def test_bash_completes_the_values_of_options(tab) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    assert tab("graph", "--format", "m") == ["mermaid"]
    assert tab("graph", "--format", "=", "m") == ["mermaid"]
    assert tab("graph", "--format", "=") == ["text", "mermaid", "dot", "svg", "json"]
    assert tab("list", "--status", "pe") == ["pending"]
    assert tab("add-task", "--priority", "h") == ["high"]
    assert tab("edit", "1", "--title", "") == []


def test_bash_completes_ids_tags_and_files_of_the_project(tab) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    assert tab("show", "") == ["2", "3", "3.1", "3.2", "1"]
    assert tab("show", "--json", "3.") == ["3.1", "3.2"]
    assert tab("list", "--tag", "") == ["master", "other"]
    assert tab("--tag", "=", "o") == ["other"]
    assert tab("--tag", "other", "lis") == ["list"]
    assert tab("parse-prd", "pr") == ["prd.md"]
    assert set(tab("tags", "re")) == {"rename", "remove"}
    assert "done" in tab("set-status", "2", "")
    assert tab("help", "wav") == ["waves"]
    assert tab("completion", "z") == ["zsh"]


def test_the_name_of_a_tag_is_never_run(project: Project, tab) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    project.write(**{"$(touch owned)": [], "a b": []})

    assert tab("list", "--tag", "$") == [r"\$\(touch\ owned\)"]
    assert tab("list", "--tag", "a") == [r"a\ b"]
    assert not (project.folder / "owned").exists()


def test_completing_without_a_project_is_quiet(elsewhere: Path, tamp_here: Tamp) -> None:
    assert elsewhere.is_dir()
    for kind in ("ids", "tags", "views"):
        assert tamp_here("complete", kind) == (0, "", "")


def test_titles_stand_after_a_tab(tamp: Tamp) -> None:
    assert tamp("complete", "ids", "--titles").lines[0] == "2\tTask 2"
    assert tamp("complete", "ids", "--json").json["words"][0] == "2"


@pytest.mark.parametrize("shell", SHELLS)
def test_every_script_knows_every_command_and_option(tamp: Tamp, shell: str) -> None:
    script = tamp("completion", shell).out

    for name in (*COMMANDS, *ALIASES):
        assert re.search(rf"\b{name}\b", script)
    for flag in ("with-subtasks", "depends-on", "no-pager", "dry-run"):
        assert re.search(rf"(--|-l ){flag}\b", script)
    for kind in ("ids", "tags", "views"):
        assert kind in script
    assert "@" + "COMMANDS" not in script
    assert tamp("completion", shell, "--json").json["script"] == script


@pytest.mark.parametrize(("shell", "check"), [("bash", "-n"), ("zsh", "-n"), ("fish", "-n")])
def test_shells_can_read_their_scripts(tamp: Tamp, tmp_path: Path, shell: str, check: str) -> None:
    found = shutil.which(shell)
    if not found:
        pytest.skip(f"{shell} is not installed")
    script = tmp_path / "script"
    script.write_text(tamp("completion", shell).out, encoding="utf-8")
    subprocess.run([found, check, str(script)], check=True, capture_output=True, timeout=WAIT)


@pytest.mark.parametrize("shell", SHELLS)
def test_quotes_and_brackets_are_closed(tamp: Tamp, shell: str) -> None:
    """What can be told without the shell: every data line is closed in itself."""
    script = tamp("completion", shell).out
    assert script.count("\nfunction ") == script.count("\nend") or shell != "fish"
    for line in script.splitlines():
        quotes = line.replace("'\\''", "").replace("\\'", "")
        if not line.lstrip().startswith("#"):
            assert quotes.count("'") % 2 == 0, line
    if shell == "powershell":
        bare = re.sub(r"'[^']*'", "", script)
        assert [bare.count(one) for one in "({["] == [bare.count(one) for one in ")}]"]
