"""What is wrong in the text of a task file and cannot be seen in the tasks read from it."""

from __future__ import annotations

import json

from taskmaster.domain.task import Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from taskmaster.stores.file.layout import Layout

    Flaw = tuple[str, str, str, str]


class _Object(dict[str, object]):
    """An object that remembers which of its keys came more than once."""

    repeated: tuple[str, ...] = ()


def flaws(layout: Layout) -> list[Flaw]:
    """Each flaw as (code, tag, task id, sentence): keys that stand twice in a task."""
    root = json.loads(layout.text, object_pairs_hook=_object)
    found: list[Flaw] = []
    for tag in layout.states:
        entries = root
        for step in layout.path_of(tag):
            entries = entries[step]
        for entry in entries:
            if isinstance(entry, dict):
                found += _repeated(tag, Task(entry))
    return found


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    marked = _Object(plain)
    keys = [key for key, _value in pairs]
    marked.repeated = tuple(key for key in plain if keys.count(key) > 1)
    return marked


def _repeated(tag: str, task: Task) -> Iterator[Flaw]:
    for one in (task, *task.subtasks):
        if isinstance(one.doc, _Object):
            for key in one.doc.repeated:
                sentence = f"the key {key!r} stands twice in it; the last one counts"
                yield "repeated-key", tag, one.id, sentence
