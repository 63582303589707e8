"""A project's state in memory while it is read or changed, recording every change made to it."""

from __future__ import annotations

from taskmaster.domain import changes, graph
from taskmaster.domain.changes import TagState
from taskmaster.domain.task import Task
from taskmaster.errors import Conflict, Invalid, NotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from taskmaster.domain.changes import Change, Transaction
    from taskmaster.domain.graph import Node

DEFAULT_TAG = "master"


class WorkingCopy:
    """Reader and Writer over states that fit in memory; see ``ports`` for the contract.

    The states given are never altered: a tag's entries are copied before the first change.
    ``changes`` collects what was done, in order.
    """

    def __init__(
        self,
        states: Mapping[str, TagState],
        history: Callable[[int], Iterator[Transaction]],
    ) -> None:
        self.states = dict(states) or {DEFAULT_TAG: TagState({}, [])}
        self.changes: list[Change] = []
        self.committed: Transaction | None = None
        self._history = history
        self._own: dict[str, list[object]] = {}

    def tags(self) -> Sequence[str]:
        return tuple(self.states)

    def metadata(self, tag: str) -> Mapping[str, object]:
        return self._state(tag).metadata

    def tasks(self, tag: str) -> list[Task]:
        return [Task(entry) for entry in self._state(tag).entries if isinstance(entry, dict)]

    def get(self, tag: str, task_id: str) -> Task:
        entries = self._state(tag).entries
        place = self._place(tag, task_id)
        if place is None:
            raise NotFound(f"there is no task {task_id} in tag {tag}")
        return Task(entries[place])  # type: ignore[arg-type]  # _place only finds objects

    def nodes(self, tag: str) -> dict[str, Node]:
        return graph.nodes(self.tasks(tag))

    def changes_since(self, number: int) -> Iterator[Transaction]:
        return self._history(number)

    def put(self, tag: str, task: Task, *, place: int | None = None) -> Task:
        known = self._place(tag, task.id)
        entries = self._entries(tag)
        if known is None:
            place = len(entries) if place is None else min(place, len(entries))
            entries.insert(place, task.doc)
            self.changes.append(changes.added(tag, task.id, task.doc, place))
        else:
            old = Task(entries[known])  # type: ignore[arg-type]  # _place only finds objects
            self.changes += changes.of_task(tag, old, task)
            entries[known] = task.doc
        return task

    def remove(self, tag: str, task_id: str) -> Task:
        task = self.get(tag, task_id)
        place = self._place(tag, task_id)
        if place is not None:
            del self._entries(tag)[place]
            self.changes.append(changes.removed(tag, task_id, task.doc, place))
        return task

    def reorder(self, tag: str, order: Sequence[str]) -> None:
        entries = self._entries(tag)
        before = [Task(entry).id if isinstance(entry, dict) else "" for entry in entries]
        if sorted(before) != sorted(order):
            raise Invalid(f"an order must name every task of tag {tag} once")
        if list(order) == before:
            return
        waiting = list(zip(before, entries, strict=True))
        result = []
        for name in order:
            found = next(place for place, (one, _) in enumerate(waiting) if one == name)
            result.append(waiting.pop(found)[1])
        entries[:] = result
        self.changes.append(changes.reordered(tag, before, order))

    def add_tag(self, tag: str, metadata: Mapping[str, object]) -> None:
        if tag in self.states:
            raise Conflict(f"the tag {tag} exists already", code="tag-exists")
        self.states[tag] = TagState(metadata, [])
        self.changes.append(changes.tag_change("added", tag, changes.between({}, metadata)))

    def remove_tag(self, tag: str) -> None:
        state = self._state(tag)
        self.changes += changes.between_states({tag: state}, {})
        del self.states[tag]
        self._own.pop(tag, None)

    def rename_tag(self, tag: str, name: str) -> None:
        self._state(tag)
        if name in self.states:
            raise Conflict(f"the tag {name} exists already", code="tag-exists")
        self.states = {name if key == tag else key: value for key, value in self.states.items()}
        if tag in self._own:
            self._own[name] = self._own.pop(tag)
        self.changes.append(changes.tag_change("renamed", tag, {"name": (tag, name)}))

    def describe_tag(self, tag: str, metadata: Mapping[str, object]) -> None:
        state = self._state(tag)
        fields = changes.between(state.metadata, metadata)
        if fields:
            self.states[tag] = state._replace(metadata=metadata)
            self.changes.append(changes.tag_change("changed", tag, fields))

    def _state(self, tag: str) -> TagState:
        try:
            return self.states[tag]
        except KeyError:
            known = ", ".join(self.states)
            raise NotFound(
                f"there is no tag {tag}", hint=f"the tags are: {known}", code="tag-not-found"
            ) from None

    def _entries(self, tag: str) -> list[object]:
        """The entries of the tag, as a list of our own that may be changed."""
        state = self._state(tag)
        if tag not in self._own:
            self._own[tag] = list(state.entries)
            self.states[tag] = state._replace(entries=self._own[tag])
        return self._own[tag]

    def _place(self, tag: str, task_id: str) -> int | None:
        number = int(task_id) if task_id.isascii() and task_id.isdecimal() else task_id
        for place, entry in enumerate(self._state(tag).entries):
            if isinstance(entry, dict):
                raw = entry.get("id")
                if raw == number or (type(raw) is not int and Task(entry).id == task_id):
                    return place
        return None
