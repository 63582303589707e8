"""Keys that one JSON object says twice: allowed by most readers, and a value is lost on the way."""

from __future__ import annotations

import json

from taskmaster.domain.task import Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from taskmaster.stores.file.layout import Layout


class _Object(dict[str, object]):
    """An object that remembers which of its keys came more than once."""

    repeated: tuple[str, ...] = ()


def repeated_keys(layout: Layout) -> list[tuple[str, str, str]]:
    """Each (tag, task id, key) where a task or subtask says one key twice."""
    root = json.loads(layout.text, object_pairs_hook=_object)
    found = []
    for tag in layout.states:
        entries = root
        for step in layout.path_of(tag):
            entries = entries[step]
        for entry in entries:
            found += [(tag, task_id, key) for task_id, key in _within(entry)]
    return found


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    marked = _Object(plain)
    keys = [key for key, _value in pairs]
    marked.repeated = tuple(key for key in plain if keys.count(key) > 1)
    return marked


def _within(entry: object) -> Iterator[tuple[str, str]]:
    if not isinstance(entry, dict):
        return
    task = Task(entry)
    for one in (task, *task.subtasks):
        if isinstance(one.doc, _Object):
            for key in one.doc.repeated:
                yield one.id, key
