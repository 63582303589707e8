"""The reference is generated from the commands, so it cannot say anything else than they do."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from taskmaster.cli.table import COMMANDS

DOCS = Path(__file__).parents[2] / "docs"


def generated() -> str:
    spec = importlib.util.spec_from_file_location("commands", DOCS / "commands.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    text: str = module.page()
    return text


def test_the_reference_page_is_what_the_commands_say() -> None:
    written = (DOCS / "reference" / "commands.md").read_text(encoding="utf-8")
    assert written == generated(), "run: python docs/commands.py"


def test_the_reference_names_every_command() -> None:
    text = generated()
    assert [name for name in COMMANDS if f"\n## {name}\n" not in text] == []
