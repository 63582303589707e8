"""The keys that open a project kept in files: ``keys.json``, which nobody else may read."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager

from taskmaster import config
from taskmaster.domain.changes import Actor, Stamp
from taskmaster.errors import CorruptStore
from taskmaster.stores.file import disk
from taskmaster.workspace import utc_now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Protocol

    Keys = dict[str, Mapping[str, object]]

    class Held(Protocol):
        """What of the store is needed: where it is, and its writer's place."""

        home: str
        keys: str

        def lock(self, stamp: Stamp) -> int: ...
        def unlock(self, handle: int) -> None: ...


class FileKeyring:
    """As ``ports.Keyring``; whoever changes it has the writer's place of the store."""

    def __init__(self, store: Held) -> None:
        self._store = store
        self._path = store.keys

    def entries(self) -> Keys:
        with _explained():
            return read(self._path)

    @contextmanager
    def changing(self) -> Iterator[Keys]:
        stamp = Stamp(Actor("tamp", "system", ""), "library", "keys", "", utc_now())
        with _explained():
            handle = self._store.lock(stamp)
        try:
            with _explained():
                held = read(self._path)
            before = json.dumps(held)
            yield held
            if json.dumps(held) != before:
                with _explained():
                    self._keep(held)
        finally:
            self._store.unlock(handle)

    def _keep(self, held: Keys) -> None:
        if not os.path.exists(self._path):
            config.keep_out_of_git(self._store.home)
        write(self._path, held)
        disk.sync_folder(self._store.home)


def read(path: str) -> Keys:
    """The keys in a file, none where there is no such file. Raises CorruptStore."""
    data = disk.read(path)
    if data is None:
        return {}
    try:
        found = json.loads(data)
    except json.JSONDecodeError as error:
        raise _damaged(path, f"is no JSON at line {error.lineno}, column {error.colno}") from error
    except (ValueError, RecursionError) as error:
        raise _damaged(path, "is no JSON in UTF-8") from error
    if not isinstance(found, dict) or not all(isinstance(one, dict) for one in found.values()):
        raise _damaged(path, "holds something else than keys")
    return found


def write(path: str, held: Mapping[str, Mapping[str, object]]) -> None:
    """Write the file in one step; only its owner may read it."""
    fresh = f"{path}.new"
    disk.remove(fresh)
    disk.write(fresh, json.dumps(dict(held), indent=2).encode() + b"\n", mode=0o600)
    os.replace(fresh, path)


def _damaged(path: str, what: str) -> CorruptStore:
    return CorruptStore(
        f"{path}, which says who may call a server, {what}",
        hint="mend it; without the file nobody may, until `tamp keys create` makes new keys",
        code="corrupt-keys",
    )


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise disk.explained(error) from error
