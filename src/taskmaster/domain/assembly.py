"""Tasks made of what other programs call them: nested, numbered, and waiting for one another."""

from __future__ import annotations

from taskmaster.domain import ids
from taskmaster.domain.task import Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from taskmaster.domain.parcel import Item, Losses

LONGEST_TITLE = 500


def nested(items: Sequence[Item], parents: Mapping[str, str], losses: Losses) -> list[Item]:
    """The items as a list of tasks with subtasks, given the parent's key of those that have one.

    There is one level of subtasks: what lies deeper becomes a subtask of the topmost task, after
    the subtask it belonged to. A parent that is not there is noted.
    """
    known = {item.key: item for item in items}
    children: dict[str, list[str]] = {}
    roots = []
    for item in items:
        parent = parents.get(item.key, "")
        if parent in known and not _circular(item.key, parents):
            children.setdefault(parent, []).append(item.key)
        else:
            roots.append(item)
            if parent:
                losses.add("parent", f"{item.key} belongs to {parent}")
    return [_with_steps(root, known, children, losses) for root in roots]


def _circular(key: str, parents: Mapping[str, str]) -> bool:
    seen = {key}
    while key := parents.get(key, ""):
        if key in seen:
            return True
        seen.add(key)
    return False


def _with_steps(
    root: Item, known: Mapping[str, Item], children: Mapping[str, list[str]], losses: Losses
) -> Item:
    steps = list(root.steps)
    waiting = [(key, 1) for key in reversed(children.get(root.key, ()))]
    while waiting:
        key, depth = waiting.pop()
        steps += [known[key]._replace(steps=()), *known[key].steps]
        if depth > 1 or known[key].steps:
            losses.add("nesting", f"{key} lies deeper than a subtask")
        waiting += [(one, depth + 1) for one in reversed(children.get(key, ()))]
    return root._replace(steps=tuple(steps))


def assembled(
    items: Sequence[Item], losses: Losses, *, system: str = "", document: str = ""
) -> list[Task]:
    """Tasks made of items, waiting for one another. A key that nobody has is noted and left out.

    With a *system* every task names its origin, and they are numbered from 1; without one, they
    are numbered as the items wish.
    """
    numbers = _numbers(["" if system else item.number for item in items])
    names: dict[str, str] = {}
    waits: dict[str, Item] = {}
    tasks = []
    for item, number in zip(items, numbers, strict=True):
        steps = _numbers(["" if system else step.number for step in item.steps])
        origin = (system, document)
        doc = _task_document(item, number, origin, losses)
        doc["subtasks"] = [
            _step_document(step, local, origin, losses)
            for step, local in zip(item.steps, steps, strict=True)
        ]
        names.setdefault(item.key, number)
        waits[number] = item
        for step, local in zip(item.steps, steps, strict=True):
            names.setdefault(step.key, f"{number}.{local}")
            waits[f"{number}.{local}"] = step
        tasks.append(Task(doc))
    known = {one: _known(item, names, losses) for one, item in waits.items()}
    for task in tasks:
        lift(task, known, losses)
    return [rewired(task, known) for task in tasks]


def _numbers(wishes: Sequence[str]) -> list[str]:
    """The ids wished for, where nobody had them before; else numbers above all of them."""
    free = max((int(one) for one in wishes if one.isascii() and one.isdecimal()), default=0) + 1
    taken: set[str] = set()
    found = []
    for wish in wishes:
        number = wish
        if not wish or wish in taken:
            number, free = str(free), free + 1
        taken.add(number)
        found.append(number)
    return found


def _known(item: Item, names: Mapping[str, str], losses: Losses) -> list[str]:
    for one in item.after:
        if one not in names:
            losses.add("dependencies", f"{item.key} waits for {one}, which is not there")
    return list(dict.fromkeys(names[one] for one in item.after if one in names))


_Origin = tuple[str, str]


def _task_document(item: Item, number: str, origin: _Origin, losses: Losses) -> dict[str, object]:
    title, rest = _title(item, losses)
    fields = {key: value for key, value in item.fields.items() if value not in (None, "", [])}
    description = "\n\n".join(filter(None, (rest, str(fields.get("description", ""))))) or title
    doc: dict[str, object] = {
        "id": ids.stored(number, 0),
        "title": title,
        "description": description,
        "details": "",
        "testStrategy": "",
        "status": "pending",
        "dependencies": [],
        "priority": "medium",
        "subtasks": [],
    }
    doc |= {key: value for key, value in fields.items() if key not in ("title", "description")}
    return _with_origin(doc, item, origin)


def _step_document(item: Item, number: str, origin: _Origin, losses: Losses) -> dict[str, object]:
    title, rest = _title(item, losses)
    fields = {key: value for key, value in item.fields.items() if value not in (None, "", [])}
    doc: dict[str, object] = {
        "id": ids.stored(number, 0),
        "title": title,
        "description": "\n\n".join(filter(None, (rest, str(fields.get("description", ""))))),
        "dependencies": [],
        "details": "",
        "status": "pending",
        "testStrategy": "",
    }
    doc |= {key: value for key, value in fields.items() if key not in ("title", "description")}
    return _with_origin(doc, item, origin)


def _title(item: Item, losses: Losses) -> tuple[str, str]:
    """A title fit to be stored, and what did not fit into it."""
    title = " ".join(str(item.fields.get("title", "")).split())
    if not title:
        losses.add("title", f"{item.key} has none")
        return f"Untitled {item.key}".strip()[:LONGEST_TITLE], ""
    if len(title) > LONGEST_TITLE:
        losses.add("title", f"{item.key} has {len(title)} characters; the rest is in the text")
        return title[: LONGEST_TITLE - 1] + "…", title
    return title, ""


def _with_origin(doc: dict[str, object], item: Item, origin: _Origin) -> dict[str, object]:
    system, document = origin
    if system:
        source: dict[str, object] = {"system": system, "id": item.key}
        if document:
            source["document"] = document
        doc["metadata"] = {"source": source | dict(item.aside)}
    return doc


def lift(task: Task, waits: dict[str, list[str]], losses: Losses) -> None:
    """Let the task wait in place of a subtask that cannot say what it waits for, and note it.

    A subtask cannot name a whole task whose number one of its siblings has. *waits* is altered.
    """
    names = task.sibling_names() if task.subtasks else {}
    for step in task.subtasks:
        unclear = [one for one in waits.get(step.id, ()) if names.get(one, one) != one]
        for one in unclear:
            waits[step.id].remove(one)
            if one not in waits.setdefault(task.id, []):
                waits[task.id].append(one)
            losses.add("subtask dependencies", f"{step.id} waits for {one}: now all of it does")


def rewired(task: Task, waits: Mapping[str, Sequence[str]]) -> Task:
    """The task and its subtasks waiting for exactly what *waits* says (full ids), written anew
    only where that differs.
    """
    entries = [_rewired_entry(entry, task, waits) for entry in _entries(task)]
    if any(new is not old for new, old in zip(entries, _entries(task), strict=True)):
        task = Task({**task.doc, "subtasks": entries})
    wanted = list(waits.get(task.id, ()))
    return task if list(task.dependencies) == wanted else task.with_dependencies(wanted)


def _rewired_entry(entry: object, task: Task, waits: Mapping[str, Sequence[str]]) -> object:
    if not isinstance(entry, dict):
        return entry
    step = Task(entry, task)
    wanted = list(waits.get(step.id, ()))
    return entry if list(step.dependencies) == wanted else step.with_dependencies(wanted).doc


def _entries(task: Task) -> list[object]:
    raw = task.doc.get("subtasks")
    return raw if isinstance(raw, list) else []
