"""A store whose readers give no more than they promise, and notice who asks for everything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, cast

from taskmaster.domain.changes import Stamp, Version
from taskmaster.domain.graph import Node
from taskmaster.domain.task import Task
from taskmaster.ports import Keyring, Reader, Writer
from taskmaster.stores.memory import MemoryStore
from taskmaster.testing.answers import holds, promised


class FrugalStore:
    """The memory engine, told as little as the contract allows."""

    kind = "memory"

    def __init__(self, inner: MemoryStore) -> None:
        self.inner = inner
        self.everything: list[str] = []
        """Which questions for everything were asked."""

    def oddities(self) -> Sequence[str]:
        return self.inner.oddities()

    def version(self) -> Version:
        return self.inner.version()

    def keyring(self) -> Keyring:
        return self.inner.keyring()

    def reading(self) -> AbstractContextManager[Reader]:
        return self._reading()

    def writing(self, stamp: Stamp) -> AbstractContextManager[Writer]:
        return self._writing(stamp)

    @contextmanager
    def _reading(self) -> Iterator[Reader]:
        with self.inner.reading() as reader:
            yield cast("Reader", _Frugal(reader, self.everything))

    @contextmanager
    def _writing(self, stamp: Stamp) -> Iterator[Writer]:
        with self.inner.writing(stamp) as writer:
            yield cast("Writer", _Frugal(writer, self.everything))


class _Frugal:
    def __init__(self, inner: Reader, everything: list[str]) -> None:
        self._inner = inner
        self._everything = everything

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever the engine itself has
        if name in ("tasks", "nodes", "entries"):
            self._everything.append(name)
        return getattr(self._inner, name)

    def around(self, tag: str, ids: Iterable[str]) -> Mapping[str, Node]:
        enough = promised(ids, self._inner.tasks(tag))
        return {one: node for one, node in self._inner.nodes(tag).items() if one in enough}

    def containing(self, tag: str, words: Sequence[str]) -> Sequence[Task]:
        return [task for task in self._inner.tasks(tag) if holds(task, words)]
