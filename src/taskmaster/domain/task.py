"""A task: a read-only view of its JSON document.

The document is kept exactly as it was found, whatever wrote it; the properties give each field
its one meaning. A changed task is a new document: nothing here ever alters one in place.
Odd forms that real files contain are read as follows: ``completed`` means done, ``todo`` means
pending, a list of text lines is joined, a missing priority is ``medium``, a bare number among the
dependencies of a subtask means its sibling where there is one and the whole task otherwise.
"""

from __future__ import annotations

from taskmaster.domain import ids

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Json = dict[str, object]

STATUSES = ("pending", "in-progress", "done", "review", "deferred", "cancelled", "blocked")
COMPLETE = frozenset({"done", "cancelled"})
"""Statuses that let dependents go on. Cancelled work is not coming, so nothing waits for it."""
WORKABLE = frozenset({"pending", "in-progress"})
"""Statuses that somebody can pick up."""
PRIORITIES = ("low", "medium", "high", "critical")

_KNOWN_STATUSES = frozenset(STATUSES)
_STATUS_WORDS = {
    "completed": "done", "complete": "done", "closed": "done", "finished": "done",
    "todo": "pending", "to-do": "pending", "open": "pending", "new": "pending", "": "pending",
    "doing": "in-progress", "started": "in-progress", "inprogress": "in-progress",
    "wip": "in-progress", "active": "in-progress", "in-review": "review",
    "canceled": "cancelled", "deprecated": "cancelled", "superseded": "cancelled",
    "wontfix": "cancelled", "on-hold": "deferred", "failed": "blocked",
}  # fmt: skip
_PRIORITY_WORDS = {
    "p0": "critical", "p1": "high", "p2": "medium", "p3": "low", "urgent": "critical",
    "highest": "critical", "lowest": "low", "normal": "medium",
    "haute": "high", "moyenne": "medium", "basse": "low",
}  # fmt: skip


def status_of(raw: object) -> str:
    """The status that *raw* means; a word nobody knows is returned as it is."""
    if not isinstance(raw, str):
        return "pending"
    if raw in _KNOWN_STATUSES:
        return raw
    word = raw.strip().lower().replace("_", "-").replace(" ", "-")
    return _STATUS_WORDS.get(word, word)


def priority_of(raw: object, default: str = "medium") -> str:
    """The priority that *raw* means, *default* when it means none."""
    word = raw.strip().lower() if isinstance(raw, str) else ""
    word = _PRIORITY_WORDS.get(word, word)
    return word if word in PRIORITIES else default


def text_of(raw: object) -> str:
    """A text field: a list of lines is joined, anything else that is no text is empty."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, list):
        return "\n".join(str(line) for line in raw)
    return ""


class Task:
    """One task or, with a *parent*, one subtask.

    ``doc`` is the stored document and must not be altered; ``with_fields`` and its kin give the
    next version.
    """

    __slots__ = ("_siblings", "doc", "parent")

    _siblings: dict[str, str]

    def __init__(self, doc: Json, parent: Task | None = None) -> None:
        self.doc = doc
        self.parent = parent

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Task) and self.doc == other.doc and self.id == other.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"<{'subtask' if self.parent else 'task'} {self.id} {self.status}: {self.title}>"

    @property
    def id(self) -> str:
        """``"5"`` for a task, ``"5.2"`` for a subtask, ``""`` when the file gives none."""
        raw = self.doc.get("id")
        if self.parent is None:
            return str(raw) if type(raw) is int else ids.normal(raw)
        return f"{self.parent.id}.{ids.local(raw, self.parent.id)}"

    @property
    def title(self) -> str:
        return text_of(self.doc.get("title"))

    @property
    def description(self) -> str:
        return text_of(self.doc.get("description"))

    @property
    def details(self) -> str:
        return text_of(self.doc.get("details"))

    @property
    def test_strategy(self) -> str:
        return text_of(self.doc.get("testStrategy") or self.doc.get("test_strategy"))

    @property
    def status(self) -> str:
        return status_of(self.doc.get("status"))

    @property
    def priority(self) -> str:
        """The own priority, else the parent's, else ``medium``."""
        own = self.doc.get("priority")
        if self.parent is not None:
            return priority_of(own, self.parent.priority)
        return priority_of(own)

    @property
    def complete(self) -> bool:
        return self.status in COMPLETE

    @property
    def assignee(self) -> str:
        return text_of(self.doc.get("assignee"))

    @property
    def labels(self) -> tuple[str, ...]:
        raw = self.doc.get("labels", self.doc.get("tags"))
        return tuple(str(word) for word in raw) if isinstance(raw, list) else ()

    @property
    def due(self) -> str:
        """The due date as ``YYYY-MM-DD`` text, ``""`` when there is none."""
        return text_of(self.doc.get("dueDate"))[:10]

    @property
    def defer_until(self) -> str:
        """The day before which nobody is offered it, as ``YYYY-MM-DD``, ``""`` for none."""
        return text_of(self.doc.get("deferUntil"))[:10]

    @property
    def estimate(self) -> float | None:
        """The expected effort in hours."""
        raw = self.doc.get("effort")
        return raw if isinstance(raw, int | float) and not isinstance(raw, bool) else None

    @property
    def created(self) -> str:
        """When it was written down, as an ISO time or date; ``""`` when unknown."""
        return text_of(self.doc.get("createdAt") or self.doc.get("created"))

    @property
    def acceptance(self) -> tuple[str, ...]:
        raw = self.doc.get("acceptanceCriteria")
        if isinstance(raw, list):
            return tuple(str(line) for line in raw)
        return (raw,) if isinstance(raw, str) and raw else ()

    @property
    def subtasks(self) -> tuple[Task, ...]:
        """The subtasks in stored order; entries that are no objects are left out."""
        raw = self.doc.get("subtasks")
        if not raw or not isinstance(raw, list) or self.parent is not None:
            return ()
        return tuple(Task(entry, self) for entry in raw if isinstance(entry, dict))

    @property
    def dependencies(self) -> tuple[str, ...]:
        """Ids of what must be complete first, full and in stored order."""
        raw = self.doc.get("dependencies")
        if raw is None:
            raw = self.doc.get("dependsOn")
        if not raw or not isinstance(raw, list):
            return ()
        if self.parent is None:
            return tuple(
                [
                    found
                    for one in raw
                    if (found := str(one) if type(one) is int else ids.normal(one))
                ]
            )
        siblings = self.parent.sibling_names()
        return tuple([siblings.get(found, found) for one in raw if (found := ids.normal(one))])

    def sibling_names(self) -> dict[str, str]:
        """What a subtask of this task may call another one, and the full id it means."""
        try:
            return self._siblings
        except AttributeError:
            names: dict[str, str] = {}
            for entry in self.subtasks:
                full = entry.id
                names.setdefault(full.rpartition(".")[2] or full, full)
                names[ids.normal(entry.doc.get("id"))] = full
            # Asked by every subtask: found out once, or thousands of them would take for ever.
            self._siblings = names
            return names

    def subtask(self, task_id: str) -> Task | None:
        """The subtask with this full id, the first where the file repeats one."""
        return next((entry for entry in self.subtasks if entry.id == task_id), None)

    def with_fields(self, fields: Mapping[str, object]) -> Task:
        """The task with document *fields* set; a value of None takes the key away."""
        doc = dict(self.doc)
        for key, value in fields.items():
            if value is None:
                doc.pop(key, None)
            else:
                doc[key] = value
        return Task(doc, self.parent)

    def with_subtask(self, changed: Task, number: int | None = None) -> Task:
        """This task with *changed* in place of the subtask of that id, or inserted at *number*.

        Without a number a new subtask goes to the end.
        """
        entries = self._entries()
        place = _place(entries, changed.id, self)
        if place is not None:
            entries[place] = changed.doc
        else:
            entries.insert(len(entries) if number is None else number, changed.doc)
        return Task({**self.doc, "subtasks": entries}, self.parent)

    def without_subtasks(self, gone: Iterable[str]) -> Task:
        """This task without the subtasks of these full ids."""
        leaving = set(gone)
        kept = [
            entry
            for entry in self._entries()
            if not (isinstance(entry, dict) and Task(entry, self).id in leaving)
        ]
        return Task({**self.doc, "subtasks": kept}, self.parent)

    def with_dependencies(self, wanted: Iterable[str]) -> Task:
        """This task waiting for exactly *wanted* (full ids), written the way it writes ids."""
        current = self.doc.get("dependencies")
        kept = [one for one in current if ids.normal(one)] if isinstance(current, list) else []
        by_meaning = dict(zip(self.dependencies, kept, strict=True)) if kept else {}
        like = next((one for one in kept if "." not in str(one)), self.doc.get("id"))
        stored = [
            by_meaning.get(one, self._stored_dependency(one, like)) for one in dict.fromkeys(wanted)
        ]
        return Task({**self.doc, "dependencies": stored}, self.parent)

    def _stored_dependency(self, full: str, like: object) -> object:
        if self.parent is None:
            return ids.stored(full, like)
        own, _, number = full.rpartition(".")
        return ids.stored(number, 0) if own == self.parent.id else full

    def _entries(self) -> list[object]:
        raw = self.doc.get("subtasks")
        return list(raw) if isinstance(raw, list) else []


def _place(entries: list[object], task_id: str, parent: Task) -> int | None:
    for place, entry in enumerate(entries):
        if isinstance(entry, dict) and Task(entry, parent).id == task_id:
            return place
    return None


def day_number(text: str) -> int | None:
    """A number that grows by one a day, of the day that an ISO date or time begins with."""
    try:
        year, month, day = int(text[:4]), int(text[5:7]), int(text[8:10])
    except ValueError:
        return None
    if not (text[4:5] == text[7:8] == "-" and 1 <= month <= 12 and 1 <= day <= 31):
        return None
    # Days since 0000-03-01 of the proleptic Gregorian calendar: counting years from March puts
    # the leap day last, and costs nothing where importing datetime would.
    if month <= 2:
        year, month = year - 1, month + 12
    leap_days = year // 4 - year // 100 + year // 400
    return 365 * year + leap_days + (153 * (month - 3) + 2) // 5 + day
