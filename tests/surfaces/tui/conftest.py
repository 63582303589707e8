from __future__ import annotations

from pathlib import Path

import pytest
from tests.surfaces.cli.conftest import Project, step, task


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Three tasks in a line, the last with two subtasks, one beside them, and a second tag."""
    made = Project(tmp_path / "project")
    made.write(
        task(1, status="done"),
        task(2, dependencies=[1], priority="high"),
        task(3, dependencies=[2], subtasks=[step(1), step(2, dependencies=[1])]),
        task(4, title="Paint the fence", status="in-progress", priority="low"),
        other=[task(1, title="Elsewhere")],
    )
    return made
