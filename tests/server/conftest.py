from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.server.calling import Caller, made


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Caller]]:
    """What calls a server for a project with these tags and tasks."""
    callers: list[Caller] = []

    def served(**tags: list[dict[str, Any]]) -> Caller:
        callers.append(Caller(made(tmp_path / str(len(callers)), **tags)))
        return callers[-1]

    yield served
    for one in callers:
        one.close()
