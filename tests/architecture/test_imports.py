"""Imports go one way: the contracts in pyproject.toml, checked as part of the tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from importlinter import api

ROOT = Path(__file__).parents[2]
CONTRACTS = {"layers", "pure", "cold", "acyclic"}


def lint_imports(*options: str) -> subprocess.CompletedProcess[str]:
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", code, "--no-cache", "--config", "pyproject.toml", *options],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_every_contract_is_kept() -> None:
    result = lint_imports()

    assert result.returncode == 0, result.stdout + result.stderr
    assert f"{len(CONTRACTS)} kept, 0 broken" in result.stdout


def test_no_contract_was_lost_from_the_configuration() -> None:
    options = api.read_configuration(str(ROOT / "pyproject.toml"))

    assert {contract["id"] for contract in options["contracts_options"]} == CONTRACTS
    assert options["session_options"]["include_external_packages"] is True


def test_layers_must_name_every_module() -> None:
    options = api.read_configuration(str(ROOT / "pyproject.toml"))
    layers = next(c for c in options["contracts_options"] if c["id"] == "layers")

    assert layers["exhaustive"] is True
    assert layers["containers"] == ["taskmaster"]
