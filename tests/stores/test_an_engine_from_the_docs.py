"""The engine that the documentation shows how to write is one."""

from __future__ import annotations

import importlib
import itertools
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from taskmaster.ports import Store
from taskmaster.testing.stores import StoreContract

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "write-an-engine.md"
_NUMBERS = itertools.count(1)


class TestEngineFromTheDocs(StoreContract):
    @pytest.fixture(autouse=True)
    def engine(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = tmp_path
        text = PAGE.read_text(encoding="utf-8")
        found = re.search(r'```python title="engine.py"\n(.*?)```', text, re.DOTALL)
        assert found
        (tmp_path / "engine.py").write_text(found[1], encoding="utf-8")
        # Processes that are begun get the path too.
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.delitem(sys.modules, "engine", raising=False)
        self._engine: Any = importlib.import_module("engine").OneFile

    def make_store(self) -> Store:
        store: Store = self._engine(str(self._folder / f"tasks-{next(_NUMBERS)}.json"))
        return store

    def impatient(self, store: Store) -> Store:
        other: Store = self._engine(store.path, patience=0.05)  # type: ignore[attr-defined]
        return other

    def address(self, store: Store) -> tuple[str, ...]:
        return ("engine:OneFile", store.path)  # type: ignore[attr-defined]
