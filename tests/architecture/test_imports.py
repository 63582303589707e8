"""Imports go one way: the contracts in pyproject.toml, checked as part of the tests."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import taskmaster
from taskmaster import app

ROOT = Path(__file__).parents[2]
CONTRACTS = {"layers", "pure", "cold", "cold-sqlite", "drivers", "acyclic"}


def lint_imports(*options: str) -> subprocess.CompletedProcess[str]:
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [
            sys.executable,
            "-c",
            code,
            "--no-logo",
            "--no-cache",
            "--config",
            "pyproject.toml",
            *options,
        ],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_every_contract_is_kept() -> None:
    result = lint_imports()

    assert result.returncode == 0, result.stdout + result.stderr
    assert f"{len(CONTRACTS)} kept, 0 broken" in result.stdout


def test_no_contract_was_lost_or_loosened() -> None:
    options = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    linter = options["tool"]["importlinter"]
    contracts = {contract["id"]: contract for contract in linter["contracts"]}

    assert linter["include_external_packages"] is True
    assert contracts.keys() == CONTRACTS
    assert contracts["layers"]["exhaustive"] is True
    assert contracts["layers"]["containers"] == ["taskmaster"]


TABLES = (app.DOORBELLS, app.LISTENERS, app.PLANNERS, app.STORES)


@pytest.mark.parametrize("address", [one for table in TABLES for one in table.values()])
def test_every_adapter_named_in_a_table_can_be_loaded(address: str) -> None:
    assert callable(app.load(address))


@pytest.mark.parametrize("name", taskmaster.__all__)
def test_everything_the_package_offers_is_there(name: str) -> None:
    assert getattr(taskmaster, name)
    assert name in dir(taskmaster)


def test_the_package_offers_nothing_else() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'close_project'"):
        taskmaster.close_project  # type: ignore[attr-defined]  # noqa: B018
