"""The folder in which a task file to be is put together piece by piece, where nobody sees it."""

from __future__ import annotations

import json
import os

from taskmaster.domain.changes import TagState
from taskmaster.domain.copies import Received
from taskmaster.stores.file import disk
from taskmaster.stores.file.journal import Journal, encoded, line_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from taskmaster.domain.changes import Transaction


class Incoming:
    """What was received so far under one mark; every call needs the writer's lock.

    ``mark.json`` says under which mark and who fills it, ``content.jsonl`` has a line for each tag
    and each piece of its list, ``changes.jsonl`` is the log, ``keys.json`` the keyring where that
    comes along. ``tasks.json`` is made of them last.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.log = Journal(os.path.join(folder, "changes.jsonl"))
        self.tasks = os.path.join(folder, "tasks.json")
        self.keys = os.path.join(folder, "keys.json")
        self._mark = os.path.join(folder, "mark.json")
        self._content = Journal(os.path.join(folder, "content.jsonl"))

    def open(self, mark: str, receiver: str) -> Received:
        """Begin or go on; from now on *receiver* fills it. What was half written is cut off."""
        if self._told().get("mark") != mark:
            self.remove()
        os.makedirs(self.folder, exist_ok=True)
        for part in (self.log, self._content):
            disk.append(part.path, b"")
            part.mend()
        told = {"mark": mark, "receiver": receiver}
        disk.replace(self._mark, json.dumps(told).encode(), sync=True)
        disk.sync_folder(self.folder)
        counts = {tag: len(state.entries) for tag, state in self.states().items()}
        return Received(counts, self.log.last()[0])

    def filled_by(self, receiver: str) -> bool:
        return self._told().get("receiver") == receiver

    def add_changes(self, transactions: Iterable[Transaction]) -> None:
        _add(self.log, [line_of(one) for one in transactions])

    def add_tag(self, name: str, metadata: Mapping[str, object]) -> None:
        _add(self._content, [encoded({"tag": name, "metadata": dict(metadata)})])

    def add_entries(self, tag: str, entries: Sequence[object]) -> None:
        _add(self._content, [encoded({"in": tag, "entries": entries})])

    def states(self) -> dict[str, TagState]:
        metadata: dict[str, Mapping[str, object]] = {}
        entries: dict[str, list[object]] = {}
        for piece in self._pieces():
            if "tag" in piece:
                metadata[piece["tag"]], entries[piece["tag"]] = piece["metadata"], []
            else:
                entries[piece["in"]] += piece["entries"]
        return {tag: TagState(metadata[tag], entries[tag]) for tag in metadata}

    def remove(self) -> None:
        """Take everything away; the mark first, without which nothing counts."""
        if os.path.isdir(self.folder):
            disk.remove(self._mark)
            for name in os.listdir(self.folder):
                os.unlink(os.path.join(self.folder, name))
            os.rmdir(self.folder)

    def _told(self) -> Mapping[str, str]:
        told: Mapping[str, str] = json.loads(disk.read(self._mark) or b"{}")
        return told

    def _pieces(self) -> Iterator[dict[str, Any]]:
        for line in (disk.read(self._content.path) or b"").splitlines():
            yield json.loads(line)


def _add(part: Journal, lines: list[bytes]) -> None:
    if lines:
        part.mend()  # There may have been no room for the end of the line before.
        part.append(b"\n".join(lines))
