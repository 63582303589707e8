from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from taskmaster.stores.file.store import FileStore

Open = Callable[[str | bytes], FileStore]


@pytest.fixture
def project(tmp_path: Path) -> Open:
    """Opens a project whose task file says what is given."""

    def opened(content: str | bytes) -> FileStore:
        path = tmp_path / ".taskmaster" / "tasks" / "tasks.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return FileStore(str(path), str(tmp_path / ".taskmaster"), patience=20)

    return opened
