"""The page about environment variables names each that is looked at, and no other."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "environment.md").read_text(encoding="utf-8")
VARIABLE = re.compile(r"\bTAMP_[A-Z]+(?:_[A-Z]+)*\b")
# How a server tells its own processes what they are to do.
OWN = {"TAMP_SERVER_SETTINGS"}


def mentioned() -> set[str]:
    texts = (path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py"))
    return {name for text in texts for name in VARIABLE.findall(text)} - OWN


def test_every_variable_is_documented() -> None:
    assert sorted(mentioned() - {*VARIABLE.findall(PAGE)}) == []


def test_every_documented_variable_is_looked_at() -> None:
    source = "".join(path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py"))
    # Secrets have variables that end in these, made when they are asked for.
    found = {re.sub("_(FILE|COMMAND)$", "", name) for name in VARIABLE.findall(PAGE)}

    assert sorted(name for name in found if name not in source) == []
