"""How work went, read from the change log: when each piece was begun and finished, how many were
open on each day.

A *piece* is a subtask, or a task without subtasks; a task with subtasks is counted through them.
A piece of a complete task is complete with it. The log is read backwards from what is there now,
so that it may begin late or be empty: what it does not tell is left unknown, never guessed.
"""

from __future__ import annotations

from collections import namedtuple

from taskmaster.domain.changes import EXTERNAL
from taskmaster.domain.task import COMPLETE, Task, status_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.domain.changes import Change, Transaction

    Key = tuple[str, str]

    class Finished(NamedTuple):
        """A piece that was done and has stayed so. Times are ISO, ``""`` where unknown.

        ``noticed``: another program finished it, so that the time is when that was noticed.
        """

        id: str
        created: str
        begun: str
        finished: str
        noticed: bool

    class Flow(NamedTuple):
        """``since`` is the time of the first record, ``""`` when there is none; ``opened`` is how
        many pieces were open then, and ``ends`` how many were at the end of each day with changes.
        """

        since: str
        opened: int
        finished: Sequence[Finished]
        ends: Mapping[str, int]

else:
    Finished = namedtuple("Finished", "id created begun finished noticed")
    Flow = namedtuple("Flow", "since opened finished ends")


def effective(own: str, parent: str) -> str:
    """The status of a piece whose task has the status *parent* (``""``: it has no task)."""
    return parent if parent in COMPLETE and own not in COMPLETE else own


def pieces(task: Task) -> Iterator[tuple[Task, str]]:
    """The pieces of a task, with their effective status."""
    for step in task.subtasks:
        yield step, effective(step.status, task.status)
    if not task.subtasks:
        yield task, task.status


def read(tasks: Mapping[str, Sequence[Task]], log: Sequence[Transaction], tag: str) -> Flow:
    """The flow of one tag. *tasks* are those of every tag, because work moves between them."""
    past = _Past(tasks, tag)
    for entry in reversed(log):
        past.take_back(entry)
    since = log[0].stamp.time if log else ""
    finished = sorted(past.finished(), key=lambda one: (one.finished, one.id))
    return Flow(since, past.open, finished, dict(sorted(past.ends.items())))


class _Life:
    """What is known of a piece while the log is read from its end to its beginning."""

    __slots__ = ("begun", "created", "finished", "id", "noticed", "ours", "settled")

    def __init__(self, task_id: str, created: str) -> None:
        self.id = task_id
        self.created = created
        self.begun = self.finished = ""
        self.settled = self.noticed = self.ours = False


class _Past:
    """The statuses at one moment of the past, and what is known about what came after it."""

    def __init__(self, tasks: Mapping[str, Sequence[Task]], tag: str) -> None:
        self.tag = tag
        self.ends: dict[str, int] = {}
        self._status: dict[Key, str] = {}
        self._steps: dict[Key, dict[Key, None]] = {}
        self._parent: dict[Key, Key] = {}
        self._lives: dict[Key, _Life] = {}
        self._closed: list[_Life] = []
        for name, found in tasks.items():
            for task in found:
                self._enter(name, task)
        self.open = self._open_among(self._pieces(list(self._status)))

    def finished(self) -> Iterator[Finished]:
        for one in (*self._closed, *self._lives.values()):
            if one.finished and one.ours:
                yield Finished(one.id, one.created, one.begun, one.finished, one.noticed)

    def take_back(self, entry: Transaction) -> None:
        """Go to the moment before *entry*, noting what it did to pieces."""
        self.ends.setdefault(entry.stamp.time[:10], self.open)
        touched = [change for change in entry.changes if change.task]
        moved = _moved(touched)
        heads = dict.fromkeys(self._head(change) for change in touched)
        after = self._pieces(heads)
        self.open -= self._open_among(after)
        self._part(touched, moved, entry.stamp.time)
        for change in reversed(entry.changes):
            self._undo(change, entry.stamp.time)
        before = self._pieces(heads | dict.fromkeys(self._head(change) for change in touched))
        self.open += self._open_among(before)
        for key, status in after.items():
            old = moved.get(key, key)
            if old in before and before[old] != status:
                self._note(old, before[old], status, entry)

    def _pieces(self, heads: Iterable[Key]) -> dict[Key, str]:
        """The pieces of these tasks, with their effective status."""
        found: dict[Key, str] = {}
        for head in heads:
            if head in self._parent or head not in self._status:
                continue
            own = self._status[head]
            for step in self._steps.get(head, ()):
                found[step] = effective(self._status[step], own)
            if not self._steps.get(head):
                found[head] = own
        return found

    def _open_among(self, found: Mapping[Key, str]) -> int:
        return sum(key[0] == self.tag and one not in COMPLETE for key, one in found.items())

    def _head(self, change: Change) -> Key:
        """The task that the change is about, or whose subtask it is about."""
        key = (change.tag, change.task)
        if key in self._status:
            return self._parent.get(key, key)
        above = (change.tag, change.task.rpartition(".")[0])
        return above if above in self._status else key

    def _note(self, key: Key, before: str, after: str, entry: Transaction) -> None:
        life = self._lives[key]
        if after == "in-progress":
            life.begun = entry.stamp.time
        if "done" in (before, after) and not life.settled:
            life.settled = True
            if after == "done":
                life.finished = entry.stamp.time
                life.noticed = entry.stamp.actor == EXTERNAL
                life.ours = key[0] == self.tag

    def _part(self, touched: Iterable[Change], moved: Mapping[Key, Key], time: str) -> None:
        """Close the lives that *touched* began; carry those on that it only moved elsewhere."""
        carried = {old: self._lives.pop(new) for new, old in moved.items() if new in self._lives}
        for change in touched:
            for key, _title in _entries(change, "added"):
                self._close(key, time)
        self._lives |= carried

    def _close(self, key: Key, time: str) -> None:
        life = self._lives.pop(key, None)
        if life is not None:
            life.created = life.created or time
            self._closed.append(life)

    def _undo(self, change: Change, time: str) -> None:
        key = (change.tag, change.task)
        if change.kind == "added":
            self._leave(key)
        elif change.kind == "removed" and isinstance(change.doc, dict):
            head = self._head(change)
            parent = None if head == key else Task({"id": head[1]})
            self._enter(change.tag, Task(change.doc, parent))
        elif change.kind == "changed":
            if "status" in change.fields and key in self._status:
                self._status[key] = status_of(change.fields["status"][0])
            if "subtasks" in change.fields:
                self._exchange(key, change.fields["subtasks"][0], time)
        elif change.kind == "tag-renamed":
            self._rename(str(change.fields["name"][1]), str(change.fields["name"][0]))

    def _enter(self, tag: str, task: Task) -> None:
        key = (tag, task.id)
        if key in self._status:
            return
        self._status[key] = task.status
        self._lives.setdefault(key, _Life(task.id, task.created))
        if task.parent is not None:
            self._parent[key] = (tag, task.parent.id)
            self._steps.setdefault(self._parent[key], {})[key] = None
        for step in task.subtasks:
            self._enter(tag, step)

    def _leave(self, key: Key) -> None:
        self._status.pop(key, None)
        for step in list(self._steps.pop(key, ())):
            self._leave(step)
        self._steps.get(self._parent.pop(key, key), {}).pop(key, None)

    def _exchange(self, key: Key, before: object, time: str) -> None:
        """Put the subtasks that a task had *before* in place of those it has."""
        now = list(self._steps.get(key, ()))
        for step in now:
            self._leave(step)
        for entry in Task({"id": key[1], "subtasks": before}).subtasks:
            self._enter(key[0], entry)
        for step in now:
            if step not in self._status:
                self._close(step, time)

    def _rename(self, new: str, old: str) -> None:
        def named(key: Key) -> Key:
            return (old, key[1]) if key[0] == new else key

        self._status = {named(key): status for key, status in self._status.items()}
        self._lives = {named(key): life for key, life in self._lives.items()}
        self._parent = {named(key): named(above) for key, above in self._parent.items()}
        self._steps = {
            named(key): dict.fromkeys(map(named, steps)) for key, steps in self._steps.items()
        }
        if self.tag == new:
            self.tag = old


def _moved(touched: Sequence[Change]) -> dict[Key, Key]:
    """For what one operation took away and wrote down elsewhere: the new key and the old one.

    It is the same where the titles are.
    """
    gone: dict[str, list[Key]] = {}
    for change in touched:
        for key, title in _entries(change, "removed"):
            gone.setdefault(title, []).insert(0, key)
    found = {}
    for change in touched if gone else ():
        for key, title in _entries(change, "added"):
            if gone.get(title):
                found[key] = gone[title].pop()
    return found


def _entries(change: Change, kind: str) -> Iterator[tuple[Key, str]]:
    """The key and title of what a change of this *kind* is about, and of its subtasks."""
    if change.kind != kind or not isinstance(change.doc, dict):
        return
    yield (change.tag, change.task), str(change.doc.get("title"))
    for step in Task({**change.doc, "id": change.task}).subtasks:
        yield (change.tag, step.id), step.title
