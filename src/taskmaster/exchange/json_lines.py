"""JSON and JSON Lines: everything, as it is stored.

JSON is one object ``{"schema": "tamp/export.v1", "tags": {NAME: {"tasks": [...], "metadata"}}}``.
JSON Lines has one object a line: ``kind`` is ``tag`` (with its ``metadata``) or ``task``.
"""

from __future__ import annotations

import json

from taskmaster.domain.parcel import Batch, Losses, Parcel, Rendering
from taskmaster.domain.task import Task
from taskmaster.exchange.reading import malformed, only, parsed, parsed_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from taskmaster.domain.parcel import Shipment, Source

    TaskList = tuple[Mapping[str, object], list[object]]
    Lists = dict[str, TaskList]

SCHEMA = "tamp/export.v1"
SYSTEM = "taskmaster"
_SETTINGS = ("tasks", "metadata", "meta", "schema", "tag", "success", "storageType")


def write_json(shipment: Shipment) -> Rendering:
    document = {
        "schema": SCHEMA,
        "tags": {
            batch.tag: {
                "tasks": [task.doc for task in batch.tasks],
                "metadata": dict(batch.metadata),
            }
            for batch in shipment.batches
        },
    }
    return Rendering(_dumped(document, indent=2) + "\n", ())


def write_lines(shipment: Shipment) -> Rendering:
    return Rendering("".join(lines_of(shipment)), ())


def lines_of(shipment: Shipment) -> Iterator[str]:
    """JSON Lines, one after the other, each with its end."""
    for batch in shipment.batches:
        head = {"schema": SCHEMA, "kind": "tag", "tag": batch.tag, "metadata": dict(batch.metadata)}
        yield f"{_dumped(head)}\n"
        for task in batch.tasks:
            yield f"{_dumped({'kind': 'task', 'tag': batch.tag, 'task': task.doc})}\n"


def _dumped(value: object, indent: int | None = None) -> str:
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    try:
        text.encode()
    except UnicodeEncodeError:  # Half a character, which UTF-8 cannot hold but an escape can.
        text = json.dumps(value, indent=indent)
    return text


def read_json(source: Source) -> Parcel:
    """Task lists in any shape that a task file or an answer of ours has had."""
    found = lists(parsed(only(source), source.name))
    if not found:
        raise malformed(source.name, "the top level", "there is no list of tasks")
    return _parcel(source, found)


def read_lines(source: Source) -> Parcel:
    """What ``write_lines`` wrote, in whatever order."""
    found: Lists = {}
    for number, entry in parsed_lines(only(source), source.name):
        tag, kind = str(entry.get("tag", "")), entry.get("kind")
        _metadata, tasks = found.setdefault(tag, ({}, []))
        if kind == "tag":
            told = entry.get("metadata")
            found[tag] = (told if isinstance(told, dict) else {}, tasks)
        elif kind == "task":
            tasks.append(entry.get("task"))
        else:
            raise malformed(source.name, f"line {number}", f"the kind {kind!r} is not known")
    return _parcel(source, found)


def _parcel(source: Source, found: Lists) -> Parcel:
    losses = Losses()
    batches = []
    for tag, (metadata, entries) in found.items():
        tasks = [Task(entry) for entry in entries if isinstance(entry, dict)]
        for entry in entries:
            if not isinstance(entry, dict):
                losses.add("entries that are no tasks", repr(entry))
        batches.append(Batch(tag, metadata, tasks))
    return Parcel(SYSTEM, source.name, batches, losses.listed(), own=True)


def lists(value: object) -> Lists:
    """The task lists in a document by tag; ``""`` names a list that stands alone."""
    if isinstance(value, list):
        return {"": ({}, _flat(value))} if _holds_tasks(value) else {}
    if not isinstance(value, dict):
        return {}
    for key in ("tags", "data"):
        inner = value.get(key)
        if isinstance(inner, dict) and (found := lists(inner)):
            return found
    if isinstance(value.get("tasks"), list):
        return {"": (_metadata_of(value), _flat(value["tasks"]))}
    return dict(_tagged(value))


def _tagged(value: Mapping[str, object]) -> Iterator[tuple[str, TaskList]]:
    for tag, state in value.items():
        if tag in _SETTINGS:
            continue
        if isinstance(state, dict) and isinstance(state.get("tasks"), list):
            yield tag, (_metadata_of(state), _flat(state["tasks"]))
        elif isinstance(state, list) and state and _holds_tasks(state):
            yield tag, ({}, _flat(state))


def _metadata_of(state: Mapping[str, object]) -> Mapping[str, object]:
    metadata = state.get("metadata", state.get("meta"))
    return metadata if isinstance(metadata, dict) else {}


def _flat(entries: list[object]) -> list[object]:
    """The entries, out of the second list that some files have around them."""
    first = entries[0] if len(entries) == 1 else None
    return first if isinstance(first, list) else entries


def _holds_tasks(entries: list[object]) -> bool:
    return all(isinstance(one, dict) and "title" in one for one in _flat(entries))
