"""Every command and flag of the original tool works here, or is answered; none is silent."""

from __future__ import annotations

import importlib.util
import json
import shlex
from argparse import Action
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tests.surfaces.cli.conftest import Tamp

from taskmaster.cli.elsewhere import ELSEWHERE
from taskmaster.cli.parser import Parser, _Accepted, parser_of
from taskmaster.cli.table import ALIASES, COMMANDS

DOCS = Path(__file__).parents[3] / "docs"
DATA = json.loads((DOCS / "parity.json").read_text(encoding="utf-8"))
ENTRIES: list[dict[str, Any]] = DATA["commands"]
HERE = [entry for entry in ENTRIES if entry["status"] != "answered"]
FLAGS = [
    (entry["name"], flag)
    for entry in HERE
    for flag in [*entry["flags"].split(), *DATA["everywhere"]["flags"].split()]
]
ANSWERED = [
    (entry["name"], flag, words)
    for entry in HERE
    for flag, words in entry.get("answered", {}).items()
]


def generated() -> ModuleType:
    spec = importlib.util.spec_from_file_location("parity", DOCS / "parity.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def parser(name: str) -> Parser:
    command = ALIASES.get(name, (name,))[0]
    module_name, summary = COMMANDS[command]
    module = importlib.import_module(f"taskmaster.cli.commands.{module_name}")
    return parser_of(command, module, summary)


def options(name: str) -> dict[str, Action]:
    return parser(name)._option_string_actions


def test_the_page_is_what_the_data_says() -> None:
    written = (DOCS / "reference" / "parity.md").read_text(encoding="utf-8")

    assert written == generated().page(), "run: python docs/parity.py"


def test_every_command_of_the_original_is_told_once() -> None:
    names = [name for entry in ENTRIES for name in (entry["name"], *entry.get("aliases", ()))]

    assert len(names) == len(set(names)) == 52


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])
def test_every_command_has_a_known_status(entry: dict[str, Any]) -> None:
    assert entry["status"] in ("works", "mended", "answered")
    here = entry["name"] in COMMANDS or entry["name"] in ALIASES
    assert here == (entry["status"] != "answered")
    assert here or entry["name"] in ELSEWHERE
    assert entry["status"] != "mended" or entry["note"]
    for alias in entry.get("aliases", ()):
        assert alias in ALIASES or alias in ELSEWHERE


@pytest.mark.parametrize(("name", "flag"), FLAGS)
def test_a_flag_that_works_is_known_and_does_something(name: str, flag: str) -> None:
    action = options(name)[flag]

    assert not isinstance(action, _Accepted), f"{flag} of {name} has no effect"


@pytest.mark.parametrize(("name", "flag", "words"), ANSWERED)
def test_a_flag_that_is_answered_says_so(
    tamp: Tamp, name: str, flag: str, words: list[str]
) -> None:
    assert flag in options(name)
    if not words:
        return  # Nothing was asked for that could be left out.
    said = tamp(name, *words)

    needs_a_model = said.code in (2, 7) and "error[" in said.err
    assert needs_a_model or (said.code == 0 and "note: " in said.err)
    assert "model" in said.err or "no effect" in said.err


@pytest.mark.parametrize("name", COMMANDS)
def test_there_is_no_banner_to_switch_off(name: str) -> None:
    assert isinstance(options(name)["--no-banner"], _Accepted)


@pytest.mark.parametrize("name", [one for one in ELSEWHERE if one not in COMMANDS])
def test_a_command_that_is_elsewhere_says_what_to_use_instead(tamp: Tamp, name: str) -> None:
    entry = next(entry for entry in ENTRIES if name in (entry["name"], *entry.get("aliases", ())))
    flags = [flag for flag in entry["flags"].split() if flag != "--json"]

    said = tamp(name, "5", *flags, "x")
    as_json = tamp(name, *flags, "--json")
    explained = tamp(name, "--help")

    found = ELSEWHERE[name]
    assert said.code == (7 if found.kind == "needs-a-model" else 2)
    assert said.out == ""
    assert f"error[{found.kind}]: tamp has no command {name}" in said.err
    assert as_json.json["error"]["details"] == {"instead": list(found.instead)}
    assert (explained.code, explained.err) == (0, "")
    assert all(f"  {line}" in explained.lines for line in found.instead)
    assert tamp("help", name).out == explained.out


@pytest.mark.parametrize(
    "line", sorted({line for found in ELSEWHERE.values() for line in found.instead})
)
def test_what_to_use_instead_is_there(line: str) -> None:
    program, name, *words = shlex.split(line)

    assert program == "tamp"
    assert name in COMMANDS
    parser(name).parse_known_args(words)
    for word in words:
        if word.startswith("-"):
            assert word.partition("=")[0] in options(name)
