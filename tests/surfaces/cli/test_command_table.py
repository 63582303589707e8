"""What holds for every command, told once: a new command fails here until it has its sample."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.surfaces.cli.conftest import SCRIPTS, Project, Tamp, environ, process

from taskmaster import errors
from taskmaster.cli.table import ALIASES, COMMANDS
from taskmaster.errors import TampError

REPOSITORY = Path(__file__).parents[3]


class Sample(NamedTuple):
    """Arguments that work in the sample project, and some that are understood and refused.

    ``reads`` says whether the command reads the tasks, ``tag`` whether it works on one.
    """

    good: tuple[str, ...]
    bad: tuple[str, ...] = ("--no-such-option",)
    reads: bool = True
    tag: bool = True


SAMPLES = {
    "init": Sample(("--yes",), reads=False, tag=False),
    "parse-prd": Sample(("prd.md", "--append"), ("nowhere.md",)),
    "coverage": Sample(("prd.md",), ("nowhere.md",)),
    "list": Sample((), ("--status=bogus",)),
    "search": Sample(("task",), ("task", "--where=prioritty:high")),
    "views": Sample(("list",), ("show", "typo"), reads=False, tag=False),
    "show": Sample(("3",), ("99",)),
    "next": Sample(()),
    "why": Sample(("3",), ("99",)),
    "tree": Sample((), ("99",)),
    "graph": Sample((), ("99",)),
    "waves": Sample((), ("--limit=-1",)),
    "stats": Sample((), ("--by=colour",)),
    "ui": Sample(("--keys",), reads=False, tag=False),
    "set-status": Sample(("2", "done"), ("99", "done")),
    "add-task": Sample(("A new task",), ("A new task", "--dependencies=99")),
    "add-subtask": Sample(("--parent=2", "--title=A step"), ("--parent=99", "--title=A step")),
    "edit": Sample(("2", "--title=Another"), ("99", "--title=Another")),
    "apply": Sample(("batch.json",), ("nowhere.json",)),
    "template": Sample((), ("show", "typo"), reads=False, tag=False),
    "defer": Sample(("2", "--until=2w"), ("99", "--until=2w")),
    "comment": Sample(("2", "Agreed"), ("99", "Agreed")),
    "link": Sample(("2", "--commit=0f3a9c12"), ("99", "--commit=0f3a9c12")),
    "remove-task": Sample(("2", "--yes"), ("99", "--yes")),
    "remove-subtask": Sample(("3.1",), ("3.9",)),
    "clear-subtasks": Sample(("3",), ("99",)),
    "add-dependency": Sample(("3", "1"), ("1", "3")),
    "remove-dependency": Sample(("3", "2"), ("99", "2")),
    "validate-dependencies": Sample(()),
    "fix-dependencies": Sample(()),
    "move": Sample(("2", "9"), ("99", "9")),
    "tags": Sample(("list",), ("use", "typo"), tag=False),
    "export": Sample(("--format=csv",), ("99",)),
    "import": Sample((".taskmaster/tasks/tasks.json",), ("nowhere.json",)),
    "history": Sample((), ("99",)),
    "undo": Sample(("1",), ("99",), tag=False),
    "doctor": Sample((), tag=False),
    "backup": Sample((), reads=False, tag=False),
    "restore": Sample(("--list",), ("nothing-of-this-name",), reads=False, tag=False),
    "serve": Sample(("--check",), ("--workers=0",)),
    "keys": Sample(("list",), ("revoke", "AAAAAAAA", "--yes"), reads=False, tag=False),
    "generate": Sample(()),
    "sync-readme": Sample((), ("--status=bogus",)),
    "complexity-report": Sample(("--file=report.json",), ("--file=nowhere.json",)),
    "models": Sample((), ("--provider=x",), reads=False, tag=False),
    "lang": Sample((), ("--response=",), reads=False, tag=False),
    "config": Sample(("show",), ("get", "nothing"), reads=False, tag=False),
    "storage": Sample((), ("move", "--to=nonsense:x"), tag=False),
    "db": Sample(("sql", "--url=sqlite:tasks.db"), ("status",), reads=False, tag=False),
    "migrate": Sample(("--dry-run",), tag=False),
    "uninit": Sample(("--dry-run",), tag=False),
    "completion": Sample(("bash",), ("csh",), reads=False, tag=False),
    "version": Sample((), reads=False, tag=False),
    "help": Sample(("list",), ("no-such-command",), reads=False, tag=False),
}
COMMON = set(COMMANDS) & set(SAMPLES)
ON_TAGS = sorted(name for name in COMMON if SAMPLES[name].tag)
IN_PROJECTS = sorted(COMMON - {"init", "completion", "db", "version", "help", "ui"})
READING = sorted(name for name in COMMON if SAMPLES[name].reads)
CORRUPT = '{"master": {"tasks": [\n  {"id": 1, "title": }\n]}}\n'


def test_every_command_has_a_sample_here() -> None:
    assert list(SAMPLES) == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_with_examples(tamp_here: Tamp, name: str) -> None:
    said = tamp_here(name, "--help")
    summary = COMMANDS[name][1]

    assert (said.code, said.err) == (0, "")
    assert f"usage: tamp {name}" in said.out
    assert f"{summary}." in said.out
    examples = said.out.partition("examples:\n")[2].splitlines()
    assert examples
    assert all(re.match(r"  tamp( |$)", line) for line in examples)
    assert tamp_here("help", name).out == said.out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_in_an_example_is_one(tamp_here: Tamp, name: str) -> None:
    options, _, examples = tamp_here(name, "--help").out.partition("examples:\n")
    for line in examples.splitlines():
        for word in re.findall(r" (--[a-z][a-z-]*)", line):
            known = re.search(rf"^ +(-\w, |-\w \S+, )?.*{word}\b", options, re.MULTILINE)
            assert known or line == "  tamp --version", (
                f"{word} of `{line.strip()}` is not an option"
            )


@pytest.mark.parametrize("alias", ALIASES)
def test_every_alias_is_a_command(tamp: Tamp, alias: str) -> None:
    name, *first = ALIASES[alias]

    assert alias not in COMMANDS
    assert name in COMMANDS
    said = tamp(alias, "--help")
    assert (said.code, said.out) == (0, tamp(name, *first, "--help").out)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_answers_with_one_json_document(tamp: Tamp, name: str) -> None:
    tamp("set-status", "1", "review")  # Something to undo and to look back at.

    said = tamp(name, *SAMPLES[name].good, "--json")

    assert said.code == 0, said
    assert re.fullmatch(r"tamp/[a-z-]+\.v1", said.json["schema"])


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_answers_in_words_without_colours_or_json(tamp: Tamp, name: str) -> None:
    tamp("set-status", "1", "review")

    said = tamp(name, *SAMPLES[name].good)

    assert said.code == 0, said
    assert said.out.strip()
    assert "\x1b" not in said.out + said.err
    assert not said.out.startswith("{")


@pytest.mark.parametrize("flag", [("--json",), ("--format=json",), ("--format", "json")])
@pytest.mark.parametrize("name", COMMANDS)
def test_every_error_is_one_json_document_too(
    project: Project, tamp: Tamp, name: str, flag: tuple[str, ...]
) -> None:
    before = project.file.read_bytes()

    said = tamp(name, *SAMPLES[name].bad, *flag)

    assert said.code in (2, 3, 4), said
    assert said.json["schema"] == "tamp/error.v1"
    assert {"code", "message"} <= said.json["error"].keys()
    assert project.file.read_bytes() == before


@pytest.mark.parametrize("name", COMMANDS)
def test_the_error_in_words_goes_to_the_other_stream(tamp: Tamp, name: str) -> None:
    said = tamp(name, *SAMPLES[name].bad)

    assert said.out == ""
    assert re.match(r"error\[[a-z-]+\]: .+", said.err)


@pytest.mark.parametrize("name", COMMANDS)
def test_an_unknown_option_is_refused_with_the_nearest_one(tamp: Tamp, name: str) -> None:
    said = tamp(name, *SAMPLES[name].good, "--jsno")

    assert said.code == 2
    assert "error[unknown-option]" in said.err
    assert "did you mean --json?" in said.err


@pytest.mark.parametrize(
    ("words", "flag"),
    [
        (("list", "--withSubtasks"), "--with-subtasks"),
        (("list", "--allTags"), "--all-tags"),
        (("add-task", "x", "--testStrategy=y"), "--test-strategy"),
        (("parse-prd", "prd.md", "--numTasks=3"), "--num-tasks"),
        (("edit", "1", "--addLabel", "x"), "--add-label"),
        (("edit", "1", "--if_revision=x"), "--if-revision"),
        (("add-dependency", "--id=1", "--dependsOn=2"), "--depends-on"),
    ],
)
def test_a_flag_in_camel_case_is_told_its_name(
    tamp: Tamp, words: tuple[str, ...], flag: str
) -> None:
    said = tamp(*words)

    assert said.code == 2
    assert f"did you mean {flag}?" in said.err


@pytest.mark.parametrize("name", ON_TAGS)
def test_a_tag_that_is_not_there_is_an_error_and_is_never_made(
    project: Project, tamp: Tamp, name: str
) -> None:
    before = project.file.read_bytes()

    for flag in (("--tag", "typo"), ("--tag=typo",), ("-t", "typo")):
        if name in ("add-task", "add-subtask") and flag[0] == "-t":
            continue  # The original tool's -t is the title there.
        said = tamp(name, *SAMPLES[name].good, *flag)
        assert said.code == 3, (said, flag)
        assert "there is no tag typo" in said.err
    assert project.file.read_bytes() == before


@pytest.mark.parametrize("name", sorted(COMMON - {*ON_TAGS}))
def test_a_command_for_all_tags_makes_none_either(project: Project, tamp: Tamp, name: str) -> None:
    before = project.file.read_bytes()

    said = tamp(name, *SAMPLES[name].good, "--tag=typo")

    assert said.code in (0, 2, 3)
    assert project.file.read_bytes() == before


@pytest.mark.parametrize("name", ON_TAGS)
def test_a_missing_tag_of_the_surroundings_is_an_error_too(
    project: Project, tamp: Tamp, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("TAMP_TAG", "typo")
    before = project.file.read_bytes()

    said = tamp(name, *SAMPLES[name].good)

    assert said.code == (0 if name == "history" else 3)
    assert project.file.read_bytes() == before


@pytest.mark.parametrize("name", IN_PROJECTS)
def test_without_a_project_every_command_says_how_to_make_one(
    elsewhere: Path, tamp_here: Tamp, name: str
) -> None:
    prd = elsewhere / "prd.md"
    prd.write_text("# Notes\n\n- Users can add a note.\n", encoding="utf-8")

    said = tamp_here(name, *SAMPLES[name].good)

    assert said.code == 3, said
    assert "error[no-project]" in said.err
    assert "tamp init" in said.err
    assert [path.name for path in elsewhere.iterdir()] == ["prd.md"]


@pytest.mark.parametrize("name", READING)
def test_tasks_that_cannot_be_read_are_told_where_and_left_alone(
    project: Project, tamp: Tamp, name: str
) -> None:
    project.file.write_text(CORRUPT, encoding="utf-8")

    said = tamp(name, *SAMPLES[name].good)

    assert said.code == 6, said
    assert "line 2" in said.err + said.out
    assert project.file.read_text(encoding="utf-8") == CORRUPT


@pytest.mark.parametrize("name", COMMANDS)
def test_conflict_markers_are_never_written_over(project: Project, tamp: Tamp, name: str) -> None:
    text = project.file.read_text(encoding="utf-8")
    text = f"<<<<<<< HEAD\n{text}=======\n{text}>>>>>>> branch\n"
    project.file.write_text(text, encoding="utf-8")

    said = tamp(name, *SAMPLES[name].good, "--json")

    assert said.code == 6 if SAMPLES[name].reads else said.code in (0, 6)
    assert json.loads(said.out)["schema"]
    assert project.file.read_text(encoding="utf-8") == text


def test_a_command_that_is_not_there_is_refused_with_the_nearest_one(tamp: Tamp) -> None:
    said = tamp("set-staus", "1", "done")

    assert said.code == 2
    assert "did you mean set-status?" in said.err


@pytest.mark.parametrize("words", [(), ("--help",), ("-h",), ("help",)])
def test_all_commands_are_listed(tamp_here: Tamp, words: tuple[str, ...]) -> None:
    said = tamp_here(*words)

    assert said.code == 0
    for name, (_module, summary) in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(summary)}$", said.out, re.MULTILINE)


def classes() -> list[type[TampError]]:
    found = [one for one in vars(errors).values() if isinstance(one, type)]
    return [one for one in found if issubclass(one, TampError)]


def documented() -> dict[str, int]:
    """The exit code of each word in the table of the reference page."""
    page = (REPOSITORY / "docs" / "reference" / "exit-codes.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d) \|[^|]*\|([^|]*)\|$", page, re.MULTILINE)
    assert [int(number) for number, _words in rows] == list(range(9))
    return {word: int(number) for number, words in rows for word in re.findall("`([^`]+)`", words)}


def test_every_kind_of_error_has_its_documented_exit_code() -> None:
    assert {one.code: one.exit_code for one in classes()} == documented()


def test_the_drawing_of_the_errors_says_the_same() -> None:
    drawn = re.findall(r"^(?:[├└]── )?(\w+) .* exit (\d)$", errors.__doc__ or "", re.MULTILINE)

    assert {name: int(code) for name, code in drawn} == {
        one.__name__: one.exit_code for one in classes()
    }


@pytest.mark.parametrize("script", ["TAMP", "tamp"])
def test_the_line_that_everybody_knows_works_as_it_stands(project: Project, script: str) -> None:
    """``TAMP set-status --id=1 --status=done``"""
    path = SCRIPTS / script
    start = [str(path)] if path.exists() else [sys.executable, "-m", "taskmaster"]

    result = subprocess.run(
        [*start, "set-status", "--id=2", "--status=done"],
        cwd=project.folder,
        env=environ(),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )

    assert (result.returncode, result.stderr) == (0, "")
    assert "2: pending → done" in result.stdout
    assert project.read()["2"]["status"] == "done"


def test_the_module_is_the_command(project: Project) -> None:
    said = process(project.folder, "--version")

    assert re.fullmatch(r"tamp \d+\.\d+\.\d+\S*\n", said.out)
