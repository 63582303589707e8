"""The page about storage names every way in which a database can be refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from taskmaster.stores.postgres import refusals as postgres

ROOT = Path(__file__).parents[2]
ENGINES = ROOT / "src" / "taskmaster" / "stores"
# Those of copies and of migrations as such have pages of their own.
ELSEWHERE = frozenset(
    "no-copy no-task-file no-pg-dump pg-dump-failed unknown-form no-way-back no-such-migration"
    " package-damaged".split()
)


def documented() -> set[str]:
    page = (ROOT / "docs" / "reference" / "storage.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\|([^|]*`[^|]*)\| [1-8] \|", page, re.MULTILINE)
    return {code for row in rows for code in re.findall(r"`([a-z-]+)`", row)}


def raised() -> set[str]:
    texts = [
        path.read_text(encoding="utf-8")
        for engine in ("sql", "sqlite", "postgres")
        for path in (ENGINES / engine).glob("*.py")
    ]
    found = {code for text in texts for code in re.findall(r'code="([a-z-]+)"', text)}
    found |= {row[2] for row in postgres._BY_CODE} | {row[2] for row in postgres._BY_WORDS}
    return found - ELSEWHERE


def test_every_refusal_of_a_database_is_documented() -> None:
    assert sorted(raised() - documented()) == []


@pytest.mark.parametrize("code", sorted(documented()))
def test_every_documented_refusal_is_one(code: str) -> None:
    source = ROOT / "src" / "taskmaster"
    quoted = f'"{code}"'
    assert any(quoted in path.read_text(encoding="utf-8") for path in source.rglob("*.py"))
